"""Print one table with the product's figures, measured on this machine."""

import os
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from scheduler.bench import measures
from scheduler.bench.api import api
from scheduler.bench.calendar_month import calendar_month
from scheduler.bench.cast import Cast
from scheduler.bench.figures import Figure, machine, table
from scheduler.bench.instance import run_inside

ROOT = settings.BASE_DIR
# In this order: what starts cold comes before what finds a warm data folder.
MEASURES: dict[str, Callable[[Cast, dict[str, str]], list[Figure]]] = {
    "own-time": lambda cast, env: measures.own_time(cast),
    "posts": lambda cast, env: measures.crowd(cast, env, ROOT),
    "start": lambda cast, env: measures.second_start(env, ROOT),
    "fresh": lambda cast, env: measures.fresh_clone(ROOT),
    "claims": lambda cast, env: measures.due_claims(cast),
    "api": lambda cast, env: api(cast, env, ROOT),
    "calendar": lambda cast, env: calendar_month(cast, env, ROOT),
}


class Command(BaseCommand):
    """Measure a real instance in a data folder of its own; the one in use is not touched."""

    help = "Measures lateness, start, memory and queries of a fresh instance; takes about seven minutes."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Let a person choose some of the measurements."""
        parser.add_argument("--only", nargs="+", choices=list(MEASURES), default=list(MEASURES))

    def handle(self, *args: Any, **options: Any) -> None:
        """Start again in a fresh environment, where the settings lead to a fresh data folder; measure there."""
        code = run_inside(ROOT, "bench", "--only", *options["only"])
        if code is not None:
            sys.exit(code)
        self.stdout.write(f"Measured on {machine()}\n\n")
        figures: list[Figure] = []
        cast = Cast()
        try:
            for name in [name for name in MEASURES if name in options["only"]]:
                self.stderr.write(f"Measuring: {name} ...")
                figures += MEASURES[name](cast, dict(os.environ))
        finally:
            self.stdout.write(table(figures))
        if not all(figure.holds for figure in figures):
            sys.exit(1)
