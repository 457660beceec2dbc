"""The next free time of an account's week, and the times at which it usually posts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db.models import F

from scheduler.lib import zones
from scheduler.lib.zones import Moment
from scheduler.models import InstagramAccount, PostingSlot, ScheduledPost, Status, User

# A slot counts as taken when a post of the account is planned this close to it.
NEAR = timedelta(minutes=15)
# How far ahead is looked, and how soon a slot may be: there must be time to write.
HORIZON = timedelta(days=60)
SOONEST = timedelta(minutes=5)
# What counts as usual: at least so many posts at the same time of day within so many days.
USUAL_WITHIN, USUAL_TIMES, USUAL_MOST = timedelta(days=90), 3, 3
_TAKES_A_SLOT = [Status.DRAFT, Status.SCHEDULED, Status.PUBLISHING, Status.PUBLISHED, Status.FAILED]


def next_free(accounts: Iterable[InstagramAccount], now: datetime) -> dict[int, Moment]:
    """Return the next free slot of each account that has any, by its primary key; two queries.

    The moment's wall time is on the account's own clock.
    """
    accounts = list(accounts)
    week: dict[int, dict[int, list[time]]] = defaultdict(lambda: defaultdict(list))
    for slot in PostingSlot.objects.filter(account__in=accounts):
        week[slot.account_id][slot.weekday].append(slot.at)
    taken = _taken([account for account in accounts if account.pk in week], now)
    found = {}
    for account in accounts:
        free = (
            moment
            for moment in _coming(week[account.pk], account.timezone, now)
            if not any(abs(moment.utc - at) < NEAR for at in taken[account.pk])
        )
        first = next(free, None)
        if first is not None:
            found[account.pk] = first
    return found


def next_free_few(account: InstagramAccount, now: datetime, count: int = 3) -> list[Moment]:
    """Return the next free slots of one account, on its own clock; two queries."""
    week: dict[int, list[time]] = defaultdict(list)
    for slot in account.posting_slots.all():
        week[slot.weekday].append(slot.at)
    taken = _taken([account], now)[account.pk] if week else []
    free = (one for one in _coming(week, account.timezone, now) if not any(abs(one.utc - at) < NEAR for at in taken))
    return list(islice(free, count))


def free_on(account: InstagramAccount, day: date, now: datetime) -> time | None:
    """Return the first free slot of one day on the account's own clock, None without any; two queries."""
    week = {day.weekday(): [slot.at for slot in account.posting_slots.filter(weekday=day.weekday())]}
    taken = _taken([account], now)[account.pk] if week[day.weekday()] else []
    for at in sorted(week[day.weekday()]):
        moment = zones.resolve(datetime.combine(day, at), account.timezone)
        if moment.utc >= now + SOONEST and not any(abs(moment.utc - other) < NEAR for other in taken):
            return moment.wall.time()
    return None


def accounts_with_times(user: User) -> list[InstagramAccount]:
    """Return a person's accounts with their posting times; one query in all."""
    found: dict[int, InstagramAccount] = {}
    slot = {"slot_weekday": F("posting_slots__weekday"), "slot_at": F("posting_slots__at")}
    rows: Iterable[Any] = InstagramAccount.objects.for_user(user).annotate(**slot)
    for row in rows:
        account = found.setdefault(row.pk, row)
        account.times = account.times or []
        account.times += [(row.slot_weekday, row.slot_at)] if row.slot_at is not None else []
    return list(found.values())


def planned_between(
    accounts: Iterable[InstagramAccount], start: datetime, end: datetime
) -> list[tuple[InstagramAccount, datetime]]:
    """Return every slot of these accounts from `start` until before `end`, also taken ones.

    One query, when not all of them have their times with them.
    """
    found = []
    for account, weekday, at in _times_of(list(accounts)):
        found += [(account, one) for one in _weekly(weekday, at, account.timezone, start, end)]
    return sorted(found, key=lambda one: one[1])


def _times_of(accounts: list[InstagramAccount]) -> Iterator[tuple[InstagramAccount, int, time]]:
    unread = {account.pk: account for account in accounts if account.times is None}
    for slot in PostingSlot.objects.filter(account__in=unread) if unread else ():
        yield unread[slot.account_id], slot.weekday, slot.at
    for account in accounts:
        for weekday, at in account.times or ():
            yield account, weekday, at


def _weekly(weekday: int, at: time, zone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    first = zones.to_wall(start, zone).date()
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while (instant := zones.resolve(datetime.combine(day, at), zone).utc) < end:
        if instant >= start:
            yield instant
        day += timedelta(days=7)


def is_taken(account: InstagramAccount, at: datetime, posts: Iterable[ScheduledPost]) -> bool:
    """Return whether one of these posts takes the account's slot at `at`."""
    return any(
        post.instagram_account_id == account.pk
        and post.status in _TAKES_A_SLOT
        and post.scheduled_for is not None
        and abs(post.scheduled_for - at) < NEAR
        for post in posts
    )


def _taken(accounts: list[InstagramAccount], now: datetime) -> dict[int, list[datetime]]:
    taken: dict[int, list[datetime]] = defaultdict(list)
    if accounts:
        posts = ScheduledPost.objects.filter(
            instagram_account__in=accounts,
            deleted_at=None,
            status__in=_TAKES_A_SLOT,
            scheduled_for__range=(now - NEAR, now + HORIZON + NEAR),
        )
        for account_id, at in posts.order_by().values_list("instagram_account_id", "scheduled_for"):
            if account_id is not None and at is not None:
                taken[account_id].append(at)
    return taken


def _coming(week: dict[int, list[time]], zone: str, now: datetime) -> Iterator[Moment]:
    """Yield the slots from soon on, the next first."""
    today = zones.to_wall(now, zone).date()
    for number in range(HORIZON.days + 1) if week else ():
        day = today + timedelta(days=number)
        for at in sorted(week.get(day.weekday(), [])):
            moment = zones.resolve(datetime.combine(day, at), zone)
            if moment.utc >= now + SOONEST:
                yield moment


def usual_times(accounts: Iterable[InstagramAccount], now: datetime) -> dict[int, list[time]]:
    """Return the times of day at which each account posted most often of late, by its primary key; one query."""
    live = ScheduledPost.objects.filter(
        instagram_account__in=list(accounts), status=Status.PUBLISHED, published_at__gt=now - USUAL_WITHIN
    )
    times: dict[int, Counter[time]] = defaultdict(Counter)
    for account_id, at in live.order_by().values_list("instagram_account_id", "planned_time"):
        if account_id is not None and at is not None:
            times[account_id][at] += 1
    return {
        account_id: sorted(at for at, count in counted.most_common(USUAL_MOST) if count >= USUAL_TIMES)
        for account_id, counted in times.items()
    }
