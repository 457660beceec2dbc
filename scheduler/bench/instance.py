"""A real `up` in a data folder of its own, to be measured or photographed."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

# What the surroundings may have set and a measurement must not depend on.
FOREIGN = (
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "REDIS_URL",
    "FERNET_KEY",
    "ALLOWED_HOSTS",
    "BIND",
    "DEBUG",
    "CRON_SECRET",
)
INSIDE = "PAUTA_INSIDE_INSTANCE"
START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 30.0


def run_inside(root: Path, *words: str) -> int | None:
    """Run a command of ours again where the settings lead to a fresh data folder; None when we are there already."""
    if os.environ.get(INSIDE):
        return None
    with own_environment() as env:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=root, env=env | {INSIDE: "1"}).returncode


def free_port() -> int:
    """Return a port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def own_environment() -> Iterator[dict[str, str]]:
    """Give the environment of an instance in a fresh data folder, which goes away afterwards."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="pauta-bench-") as folder:
        env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        yield env | {
            "DATA_DIR": folder,
            "PORT": str(port),
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "INSTAGRAM_SANDBOX": "1",
            "WORKERS": "4",
            "LOG_LEVEL": "warning",
        }


class Instance:
    """One running `up`.

    start_s: how long it took from the command to the first answer, in seconds.
    """

    def __init__(self, env: dict[str, str], root: Path, python: str = sys.executable) -> None:
        self.url = env["PUBLIC_BASE_URL"]
        began = time.monotonic()
        self.process = subprocess.Popen(
            [python, "manage.py", "up"],
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for(self._answers, START_TIMEOUT_S, "the web server answers")
        self.start_s = time.monotonic() - began

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"`up` ended with code {self.process.returncode}; it says why above.")
        try:
            with urllib.request.urlopen(f"{self.url}/health/live/", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def processes(self) -> list[psutil.Process]:
        """Return `up` itself and everything below it."""
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def stop(self) -> str:
        """End it as Ctrl-C does; return what it has said."""
        self.process.send_signal(signal.SIGINT)
        try:
            said, _nothing = self.process.communicate(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            said, _nothing = self.process.communicate()
        return said


@contextmanager
def running(env: dict[str, str], root: Path) -> Iterator[Instance]:
    """Run an instance for the length of a block."""
    instance = Instance(env, root)
    try:
        yield instance
    finally:
        instance.stop()


def wait_for(condition: Callable[[], object], timeout_s: float, what: str, every_s: float = 0.02) -> None:
    """Wait until `condition()` is true. Raises RuntimeError naming `what` when it never is."""
    give_up_at = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"It took more than {timeout_s:.0f} s until {what}.")
        time.sleep(every_s)
