"""The second cluster, for what takes minutes: there while there is work, a child of the first one.

Its main process sends what is told outside, in threads that only wait for others: a video that takes an hour on
every worker keeps no message back.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from scheduler import tasks
from scheduler.lib import clock
from scheduler.processes import Child
from scheduler.services import deliveries, mending, results, token_keeper, webhook_sender

LOOK_EVERY_S = 3.0
BETWEEN_STARTS_S = 10.0
IDLE_FOR_S = 60.0


def is_this_process() -> bool:
    """Return whether this process was started as the slow cluster."""
    return os.environ.get("Q_CLUSTER_NAME") == tasks.SLOW


class SlowCluster:
    """Seen to by the beat of the main cluster, from its main thread."""

    def __init__(self) -> None:
        command = [sys.executable, "manage.py", "qcluster"]
        env = {**os.environ, "Q_CLUSTER_NAME": tasks.SLOW}
        self.child = Child("slow cluster", command, cwd=Path(settings.BASE_DIR), env=env)
        self._look_at = self._start_at = 0.0

    def see_to_it(self) -> None:
        """Now and then, queue what waits, and start the cluster when there is work for it."""
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_EVERY_S
        handed_out = token_keeper.hand_out(tasks.dispatch_keeping, clock.now())
        handed_out += results.hand_out(tasks.dispatch_results, clock.now())
        if not handed_out and not mending.is_wanted() and not deliveries.is_wanted(clock.now()):
            return
        mending.hand_out(tasks.dispatch_mending, clock.now())
        if not self.child.running and time.monotonic() >= self._start_at:
            self._start_at = time.monotonic() + BETWEEN_STARTS_S
            self.child.start()

    def stop(self) -> None:
        """End it at once; what it was doing is taken up again by its row."""
        if self.child.process is not None and self.child.running:
            self.child.process.terminate()
            self.child.process.wait()


def work_until_idle(*, while_true: Callable[[], bool]) -> None:
    """Return when nothing was to be done for IDLE_FOR_S, or `while_true` says no more."""
    idle_since, queue = time.monotonic(), webhook_sender.queue()
    while while_true() and time.monotonic() - idle_since < IDLE_FOR_S:
        if queue.see_to_it() or mending.is_wanted():
            idle_since = time.monotonic()
        time.sleep(1.0)
    queue.stop()
