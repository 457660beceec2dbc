"""A short storm of real processes; `manage.py storm` blows longer."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("stage")]
FULL = bool(os.environ.get("PAUTA_TEST_FULL"))
MINUTES, POSTS = ("4", "120") if FULL else ("0.2", "12")


def test_a_storm_leaves_every_post_live_once_or_with_a_reason():
    words = [sys.executable, "manage.py", "storm", "--seed", "7", "--minutes", MINUTES, "--posts", POSTS]
    done = subprocess.run(words, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=900 if FULL else 300)
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
    assert "| doubles " in done.stdout and "Seed 7" in done.stdout
