"""A week or a day as a timetable: a column for each day, its hours from top to bottom, its posts at their minute."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import formats

from scheduler.lib import hours, lanes, spans, zone_names, zones
from scheduler.lib.hours import Hour, Row
from scheduler.lib.spans import Span
from scheduler.models import InstagramAccount, ScheduledPost, User
from scheduler.services import slots, when
from scheduler.services.calendar import COLUMNS, Card, Day, cards_of
from scheduler.services.calendar_filters import Filters

# Of an hour so many posts are drawn, and of a day of a week so many; where it has more, the first of each hour.
HOUR_POSTS, DAY_POSTS, SIDE_BY_SIDE = 3, 24, 3
# Hours before this one are folded away as long as nothing is planned in them.
EARLY = 6
# Where a timetable opens that shows neither today nor any post.
MORNING = 8
# How many minutes a card covers with the gap under it: 44 px of a week's hour of 64 px, 60 px of a day's.
WEEK_MINUTES, DAY_MINUTES = 43, 58


@dataclass(frozen=True)
class Line:
    """An hour on the left edge.

    key: as cells name it, "18", or "01b" for the second time round. words: a time in it, {} stands for the minutes.
    offset: "GMT-4" where the clock shows the hour twice.
    """

    key: str
    hour: int
    name: str
    words: str
    offset: str = ""

    @property
    def is_early(self) -> bool:
        """Return whether it may be folded away."""
        return self.hour < EARLY


@dataclass
class Item:
    """A post at its minute, or how many `more` there are than fit. lane: "1/2" is the left one of two."""

    at: str
    post: ScheduledPost | None
    card: Card | None = None
    more: int = 0
    lane: str = ""


@dataclass(frozen=True)
class Free:
    """A posting time of an account at which nothing is planned yet. at: on the wall, clock: its time of day."""

    at: str
    time: str
    clock: str
    account: InstagramAccount


@dataclass
class Cell:
    """An hour of a day. count: how many posts are planned in it. now: the minute, while it lasts."""

    line: Line
    start: datetime
    is_past: bool
    now: str = ""
    items: list[Item] = field(default_factory=list)
    free: list[Free] = field(default_factory=list)
    count: int = 0


@dataclass
class Column(Day):
    """A day of a timetable. cells: one for each line, None where the clock skips it."""

    cells: list[Cell | None] = field(default_factory=list)

    @property
    def weekday(self) -> str:
        """Return its weekday in brief."""
        return when.weekday_short(self.day.weekday())

    @property
    def hours(self) -> list[Cell]:
        """Return the hours that the day has."""
        return [cell for cell in self.cells if cell is not None]


@dataclass(frozen=True)
class Timetable:
    """Days side by side. opens: the key of the line with which it is first seen."""

    lines: list[Line]
    columns: list[Column]
    opens: str


def timetable(
    user: User,
    span: Span,
    filters: Filters,
    accounts: Sequence[InstagramAccount],
    now: datetime,
    only: Collection[date] | None = None,
) -> Timetable:
    """Return the days of the span, or `only` those of them, each in the same lines; three queries.

    accounts: the person's, so that no post asks for its own.
    """
    days = {day: hours.hours_of(day, span.zone) for day in span.days}
    lines = _lines(days.values(), span.zone)
    drawn = [day for day in span.days if only is None or day in only]
    columns = [_column(day, days[day], lines, now, span.zone) for day in drawn]
    found = _count(user, columns, filters, span.zone)
    for column in columns:
        _place(column, found, span.zone, is_alone=span.length == 1)
    _draw(columns, accounts)
    _offer_slots(columns, filters, accounts, now, span.zone)
    return Timetable(list(lines.values()), columns, _opening(columns, span, now))


# --- Hours and days -------------------------------------------------------------------------------------------
def _lines(days: Iterable[Sequence[Hour]], zone: str) -> dict[Row, Line]:
    days = list(days)
    starts = {hour.row: hour.start for one in days for hour in one if len(one) > hours.HOURS}
    return {row: _line(row, starts, zone) for row in hours.rows_of(days)}


def _line(row: Row, starts: dict[Row, datetime], zone: str) -> Line:
    is_twice = Row(row.hour, True) in starts
    at = time(row.hour)
    return Line(
        key=f"{row.hour:02}{'b' if row.again else ''}",
        hour=row.hour,
        name=formats.time_format(at, formats.get_format("HOUR_FORMAT")),
        words=formats.time_format(at).replace(":00", ":{}"),
        offset=zone_names.offset(zone, starts[row]) if is_twice else "",
    )


def _column(day: date, found: Sequence[Hour], lines: dict[Row, Line], now: datetime, zone: str) -> Column:
    column = Column(day)
    cells = {hour.row: Cell(lines[hour.row], hour.start, _ended(hour, now)) for hour in found}
    column.cells = [cells.get(row) for row in lines]
    current = next((cell for cell in reversed(column.hours) if cell.start <= now), None)
    if current is not None and not current.is_past:
        current.now = f"{zones.to_wall(now, zone):%Y-%m-%dT%H:%M}"
    return column


def _ended(hour: Hour, now: datetime) -> bool:
    return hour.start + hours.HOUR <= now


# --- Posts ----------------------------------------------------------------------------------------------------
def _count(user: User, columns: list[Column], filters: Filters, zone: str) -> dict[datetime, list[ScheduledPost]]:
    """Return the first posts of each hour by its beginning, and write down how many there are; one query."""
    owners = {cell.start: (column, cell) for column in columns for cell in column.hours}
    # Days that do not follow each other have the time between them as a period of its own, which is let go.
    starts = sorted(owners.keys() | {spans.single_day(column.day, zone).starts[1] for column in columns})
    mine = filters.narrow(ScheduledPost.objects.for_user(user))
    found: dict[datetime, list[ScheduledPost]] = {}
    first_ones: Iterable[Any] = mine.first_of_each(starts, HOUR_POSTS, COLUMNS) if owners else ()
    for post in first_ones:
        start = starts[post.period]
        if start in owners and start not in found:
            column, cell = owners[start]
            cell.count = post.in_period
            column.count += post.in_period
            column.failed += post.failed_in_period
        if start in owners:
            found.setdefault(start, []).append(post)
    return found


def _place(column: Column, found: dict[datetime, list[ScheduledPost]], zone: str, *, is_alone: bool) -> None:
    """Put the posts of a day into its hours, side by side where they overlap; what finds no room is counted."""
    wanted = sum(len(found.get(cell.start, ())) for cell in column.hours)
    most = HOUR_POSTS if is_alone or wanted <= DAY_POSTS else 1
    items, starts = [], []
    for line, cell in enumerate(column.cells):
        if cell is not None and cell.start in found:
            cell.items = _items(found[cell.start], cell.count, most, zone)
            items += cell.items
            starts += [line * 60 + int(item.at[-2:]) for item in cell.items]
    found_lanes = lanes.lanes(starts, DAY_MINUTES if is_alone else WEEK_MINUTES, SIDE_BY_SIDE)
    for item, lane in zip(items, found_lanes, strict=True):
        item.lane = f"{lane.number}/{lane.of}" if lane.of > 1 else ""
        if lane.into is not None:
            _hide(item, items[lane.into])
    for cell in column.hours:
        cell.items = [item for item in cell.items if item.post or item.more]


def _items(posts: list[ScheduledPost], count: int, most: int, zone: str) -> list[Item]:
    walls = [zones.to_wall(post.scheduled_for, zone) for post in posts if post.scheduled_for]
    items = [Item(wall.strftime("%Y-%m-%dT%H:%M"), post) for wall, post in zip(walls, posts, strict=True)]
    if count <= most:
        return items
    kept = max(most - 1, 1)
    return [*items[:kept], Item(items[kept].at, None, more=count - kept)]


def _hide(item: Item, behind: Item) -> None:
    behind.more += (item.more or 1) + (behind.post is not None)
    behind.post, item.post, item.more = None, None, 0


def _draw(columns: list[Column], accounts: Iterable[InstagramAccount]) -> None:
    """Make cards of the posts that are seen; one query."""
    owners = [(column, item) for column in columns for cell in column.hours for item in cell.items if item.post]
    seen = [item.post for _column, item in owners if item.post]
    for (column, item), card in zip(owners, cards_of(seen, accounts), strict=True):
        item.card = replace(card, lane=item.lane) if item.lane else card
        column.cards.append(item.card)


# --- Free posting times ---------------------------------------------------------------------------------------
def _offer_slots(
    columns: list[Column], filters: Filters, accounts: Sequence[InstagramAccount], now: datetime, zone: str
) -> None:
    """Show where a post could still go, unless a card covers it.

    Only where every post is drawn that may have taken it.
    """
    cells = {(column.day, cell.line.key): cell for column in columns for cell in column.hours}
    if not cells or replace(filters, account=()):
        return
    asked = [account for account in accounts if not filters.account or account.pk in filters.account]
    starts = [cell.start for cell in cells.values()]
    first, last = starts[0], starts[-1] + hours.HOUR
    if last <= now:
        return
    taken = [card.post for column in columns for card in column.cards]
    seen: set[str] = set()
    for account, at in slots.planned_between(asked, max(first, now + slots.SOONEST), last):
        row = hours.row_of(at, zone)
        wall = zones.to_wall(at, zone)
        cell = cells.get((wall.date(), f"{row.hour:02}{'b' if row.again else ''}"))
        said = wall.strftime("%Y-%m-%dT%H:%M")
        if cell is None or said in seen or any(item.more for item in cell.items):
            continue
        if not slots.is_taken(account, at, taken) and not any(_covers(post, at) for post in taken):
            seen.add(said)
            cell.free.append(Free(said, formats.time_format(wall.time()), said[11:], account))


def _covers(post: ScheduledPost, at: datetime) -> bool:
    return post.scheduled_for is not None and abs(post.scheduled_for - at) < timedelta(minutes=WEEK_MINUTES)


# --- Where it opens -------------------------------------------------------------------------------------------
def _opening(columns: list[Column], span: Span, now: datetime) -> str:
    """Return the line with which the page opens: an hour before now, before the first post, or the morning."""
    today = zones.to_wall(now, span.zone).date()
    if today in span:
        return f"{max(zones.to_wall(now, span.zone).hour - 1, 0):02}"
    first = min((int(card.at[11:13]) for column in columns for card in column.cards), default=MORNING + 1)
    return f"{max(first - 1, 0):02}"
