"""Data folders of installations that are started as real processes, with their tables there already."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler.bench.instance import own_environment

ROOT = Path(__file__).parents[1]
# Where the processes of one run share what the migrations make; tests/settings.py sets it.
SHARED = "PAUTA_TEST_TABLES"
MIGRATE = """
import sys; sys.path.insert(0, "site")
import django; django.setup()
from django.core.management import call_command
for database in ("default", "sandbox"):
    call_command("migrate", database=database, verbosity=0)
"""


def tables() -> Path:
    """Return the folder of the databases as the migrations leave them, made by whichever process asks first."""
    folder = Path(os.environ[SHARED])
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            _migrate(folder)
            (folder / "made").touch()
    return folder


def _migrate(folder: Path) -> None:
    with own_environment() as env:
        env |= {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run([sys.executable, "-c", MIGRATE], cwd=ROOT, env=env, check=True)


def put_tables(folder: str | os.PathLike) -> None:
    """Put the databases, as the migrations leave them, and no secret, into a data folder."""
    for path in tables().glob("*.sqlite3"):
        shutil.copy(path, folder)


@contextmanager
def own_installation() -> Iterator[dict[str, str]]:
    """Give the environment of an installation whose tables are there, in a data folder of its own."""
    with own_environment() as env:
        put_tables(env["DATA_DIR"])
        yield env
