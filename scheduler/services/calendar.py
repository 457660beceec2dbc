"""The posts that a calendar shows, day by day, in two queries whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from scheduler.lib import marks, spans
from scheduler.lib.digests import short_digest
from scheduler.lib.spans import Span
from scheduler.models import DisplayStatus, InstagramAccount, MediaType, Rendition, ScheduledPost, User
from scheduler.services import when
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


# What waits for its hour, or for a person, can be picked up; the rest says why not.
MOVABLE = frozenset(
    {
        DisplayStatus.DRAFT,
        DisplayStatus.SCHEDULED,
        DisplayStatus.AT_RISK,
        DisplayStatus.ON_HOLD,
        DisplayStatus.FAILED,
        DisplayStatus.CANCELLED,
    }
)


@dataclass(frozen=True)
class Card:
    """A post as a calendar draws it, in words of the active language and zone.

    status: as the screen shows it. kind: status, type and account in a row, for who does not see the card. at: on the
    wall, to the minute. colour: of its account, 0 where one account makes all. picture: an address, "" without any.
    lane: "1/2" for the left one of two that overlap in a timetable.
    """

    post: ScheduledPost
    pk: str
    version: str
    status: str
    kind: str
    at: str
    time: str
    title: str
    colour: int
    is_movable: bool
    picture: str
    lane: str = ""

    @property
    def digest(self) -> tuple[object, ...]:
        """Return what is drawn of it."""
        return self.pk, self.version, self.status, self.at, self.kind, self.title, self.colour, self.picture


@dataclass
class Day:
    """One day of a calendar.

    iso, name, short: the day for machines, in full and in brief. cards: the first of its posts by time.
    count, failed: of all that are there.
    """

    day: date
    iso: str = field(init=False)
    name: str = field(init=False)
    short: str = field(init=False)
    cards: list[Card] = field(default_factory=list)
    count: int = 0
    failed: int = 0

    def __post_init__(self) -> None:
        """Put the day into words once; a page says them often."""
        self.iso = self.day.isoformat()
        self.name, self.short = when.long_day(self.day), when.short_day(self.day)

    @property
    def more(self) -> int:
        """Return how many of its posts are not drawn."""
        return self.count - len(self.cards)

    @property
    def more_when_low(self) -> int:
        """Return how many are not seen in a low window, where the stylesheet shows one less."""
        return self.count - CELL_POSTS + 1 if self.count >= CELL_POSTS else 0

    @property
    def digest(self) -> str:
        """Return six characters that change when anything that is drawn of the day does."""
        return short_digest(self.count, self.failed, *(card.digest for card in self.cards))


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
    """Return what is drawn of posts; one query. What many cards say alike is put into words once."""
    by_id = {account.pk: account for account in accounts}
    pictures = thumbnails_of(posts) if posts else {}
    for post in posts:
        post.instagram_account = by_id.get(post.instagram_account_id or 0)
    words = _Words(has_colours=len(by_id) > 1)
    return [_card(post, pictures.get(post.pk), words) for post in posts]


class _Words:
    """What the cards of one page say, each word asked for once."""

    def __init__(self, *, has_colours: bool) -> None:
        self.zone = timezone.get_current_timezone()
        self.status = cache(lambda status: str(status.label))
        self.type = cache(lambda kind: str(MediaType(kind).label))
        self.colour = cache(lambda name: marks.colour_number(name) if has_colours and name else 0)


def _card(post: ScheduledPost, picture: Rendition | None, words: _Words) -> Card:
    status = post.display_status
    wall = post.scheduled_for.astimezone(words.zone) if post.scheduled_for else None
    name = post.instagram_account.instagram_username if post.instagram_account else ""
    kind = [words.status(status), words.type(post.media_type), *([f"@{name}"] if name else [])]
    return Card(
        post=post,
        pk=str(post.pk),
        version=str(post.version),
        status=status.value,
        kind=", ".join(kind),
        at=wall.strftime("%Y-%m-%dT%H:%M") if wall else "",
        time=when.wall_time(wall.hour, wall.minute) if wall else "",
        title=post.title,
        colour=words.colour(name),
        is_movable=status in MOVABLE,
        picture=picture.path if picture else "",
    )


def posts_of_day(user: User, day: date, zone: str, filters: Filters) -> QuerySet[ScheduledPost]:
    """Return every post of one day, the earliest first."""
    start, end = spans.single_day(day, zone).starts
    return filters.narrow(ScheduledPost.objects.for_user(user)).planned_between(start, end)


def posts_from(user: User, day: date, zone: str, filters: Filters) -> QuerySet[ScheduledPost]:
    """Return every post from the first instant of a day on, the earliest first."""
    mine = filters.narrow(ScheduledPost.objects.for_user(user))
    return mine.filter(scheduled_for__gte=spans.day_start(day, zone)).order_by("scheduled_for", "pk")


def by_day(cards: Iterable[Card]) -> list[tuple[date, list[Card]]]:
    """Return cards under their days on the active clock; they are in the order of time."""
    return [(date.fromisoformat(day), list(group)) for day, group in groupby(cards, key=lambda card: card.at[:10])]


def digests_of(cards: Sequence[Card], page_size: int, *, has_more: bool) -> str:
    """Return one digest for each page of a list, put together; a page that others follow says so."""
    pages = [cards[start : start + page_size] for start in range(0, max(len(cards), 1), page_size)]
    follow = [True] * (len(pages) - 1) + [has_more]
    digests = ([card.digest for card in page] for page in pages)
    return "".join(short_digest(goes_on, *page) for goes_on, page in zip(follow, digests, strict=True))
