"""The lists of posts that the pages show, with everything a row draws, in a fixed number of queries."""

from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scheduler.models import InstagramAccount, Notification, PublishingLog, ScheduledPost, Status, User

# Something that changes within this is worth looking at every few seconds.
SOON = timedelta(minutes=2)
TABS = {
    "scheduled": pgettext_lazy("tab", "Scheduled"),
    "drafts": pgettext_lazy("tab", "Drafts"),
    "attention": _("Needs attention"),
    "published": pgettext_lazy("tab", "Published"),
}
_in_line = Q(status__in=[Status.SCHEDULED, Status.PUBLISHING])
_attention = (
    Q(status=Status.FAILED)
    | Q(status=Status.SCHEDULED) & ~Q(hold_reason="")
    | Q(status=Status.PUBLISHING, unconfirmed_at__isnull=False)
)
_on_tab = {
    "scheduled": _in_line & ~_attention,
    "drafts": Q(status__in=[Status.DRAFT, Status.CANCELLED]),
    "attention": _attention,
    "published": Q(status=Status.PUBLISHED),
}


def posts_on(tab: str, user: User, account: InstagramAccount | None) -> QuerySet[ScheduledPost]:
    """Return the posts of one tab: the next to go first when planned, the newest first otherwise."""
    posts = with_pictures(_posts(user, account).filter(_on_tab[tab]))
    if tab == "scheduled":
        return posts.order_by("next_attempt_at", "pk")
    if tab == "published":
        return posts.order_by("-published_at", "-pk")
    if tab == "attention":
        return posts.order_by(Coalesce("failed_at", "next_attempt_at").desc(), "-pk")
    return posts.order_by(F("updated_at").desc(), "-pk")


def tab_counts(user: User, account: InstagramAccount | None) -> dict[str, int]:
    """Return how many posts each tab holds; one query."""
    return _posts(user, account).aggregate(**{tab: Count("pk", filter=rule) for tab, rule in _on_tab.items()})


def attention_count(user: User) -> int:
    """Return how many posts need a person."""
    return _posts(user, None).filter(_attention).count()


def is_busy(user: User, now: datetime) -> bool:
    """Return whether a post is going out or due within two minutes."""
    soon = Q(status=Status.PUBLISHING) | Q(status=Status.SCHEDULED, hold_reason="", next_attempt_at__lt=now + SOON)
    return _posts(user, None).filter(soon).exists()


def with_pictures(posts: QuerySet[ScheduledPost]) -> QuerySet[ScheduledPost]:
    """Load along what a row draws: account, media and the files made from them."""
    return posts.select_related("instagram_account").prefetch_related("media__asset__renditions")


def log_lines(user: User, account: InstagramAccount | None, result: str) -> QuerySet[PublishingLog]:
    """Return the publishing log of a person, newest first; `result` is a line's status, "" for all."""
    lines = PublishingLog.objects.for_user(user).select_related("scheduled_post", "instagram_account")
    lines = lines.filter(instagram_account=account) if account else lines
    return lines.filter(status=result) if result else lines


def notices(user: User) -> QuerySet[Notification]:
    """Return what a person was told, newest first."""
    return Notification.objects.for_user(user).select_related("account", "post")


def mark_all_read(user: User, now: datetime) -> None:
    """Note that the person saw every notice."""
    Notification.objects.for_user(user).filter(read_at=None).update(read_at=now)


def _posts(user: User, account: InstagramAccount | None) -> QuerySet[ScheduledPost]:
    posts = ScheduledPost.objects.for_user(user)
    return posts.filter(instagram_account=account) if account else posts
