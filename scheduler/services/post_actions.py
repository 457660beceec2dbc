"""What a person does to a post beyond writing it: the act, its line in the history, and who works on it next.

`dispatch` queues a post id for a worker; views pass `tasks.publish_soon`.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from scheduler.lib.sealing import KeyProblem
from scheduler.models import HoldReason, PostChange, PublishingLog, ScheduledPost, Status, User, WrongState
from scheduler.models.post import NO_CLAIM, NO_CONTAINER, NO_TROUBLE
from scheduler.models.webhook import Event
from scheduler.services import events, health, notices, pausing, preflight
from scheduler.services.post_facts import time_of
from scheduler.services.scheduled_post_processor import publish_inline

Dispatch = Callable[[int], object]
Act = PostChange.Act


def publish_now(post: ScheduledPost, user: User, now: datetime, dispatch: Dispatch) -> None:
    """Publish at once: by a worker, or in this very request when no worker lives. Raises WrongState.

    One that is taken at any moment, as after a first click, is only seen to.
    """
    _require_living_account(post, user)
    if not post.is_taken(now):
        planned = time_of(post)
        with transaction.atomic():
            post.publish_now(now=now)
            _require_nothing_in_the_way(post, now)
            note(post, Act.PUBLISH_NOW, user, now, time=planned)
    _go(post, now, dispatch)


def retry(post: ScheduledPost, user: User, now: datetime, dispatch: Dispatch) -> None:
    """Try a failed post again at once. Raises WrongState."""
    _require_living_account(post, user)
    with transaction.atomic():
        post.retry(now=now)
        _require_nothing_in_the_way(post, now, besides="QUOTA_NOW")  # it waits for room by itself
        note(post, Act.RETRY, user, now)
    _go(post, now, dispatch)


def schedule(post: ScheduledPost, user: User, now: datetime) -> None:
    """Put a post in line for its planned time. Raises WrongState."""
    with transaction.atomic():
        post.schedule(now=now)
        _require_nothing_in_the_way(post, now)
        note(post, Act.SCHEDULED, user, now, time=time_of(post))


def unschedule(post: ScheduledPost, user: User, now: datetime) -> None:
    """Make a post a draft again. Raises WrongState."""
    with transaction.atomic():
        post.unschedule(now=now)
        note(post, Act.UNSCHEDULED, user, now, time=time_of(post))


def cancel(post: ScheduledPost, user: User, now: datetime) -> None:
    """Call a post off. Raises WrongState."""
    with transaction.atomic():
        post.cancel(now=now)
        note(post, Act.CANCELLED, user, now, time=time_of(post))


def delete(post: ScheduledPost, user: User, now: datetime) -> None:
    """Delete the plan; what is live on Instagram stays there. Raises WrongState."""
    with transaction.atomic():
        post.delete_softly(now=now)
        note(post, Act.DELETED, user, now)


def duplicate(post: ScheduledPost, user: User, now: datetime) -> ScheduledPost:
    """Return a draft with the same content."""
    with transaction.atomic():
        copy = post.duplicate()
        note(copy, Act.DUPLICATED, user, now, copied=post.title)
    return copy


def release(post: ScheduledPost, user: User, now: datetime) -> None:
    """Let a held post go. Raises WrongState."""
    reason = post.hold_reason
    pausing.require_none(post.instagram_account, user)
    with transaction.atomic():
        post.release(now=now)
        note(post, Act.RELEASED, user, now, reason=reason)


def confirm_there(post: ScheduledPost, user: User, now: datetime) -> None:
    """The person saw it on Instagram: it is published, and its link is looked for. Raises WrongState."""
    with transaction.atomic():
        _decide(
            post,
            Act.THERE,
            user,
            now,
            status=Status.PUBLISHED,
            published_at=F("publish_intent_at"),
            wake_at=now,
            last_error="",
            unconfirmed_at=None,
            unreadable_since=None,
            needs_person_at=None,
            side_work_tries=0,
        )
        events.hear_of_post(Event.PUBLISHED, post, now)


def confirm_not_there(post: ScheduledPost, user: User, now: datetime, dispatch: Dispatch) -> None:
    """The person looked and it is not on Instagram: only now is it made anew and sent again. Raises WrongState.

    While a pause lasts it waits for the end of that.
    """
    is_paused = bool(pausing.in_force(post.instagram_account, user))
    with transaction.atomic():
        _decide(
            post,
            Act.NOT_THERE,
            user,
            now,
            **NO_TROUBLE | NO_CONTAINER | {"hold_reason": HoldReason.PAUSED if is_paused else HoldReason.NONE},
            status=Status.SCHEDULED,
            next_attempt_at=now,
            wake_at=None if is_paused else now,
        )
    _go(post, now, dispatch)


def locked_words(post: ScheduledPost) -> str:
    """Return why a post can't be changed any more."""
    if post.published_at is not None:
        return _("Published posts can't be changed. Duplicate it to post again.")
    return _("This post is going out now and can't be changed.")


def require_editable(post: ScheduledPost) -> None:
    """Raise WrongState while it goes out and once it is live."""
    if not post.can_edit:
        raise WrongState("LOCKED_NOW" if post.published_at is None else "LOCKED_DONE", locked_words(post))


def _decide(post: ScheduledPost, act: str, user: User, now: datetime, **fields: object) -> None:
    """Write a person's word about an unresolved publish, if nobody found out, or is just finding out, meanwhile."""
    asked = ScheduledPost.objects.filter(
        Q(claimed_by="") | Q(lease_until__lt=now),
        pk=post.pk,
        status=Status.PUBLISHING,
        needs_person_at__isnull=False,
        publish_intent_at__isnull=False,
    )
    decided = asked.update(**fields, **NO_CLAIM, version=F("version") + 1, updated_at=now)
    post.refresh_from_db()
    if not decided:
        raise _not_decided(post)
    PublishingLog.objects.close_lost(post, now)
    note(post, act, user, now)


def _not_decided(post: ScheduledPost) -> WrongState:
    if post.can_be_confirmed:
        return WrongState("BUSY", _("We're just looking at it on Instagram. Answer again in a minute."))
    return WrongState("NOT_UNCONFIRMED", _("This has been settled already. This is how it stands."))


def _require_living_account(post: ScheduledPost, user: User) -> None:
    """Raise WrongState when nothing can go out now because the account needs its owner first, or is paused."""
    account = post.instagram_account
    if account is not None and not account.can_publish:
        text = _("Reconnect @%(account)s first.") % {"account": account.instagram_username}
        raise WrongState("ACCOUNT_BROKEN", text)
    pausing.require_none(account, user)


def _require_nothing_in_the_way(post: ScheduledPost, now: datetime, *, besides: str = "") -> None:
    """Raise WrongState with the first blocker of a post that was just put in line; the transaction takes that back.

    A post that is held, because its account is not well, waits for that anyway.
    """
    if post.hold_reason not in {HoldReason.NONE, HoldReason.PAUSED}:
        return
    found = preflight.stoppers(post, now)
    first = next((finding for finding in found if finding.code != besides), None)
    if first is not None:
        raise WrongState(first.code, first.text)


def note(post: ScheduledPost, act: str, user: User, now: datetime, **details: object) -> None:
    """Write down what a person did; what they were told about the post before is settled by it."""
    PostChange.note(post, act, user, now, **details)
    notices.settle_post(post, now)
    notices.settle_missed(post.instagram_account_id, now)


def _go(post: ScheduledPost, now: datetime, dispatch: Dispatch) -> None:
    """See that somebody works on it now; a held post stays held. Raises WrongState when a lost key forbids it."""
    if post.hold_reason != HoldReason.NONE:
        return
    if health.cluster_lives(now):
        dispatch(post.pk)
        return
    try:
        publish_inline(post)
    except KeyProblem as problem:
        raise WrongState("KEY_PROBLEM", str(problem)) from None
