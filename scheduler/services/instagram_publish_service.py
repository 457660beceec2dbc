"""Publish one post: claim it, prepare it, send it once, and say honestly how it went.

The order of every step: store what is about to happen, make the request, store what came of it. A worker that dies
between two steps leaves a row that the next worker can read: before the publish call it goes on, after it
`resolution` finds out what happened.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import F

from scheduler.instagram.client import Client
from scheduler.instagram.errors import Decision, InstagramError, Step
from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import ClaimLost, InstagramAccount, PublishingLog, ScheduledPost, Status
from scheduler.models.webhook import Event
from scheduler.services import events, notices, quota, rate_limits, resolution, side_work, verdicts
from scheduler.services.claims import Claim, committing
from scheduler.services.clients import client_for
from scheduler.services.conversation import Conversation
from scheduler.services.preparation import Preparation

# What Instagram says of the quota is read anew, while a post is prepared, when it is older than this.
QUOTA_AGE = timedelta(minutes=10)
# A post waits this long when its token cannot be opened: the cure is the operator's, the post is not to blame.
KEY_PROBLEM_WAIT = timedelta(minutes=1)
# Link and first comment may wait until the posts of the same second are out.
SIDE_WORK_DELAY = timedelta(seconds=2)
LOG = PublishingLog.Status


class Outcome(StrEnum):
    """What one pass over a post came to."""

    NOT_TAKEN = "not taken"  # nothing to do, or another worker has it
    WAITING = "waiting"  # prepared as far as Instagram allows; the row says when to go on
    PUBLISHED = "published"
    GOING_ON = "going on"  # tried again, held, failed, or being looked into: the row says which
    DONE = "done"  # side work
    LOST = "lost"  # a person or another worker took the post over


class InstagramPublishService:
    """The specification's publishing service; one instance serves any number of posts."""

    def __init__(
        self,
        client_for: Callable[[InstagramAccount], Client] = client_for,
        clock: Callable[[], datetime] = clock.now,
    ) -> None:
        """client_for: builds the client of an account. clock: gives the present instant, aware."""
        self.client_for, self.clock = client_for, clock

    def publish_post(self, post: ScheduledPost) -> Outcome:
        """Carry the post as far as it can go now; never waits for Instagram's processing.

        Never raises InstagramError: every failure ends in the row, a log line and, where a person must act, a notice.
        KeyProblem (the token cannot be opened) is raised after the post was let go.
        """
        claim = Claim.take(post.pk, self.clock)
        if claim is None:
            return Outcome.NOT_TAKEN
        try:
            return self._work(claim)
        except ClaimLost:
            PublishingLog.objects.close_taken_over(claim.owner, self.clock())
            return Outcome.LOST
        except KeyProblem:
            with suppress(ClaimLost):
                claim.release(wake_at=self.clock() + KEY_PROBLEM_WAIT)
            raise
        except (OperationalError, InterfaceError):
            raise  # the database is away: the lease runs out, and the next worker reads where this one stopped
        except Exception:
            self._set_aside(claim)
            raise

    def _set_aside(self, claim: Claim) -> None:
        """Something in Pauta itself went wrong: do not try for ever, do not hide it, repeat nothing blindly."""
        # What the object says may have been rolled back; the row knows whether a call was sent.
        claim.post.refresh_from_db()
        PublishingLog.objects.close_broken_off(claim.owner, self.clock())
        with suppress(ClaimLost):  # somebody else has it already
            if claim.post.is_unresolved:
                resolution.note_unclear(claim, "APP_ERROR")
            elif claim.post.status != Status.PUBLISHED:
                verdicts.fail(claim, "APP_ERROR")
            else:
                with committing("side-work-broken-off"):
                    side_work.give_up(claim)

    def _work(self, claim: Claim) -> Outcome:
        account = claim.post.instagram_account
        assert account is not None
        if not account.access_token or (not account.can_publish and not claim.post.is_unresolved):
            return self._without_account(claim)
        if claim.took_over:
            with committing("close-lost-lines"):
                PublishingLog.objects.close_lost(claim.post, claim.clock())
        talk = Conversation(claim, self.client_for(account))
        if self._keeps_quiet(talk):
            return Outcome.GOING_ON
        if claim.post.status == Status.PUBLISHED:
            side_work.advance(talk)
            return Outcome.DONE
        return self._towards_publish(talk, account)

    def _without_account(self, claim: Claim) -> Outcome:
        """The account was disconnected: hold what was not sent; what may be live is a person's to say."""
        post = claim.post
        if post.status == Status.PUBLISHED:
            with committing("no-side-work"):
                side_work.give_up(claim)
        elif post.is_unresolved:
            with committing("ask-a-person"):
                now = claim.clock()
                claim.release(needs_person_at=now, unconfirmed_at=post.unconfirmed_at or now, wake_at=None)
                notices.tell_about_post(post, "PUBLISH_UNCONFIRMED", now)
        else:
            verdicts.hold_for_account(claim)
        return Outcome.GOING_ON

    def _keeps_quiet(self, talk: Conversation) -> bool:
        """Put the post off while its account or app must not be spoken for; True when it was.

        From 90 % of a limit on, what is live already waits: publishing and the looks it needs come first.
        """
        post, now = talk.post, talk.now
        pause = talk.limits.pause(now)
        if post.status == Status.PUBLISHED and (pause or talk.limits.is_sparing(now)):
            with committing("side-work-waits"):
                until = pause.paused_until if pause and pause.paused_until else rate_limits.spread(now)
                talk.claim.release(wake_at=until + rate_limits.SPACING)
        elif pause is None or (post.is_unresolved and pause.reason == rate_limits.SLOWED):
            return False  # whether a slowed post is out is the first thing to find out
        elif post.is_unresolved:
            resolution.look_after(talk, pause)
        else:
            verdicts.wait_for_limit(talk.claim, pause)
        return True

    def _towards_publish(self, talk: Conversation, account: InstagramAccount) -> Outcome:
        try:
            if resolution.is_pending(talk):
                match resolution.look(talk):
                    case "published":
                        return self._finish_unheard(talk)
                    case "later":
                        return Outcome.GOING_ON
                return self._send(talk, account)
            self._read_quota(talk, account)
            if self._must_wait_for_room(talk, account):
                return Outcome.GOING_ON
            wait = Preparation(talk).advance()
            if wait is None and talk.post.status == Status.PUBLISHING and talk.post.called_containers:
                match resolution.look_at_put_aside(talk):
                    case "published":
                        return self._finish_unheard(talk)
                    case "later":
                        return self._wait(talk, talk.now + resolution.LOOK_UNREADABLE)
        except InstagramError as error:
            verdicts.follow(talk.claim, error)
            return Outcome.GOING_ON
        if wait is not None:
            return self._wait(talk, talk.now + timedelta(seconds=wait * talk.limits.patience(talk.now)))
        if talk.post.status == Status.SCHEDULED:
            return self._wait(talk, F("next_attempt_at"))
        if talk.post.container_status == "PUBLISHED":
            return self._finish_unheard(talk)
        return self._send(talk, account)

    def _wait(self, talk: Conversation, until: Any) -> Outcome:
        with committing("wait"):
            talk.claim.release(wake_at=until)
        return Outcome.WAITING

    def _read_quota(self, talk: Conversation, account: InstagramAccount) -> None:
        """Ask for the quota while there is time; a failure decides nothing, our own count stands."""
        checked = account.quota_checked_at
        if talk.limits.is_sparing(talk.now) or (checked is not None and talk.now - checked < QUOTA_AGE):
            return
        try:
            told, line = talk.ask(Step.QUOTA, lambda: talk.client.read_quota(account.instagram_user_id))
        except InstagramError as error:
            if error.decision in verdicts.ACCOUNT_STATES or error.name == rate_limits.LIMITED:
                raise
            return
        talk.keep(line, LOG.SUCCESS)
        with committing("store-quota"):
            account.keep_quota(told.usage, told.total, talk.now)

    def _must_wait_for_room(self, talk: Conversation, account: InstagramAccount) -> bool:
        """Move a post on whose time came on a full day, before a container is made that could only run out."""
        post = talk.post
        if post.status != Status.PUBLISHING or post.container_id or not quota.is_full(account, talk.now):
            return False
        verdicts.wait_for_quota(talk.claim)
        return True

    # --- The one call that makes a post public --------------------------------------------------------------
    def _send(self, talk: Conversation, account: InstagramAccount) -> Outcome:
        """Send the publish call for the stored container, with the intent stored first."""
        post = talk.post
        if talk.claim.is_paused:  # only what was sent once comes here then
            verdicts.hold_for_pause(talk.claim)
            return Outcome.GOING_ON
        if not post.unconfirmed_at and quota.is_full(account, talk.now, besides=post):
            verdicts.wait_for_quota(talk.claim)
            return Outcome.GOING_ON
        container_id, user_id = post.container_id, account.instagram_user_id
        try:
            media_id, line = talk.ask(
                Step.PUBLISH,
                lambda: talk.client.publish_container(user_id, container_id),
                about={"creation_id": container_id},
                publish_intent_at=talk.now,
                publish_calls=post.publish_calls + 1,
                container_checks=0,
                last_error="",
            )
        except InstagramError as error:
            return self._refused(talk, error)
        side_work.keep_found_id(talk, line, self._published(talk, instagram_media_id=media_id))
        return Outcome.PUBLISHED

    def _refused(self, talk: Conversation, error: InstagramError) -> Outcome:
        """Follow a clear refusal; whatever leaves a doubt about this container is looked into instead."""
        if error.unclear or talk.post.unconfirmed_at is not None:
            resolution.note_unclear(talk.claim, error.name)
        elif error.name in resolution.NOT_YET or error.decision is Decision.RECREATE:
            resolution.note_not_yet(talk.claim, error.name)
        else:
            verdicts.follow(talk.claim, error)
        return Outcome.GOING_ON

    def _finish_unheard(self, talk: Conversation) -> Outcome:
        """The container is live although we never heard so: finish now, find the media as side work."""
        with committing("published-unheard"):
            talk.claim.release(**self._published(talk))
            PublishingLog.decide(talk.post, LOG.SUCCESS, talk.now)
            notices.settle_post(talk.post, talk.now)
            events.hear_of_post(Event.PUBLISHED, talk.post, talk.now)
        return Outcome.PUBLISHED

    def _published(self, talk: Conversation, **fields: Any) -> dict[str, Any]:
        return fields | {
            "status": Status.PUBLISHED,
            "published_at": talk.now,
            "container_status": "PUBLISHED",
            "wake_at": talk.now + SIDE_WORK_DELAY,
            "last_error": "",
            "last_error_facts": {},
            "unconfirmed_at": None,
            "unreadable_since": None,
            "needs_person_at": None,
            "side_work_tries": 0,
        }
