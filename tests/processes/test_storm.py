"""A short storm of real processes; `manage.py storm` blows longer."""

import os

import pytest
from django.core.management import call_command

from scheduler.management.commands import storm
from tests.installation import own_installation

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("stage")]
FULL = bool(os.environ.get("PAUTA_TEST_FULL"))
MINUTES, POSTS = (4, 120) if FULL else (0.2, 12)


def test_a_storm_leaves_every_post_live_once_or_with_a_reason(monkeypatch, capfd):
    monkeypatch.setattr(storm, "own_environment", own_installation)  # whose tables are there
    with pytest.raises(SystemExit) as ended:
        call_command("storm", seed=7, minutes=MINUTES, posts=POSTS)
    said, mistakes = capfd.readouterr()
    assert ended.value.code == 0, said + mistakes[-6000:]
    assert "| doubles " in said and "Seed 7" in said
