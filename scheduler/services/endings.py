"""Connections that end soon although Pauta did what it could: what is said, and how long that may be hidden."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduler.models import InstagramAccount, ScheduledPost, Status, User
from scheduler.models.account import ENDS_AT, ENDS_NOW
from scheduler.services import when

HIDDEN_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Ending:
    """One such connection. is_pressing: so little time is left that it can't be hidden."""

    account: InstagramAccount
    words: str
    is_pressing: bool


def of(user: User, now: datetime) -> list[Ending]:
    """Return a person's connections that end soon, the first one first; one query."""
    after = Q(posts__deleted_at=None, posts__status=Status.SCHEDULED, posts__scheduled_for__gt=ENDS_AT)
    rows = InstagramAccount.objects.for_user(user).ending(now).annotate(after=Count("posts", filter=after))
    return [
        Ending(account, words_of(account, account.after), account.token_ends_before(now + ENDS_NOW))
        for account in rows
    ]


def notice(account: InstagramAccount, *, is_over: bool) -> str:
    """Return what a notice says of one; a query for what is planned after its end."""
    if is_over or account.ends_at is None:
        return _("The connection to @%(account)s was about to end.") % {"account": account.instagram_username}
    posts = ScheduledPost.objects.filter(instagram_account=account, status=Status.SCHEDULED, deleted_at=None)
    return words_of(account, posts.filter(scheduled_for__gt=account.ends_at).count())


def words_of(account: InstagramAccount, after: int) -> str:
    """Return by when to sign in anew; `after`: how many posts are planned after that."""
    facts = {"account": account.instagram_username, "day": when.day_date(account.ends_at), "n": after}
    if not after:
        return _("@%(account)s needs a new sign-in by %(day)s. Nothing is planned after that.") % facts
    told = ngettext(
        "@%(account)s needs a new sign-in by %(day)s. %(n)s post is planned after that.",
        "@%(account)s needs a new sign-in by %(day)s. %(n)s posts are planned after that.",
        after,
    )
    return told % facts


def hide(account: InstagramAccount, now: datetime) -> None:
    """Say nothing of it on every page for a while; its own card and its notice still do."""
    InstagramAccount.objects.filter(pk=account.pk).update(warning_hidden_until=now + HIDDEN_FOR)
