"""A worker's hold on one post: taken by one conditional UPDATE, renewed before each request, fenced at each write."""

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from scheduler.lib.failpoints import failpoints_around
from scheduler.models import ApiLimit, ClaimLost, HoldReason, PostChange, ScheduledPost, Status, User
from scheduler.models.post import VIDEO_LEAD, lock_pauses
from scheduler.models.post_queryset import PostQuerySet, is_paused, may_go_on
from scheduler.models.webhook import Event
from scheduler.services import events

# Longer than the longest request (40 s), so that a lease never runs out under a worker that is alive.
LEASE = timedelta(seconds=60)
# How soon a post is looked at again when another of its account is just going out.
BUSY_ACCOUNT = timedelta(seconds=1)


@contextmanager
def committing(name: str) -> Iterator[None]:
    """Run one transaction with a failpoint before it begins and one after it is written."""
    with failpoints_around(f"commit-{name}"), transaction.atomic():
        yield


def worker_name() -> str:
    """Return a name no other claim has: host, process, and a random word (the fencing token)."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(6)}"


def _wants_work(post: ScheduledPost, now: datetime) -> bool:
    """Return whether a worker has something to do here; a task of the queue may come long after its post moved."""
    if post.status == Status.SCHEDULED:
        return post.next_attempt_at is not None and post.next_attempt_at - now <= VIDEO_LEAD
    return post.status in {Status.PUBLISHING, Status.PUBLISHED}


def keep_back(posts: PostQuerySet, person: User | None, now: datetime) -> int:
    """Hold what a pause keeps of these, each with a line in its history; return how many that were."""
    held = posts.filter(is_paused()).pause(now)
    if held:
        paused = posts.filter(status=Status.SCHEDULED, hold_reason=HoldReason.PAUSED, updated_at=now)
        just_now = list(paused.only("pk", "user"))
        PostChange.note_all(just_now, PostChange.Act.HELD, person, now, reason=HoldReason.PAUSED)
        listeners = events.listeners(*{post.user_id for post in just_now})
        listeners.hear_of_posts(Event.HELD, [post.pk for post in just_now], now)
    return held


class Claim:
    """The right to work on one post until the lease ends.

    Every write names the owner, so a worker that was given up for dead cannot overwrite what came after it.
    """

    def __init__(
        self,
        post: ScheduledPost,
        owner: str,
        clock: Callable[[], datetime],
        *,
        took_over: bool = False,
        has_limits: bool = False,
        is_paused: bool = False,
    ) -> None:
        """took_over: the worker before us was lost; what it had begun is open in the log.

        has_limits: something is to be known of Instagram's call limits, of this account or another.
        is_paused:  its person wants nothing to go out; then only what was sent already is looked after.
        """
        self.post, self.owner, self.clock, self.took_over = post, owner, clock, took_over
        self.has_limits, self.is_paused = has_limits, is_paused

    @classmethod
    def take(cls, post_id: int, clock: Callable[[], datetime]) -> "Claim | None":
        """Claim the post, as PUBLISHING when its time has come; None when there is nothing to do or no right to.

        Costs one read, one UPDATE and one read.
        """
        now, owner = clock(), worker_name()
        seen = ScheduledPost.objects.filter(pk=post_id, wake_at__isnull=False).first()
        if seen is None or not _wants_work(seen, now):
            return None
        if not cls._update(seen, owner, now):
            cls._keep_back_if_paused(seen, now)
            return None
        rows = ScheduledPost.objects.select_related("instagram_account", "user")
        # Named by its owner: a person may have changed the post since, which took the claim away.
        mine = rows.annotate(has_limits=ApiLimit.objects.is_any())
        post = mine.filter(pk=post_id, claimed_by=owner).first()
        if post is None:
            return None
        account = post.instagram_account
        paused = bool(post.user.paused_at or (account and account.paused_at))
        return cls(post, owner, clock, took_over=bool(seen.claimed_by), has_limits=post.has_limits, is_paused=paused)

    @staticmethod
    def _keep_back_if_paused(seen: ScheduledPost, now: datetime) -> None:
        """Hold what came into a paused line all the same: put there as the pause began, or left by a worker."""
        if not ScheduledPost.objects.exclude(may_go_on()).filter(pk=seen.pk, hold_reason=HoldReason.NONE).exists():
            return
        with committing("keep-back"):
            lock_pauses(seen)  # a resume is not to come between the question and its answer
            keep_back(ScheduledPost.objects.filter(instagram_account_id=seen.instagram_account_id), None, now)

    @staticmethod
    def _update(seen: ScheduledPost, owner: str, now: datetime) -> bool:
        free = Q(claimed_by="") | Q(lease_until__lt=now)
        as_seen = {"pk": seen.pk, "status": seen.status, "version": seen.version, "hold_reason": ""}
        fields: dict[str, Any] = {"claimed_by": owner, "lease_until": now + LEASE, "wake_at": now + LEASE}
        if seen.status == Status.SCHEDULED and seen.next_attempt_at is not None and seen.next_attempt_at <= now:
            fields |= {"status": Status.PUBLISHING, "attempt": F("attempt") + 1, "wait_reason": ""}
        rows = ScheduledPost.objects.filter(free, may_go_on(), wake_at__isnull=False, **as_seen)
        try:
            with committing("claim"):
                return rows.update(**fields) == 1
        except IntegrityError:
            # Another post of the account is going out: one publish in flight per account.
            with committing("busy-account"):
                rows.update(wake_at=now + BUSY_ACCOUNT)
            return False

    def store(self, **fields: Any) -> None:
        """Write `fields` if the post is still ours. Raises ClaimLost when it is not, and nothing is written."""
        ours = ScheduledPost.objects.filter(pk=self.post.pk, claimed_by=self.owner)
        if not ours.update(**fields, updated_at=self.clock()):
            raise ClaimLost
        expressions = {name for name, value in fields.items() if hasattr(value, "resolve_expression")}
        for name, value in fields.items():
            if name not in expressions:
                setattr(self.post, name, value)
        if expressions:
            self.post.refresh_from_db(fields=sorted(expressions))

    def renew(self, **fields: Any) -> None:
        """Start the lease anew, and write `fields` with it."""
        until = self.clock() + LEASE
        self.store(lease_until=until, wake_at=until, **fields)

    def release(self, **fields: Any) -> None:
        """Write `fields` and let go; `wake_at` among them says when somebody looks again (None: nobody needs to)."""
        self.store(claimed_by="", lease_until=None, **fields)
