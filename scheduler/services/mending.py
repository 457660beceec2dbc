"""Videos that must be made anew before they go out: who waits is a row, the slow queue only wakes its worker."""

from collections.abc import Callable
from datetime import datetime, timedelta

from scheduler.models import MediaAsset

# How long a queued video waits for its worker before it is queued again; more than once does no harm.
QUEUED_FOR = timedelta(minutes=2)
BATCH = 20


def is_wanted() -> bool:
    """Return whether a video is to be made ready, or is being made so; one query."""
    return MediaAsset.objects.unready().exists()


def hand_out(dispatch: Callable[[int], object], now: datetime) -> int:
    """Queue the videos that nobody works on; return how many."""
    count = 0
    for pk, lease in MediaAsset.objects.to_hand_out(now).values_list("pk", "lease_until")[:BATCH]:
        waiting = MediaAsset.objects.filter(pk=pk, state="waiting", lease_until=lease)
        # One whose worker is gone keeps its lease as it is: the next worker takes it only when that is over.
        waiting.update(lease_until=now + QUEUED_FOR)
        dispatch(pk)
        count += 1
    return count
