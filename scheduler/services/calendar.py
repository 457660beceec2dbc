"""The posts that a calendar shows, day by day, in two queries whatever their number."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet

from scheduler.lib import spans
from scheduler.lib.spans import Span
from scheduler.models import InstagramAccount, Rendition, ScheduledPost, User
from scheduler.services.calendar_filters import Filters
from scheduler.services.post_pictures import thumbnails_of

# More of a day's posts are behind "+N posts".
CELL_POSTS = 4
# What a card draws; a post has captions and facts that no calendar needs.
COLUMNS = (
    "id",
    "user_id",
    "instagram_account_id",
    "media_type",
    "caption",
    "options",
    "cover_id",
    "status",
    "hold_reason",
    "needs_person_at",
    "unconfirmed_at",
    "blockers",
    "scheduled_for",
    "next_attempt_at",
    "version",
)


@dataclass(frozen=True)
class Card:
    """A post as a calendar draws it. picture: its small picture, None without any."""

    post: ScheduledPost
    picture: Rendition | None

    @property
    def digest(self) -> tuple[object, ...]:
        """Return what is drawn of it."""
        post = self.post
        return post.pk, post.version, post.display_status.value, post.scheduled_for, self.picture and self.picture.key


@dataclass
class Day:
    """One day of a calendar.

    cards: the first of its posts by time. count, failed: of all that are there.
    """

    day: date
    cards: list[Card] = field(default_factory=list)
    count: int = 0
    failed: int = 0

    @property
    def more(self) -> int:
        """Return how many of its posts are not drawn."""
        return self.count - len(self.cards)

    @property
    def digest(self) -> str:
        """Return six characters that change when anything that is drawn of the day does."""
        seen = repr([self.count, self.failed, *(card.digest for card in self.cards)])
        return urlsafe_b64encode(hashlib.blake2b(seen.encode(), digest_size=4).digest())[:6].decode()


def days_of(
    user: User, span: Span, filters: Filters, accounts: Iterable[InstagramAccount], most: int = CELL_POSTS
) -> list[Day]:
    """Return each day of the span with its first `most` posts; two queries.

    accounts: the person's, so that no post asks for its own.
    """
    days = [Day(day) for day in span.days]
    mine = filters.narrow(ScheduledPost.objects.for_user(user))
    posts: list[Any] = list(mine.first_of_each(span.starts, most, COLUMNS))
    for post, card in zip(posts, cards_of(posts, accounts), strict=True):
        day = days[post.period]
        day.cards.append(card)
        day.count, day.failed = post.in_period, post.failed_in_period
    return days


def cards_of(posts: Sequence[ScheduledPost], accounts: Iterable[InstagramAccount]) -> list[Card]:
    """Return what is drawn of posts, with their accounts; one query."""
    by_id = {account.pk: account for account in accounts}
    pictures = thumbnails_of(posts) if posts else {}
    for post in posts:
        post.instagram_account = by_id.get(post.instagram_account_id or 0)
    return [Card(post, pictures.get(post.pk)) for post in posts]


def posts_of_day(user: User, day: date, zone: str, filters: Filters) -> QuerySet[ScheduledPost]:
    """Return every post of one day, the earliest first."""
    start, end = spans.single_day(day, zone).starts
    return filters.narrow(ScheduledPost.objects.for_user(user)).planned_between(start, end)
