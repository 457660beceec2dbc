"""A week and a day: hours as the clock shows them, cards side by side, free posting times, moves by columns."""

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scheduler.forms.calendar_place import read_place
from scheduler.lib import clock, hours, lanes, spans, zones
from scheduler.models import PostingSlot, ScheduledPost
from scheduler.services import week
from scheduler.services.calendar_filters import Filters

pytestmark = pytest.mark.django_db
SP, NY, SANTIAGO = "America/Sao_Paulo", "America/New_York", "America/Santiago"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ahead():
    """10:15 in São Paulo on the Wednesday of next week."""
    now = clock.now()
    day = spans.week_start(now.date(), 0) + timedelta(days=10)
    return zones.resolve(datetime.combine(day, time(10, 15)), SP).utc


@pytest.fixture
def page(client, alice):
    client.force_login(alice)

    def page(where="/calendar/", **said):
        return client.get(f"{where}?{urlencode(said, doseq=True)}" if said else where)

    return page


def day_of(at):
    return zones.to_wall(at, SP).date()


def table_of(user, span, now, **said):
    with timezone.override(span.zone):
        return week.timetable(user, span, Filters(**said), list(user.instagram_accounts.all()), now)


def drawn(table):
    """Return what each hour shows that shows anything: cards by their lane, and how many more."""
    return [
        [(item.at[11:], item.lane, item.more) for item in cell.items]
        for column in table.columns
        for cell in column.hours
        if cell.items
    ]


# --- Hours on the wall ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("zone", "day", "shown"),
    [
        (SP, "2026-11-23", "00 01 02 03 04"),
        (NY, "2026-03-08", "00 01 03 04 05"),
        (NY, "2026-11-01", "00 01 01b 02 03"),
        (SANTIAGO, "2026-09-06", "01 02 03 04 05"),
        ("America/Havana", "2026-11-01", "00 00b 01 02 03"),
        ("Australia/Lord_Howe", "2026-10-04", "00 01 02 03 04"),
        ("Asia/Kathmandu", "2026-11-23", "00 01 02 03 04"),
    ],
)
def test_a_day_has_the_hours_that_its_clock_shows(zone, day, shown):
    found = hours.hours_of(date.fromisoformat(day), zone)
    assert [f"{hour.row.hour:02}{'b' if hour.row.again else ''}" for hour in found][:5] == shown.split()
    start, end = spans.single_day(date.fromisoformat(day), zone).starts
    assert found[0].start == start and found[-1].start < end
    assert all(hours.row_of(hour.start, zone) == hour.row for hour in found)


@pytest.mark.parametrize(
    ("zone", "first", "length", "count", "missing"),
    [
        (NY, "2026-03-08", 7, 24, ["02"]),  # the hour is there on the other days
        (NY, "2026-03-08", 1, 23, []),
        (NY, "2026-11-01", 7, 25, ["01b"]),  # on the six other days
        (NY, "2026-11-01", 1, 25, []),
        (SANTIAGO, "2026-09-06", 7, 24, ["00"]),
        (SANTIAGO, "2026-09-06", 1, 23, []),
        (SP, "2026-11-22", 7, 24, []),
    ],
)
def test_every_day_of_a_week_has_its_hours_on_the_same_lines(alice, noon, zone, first, length, count, missing):
    table = table_of(alice, spans.Span(date.fromisoformat(first), length, zone), noon)
    assert len(table.lines) == count and all(len(column.cells) == count for column in table.columns)
    void = {
        line.key
        for column in table.columns
        for line, cell in zip(table.lines, column.cells, strict=True)
        if cell is None
    }
    assert sorted(void) == missing


def test_an_hour_that_comes_twice_says_which_it_is(alice, noon):
    table = table_of(alice, spans.single_day(date(2026, 11, 1), NY), noon)
    assert [(line.name, line.offset) for line in table.lines[1:4]] == [
        ("1 AM", "GMT-4"),
        ("1 AM", "GMT-5"),
        ("2 AM", ""),
    ]


@pytest.mark.parametrize("now", ["2026-10-03T15:35", "2026-04-04T14:35", "2026-04-04T15:05"])
def test_the_time_to_be_is_the_wall_clocks_where_it_changes_by_half_an_hour(alice, now):
    zone, at = "Australia/Lord_Howe", datetime.fromisoformat(now).replace(tzinfo=UTC)
    wall = zones.to_wall(at, zone)
    (column,) = table_of(alice, spans.single_day(wall.date(), zone), at).columns
    assert [cell.now for cell in column.hours if cell.now] == [f"{wall:%Y-%m-%dT%H:%M}"]


def test_a_day_that_a_zone_left_out_is_drawn_without_hours(alice, make_account):
    """Samoa went from December 29 to 31, 2011, to stand on the other side of the date line."""
    make_account(timezone="Pacific/Apia").posting_slots.create(weekday=4, at=time(9))
    gone, now = date(2011, 12, 30), datetime(2011, 12, 25, tzinfo=UTC)
    for first, length in ((gone, 1), (gone, 7), (gone - timedelta(days=6), 7)):
        table = table_of(alice, spans.Span(first, length, "Pacific/Apia"), now)
        assert [len(column.hours) for column in table.columns if column.day == gone] == [0]


def test_a_post_stands_in_the_hour_that_it_really_has(make_post, alice):
    now = datetime(2026, 10, 30, 12, tzinfo=UTC)
    for hour in (5, 6):  # 1:30 in New York, and 1:30 again
        make_post(at=datetime(2026, 11, 1, hour, 30, tzinfo=UTC), now=now)
    (column,) = table_of(alice, spans.single_day(date(2026, 11, 1), NY), now).columns
    assert [(cell.line.key, cell.count) for cell in column.hours if cell.count] == [("01", 1), ("01b", 1)]


# --- Side by side -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("starts", "found"),
    [
        ([0, 60], ["1/1", "1/1"]),
        ([0, 43], ["1/1", "1/1"]),
        ([0, 42], ["1/2", "2/2"]),
        ([0, 20, 43], ["1/2", "2/2", "1/2"]),
        ([0, 0, 0], ["1/3", "2/3", "3/3"]),
        ([0, 0, 0, 0, 5], ["1/3", "2/3", "3/3", "in 2", "in 2"]),
        ([0, 0, 0, 43], ["1/3", "2/3", "3/3", "1/1"]),
        ([], []),
    ],
)
def test_what_overlaps_stands_side_by_side_up_to_three(starts, found):
    assert [
        f"in {lane.into}" if lane.into is not None else f"{lane.number}/{lane.of}"
        for lane in lanes.lanes(starts, 43, 3)
    ] == found


def test_posts_of_one_minute_share_the_width(make_post, alice, noon):
    for _number in range(2):
        make_post(at=noon, now=noon - timedelta(days=1))
    assert drawn(table_of(alice, spans.single_day(noon.date(), SP), noon)) == [
        [("09:00", "1/2", 0), ("09:00", "2/2", 0)]
    ]


def test_what_finds_no_room_is_counted(make_post, alice, noon):
    for number in range(5):
        make_post(at=noon + timedelta(minutes=number), now=noon - timedelta(days=1), media=0, scheduled=False)
    table = table_of(alice, spans.single_day(noon.date(), SP), noon)
    assert drawn(table) == [[("09:00", "1/3", 0), ("09:01", "2/3", 0), ("09:02", "3/3", 3)]]
    assert (table.columns[0].count, table.columns[0].more) == (5, 3)


def test_what_overlaps_across_the_hour_is_counted_too(make_post, alice, noon):
    for minute in (50, 52, 58, 62, 64):
        make_post(at=noon + timedelta(minutes=minute), now=noon, media=0, scheduled=False)
    shown = drawn(table_of(alice, spans.single_day(noon.date(), SP), noon))
    assert shown == [[("09:50", "1/3", 0), ("09:52", "2/3", 0), ("09:58", "3/3", 3)]]


def test_a_crowded_week_stays_small(page, make_post, make_account, alice, ahead):
    account = make_account()
    first = make_post(at=ahead, now=clock.now(), account=account, media=0, scheduled=False)
    start = spans.day_start(spans.week_start(day_of(ahead), 0), SP)
    copies = []
    for number in range(2000):
        copies.append(ScheduledPost.objects.get(pk=first.pk))
        copies[-1].pk, copies[-1].draft_key = None, None
        copies[-1].scheduled_for = start + timedelta(minutes=number * 5)
    ScheduledPost.objects.bulk_create(copies)
    answer = page(view="week", date=day_of(ahead)).content
    assert answer.count(b'class="card"') <= 7 * 24 and len(answer) <= 140 * 1024


# --- Free posting times -----------------------------------------------------------------------------------------
@pytest.fixture
def nine_and_six(make_account):
    account = make_account(timezone=SP)
    PostingSlot.replace(account, {weekday: [time(9), time(18)] for weekday in range(7)})
    return account


def free_in(table):
    return [free.at for column in table.columns for cell in column.hours for free in cell.free]


def test_a_free_slot_is_offered_and_a_taken_one_is_not(make_post, nine_and_six, alice, noon):
    tomorrow = noon + timedelta(days=1)
    make_post(at=tomorrow, now=noon, account=nine_and_six)
    table = table_of(alice, spans.single_day(tomorrow.date(), SP), noon)
    assert free_in(table) == [f"{tomorrow.date()}T18:00"]


def test_slots_that_have_passed_are_not_offered(nine_and_six, alice, noon):
    assert free_in(table_of(alice, spans.single_day(noon.date(), SP), noon)) == [f"{noon.date()}T18:00"]


def test_a_slot_stands_where_the_clock_of_the_page_shows_it(nine_and_six, alice, noon):
    table = table_of(alice, spans.single_day(noon.date(), "Europe/Lisbon"), noon)
    assert free_in(table) == [f"{noon.date()}T21:00"]


def test_no_slot_is_called_free_while_posts_are_filtered_away(nine_and_six, alice, noon):
    assert free_in(table_of(alice, spans.single_day(noon.date(), SP), noon, q="bread")) == []


def test_a_free_slot_begins_a_post_at_its_time(page, nine_and_six, ahead):
    answer = page(view="week", date=day_of(ahead)).content.decode()
    link = f"/posts/new/?account={nine_and_six.pk}&amp;day={day_of(ahead)}&amp;clock=18:00&amp;timezone={SP}"
    assert link in answer
    form = page(link.split("?")[0], **dict(part.split("=") for part in link.split("?")[1].split("&amp;"))).context[
        "form"
    ]
    assert [str(form[name].value()) for name in ("day", "clock", "timezone")] == [str(day_of(ahead)), "18:00", SP]


# --- The page ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", ["week", "day"])
def test_a_post_stands_in_its_hour(page, make_post, ahead, view):
    post = make_post(at=ahead, now=clock.now(), caption="<b>Fresh</b> bread")
    answer = page(view=view, date=day_of(ahead)).content.decode()
    hour = answer.split(f'data-day="{day_of(ahead)}" data-hour="10"')[1].split('role="gridcell"')[0]
    assert f'id="post-{post.pk}"' in hour and "&lt;b&gt;Fresh&lt;/b&gt; bread" in hour
    assert f'data-at="{day_of(ahead)}T10:15"' in hour


@pytest.mark.parametrize("view", ["week", "day"])
def test_a_page_is_six_queries(page, make_post, nine_and_six, ahead, django_assert_max_num_queries, view):
    for number in range(8):
        make_post(at=ahead + timedelta(minutes=number), now=clock.now(), account=nine_and_six)
    page(view=view)
    with django_assert_max_num_queries(6):
        page(view=view, date=day_of(ahead))


def test_htmx_gets_the_part_alone(client, alice):
    client.force_login(alice)
    answer = client.get("/calendar/?view=week", **HTMX)
    assert (b"<html" in answer.content, b'class="week"' in answer.content) == (False, True)


@pytest.mark.parametrize(
    ("view", "pages", "day"), [("week", 1, "2026-11-30"), ("week", -1, "2026-11-16"), ("day", 1, "2026-11-24")]
)
def test_pages_turn_by_weeks_and_days(rf, alice, noon, view, pages, day):
    place = read_place(rf.get("/", {"view": view, "date": "2026-11-23"}).GET, alice, [], noon)
    assert place.turned(pages).day.isoformat() == day


@pytest.mark.parametrize(
    ("view", "language", "name"),
    [
        ("week", "en", "Nov 29 – Dec 5, 2026"),
        ("week", "pt-br", "29 de nov. – 5 de dez. de 2026"),
        ("day", "en", "Monday, November 30"),
        ("day", "pt-br", "Segunda-feira, 30 de novembro"),
    ],
)
def test_a_page_is_called_by_its_days(page, alice, view, language, name):
    alice.language = language
    alice.save()
    assert f">{name}</h1>" in page(view=view, date="2026-11-30").content.decode()


def test_today_carries_the_line_of_now(page):
    assert page(view="week").content.decode().count("hour__now") == 1
    assert "hour__now" not in page(view="week", date="2027-01-20").content.decode()


@pytest.mark.parametrize(
    ("now", "opens"),
    [("2026-11-23T12:00+00:00", "08"), ("2026-11-23T03:10+00:00", "00"), ("2026-12-23T12:00+00:00", "08")],
)
def test_it_opens_an_hour_before_now_or_in_the_morning(alice, now, opens):
    assert table_of(alice, spans.week(date(2026, 11, 23), 0, SP), datetime.fromisoformat(now)).opens == opens


def test_a_week_without_today_opens_before_its_first_post(make_post, alice, noon):
    make_post(at=noon + timedelta(days=14, hours=3), now=noon)
    assert table_of(alice, spans.week(noon.date() + timedelta(days=14), 0, SP), noon).opens == "11"


# --- Moving -----------------------------------------------------------------------------------------------------
@pytest.fixture
def bread(make_post, ahead):
    return make_post(at=ahead, now=clock.now())


@pytest.fixture
def drop(client, alice):
    client.force_login(alice)

    def drop(post, **said):
        where = f"http://testserver/calendar/?view=week&date={day_of(post.scheduled_for)}"
        return client.post(reverse("post-move", args=[post.pk]), said, **HTMX, HTTP_HX_CURRENT_URL=where)

    return drop


def test_a_drop_answers_with_the_two_columns_alone(drop, bread, ahead):
    old, new = day_of(ahead), day_of(ahead) + timedelta(days=2)
    answer = drop(bread, date=new, time="18:45", tz=SP, version=bread.version).content.decode()
    assert (answer.count('role="row"'), answer.count("hx-swap-oob")) == (2, 2)
    assert all(f'id="day-{day}"' in answer for day in (old, new))
    assert zones.to_wall(ScheduledPost.objects.get().scheduled_for, SP) == datetime.combine(new, time(18, 45))


def test_a_drop_out_of_the_week_answers_with_the_column_in_it(drop, bread, ahead):
    answer = drop(bread, date=day_of(ahead) + timedelta(days=20), tz=SP, version=bread.version).content.decode()
    assert (answer.count('role="row"'), f'id="day-{day_of(ahead)}"' in answer) == (1, True)


def test_a_drop_to_another_hour_of_the_day_answers_with_its_column(drop, bread, ahead):
    answer = drop(bread, date=day_of(ahead), time="20:00", tz=SP, version=bread.version).content.decode()
    assert (answer.count('role="row"'), answer.count(f'id="post-{bread.pk}"')) == (1, 1)


def test_changed_columns_are_read_in_three_queries(alice, bread, ahead):
    accounts = list(alice.instagram_accounts.all())
    days = {day_of(ahead), day_of(ahead) + timedelta(days=3)}
    with CaptureQueriesContext(connection) as queries:
        table = week.timetable(alice, spans.week(day_of(ahead), 0, SP), Filters(), accounts, clock.now(), only=days)
    assert (len(queries), [column.count for column in table.columns]) == (3, [1, 0])


@pytest.mark.parametrize(("view", "columns"), [("week", 7), ("day", 1)])
def test_a_page_hears_of_the_columns_that_look_different(page, make_post, ahead, view, columns):
    said = {"view": view, "date": day_of(ahead)}
    table = page(**said).context
    seen = [f"{table['place'].today:%y%m%d}", *(column.digest for column in table["table"].columns)]
    assert len(seen) == columns + 1
    assert page("/calendar/changes/", **said, seen="".join(seen)).status_code == 204
    make_post(at=ahead, now=clock.now())
    answer = page("/calendar/changes/", **said, seen="".join(seen)).content.decode()
    assert (answer.count('role="row"'), f'id="day-{day_of(ahead)}"' in answer) == (1, True)
