"""Several processes as one: start them, keep them alive, stop them, and leave no orphan behind.

Each child leads a process group of its own, so that Ctrl-C reaches only the parent, which then stops the others
in order, and so that whatever a child has started can be ended with it. On Linux the kernel also ends a child
whose parent was killed.
"""

import ctypes
import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import IO

GRACE_S = 10.0  # between the wish to stop and the end by force
DEATHS_ALLOWED = 5  # of one child, within
DEATHS_WINDOW_S = 60.0
LOOK_EVERY_S = 0.2
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Trouble(Exception):
    """Something the person at the terminal can put right; the text says what."""


def die_with_parent(parent: int, signum: int = signal.SIGTERM) -> None:
    """Ask the kernel for `signum` when the process `parent`, which started this one, ends (Linux only).

    The wish is tied to the parent's thread that started us, so children are started from its main thread.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signum)


def forks_die_with_this_process() -> None:
    """End by force every process that this one forks from now on, and theirs, when its own parent is gone.

    For django-q2: a cluster whose main process was killed would otherwise go on working as orphans.
    """
    os.register_at_fork(before=_remember_pid, after_in_child=_die_with_remembered)


_forking_pid = 0


def _remember_pid() -> None:
    global _forking_pid
    _forking_pid = os.getpid()


def _die_with_remembered() -> None:
    die_with_parent(_forking_pid, signal.SIGKILL)


class Child:
    """One process of ours, with its name for people and the times at which it died.

    name:    as it stands in a sentence ("web server").
    command: the program and its words.
    """

    def __init__(self, name: str, command: Sequence[str], *, cwd: Path, env: dict[str, str]) -> None:
        self.name, self.command, self.cwd, self.env = name, list(command), cwd, env
        self.process: subprocess.Popen | None = None
        self.deaths: list[float] = []
        self.start_again_at = 0.0

    def start(self) -> None:
        """Start the process; it writes to our own terminal and leads a group of its own."""
        self.process = subprocess.Popen(
            self.command,
            cwd=self.cwd,
            env=self.env,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs or was never started."""
        return self.process.poll() if self.process else None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def how_it_ended(self) -> str:
        """Return the end in words: by which signal or with which code."""
        code = self.exit_code or 0
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def signal_group(self, signum: int) -> bool:
        """Send `signum` to the process and all it has started; False when none of them is left."""
        if self.process is None:
            return False
        try:
            os.killpg(self.process.pid, signum)
        except ProcessLookupError:
            return False
        return True

    def died(self, at: float) -> bool:
        """Note a death at `at` (monotonic seconds); True when it may start again after a growing pause."""
        self.signal_group(signal.SIGKILL)  # what it left behind would hold its port and its tasks
        self.process = None
        self.deaths = [death for death in self.deaths if death > at - DEATHS_WINDOW_S] + [at]
        self.start_again_at = at + 2.0 ** (len(self.deaths) - 1)
        return len(self.deaths) < DEATHS_ALLOWED


class Supervisor:
    """Keeps a few children running until somebody asks for the end.

    children: started in this order, stopped in the opposite one.
    say:      writes one line for the person at the terminal.
    """

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children, self.say = list(children), say
        self.stop_asked = 0

    def start(self) -> None:
        """Start every child and listen for Ctrl-C, termination and a closed terminal."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:  # nohup means: stay
                signal.signal(signum, self._ask_to_stop)
        for child in self.children:
            child.start()

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `ready()`; False when the end was asked for. Raises Trouble when a child ends first."""
        give_up_at = time.monotonic() + timeout_s
        while not self.stop_asked:
            for child in self.children:
                if not child.running:
                    raise Trouble(f"The {child.name} {child.how_it_ended()} at the start; it says why above.")
            if ready():
                return True
            if time.monotonic() > give_up_at:
                raise Trouble(f"The {self.children[0].name} gave no answer within {timeout_s:.0f} seconds.")
            time.sleep(LOOK_EVERY_S / 4)
        return False

    def keep_running(self) -> None:
        """Restart what ends by itself until the end is asked for. Raises Trouble when a child keeps dying."""
        while not self.stop_asked:
            for child in self.children:
                self._look_after(child, time.monotonic())
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Ask all to end, wait for the grace, then end by force whatever is left; a second wish cuts it short."""
        for child in reversed(self.children):
            if child.process and child.running:
                child.process.terminate()
        asked, force_at = self.stop_asked, time.monotonic() + GRACE_S
        while any(child.running for child in self.children):
            if time.monotonic() > force_at or self.stop_asked > max(asked, 1):
                break
            time.sleep(LOOK_EVERY_S / 4)
        for child in self.children:
            child.signal_group(signal.SIGKILL)
            if child.process:
                child.process.wait()

    def _look_after(self, child: Child, at: float) -> None:
        if child.process is None:
            if at >= child.start_again_at:
                child.start()
            return
        if child.running:
            return
        end = child.how_it_ended()
        if not child.died(at):
            raise Trouble(f"The {child.name} {end}, now {DEATHS_ALLOWED} times within a minute; it says why above.")
        pause_s = child.start_again_at - at
        self.say(f"The {child.name} {end}. It starts again in {pause_s:.0f} s.")

    def _ask_to_stop(self, signum: int, frame: object) -> None:
        self.stop_asked += 1


def lock(path: Path, note: str) -> IO[str]:
    """Hold the file `path` for this process alone and write `note` in it; it is free again when we end.

    Raises Trouble with the note of the process that holds it.
    """
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "by another process"
        file.close()
        raise Trouble(holder) from None
    file.truncate(0)
    file.write(note)
    file.flush()
    return file


def port_is_free(host: str, port: int) -> bool:
    """Return whether a server can listen there. Raises Trouble when the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise Trouble(f"Nothing can listen on {host} port {port}: {error.strerror}.") from None
    return True
