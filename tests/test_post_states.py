"""What a post may become, who may change it, and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from scheduler.models import ScheduledPost, Stale, Status, WrongState
from scheduler.models.post_status import TRANSITIONS, DisplayStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(noon):
    return noon + timedelta(hours=3)


@pytest.fixture
def planned(make_post, later):
    return make_post(at=later)


def as_status(post, status, noon):
    """Put a row into a state directly, as the database allows it."""
    facts = {"published_at": noon} if status == Status.PUBLISHED else {}
    ScheduledPost.objects.filter(pk=post.pk).update(status=status, **facts)
    post.refresh_from_db()
    return post


def test_scheduling_keeps_the_wish_and_sets_the_next_look(planned, later):
    assert planned.status == Status.SCHEDULED
    assert planned.scheduled_for == planned.next_attempt_at == later
    assert planned.wake_at == later - timedelta(minutes=1)


def test_a_video_is_looked_at_ten_minutes_ahead(make_post, later):
    assert make_post(at=later, media_type="REELS").wake_at == later - timedelta(minutes=10)


def test_a_past_time_is_refused(make_post, noon):
    post = make_post(at=noon, scheduled=False)
    with pytest.raises(WrongState, match="has passed"):
        post.schedule(now=noon)


def test_a_post_without_media_is_refused(make_post, later, noon):
    post = make_post(at=later, media=0, scheduled=False)
    with pytest.raises(WrongState, match="Add a picture"):
        post.schedule(now=noon)


def test_a_post_without_account_is_refused(make_post, later, noon):
    post = make_post(at=later, scheduled=False)
    post.instagram_account = None
    with pytest.raises(WrongState, match="Choose the account"):
        post.schedule(now=noon)


def test_an_edit_throws_the_container_away(planned, noon):
    ScheduledPost.objects.filter(pk=planned.pk).update(container_id="1", container_status="FINISHED")
    planned.refresh_from_db()
    planned.caption = "Other words"
    planned.save_content(now=noon)
    assert planned.container_id == "" and planned.caption == "Other words"


def test_a_move_throws_the_container_away_and_looks_at_the_new_time(planned, noon, later):
    ScheduledPost.objects.filter(pk=planned.pk).update(container_id="1")
    planned.refresh_from_db()
    planned.plan((later + timedelta(days=1)).replace(tzinfo=None), "UTC")
    planned.schedule(now=noon)
    assert planned.container_id == ""
    assert planned.wake_at == later + timedelta(days=1, minutes=-1)


def test_publish_now_keeps_a_container_that_is_ready(planned, noon):
    ScheduledPost.objects.filter(pk=planned.pk).update(container_id="1", container_status="FINISHED")
    planned.refresh_from_db()
    planned.publish_now(now=noon)
    assert planned.container_id == "1" and planned.next_attempt_at == noon


def test_two_people_cannot_overwrite_each_other(planned, noon):
    mine, theirs = (ScheduledPost.objects.get(pk=planned.pk) for _ in range(2))
    theirs.caption = "Theirs"
    theirs.save_content(now=noon)
    mine.caption = "Mine"
    with pytest.raises(Stale):
        mine.save_content(now=noon)
    assert ScheduledPost.objects.get(pk=planned.pk).caption == "Theirs"


@pytest.mark.parametrize("act", ["save_content", "schedule", "publish_now", "unschedule", "cancel", "delete_softly"])
def test_a_post_that_is_going_out_is_not_touched(planned, noon, act):
    as_status(planned, Status.PUBLISHING, noon)
    with pytest.raises(WrongState):
        getattr(planned, act)(now=noon)
    assert ScheduledPost.objects.get(pk=planned.pk).status == Status.PUBLISHING


@pytest.mark.parametrize("act", ["save_content", "schedule", "publish_now", "retry", "unschedule", "cancel"])
def test_a_published_post_stays_what_it_is(planned, noon, act):
    as_status(planned, Status.PUBLISHED, noon)
    with pytest.raises(WrongState):
        getattr(planned, act)(now=noon)


def test_a_cancelled_post_can_be_scheduled_again(planned, noon):
    planned.cancel(now=noon)
    assert planned.status == Status.CANCELLED and planned.wake_at is None
    planned.schedule(now=noon)
    assert planned.status == Status.SCHEDULED


def test_deleting_keeps_the_row_and_stops_it(planned, noon, alice):
    planned.delete_softly(now=noon)
    assert not ScheduledPost.objects.for_user(alice).exists()
    assert not ScheduledPost.objects.due(noon + timedelta(days=9)).exists()


def test_a_duplicate_is_a_draft_with_the_same_content(planned):
    copy = planned.duplicate()
    assert (copy.status, copy.caption, copy.scheduled_for) == (Status.DRAFT, planned.caption, None)
    assert [place.asset_id for place in copy.media.all()] == [place.asset_id for place in planned.media.all()]


def test_a_strangers_post_does_not_exist(planned, charlie):
    assert not ScheduledPost.objects.for_user(charlie).exists()


def test_the_last_minute_locks_the_time(planned, later):
    assert planned.can_move(later - timedelta(seconds=61))
    assert not planned.can_move(later - timedelta(seconds=59))


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, DisplayStatus.SCHEDULED),
        ({"hold_reason": "missed", "wake_at": None}, DisplayStatus.ON_HOLD),
        ({"status": "publishing"}, DisplayStatus.PUBLISHING),
        ({"status": "failed"}, DisplayStatus.FAILED),
    ],
)
def test_the_screen_shows_what_is_so(planned, fields, shown):
    ScheduledPost.objects.filter(pk=planned.pk).update(**fields)
    planned.refresh_from_db()
    assert planned.display_status == shown


def test_an_unconfirmed_publish_is_shown_as_such(planned, noon):
    doubt = {"status": "publishing", "container_id": "1", "publish_intent_at": noon, "unconfirmed_at": noon}
    ScheduledPost.objects.filter(pk=planned.pk).update(**doubt)
    planned.refresh_from_db()
    assert planned.display_status == DisplayStatus.UNCONFIRMED
    ScheduledPost.objects.filter(pk=planned.pk).update(needs_person_at=noon)
    planned.refresh_from_db()
    assert planned.display_status == DisplayStatus.NEEDS_CHECK and planned.can_be_confirmed


def test_a_token_that_ends_first_is_a_risk(planned, later):
    planned.instagram_account.token_expires_at = later - timedelta(hours=1)
    assert planned.display_status == DisplayStatus.AT_RISK


@pytest.mark.parametrize(
    "impossible",
    [
        {"status": "live"},
        {"status": "scheduled", "instagram_account": None},
        {"status": "scheduled", "next_attempt_at": None},
        {"status": "publishing", "scheduled_for": None},
        {"status": "published", "published_at": None},
        {"status": "publishing", "publish_intent_at": "2026-11-22T12:00Z", "container_id": ""},
        {"status": "scheduled", "publish_intent_at": "2026-11-22T12:00Z", "container_id": "1"},
        {"status": "publishing", "unconfirmed_at": "2026-11-22T12:00Z"},
        {"claimed_by": "somebody", "lease_until": None},
        {"status": "draft", "claimed_by": "somebody", "lease_until": "2026-11-22T12:00Z"},
        {"status": "publishing", "hold_reason": "missed"},
        {"status": "scheduled", "instagram_media_id": "1"},
    ],
)
def test_the_database_refuses_what_cannot_be(planned, impossible):
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduledPost.objects.filter(pk=planned.pk).update(**impossible)


def test_one_publish_in_flight_per_account(make_post, later, noon):
    held = {"status": "publishing", "lease_until": noon}
    one, other = make_post(at=later), make_post(at=later)
    ScheduledPost.objects.filter(pk=one.pk).update(claimed_by="a", **held)
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduledPost.objects.filter(pk=other.pk).update(claimed_by="b", **held)


def test_the_transition_table_names_every_state():
    assert set(TRANSITIONS) == set(Status)
    assert not TRANSITIONS[Status.PUBLISHED]
