"""Whether anything that a calendar draws may have changed, told from few rows."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q, Subquery, Sum

from scheduler.lib.digests import short_digest
from scheduler.models import InstagramAccount, PostMedia, Rendition, ScheduledPost, User
from scheduler.models.post_queryset import PostQuerySet

# Sums of squares stay far from what a database can hold, and two sets of posts that add up alike are no accident.
PRIME = 65521
# What no count tells, as a tag that an idea lost, is seen after this long at the latest.
LOOK_AGAIN_AFTER = timedelta(minutes=5)


def mark_of(
    user: User, start: datetime, end: datetime | None, accounts: Iterable[InstagramAccount], now: datetime
) -> str:
    """Return a word that is another one once a post planned between the two instants looks different; two queries.

    end: None for all that is to come. accounts: the person's. The word may change where all looks the same: who asks
    then compares what is drawn.
    """
    mine = ScheduledPost.objects.for_user(user).filter(scheduled_for__gte=start)
    posts = mine.filter(scheduled_for__lt=end) if end else mine
    period = now.timestamp() // LOOK_AGAIN_AFTER.total_seconds()
    connections = [(one.pk, one.instagram_username, one.status, one.ends_at, one.timezone) for one in accounts]
    return short_digest(period, start, end, connections, _counted(posts), _newest_files())


def _counted(posts: PostQuerySet) -> list[str]:
    """Count posts by how they are drawn: most writes give a post a version or a time, the others another group."""
    number = F("pk") % PRIME
    groups = posts.order_by().values(
        "status",
        "hold_reason",
        is_clear=Q(unconfirmed_at=None, needs_person_at=None),
        waits=Q(needs_person_at=None),
        is_fit=Q(blockers=[]),
    )
    counted = groups.annotate(
        n=Count("pk"),
        which=Sum(number),
        which_squared=Sum(number * number),
        versions=Sum(number * F("version")),
        latest=Max("updated_at"),
    )
    return sorted(map(repr, counted))


def _newest_files() -> list[tuple[int, int]]:
    """Return the last file that came into a post, and the last picture that was drawn, anybody's."""
    picture = Subquery(Rendition.objects.order_by("-pk").values("pk")[:1])
    return list(PostMedia.objects.order_by("-pk").values_list("pk", picture)[:1])
