"""What a post says at one moment, as its history compares and keeps it: words and names, no tokens, no keys.

Each text is bounded, so that one line of the history stays below some 30 KB whatever was written.
"""

import json
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from scheduler.lib.differences import kept_text
from scheduler.models import PostMedia, ScheduledPost

CAPTION_CHARS, TEXT_CHARS, ALT_CHARS, NAME_CHARS = 2200, 1000, 250, 80
# Options with a line of their own in the history; all others are told as one.
OPTIONS = ("collaborators", "audio_name", "thumb_offset", "share_to_feed", "trial_reel")
TOLD_ELSEWHERE = {*OPTIONS, "location_id", "location_name", "user_tags"}
# What a reel does unless somebody says otherwise.
USUAL = {"share_to_feed": True, "trial_reel": False}


def facts_of(post: ScheduledPost) -> dict[str, Any]:
    """Return what the post says now; its row of media is read afresh, in one query."""
    options: dict[str, Any] = USUAL | post.options
    return {
        "account": _account(post),
        "media_type": post.media_type,
        "media": _media(post),
        "caption": kept_text(post.caption, CAPTION_CHARS),
        "first_comment": kept_text(post.first_comment, TEXT_CHARS),
        "cover": [post.cover.pk, post.cover.original_name[:NAME_CHARS]] if post.cover else None,
        "location_id": _location(options),
        **{name: options.get(name) for name in OPTIONS},
        "others": _sum({name: value for name, value in options.items() if name not in TOLD_ELSEWHERE}),
        "time": time_of(post),
        "timezone": post.timezone,
        "notes": kept_text(post.notes, TEXT_CHARS),
    }


def time_of(post: ScheduledPost) -> str:
    """Return the instant that the post is planned for in ISO 8601, to the minute; "" without one."""
    return post.scheduled_for.isoformat(timespec="minutes") if post.scheduled_for else ""


def _account(post: ScheduledPost) -> str:
    return post.instagram_account.instagram_username if post.instagram_account else ""


def _location(options: dict[str, Any]) -> str:
    name, number = str(options.get("location_name", ""))[:NAME_CHARS], str(options.get("location_id", ""))
    return f"{name} ({number})" if name else number


def _media(post: ScheduledPost) -> list[dict[str, Any]]:
    """Return the row in its order, what is only an address last; each item with a key that stays the same."""
    places = list(post.media.select_related("asset")) if post.pk else []
    left = list(post.media_urls)
    for place in places:
        if place.source_url in left:
            left.remove(place.source_url)
    return [*map(_item, places), *({"key": _sum(address), "name": _address_name(address)} for address in left)]


def _item(place: PostMedia) -> dict[str, Any]:
    people = [one for one in place.options.get("user_tags") or [] if isinstance(one, dict)]
    return {
        "key": place.asset_id,
        "name": place.asset.original_name[:NAME_CHARS],
        "alt": kept_text(place.alt_text, ALT_CHARS),
        "shape": place.framing.get("shape", ""),
        "frame": _sum(place.framing),
        "people": [str(one.get("username", ""))[:NAME_CHARS] for one in people],
        "pins": _sum(people),
    }


def _address_name(address: str) -> str:
    """Return host and file name: what an address holds beside may be a key."""
    parts = urlsplit(address)
    return f"{parts.hostname or ''}/…/{PurePosixPath(parts.path).name}"[:NAME_CHARS]


def _sum(value: object) -> int:
    """Return a number that tells whether a value changed, where its words say nothing to a person; 0 for none."""
    return crc32(json.dumps(value, sort_keys=True).encode()) if value else 0
