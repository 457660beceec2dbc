"""The idea bank: a board of ideas, and the way from an idea to a post."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Prefetch
from django.utils.translation import gettext as _

from scheduler.models import PostIdea, ScheduledPost, Tag, Undo, User, WrongState
from scheduler.services import moves
from scheduler.services.moves import Moved, Wish
from scheduler.services.new_posts import begin_post

# How many cards a column shows; the search finds the others.
COLUMN_SIZE = 60


@dataclass(frozen=True)
class Column:
    """One column of the board; `count` tells of all its ideas, shown or not."""

    status: PostIdea.Status
    ideas: list[PostIdea]
    count: int


def board(user: User, tag: str = "", words: str = "", only: Collection[str] = PostIdea.Status.values) -> list[Column]:
    """Return the columns with what their cards draw, narrowed to a tag and to words; ten queries at most.

    only: the columns that are wanted.
    """
    found = PostIdea.objects.for_user(user).tagged(tag).about(words)
    counts = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    posts = Prefetch("posts", ScheduledPost.objects.for_user(user).order_by("pk"), to_attr="live_posts")
    shown = found.prefetch_related("tags", "media__renditions", posts)
    return [
        Column(status, list(shown.filter(status=status)[:COLUMN_SIZE]), counts.get(status, 0))
        for status in PostIdea.Status
        if status in only
    ]


def tags_of(user: User) -> list[Tag]:
    """Return the tags in use, in order of their names."""
    return list(Tag.objects.filter(user=user))


def move(idea: PostIdea, status: str) -> None:
    """Put an idea into another column, on top."""
    idea.status = PostIdea.Status(status)
    idea.save(update_fields=["status", "updated_at"])


def throw_away(idea: PostIdea) -> None:
    """Delete an idea, and the tags that nothing else has; posts made of it stay."""
    with transaction.atomic():
        idea.tag_with([])
        idea.delete()


def make_post(idea: PostIdea, user: User, now: datetime) -> ScheduledPost:
    """Return a new draft with the words and media of an idea, which is used from then on; the link is kept."""
    with transaction.atomic():
        post = begin_post(user, list(idea.media.all()), now, post_idea=idea, caption=idea.notes or idea.title)
        move(idea, PostIdea.Status.USED)
    return post


def plan(idea: PostIdea, wish: Wish, user: User, now: datetime) -> Moved:
    """Make a draft of an idea and plan it; one Undo makes it an idea again. Raises WrongStates; then nothing changed.

    An idea that became a post meanwhile is refused, so that a drop that is sent twice makes one post.
    """
    was = idea.status
    with transaction.atomic():
        waits = PostIdea.objects.filter(pk=idea.pk).exclude(status=PostIdea.Status.USED)
        if not waits.update(status=PostIdea.Status.USED):
            raise WrongState("IDEA_USED", _("A post was made of this idea already."))
        post = make_post(idea, user, now)
        moved, step = moves.move_one_of_many(post, wish, user, now)
        before = [(step or {}) | {"idea": idea.pk, "was_idea": was}]
        return replace(moved, undo=Undo.offer(user, Undo.Act.PLANNED, before, now))
