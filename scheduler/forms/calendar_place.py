"""Where somebody is in the calendar: everything its address says, read and written in one place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self, TypeVar

from django.http import QueryDict
from django.utils import formats
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from scheduler.lib import spans, zones
from scheduler.lib.numbers import row_id
from scheduler.lib.spans import Span
from scheduler.models import InstagramAccount, MediaType, User
from scheduler.services.calendar_filters import SHOWN_AS, Filters

MONTH, WEEK, DAY, LIST = VIEWS = ("month", "week", "day", "list")
DAYS_A_PAGE = {WEEK: 7, DAY: 1}
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
MOST_CHARS = 100
Word = TypeVar("Word")


@dataclass(frozen=True)
class CalendarPlace:
    """A view of the calendar.

    day: one that is in view. zone: whose clock it shows. usual_view, usual_zone: what an address needs not say.
    first_weekday: with which day a week begins; 0 is Sunday. clocks: the zones of the person and the accounts, and
    whose they are.
    """

    view: str
    day: date
    today: date
    zone: str
    filters: Filters
    usual_view: str = MONTH
    usual_zone: str = ""
    clocks: tuple[tuple[str, str], ...] = ()
    first_weekday: int = 0

    @property
    def span(self) -> Span:
        """Return the days that the view draws; a list begins with its day and has no end."""
        if self.view == WEEK:
            return spans.week(self.day, self.first_weekday, self.zone)
        if self.view == DAY:
            return spans.single_day(self.day, self.zone)
        return spans.month(self.day, self.first_weekday, self.zone)

    def turned(self, pages: int) -> Self:
        """Return the view one page later, or with -1 earlier; it stays within what the calendar knows."""
        days = DAYS_A_PAGE.get(self.view)
        later = self.day + timedelta(days=days * pages) if days else spans.month_later(self.day, pages)
        return replace(self, day=_within(later))

    def at(self, **changes: object) -> Self:
        """Return the view with something else in it."""
        return replace(self, **changes)  # type: ignore[arg-type]  # names are those of the fields

    @property
    def besides_filters(self) -> list[tuple[str, str]]:
        """Return what the address says beside the filters: pairs of name and value."""
        return [pair for pair in self._said() if pair not in self.filters.words()]

    def _said(self) -> list[tuple[str, str]]:
        said = self.filters.words()
        if self.view != self.usual_view:
            said.append(("view", self.view))
        if self.day != self.today:
            said.append(("date", self.day.isoformat()))
        if self.zone != self.usual_zone:
            said.append(("tz", self.zone))
        return sorted(said)

    @property
    def query(self) -> str:
        """Return the address from "?" on, the same for the same view: sorted, nothing that goes without saying."""
        said = self._said()
        return f"?{urlencode(said)}" if said else "?"


def read_place(
    said: QueryDict, user: User, accounts: Iterable[InstagramAccount], now: datetime, usual_view: str = MONTH
) -> CalendarPlace:
    """Return the view that an address names; what it says wrongly counts as not said."""
    by_id = {account.pk: account for account in accounts}
    filters = _filters(said, by_id)
    usual_zone = by_id[filters.account[0]].timezone if len(filters.account) == 1 else user.timezone
    usual_zone = usual_zone if zones.is_zone(usual_zone) else "UTC"
    zone = said.get("tz", "") if zones.is_zone(said.get("tz", "")) else usual_zone
    today = zones.to_wall(now, zone).date()
    view = said.get("view", "")
    return CalendarPlace(
        view=view if view in VIEWS else usual_view,
        day=read_day(said.get("date", "")) or today,
        today=today,
        zone=zone,
        filters=filters,
        usual_view=usual_view,
        usual_zone=usual_zone,
        first_weekday=int(user.first_weekday or formats.get_format("FIRST_DAY_OF_WEEK")),
        clocks=_clocks(user, by_id.values()),
    )


def _clocks(user: User, accounts: Iterable[InstagramAccount]) -> tuple[tuple[str, str], ...]:
    names: dict[str, list[str]] = {user.timezone: [_("You")]}
    for account in accounts:
        names.setdefault(account.timezone, []).append(str(account))
    return tuple((zone, ", ".join(whose)) for zone, whose in names.items() if zones.is_zone(zone))


def _filters(said: QueryDict, accounts: Mapping[int, InstagramAccount]) -> Filters:
    numbers = (row_id(word) for word in said.getlist("account"))
    return Filters(
        account=_known((number for number in numbers if number), accounts),
        status=_known(said.getlist("status"), SHOWN_AS),
        type=_known(said.getlist("type"), MediaType.values),
        tag=_text(said.get("tag", "")),
        q=_text(said.get("q", "")),
    )


def _known(words: Iterable[Word], known: Iterable[Word]) -> tuple[Word, ...]:
    allowed = set(known)
    return tuple(sorted({word for word in words if word in allowed}, key=str))


def _text(said: str) -> str:
    return " ".join(said.replace("\0", "").split())[:MOST_CHARS]


def read_day(said: str) -> date | None:
    """Return the day that an address writes as 2026-11-24, within what the calendar knows; None for anything else."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return _within(day)


def _within(day: date) -> date:
    return min(max(day, EARLIEST), LATEST)
