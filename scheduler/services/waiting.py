"""What waits beside the calendar for a day: drafts without a time, and ideas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scheduler.models import InstagramAccount, PostIdea, Rendition, ScheduledPost, Status, User
from scheduler.models.media import UNFRAMED
from scheduler.services.calendar import Card, cards_of

# How many of each are shown at first, and at most.
FEW, MANY = 30, 500


@dataclass(frozen=True)
class IdeaCard:
    """An idea as the calendar draws it. picture: an address, "" without any."""

    pk: int
    title: str
    picture: str


@dataclass(frozen=True)
class Waiting:
    """What waits for a day. has_more: whether some of it is not here."""

    drafts: list[Card]
    ideas: list[IdeaCard]
    has_more: bool


def waiting(user: User, accounts: Iterable[InstagramAccount], words: str = "", most: int = FEW) -> Waiting:
    """Return drafts without a time and ideas that no post was made of, the newest first; four queries.

    words: each of which stands in the caption, or in the title, notes or tags of an idea. most: of each kind.
    """
    posts = ScheduledPost.objects.for_user(user).filter(status=Status.DRAFT, scheduled_for=None)
    for word in words.split():
        posts = posts.filter(caption__icontains=word)
    drafts = list(posts.order_by("-updated_at", "-pk")[: most + 1])
    unused = PostIdea.objects.for_user(user).exclude(status=PostIdea.Status.USED).about(words)
    ideas = list(unused.order_by("-updated_at", "-pk")[: most + 1])
    return Waiting(
        drafts=cards_of(drafts[:most], accounts),
        ideas=_cards_of_ideas(ideas[:most]),
        has_more=len(drafts) > most or len(ideas) > most,
    )


def _cards_of_ideas(ideas: Sequence[PostIdea]) -> list[IdeaCard]:
    pictures = _pictures_of(ideas) if ideas else {}
    return [IdeaCard(idea.pk, idea.title, pictures.get(idea.pk, "")) for idea in ideas]


def _pictures_of(ideas: Sequence[PostIdea]) -> dict[int, str]:
    """Return the address of the small picture of each idea's first file, by the idea's primary key; one query."""
    made = "mediaasset__renditions__"
    of_files = PostIdea.media.through.objects.filter(
        **{"postidea__in": ideas, f"{made}purpose": Rendition.Purpose.THUMBNAIL, f"{made}recipe__in": UNFRAMED}
    )
    rows = of_files.order_by("-mediaasset_id").values_list(
        "postidea_id", f"{made}pk", f"{made}key", f"{made}content_type"
    )
    return {
        pk: Rendition(pk=picture, key=key, purpose=Rendition.Purpose.THUMBNAIL, content_type=content_type).path
        for pk, picture, key, content_type in rows
    }
