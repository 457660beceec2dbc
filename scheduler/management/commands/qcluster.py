"""manage.py qcluster: django-q2's cluster, with a beat of our own beside its workers.

django-q2 looks at its schedules every 30 s. The beat looks at the posts themselves, wakes at the very moment the
next one is due, and takes no worker: it runs in the main process, which otherwise only waits.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

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
from scheduler.services.keys import KeyProblem, check_keys
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor

log = logging.getLogger(__name__)
# How long the beat sleeps at most: a post that is planned for "now" by another process is found within this.
LONGEST_NAP_S = 0.5
SHORTEST_NAP_S = 0.02
AFTER_TROUBLE_S = 2.0


class Command(DjangoQCommand):
    """Start the cluster and its beat."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until the cluster is told to stop."""
        try:
            check_keys()
        except KeyProblem as problem:
            raise CommandError(str(problem)) from None
        tasks.keep_schedules()
        # The children must not share our connections, and must not outlive us.
        connections.close_all()
        forks_die_with_this_process()
        cluster = Cluster()
        cluster.start()
        if options.get("run_once", False):
            cluster.stop()
            return
        asked_to_stop = _listen_for_the_end()
        beat(while_true=lambda: not asked_to_stop.is_set() and cluster.sentinel.is_alive())
        cluster.stop()


def _listen_for_the_end() -> threading.Event:
    """Return what SIGTERM and Ctrl-C set.

    django-q2's own handler waits for its workers from wherever the beat stands; inside a write of the beat on SQLite
    the workers would wait for that write, and nobody would end.
    """
    asked = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: asked.set())
    return asked


def beat(*, while_true: Callable[[], bool]) -> None:
    """Hand out due posts as they become due, for as long as `while_true` says."""
    processor = ScheduledPostProcessor()
    while while_true():
        try:
            processor.process_pending_posts(tasks.dispatch, tasks.dispatch_check)
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
