"""What the API tells of many posts at once: the days of a calendar, and how publishing goes."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from statistics import median
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from scheduler.lib import zones
from scheduler.models import InstagramAccount, ScheduledPost, Status, User
from scheduler.services import quota

LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True)
class PlannedDay:
    """The posts of one day on the clock of a zone."""

    day: date
    count: int
    counts: dict[str, int]
    posts: list[ScheduledPost]


def bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Return when the first day begins and the last one ends, on the clock of a zone."""
    start, end = (datetime.combine(day, time()) for day in (first, last + timedelta(days=1)))
    return zones.resolve(start, zone).utc, zones.resolve(end, zone).utc


def days_of(posts: QuerySet[ScheduledPost], zone: str) -> list[PlannedDay]:
    """Return planned posts under their days; days without one are left out."""
    there = ZoneInfo(zone)

    def day_of(post: ScheduledPost) -> date:
        return cast(datetime, post.scheduled_for).astimezone(there).date()

    grouped = ((day, list(rows)) for day, rows in groupby(posts, key=day_of))
    return [PlannedDay(day, len(rows), dict(Counter(post.status for post in rows)), rows) for day, rows in grouped]


def stats_of(user: User, now: datetime) -> dict[str, Any]:
    """Return how this person's posts stand. Three queries, two for each account."""
    mine = ScheduledPost.objects.for_user(user)
    found = dict(mine.order_by().values_list("status").annotate(number=Count("pk")))
    next_post = mine.filter(status=Status.SCHEDULED, hold_reason="", scheduled_for__gte=now).order_by("scheduled_for")
    accounts = [_account(one, mine, now) for one in InstagramAccount.objects.for_user(user)]
    return {
        "now": now,
        "by_status": {status: found.get(status, 0) for status in Status.values},
        "accounts": accounts,
        "next_post": next_post.values("id", "instagram_account_id", "scheduled_for").first(),
        "last_30_days": _lately(mine, now),
    }


def _account(account: InstagramAccount, mine: QuerySet[ScheduledPost], now: datetime) -> dict[str, Any]:
    found = dict(mine.filter(instagram_account=account).order_by().values_list("status").annotate(n=Count("pk")))
    return {
        "id": account.pk,
        "instagram_username": account.instagram_username,
        "by_status": {status: found.get(status, 0) for status in Status.values},
        "quota_used": quota.used(account, now),
        "quota_limit": quota.limit_of(account),
    }


def _lately(mine: QuerySet[ScheduledPost], now: datetime) -> dict[str, Any]:
    """Return what came of the posts of the last 30 days; None where there were none."""
    live = mine.filter(published_at__gte=now - LOOK_BACK, status=Status.PUBLISHED)
    times = list(live.values_list("scheduled_for", "published_at"))
    failed = mine.filter(failed_at__gte=now - LOOK_BACK, status=Status.FAILED).count()
    late = [(went - planned).total_seconds() for planned, went in times if planned and went]
    ended = len(times) + failed
    return {
        "published": len(times),
        "failed": failed,
        "success_rate": len(times) / ended if ended else None,
        "median_lateness_s": median(late) if late else None,
    }
