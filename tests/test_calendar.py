"""The month: each day with its first posts, moves that answer with the days they changed, and filters."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduler.forms.calendar_place import read_place
from scheduler.lib import clock, spans
from scheduler.models import ScheduledPost
from scheduler.services import calendar
from scheduler.services.calendar_filters import SHOWN_AS, Filters

pytestmark = pytest.mark.django_db
SP = "America/Sao_Paulo"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ahead():
    """Noon in São Paulo, three days from now: a month's page shows it whatever today is."""
    return (clock.now() + timedelta(days=3)).replace(hour=15, minute=0, second=0, microsecond=0)


@pytest.fixture
def page(client, alice):
    client.force_login(alice)

    def page(where="/calendar/", **said):
        return client.get(f"{where}?{urlencode(said, doseq=True)}")

    return page


def day_of(at):
    return (at - timedelta(hours=3)).date()


def days_between(user, first, length, filters=Filters(), zone=SP, most=4):  # noqa: B008 - it is frozen
    accounts = list(user.instagram_accounts.all())
    return calendar.days_of(user, spans.Span(first, length, zone), filters, accounts, most)


# --- The days ---------------------------------------------------------------------------------------------------
def test_a_day_shows_its_first_four_posts_and_counts_all(make_post, alice, noon):
    for hour in (5, 1, 3, 2, 4):
        make_post(at=noon + timedelta(hours=hour), now=noon, scheduled=False)
    (day,) = days_between(alice, noon.date(), 1)
    assert [card.post.scheduled_for.hour for card in day.cards] == [13, 14, 15, 16]
    assert (day.count, day.more) == (5, 1)


def test_a_post_stands_on_the_day_that_the_clock_of_the_page_shows(make_post, alice, noon):
    make_post(at=datetime(2026, 11, 23, 2, 30, tzinfo=UTC), now=noon)
    by_zone = {
        zone: [day.day.day for day in days_between(alice, noon.date(), 3, zone=zone) if day.count]
        for zone in ("UTC", SP)
    }
    assert by_zone == {"UTC": [23], SP: [22]}


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("America/Santiago", "2026-09-06", 23),
    ],
)
def test_a_day_is_as_long_as_the_clock_says(zone, day, hours):
    start, end = spans.single_day(date.fromisoformat(day), zone).starts
    assert end - start == timedelta(hours=hours)


def test_a_day_that_begins_at_one_begins_there():
    assert spans.day_start(date(2026, 9, 6), "America/Santiago") == datetime(2026, 9, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(("first_weekday", "first"), [(0, "2026-11-01"), (1, "2026-10-26")])
def test_a_month_is_six_weeks_from_the_first_weekday(first_weekday, first):
    span = spans.month(date(2026, 11, 23), first_weekday, "UTC")
    assert (span.first.isoformat(), span.length) == (first, 42)


def test_what_is_deleted_called_off_or_somebody_elses_is_not_shown(make_post, alice, charlie, noon):
    make_post(at=noon + timedelta(hours=1), now=noon).delete_softly(now=noon)
    make_post(at=noon + timedelta(hours=1), now=noon).cancel(now=noon)
    make_post(at=noon + timedelta(hours=1), now=noon, owner=charlie)
    assert days_between(alice, noon.date(), 1)[0].count == 0


def test_a_months_posts_are_read_in_two_queries(make_post, alice, noon):
    for number in range(12):
        make_post(at=noon + timedelta(days=number % 3, minutes=number), now=noon)
    accounts = list(alice.instagram_accounts.all())
    with CaptureQueriesContext(connection) as queries:
        days = calendar.days_of(alice, spans.month(noon.date(), 0, SP), Filters(), accounts)
        assert [card.post.display_status for day in days for card in day.cards] == ["scheduled"] * 12
    assert len(queries) == 2


def test_a_days_digest_changes_with_what_is_drawn(make_post, alice, noon):
    post = make_post(at=noon + timedelta(hours=1), now=noon)
    before = days_between(alice, noon.date(), 2)
    ScheduledPost.objects.filter(pk=post.pk).update(hold_reason="missed")
    after = days_between(alice, noon.date(), 2)
    assert (before[0].digest != after[0].digest, before[1].digest == after[1].digest) == (True, True)


# --- The address ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "said",
    [
        {"date": "x"},
        {"date": "0001-01-01"},
        {"date": "9999-12-31"},
        {"view": "year"},
        {"account": "0"},
        {"account": "9" * 30},
        {"tz": "Mars/Base"},
        {"status": "gone"},
        {"q": "\0%_" * 50},
        {"tag": "'"},
    ],
)
@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_nonsense_in_the_address_still_shows_a_calendar(page, said, view):
    assert page(**{"view": view} | said).status_code == 200


def test_an_address_says_nothing_that_goes_without_saying(rf, alice, noon):
    said = rf.get("/", {"view": "month", "date": "2026-11-22", "q": " fresh  bread ", "tz": SP, "type": "STORY"}).GET
    assert read_place(said, alice, [], noon).query == "?q=fresh+bread&type=STORY"


def test_one_account_brings_its_own_clock(rf, alice, make_account, noon):
    account = make_account(timezone="Europe/Lisbon")
    place = read_place(rf.get("/", {"account": account.pk}).GET, alice, [account], noon)
    assert (place.zone, place.query) == ("Europe/Lisbon", f"?account={account.pk}")


def test_the_fragment_has_no_frame_and_may_not_be_mistaken_for_the_page(client, alice):
    client.force_login(alice)
    answer = client.get("/calendar/", **HTMX)
    assert (b"<html" in answer.content, "HX-Request" in answer.headers["Vary"]) == (False, True)


# --- Filters ----------------------------------------------------------------------------------------------------
@pytest.fixture
def one_of_each(make_post, make_account, noon):
    """Posts in every state that is shown, by the name of the state."""
    later = noon + timedelta(hours=2)
    broken = make_account(status="token_expired")
    call = {"status": "publishing", "container_id": "7", "publish_intent_at": noon, "unconfirmed_at": noon}
    fields = {
        "scheduled": {},
        "at_risk": {"instagram_account": broken},
        "publishing": {"status": "publishing"},
        "unconfirmed": call,
        "needs_check": call | {"needs_person_at": noon, "container_id": "8"},
        "published": {"status": "published", "published_at": noon},
        "failed": {"status": "failed"},
        "on_hold": {"hold_reason": "missed"},
        "cancelled": {"status": "cancelled"},
        "draft": {"status": "draft"},
    }
    made = {}
    for name, values in fields.items():
        post = make_post(at=later, now=noon)
        ScheduledPost.objects.filter(pk=post.pk).update(**values)
        made[name] = ScheduledPost.objects.get(pk=post.pk)
    return made


def test_each_state_is_found_as_the_screen_names_it(one_of_each, alice):
    assert {name: post.display_status.value for name, post in one_of_each.items()} == {
        name: name for name in one_of_each
    }
    for state in SHOWN_AS:
        found = Filters(status=(state,)).narrow(ScheduledPost.objects.for_user(alice))
        names = {name for name, post in one_of_each.items() if post in found}
        more = {"needs_check": {"unconfirmed"}, "scheduled": {"at_risk"}}.get(state, set())
        assert names == {state} | more


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "FRESH bread"}, 1),
        ({"q": "fresh stone"}, 0),
        ({"q": "%"}, 0),
        ({"type": ("STORY",)}, 1),
        ({"type": ("STORY", "IMAGE")}, 2),
        ({"tag": "autumn"}, 1),
        ({"tag": "winter"}, 0),
    ],
)
def test_posts_are_found_by_words_type_and_tag(make_post, alice, noon, filters, found):
    idea = alice.post_ideas.create(title="Leaves")
    idea.tag_with(["autumn"])
    make_post(at=noon + timedelta(hours=2), now=noon, media_type="IMAGE", caption="Fresh sourdough bread")
    make_post(at=noon + timedelta(hours=2), now=noon, media_type="STORY", caption="Stones", post_idea=idea)
    assert days_between(alice, noon.date(), 1, Filters(**filters))[0].count == found


# --- The page ---------------------------------------------------------------------------------------------------
def test_the_month_draws_a_card_for_a_post(page, make_post, ahead):
    post = make_post(at=ahead, now=clock.now(), caption="<b>Fresh</b> bread")
    answer = page(date=day_of(ahead)).content.decode()
    assert (
        f'id="post-{post.pk}"' in answer and "&lt;b&gt;Fresh&lt;/b&gt; bread" in answer and "<b>Fresh" not in answer
    )


def test_a_whole_page_is_six_queries(page, make_post, ahead, django_assert_max_num_queries):
    for number in range(8):
        make_post(at=ahead + timedelta(minutes=number), now=clock.now())
    page()
    with django_assert_max_num_queries(6):
        page(date=day_of(ahead))


def test_a_crowded_day_leads_to_all_of_its_posts(page, make_post, ahead):
    for number in range(60):
        make_post(at=ahead + timedelta(minutes=number), now=clock.now(), media=0, scheduled=False)
    day = day_of(ahead)
    assert "+56 posts" in page(date=day).content.decode()
    cards = [page(f"/calendar/day/{day}/", page=number).content.decode().count('class="card"') for number in (1, 2)]
    assert cards == [50, 10]


@pytest.mark.parametrize(
    "day", ["x", "2026-02-30", "99999-01-01", "0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31", "20261124"]
)
def test_a_day_that_does_not_exist_is_not_found(page, day):
    assert page(f"/calendar/day/{day}/").status_code == 404


# --- Moving -----------------------------------------------------------------------------------------------------
@pytest.fixture
def bread(make_post, ahead):
    return make_post(at=ahead, now=clock.now())


@pytest.fixture
def drop(client, alice):
    """Let the month's page ask for a move, as dragging does."""
    client.force_login(alice)

    def drop(post, htmx=True, **said):
        on_page = HTMX | {"HTTP_HX_CURRENT_URL": f"http://testserver/calendar/?date={day_of(post.scheduled_for)}"}
        return client.post(reverse("post-move", args=[post.pk]), said, **(on_page if htmx else {}))

    return drop


def test_a_drop_answers_with_the_two_days_alone(drop, bread, ahead):
    old, new = day_of(ahead), day_of(ahead) + timedelta(days=1)
    answer = drop(bread, date=new, tz=SP, version=bread.version)
    html = answer.content.decode()
    assert (answer.status_code, html.count('role="gridcell"')) == (200, 2)
    assert all(f'id="day-{day}"' in html for day in (old, new)) and html.count("hx-swap-oob") == 2
    assert '"undo": "/moves/' in answer.headers["HX-Trigger"]


def test_an_undo_answers_with_the_two_days_too(drop, client, bread, ahead):
    drop(bread, date=day_of(ahead) + timedelta(days=1))
    where = reverse("undo", args=[bread.user.undos.get().token])
    answer = client.post(where, HTTP_HX_CURRENT_URL="http://testserver/calendar/", **HTMX)
    assert (answer.status_code, ScheduledPost.objects.get().scheduled_for) == (200, ahead)


@pytest.mark.parametrize("named", ["", "http://[", "/calendar/?date=9999-99-99&tz=../../etc"])
def test_a_move_from_a_page_without_a_sensible_address_is_a_move(client, alice, bread, ahead, named):
    client.force_login(alice)
    where, day = reverse("post-move", args=[bread.pk]), day_of(ahead) + timedelta(days=1)
    answer = client.post(where, {"date": day, "tz": SP}, HTTP_HX_CURRENT_URL=named, **HTMX)
    assert answer.status_code == 200
    assert ScheduledPost.objects.get().scheduled_for == ahead + timedelta(days=1)


def test_without_htmx_a_move_leads_back_to_the_calendar(drop, bread, ahead):
    answer = drop(bread, htmx=False, date=day_of(ahead) + timedelta(days=1))
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/calendar/?")


def test_without_htmx_a_move_can_be_undone(drop, client, bread, ahead):
    answer = client.get(drop(bread, htmx=False, date=day_of(ahead) + timedelta(days=1)).headers["Location"])
    assert f'action="{reverse("undo", args=[bread.user.undos.get().token])}"' in answer.content.decode()


@pytest.fixture
def failed(bread):
    ScheduledPost.objects.update(status="failed", last_error="INSTAGRAM_DOWN", next_attempt_at=None, wake_at=None)
    return ScheduledPost.objects.get()


def test_a_failed_post_is_asked_about_with_the_time_that_was_meant(drop, failed, ahead):
    day = day_of(ahead) + timedelta(days=1)
    html = drop(failed, date=day, tz=SP).content.decode()
    assert all(said in html for said in ("Schedule it again for", f'value="{day}"', 'value="12:00"'))


def test_a_failed_post_that_would_pass_the_limit_is_asked_about_once(drop, failed, make_post, ahead):
    account = failed.instagram_account
    account.quota_total = 1
    account.save()
    make_post(at=ahead + timedelta(hours=20), now=clock.now(), account=account)
    said = {"date": day_of(ahead) + timedelta(days=1), "tz": SP}
    html = drop(failed, **said).content.decode()
    again = '<input type="hidden" name="again" value="1">'
    assert "Schedule anyway" in html and again in html
    assert drop(failed, **said, again=1, anyway=1).status_code == 200


def test_somebody_elses_change_is_told_with_a_name(drop, bread, alice, ahead):
    bread.caption = "Another"
    seen = bread.version
    bread.save_content(now=clock.now())
    answer = drop(bread, date=day_of(ahead) + timedelta(days=1), version=seen)
    assert (answer.status_code, f'id="post-{bread.pk}"' in answer.content.decode()) == (409, True)
    assert "This is the latest version." in answer.headers["HX-Trigger"]


def test_a_past_day_is_asked_about_in_the_sheet(drop, bread, ahead):
    answer = drop(bread, date=clock.now().date() - timedelta(days=3))
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#sheet-body")
    assert "That time has passed." in answer.content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"date": "x"},
        {"date": "2027-01-01", "time": "25:00"},
        {"to": "mars"},
        {"pick": "x"},
        {"pick": "0001-01-01T00:00:00+14:00"},
        {"pick": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_nonsense_moves_nothing_and_says_so(drop, bread, ahead, said):
    assert (drop(bread, **said).status_code, ScheduledPost.objects.get().scheduled_for) == (422, ahead)


def test_the_form_works_as_a_page(page, bread):
    answer = page(reverse("post-move", args=[bread.pk])).content.decode()
    assert 'name="date"' in answer and "<html" in answer


# --- The list, and what it is narrowed to -----------------------------------------------------------------------
def test_the_list_begins_on_its_day_and_goes_on_by_fifties(page, client, make_post, ahead):
    make_post(at=ahead - timedelta(days=1), now=clock.now(), media=0, scheduled=False)
    for number in range(60):
        make_post(at=ahead + timedelta(hours=number), now=clock.now(), media=0, scheduled=False)
    said = {"view": "list", "date": day_of(ahead)}
    first, second = page(**said).content.decode(), page(**said, page=2).content.decode()
    assert [text.count('class="list-row"') for text in (first, second)] == [50, 10]
    assert ("page=2" in first, "page=3" in second) == (True, False)


def more_on_the_month(make_post, page, ahead, posts):
    for number in range(posts):
        make_post(at=ahead + timedelta(minutes=number), now=clock.now())
    html = page(view="month", date=day_of(ahead)).content.decode()
    return re.findall(r'class="cell__(tall|low)">([^<]+)<', html)


def test_a_low_window_counts_one_post_more_behind_the_day(make_post, page, ahead):
    assert more_on_the_month(make_post, page, ahead, 5) == [("tall", "+1 post"), ("low", "+2 posts")]


def test_four_posts_hide_one_only_where_the_window_is_low(make_post, page, ahead):
    assert more_on_the_month(make_post, page, ahead, 4) == [("low", "+1 post")]


def test_more_of_the_list_is_only_its_rows(client, alice, make_post, ahead):
    client.force_login(alice)
    for number in range(51):
        make_post(at=ahead + timedelta(minutes=number), now=clock.now(), media=0, scheduled=False)
    answer = client.get(f"/calendar/?view=list&date={day_of(ahead)}&page=2", **HTMX)
    assert (b"cal-bar" in answer.content, answer.content.count(b'class="list-row"')) == (False, 1)


@pytest.mark.parametrize(
    ("headers", "view"),
    [
        ({}, "month"),
        ({"Sec-CH-UA-Mobile": "?1"}, "list"),
        ({"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Mobile/15E148"}, "list"),
    ],
)
def test_a_phone_sees_the_list_unless_the_address_says_otherwise(client, alice, headers, view):
    client.force_login(alice)
    assert client.get("/calendar/", headers=headers).context["place"].view == view
    assert client.get("/calendar/?view=month", headers=headers).context["place"].view == "month"


def test_the_browser_keeps_one_address_for_one_view(client, alice):
    client.force_login(alice)
    ticked = client.get("/calendar/?status=failed&q=&status=draft", **HTMX)
    typed = client.get("/calendar/?q=br", **HTMX, HTTP_HX_TRIGGER_NAME="q")
    assert ticked.headers["HX-Push-Url"] == "/calendar/?status=draft&status=failed"
    assert typed.headers["HX-Replace-Url"] == "/calendar/?q=br"


def test_each_chosen_filter_can_be_taken_away(page, make_account):
    account = make_account()
    make_account()
    answer = page(account=account.pk, status=["draft", "failed"], q="bread")
    chosen = {choice.words: choice.without for choice in answer.context["filters"].chosen}
    assert chosen == {
        str(account): "?q=bread&status=draft&status=failed",
        "Draft": f"?account={account.pk}&q=bread&status=failed",
        "Failed": f"?account={account.pk}&q=bread&status=draft",
        "“bread”": f"?account={account.pk}&status=draft&status=failed",
    }
    assert answer.context["filters"].clear == "?"


def test_nothing_found_offers_the_way_out(page):
    answer = page(view="list", status="failed").content.decode()
    assert "No posts match these filters." in answer and 'href="/calendar/?view=list"' in answer


def test_only_ones_own_tags_are_offered(page, alice, charlie):
    alice.tags.create(name="autumn")
    charlie.tags.create(name="secret")
    answer = page("/calendar/tags/").content.decode()
    assert "autumn" in answer and "secret" not in answer


def test_a_move_from_the_list_draws_the_list_anew(client, alice, make_post, ahead):
    client.force_login(alice)
    post = make_post(at=ahead, now=clock.now())
    answer = client.post(
        reverse("post-move", args=[post.pk]),
        {"to": "tomorrow"},
        HTTP_HX_CURRENT_URL=f"http://testserver/calendar/?view=list&date={day_of(ahead)}",
        **HTMX,
    )
    assert (answer.headers["HX-Retarget"], b'class="list-row"' in answer.content) == ("#calendar", True)
