"""Whatever people and workers do in whatever order, a post never enters a state it must not be in."""

import itertools
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from scheduler.models import ClaimLost, HoldReason, InstagramAccount, ScheduledPost, Status, WrongState
from scheduler.models.post_status import TRANSITIONS
from scheduler.services import pausing, verdicts
from scheduler.services.claims import LEASE, Claim

WORLD = SimpleNamespace()
CONTAINER_IDS = itertools.count(1)


class PostMachine(RuleBasedStateMachine):
    """One post, a person, and two workers who may each die at any moment."""

    def __init__(self):
        super().__init__()
        self.now = WORLD.noon
        InstagramAccount.objects.update(paused_at=None)
        ScheduledPost.objects.all().delete()  # an earlier story's post must not keep the account busy
        self.post = WORLD.make_post(at=self.now + timedelta(minutes=5), now=self.now)
        self.claims = []
        self.seen = Status(self.post.status)
        self.publish_calls = 0

    def clock(self):
        return self.now

    @rule()
    def time_passes(self):
        self.now += timedelta(minutes=20)

    @rule()
    def a_lease_runs_out(self):
        self.now += LEASE + timedelta(seconds=1)

    def act(self, name, **words):
        post = ScheduledPost.objects.get(pk=self.post.pk)
        try:
            getattr(post, name)(now=self.now, **words)
        except WrongState:
            return False
        return True

    @rule()
    def the_person_edits(self):
        self.act("save_content")

    @rule()
    def the_person_cancels(self):
        self.act("cancel")

    @rule()
    def the_person_unschedules(self):
        self.act("unschedule")

    @rule()
    def the_person_publishes_now(self):
        self.act("publish_now")

    @rule()
    def the_person_retries(self):
        self.act("retry")

    @rule()
    def the_person_releases(self):
        self.act("release")

    @rule()
    def the_person_pauses(self):
        account = InstagramAccount.objects.get(pk=self.post.instagram_account_id)
        pausing.pause_account(account, account.user, self.now)

    @rule()
    def the_person_resumes(self):
        account = InstagramAccount.objects.get(pk=self.post.instagram_account_id)
        pausing.resume_account(account, account.user, self.now)

    @rule()
    def a_worker_claims(self):
        claim = Claim.take(self.post.pk, self.clock)
        if claim:
            assert claim.post.publish_intent_at or not claim.is_paused or claim.post.status == Status.PUBLISHED
            self.claims.append(claim)

    @precondition(lambda self: self.claims)
    @rule()
    def a_worker_makes_a_container(self):
        self.write(container_id=f"c{next(CONTAINER_IDS)}", container_status="FINISHED")

    @precondition(lambda self: self.claims)
    @rule()
    def a_worker_sends_the_publish_call(self):
        claim = self.claims[-1]
        if (
            claim.post.status == Status.PUBLISHING
            and claim.post.container_id
            and claim.post.publish_intent_at is None
        ):
            self.write(publish_intent_at=self.now)

    @precondition(lambda self: self.claims)
    @rule()
    def a_worker_hears_success(self):
        if self.claims[-1].post.publish_intent_at and self.claims[-1].post.status == Status.PUBLISHING:
            self.release(status=Status.PUBLISHED, published_at=self.now, wake_at=None)

    @precondition(lambda self: self.claims)
    @rule()
    def a_worker_hears_a_clear_refusal(self):
        claim = self.claims.pop()
        if claim.post.status in {Status.SCHEDULED, Status.PUBLISHING}:
            try:
                verdicts.fail(claim, "IMAGE_SHAPE")
            except ClaimLost:
                pass

    @precondition(lambda self: self.claims)
    @rule()
    def a_worker_dies(self):
        self.claims.pop()

    def write(self, **fields):
        try:
            self.claims[-1].renew(**fields)
        except ClaimLost:
            self.claims.pop()

    def release(self, **fields):
        try:
            self.claims.pop().release(**fields)
        except ClaimLost:
            pass

    @invariant()
    def nothing_is_sent_while_it_is_paused(self):
        """A publish call is noted before it is sent, and only by a worker that holds a claim."""
        post = ScheduledPost.objects.select_related("instagram_account").get(pk=self.post.pk)
        if post.instagram_account.paused_at and not post.publish_intent_at:
            assert post.status != Status.PUBLISHING
            assert not post.claimed_by or post.status == Status.PUBLISHED

    @invariant()
    def a_pause_that_is_over_holds_nothing(self):
        post = ScheduledPost.objects.select_related("instagram_account").get(pk=self.post.pk)
        assert post.instagram_account.paused_at or post.hold_reason != HoldReason.PAUSED

    @invariant()
    def every_change_is_in_the_table(self):
        status = Status(ScheduledPost.objects.get(pk=self.post.pk).status)
        reachable, edge = {self.seen}, {self.seen}
        # One rule may take two steps (publish now: draft, scheduled, then claimed).
        for _ in range(2):
            edge = {target for source in edge for target in TRANSITIONS[source]}
            reachable |= edge
        assert status in reachable
        self.seen = status

    @invariant()
    def what_waits_for_a_worker_is_woken(self):
        post = ScheduledPost.objects.get(pk=self.post.pk)
        if post.status == Status.PUBLISHING or (post.status == Status.SCHEDULED and not post.hold_reason):
            assert post.wake_at is not None

    @invariant()
    def a_claim_ends_by_itself(self):
        post = ScheduledPost.objects.get(pk=self.post.pk)
        if post.claimed_by:
            assert post.lease_until <= self.now + LEASE

    @invariant()
    def only_one_worker_can_write(self):
        if len(self.claims) < 2:
            return
        post = ScheduledPost.objects.get(pk=self.post.pk)
        assert sum(claim.owner == post.claimed_by for claim in self.claims) <= 1


@pytest.mark.django_db(transaction=True)
def test_no_order_of_events_breaks_a_promise(make_post, noon):
    WORLD.make_post, WORLD.noon = make_post, noon
    run_state_machine_as_test(
        PostMachine,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert connection.is_usable()
