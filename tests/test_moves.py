"""A post gets another time: the clock it was meant on stays, what may not move says why, and it can be taken back."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduler.lib import clock, zones
from scheduler.models import HoldReason, PostChange, ScheduledPost, Stale, Status, Undo, WrongState
from scheduler.services import moves, undoing
from scheduler.services.moves import MoveRefused, Wish

pytestmark = pytest.mark.django_db
SP, NY, SCL, LISBON = "America/Sao_Paulo", "America/New_York", "America/Santiago", "Europe/Lisbon"


def planned(make_post, wall, zone=SP, **fields):
    """Make a draft that is meant for a wall time in a zone."""
    post = make_post(scheduled=False, **fields)
    post.plan(datetime.fromisoformat(wall), zone)
    post.save()
    return post


@pytest.fixture
def bread(make_post, noon):
    """A scheduled post for the day after tomorrow, 18:30 in São Paulo."""
    return make_post(at=datetime(2026, 11, 24, 21, 30, tzinfo=UTC), now=noon)


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


# --- What a drop means on the clock ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wall", "zone", "view", "day", "becomes", "instant", "kind"),
    [
        # On the same clock the time of day stays, whatever the clock does in between.
        ("2026-03-07 18:30", NY, NY, "2026-03-08", "2026-03-08 18:30", "2026-03-08 22:30", "plain"),
        ("2026-03-07 18:30", NY, NY, "2026-03-09", "2026-03-09 18:30", "2026-03-09 22:30", "plain"),
        ("2026-10-31 18:30", NY, NY, "2026-11-01", "2026-11-01 18:30", "2026-11-01 23:30", "plain"),
        # A time that the clock skips moves forward by what was skipped; one that comes twice is its first.
        ("2026-03-07 02:30", NY, NY, "2026-03-08", "2026-03-08 03:30", "2026-03-08 07:30", "gap"),
        ("2026-10-31 01:30", NY, NY, "2026-11-01", "2026-11-01 01:30", "2026-11-01 05:30", "twice"),
        # The day of Santiago that begins at one o'clock.
        ("2026-09-05 00:15", SCL, SCL, "2026-09-06", "2026-09-06 01:15", "2026-09-06 04:15", "gap"),
        ("2026-09-05 18:00", SCL, SCL, "2026-09-06", "2026-09-06 18:00", "2026-09-06 21:00", "plain"),
        # Seen on another clock it keeps its own time of day: 18:30 in Lisbon is 15:30, then 14:30 in São Paulo.
        ("2026-10-23 18:30", LISBON, SP, "2026-10-26", "2026-10-26 18:30", "2026-10-26 18:30", "plain"),
        ("2026-03-27 18:30", LISBON, SP, "2026-03-30", "2026-03-30 18:30", "2026-03-30 17:30", "plain"),
        # 01:00 in Lisbon is the evening before in São Paulo: it comes to stand on the day it was dropped on.
        ("2026-10-24 01:00", LISBON, SP, "2026-10-27", "2026-10-28 01:00", "2026-10-28 01:00", "plain"),
        # A change of Lisbon's clock carries it over São Paulo's midnight: the day that was meant still counts.
        ("2026-03-28 03:30", LISBON, SP, "2026-03-29", "2026-03-30 03:30", "2026-03-30 02:30", "plain"),
    ],
)
def test_a_dropped_post_keeps_its_time_of_day(make_post, alice, wall, zone, view, day, becomes, instant, kind):
    post = planned(make_post, wall, zone)
    moved = moves.move(post, Wish(view, day=date.fromisoformat(day)), alice, datetime(2026, 1, 1, tzinfo=UTC))
    post = fresh(post)
    assert (f"{post.planned_wall:%Y-%m-%d %H:%M}", post.timezone) == (becomes, zone)
    assert f"{post.scheduled_for:%Y-%m-%d %H:%M}" == instant
    assert moved.moment.kind == kind


def test_a_time_named_on_another_clock_keeps_the_posts_own_zone(make_post, alice, noon):
    post = planned(make_post, "2026-11-25 18:30", LISBON)
    moves.move(post, Wish(SP, day=date(2026, 11, 26), at=time(10)), alice, noon)
    post = fresh(post)
    assert (post.scheduled_for, post.timezone) == (datetime(2026, 11, 26, 13, tzinfo=UTC), LISBON)
    assert post.planned_time == time(13)


def test_a_time_that_the_own_clock_shows_twice_is_the_one_that_was_named(make_post, alice):
    post = planned(make_post, "2026-10-20 12:00", NY)
    named = Wish(SP, day=date(2026, 11, 1), at=time(3, 30))  # 1:30 in New York, for the second time
    moves.move(post, named, alice, datetime(2026, 10, 1, tzinfo=UTC))
    post = fresh(post)
    assert (post.scheduled_for, post.planned_time, post.timezone) == (
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        time(3, 30),
        SP,
    )


def test_a_draft_without_a_time_gets_the_morning(make_post, alice, noon):
    post = make_post(scheduled=False)
    moves.move(post, Wish(SP, day=date(2026, 11, 26)), alice, noon)
    assert fresh(post).scheduled_for == datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_draft_without_a_time_gets_the_days_free_slot(make_post, alice, noon):
    post = make_post(scheduled=False)
    account = post.instagram_account
    account.timezone = SP
    account.save()
    account.posting_slots.create(weekday=3, at=time(18, 15))
    moves.move(post, Wish(SP, day=date(2026, 11, 26)), alice, noon)
    assert fresh(post).planned_time == time(18, 15)


@pytest.mark.parametrize(("zone", "hour"), [("UTC", 12), ("Asia/Kathmandu", 18), ("Australia/Adelaide", 23)])
def test_late_in_the_day_a_draft_gets_the_next_full_hour_of_the_clock_on_the_page(make_post, alice, zone, hour):
    now = datetime(2026, 11, 22, 11, 35, tzinfo=UTC)
    post = make_post(scheduled=False)
    moves.move(post, Wish(zone, day=zones.to_wall(now, zone).date()), alice, now)
    assert zones.to_wall(fresh(post).scheduled_for, zone).time() == time(hour)


@pytest.mark.parametrize(("pick", "days"), [("tomorrow", 1), ("week", 7)])
def test_a_quick_pick_keeps_the_time_of_day(bread, alice, noon, pick, days):
    moves.move(bread, Wish(SP, to=pick), alice, noon)
    assert fresh(bread).scheduled_for == datetime(2026, 11, 24, 21, 30, tzinfo=UTC) + timedelta(days=days)


@pytest.mark.parametrize("wish", [Wish(SP, to="tomorrow"), Wish(SP, to="week"), Wish(SP, later=366)])
def test_nothing_is_planned_beyond_the_century(make_post, alice, noon, wish):
    post = planned(make_post, "2099-12-31 18:30")
    with pytest.raises(MoveRefused, match="Choose a year from 2000 to 2099"):
        moves.move(post, wish, alice, noon)


def test_the_next_free_slot_is_found(bread, alice, noon):
    bread.instagram_account.posting_slots.create(weekday=4, at=time(9))
    moves.move(bread, Wish(SP, to="slot"), alice, noon)
    assert fresh(bread).scheduled_for == datetime(2026, 11, 27, 9, tzinfo=UTC)  # the account's clock is UTC


def test_without_slots_the_pick_says_where_to_add_some(bread, alice, noon):
    with pytest.raises(MoveRefused, match="has no posting times yet"):
        moves.move(bread, Wish(SP, to="slot"), alice, noon)


# --- What may move --------------------------------------------------------------------------------------------
def test_a_moved_post_waits_for_its_new_time(bread, alice, noon):
    ScheduledPost.objects.update(
        container_id="1", retry_count=2, last_error="INSTAGRAM_DOWN", wait_reason="QUOTA_REACHED"
    )
    moves.move(fresh(bread), Wish(SP, day=date(2026, 11, 26)), alice, noon)
    post = fresh(bread)
    assert (post.status, post.next_attempt_at) == (Status.SCHEDULED, post.scheduled_for)
    assert (post.container_id, post.retry_count, post.last_error, post.wait_reason) == ("", 0, "", "")


def test_a_draft_stays_a_draft(make_post, alice, noon):
    post = planned(make_post, "2026-11-25 18:30")
    moves.move(post, Wish(SP, day=date(2026, 11, 26)), alice, noon)
    assert (fresh(post).status, fresh(post).next_attempt_at) == (Status.DRAFT, None)


def test_a_held_post_stays_held(bread, alice, noon):
    ScheduledPost.objects.hold(HoldReason.MISSED)
    moves.move(fresh(bread), Wish(SP, day=date(2026, 11, 26)), alice, noon)
    post = fresh(bread)
    assert (post.hold_reason, post.wake_at, post.next_attempt_at) == ("missed", None, post.scheduled_for)


def test_changes_that_are_not_applied_stay(bread, alice, noon):
    copy = {"fields": {"caption": ["x"]}, "at": "", "version": 1, "user": alice.pk}
    ScheduledPost.objects.update(working_copy=copy)
    moves.move(fresh(bread), Wish(SP, day=date(2026, 11, 26)), alice, noon)
    assert fresh(bread).working_copy == copy


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "published", "published_at": clock.now()}, "LOCKED_DONE"),
        ({"status": "publishing"}, "LOCKED_NOW"),
        ({"status": "publishing", "unconfirmed_at": clock.now(), "publish_intent_at": clock.now()}, "LOCKED_CHECK"),
        ({"next_attempt_at": datetime(2026, 11, 22, 12, 0, 59, tzinfo=UTC)}, "LOCKED_NOW"),
    ],
)
def test_what_may_not_move_says_why(bread, alice, noon, fields, code):
    ScheduledPost.objects.update(container_id="1", **fields)
    with pytest.raises(MoveRefused) as refused:
        moves.move(fresh(bread), Wish(SP, day=date(2026, 11, 26)), alice, noon)
    assert (refused.value.code, fresh(bread).planned_day) == (code, date(2026, 11, 24))


def test_a_post_that_somebody_changed_is_not_moved(bread, alice, noon):
    with pytest.raises(Stale):
        moves.move(bread, Wish(SP, day=date(2026, 11, 26)), alice, noon, version=bread.version - 1)
    assert fresh(bread).planned_day == date(2026, 11, 24)


@pytest.mark.parametrize(("day", "code"), [("2026-11-20", "TIME_PAST"), ("2026-11-22", "PAST_TODAY")])
def test_a_time_that_has_passed_is_refused(make_post, alice, noon, day, code):
    post = planned(make_post, "2026-11-24 08:30")
    with pytest.raises(MoveRefused) as refused:
        moves.move(post, Wish(SP, day=date.fromisoformat(day)), alice, noon)
    assert (refused.value.code, fresh(post).planned_day) == (code, date(2026, 11, 24))


def test_a_failed_post_goes_back_in_line_only_when_asked(bread, alice, noon):
    ScheduledPost.objects.update(status="failed", last_error="INSTAGRAM_DOWN", next_attempt_at=None, wake_at=None)
    wish = Wish(SP, day=date(2026, 11, 26))
    with pytest.raises(MoveRefused, match="Schedule it again for") as refused:
        moves.move(fresh(bread), wish, alice, noon)
    assert (refused.value.code, fresh(bread).status) == ("ASK_AGAIN", Status.FAILED)
    moves.move(fresh(bread), Wish(SP, day=date(2026, 11, 26), again=True), alice, noon)
    post = fresh(bread)
    assert (post.status, post.scheduled_for) == (Status.SCHEDULED, datetime(2026, 11, 26, 21, 30, tzinfo=UTC))


def test_a_failed_post_that_would_fail_again_is_to_be_mended_first(make_post, alice, noon):
    post = make_post(at=datetime(2026, 11, 24, 21, 30, tzinfo=UTC), now=noon)
    ScheduledPost.objects.update(status="failed", next_attempt_at=None, wake_at=None, caption="x" * 2201)
    with pytest.raises(MoveRefused) as refused:
        moves.move(fresh(post), Wish(SP, day=date(2026, 11, 26)), alice, noon)
    assert refused.value.code == "FIX_FIRST"


# --- What speaks against it -----------------------------------------------------------------------------------
def test_instagrams_limit_is_passed_only_on_purpose(bread, make_post, alice, noon):
    account = bread.instagram_account
    account.quota_total = 2
    account.save()
    for hour in (12, 15):
        make_post(at=datetime(2026, 11, 26, hour, tzinfo=UTC), now=noon, account=account)
    wish = Wish(SP, day=date(2026, 11, 26))
    with pytest.raises(MoveRefused) as refused:
        moves.move(bread, wish, alice, noon)
    assert (refused.value.code, fresh(bread).planned_day) == ("ASK_ANYWAY", date(2026, 11, 24))
    assert refused.value.room == datetime(2026, 11, 27, 12, 0, 1, tzinfo=UTC)
    moved = moves.move(fresh(bread), Wish(SP, day=date(2026, 11, 26), anyway=True), alice, noon)
    assert [finding.code for finding in moved.warnings] == ["QUOTA_OVER"]


def test_a_neighbour_close_by_is_told(bread, make_post, alice, noon):
    make_post(at=datetime(2026, 11, 26, 21, 40, tzinfo=UTC), now=noon, account=bread.instagram_account)
    moved = moves.move(bread, Wish(SP, day=date(2026, 11, 26)), alice, noon)
    assert "SPACING_AFTER" in [finding.code for finding in moved.warnings]


def test_a_token_that_ends_first_is_told(bread, alice, noon):
    account = bread.instagram_account
    account.token_expires_at = noon + timedelta(days=3)
    account.save()
    moved = moves.move(bread, Wish(SP, day=date(2026, 11, 28)), alice, noon)
    assert [finding.code for finding in moved.warnings] == ["TOKEN_ENDS_FIRST"]


def test_the_same_place_writes_nothing(bread, alice, noon):
    version = bread.version
    moved = moves.move(bread, Wish(SP, day=date(2026, 11, 24)), alice, noon)
    assert (moved.undo, fresh(bread).version, Undo.objects.count()) == (None, version, 0)


def test_a_move_stands_in_the_history(bread, alice, noon):
    moves.move(bread, Wish(SP, day=date(2026, 11, 26)), alice, noon)
    line = PostChange.objects.get(post=bread, act="moved")
    assert (line.user, line.details["changed"]["time"]) == (
        alice,
        ["2026-11-24T21:30+00:00", "2026-11-26T21:30+00:00"],
    )


# --- Undo -----------------------------------------------------------------------------------------------------
@pytest.fixture
def moved(bread, alice, noon):
    return moves.move(bread, Wish(SP, day=date(2026, 11, 26)), alice, noon)


def test_a_move_is_taken_back_once(moved, alice, noon):
    undoing.take_back(alice, moved.undo.token, noon)
    assert fresh(moved.post).scheduled_for == moved.before
    with pytest.raises(WrongState, match="can't be undone any more"):
        undoing.take_back(alice, moved.undo.token, noon)


def test_nobody_elses_move_is_taken_back(moved, charlie, noon):
    with pytest.raises(WrongState, match="can't be undone any more"):
        undoing.take_back(charlie, moved.undo.token, noon)


def test_after_ten_minutes_it_is_too_late(moved, alice, noon):
    with pytest.raises(WrongState, match="can't be undone any more"):
        undoing.take_back(alice, moved.undo.token, noon + timedelta(minutes=11))


def test_what_was_done_since_is_not_undone(moved, alice, noon):
    moves.move(fresh(moved.post), Wish(SP, to="tomorrow"), alice, noon)
    back = undoing.take_back(alice, moved.undo.token, noon)
    assert (back.posts, "changed since" in back.words) == ([], True)
    assert fresh(moved.post).planned_day == date(2026, 11, 27)


def test_an_old_time_that_has_passed_does_not_come_back(make_post, alice, noon):
    post = make_post(at=noon + timedelta(minutes=5), now=noon)
    moved = moves.move(post, Wish("UTC", to="tomorrow"), alice, noon)
    back = undoing.take_back(alice, moved.undo.token, noon + timedelta(minutes=6))
    assert (back.words, fresh(post).scheduled_for) == (
        "The old time has passed. Choose another one.",
        noon + timedelta(days=1, minutes=5),
    )


def test_a_draft_that_had_no_time_has_none_again(make_post, alice, noon):
    post = make_post(scheduled=False)
    moved = moves.move(post, Wish(SP, day=date(2026, 11, 26)), alice, noon)
    undoing.take_back(alice, moved.undo.token, noon)
    assert (fresh(post).scheduled_for, fresh(post).planned_day) == (None, None)
