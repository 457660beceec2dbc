"""manage.py qcluster: django-q2's cluster, with a beat of our own beside its workers.

django-q2 looks at its schedules every 30 s. The beat looks at the posts themselves, wakes at the very moment the
next one is due, and takes no worker: it runs in the main process, which otherwise only waits.
"""

import gc
import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil
from django.core.checks import Tags
from django.core.management.base import CommandError
from django.db import Error as DatabaseTrouble
from django.db import connections
from django_q.cluster import Cluster
from django_q.management.commands.qcluster import Command as DjangoQCommand
from redis.exceptions import RedisError as QueueTrouble

from scheduler import tasks
from scheduler.lib import clock
from scheduler.models import ScheduledPost
from scheduler.processes import forks_die_with_this_process
from scheduler.services.dispatch_watch import DispatchWatch
from scheduler.services.keys import KeyProblem, check_keys
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor
from scheduler.slow_cluster import SlowCluster, is_this_process, work_until_idle

log = logging.getLogger(__name__)
# How long the beat sleeps at most: a post that is planned for "now" by another process is found within this.
LONGEST_NAP_S = 0.5
SHORTEST_NAP_S = 0.02
AFTER_TROUBLE_S = 2.0
LONGEST_TASK_S = 120.0  # as Q_CLUSTER says, which ends a longer one


class Command(DjangoQCommand):
    """Start the cluster and its beat."""

    # The others would load every page, form and decoder into processes that never show one.
    requires_system_checks = (Tags.models, Tags.database)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until the cluster is told to stop."""
        try:
            check_keys()
        except KeyProblem as problem:
            raise CommandError(str(problem)) from None
        forks_die_with_this_process()
        if is_this_process():
            _run_slowly()
            return
        tasks.keep_schedules()
        workers, slow = Workers(), SlowCluster()
        workers.start()
        if options.get("run_once", False):
            workers.stop()
            return
        beat(while_true=workers.are_wanted, start_anew=workers.start_anew, see_to_others=slow.see_to_it)
        slow.stop()
        workers.stop()


def _run_slowly() -> None:
    """Be the cluster of the slow queue, without a beat, for as long as there is work."""
    workers = Workers()
    workers.start()
    work_until_idle(while_true=workers.are_wanted)
    workers.end_by_force()


class Workers:
    """django-q2's processes: the sentinel and what it forks. Started from the main thread only."""

    def __init__(self) -> None:
        self._asked_to_stop = threading.Event()
        self._cluster: Cluster | None = None

    def start(self) -> None:
        """Fork them, without a share in our connections and out of the garbage collector's way.

        A collection writes into every object it looks at, and so makes a copy of each shared page.
        """
        connections.close_all()
        gc.collect()
        gc.freeze()
        self._cluster = Cluster()
        # django-q2's own handler waits for its workers from wherever the beat stands; inside a write of the beat on
        # SQLite the workers would wait for that write, and nobody would end.
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: self._asked_to_stop.set())
        self._cluster.start()

    def are_wanted(self) -> bool:
        """Return whether to go on: nobody asked for the end, and the sentinel has not ended by itself."""
        return not self._asked_to_stop.is_set() and self.are_alive()

    def are_alive(self) -> bool:
        """Return whether the sentinel is there, which sees to the others."""
        return self._cluster is not None and self._cluster.sentinel.is_alive()

    def stop(self) -> None:
        """Let each finish its task; end by force who cannot, because the lock it waits for died with another."""
        if self._cluster is not None and self.are_alive():
            self._cluster.stop_event.set()
            self._cluster.sentinel.join(LONGEST_TASK_S)
            self.end_by_force()

    def start_anew(self) -> None:
        """End them by force and start others; what one of them was doing is taken up by its post's row."""
        self.end_by_force()
        self.start()

    def end_by_force(self) -> None:
        """Kill them at once; the rows know what was left."""
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self._cluster is not None:
            self._cluster.sentinel.join()


def beat(
    *,
    while_true: Callable[[], bool],
    start_anew: Callable[[], None],
    see_to_others: Callable[[], None] = lambda: None,
) -> None:
    """Hand out due posts as they become due, for as long as `while_true` says; change workers who take none.

    see_to_others: called at each look; what else the main process minds.
    """
    processor, watch = ScheduledPostProcessor(), DispatchWatch(tasks.dispatch, clock.now)
    while while_true():
        try:
            processor.process_pending_posts(watch.dispatch, tasks.dispatch_check)
            if watch.nobody_works():
                log.error("Posts are due and no worker takes them: the workers are started anew")
                start_anew()
                watch.forget()
            see_to_others()
            nap = _until_next()
        except (DatabaseTrouble, QueueTrouble):
            log.exception("The beat could not reach the database or the queue; trying again in %s s", AFTER_TROUBLE_S)
            connections.close_all()
            nap = AFTER_TROUBLE_S
        time.sleep(nap)


def _until_next() -> float:
    wake = ScheduledPost.objects.next_wake()
    if wake is None:
        return LONGEST_NAP_S
    return min(max((wake - clock.now()).total_seconds(), SHORTEST_NAP_S), LONGEST_NAP_S)
