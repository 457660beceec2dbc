"""What to send to POST /media for each kind of post; what a type or a login cannot have is left out.

Source: Instagram Platform, reference "IG User Media", creating containers.
"""

from collections.abc import Callable
from typing import Any

from scheduler.instagram import capabilities
from scheduler.instagram.capabilities import Places

UserTag = dict[str, Any]  # {"username": str, "x": 0.0–1.0, "y": 0.0–1.0}
# A carousel's picture and a single photo have no media_type.
_NAMED = {"REELS": "REELS", "VIDEO": "REELS", "STORY": "STORIES", "CAROUSEL": "CAROUSEL"}


def container(
    media_type: str, login: str, source: dict[str, Any], wishes: dict[str, Any], *, child: bool = False
) -> dict[str, Any]:
    """Return the fields of one container.

    media_type: as posts name it; of an item of a carousel IMAGE or VIDEO, with child=True.
    source:     what it is made of, as `picture`, `video`, `upload` or `children` give it.
    wishes:     options by the wire's names; what is empty, forbidden or of no use here is left out.
    """
    may = capabilities.allowed(media_type, login, child)
    places = capabilities.tag_places(media_type, is_video="image_url" not in source)
    options = {name: _shaped(name, value, places) for name, value in wishes.items() if name in may}
    if options.get("cover_url"):
        options.pop("thumb_offset", None)  # Instagram lets the cover win
    named = ("VIDEO" if media_type == "VIDEO" else None) if child else _NAMED.get(media_type)
    return _sent({"media_type": named, "is_carousel_item": child or None} | source | options)


def picture(address: str) -> dict[str, Any]:
    """Return the source of a picture that Instagram fetches."""
    return {"image_url": address}


def video(address: str) -> dict[str, Any]:
    """Return the source of a video that Instagram fetches."""
    return {"video_url": address}


def upload() -> dict[str, Any]:
    """Return the source of a video whose bytes we send afterwards."""
    return {"upload_type": "resumable"}


def children(ids: list[str]) -> dict[str, Any]:
    """Return the source of a carousel. ids: of its items' containers, in display order."""
    return {"children": ids}


def trial(strategy: object) -> dict[str, str]:
    """Return `trial_params` for a post's `trial_reel`; posts of the first version have True for MANUAL."""
    told = "MANUAL" if strategy is True else strategy
    return {"graduation_strategy": str(told)} if told in capabilities.TRIAL_STRATEGIES else {}


def _sent(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty; False and 0 are values."""
    return {name: value for name, value in fields.items() if value not in ("", None, [], {})}


def _shaped(name: str, value: Any, places: Places) -> Any:
    if name == "user_tags":
        return _tags(value, places)
    return _SHAPES[name](value) if name in _SHAPES else value


def _names(usernames: list[str] | None) -> list[str]:
    """Return the names without @, which Instagram takes for a name nobody has."""
    return [name for name in (str(told).strip().lstrip("@").strip() for told in usernames or []) if name]


def _tags(tags: list[UserTag] | None, places: Places) -> list[UserTag]:
    """Return the tags in the form that is asked for; one that lacks the place it needs is left out."""
    found = []
    for tag in tags or []:
        place = {axis: tag[axis] for axis in ("x", "y") if tag.get(axis) is not None}
        place = place if len(place) == 2 and places is not Places.NEVER else {}
        if place or places is not Places.NEEDED:
            found += [{"username": name} | place for name in _names([tag.get("username") or ""])]
    return found


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _offset(value: Any) -> int | None:
    """Return a time in ms; None for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


_SHAPES: dict[str, Callable[[Any], Any]] = {
    "collaborators": _names,
    "thumb_offset": _offset,
    "share_to_feed": _flag,
}
