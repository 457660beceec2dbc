"""What is so and why, in sentences for a screen: of a post, of a line in the publishing log, of a notice."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from scheduler.instagram.error_sentences import sentence
from scheduler.instagram.errors import Step
from scheduler.lib import clock
from scheduler.models import (
    DisplayStatus,
    HoldReason,
    InstagramAccount,
    MediaAsset,
    MediaType,
    Notification,
    PublishingLog,
    ScheduledPost,
)
from scheduler.services import endings, when
from scheduler.services.findings import kept_findings
from scheduler.services.notices import APP_REMOVED, AT_RISK, ENDINGS, NEW_COMMENTS, NOT_APPLIED

# Whose sentence says more than the short reason on the row.
HOLD_CAUSES = {
    HoldReason.MISSED: "MISSED",
    HoldReason.RECONNECT: "TOKEN_EXPIRED",
    HoldReason.PERMISSION: "PERMISSION_DENIED",
    HoldReason.RESTRICTED: "ACCOUNT_RESTRICTED",
    HoldReason.ACCOUNT_TYPE: "ACCOUNT_NOT_PROFESSIONAL",
}
# What a new sign-in ends; the post itself waits on until somebody releases it.
ENDED_BY_SIGN_IN = {
    HoldReason.RECONNECT,
    HoldReason.PERMISSION,
    HoldReason.DISCONNECTED,
    HoldReason.RESTRICTED,
    HoldReason.ACCOUNT_TYPE,
}
WEBHOOK_NOTICES = {
    "WEBHOOK_GONE": _lazy(
        "A webhook was switched off: its receiver answered 410, nothing more is wanted. Delete it, or switch it on."
    ),
    "WEBHOOK_FAILING": _lazy(
        "A webhook was switched off: its receiver took nothing for three days. Look at its log, then switch it on."
    ),
}
STEPS = {
    Step.CREATE: _lazy("Sent the media to Instagram"),
    Step.STATUS: _lazy("Looked whether Instagram is done with it"),
    Step.PUBLISH: _lazy("Asked Instagram to publish"),
    Step.FIND: _lazy("Looked for it on the profile"),
    Step.PERMALINK: _lazy("Fetched the link"),
    Step.COMMENT: _lazy("Wrote the first comment"),
    Step.COMMENTS: _lazy("Looked for the first comment"),
    Step.QUOTA: _lazy("Asked how many posts are left today"),
    Step.PROFILE: _lazy("Read the profile"),
    Step.OAUTH: _lazy("Signed in at Instagram"),
    Step.UPLOAD: _lazy("Uploaded the file"),
}
DECISIONS = {
    PublishingLog.Status.SUCCESS: _lazy("It is on Instagram"),
    PublishingLog.Status.ERROR: _lazy("Stopped"),
    PublishingLog.Status.RETRY: _lazy("Another try is planned"),
}


def why(post: ScheduledPost) -> str:
    """Return why the post stands as it does; "" when its status says it all."""
    match post.display_status:
        case DisplayStatus.ON_HOLD:
            return _why_held(post)
        case DisplayStatus.UNCONFIRMED:
            return _("We sent it, but Instagram hasn't confirmed it yet. We're checking whether it went out.")
        case DisplayStatus.NEEDS_CHECK:
            return cause(post, "PUBLISH_UNCONFIRMED")
        case DisplayStatus.FAILED:
            return cause(post, post.last_error or "UNKNOWN_ERROR", **post.last_error_facts)
        case DisplayStatus.AT_RISK if post.blockers:
            return in_the_way(post)
        case DisplayStatus.AT_RISK if post.instagram_account:
            return _why_at_risk(post.instagram_account)
        case DisplayStatus.SCHEDULED if post.wait_reason:
            return cause(post, post.wait_reason)
        case DisplayStatus.PUBLISHED if post.first_comment_error:
            return cause(post, "FIRST_COMMENT_FAILED")
    return ""


def in_the_way(post: ScheduledPost) -> str:
    """Return what the last check found in a post's way: the first thing, and how many more."""
    found = kept_findings(post.blockers)
    if not found:
        return _("What was in its way is gone.")
    more = len(found) - 1
    if not more:
        return found[0].text
    others = ngettext("One more thing stops it.", "%(n)s more things stop it.", more) % {"n": more}
    return f"{found[0].text} {others}"


def _why_at_risk(account: InstagramAccount) -> str:
    if not account.can_publish and account.status_reason not in {"", "TOKEN_EXPIRED"}:
        return named(account.status_reason, account)
    if not account.can_publish or account.token_ends_before(clock.now()):
        return _("The connection to @%(account)s ended.") % {"account": account.instagram_username}
    return _("@%(account)s needs a new sign-in by %(day)s, before this goes out.") % {
        "account": account.instagram_username,
        "day": when.day_date(account.ends_at),
    }


def _why_held(post: ScheduledPost) -> str:
    reason, account = HoldReason(post.hold_reason), post.instagram_account
    if reason in ENDED_BY_SIGN_IN and account and account.can_publish:
        return _("@%(account)s is connected again. Release this post and it goes back in line.") % {
            "account": account.instagram_username
        }
    if reason in ENDED_BY_SIGN_IN and account and account.status_reason:
        return named(account.status_reason, account)
    return cause(post, HOLD_CAUSES[reason]) if reason in HOLD_CAUSES else str(reason.label)


def cause(post: ScheduledPost, name: str, **facts: Any) -> str:
    """Return the sentence of a stable error name for this post."""
    return named(_fitting(name, post), post.instagram_account, **facts)


def named(name: str, account: InstagramAccount | None, **facts: Any) -> str:
    """Return the sentence of a stable error name for an account."""
    return sentence(name, account=account.instagram_username if account else "", **facts)


def _fitting(name: str, post: ScheduledPost | None) -> str:
    """Return the name whose sentence fits: Instagram refuses a picture by the code of a video's format, too."""
    if name != "VIDEO_REFUSED" or post is None or post.media_type in {MediaType.REELS, MediaType.VIDEO}:
        return name
    kinds = {place.asset.kind for place in post.media.select_related("asset")}
    return "IMAGE_FORMAT" if kinds == {MediaAsset.Kind.IMAGE} else name


def step(line: PublishingLog, place: tuple[int, int] | None = None) -> str:
    """Return what a line of the publishing log says was done; `place` is a carousel item's, and their number."""
    if is_carousel_item(line):
        return _step_of_item(place)
    if line.step == Step.CREATE and line.request_data.get("media_type") == MediaType.CAROUSEL:
        return _("Sent the whole carousel to Instagram")
    if line.step == Step.PUBLISH and line.status == PublishingLog.Status.SUCCESS:
        return _("Published on Instagram")
    if line.step in STEPS:
        return str(STEPS[Step(line.step)])
    return str(DECISIONS.get(PublishingLog.Status(line.status), line.get_status_display()))


def is_carousel_item(line: PublishingLog) -> bool:
    """Return whether a line sent one item of a carousel; the carousel itself follows in a line of its own."""
    return line.step == Step.CREATE and bool(line.request_data.get("is_carousel_item"))


def _step_of_item(place: tuple[int, int] | None) -> str:
    if place is None:
        return _("Sent an item of the carousel to Instagram")
    return _("Sent item %(n)s of %(total)s to Instagram") % {"n": place[0], "total": place[1]}


def cause_of_line(line: PublishingLog) -> str:
    """Return why a line did not go well, "" when it did."""
    if not line.error_code:
        return ""
    return named(_fitting(line.error_code, line.scheduled_post), line.instagram_account)


def notice(told: Notification) -> str:
    """Return what a notice says; costs no query when account and post are selected along."""
    if told.kind == AT_RISK and told.post is not None:
        return in_the_way(told.post)
    if told.kind == NOT_APPLIED and told.post is not None:
        words = {"time": when.clock_time(told.post.next_attempt_at)}
        return _("Your changes to this post are not applied. It goes out at %(time)s without them.") % words
    if told.kind in WEBHOOK_NOTICES:
        return str(WEBHOOK_NOTICES[told.kind])
    if told.kind == APP_REMOVED:
        name = told.account.instagram_username if told.account else ""
        removed = _("Pauta was removed in the settings of @%(account)s. Reconnect it, then release what is on hold.")
        return removed % {"account": name}
    if told.kind == NEW_COMMENTS:
        return _("There are new comments on this post.") if told.post else _("There are new comments on Instagram.")
    if told.kind in ENDINGS and told.account is not None:
        return endings.notice(told.account, is_over=told.settled_at is not None)
    return named(_fitting(told.kind, told.post), told.account, **(told.post.last_error_facts if told.post else {}))
