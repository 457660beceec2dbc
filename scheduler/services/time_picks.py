"""Times for a post that one click fills in, each with its words."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from scheduler.lib import zones
from scheduler.models import InstagramAccount, User
from scheduler.services import slots, when
from scheduler.services.best_times import BestTime, best_times

EVENING, MORNING, MONDAY = time(18), time(9), 0


@dataclass(frozen=True)
class Pick:
    """What the fields of day, time and zone are to say, and what the button says."""

    words: str
    day: str
    clock: str
    zone: str


def usual_picks(user: User, now: datetime) -> list[Pick]:
    """Return this evening, tomorrow morning and Monday morning on the person's clock, without what has passed."""
    today = zones.to_wall(now, user.timezone).date()
    monday = today + timedelta(days=(MONDAY - today.weekday()) % 7 or 7)
    tomorrow = today + timedelta(days=1)
    wished = [(_("Today %(time)s"), today, EVENING), (_("Tomorrow %(time)s"), tomorrow, MORNING)]
    if monday != tomorrow:
        wished.append((_("Monday %(time)s"), monday, MORNING))
    return [
        _pick(words % {"time": formats.time_format(at)}, datetime.combine(day, at), user.timezone)
        for words, day, at in wished
        if zones.resolve(datetime.combine(day, at), user.timezone).utc >= now + slots.SOONEST
    ]


def picks_by_account(accounts: Iterable[InstagramAccount], now: datetime) -> dict[str, list[dict[str, str]]]:
    """Return, by the account's primary key as text, next free slot, usual and best times; five queries."""
    accounts = list(accounts)
    free, usual = slots.next_free(accounts, now), slots.usual_times(accounts, now)
    best = best_times(accounts, now)
    picks = {
        account.pk: [*_of_account(account, free, usual, now), *_best_of(account, best.get(account.pk, []), now)]
        for account in accounts
    }
    return {str(pk): [asdict(pick) for pick in found] for pk, found in picks.items() if found}


def _of_account(
    account: InstagramAccount, free: dict[int, zones.Moment], usual: dict[int, list[time]], now: datetime
) -> list[Pick]:
    picks = []
    if account.pk in free:
        wall = free[account.pk].wall
        told = {"day": when.short_day(wall.date()), "time": formats.time_format(wall.time())}
        picks.append(_pick(_("Next free slot: %(day)s, %(time)s") % told, wall, account.timezone))
    for at in usual.get(account.pk, []):
        wall = _next_at(at, account.timezone, now)
        picks.append(_pick(_("Usual: %(time)s") % {"time": formats.time_format(at)}, wall, account.timezone))
    return picks


def _best_of(account: InstagramAccount, best: list[BestTime], now: datetime) -> list[Pick]:
    picks = []
    for one in best:
        wall = _next_on(one.weekday, time(one.hour), account.timezone, now)
        told = {"day": when.short_day(wall.date()), "time": formats.time_format(wall.time()), "n": one.posts}
        picks.append(_pick(_("Best of %(n)s posts: %(day)s, %(time)s") % told, wall, account.timezone))
    return picks


def _next_on(weekday: int, at: time, zone: str, now: datetime) -> datetime:
    """Return the next wall time that shows `at` on a weekday, today's if it is still ahead."""
    first = _next_at(at, zone, now)
    return first + timedelta(days=(weekday - first.weekday()) % 7)


def _next_at(at: time, zone: str, now: datetime) -> datetime:
    """Return the next wall time that shows `at`, today's if it is still ahead."""
    wall = datetime.combine(zones.to_wall(now, zone).date(), at)
    return wall if zones.resolve(wall, zone).utc >= now + slots.SOONEST else wall + timedelta(days=1)


def _pick(words: str, wall: datetime, zone: str) -> Pick:
    return Pick(words, wall.date().isoformat(), f"{wall:%H:%M}", zone)
