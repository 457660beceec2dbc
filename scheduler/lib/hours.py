"""The hours of a day as a clock on the wall shows them, also on the days that are longer or shorter than others."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.lib import spans

HOURS = 24
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


class Row(NamedTuple):
    """What one line of a timetable stands for.

    hour: 0 to 23. again: the clock shows it for the second time that day.
    """

    hour: int
    again: bool = False


class Hour(NamedTuple):
    """One hour of one day. start: the first instant at which the clock shows it, in UTC."""

    row: Row
    start: datetime


def row_of(at: datetime, zone: str) -> Row:
    """Return the hour that the clock of `zone` shows at an aware instant."""
    wall = at.astimezone(ZoneInfo(zone))
    return Row(wall.hour, bool(wall.fold))


def hours_of(day: date, zone: str) -> list[Hour]:
    """Return the hours of a day in order: without one that the clock skips, with one that it repeats twice."""
    start, end = spans.single_day(day, zone).starts
    if _is_plain(start, end, zone):
        return [Hour(Row(number), start + number * HOUR) for number in range(HOURS)]
    hours: list[Hour] = []
    at = start
    while at < end:
        row = row_of(at, zone)
        if not hours or hours[-1].row != row:
            hours.append(Hour(row, at))
        at += QUARTER
    return hours


def rows_of(days: Iterable[Sequence[Hour]]) -> list[Row]:
    """Return the lines on which every hour of these days has its place; the second time round follows the first."""
    rows = {hour.row for hours in days for hour in hours}
    last = max((row.hour for row in rows if row.again), default=0)
    return sorted(rows, key=lambda row: (last if row.again else row.hour, row.again, row.hour))


def _is_plain(start: datetime, end: datetime, zone: str) -> bool:
    clock = ZoneInfo(zone)
    same = start.astimezone(clock).utcoffset() == (end - QUARTER).astimezone(clock).utcoffset()
    return same and end - start == HOURS * HOUR
