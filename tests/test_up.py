"""`manage.py up` as a person runs it: real processes, a data folder and a port of their own."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.installation import put_tables

ROOT = Path(__file__).resolve().parents[1]
START_S = 60.0
# On a quiet machine it is 5 s, which `manage.py bench` measures; tests share theirs.
SECOND_START_S = 20.0
# gunicorn and its 2 workers; the cluster's main process, its sentinel, 2 workers, monitor and pusher
PROCESSES = 9

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("up")]


class Up:
    """One running `up`, its words, and every process it has started."""

    def __init__(self, data_dir: Path, port: int, **surroundings: str) -> None:
        self.port, self.words = port, tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the test
        env = os.environ | {"DATA_DIR": str(data_dir), "PORT": str(port), "WORKERS": "2"}
        for name in ("PUBLIC_BASE_URL", "DATABASE_URL", "FERNET_KEY", "BIND", "DJANGO_SETTINGS_MODULE"):
            env.pop(name, None)
        env |= surroundings
        command = [sys.executable, "manage.py", "up"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=self.words, stderr=subprocess.STDOUT
        )
        self.family: dict[int, psutil.Process] = {}

    def said(self) -> str:
        """Return everything written so far."""
        position = self.words.tell()
        self.words.seek(0)
        text = self.words.read()
        self.words.seek(position)
        return text

    def wait_until_running(self) -> "Up":
        """Wait for the welcome and for every process to be there."""
        wait_for(lambda: "is running at" in self.said() or self.process.poll() is not None, START_S)
        assert self.process.poll() is None, self.said()
        wait_for(lambda: len(self.relatives()) >= PROCESSES, START_S)
        return self

    def relatives(self) -> list[psutil.Process]:
        """Return every process below this one that was ever seen."""
        if self.process.poll() is None:
            for process in psutil.Process(self.process.pid).children(recursive=True):
                self.family.setdefault(process.pid, process)
        return list(self.family.values())

    def child(self, word: str) -> psutil.Process:
        """Return the direct child with `word` in its command."""
        children = psutil.Process(self.process.pid).children()
        return next(process for process in children if word in process.cmdline())

    def alive(self) -> list[psutil.Process]:
        """Return the relatives that still work."""
        return [process for process in self.relatives() if is_alive(process)]

    def end(self) -> None:
        """Leave nothing behind, however the test went."""
        self.relatives()
        self.process.kill()
        self.process.wait()
        for process in self.alive():
            process.kill()
        self.words.close()


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process still works; a dead one that nobody has looked at is dead."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], object], timeout_s: float) -> None:
    """Wait until `condition()` is true; fail the test when it never is."""
    give_up_at = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < give_up_at, "it never came true"
        time.sleep(0.05)


def free_port() -> int:
    """Return a port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_healthy(port: int) -> bool:
    """Return whether the web server of that port says that it lives."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live/", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data folder that the first test fills and the others find full."""
    with tempfile.TemporaryDirectory(prefix="pauta-up-") as folder:
        yield Path(folder)


@pytest.fixture
def start(data_dir: Path) -> Iterator[Callable[..., Up]]:
    """Start an `up`; it and all of its processes end with the test."""
    started: list[Up] = []

    def start_one(port: int | None = None, folder: Path = data_dir, **surroundings: str) -> Up:
        started.append(Up(folder, port or free_port(), **surroundings))
        return started[-1]

    yield start_one
    for up in started:
        up.end()


def test_ctrl_c_stops_everything_and_the_second_start_is_quick(start: Callable[..., Up]) -> None:
    first = start().wait_until_running()
    assert is_healthy(first.port)
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(timeout=15) == 0
    assert first.alive() == []
    assert "Pauta has stopped." in first.said()
    assert "Sign in as demo with the password" in first.said()

    began = time.monotonic()
    second = start(first.port).wait_until_running()
    assert time.monotonic() - began <= SECOND_START_S
    assert "Preparing" not in second.said()
    assert "Sign in as demo with the password" in second.said()
    assert is_healthy(second.port)


def test_a_killed_up_leaves_no_orphans(start: Callable[..., Up]) -> None:
    up = start().wait_until_running()
    up.process.kill()
    wait_for(lambda: not up.alive(), 15)


def test_a_killed_cluster_leaves_no_orphans_even_without_up(start: Callable[..., Up]) -> None:
    up = start().wait_until_running()
    cluster = up.child("qcluster")
    below = cluster.children(recursive=True)
    assert len(below) == 5
    up.process.send_signal(signal.SIGSTOP)  # so that nobody is there to tidy up
    cluster.kill()
    wait_for(lambda: not any(is_alive(process) for process in below), 15)


def test_a_web_server_that_dies_comes_back(start: Callable[..., Up]) -> None:
    up = start().wait_until_running()
    up.child("gunicorn").kill()
    wait_for(lambda: "The web server was ended by SIGKILL. It starts again in 1 s." in up.said(), 5)
    wait_for(lambda: is_healthy(up.port), 15)


def test_a_second_up_on_the_same_data_is_refused(start: Callable[..., Up]) -> None:
    first = start().wait_until_running()
    second = start()
    assert second.process.wait(timeout=15) == 1
    assert re.search(rf"already runs with the data folder .*:{first.port} ", second.said())
    assert is_healthy(first.port)


@pytest.mark.parametrize(
    ("surroundings", "sentence"),
    [
        ({"PORT": "eight"}, "PORT='eight' is not understood. Write a whole number from 1 to 65535."),
        ({"FERNET_KEY": "short"}, "FERNET_KEY is missing or is not the key that sealed the stored tokens."),
        ({"DATABASE_URL": "postgres://a:b@127.0.0.1:1/c"}, "The database could not be used: connection failed"),
    ],
)
def test_what_a_person_can_put_right_is_told_without_a_traceback(
    start: Callable[..., Up], tmp_path: Path, surroundings: dict[str, str], sentence: str
) -> None:
    up = start(folder=tmp_path, **surroundings)
    assert up.process.wait(timeout=30) == 1
    assert sentence in up.said()
    assert "Traceback" not in up.said()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_who_breaks_off_the_making_of_the_demo_finds_nothing_half_made(
    start: Callable[..., Up], tmp_path: Path, signum: int
) -> None:
    put_tables(tmp_path)
    up = start(folder=tmp_path)
    wait_for(lambda: "Making the demo" in up.said(), START_S)
    wait_for(lambda: people_in(tmp_path) == 1, 10)
    up.process.send_signal(signum)
    assert up.process.wait(timeout=20) == 1
    assert up.alive() == [] and "Traceback" not in up.said()
    assert people_in(tmp_path) == 0


def people_in(folder: Path) -> int:
    """Return how many people a data folder knows."""
    with closing(sqlite3.connect(folder / "pauta.sqlite3")) as rows:
        return rows.execute("SELECT count(*) FROM scheduler_user").fetchone()[0]


def test_a_port_in_use_is_named(start: Callable[..., Up], tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        up = start(port, tmp_path)
        assert up.process.wait(timeout=20) == 1
    assert f"Another program listens on port {port}." in up.said()
    assert "Traceback" not in up.said()
