"""Posts as rows of a CSV file: all that it takes to import them again, and what came of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from scheduler.lib import csv_columns, csv_table
from scheduler.models import MediaAsset, PostMedia, ScheduledPost

AT_ONCE = 500


def export(posts: QuerySet[ScheduledPost]) -> Iterator[bytes]:
    """Return the file in the language now active, row by row; two queries for each 500 posts."""
    language = translation.get_language() or ""
    return _written(posts, language)


def _written(posts: QuerySet[ScheduledPost], language: str) -> Iterator[bytes]:
    posts = posts.select_related(None).select_related("instagram_account", "cover").prefetch_related(None)
    rows = posts.prefetch_related("media__asset").iterator(chunk_size=AT_ONCE)
    return csv_table.written(_all(rows, language), csv_columns.separator_for(language))


def _all(posts: Iterator[ScheduledPost], language: str) -> Iterator[list[str]]:
    yield [csv_columns.heading(name, language) for name in csv_columns.EXPORTED]
    for post in posts:
        yield [CELLS[name](post) for name in csv_columns.EXPORTED]


def reference(asset: MediaAsset) -> str:
    """Return what names a file of the library in a cell, also when another has the same name."""
    return f"{' '.join(asset.original_name.split()).replace('|', ' ')}#{asset.pk}"


def _places(post: ScheduledPost) -> list[PostMedia]:
    """Return what was uploaded; what was fetched is named by its address."""
    return [place for place in post.media.all() if not place.source_url]


def _media(post: ScheduledPost) -> str:
    return "\n".join([*(reference(place.asset) for place in _places(post)), *post.media_urls])


def _each(post: ScheduledPost, texts: list[str]) -> str:
    return csv_table.joined(texts) if any(texts) else ""


def _alt_texts(post: ScheduledPost) -> str:
    return _each(post, [place.alt_text for place in _places(post)])


def _shapes(post: ScheduledPost) -> str:
    return _each(post, [_shape(place) for place in _places(post)])


def _shape(place: PostMedia) -> str:
    frame = place.frame
    return f"{frame.shape} {frame.how} {frame.x} {frame.y} {frame.zoom} {frame.paper}" if frame else ""


def _people(post: ScheduledPost) -> str:
    tags = [place.options.get("user_tags") or [] for place in _places(post)] or [[]]
    tags[0] = tags[0] or post.options.get("user_tags") or []
    return _each(post, ["\n".join(map(_tag, one)) for one in tags])


def _tag(tag: Any) -> str:
    return (
        " ".join(str(tag[key]) for key in ("username", "x", "y") if key in tag) if isinstance(tag, dict) else str(tag)
    )


def _location(post: ScheduledPost) -> str:
    """Return the address of the place's page: a spreadsheet would round its bare number."""
    number = post.options.get("location_id")
    return f"https://www.facebook.com/{number}" if number else ""


def _cover(post: ScheduledPost) -> str:
    if post.cover is not None:
        return reference(post.cover)
    offset = post.options.get("thumb_offset")
    return str(post.options.get("cover_url") or ("" if offset is None else offset / 1000))


def _word(name: str) -> Callable[[ScheduledPost], str]:
    return lambda post: str(post.options.get(name) or "")


def _flag(name: str, *, usual: bool) -> Callable[[ScheduledPost], str]:
    return lambda post: "yes" if post.options.get(name, usual) else "no"


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


CELLS: dict[str, Callable[[ScheduledPost], str]] = {
    "account": lambda post: post.instagram_account.instagram_username if post.instagram_account else "",
    "date": lambda post: post.planned_day.isoformat() if post.planned_day else "",
    "time": lambda post: post.planned_time.strftime("%H:%M") if post.planned_time else "",
    "timezone": lambda post: post.timezone,
    "media_type": lambda post: post.media_type,
    "caption": lambda post: post.caption,
    "first_comment": lambda post: post.first_comment,
    "media": _media,
    "alt_texts": _alt_texts,
    "shapes": _shapes,
    "people": _people,
    "location": _location,
    "location_name": _word("location_name"),
    "collaborators": lambda post: ", ".join(map(str, post.options.get("collaborators") or [])),
    "share_to_feed": _flag("share_to_feed", usual=True),
    "audio_name": _word("audio_name"),
    "trial_reel": _flag("trial_reel", usual=False),
    "cover": _cover,
    "notes": lambda post: post.notes,
    "status": lambda post: post.display_status.value,
    "utc": lambda post: _instant(post.scheduled_for),
    "permalink": lambda post: post.permalink,
    "published_at": lambda post: _instant(post.published_at),
    "last_error": lambda post: post.last_error,
}
