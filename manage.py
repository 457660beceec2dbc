#!/usr/bin/env python3
"""The one door: `up` runs Pauta, `test` checks it, everything else is Django's own.

On a fresh machine these two prepare it first: a private `.venv` beside this file, and the packages in it.
Only the standard library is used here, and nothing outside this folder is changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
VENV = BASE_DIR / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed-requirements"  # which requirements this .venv was filled from
# Commands that prepare the machine: what they need on it, and the file that names it.
NEEDS = {
    "up": ("django", "requirements.txt"),
    "test": ("pytest_django", "requirements-dev.txt"),
    "bench": ("psutil", "requirements-dev.txt"),
    "shots": ("playwright", "requirements-dev.txt"),
}

# `site` is a standard-library module, so site/ is a plain import root: its package is `config`.
sys.path.insert(0, str(BASE_DIR / "site"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    """Prepare the machine when the command asks for it, then hand over to Django."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python shall read this sentence, not a traceback
        sys.exit(f"Pauta needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    module, requirements = NEEDS.get(sys.argv[1] if sys.argv[1:] else "", ("django", ""))
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    # An environment that somebody else made and filled is left alone; ours is kept in step with the files.
    if requirements and (find_spec(module) is None or (inside and INSTALLED.exists())):
        prepare(requirements)
    if find_spec(module) is None:
        if inside or not VENV_PYTHON.exists():
            sys.exit("Django is not installed here. Run: python3 manage.py up")
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Stopped.")


def prepare(requirements: str) -> None:
    """Make `.venv` when it is missing and fill it when the requirements changed since the last time."""
    if not (VENV_PYTHON.exists() and (VENV / "bin" / "pip").exists()):
        make_venv()
    marks = [f"{name} {digest(name)}" for name in ("requirements.txt", requirements)]
    known = INSTALLED.read_text().splitlines() if INSTALLED.exists() else []
    if set(marks) <= set(known):
        return
    say(f"Installing the packages of {requirements} into .venv (once; one or two minutes) ...")
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    if subprocess.run([*pip, "-r", requirements], cwd=BASE_DIR, stdin=subprocess.DEVNULL).returncode:
        sys.exit("The packages could not be installed; pip says why above. Then run the same command again.")
    INSTALLED.write_text("".join(f"{mark}\n" for mark in sorted(set(marks))))
    invalidate_caches()


def make_venv() -> None:
    """Make an empty `.venv`; leave nothing half made behind."""
    say("Making a private Python environment in .venv (once; a few seconds) ...")
    venv = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(venv, capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in made.stdout + made.stderr:
            sys.exit("Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv")
        sys.exit(f"The environment .venv could not be made:\n{made.stdout}{made.stderr}".rstrip())


def digest(name: str) -> str:
    """Return the SHA-256 of one requirements file."""
    return hashlib.sha256((BASE_DIR / name).read_bytes()).hexdigest()


def say(text: str) -> None:
    """Print one line at once, also into a file or a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
