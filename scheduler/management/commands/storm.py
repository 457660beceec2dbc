"""Blow at a real instance until processes die and answers are lost; count afterwards what is live."""

import os
import random
import signal
import subprocess
import sys
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from scheduler.bench import storm
from scheduler.bench.figures import table
from scheduler.bench.instance import INSIDE, own_environment
from scheduler.bench.storm_cast import StormCast
from scheduler.processes import die_with_parent

ROOT = settings.BASE_DIR


class Command(BaseCommand):
    """Run the kill storm in a data folder of its own; the instance in use is not touched."""

    help = "Kills workers and loses answers at random, then counts whether each post is live exactly once."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Let a person repeat a storm, and choose its size."""
        parser.add_argument("--seed", type=int, default=None, help="repeats the choices of an earlier storm")
        parser.add_argument("--minutes", type=float, default=3.0, help="how long it blows")
        parser.add_argument("--posts", type=int, default=100, help="how many posts become due in it")
        parser.add_argument("--workers", type=int, default=4, help="workers of each of the two clusters")
        parser.add_argument("--database", default="", help="address of an empty database; SQLite without")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start again in an environment of its own, blow there, and end with 1 when a promise was broken."""
        seed = options["seed"] if options["seed"] is not None else random.SystemRandom().randrange(10**6)
        if not os.environ.get(INSIDE):
            sys.exit(self.again_inside(seed, options))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("Broken off"))  # what was started is stopped on the way out
        seconds = 60 * options["minutes"]
        one = storm.Storm(StormCast(), dict(os.environ), ROOT, seed=seed, posts=options["posts"], seconds=seconds)
        broken = one.run()
        self.stdout.write(table(one.figures(broken)))
        self.stdout.write(f"Seed {seed}")
        for breach in broken:
            self.stderr.write(str(breach))
        if broken:
            sys.exit(1)

    def again_inside(self, seed: int, options: dict[str, Any]) -> int:
        """Run the same storm where the settings lead to a fresh data folder; return its exit code."""
        words = ["storm", "--seed", str(seed)]
        for name in ("minutes", "posts"):
            words += [f"--{name}", str(options[name])]
        more = {INSIDE: "1", "WORKERS": str(options["workers"]), "CRON_SECRET": storm.secret()}
        more |= {"DATABASE_URL": options["database"]} if options["database"] else {}
        with own_environment() as env:
            command = [sys.executable, "manage.py", *words]
            ends_with_us = partial(die_with_parent, os.getpid())
            env |= more | {"LOG_LEVEL": "error"}
            return subprocess.run(command, cwd=ROOT, env=env, preexec_fn=ends_with_us).returncode
