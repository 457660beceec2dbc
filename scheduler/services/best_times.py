"""At which times of the week an account's own posts did best; said only when there are enough of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from scheduler.lib import zones
from scheduler.models import InstagramAccount, MediaType, ScheduledPost, Status

WITHIN = timedelta(days=90)
# A post gathers most of its likes and comments within this.
SETTLED_AFTER = timedelta(days=1)
POSTS_NEEDED, POSTS_OF_A_TIME, SHOWN = 10, 2, 2


@dataclass(frozen=True)
class BestTime:
    """An hour of a weekday (0 is Monday) on the account's clock; posts: how many the comparison is made of."""

    weekday: int
    hour: int
    posts: int


def best_times(accounts: Iterable[InstagramAccount], now: datetime) -> dict[int, list[BestTime]]:
    """Return the best times of each account that has enough posts, the best first, by its primary key; one query.

    A time counts with two posts or more, and when their median is above that of all. Stories are not compared:
    Instagram does not count their likes.
    """
    zone_of = {account.pk: account.timezone for account in accounts}
    posts = ScheduledPost.objects.filter(
        instagram_account__in=zone_of,
        status=Status.PUBLISHED,
        published_at__range=(now - WITHIN, now - SETTLED_AFTER),
        reactions__isnull=False,
    ).exclude(media_type=MediaType.STORY)
    told: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for account_id, at, count in posts.order_by().values_list("instagram_account_id", "published_at", "reactions"):
        if account_id is not None and at is not None and count is not None:
            told[account_id].append((zones.to_wall(at, zone_of[account_id]), count))
    return {pk: best for pk, rows in told.items() if (best := _best(rows))}


def _best(rows: list[tuple[datetime, int]]) -> list[BestTime]:
    if len(rows) < POSTS_NEEDED:
        return []
    usual = median(count for _wall, count in rows)
    by_time: dict[tuple[int, int], list[int]] = defaultdict(list)
    for wall, count in rows:
        by_time[wall.weekday(), wall.hour].append(count)
    better = {
        at: median(counts)
        for at, counts in by_time.items()
        if len(counts) >= POSTS_OF_A_TIME and median(counts) > usual
    }
    ranked = sorted(better, key=lambda at: (-better[at], at))
    return [BestTime(weekday, hour, len(rows)) for weekday, hour in ranked[:SHOWN]]
