"""By which picture a post is known: a reel by its cover, others by the first of their row."""

from scheduler.models import MediaType, Rendition, ScheduledPost

REELS = frozenset({MediaType.REELS, MediaType.VIDEO})
PURPOSE = Rendition.Purpose


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
