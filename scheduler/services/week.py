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
    """A card at its minute, or how many `more` posts there are than fit. lane: "1/2" is the left one of two."""

    at: str
    card: Card | None
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
    columns = [_column(day, days[day], lines, now) for day in drawn]
    for column, found in zip(columns, _posts(user, columns, filters, accounts, span.zone), strict=True):
        _fill(column, found, is_alone=span.length == 1)
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


def _column(day: date, found: Sequence[Hour], lines: dict[Row, Line], now: datetime) -> Column:
    column = Column(day)
    cells = {hour.row: Cell(lines[hour.row], hour.start, _ended(hour, now)) for hour in found}
    column.cells = [cells.get(row) for row in lines]
    current = next((cell for cell in reversed(column.hours) if cell.start <= now), None)
    if current is not None and not current.is_past:
        current.now = f"{column.iso}T{current.line.hour:02}:{(now - current.start).seconds // 60:02}"
    return column


def _ended(hour: Hour, now: datetime) -> bool:
    return hour.start + hours.HOUR <= now


# --- Posts ----------------------------------------------------------------------------------------------------
def _posts(
    user: User, columns: list[Column], filters: Filters, accounts: Iterable[InstagramAccount], zone: str
) -> list[dict[datetime, list[Card]]]:
    """Return for each day its first posts by the beginning of their hour; counts go to the cells. Two queries."""
    if not columns:
        return []
    owners = {cell.start: (number, cell) for number, column in enumerate(columns) for cell in column.hours}
    # Days that do not follow each other have the time between them as a period of its own, which is let go.
    ends = {spans.single_day(column.day, zone).starts[1] for column in columns}
    starts = sorted(owners.keys() | ends)
    mine = filters.narrow(ScheduledPost.objects.for_user(user))
    posts: list[Any] = list(mine.first_of_each(starts, HOUR_POSTS, COLUMNS))
    found: list[dict[datetime, list[Card]]] = [{} for _column in columns]
    failed: dict[datetime, int] = {}
    for post, card in zip(posts, cards_of(posts, accounts), strict=True):
        start = starts[post.period]
        if start not in owners:
            continue
        number, cell = owners[start]
        found[number].setdefault(start, []).append(card)
        cell.count, failed[start] = post.in_period, post.failed_in_period
    for column in columns:
        column.count = sum(cell.count for cell in column.hours)
        column.failed = sum(failed.get(cell.start, 0) for cell in column.hours)
    return found


def _fill(column: Column, found: dict[datetime, list[Card]], *, is_alone: bool) -> None:
    """Put the cards of a day into its hours, side by side where they overlap; what finds no room is counted."""
    wanted = sum(len(cards) for cards in found.values())
    most = HOUR_POSTS if is_alone or wanted <= DAY_POSTS else 1
    minutes = DAY_MINUTES if is_alone else WEEK_MINUTES
    items, starts = [], []
    for line, cell in enumerate(column.cells):
        if cell is not None and cell.start in found:
            cell.items = _items(found[cell.start], cell.count, most)
            items += cell.items
            starts += [line * 60 + int(item.at[-2:]) for item in cell.items]
    for item, lane in zip(items, lanes.lanes(starts, minutes, SIDE_BY_SIDE), strict=True):
        item.lane = f"{lane.number}/{lane.of}" if lane.of > 1 else ""
        if lane.into is not None:
            _hide(item, items[lane.into])
    for cell in column.hours:
        cell.items = [_placed(item) for item in cell.items if item.card or item.more]
        column.cards += [item.card for item in cell.items if item.card]


def _items(cards: list[Card], count: int, most: int) -> list[Item]:
    if count <= most:
        return [Item(card.at, card) for card in cards]
    kept = max(most - 1, 1)
    return [*(Item(card.at, card) for card in cards[:kept]), Item(cards[kept].at, None, count - kept)]


def _hide(item: Item, behind: Item) -> None:
    behind.more += (item.more or 1) + (behind.card is not None)
    behind.card, item.card, item.more = None, None, 0


def _placed(item: Item) -> Item:
    item.card = replace(item.card, lane=item.lane) if item.card and item.lane else item.card
    return item


# --- Free posting times ---------------------------------------------------------------------------------------
def _offer_slots(
    columns: list[Column], filters: Filters, accounts: Sequence[InstagramAccount], now: datetime, zone: str
) -> None:
    """Show where a post could still go, unless a card covers it.

    Only where every post is drawn that may have taken it.
    """
    if not columns or replace(filters, account=()):
        return
    asked = [account for account in accounts if not filters.account or account.pk in filters.account]
    first, last = columns[0].hours[0].start, columns[-1].hours[-1].start + hours.HOUR
    if last <= now:
        return
    taken = [card.post for column in columns for card in column.cards]
    cells = {(column.day, cell.line.key): cell for column in columns for cell in column.hours}
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
