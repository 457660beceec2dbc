"""Preflight: is there room for it, then? Too late, too many in a day, too close to another, the same once more."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from os.path import commonprefix

from django.db.models import Q, QuerySet

from scheduler.models import InstagramAccount, ScheduledPost, Status
from scheduler.models.post import MINIMUM_AHEAD
from scheduler.models.post_queryset import of_the_same_profile
from scheduler.services import quota, when
from scheduler.services.findings import Finding, blocker, warning
from scheduler.services.preflight_case import Case

SPACING = timedelta(minutes=15)
REPEAT_WINDOW = timedelta(days=30)
# How like two captions are, from 0 to 1, when a person would call them the same.
NEARLY = 0.9
COMPARED_CHARS = 500
MOST_COMPARED = 20
QUOTA_NEAR = 0.8
LIVE = [Status.SCHEDULED, Status.PUBLISHING, Status.PUBLISHED]


def look(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the time."""
    if case.at is None:
        yield blocker("TIME_MISSING", "day")
        return
    is_in_line = case.post.status in {Status.SCHEDULED, Status.PUBLISHING}
    if not is_in_line and case.at != case.now and case.at < case.now + MINIMUM_AHEAD:
        yield blocker("TIME_PAST", "clock")
    if case.account is not None:
        yield from look_for_room(case, case.account, case.at)
        yield from _spacing(case, case.account, case.at)
        yield from _repeats(case, case.account, case.at)


class Stored:
    """The other posts as the database has them; a query for each question."""

    def count(self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime) -> int:
        """Return how many come after `since`, up to `until`."""
        went_out = Q(status=Status.PUBLISHED, published_at__gt=since, published_at__lte=until)
        planned = Q(next_attempt_at__gt=since, next_attempt_at__lte=until)
        return _others(post, account, went_out, planned).count()

    def times(
        self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime
    ) -> list[datetime]:
        """Return when they come, of those between both that are no stories."""
        around = Q(next_attempt_at__gt=since, next_attempt_at__lt=until)
        just_out = Q(status=Status.PUBLISHED, published_at__gt=since, published_at__lt=until)
        near = _others(post, account, just_out, around).exclude(media_type="STORY")
        times = [one.published_at or one.next_attempt_at for one in near.only("published_at", "next_attempt_at")[:50]]
        return [time for time in times if time is not None]

    def captions(
        self, post: ScheduledPost, account: InstagramAccount, span: tuple[datetime, datetime], files: Collection[str]
    ) -> list[str]:
        """Return the captions of the newest of its type within `span` with one of these files, by their sums."""
        went_out, waits = Q(published_at__range=span), Q(published_at=None, next_attempt_at__range=span)
        same = _others(post, account, went_out, waits).filter(status__in=LIVE, media_type=post.media_type)
        same = same.filter(media__asset__sha256__in=files).distinct().order_by("-pk")
        return list(same.values_list("caption", flat=True)[:MOST_COMPARED])


class Unasked:
    """No other posts, for whoever asks only what stops a post: the others give warnings, and cost a query each."""

    def count(self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime) -> int:
        """Return none."""
        return 0

    def times(
        self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime
    ) -> list[datetime]:
        """Return none."""
        return []

    def captions(
        self, post: ScheduledPost, account: InstagramAccount, span: tuple[datetime, datetime], files: Collection[str]
    ) -> list[str]:
        """Return none."""
        return []


STORED, UNASKED = Stored(), Unasked()


def _others(post: ScheduledPost, account: InstagramAccount, went_out: Q, waits: Q) -> QuerySet[ScheduledPost]:
    """Return other posts of the profile that went out, or wait, as these say.

    The account stands in both halves, so that each finds its rows by an index of its own.
    """
    ours = of_the_same_profile(account)
    gone, waiting = ours & went_out, ours & waits & Q(status__in=[Status.SCHEDULED, Status.PUBLISHING])
    others = ScheduledPost.objects.filter(gone | waiting, deleted_at=None)
    return others.exclude(pk=post.pk) if post.pk else others


# --- Quota ------------------------------------------------------------------------------------------------
def look_for_room(case: Case, account: InstagramAccount, at: datetime) -> Iterator[Finding]:
    """Count what went out and what is planned in the 24 hours before its time, itself included."""
    most = quota.limit_of(account)
    if at <= case.now:
        if quota.is_full(account, case.now, besides=case.post if case.post.pk else None):
            time = when.moment_inside(quota.first_free_time(account, case.now))
            yield blocker("QUOTA_NOW", "clock", account=case.username, most=most, time=time)
        return
    n = case.others.count(case.post, account, at - quota.WINDOW, at) + 1
    if n > most:
        yield warning("QUOTA_OVER", "clock", account=case.username, most=most)
    elif n >= most * QUOTA_NEAR:
        yield warning("QUOTA_NEAR", "clock", account=case.username, n=n, most=most)


# --- Neighbours -------------------------------------------------------------------------------------------
def _spacing(case: Case, account: InstagramAccount, at: datetime) -> Iterator[Finding]:
    """Name the nearest other post within 15 minutes; stories may follow each other as they like."""
    if case.is_story:
        return
    gaps = [time - at for time in case.others.times(case.post, account, at - SPACING, at + SPACING)]
    if not gaps:
        return
    gap = min(gaps, key=abs)
    minutes = round(abs(gap).total_seconds() / 60)
    if not minutes:
        yield warning("SPACING_SAME", "clock", account=case.username)
        return
    code = "SPACING_BEFORE" if gap < timedelta(0) else "SPACING_AFTER"
    yield warning(code, "clock", account=case.username, n=minutes)


# --- The same once more -----------------------------------------------------------------------------------
def _repeats(case: Case, account: InstagramAccount, at: datetime) -> Iterator[Finding]:
    files = {piece.asset.sha256 for piece in case.pieces if piece.asset is not None}
    if not files:
        return
    span = (at - REPEAT_WINDOW, at + REPEAT_WINDOW)
    captions = case.others.captions(case.post, account, span, files)
    if any(nearly_same(case.post.caption, caption) for caption in captions):
        yield warning("REPEATED", "caption", account=case.username)


def nearly_same(one: str, other: str) -> bool:
    """Return whether two captions say the same; case and spaces do not count."""
    first, second = (" ".join(text.casefold().split())[:COMPARED_CHARS] for text in (one, other))
    if first == second or _same_ends(first, second) * 2 >= NEARLY * (len(first) + len(second)):
        return True  # most are told by this, a hundred times faster
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.real_quick_ratio() >= NEARLY and matcher.quick_ratio() >= NEARLY and matcher.ratio() >= NEARLY


def _same_ends(one: str, other: str) -> int:
    """Return how many characters two texts share at their beginnings and, of the rest, at their ends."""
    begin = len(commonprefix([one, other]))  # noqa: RUF071  # characters are meant
    return begin + len(commonprefix([one[begin:][::-1], other[begin:][::-1]]))  # noqa: RUF071
