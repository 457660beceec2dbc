"""The suite with everything around it: habits, migrations, types, then pytest."""

import os
import subprocess
import sys
import tempfile
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scheduler.lib import chromium
from scheduler.processes import die_with_parent

# What every change must pass before its tests count; each is quick.
HABITS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("manage.py", "makemigrations", "--check", "--dry-run"),
    ("mypy", "scheduler", "site/config"),
)
# Two processes: on two cores the suite is bound by waiting for browsers and workers as much as by computing.
PYTEST = ("pytest", "-n", "2", "--dist", "loadgroup")


class Command(BaseCommand):
    """Fetch what the tests need and run them; words after the command go to pytest."""

    help = "Runs the habits (ruff, migrations, mypy) and the tests; --full adds the long ones."
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Take every word as it stands, so that pytest's own options need no `--`."""
        try:
            sys.exit(run(argv[2:]))
        except chromium.NoChromium as reason:
            sys.exit(str(reason))

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse to be called from inside a process."""
        raise CommandError("The tests are started from the command line: python3 manage.py test")


def run(words: list[str]) -> int:
    """Run the suite and return its exit code; the habits are looked at when no words choose some tests."""
    full = "--full" in words
    words = [word for word in words if word != "--full"]
    chromium.ensure(sys.stderr.write)
    with tempfile.TemporaryDirectory(prefix="pauta-test-") as folder:
        env = os.environ | {"DATA_DIR": folder} | ({"PAUTA_TEST_FULL": "1"} if full else {})
        env.pop("DJANGO_SETTINGS_MODULE", None)  # manage.py has set it; the tests have settings of their own
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # a hundred processes would each compile all of it anew
        step(("manage.py", "compilemessages"), env)
        broken = [habit for habit in (() if words else HABITS) if step(habit, env)]
        code = step((*PYTEST, *words), env)
    for habit in broken:
        sys.stderr.write(f"Not clean: {' '.join(habit)}\n")
    return code or len(broken)


def step(words: tuple[str, ...], env: dict[str, str]) -> int:
    """Run one Python program of the environment and return its exit code; it ends with us."""
    head = [sys.executable] if words[0].endswith(".py") else [sys.executable, "-m"]
    ends_with_us = partial(die_with_parent, os.getpid())
    done = subprocess.run(
        [*head, *words], cwd=settings.BASE_DIR, env=env, stdin=subprocess.DEVNULL, preexec_fn=ends_with_us
    )
    return done.returncode
