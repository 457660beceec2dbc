"""Find what is due and see that somebody works on it; the row is the queue, this only looks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings

from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import HoldReason, PostChange, ProcessorPass, PublishingLog, ScheduledPost, WrongState
from scheduler.services import checks, deliveries, events, notices, token_keeper, webhook_sender
from scheduler.services.claims import LEASE, committing
from scheduler.services.deliveries import WITHIN_S
from scheduler.services.instagram_publish_service import InstagramPublishService, Outcome

Dispatch = Callable[[int], object]

# How many due posts one look hands out; the rest follow with the next look.
BATCH = 200
# How long a pass in the foreground works; a cron call is cut off by its host soon after.
INLINE_BUDGET = timedelta(seconds=25)
# How many posts are looked over before the next look at what is to go out.
CHECKS_A_ROUND = 5
# How long one queued task goes on with the next due post of the same account.
DRAIN_BUDGET = timedelta(seconds=20)
# The time of the last look is written at most this often.
NOTE_EVERY = timedelta(seconds=5)
RETRY_WINDOW = timedelta(hours=24)
# Each try renews the time of the failure, so the window alone would never end.
RETRIES_BY_ITSELF = 3
# What is told outside is sent only while so much of a pass in the foreground is left.
DELIVERY_S = 5.0
# A connection is looked after only while so much is left: it takes two calls, each given up after a while.
KEEPING_S = 15.0
SHORT_NAP_S = 0.5
SHORTEST_NAP_S = 0.05


@dataclass
class PassReport:
    """What one pass did: counts for the cron answer and the terminal."""

    held: int = 0
    handed_out: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    deliveries: int = 0
    left_over: int = 0
    problem: KeyProblem | None = None

    def count(self, outcome: Outcome) -> None:
        """Add one worked-on post."""
        self.outcomes[outcome.value] = self.outcomes.get(outcome.value, 0) + 1


class ScheduledPostProcessor:
    """The specification's processor: called by the cluster's beat, by cron, and by `manage.py process_posts`."""

    def __init__(
        self,
        service: InstagramPublishService | None = None,
        *,
        kind: str = ProcessorPass.Kind.CLUSTER,
        now: Callable[[], datetime] = clock.now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.service = service or InstagramPublishService(clock=now)
        self.kind, self.now, self.sleep = kind, now, sleep
        self.deliveries = webhook_sender.queue(now)
        self._noted_at = datetime.min.replace(tzinfo=UTC)

    def process_pending_posts(
        self, dispatch: Dispatch | None = None, dispatch_check: Dispatch | None = None
    ) -> PassReport:
        """Hold what was missed, then see to what is due.

        dispatch:       queues one post id for a worker. Without it the posts are worked on here and now, for at most
            INLINE_BUDGET; what is left over goes on with the next pass. Then raises KeyProblem, once the posts of all
            other accounts are seen to, when the token of one could not be opened.
        dispatch_check: queues one post id to be looked over before its time; without workers that is done here, too.
        """
        report = PassReport(held=self._look_in())
        if dispatch is None:
            self._work_inline(report)
        else:
            self._hand_out(dispatch, report)
            if dispatch_check is not None:
                checks.hand_out(dispatch_check, self.now(), BATCH)
        return report

    def retry_failed_posts(self) -> int:
        """Put transient failures of the last 24 h back in line; return how many. Work on them is the next pass's.

        A post comes back by itself at most RETRIES_BY_ITSELF times, until a person does something with it.
        """
        now, count = self.now(), 0
        for post in ScheduledPost.objects.with_transient_failure(now - RETRY_WINDOW):
            if PostChange.retries_by_itself(post) >= RETRIES_BY_ITSELF or checks.is_stopped(post, now):
                continue
            try:
                post.retry(now=now)
            except WrongState:
                continue  # somebody changed it meanwhile; it is not a failure any more
            PostChange.note(post, PostChange.Act.RETRY, None, now)
            notices.settle_post(post, now)
            count += 1
        return count

    # --- Looking in -----------------------------------------------------------------------------------------
    def _look_in(self) -> int:
        """Write down that we looked; hold what nobody looked at for too long. Returns how many were held."""
        now = self.now()
        if timedelta(0) <= now - self._noted_at < NOTE_EVERY:  # below zero, the clock was set back
            return 0
        patience = timedelta(minutes=settings.MISSED_AFTER_MINUTES)
        with committing("look-in"):
            last = ProcessorPass.last()
            held = 0
            if last is None or now - last.at > patience:
                held = hold_missed(last.at if last else datetime.min.replace(tzinfo=UTC), now, patience)
            PublishingLog.objects.close_abandoned(now, older_than=LEASE)
            ProcessorPass.note(self.kind, now)
        self._noted_at = now
        return held

    # --- With workers ---------------------------------------------------------------------------------------
    def _hand_out(self, dispatch: Dispatch, report: PassReport) -> None:
        """Queue due posts, only the first of each account that is to go out: its worker goes on with the others."""
        now = self.now()
        due = list(ScheduledPost.objects.due(now)[:BATCH])
        if not due:
            return
        with committing("hand-out"):
            ScheduledPost.objects.filter(pk__in=[post.pk for post in due]).dispatched(now)
        accounts: set[int | None] = set()
        for post in due:
            goes_out = post.status == ScheduledPost.Status.SCHEDULED and (post.next_attempt_at or now) <= now
            if goes_out and post.instagram_account_id in accounts:
                continue
            if goes_out:
                accounts.add(post.instagram_account_id)
            dispatch(post.pk)
            report.handed_out += 1

    # --- Without workers ------------------------------------------------------------------------------------
    def _work_inline(self, report: PassReport) -> None:
        end = self.now() + INLINE_BUDGET
        while self.now() < end:
            due = list(ScheduledPost.objects.due(self.now())[:BATCH])
            worked = [self._work_on(post, report) for post in due if self.now() < end]
            worked += [self._look_over_one(end) for _each in range(CHECKS_A_ROUND)]
            is_busy = any(worked) or self._deliver_one(end, report) or self._keep_one(end)
            if not is_busy and not self._nap_until_next(end):
                break
        deliveries.purge(self.now())
        report.left_over = ScheduledPost.objects.due(self.now()).count()
        if report.problem:
            raise report.problem

    def _work_on(self, post: ScheduledPost, report: PassReport) -> bool:
        try:
            outcome = self.service.publish_post(post)
        except KeyProblem as problem:
            report.problem = problem
            return True
        report.count(outcome)
        return outcome is not Outcome.NOT_TAKEN

    def _look_over_one(self, end: datetime) -> bool:
        """Look the longest waiting post over, within what is left of the budget; False when none waits."""
        left = (end - self.now()).total_seconds()
        due = ScheduledPost.objects.due_for_check(self.now()).first() if left > 0 else None
        return due is not None and checks.run_if_due(due.pk, self.now, within_s=left)

    def _deliver_one(self, end: datetime, report: PassReport) -> bool:
        """Send what waits longest to be told outside, once no post is due; False when nothing waits."""
        left = (end - self.now()).total_seconds()
        is_sent = left >= DELIVERY_S and self.deliveries.deliver_next(min(left, WITHIN_S))
        report.deliveries += is_sent
        return is_sent

    def _keep_one(self, end: datetime) -> bool:
        """Look after the connection that waits longest, once nothing else is due; False when none waits."""
        left = (end - self.now()).total_seconds()
        return left >= KEEPING_S and token_keeper.keep_next(self.now())

    def _nap_until_next(self, end: datetime) -> bool:
        """Wait for a post that becomes due within the budget; False when none does."""
        wake = ScheduledPost.objects.next_wake()
        if wake is None or wake >= end:
            return False
        self.sleep(min(max((wake - self.now()).total_seconds(), SHORTEST_NAP_S), SHORT_NAP_S))
        return True


def hold_missed(last_pass: datetime, now: datetime, patience: timedelta) -> int:
    """Hold the posts whose time passed while nothing looked; tell each account's owner once. Returns how many."""
    missed = list(
        ScheduledPost.objects.missed(last_pass=last_pass, now=now, patience=patience).select_related(
            "instagram_account"
        )
    )
    if not missed:
        return 0
    listeners = events.listeners(*{post.user_id for post in missed})
    listeners.hold(ScheduledPost.objects.filter(pk__in=[post.pk for post in missed]), HoldReason.MISSED, now)
    PostChange.note_all(missed, PostChange.Act.HELD, None, now, reason=HoldReason.MISSED)
    for account in {post.instagram_account for post in missed if post.instagram_account}:
        notices.settle_account(account, now, "MISSED")  # an earlier outage's; this one is told anew
        notices.tell_about_account(account, "MISSED", now)
    return len(missed)


def work_through(service: InstagramPublishService, post_id: int, now: Callable[[], datetime]) -> str:
    """Work on one post, then on the next due ones of its account for a while; return what the first came to."""
    end = now() + DRAIN_BUDGET
    post = ScheduledPost.objects.filter(pk=post_id).first()
    if post is None:
        return Outcome.NOT_TAKEN.value
    first = outcome = service.publish_post(post)
    while outcome is not Outcome.NOT_TAKEN and now() < end:
        following = ScheduledPost.objects.waiting_to_go_out(post.instagram_account_id, now()).first()
        if following is None:
            break
        outcome = service.publish_post(following)
    return first.value


def publish_inline(
    post: ScheduledPost,
    *,
    now: Callable[[], datetime] = clock.now,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Carry one post through in this process, waiting for Instagram within INLINE_BUDGET: for when no worker lives.

    Raises KeyProblem.
    """
    service, end = InstagramPublishService(clock=now), now() + INLINE_BUDGET
    while post.wake_at is not None and post.wake_at < end and now() < end and not post.published_at:
        # Not before the row says so: Instagram's time to work, and the waits between tries, are kept here too.
        sleep(max((post.wake_at - now()).total_seconds(), SHORTEST_NAP_S))
        service.publish_post(post)
        post.refresh_from_db()
