"""Let nothing go out for a while: of one account, or of everything a person plans.

`paused_at` on the account or the person is the truth, and the claim asks it (services.claims). The posts are held
besides, so that they are shown as they are and nobody looks at them in vain.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scheduler.models import HoldReason, InstagramAccount, PostChange, ScheduledPost, User, WrongState
from scheduler.models.post_queryset import PostQuerySet
from scheduler.services.claims import committing, keep_back

EVERYTHING, ACCOUNT = "everything", "account"


@dataclass(frozen=True)
class Resumed:
    """How many posts go on by themselves, and how many stay on hold because their time passed."""

    going: int
    passed: int


def in_force(account: InstagramAccount | None, person: User) -> str:
    """Return which pause keeps the account's posts back: EVERYTHING, ACCOUNT, or "" for none; no query."""
    if person.paused_at:
        return EVERYTHING
    return ACCOUNT if account is not None and account.paused_at else ""


def require_none(account: InstagramAccount | None, person: User) -> None:
    """Raise WrongState when a pause keeps the account's posts back."""
    match in_force(account, person):
        case "everything":
            raise WrongState("PAUSED", _("Everything is paused. Resume first."))
        case "account":
            assert account is not None
            text = _("@%(account)s is paused. Resume it first.") % {"account": account.instagram_username}
            raise WrongState("PAUSED", text)


def pause_account(account: InstagramAccount, person: User, now: datetime) -> int:
    """Let nothing of the account go out from now on; return how many planned posts that holds.

    What is in its publish call ends as it ends. A second pause changes nothing.
    """
    return _pause(account, ScheduledPost.objects.filter(instagram_account=account), person, now)


def resume_account(account: InstagramAccount, person: User, now: datetime) -> Resumed:
    """Let the account's posts go on whose time is still to come; the others wait for a person's word."""
    return _resume(account, ScheduledPost.objects.filter(instagram_account=account), person, now)


def pause_everything(person: User, now: datetime) -> int:
    """Let nothing of this person's go out from now on; return how many planned posts that holds."""
    return _pause(person, ScheduledPost.objects.filter(user=person), person, now)


def resume_everything(person: User, now: datetime) -> Resumed:
    """Let everything go on but what is paused with its account."""
    return _resume(person, ScheduledPost.objects.filter(user=person), person, now)


def _pause(what: InstagramAccount | User, posts: PostQuerySet, person: User, now: datetime) -> int:
    # Written by itself first: a claim that begins from here on sees it, and what one took before is held below.
    with committing("pause"):
        _row_of(what).filter(paused_at=None).update(paused_at=now)
    with committing("pause-posts"):
        held = keep_back(posts, person, now)
    what.refresh_from_db(fields=["paused_at"])
    return held


def _resume(what: InstagramAccount | User, posts: PostQuerySet, person: User, now: datetime) -> Resumed:
    """Take the pause away and let go in one transaction: nothing is to stay held by a pause that is over."""
    with committing("resume"):
        _row_of(what).update(paused_at=None)
        going, passed = posts.resume(now)
        if going:
            gone_on = posts.filter(status=ScheduledPost.Status.SCHEDULED, hold_reason="", updated_at=now).only("pk")
            PostChange.note_all(gone_on, PostChange.Act.RELEASED, person, now, reason=HoldReason.PAUSED)
    what.refresh_from_db(fields=["paused_at"])
    return Resumed(going, passed)


def _row_of(what: InstagramAccount | User) -> QuerySet:
    return (InstagramAccount if isinstance(what, InstagramAccount) else User).objects.filter(pk=what.pk)
