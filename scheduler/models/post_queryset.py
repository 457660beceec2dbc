"""The questions asked of many posts at once, named as one would say them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Self

from django.db import connections, models
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Greatest
from django.db.models.query import RawQuerySet

from scheduler.models.account import InstagramAccount
from scheduler.models.post_status import HoldReason, Status

# Failures that another try, without anybody's help, can turn into a publish.
TRANSIENT = ("CONNECTION_ERROR", "INSTAGRAM_DOWN", "PROCESSING_TIMEOUT", "MEDIA_NOT_FETCHED", "RATE_LIMITED")
# A queued post is queued again when nobody took it for this long; the queue may lose a task.
DISPATCH_GRACE = timedelta(seconds=20)
# No lease is longer (services.claims).
LONGEST_LEASE = timedelta(minutes=2)
# Where a resumed post gets its first look: early enough for a video, and harmless for a picture.
RESUME_LEAD = timedelta(minutes=10)
RESUME_CHECK = timedelta(hours=1)
ACTIVE = Q(status__in=[Status.SCHEDULED, Status.PUBLISHING, Status.PUBLISHED], hold_reason=HoldReason.NONE)

# A person should look: it failed, is held, or Instagram gave no clear answer. No post is in two of these.
# What a pause holds goes on by itself with it.
ATTENTION = (
    Q(status=Status.FAILED),
    Q(status=Status.SCHEDULED) & ~Q(hold_reason=HoldReason.NONE) & ~Q(hold_reason=HoldReason.PAUSED),
    Q(status=Status.PUBLISHING, unconfirmed_at__isnull=False),
)
NEEDS_ATTENTION = ATTENTION[0] | ATTENTION[1] | ATTENTION[2]


def of_the_same_profile(account: InstagramAccount) -> Q:
    """Say that a post is for this Instagram account, whoever here connected it: several people may have."""
    return Q(
        instagram_account__in=InstagramAccount.objects.filter(instagram_user_id=account.instagram_user_id).values(
            "pk"
        )
    )


FIRST_OF_EACH = """
WITH period (number, first, after) AS (VALUES %(periods)s),
placed AS (
    SELECT
        mine.id,
        period.number,
        ROW_NUMBER() OVER (PARTITION BY period.number ORDER BY mine.scheduled_for, mine.id) AS place,
        COUNT(*) OVER (PARTITION BY period.number) AS posts,
        SUM(CASE WHEN mine.status = 'failed' THEN 1 ELSE 0 END) OVER (PARTITION BY period.number) AS failed
    FROM period CROSS JOIN %(mine)s
    WHERE mine.scheduled_for >= period.first AND mine.scheduled_for < period.after
)
SELECT %(columns)s, placed.number AS period, placed.posts AS in_period, placed.failed AS failed_in_period
FROM placed CROSS JOIN %(table)s AS post WHERE placed.place <= %%s AND post.id = placed.id
ORDER BY post.scheduled_for, post.id
"""


@cache
def is_paused() -> Q:
    """Say that a post's person paused its account, or everything: two rows found by their keys."""
    paused = Q(paused_at__isnull=False) | Q(user__paused_at__isnull=False)
    return Q(Exists(InstagramAccount.objects.filter(paused, pk=OuterRef("instagram_account_id"))))


@cache
def may_go_on() -> Q:
    """Say that a pause does not stand against a worker: there is none, or the publish call was sent before it."""
    return Q(status=Status.PUBLISHED) | Q(publish_intent_at__isnull=False) | ~is_paused()


class PostQuerySet(models.QuerySet):
    """Reads and bulk changes of posts."""

    def for_user(self, user: models.Model) -> Self:
        """Posts this person owns and has not deleted; every page and answer starts here."""
        return self.filter(user=user, deleted_at=None)

    def planned_between(self, start: datetime, end: datetime) -> Self:
        """Posts planned from `start` on and before `end`, the earliest first; one index, however large the table."""
        return self.filter(scheduled_for__gte=start, scheduled_for__lt=end).order_by("scheduled_for", "pk")

    def first_of_each(self, starts: Sequence[datetime], most: int, columns: Sequence[str]) -> RawQuerySet:
        """Return the first `most` of these posts in each period, in their order; one query that reads no other post.

        starts: when each period begins, and when the last ends. columns: the names of the columns to load.
        A post has `period`, the number of its own, and `in_period` and `failed_in_period`, how many there are.
        In SQL of our own: the ORM can neither join periods nor limit a group, and a CASE of so many branches takes it
        longer to write than the database to answer.
        """
        connection = connections[self.db]
        bound = connection.ops.adapt_datetimefield_value
        # PostgreSQL compares all that there is with each period unless told where they lie. SQLite goes along the
        # index for each period; told, it would go along it for all of them, each time.
        of_all = self if connection.vendor == "sqlite" else self.planned_between(starts[0], starts[-1])
        periods = [(number, bound(first), bound(end)) for number, (first, end) in enumerate(pairwise(starts))]
        mine, said = of_all.order_by().values_list("id", "scheduled_for", "status").query.sql_with_params()
        sql = FIRST_OF_EACH % {
            "periods": ", ".join(["(%s, %s, %s)"] * len(periods)),
            "columns": ", ".join(f"post.{name}" for name in columns),
            "table": self.model._meta.db_table,
            "mine": f"({mine}) AS mine",
        }
        values = [value for period in periods for value in period]
        return self.model._default_manager.using(self.db).raw(sql, [*values, *said, most])

    def due(self, at: datetime) -> Self:
        """Posts a worker should look at by `at`, the longest waiting first (one index, whatever the table's size)."""
        return self.filter(ACTIVE, wake_at__lte=at).order_by("wake_at", "pk")

    def next_wake(self) -> datetime | None:
        """Return when the next post wants a look, None when none does."""
        return (
            self.filter(ACTIVE, wake_at__isnull=False).order_by("wake_at").values_list("wake_at", flat=True).first()
        )

    def due_for_check(self, at: datetime) -> Self:
        """Posts that are to be looked over by `at`, the longest waiting first; one index."""
        return self.filter(check_at__lte=at).order_by("check_at", "pk")

    def waiting_to_go_out(self, account_id: int | None, now: datetime) -> Self:
        """Return the account's posts whose time has come and that nobody works on, the longest waiting first."""
        waiting = self.filter(instagram_account_id=account_id, status=Status.SCHEDULED, wake_at__isnull=False)
        return waiting.filter(next_attempt_at__lte=now, claimed_by="").order_by("next_attempt_at", "pk")

    def dispatched(self, now: datetime) -> int:
        """Note that these were queued, so that the next look does not queue them again at once."""
        return self.filter(wake_at__lte=now).update(wake_at=now + DISPATCH_GRACE)

    def missed(self, *, last_pass: datetime, now: datetime, patience: timedelta) -> Self:
        """Scheduled posts whose time passed longer ago than `patience` while nothing looked after `last_pass`."""
        return self.filter(
            status=Status.SCHEDULED,
            wake_at__isnull=False,
            next_attempt_at__lt=now - patience,
            next_attempt_at__gte=last_pass,
        )

    def hold(self, reason: str) -> int:
        """Keep these scheduled posts back; containers made ahead stay until they are released."""
        return self.filter(status=Status.SCHEDULED).update(
            hold_reason=reason, wake_at=None, check_at=None, claimed_by="", lease_until=None
        )

    def pause(self, now: datetime) -> int:
        """Keep back what of these was not sent yet; a worker that is at one loses its claim, and can send nothing."""
        unsent = Q(status=Status.SCHEDULED, hold_reason=HoldReason.NONE)
        unsent |= Q(status=Status.PUBLISHING, publish_intent_at=None)
        return self.filter(unsent).update(
            status=Status.SCHEDULED,
            hold_reason=HoldReason.PAUSED,
            wake_at=None,
            check_at=None,
            claimed_by="",
            lease_until=None,
            updated_at=now,
        )

    def resume(self, now: datetime) -> tuple[int, int]:
        """Let those go on whose time is still to come; return how many did, and how many stay on hold.

        What another pause stands against stays as it is.
        """
        held = self.filter(status=Status.SCHEDULED, hold_reason=HoldReason.PAUSED).exclude(is_paused())
        passed = held.filter(next_attempt_at__lte=now).update(hold_reason=HoldReason.PASSED, updated_at=now)
        going = held.update(
            hold_reason=HoldReason.NONE,
            wake_at=_before_its_time(RESUME_LEAD, now),
            check_at=_before_its_time(RESUME_CHECK, now),
            updated_at=now,
        )
        return going, passed

    def held_by_workers(self, now: datetime) -> Self:
        """Posts that a worker has at this moment; its lease is also when somebody looks again, which has an index."""
        return self.filter(wake_at__gt=now, wake_at__lte=now + LONGEST_LEASE, lease_until__gt=now)

    def wake_unresolved(self, now: datetime) -> int:
        """Have a worker look again at publish calls whose end only a person could still tell."""
        return self.filter(
            status=Status.PUBLISHING, publish_intent_at__isnull=False, wake_at=None, claimed_by=""
        ).update(wake_at=now)

    def on_hold(self) -> Self:
        """Posts that wait for somebody to release them."""
        return self.exclude(hold_reason=HoldReason.NONE)

    def with_transient_failure(self, since: datetime) -> Self:
        """Failed posts that another try may help, without an unresolved publish call.

        Not those whose container went bad after a publish call: a new one is only ever built at a person's word.
        """
        went_bad = Q(publish_calls__gt=0, container_status__in=["ERROR", "EXPIRED"])
        return self.exclude(went_bad).filter(
            status=Status.FAILED,
            last_error__in=TRANSIENT,
            failed_at__gte=since,
            publish_intent_at=None,
            hold_reason=HoldReason.NONE,
            deleted_at=None,
            instagram_account__status="connected",
            instagram_account__paused_at=None,
            user__paused_at=None,
        )

    def counted_against_quota(self, account: InstagramAccount, since: datetime) -> Self:
        """Posts Instagram counts for `account` after `since`: what went out, and what may have."""
        # The account stands in both halves, so that each finds its rows by an index of its own.
        ours = of_the_same_profile(account)
        went_out = ours & Q(published_at__gt=since)
        return self.filter(went_out | ours & Q(status=Status.PUBLISHING, publish_intent_at__isnull=False))

    def of_the_same_profile(self, account: InstagramAccount) -> Self:
        """Posts of the Instagram account, whoever here connected it."""
        return self.filter(of_the_same_profile(account))


def _before_its_time(lead: timedelta, now: datetime) -> Greatest:
    """Return the instant `lead` before a post's time, but not before now."""
    return Greatest(ExpressionWrapper(F("next_attempt_at") - lead, output_field=DateTimeField()), now)
