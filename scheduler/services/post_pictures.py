"""By which picture a post is known: a reel by its cover, others by the first of their row."""

import sys
from collections.abc import Sequence
from typing import Any

from django.db.models import JSONField, QuerySet, Value

from scheduler.lib.framing import Frame
from scheduler.models import MediaType, PostMedia, Rendition, ScheduledPost
from scheduler.models.media import UNFRAMED, still_recipe

REELS = frozenset({MediaType.REELS, MediaType.VIDEO})
PURPOSE = Rendition.Purpose
# The place of a cover: before that of any medium.
COVER, LAST = -1, sys.maxsize
# What a picture's address is made of, and what tells whether it fits.
PICTURE = ("recipe", "pk", "key", "content_type")


def cover_of(post: ScheduledPost, purpose: str) -> Rendition | None:
    """Return the chosen cover of a reel for "poster" or "thumbnail", None where nothing was chosen.

    No query when cover and media are prefetched with their renditions.
    """
    if post.media_type not in REELS:
        return None
    if post.cover is not None:
        return post.cover.rendition(PURPOSE.THUMBNAIL if purpose == PURPOSE.THUMBNAIL else PURPOSE.PUBLISH)
    at_ms, first = post.options.get("thumb_offset"), next(iter(post.media.all()), None)
    return first.asset.still(purpose, at_ms) if first and isinstance(at_ms, int) else None


def thumbnail_of(post: ScheduledPost) -> Rendition | None:
    """Return the small picture of a post, None without any; no query when all is prefetched."""
    first = next(iter(post.media.all()), None)
    return cover_of(post, PURPOSE.THUMBNAIL) or (first.rendition(PURPOSE.THUMBNAIL) if first else None)


def thumbnails_of(posts: Sequence[ScheduledPost]) -> dict[int, Rendition]:
    """Return the small picture of each post that has one, by the post's primary key; one query for all.

    As `thumbnail_of` says it, for posts whose media are not loaded. The pictures have an address and no more.
    """
    by_post = {post.pk: post for post in posts}
    found: dict[int, Rendition] = {}
    ranks: dict[int, tuple[int, int]] = {}
    for pk, place, framing, recipe, made, key, content_type in _small_pictures(by_post):
        rank = _rank(by_post[pk], place, framing, recipe)
        if rank is not None and rank < ranks.get(pk, (LAST, LAST)):
            ranks[pk] = rank
            found[pk] = Rendition(pk=made, key=key, purpose=PURPOSE.THUMBNAIL, content_type=content_type)
    return found


def _small_pictures(by_post: dict[int, ScheduledPost]) -> QuerySet:
    """Return (post, place, framing, *PICTURE) of what may stand for a post; COVER is a place."""
    of_media = PostMedia.objects.filter(post__in=by_post, asset__renditions__purpose=PURPOSE.THUMBNAIL).order_by()
    picture = [f"asset__renditions__{name}" for name in PICTURE]
    rows = of_media.values_list("post_id", "position", "framing", *picture)
    covered = [pk for pk, post in by_post.items() if post.cover_id]
    if not covered:
        return rows
    of_covers = ScheduledPost.objects.filter(pk__in=covered, cover__renditions__purpose=PURPOSE.THUMBNAIL).order_by()
    cover = [f"cover__renditions__{name}" for name in PICTURE]
    blank = Value(None, output_field=JSONField())
    return rows.union(of_covers.values_list("pk", Value(COVER), blank, *cover), all=True)


def _rank(post: ScheduledPost, place: int, framing: dict[str, Any] | None, recipe: str) -> tuple[int, int] | None:
    """Return how well a picture stands for a post, the least best; None when it does not."""
    is_reel, at_ms = post.media_type in REELS, post.options.get("thumb_offset")
    if place == COVER:
        return (COVER, 0) if is_reel and recipe in UNFRAMED else None
    if is_reel and isinstance(at_ms, int) and recipe == still_recipe(at_ms):
        return (place, 0)
    frame = Frame.read(framing or {})
    fits = recipe == frame.recipe if frame else recipe in UNFRAMED
    return (place, 1) if fits else None
