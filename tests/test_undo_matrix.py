"""What each act in bulk leaves, and whether one Undo brings every post back as it was."""

from datetime import timedelta

import pytest

from scheduler.models import HoldReason, InstagramAccount, ScheduledPost, Status, Undo, WrongState
from scheduler.services import post_actions, undoing

pytestmark = pytest.mark.django_db
STATES = {
    "draft": {"status": Status.DRAFT, "wake_at": None, "next_attempt_at": None},
    "scheduled": {},
    "failed": {"status": Status.FAILED, "wake_at": None, "last_error": "IMAGE_FILE"},
    "cancelled": {"status": Status.CANCELLED, "wake_at": None},
    "held": {"hold_reason": HoldReason.RESTRICTED, "wake_at": None},
    "paused": {"hold_reason": HoldReason.PAUSED, "wake_at": None},
    "held_failed": {"status": Status.FAILED, "hold_reason": HoldReason.RECONNECT, "wake_at": None},
    "published": {"status": Status.PUBLISHED, "wake_at": None, "published_at": "noon"},
}
ACTS = {
    Undo.Act.UNSCHEDULED: post_actions.unschedule,
    Undo.Act.CANCELLED: post_actions.cancel,
    Undo.Act.DELETED: post_actions.delete,
}
SEEN = ("status", "hold_reason", "scheduled_for", "deleted_at", "last_error")


@pytest.fixture
def state_of(make_post, noon):
    """Make a post in one of STATES, four minutes before its time."""

    def make(state):
        post = make_post(at=noon + timedelta(minutes=4), now=noon)
        fields = {name: noon if value == "noon" else value for name, value in STATES[state].items()}
        ScheduledPost.objects.filter(pk=post.pk).update(**fields)
        _make_the_account_so(post, noon)
        return post

    return make


@pytest.fixture
def undone(alice, noon):
    """Do something to a post, and take it back; skipped where the act itself is refused."""

    def do(act, post, after=timedelta()):
        was = undoing.as_it_was(post)
        try:
            ACTS[act](post, alice, noon)
        except WrongState as refused:
            pytest.skip(f"refused: {refused.code}")
        post.refresh_from_db()
        step = Undo.offer(alice, act, [was | {"version": post.version}], noon)
        return undoing.take_back(alice, step.token, noon + after)

    return do


def _make_the_account_so(post, noon):
    """A hold has its cause in the account, so that what is put back in line is held again."""
    kinds = {
        HoldReason.RESTRICTED: {"status": "error"},
        HoldReason.RECONNECT: {"status": "token_expired"},
        HoldReason.PAUSED: {"paused_at": noon},
    }
    post.refresh_from_db()
    if post.hold_reason in kinds:
        InstagramAccount.objects.filter(pk=post.instagram_account_id).update(**kinds[post.hold_reason])
        post.instagram_account.refresh_from_db()


def seen(post):
    post.refresh_from_db()
    return {name: getattr(post, name) for name in SEEN}


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("state", list(STATES))
def test_one_undo_brings_it_back(state_of, undone, state, act):
    post = state_of(state)
    before = seen(post)
    undone(act, post)
    # The account's trouble was not the failure; what had failed comes back without the hold besides.
    hold = "" if state == "held_failed" and act != Undo.Act.DELETED else before["hold_reason"]
    assert seen(post) == before | {"hold_reason": hold}


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("state", [state for state in STATES if state not in {"scheduled", "held", "paused"}])
def test_an_undo_puts_nothing_in_line_that_was_not(state_of, undone, state, act):
    post = state_of(state)
    undone(act, post)
    post.refresh_from_db()
    assert (post.status != Status.SCHEDULED, post.wake_at) == (True, None)


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("hold", [HoldReason.MISSED, HoldReason.PASSED, HoldReason.RECONNECT])
def test_what_waits_for_a_persons_word_waits_on(state_of, undone, act, hold):
    post = state_of("scheduled")
    ScheduledPost.objects.hold(hold)
    post.refresh_from_db()
    undone(act, post)
    post.refresh_from_db()
    assert (post.status, post.hold_reason, post.wake_at, post.check_at) == (Status.SCHEDULED, hold, None, None)


def test_a_pause_that_ended_meanwhile_holds_nothing(state_of, undone, alice, noon):
    post = state_of("paused")
    was = undoing.as_it_was(post)
    post_actions.delete(post, alice, noon)
    InstagramAccount.objects.update(paused_at=None)
    step = Undo.offer(alice, Undo.Act.DELETED, [was | {"version": post.version}], noon)
    undoing.take_back(alice, step.token, noon)
    post.refresh_from_db()
    assert (post.status, post.hold_reason, post.check_at) == (Status.SCHEDULED, "", noon)


@pytest.mark.parametrize("act", list(ACTS))
def test_a_post_at_risk_comes_back_and_is_looked_over_at_once(state_of, undone, noon, act):
    post = state_of("scheduled")
    ScheduledPost.objects.update(caption="x" * 2201)
    post.refresh_from_db()
    undone(act, post)
    post.refresh_from_db()
    assert (post.status, post.deleted_at, post.check_at) == (Status.SCHEDULED, None, noon)


def test_a_deleted_post_that_cannot_be_in_line_again_says_why_it_is_a_draft(state_of, undone):
    back = undone(Undo.Act.DELETED, state_of("scheduled"), after=timedelta(minutes=5))
    assert "That time has passed" in back.words and back.words.endswith("It is a draft again.")


@pytest.mark.parametrize(
    ("act", "becomes"), [("unscheduled", "draft"), ("cancelled", "cancelled"), ("deleted", "draft")]
)
def test_a_time_that_passed_meanwhile_does_not_go_out(state_of, undone, act, becomes):
    post = state_of("scheduled")
    undone(Undo.Act(act), post, after=timedelta(minutes=5))
    post.refresh_from_db()
    assert (post.status, post.deleted_at, post.wake_at) == (becomes, None, None)


def test_the_undo_of_a_copy_deletes_it(make_post, alice, noon):
    post = make_post(at=noon + timedelta(hours=4), now=noon)
    copy = post_actions.duplicate(post, alice, noon)
    step = Undo.offer(alice, Undo.Act.DUPLICATED, [{"post": copy.pk, "version": copy.version}], noon)
    undoing.take_back(alice, step.token, noon)
    copy.refresh_from_db()
    assert copy.deleted_at is not None
