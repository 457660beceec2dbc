"""Data folders of installations that are started as real processes, with their tables there already."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from scheduler.bench.instance import own_environment

ROOT = Path(__file__).parents[1]


@cache
def _migrated() -> tempfile.TemporaryDirectory:
    """Make the tables once for this process; the folder goes away with it."""
    folder = tempfile.TemporaryDirectory(prefix="pauta-tables-")
    with own_environment() as env:
        env |= {"DATA_DIR": folder.name, "DJANGO_SETTINGS_MODULE": "config.settings"}
        for database in ("default", "sandbox"):
            words = [sys.executable, "manage.py", "migrate", "-v", "0", "--database", database]
            subprocess.run(words, cwd=ROOT, env=env, check=True)
    return folder


def put_tables(folder: str | os.PathLike) -> None:
    """Put the databases, as the migrations leave them, and no secret, into a data folder."""
    for path in Path(_migrated().name).glob("*.sqlite3"):
        shutil.copy(path, folder)


@contextmanager
def own_installation() -> Iterator[dict[str, str]]:
    """Give the environment of an installation whose tables are there, in a data folder of its own."""
    with own_environment() as env:
        put_tables(env["DATA_DIR"])
        yield env
