"""What an error of Instagram means for a post and its account: try again, wait, hold, or fail with a reason.

One function a decision of the fact sheet (5.2). None of them ever builds a new container after a publish call
whose end is not known: such posts are `resolution`'s.
"""

import random
from datetime import datetime, timedelta

from scheduler.instagram.errors import Decision, InstagramError
from scheduler.models import (
    ApiLimit,
    HoldReason,
    InstagramAccount,
    PostChange,
    PublishingLog,
    ScheduledPost,
    Status,
)
from scheduler.models.post import NO_CONTAINER, hold_reason_of
from scheduler.models.webhook import Event
from scheduler.services import events, notices, quota, rate_limits
from scheduler.services.claims import Claim, committing

# Minutes between one attempt and the next; after the last the post has failed.
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
# Inside one attempt, a file that Instagram could not fetch is offered again after these.
FETCH_AGAIN = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2))
# While a post is only being prepared, trouble that may pass is met with another look: after a third of the time
# that is left, and not sooner than this.
PREPARE_AGAIN = timedelta(seconds=20)
JITTER = 0.1
LOG = PublishingLog.Status
# What a post keeps when it goes back in line: nothing of a publish call that was clearly refused.
BACK_IN_LINE = {
    "status": Status.SCHEDULED,
    "publish_intent_at": None,
    "unconfirmed_at": None,
    "unreadable_since": None,
}
# How an account stands after an error that only its owner can help.
ACCOUNT_STATES = {
    Decision.RECONNECT: InstagramAccount.Status.TOKEN_EXPIRED,
    Decision.ACCOUNT: InstagramAccount.Status.ERROR,
}


def follow(claim: Claim, error: InstagramError) -> None:
    """Do what `error` asks for, and let go of the post. Never called with an unclear publish call."""
    match error.decision:
        case Decision.WAIT if error.name == "QUOTA_REACHED":
            wait_for_quota(claim)
        case Decision.WAIT:
            _wait(claim, error)
        case Decision.CHECK if error.name == "ACTION_BLOCKED":
            _wait(claim, error)  # met before the publish call: nothing can be out
        case Decision.RECONNECT | Decision.ACCOUNT:
            _hold_account(claim, error)
        case Decision.RETRY | Decision.RECREATE | Decision.CHECK:
            _try_again(claim, error)
        case _:
            fail(claim, error.name)


def wait_for_quota(claim: Claim) -> None:
    """Move the attempt to the first time with room; the planned time stays what the owner asked for."""
    post, account, now = claim.post, claim.post.instagram_account, claim.clock()
    assert account is not None
    at = quota.first_free_time(account, now)
    # What a publish call was sent for stays what it is sent for, as long as Instagram keeps it; a call that was
    # refused for want of room is none of the tries after which a post has failed.
    is_kept = post.publish_calls and not post.container_is_too_old(at)
    container = {"publish_calls": 1} if is_kept else NO_CONTAINER | post.put_aside()
    _plan_again(claim, at, "QUOTA_REACHED", container=container, retry_count=post.retry_count)


def _wait(claim: Claim, error: InstagramError) -> None:
    """Rate limits: the post that met one is the first to go when its pause is over; no try is counted."""
    account, now = claim.post.instagram_account, claim.clock()
    assert account is not None
    pause = rate_limits.Limits(account, is_known=True).pause(now)
    if pause is not None and pause.paused_until is not None:
        _put_off(claim, pause.paused_until, pause.reason)
    else:
        _put_off(claim, now + rate_limits.SHORTEST, error.name)


def wait_for_limit(claim: Claim, pause: ApiLimit) -> None:
    """Move a post on whose turn came while its account or app must keep quiet; nothing is asked of Instagram."""
    _put_off(claim, rate_limits.slot(pause, claim.clock()), pause.reason)


def _put_off(claim: Claim, at: datetime, reason: str) -> None:
    post = claim.post
    if "next_attempt_at" in rate_limits.waiting_fields(post, at, reason):
        _plan_again(claim, at, reason, container={}, retry_count=post.retry_count)
    else:
        with committing("prepare-later"):
            claim.release(wake_at=at)


def _try_again(claim: Claim, error: InstagramError) -> None:
    post, now = claim.post, claim.clock()
    container = NO_CONTAINER if _spoils_container(post, error) else {}
    if error.name == "MEDIA_NOT_FETCHED" and post.fetch_tries < len(FETCH_AGAIN):
        again = now + FETCH_AGAIN[post.fetch_tries]
        with committing("fetch-again"):
            claim.release(**container | {"fetch_tries": post.fetch_tries + 1}, wake_at=again)
            PublishingLog.decide(post, LOG.RETRY, now, error_code=error.name, next_attempt_at=again)
    elif post.status == Status.SCHEDULED:
        left = (post.next_attempt_at or now) - now
        with committing("prepare-again"):
            claim.release(**container, wake_at=now + max(PREPARE_AGAIN, left / 3))
    elif post.retry_count < min(len(BACKOFF), error.rule.tries - 1):
        at = now + _jittered(BACKOFF[post.retry_count])
        _plan_again(claim, at, error.name, container=container, retry_count=post.retry_count + 1)
    else:
        fail(claim, error.name)


def _spoils_container(post: ScheduledPost, error: InstagramError) -> bool:
    """Return whether the next try needs a new container; one that failed or ran out cannot be repaired.

    Never after a publish call: what became of that container is read first, and no other is built by itself.
    """
    if post.publish_calls:
        return False
    useless = error.decision is Decision.RECREATE or error.name == "MEDIA_NOT_FETCHED"
    children = {child["status"] for child in post.child_containers}
    return useless or bool({post.container_status, *children} & {"ERROR", "EXPIRED"})


def _plan_again(claim: Claim, at: datetime, reason: str, *, container: dict, retry_count: int) -> None:
    with committing("plan-again"):
        claim.release(
            **BACK_IN_LINE,
            **container | {"fetch_tries": 0},
            next_attempt_at=at,
            wake_at=at,
            wait_reason=reason,
            last_error=reason,
            retry_count=retry_count,
        )
        PublishingLog.decide(claim.post, LOG.RETRY, claim.clock(), error_code=reason, next_attempt_at=at)


def _hold_account(claim: Claim, error: InstagramError) -> None:
    """The account needs its owner: keep the post, and all others of the account, until it is well again."""
    account, now = claim.post.instagram_account, claim.clock()
    assert account is not None  # promised by a database constraint
    with committing("hold-account"):
        account.mark(ACCOUNT_STATES[error.decision], error.name)
        # First this one, by its claim: holding all posts of the account would take the claim away.
        claim.release(
            **BACK_IN_LINE,
            **NO_CONTAINER | claim.post.put_aside(),
            hold_reason=hold_reason_of(account),
            wake_at=None,
            last_error=error.name,
        )
        PublishingLog.decide(claim.post, LOG.ERROR, now, error_code=error.name)
        listeners = events.listeners(account.user_id)
        listeners.hear_of_posts(Event.HELD, [claim.post.pk], now)
        _needs_owner(account, error, now, listeners)


def account_needs_owner(account: InstagramAccount, error: InstagramError, now: datetime) -> None:
    """Mark the account, hold its scheduled posts, tell its owner once."""
    _needs_owner(account, error, now, events.listeners(account.user_id))


def _needs_owner(
    account: InstagramAccount, error: InstagramError, now: datetime, listeners: events.Listeners
) -> None:
    account.mark(ACCOUNT_STATES[error.decision], error.name)
    hold_posts_of(account, hold_reason_of(account), now, listeners)
    is_new = notices.tell_about_account(account, error.name, now)
    if is_new and error.decision is Decision.RECONNECT:
        listeners.hear_of_account(account, now)


def hold_posts_of(account: InstagramAccount, reason: HoldReason, now: datetime, listeners: events.Listeners) -> int:
    """Keep every scheduled post of the account back; return how many that were.

    Those that a pause holds, too: the pause's end alone would not let them go out.
    """
    held_by_nothing_worse = [HoldReason.NONE, HoldReason.PAUSED]
    posts = ScheduledPost.objects.filter(
        instagram_account=account, hold_reason__in=held_by_nothing_worse, deleted_at=None
    )
    return listeners.hold(posts, reason, now)


def hold_for_account(claim: Claim) -> None:
    """Keep a post back whose account cannot publish: its owner knows already."""
    account = claim.post.instagram_account
    assert account is not None
    with committing("hold"):
        container = NO_CONTAINER | claim.post.put_aside()
        claim.release(**BACK_IN_LINE, **container, hold_reason=hold_reason_of(account), wake_at=None)
        events.hear_of_post(Event.HELD, claim.post, claim.clock())


def hold_for_pause(claim: Claim) -> None:
    """Keep a post back that would be sent once more; what was sent before is known not to be out.

    Its container stays, and is read before anything else when the post is let go.
    """
    with committing("hold-for-pause"):
        claim.release(**BACK_IN_LINE, hold_reason=HoldReason.PAUSED, wake_at=None)
        PostChange.note(claim.post, PostChange.Act.HELD, None, claim.clock(), reason=HoldReason.PAUSED)
        events.hear_of_post(Event.HELD, claim.post, claim.clock())


def fail(claim: Claim, name: str, **facts: object) -> None:
    """The post has failed for good: say why, tell the owner, leave it to be changed and tried again."""
    post, now = claim.post, claim.clock()
    if name == "VIDEO_REFUSED" and not post.has_video:
        name = "IMAGE_FORMAT"  # Instagram refuses a picture by the code of a video's format, too
    with committing("fail"):
        claim.release(
            status=Status.FAILED,
            failed_at=now,
            wake_at=None,
            last_error=name,
            last_error_facts=facts,
            publish_intent_at=None,
            unconfirmed_at=None,
            unreadable_since=None,
            needs_person_at=None,
        )
        PublishingLog.decide(post, LOG.ERROR, now, error_code=name)
        notices.settle_post(post, now)  # what was asked about it before is answered by this
        notices.tell_about_post(post, name, now)
        events.hear_of_post(Event.FAILED, post, now)


def _jittered(wait: timedelta) -> timedelta:
    """Return `wait` lengthened by up to a tenth, so that many posts do not come back in one instant."""
    return wait * (1 + random.uniform(0, JITTER))
