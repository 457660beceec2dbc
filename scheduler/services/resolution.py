"""Find out how a publish call ended whose answer we did not get; repeat nothing blindly.

The container is the idempotency key: Instagram publishes it at most once. So it is read, and only a container that
Instagram itself calls unpublished, some time after the call, is sent again, the same one. After a publish call no
new container is ever built by itself.
"""

from datetime import datetime, timedelta
from functools import partial

from scheduler.instagram import limits
from scheduler.instagram.client import ContainerState
from scheduler.instagram.errors import InstagramError, Step, error_from_status, rule_named
from scheduler.models import ApiLimit, PublishingLog, ScheduledPost, Status
from scheduler.services import notices, verdicts
from scheduler.services.claims import Claim, committing
from scheduler.services.conversation import Conversation

# A FINISHED container says "not published" only once the call has had time to work.
SETTLING = timedelta(seconds=30)
# Instagram's "you are going too fast" is often said of posts that are live, and asks for a long pause.
SETTLING_AFTER_BLOCK = timedelta(hours=1)
LOOK_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (3, 7, 15, 30, 60, 120, 300))
# Clear answers that this container cannot go out yet: it is read before anything else.
NOT_YET = frozenset({"CONTAINER_NOT_READY", "CONTAINER_EXPIRED"})
SETTLING_AFTER_NOT_YET = timedelta(seconds=3)
# When nothing can be read for this long, a person is asked; we go on looking.
ASK_AFTER = timedelta(minutes=15)
LOOK_WHILE_ASKING = timedelta(minutes=15)
# Causes that another call with the same container can get over; others are the content's or the account's own.
WORTH_ANOTHER_CALL = frozenset(
    {"instagram_down", "blocked_action", "not_ready", "container", "unknown", "unconfirmed", "app_rate", "quota"}
)
# How soon a container that could not be read is looked at again.
LOOK_UNREADABLE = timedelta(seconds=30)
# How often the same container is sent before the tries are spread out like any other failure's.
CALLS_PER_ATTEMPT = 3
LOG = PublishingLog.Status


def note_unclear(claim: Claim, error_name: str) -> None:
    """Write down that a publish call may or may not have worked, and when to look."""
    with committing("unclear"):
        now = claim.clock()
        claim.release(
            unconfirmed_at=claim.post.unconfirmed_at or now, last_error=error_name, wake_at=now + LOOK_AGAIN[0]
        )


def note_not_yet(claim: Claim, error_name: str) -> None:
    """Write down that Instagram clearly did not take the container, and look at it soon."""
    with committing("not-yet"):
        claim.release(last_error=error_name, wake_at=claim.clock() + LOOK_AGAIN[0])


def look(talk: Conversation) -> str:
    """Read the container once and follow what it says; return "published", "again" (send it once more) or "later".

    Raises ClaimLost.
    """
    post = talk.post
    if post.unconfirmed_at is None and post.publish_intent_at is not None and not post.last_error:
        # The worker that sent the call was lost: its request may have arrived.
        with committing("lost-worker"):
            talk.claim.store(unconfirmed_at=talk.now)
    try:
        state, line = talk.ask(Step.STATUS, lambda: talk.client.read_container(post.container_id))
    except InstagramError as error:
        return _unreadable(talk, error)
    return _follow_state(talk, state, line)


def look_at_put_aside(talk: Conversation) -> str:
    """Read what was sent before a person changed the post; return "published", "later" or "none" when none is live.

    One that is live is the post from then on: Instagram took it after we had given up. Raises InstagramError, which
    is followed like any other before the publish call, so that nothing new goes out meanwhile, and ClaimLost.
    """
    for aside in talk.post.called_containers:
        container_id = aside["id"]
        try:
            state, line = talk.ask(Step.STATUS, partial(talk.client.read_container, container_id))
        except InstagramError:
            if _is_forgotten(aside, talk.now):
                continue
            raise
        talk.keep(line, LOG.PROCESSING)
        if state.status_code == "PUBLISHED":
            with committing("put-aside-is-live"):
                talk.claim.store(container_id=container_id, called_containers=[])
            return "published"
        if state.status_code == "IN_PROGRESS":
            return "later"
    with committing("put-aside-is-not-live"):
        talk.claim.store(called_containers=[])
    return "none"


def _is_forgotten(aside: dict[str, str], now: datetime) -> bool:
    """Return whether a container is so old that Instagram may have dropped what it knew of it."""
    made_at = datetime.fromisoformat(aside["made_at"]) if aside["made_at"] else None
    return made_at is None or made_at < now - 2 * limits.CONTAINER_LIFETIME


def look_after(talk: Conversation, pause: ApiLimit) -> None:
    """Look again when the pause is over; a person is asked when that is long, as when nothing can be read."""
    post, now, until = talk.post, talk.now, pause.paused_until
    assert until is not None
    since = post.unreadable_since or now
    if now - since >= ASK_AFTER:
        _ask_a_person(talk, since, until)
        return
    with committing("look-after-pause"):
        wake = until if post.needs_person_at else min(until, since + ASK_AFTER)
        talk.claim.release(unreadable_since=since, wake_at=wake)


def _follow_state(talk: Conversation, state: ContainerState, line: PublishingLog) -> str:
    # What Instagram tells needs no person's word any more.
    readable = {"container_status": state.status_code, "unreadable_since": None, "needs_person_at": None}
    match state.status_code:
        case "PUBLISHED":
            talk.keep(line, LOG.PROCESSING, **readable)
            return "published"
        case "FINISHED":
            talk.keep(line, LOG.PROCESSING, **readable)
            return _send_again_or_wait(talk)
        case "EXPIRED" | "ERROR":
            talk.keep(line, LOG.ERROR, **readable)
            name = "CONTAINER_EXPIRED" if state.status_code == "EXPIRED" else error_from_status(state.text).name
            verdicts.fail(talk.claim, name)
            return "later"
    talk.keep(line, LOG.PROCESSING, **readable)
    _look_later(talk)
    return "later"


def _send_again_or_wait(talk: Conversation) -> str:
    post = talk.post
    settling = _settling(post)
    if post.publish_intent_at is not None and talk.now < post.publish_intent_at + settling:
        _look_later(talk, at_most=post.publish_intent_at + settling - talk.now)
        return "later"
    if post.last_error and rule_named(post.last_error).cause not in WORTH_ANOTHER_CALL:
        verdicts.fail(talk.claim, post.last_error)
        return "later"
    if post.publish_calls % CALLS_PER_ATTEMPT == 0:
        return _spread_out(talk)
    return _again_unless_slowed(talk)


def _again_unless_slowed(talk: Conversation) -> str:
    """Send the container again, but not while Instagram slows the account's posting down."""
    pause = talk.limits.pause(talk.now)
    if pause is None or pause.paused_until is None:
        return "again"
    with committing("again-after-pause"):
        talk.claim.release(wake_at=pause.paused_until)
    return "later"


def _settling(post: ScheduledPost) -> timedelta:
    if post.unconfirmed_at is None:
        return SETTLING_AFTER_NOT_YET
    return SETTLING_AFTER_BLOCK if post.last_error == "ACTION_BLOCKED" else SETTLING


def _spread_out(talk: Conversation) -> str:
    """The same container was sent several times and is not out: wait as between attempts, then fail."""
    post = talk.post
    if post.retry_count >= len(verdicts.BACKOFF):
        verdicts.fail(talk.claim, "PUBLISH_FAILED")
        return "later"
    waited = post.publish_intent_at is None or talk.now >= post.publish_intent_at + verdicts.BACKOFF[post.retry_count]
    if waited:
        with committing("count-try"):
            talk.claim.store(retry_count=post.retry_count + 1)
        return _again_unless_slowed(talk)
    _look_later(talk, at_least=verdicts.BACKOFF[post.retry_count])
    return "later"


def _unreadable(talk: Conversation, error: InstagramError) -> str:
    """Nothing could be read, which decides nothing. After a while a person is asked; we keep looking."""
    post, now, since = talk.post, talk.now, talk.post.unreadable_since or talk.now
    account = post.instagram_account if error.decision in verdicts.ACCOUNT_STATES else None
    if account is not None:
        with committing("account-needs-owner"):
            verdicts.account_needs_owner(account, error, now)
    if now - since >= ASK_AFTER:
        # A new sign-in wakes it; until then every further look would be refused like this one.
        _ask_a_person(talk, since, None if account else now + LOOK_WHILE_ASKING)
        return "later"
    with committing("unreadable"):
        again = since + ASK_AFTER if account else now + LOOK_UNREADABLE * talk.limits.patience(now)
        talk.claim.release(unreadable_since=since, wake_at=again)
    return "later"


def _ask_a_person(talk: Conversation, since: datetime, look_at: datetime | None) -> None:
    post, now = talk.post, talk.now
    with committing("ask-a-person"):
        talk.claim.release(
            unreadable_since=since,
            needs_person_at=post.needs_person_at or now,
            last_error="PUBLISH_UNCONFIRMED",
            wake_at=look_at,
        )
        notices.tell_about_post(post, "PUBLISH_UNCONFIRMED", now)


def _look_later(
    talk: Conversation, *, at_least: timedelta = timedelta(0), at_most: timedelta = timedelta(hours=1)
) -> None:
    post = talk.post
    step = LOOK_AGAIN[min(post.container_checks, len(LOOK_AGAIN) - 1)] * talk.limits.patience(talk.now)
    with committing("look-later"):
        talk.claim.release(
            container_checks=post.container_checks + 1, wake_at=talk.now + max(min(step, at_most), at_least)
        )


def is_pending(talk: Conversation) -> bool:
    """Return whether a publish call was made for the post's container, so that it must be read first."""
    return talk.post.status == Status.PUBLISHING and talk.post.publish_calls > 0
