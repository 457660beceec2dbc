"""The lists of posts that the pages show, with everything a row draws, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scheduler.models import InstagramAccount, Notification, PublishingLog, ScheduledPost, Status, User
from scheduler.models.post_queryset import NEEDS_ATTENTION, PostQuerySet
from scheduler.services import notices

# Something that changes within this is worth looking at every few seconds.
SOON = timedelta(minutes=2)
TABS = {
    "scheduled": pgettext_lazy("tab", "Scheduled"),
    "drafts": pgettext_lazy("tab", "Drafts"),
    "attention": _("Needs attention"),
    "published": pgettext_lazy("tab", "Published"),
}
_in_line = Q(status__in=[Status.SCHEDULED, Status.PUBLISHING])
_on_tab = {
    "scheduled": _in_line & ~NEEDS_ATTENTION,
    "drafts": Q(status__in=[Status.DRAFT, Status.CANCELLED]),
    "attention": NEEDS_ATTENTION,
    "published": Q(status=Status.PUBLISHED),
}


def posts_on(tab: str, user: User, account: InstagramAccount | None, words: str = "") -> QuerySet[ScheduledPost]:
    """Return the posts of one tab: the earliest first when planned or stuck, else the newest.

    words: each of them stands in the caption.
    """
    posts = with_pictures(_posts(user, account, words).filter(_on_tab[tab]))
    if tab == "scheduled":
        return posts.order_by("next_attempt_at", "pk")
    if tab == "published":
        return posts.order_by("-published_at", "-pk")
    if tab == "attention":
        return posts.order_by(F("scheduled_for").asc(nulls_last=True), "pk")
    return posts.order_by(F("updated_at").desc(), "-pk")


@dataclass(frozen=True)
class Day:
    """The posts of one day in the active zone; `day` is None where the order is not by time."""

    day: date | None
    rows: list[tuple[ScheduledPost, datetime | None]]


def by_day(tab: str, posts: Iterable[ScheduledPost]) -> list[Day]:
    """Return the posts of a tab under their days, each with the instant that its row shows."""
    rows = [(post, _shown_at(tab, post)) for post in posts]
    if tab == "drafts":
        return [Day(None, rows)]
    return [Day(day, list(group)) for day, group in groupby(rows, key=lambda row: _local_day(row[1]))]


def _shown_at(tab: str, post: ScheduledPost) -> datetime | None:
    if tab == "published":
        return post.published_at
    if tab == "attention":
        return post.scheduled_for
    return post.next_attempt_at or post.scheduled_for


def _local_day(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


def tab_counts(user: User, account: InstagramAccount | None, words: str = "") -> dict[str, int]:
    """Return how many posts each tab holds; one query."""
    return _posts(user, account, words).aggregate(**{tab: Count("pk", filter=rule) for tab, rule in _on_tab.items()})


def is_busy(user: User, now: datetime) -> bool:
    """Return whether a post is going out or due within two minutes."""
    soon = Q(status=Status.PUBLISHING) | Q(status=Status.SCHEDULED, hold_reason="", next_attempt_at__lt=now + SOON)
    return _posts(user, None).filter(soon).exists()


def with_pictures(posts: QuerySet[ScheduledPost]) -> QuerySet[ScheduledPost]:
    """Load along what a row draws: account, media and the files made from them."""
    return posts.select_related("instagram_account").prefetch_related("media__asset__renditions", "cover__renditions")


def log_lines(user: User, account: InstagramAccount | None, result: str) -> QuerySet[PublishingLog]:
    """Return the publishing log of a person, newest first; `result` is a line's status, "" for all."""
    lines = PublishingLog.objects.for_user(user).select_related("scheduled_post", "instagram_account")
    lines = lines.filter(instagram_account=account) if account else lines
    return lines.filter(status=result) if result else lines


def notices_of(user: User) -> QuerySet[Notification]:
    """Return what a person was told, newest first."""
    return Notification.objects.for_user(user).select_related("account", "post")


def mark_all_read(user: User, now: datetime) -> None:
    """Note that the person saw every notice."""
    Notification.objects.for_user(user).filter(read_at=None).update(read_at=now)
    notices.settle_comments(user, now)


def _posts(user: User, account: InstagramAccount | None, words: str = "") -> PostQuerySet:
    posts = ScheduledPost.objects.for_user(user)
    for word in words.split():
        posts = posts.filter(caption__icontains=word)
    return posts.filter(instagram_account=account) if account else posts
