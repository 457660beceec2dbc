"""Does anybody take what is handed out? Workers may be alive and yet wait for ever.

A worker that is killed while it waits for its next task takes the lock of the workers' common queue with it; the
ones that follow wait for that lock. Nothing about such a process looks wrong, only its work is missing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from scheduler.models import ScheduledPost

# Longer than DISPATCH_GRACE, so that each of these posts was handed out twice.
UNTAKEN_FOR = timedelta(seconds=25)


class DispatchWatch:
    """Hands posts out and remembers since when each waits for a worker."""

    def __init__(self, dispatch: Callable[[int], object], now: Callable[[], datetime]) -> None:
        self._dispatch, self.now = dispatch, now
        self._since: dict[int, datetime] = {}

    def dispatch(self, post_id: int) -> None:
        """Hand one post out. Raises what the queue raises, and remembers nothing then."""
        self._dispatch(post_id)
        self._since.setdefault(post_id, self.now())

    def forget(self) -> None:
        """Begin anew, with other workers."""
        self._since.clear()

    def nobody_works(self) -> bool:
        """Return whether posts wait in vain while no worker holds any; no query before one waits for long.

        A post in a worker's hands proves that some worker lives, here or on another host: then the line is just long.
        """
        now = self.now()
        if not any(now - since >= UNTAKEN_FOR for since in self._since.values()):
            return False
        untaken = self._untaken()
        self._since = {pk: since for pk, since in self._since.items() if pk in untaken}
        waits_long = any(now - since >= UNTAKEN_FOR for since in self._since.values())
        return waits_long and not ScheduledPost.objects.held_by_workers(now).exists()

    def _untaken(self) -> set[int]:
        """Return the posts that nobody touched since they were first handed out: each claim writes `updated_at`."""
        waiting = ScheduledPost.objects.filter(pk__in=self._since, wake_at__isnull=False, claimed_by="")
        touched = waiting.values_list("pk", "updated_at")
        return {pk for pk, updated_at in touched if updated_at <= self._since[pk]}
