"""What a post's page says and offers first: why it stands as it does, what happens next, the one act that helps."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from scheduler.instagram.errors import Decision, rule_named
from scheduler.models import DisplayStatus, HoldReason, ScheduledPost
from scheduler.models.post import MINIMUM_AHEAD
from scheduler.services import pausing, post_lists, when, words

# Seconds between two looks of the page at a post that changes now, and at one that does not.
FAST_S, SLOW_S = 3, 30
RECONNECT_HELPS = {
    HoldReason.RECONNECT,
    HoldReason.PERMISSION,
    HoldReason.DISCONNECTED,
    HoldReason.ACCOUNT_TYPE,
}
# What the owner settles on Facebook, and then by a new sign-in.
RECONNECT_AFTER = {"PAGE_ROLE_LOST", "PAGE_AUTHORIZATION"}


@dataclass(frozen=True)
class Advice:
    """What a post's page says and offers.

    why:   the cause, "" when the status says it all.
    next:  what happens by itself, or what a person may do.
    helps: the act to offer first: "reconnect", "release", "publish_now", "edit", "retry", "schedule", "view",
            "resume", "decide" or "".
    is_taken: whether a worker takes it at any moment, so that most acts would come too late to be offered.
    shown: what it is shown as: what a worker takes at any moment is on its way.
    """

    why: str
    next: str
    helps: str
    poll_s: int
    is_taken: bool
    shown: DisplayStatus


def advice_for(post: ScheduledPost, now: datetime) -> Advice:
    """Return what the page of `post` says at `now`; no query when account and media are loaded along."""
    is_taken = post.is_taken(now)
    return Advice(
        why=words.why(post),
        next=_next(post, now),
        helps=_helps(post, now),
        poll_s=FAST_S if _is_busy(post, now) else SLOW_S,
        is_taken=is_taken,
        shown=DisplayStatus.PUBLISHING if is_taken else post.display_status,
    )


def _helps(post: ScheduledPost, now: datetime) -> str:
    match post.display_status:
        case DisplayStatus.ON_HOLD:
            return _helps_held(post)
        case DisplayStatus.FAILED:
            return "edit" if rule_named(post.last_error).decision == Decision.FIX else "retry"
        case DisplayStatus.NEEDS_CHECK:
            return "decide"
        case DisplayStatus.AT_RISK:
            return "reconnect" if post.account_lapses_first else "edit"
        case DisplayStatus.DRAFT | DisplayStatus.CANCELLED:
            return "schedule" if _is_complete(post, now) else "edit"
        case DisplayStatus.PUBLISHED:
            return "view"
    return ""


def _is_complete(post: ScheduledPost, now: datetime) -> bool:
    at = post.scheduled_for
    has_time = at is not None and at >= now + MINIMUM_AHEAD
    return has_time and post.instagram_account is not None and bool(post.media_urls or post.media.all())


def _helps_held(post: ScheduledPost) -> str:
    account = post.instagram_account
    if account is None or account.can_publish:
        if post.hold_reason == HoldReason.PAUSED and pausing.in_force(account, post.user):
            return "resume"
        return "publish_now" if post.hold_reason in {HoldReason.MISSED, HoldReason.PASSED} else "release"
    helps = post.hold_reason in RECONNECT_HELPS or account.status_reason in RECONNECT_AFTER
    return "reconnect" if helps else ""


def _next(post: ScheduledPost, now: datetime) -> str:
    at = when.moment_inside(post.next_attempt_at)
    match post.display_status:
        case DisplayStatus.ON_HOLD if post.hold_reason == HoldReason.PAUSED:
            return _next_after_pause(post, now, at)
        case DisplayStatus.AT_RISK if post.account_lapses_first:  # "goes out" would promise what it cannot keep
            return _("It is planned for %(when)s and goes out only if you reconnect before.") % {"when": at}
        case DisplayStatus.AT_RISK:
            return _("It is planned for %(when)s. Put this right before, or Instagram may refuse it.") % {"when": at}
        case DisplayStatus.SCHEDULED if post.wait_reason:
            return _("Next try: %(when)s.") % {"when": at}
        case DisplayStatus.SCHEDULED:
            return _next_in_line(post, now, at)
        case DisplayStatus.DRAFT:
            return _("It won't go out until you schedule it.")
        case DisplayStatus.CANCELLED:
            return _("It won't go out. You can schedule it again.")
        case DisplayStatus.PUBLISHING:
            return _on_its_way()
        case DisplayStatus.UNCONFIRMED:
            return _("There is nothing to do yet. It won't be sent twice.")
        case DisplayStatus.NEEDS_CHECK:
            return _("Look at the profile, then say what you see. It won't be sent again before that.")
        case DisplayStatus.PUBLISHED:
            return _("Published %(when)s.") % {"when": when.moment_inside(post.published_at)}
    return _("Nothing was lost.")


def _next_in_line(post: ScheduledPost, now: datetime, at: str) -> str:
    if post.is_taken(now):
        return _on_its_way()
    is_due = post.next_attempt_at is not None and post.next_attempt_at <= now
    return _("It goes out now.") if is_due else _("Goes out %(when)s.") % {"when": at}


def _on_its_way() -> str:
    return _("It is on its way to Instagram. This page follows by itself.")


def _next_after_pause(post: ScheduledPost, now: datetime, at: str) -> str:
    if post.next_attempt_at is not None and post.next_attempt_at > now:
        return _("It is planned for %(when)s and goes out only if you resume before.") % {"when": at}
    return _("Its time has passed. After you resume, it stays on hold until you release or move it.")


def _is_busy(post: ScheduledPost, now: datetime) -> bool:
    if post.display_status in {DisplayStatus.PUBLISHING, DisplayStatus.UNCONFIRMED}:
        return True
    if post.published_at is not None:
        return post.wake_at is not None  # its link or first comment is still being looked after
    soon = now + post_lists.SOON
    return post.wake_at is not None and post.next_attempt_at is not None and post.next_attempt_at < soon
