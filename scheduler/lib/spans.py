"""Which days a calendar shows, and the instant at which each of them begins."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from scheduler.lib import zones

# A month is always drawn with as many weeks as the longest takes, so that turning the page moves nothing.
WEEKS_SHOWN = 6
WEEK = 7
# What can be planned for: at the ends of the calendar no clock can be moved into another zone.
YEARS = range(2000, 2100)


class Span(NamedTuple):
    """Days in a row on the clock of one zone.

    first: the first of them. length: how many. zone: an IANA name.
    """

    first: date
    length: int
    zone: str

    @property
    def days(self) -> list[date]:
        """Return the days, the earliest first."""
        return [self.first + timedelta(days=number) for number in range(self.length)]

    @property
    def starts(self) -> list[datetime]:
        """Return when each day begins, and when the last one ends: `length` + 1 instants in UTC."""
        days = [*self.days, self.first + timedelta(days=self.length)]
        return [day_start(day, self.zone) for day in days]

    def __contains__(self, day: object) -> bool:
        """Return whether a day is one of them."""
        return isinstance(day, date) and 0 <= (day - self.first).days < self.length


def day_start(day: date, zone: str) -> datetime:
    """Return the first instant of a day in UTC; where the clock skips midnight, when it starts again."""
    return zones.resolve(datetime.combine(day, time.min), zone).utc


def week_start(day: date, first_weekday: int) -> date:
    """Return the day with which the week of `day` begins; `first_weekday` is 0 for Sunday, 1 for Monday."""
    return day - timedelta(days=(day.isoweekday() - first_weekday) % WEEK)


def month(day: date, first_weekday: int, zone: str) -> Span:
    """Return the six weeks that show the month of `day`."""
    return Span(week_start(day.replace(day=1), first_weekday), WEEKS_SHOWN * WEEK, zone)


def week(day: date, first_weekday: int, zone: str) -> Span:
    """Return the week of `day`."""
    return Span(week_start(day, first_weekday), WEEK, zone)


def single_day(day: date, zone: str) -> Span:
    """Return the day alone."""
    return Span(day, 1, zone)


def month_later(day: date, months: int) -> date:
    """Return the first day of the month that many months after (or, negative, before) the one of `day`."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
