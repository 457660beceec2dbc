"""How many posts an account may still publish in any rolling 24 hours."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from scheduler.instagram import limits
from scheduler.models import InstagramAccount, ScheduledPost, Status
from scheduler.models.post_queryset import of_the_same_profile

WINDOW = timedelta(hours=24)
# When Instagram counts posts we know nothing of, nobody can say when room comes: look again after this.
UNKNOWN_WAIT = timedelta(hours=1)


def limit_of(account: InstagramAccount) -> int:
    """Return the ceiling: ours (25), which what Instagram told can lower but never raise."""
    ceiling = min(settings.INSTAGRAM_DAILY_POST_LIMIT, limits.POSTS_PER_DAY)
    return ceiling if account.quota_total is None else min(ceiling, account.quota_total)


def used(account: InstagramAccount, now: datetime, *, besides: ScheduledPost | None = None) -> int:
    """Return how many posts count at `now`, by our rows or by what Instagram last said plus ours since; one query.

    besides: a post whose own publish call is being decided; it does not count against itself.
    """
    rows = ScheduledPost.objects.exclude(pk=besides.pk) if besides else ScheduledPost.objects.all()
    counted = rows.counted_against_quota(account, now - WINDOW)
    checked = account.quota_checked_at
    if checked is None or checked <= now - WINDOW or account.quota_usage is None:
        return counted.count()
    known = Count("pk", filter=Q(published_at__lte=checked))  # by Instagram too, so not counted twice
    found = counted.aggregate(ours=Count("pk"), known=known)
    return max(found["ours"], account.quota_usage + found["ours"] - found["known"])


def is_full(account: InstagramAccount, now: datetime, *, besides: ScheduledPost | None = None) -> bool:
    """Return whether no post of the account may go out at `now`."""
    return used(account, now, besides=besides) >= limit_of(account)


def first_free_time(account: InstagramAccount, now: datetime) -> datetime:
    """Return when the next post has room: when enough of our counted posts are a day old."""
    ours = ScheduledPost.objects.of_the_same_profile(account).filter(published_at__gt=now - WINDOW)
    times = [at for at in ours.order_by("-published_at").values_list("published_at", flat=True) if at is not None]
    limit = limit_of(account)
    if limit and len(times) >= limit:
        return times[limit - 1] + WINDOW + timedelta(seconds=1)
    return now + UNKNOWN_WAIT


def first_room(account: InstagramAccount, at: datetime, *, besides: ScheduledPost) -> datetime:
    """Return the first time from `at` on at which one more planned post stays within the limit; one query.

    Counted is what went out and what is planned, as the checks do it.
    """
    ours = of_the_same_profile(account)
    live = ours & Q(status=Status.PUBLISHED, published_at__gt=at - WINDOW)
    planned = ours & Q(status__in=[Status.SCHEDULED, Status.PUBLISHING], next_attempt_at__gt=at - WINDOW)
    others = ScheduledPost.objects.filter(live | planned, deleted_at=None).exclude(pk=besides.pk)
    rows = others.values_list("published_at", "next_attempt_at")
    times = sorted(one for pair in rows if (one := pair[0] or pair[1]) is not None)
    most = limit_of(account)
    ends = [time + WINDOW + timedelta(seconds=1) for time in times]
    for moment in [at, *(end for end in ends if end > at)]:
        if sum(moment - WINDOW < time <= moment for time in times) < most:
            return moment
    return at + WINDOW  # a limit of none: nobody can say more
