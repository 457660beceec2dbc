"""The one command: prepare everything, then run the web server and the cluster together until Ctrl-C."""

import hashlib
import http.client
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from scheduler.demo import people
from scheduler.lib.catalogues import compile_stale
from scheduler.processes import Child, Supervisor, Trouble, die_with_parent, lock, port_is_free
from scheduler.services import first_person
from scheduler.services.keys import KeyProblem, check_keys

START_TIMEOUT_S = 60.0
UNDO_S = 10.0  # a command that is broken off may take so long to leave nothing half made behind
PORT_PATIENCE_S = 3.0  # a server that was just ended may hold its port a moment longer


class Command(BaseCommand):
    """Prepare, start and look after the web server and the cluster."""

    help = "Runs Pauta: prepares the data folder, starts web server and cluster, stops both on Ctrl-C."
    requires_system_checks = []
    broken_off = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until the end is asked for; what a person can put right is told in one sentence."""
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, self.break_off)  # until everything runs; then the supervisor listens
        try:
            with hold_data_folder():
                check_port()
                login = self.prepare()
                self.run(login)
        except (Trouble, KeyProblem) as trouble:
            sys.exit(str(trouble))
        except OperationalError as trouble:
            sys.exit(f"The database could not be used: {trouble}")
        except OSError as trouble:
            sys.exit(told_by_the_machine(trouble))
        except KeyboardInterrupt:
            sys.exit("Stopped before it was ready.")

    def prepare(self) -> list[str]:
        """Bring catalogues, databases and static files up to date; return the lines about signing in."""
        compile_stale(settings.LOCALE_PATHS[:1])
        for alias in connections:
            if is_behind(alias):
                self.say(f"Preparing the database {alias!r} ...")
                call_command("migrate", database=alias, verbosity=0, interactive=False)
        check_keys()
        if settings.MEDIA_IN_A_BUCKET:
            for line in told_by("check_storage"):
                self.say(line)
        if collect_static(settings.STATIC_ROOT):
            self.say("Collected the static files.")
        login = self.first_person()
        connections.close_all()  # the children have their own; this process only watches from here on
        return login

    def break_off(self, signum: int, frame: object) -> None:
        """End at once; Python swallows the exception where it runs a finalizer, so it is remembered too."""
        self.broken_off = True
        raise KeyboardInterrupt

    def first_person(self) -> list[str]:
        """Return how to sign in: the demo login with the sandbox, else the way to the first account."""
        if not first_person.is_awaited():
            return people.login_lines() if settings.INSTAGRAM_SANDBOX else []
        if not settings.INSTAGRAM_SANDBOX:
            address = f"{settings.PUBLIC_BASE_URL}{reverse('setup')}"
            return [f"Make the first account at {address}", f"with the code {first_person.setup_code()}"]
        self.say("Making the demo user and a month of sample posts (once; a few seconds) ...")
        return told_by("seed_demo")

    def run(self, login: list[str]) -> None:
        """Start both children, say where they are, and watch them until the end is asked for."""
        supervisor = Supervisor([web_server(), cluster()], self.say)
        try:
            supervisor.start()
            if self.broken_off:
                raise KeyboardInterrupt
            if supervisor.wait_until(is_answering, START_TIMEOUT_S):
                self.say(welcome(login))
                supervisor.keep_running()
            self.say("\nStopping ...")
        finally:
            supervisor.stop()
        self.say("Pauta has stopped.")

    def say(self, text: str) -> None:
        """Write one line at once, also into a file or a pipe."""
        self.stdout.write(text)
        self.stdout.flush()


def hold_data_folder() -> IO[str]:
    """Keep a second `up` away from this data folder. Raises Trouble when one is there already."""
    note = f"at {settings.PUBLIC_BASE_URL} (process {os.getpid()})"
    try:
        return lock(settings.DATA_DIR / "up.lock", note)
    except Trouble as holder:
        raise Trouble(
            f"Pauta already runs with the data folder {settings.DATA_DIR}, {holder}. "
            "Stop it there first, or set DATA_DIR and PORT to run a second one."
        ) from None


def check_port() -> None:
    """Raise Trouble when another program listens on our port."""
    give_up_at = time.monotonic() + PORT_PATIENCE_S
    while not port_is_free(settings.BIND, settings.PORT):
        if time.monotonic() > give_up_at:
            raise Trouble(
                f"Another program listens on port {settings.PORT}. Choose another one: "
                f"PORT={settings.PORT + 1} python3 manage.py up"
            )
        time.sleep(0.2)


def is_behind(alias: str) -> bool:
    """Return whether the database misses a migration."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static(target: Path) -> bool:
    """Collect the static files when their sources differ from the last time; True when it did."""
    stamp = target / "sources.sha256"
    fingerprint = static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return False
    call_command("collectstatic", clear=True, interactive=False, verbosity=0)
    stamp.write_text(fingerprint)
    return True


def static_fingerprint() -> str:
    """Return a digest of every static source's place, size and time, and of the code that prepares them."""
    files = [Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list([])]
    files.append(settings.BASE_DIR / "site" / "config" / "storage.py")
    lines = sorted(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def told_by(command: str) -> list[str]:
    """Return the lines that another command of ours prints.

    It runs in a process of its own, so that what it needed of memory goes when it ends.
    """
    words = [sys.executable, str(settings.BASE_DIR / "manage.py"), command]
    # In a group of its own, so that Ctrl-C reaches it once, from us, and it can undo what is half made.
    ends_with_us = partial(die_with_parent, os.getpid(), signal.SIGINT)
    done = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, process_group=0, preexec_fn=ends_with_us
    )
    try:
        said, _nothing = done.communicate()
    except KeyboardInterrupt:
        done.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            done.wait(UNDO_S)
        done.kill()
        raise
    if done.returncode:
        raise Trouble(f"The command {command} did not work; it says why above. Start again to try again.")
    return said.strip().splitlines()


def told_by_the_machine(trouble: OSError) -> str:
    """Return what could not be read or written, and what to do."""
    return (
        f"Pauta could not use {trouble.filename or settings.DATA_DIR}: {trouble.strerror or trouble}. "
        "Make room there and give it to the user that runs Pauta, or set DATA_DIR to another folder."
    )


def web_server() -> Child:
    """Return gunicorn with our site; how it runs stands in site/config/gunicorn.py."""
    host = f"[{settings.BIND}]" if ":" in settings.BIND else settings.BIND
    words = ("--config", "site/config/gunicorn.py", "--bind", f"{host}:{settings.PORT}", "config.wsgi")
    return our_child("web server", "-m", "gunicorn", *words)


def cluster() -> Child:
    """Return the django-q2 cluster."""
    return our_child("cluster", "manage.py", "qcluster")


def our_child(name: str, *words: str) -> Child:
    """Return a Python program of this environment, run from the root of the repository."""
    return Child(name, [sys.executable, *words], cwd=settings.BASE_DIR, env=dict(os.environ))


def is_answering() -> bool:
    """Return whether the web server answers; it is asked by the name that the outside uses."""
    host = "127.0.0.1" if settings.BIND in {"0.0.0.0", "::"} else settings.BIND
    call = http.client.HTTPConnection(host, settings.PORT, timeout=2)
    try:
        call.request("GET", "/health/live/", headers={"Host": urlsplit(settings.PUBLIC_BASE_URL).netloc})
        return call.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        call.close()


def welcome(login: list[str]) -> str:
    """Return the block a person reads when everything runs."""
    lines = [f"Pauta is running at {settings.PUBLIC_BASE_URL}/", *login]
    if settings.INSTAGRAM_SANDBOX:
        lines.append("Instagram is simulated here (sandbox): nothing leaves this machine.")
    lines.append("Ctrl-C stops it.")
    return "\n" + "\n".join(f"  {line}" for line in lines) + "\n"
