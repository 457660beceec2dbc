"""Time that passes for waiting rows: what is planned for later is moved to now, with the past it is measured from."""

from datetime import datetime, timedelta
from typing import Any

import psutil

from scheduler.lib import clock
from scheduler.models import ApiLimit, PublishingLog, ScheduledPost
from scheduler.services.claims import LEASE
from scheduler.services.rate_limits import FIGURE_HOLDS

# What the waits of a post are measured from.
PAST = (
    "publish_intent_at",
    "unconfirmed_at",
    "unreadable_since",
    "first_comment_tried_at",
    "container_created_at",
    "uploaded_at",
)
PAST_OF_CHILDREN = ("created_at", "uploaded_at")


def owner_pid(claim: str) -> int:
    """Return the process id in a worker's name (`host:pid:word`)."""
    return int(claim.split(":")[1])


def pass_time(*, dead_only: bool = False) -> None:
    """End the leases of dead workers; and, unless `dead_only`, every wait."""
    now = clock.now()
    for post in ScheduledPost.objects.filter(wake_at__gt=now):
        if post.claimed_by:
            _end_lease(post, now)
        elif not dead_only:
            _end_wait(post, now)
    if not dead_only:
        ApiLimit.objects.filter(paused_until__gt=now).update(paused_until=now)
        ApiLimit.objects.filter(seen_at__isnull=False).update(seen_at=now - FIGURE_HOLDS)
        held = ScheduledPost.objects.exclude(claimed_by="").values("claimed_by")
        PublishingLog.objects.open().exclude(worker__in=held).update(started_at=now - LEASE - timedelta(seconds=1))


def _end_lease(post: ScheduledPost, now: datetime) -> None:
    if not psutil.pid_exists(owner_pid(post.claimed_by)):
        past = now - timedelta(milliseconds=1)
        ScheduledPost.objects.filter(pk=post.pk, claimed_by=post.claimed_by).update(lease_until=past, wake_at=past)


def _end_wait(post: ScheduledPost, now: datetime) -> None:
    """Shift the post's own past by as much as it would have waited."""
    assert post.wake_at is not None
    by = post.wake_at - now
    fields: dict[str, Any] = {name: getattr(post, name) - by for name in PAST if getattr(post, name) is not None}
    fields["child_containers"] = [_earlier(child, by) for child in post.child_containers]
    if post.status == ScheduledPost.Status.SCHEDULED:
        fields["next_attempt_at"] = min(post.next_attempt_at or now, now)
    unchanged = ScheduledPost.objects.filter(pk=post.pk, claimed_by="", wake_at=post.wake_at, version=post.version)
    unchanged.update(wake_at=now, **fields)


def _earlier(child: dict[str, Any], by: timedelta) -> dict[str, Any]:
    past = {name: child[name] for name in PAST_OF_CHILDREN if child.get(name)}
    return child | {name: (datetime.fromisoformat(at) - by).isoformat() for name, at in past.items()}
