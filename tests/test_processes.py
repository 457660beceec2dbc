"""Supervision with tiny programs in place of the web server and the cluster."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from scheduler import processes
from scheduler.processes import Child, Supervisor, Trouble, lock, port_is_free

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
)

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]


@pytest.fixture
def make_child(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    """Make a child that runs some Python; none outlives the test."""
    made: list[Child] = []

    def make(code: str, name: str = "web server") -> Child:
        made.append(Child(name, [sys.executable, "-c", code], cwd=tmp_path, env=dict(os.environ)))
        return made[-1]

    yield make
    for child in made:
        child.signal_group(signal.SIGKILL)
        if child.process:
            child.process.wait()


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervisor]]:
    """Make a supervisor whose lines are kept in `.said`; the signal handlers of the test are put back."""
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def make(*children: Child) -> Supervisor:
        supervisor = Supervisor(children, lambda text: supervisor.said.append(text))
        supervisor.said = []
        return supervisor

    yield make
    for signum, handler in before.items():
        signal.signal(signum, handler)


def wait_for(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Wait until `condition()` is true; fail the test when it never is."""
    give_up_at = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < give_up_at, "it never came true"
        time.sleep(0.02)


def test_a_child_that_ends_at_the_start_stops_everything(make_child: Callable, supervise: Callable) -> None:
    supervisor = supervise(make_child("raise SystemExit(3)"))
    supervisor.start()
    with pytest.raises(Trouble, match="The web server ended with code 3 at the start"):
        supervisor.wait_until(lambda: False, timeout_s=10)


def test_a_child_that_never_answers_is_told(make_child: Callable, supervise: Callable) -> None:
    supervisor = supervise(make_child(SLEEP))
    supervisor.start()
    with pytest.raises(Trouble, match="The web server gave no answer"):
        supervisor.wait_until(lambda: False, timeout_s=0.1)


def test_a_wish_to_stop_ends_the_waiting(make_child: Callable, supervise: Callable) -> None:
    supervisor = supervise(make_child(SLEEP))
    supervisor.start()
    os.kill(os.getpid(), signal.SIGTERM)
    assert supervisor.wait_until(lambda: True, timeout_s=10) is False


def test_pauses_grow_from_death_to_death(make_child: Callable) -> None:
    child = make_child(SLEEP)
    pauses = []
    for at in (100.0, 110.0, 120.0, 130.0):
        assert child.died(at)
        pauses.append(child.start_again_at - at)
    assert pauses == [1, 2, 4, 8]


def test_the_fifth_death_within_a_minute_is_the_last(make_child: Callable) -> None:
    child = make_child(SLEEP)
    assert [child.died(at) for at in (100.0, 110.0, 120.0, 130.0, 140.0)] == [True] * 4 + [False]


def test_deaths_of_long_ago_do_not_count(make_child: Callable) -> None:
    child = make_child(SLEEP)
    assert all(child.died(at) for at in (100.0, 200.0, 300.0, 400.0, 500.0, 600.0))


def test_a_child_that_keeps_dying_ends_the_supervision(
    make_child: Callable, supervise: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "DEATHS_ALLOWED", 2)
    monkeypatch.setattr(processes, "LOOK_EVERY_S", 0.02)
    supervisor = supervise(make_child("raise SystemExit(4)", "cluster"))
    supervisor.start()
    with pytest.raises(Trouble, match="The cluster ended with code 4, now 2 times within a minute"):
        supervisor.keep_running()
    assert supervisor.said == ["The cluster ended with code 4. It starts again in 1 s."]


def test_a_stubborn_child_is_ended_by_force(
    make_child: Callable, supervise: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "GRACE_S", 0.5)
    child = make_child(STUBBORN)
    supervisor = supervise(child)
    supervisor.start()
    wait_for(lambda: ignores_sigterm(child.process.pid))
    supervisor.stop()
    assert child.how_it_ended() == "was ended by SIGKILL"


def ignores_sigterm(pid: int) -> bool:
    """Return whether the process has asked to ignore SIGTERM; its interpreter needs a moment to get there."""
    status = Path(f"/proc/{pid}/status").read_text()
    ignored = int(next(line for line in status.splitlines() if line.startswith("SigIgn")).split()[1], 16)
    return bool(ignored & 1 << (signal.SIGTERM - 1))


def test_what_a_child_has_started_ends_with_it(make_child: Callable, supervise: Callable) -> None:
    child = make_child(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])")
    supervisor = supervise(child)
    supervisor.start()
    leader = psutil.Process(child.process.pid)
    wait_for(leader.children)
    (grandchild,) = leader.children()
    supervisor.stop()
    wait_for(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_forks_end_with_their_killed_parent(tmp_path: Path, make_child: Callable) -> None:
    child = make_child(
        "import os, time, sys\n"
        f"sys.path.insert(0, {str(Path(processes.__file__).parents[1])!r})\n"
        "from scheduler.processes import forks_die_with_this_process\n"
        "forks_die_with_this_process()\n"
        "if os.fork() == 0: os.fork()\n"
        "time.sleep(60)"
    )
    child.start()
    leader = psutil.Process(child.process.pid)
    wait_for(lambda: len(leader.children(recursive=True)) == 2)
    family = leader.children(recursive=True)
    leader.kill()
    wait_for(lambda: not any(is_alive(process) for process in family))


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process still works; a dead one that nobody has looked at is dead."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_lock_is_held_once_and_tells_by_whom(tmp_path: Path) -> None:
    with lock(tmp_path / "up.lock", "by Alice"), pytest.raises(Trouble, match="by Alice"):
        lock(tmp_path / "up.lock", "by Bob")
    lock(tmp_path / "up.lock", "by Bob").close()
    assert (tmp_path / "up.lock").read_text() == "by Bob"


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(Trouble, match=r"Nothing can listen on 192\.0\.2\.1 port 8000"):
        port_is_free("192.0.2.1", 8000)
