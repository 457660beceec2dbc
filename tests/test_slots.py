"""The posting times of an account: its week, the next free slot, and the times one click fills in."""

from datetime import UTC, datetime, time, timedelta

import pytest
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import PostingSlot, ScheduledPost, Status
from scheduler.services import slots, time_picks
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # 9:00 in São Paulo
SAO_PAULO = "America/Sao_Paulo"
DATABASE = pytest.mark.django_db


@pytest.fixture
def account(make_account):
    """Alice's account, which posts on Mondays and Wednesdays at 9:00 and 18:30."""
    account = make_account(timezone=SAO_PAULO)
    PostingSlot.replace(account, {0: [time(9), time(18, 30)], 2: [time(9), time(18, 30)]})
    return account


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


def wall_of(account, now=MONDAY):
    moment = slots.next_free([account], now).get(account.pk)
    return f"{moment.wall:%a %H:%M}" if moment else None


# --- The next free slot -------------------------------------------------------------------------------------
@DATABASE
@pytest.mark.parametrize(
    ("hours", "slot"),
    [(0, "Mon 18:30"), (9.4, "Mon 18:30"), (9.5, "Wed 09:00"), (50, "Wed 18:30"), (90, "Mon 09:00")],
)
def test_the_next_slot_that_is_still_ahead(account, hours, slot):
    assert wall_of(account, MONDAY + timedelta(hours=hours)) == slot


@DATABASE
@pytest.mark.parametrize("minutes", [0, 14, -14])
def test_a_slot_that_something_is_planned_for_is_taken(account, make_post, minutes):
    make_post(account=account, at=MONDAY + timedelta(hours=9.5, minutes=minutes), now=MONDAY)
    assert wall_of(account) == "Wed 09:00"


@DATABASE
@pytest.mark.parametrize("fields", [{"status": Status.CANCELLED}, {"deleted_at": MONDAY}])
def test_what_does_not_go_out_takes_no_slot(account, make_post, fields):
    post = make_post(account=account, at=MONDAY + timedelta(hours=9.5), now=MONDAY, scheduled=False)
    ScheduledPost.objects.filter(pk=post.pk).update(**fields)
    assert wall_of(account) == "Mon 18:30"


@DATABASE
def test_another_accounts_posts_take_no_slot(account, make_account, make_post):
    make_post(account=make_account(), at=MONDAY + timedelta(hours=9.5), now=MONDAY)
    assert wall_of(account) == "Mon 18:30"


@DATABASE
def test_without_posting_times_there_is_no_slot(make_account):
    assert wall_of(make_account()) is None


@DATABASE
def test_when_all_slots_are_taken_there_is_none(account, make_post):
    PostingSlot.replace(account, {0: [time(18, 30)]})
    for week in range(10):
        make_post(account=account, at=MONDAY + timedelta(hours=9.5, weeks=week), now=MONDAY)
    assert wall_of(account) is None


@DATABASE
def test_a_slot_keeps_its_wall_time_when_the_clock_changes(make_account):
    account = make_account(timezone="Europe/Lisbon")
    PostingSlot.replace(account, {6: [time(9)]})
    before, after = datetime(2027, 3, 20, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)  # forward on March 28
    utc = [slots.next_free([account], now)[account.pk].utc.hour for now in (before, after)]
    assert utc == [9, 8]


@DATABASE
def test_a_slot_that_the_clock_skips_moves_forward(make_account):
    account = make_account(timezone="Europe/Lisbon")
    PostingSlot.replace(account, {6: [time(1, 30)]})
    assert wall_of(account, datetime(2027, 3, 27, tzinfo=UTC)) == "Sun 02:30"


@DATABASE
def test_many_accounts_cost_two_queries(account, make_account, django_assert_num_queries):
    others = [make_account() for _ in range(5)]
    for one in others:
        PostingSlot.replace(one, {0: [time(9)]})
    with django_assert_num_queries(2):
        assert len(slots.next_free([account, *others], MONDAY)) == 6


# --- Usual times ----------------------------------------------------------------------------------------------
@DATABASE
def test_what_was_posted_three_times_at_the_same_time_is_usual(account, alice):
    for day in range(3):
        for at, count in ((time(9), 1), (time(21), 1 if day else 0)):
            for _ in range(count):
                ScheduledPost.objects.create(
                    user=alice,
                    instagram_account=account,
                    status="published",
                    published_at=MONDAY - timedelta(days=day),
                    planned_day=(MONDAY - timedelta(days=day)).date(),
                    planned_time=at,
                    scheduled_for=MONDAY - timedelta(days=day),
                )
    assert slots.usual_times([account], MONDAY) == {account.pk: [time(9)]}


@DATABASE
@pytest.mark.parametrize(
    ("now", "picked"),
    [
        (MONDAY, ["2026-11-23 18:00", "2026-11-24 09:00", "2026-11-30 09:00"]),
        (MONDAY + timedelta(hours=10), ["2026-11-24 09:00", "2026-11-30 09:00"]),  # 19:00 in São Paulo
        (MONDAY + timedelta(days=6), ["2026-11-29 18:00", "2026-11-30 09:00"]),  # a Sunday: tomorrow is Monday
    ],
)
def test_the_picks_of_everybody_leave_out_what_has_passed(alice, now, picked):
    assert [f"{pick.day} {pick.clock}" for pick in time_picks.usual_picks(alice, now)] == picked


# --- The page of an account's times ---------------------------------------------------------------------------
WEEK = {"timezone": SAO_PAULO, "day_0": "9, 18:30", "day_2": "9h30 7:05,7:05"}


@DATABASE
def test_times_are_taken_as_people_write_them(alice_in, make_account):
    account = make_account()
    alice_in.post(f"/accounts/{account.pk}/times/", WEEK)
    assert [str(slot) for slot in account.posting_slots.all()] == ["0 09:00", "0 18:30", "2 07:05", "2 09:30"]
    account.refresh_from_db()
    assert account.timezone == SAO_PAULO


@DATABASE
@pytest.mark.parametrize("words", ["25:00", "9:60", "morning", "9:3", "-1"])
def test_what_is_no_time_is_named_and_nothing_is_lost(alice_in, account, words):
    answer = alice_in.post(f"/accounts/{account.pk}/times/", WEEK | {"day_4": words})
    assert answer.status_code == 422 and f"“{words}” is no time" in answer.content.decode()
    assert account.posting_slots.count() == 4


@DATABASE
def test_what_was_kept_is_shown_again(alice_in, account):
    assert alice_in.get(f"/accounts/{account.pk}/times/").content.count(b'value="09:00, 18:30"') == 2


# --- In the form ----------------------------------------------------------------------------------------------
@DATABASE
def test_a_post_goes_to_the_next_free_slot_without_any_script(alice_in, account, make_picture):
    fields = {"account": account.pk, "media": make_picture().pk, "timezone": "UTC", "act": "slot", "caption": "Bread"}
    answer = alice_in.post("/posts/new/", fields)
    post = ScheduledPost.objects.get()
    assert answer.headers["Location"] == f"/posts/{post.pk}/"
    slot = slots.next_free([account], clock.now() - timedelta(minutes=1))
    assert post.status == "scheduled" and post.timezone == SAO_PAULO
    assert post.scheduled_for != slot[account.pk].utc and post.planned_time in {time(9), time(18, 30)}


@DATABASE
def test_an_account_without_posting_times_says_where_to_add_some(alice_in, make_account, make_picture):
    fields = {"account": make_account().pk, "media": make_picture().pk, "timezone": "UTC", "act": "slot"}
    answer = alice_in.post("/posts/new/", fields)
    assert answer.status_code == 422 and b"has no free posting time" in answer.content


@pytest.mark.browser
@pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])
def test_one_click_fills_in_the_next_free_slot_of_the_chosen_account(tab, account):  # noqa: F811
    moment = slots.next_free([account], clock.now())[account.pk]
    tab.go(f"/posts/new/?account={account.pk}")
    tab.get_by_role("button", name="Next free slot: ").click()
    expect(tab.locator("#id_day")).to_have_value(moment.wall.date().isoformat())
    expect(tab.locator("#id_clock")).to_have_value(f"{moment.wall:%H:%M}")
    expect(tab.locator("#id_timezone")).to_have_value(SAO_PAULO)
    tab.get_by_role("button", name="Tomorrow").click()
    expect(tab.locator("#id_clock")).to_have_value("09:00")
