"""The parameter matrix of POST /media: what each post type and each login needs, may carry and refuses.

Pure: no rows, no clock, no network. What belongs to one parameter only is in `options.py`.
Source: fact sheet 3.2 and 3.3.
"""

import re
from dataclasses import dataclass
from typing import Any

from scheduler.sandbox import errors
from scheduler.sandbox.errors import invalid, refuse
from scheduler.sandbox.graph.options import FLAGS, read_options
from scheduler.sandbox.graph.values import Params, as_flag, as_list, as_text

CAPTION_CHARS = 2200
HASHTAGS = 30
MENTIONS = 20
ALT_TEXT_CHARS = 1000
USER_TAGS = 20
COLLABORATORS = 3
CHILDREN = range(2, 11)

_USERNAME = re.compile(r"[a-z0-9._]{1,30}", re.IGNORECASE)
_PLACE = re.compile(r"\d{5,20}")
_HASHTAG = re.compile(r"#\w")
_MENTION = re.compile(r"(?<![\w.])@[A-Za-z0-9._]+")
# Accounts that can never be tagged: renamed or private ones, so that a test can name one.
UNTAGGABLE = ("nobody.", "private.")

_VIDEO_ONLY = {
    *{"video_url", "cover_url", "thumb_offset", "share_to_feed", "audio_name", "trial_params"},
    *{"upload_type", "audio_configuration"},
}
_LABELS = {"is_paid_partnership", "branded_content_sponsor_ids"}
_ADD_ONS = {"poll_attachment", "is_poll_duration_extended", "is_comment_prompt_used"}
_PARENT_ONLY = {"caption", "location_id", "collaborators", "is_ai_generated", *_LABELS, *_ADD_ONS}
# Instagram Login's own documentation has none of these (fact sheet 1.2, 3.3 and 12.11).
FACEBOOK_ONLY = {"upload_type", "product_tags", "audio_configuration", *_LABELS, *_ADD_ONS}
_REFUSED = {
    "image": {*_VIDEO_ONLY, "children"},
    "reel": {"image_url", "alt_text", "children"},
    "story": {
        *(_VIDEO_ONLY - {"video_url", "upload_type"}),
        *_LABELS,
        *_ADD_ONS,
        "product_tags",
        "alt_text",
        "collaborators",
        "location_id",
        "children",
        "is_carousel_item",
    },
    "child image": {*_VIDEO_ONLY, *_PARENT_ONLY, "children"},
    "child video": {
        *(_VIDEO_ONLY - {"video_url", "thumb_offset", "upload_type"}),
        *_PARENT_ONLY,
        "image_url",
        "alt_text",
        "children",
    },
    "carousel": {
        *(_VIDEO_ONLY - {"share_to_feed"}),
        "image_url",
        "alt_text",
        "user_tags",
        "is_carousel_item",
    },
}
_KEPT = (
    "alt_text",
    "location_id",
    "user_tags",
    "collaborators",
    "cover_url",
    "thumb_offset",
    "share_to_feed",
    "audio_name",
    "trial_params",
    "is_ai_generated",
    "children",
    *sorted(FACEBOOK_ONLY),
)


@dataclass(frozen=True)
class Wish:
    """A checked request for a container."""

    media_type: str  # IMAGE, VIDEO, REELS, STORIES, CAROUSEL
    is_child: bool
    source_url: str
    is_video: bool
    caption: str
    options: dict[str, Any]
    is_resumable: bool = False


def read_wish(params: Params, *, facebook: bool = False) -> Wish:
    """Return what is asked for; raise GraphError for what Instagram refuses before fetching anything.

    facebook: the call came with a Facebook token, which may say more.
    """
    media_type = as_text(params, "media_type").upper() or "IMAGE"
    if media_type not in {"IMAGE", "VIDEO", "REELS", "STORIES", "CAROUSEL"}:
        raise refuse(errors.UNKNOWN_MEDIA_TYPE, id=media_type)
    is_child = as_flag(params, "is_carousel_item")
    kind = _kind(media_type, is_child)
    _refuse_foreign(params, kind, set() if facebook else FACEBOOK_ONLY)
    is_resumable = _is_resumable(params)
    source_url, is_video = ("", True) if is_resumable else _source(params, kind)
    options = _options(params, kind, is_video)
    caption = "" if kind in {"story", "child image", "child video"} else as_text(params, "caption")
    _check_caption(caption)
    return Wish(media_type, is_child, source_url, is_video, caption, options, is_resumable)


def _kind(media_type: str, is_child: bool) -> str:
    if media_type == "CAROUSEL":
        return "carousel"
    if media_type == "STORIES":
        return "story"
    if media_type == "REELS":
        if is_child:
            raise invalid("The media type REELS is not allowed for carousel child")
        return "reel"
    if is_child:
        return "child video" if media_type == "VIDEO" else "child image"
    # A standalone VIDEO is still accepted here and refused when published (fact sheet 9.9).
    return "reel" if media_type == "VIDEO" else "image"


def _refuse_foreign(params: Params, kind: str, of_the_other_login: set[str]) -> None:
    where = "carousel child" if kind.startswith("child") else kind
    for name in sorted(_REFUSED[kind] | of_the_other_login):
        if as_text(params, name) not in {"", "False", "false"}:
            whom = where if name in _REFUSED[kind] else "Instagram Login"
            raise invalid(f"The param {name} is not allowed for {whom}")


def _is_resumable(params: Params) -> bool:
    """Tell whether the bytes are sent afterwards; the word is lower case, and excludes an address."""
    word = as_text(params, "upload_type")
    if word not in {"", "resumable"}:
        raise invalid("Param upload_type must be one of resumable")
    if word and (as_text(params, "video_url") or as_text(params, "image_url")):
        raise invalid("Only one of upload_type and video_url is allowed")
    return bool(word)


def _source(params: Params, kind: str) -> tuple[str, bool]:
    if kind == "carousel":
        return "", False
    if kind == "story":
        is_video = bool(as_text(params, "video_url"))
        if is_video and as_text(params, "image_url"):
            raise invalid("Only one of image_url and video_url is allowed")
    else:
        is_video = kind in {"reel", "child video"}
    name = "video_url" if is_video else "image_url"
    url = as_text(params, name)
    if not url:
        raise invalid(f"The parameter {name} is required")
    _check_address(url)
    return url, is_video


def _check_address(url: str) -> None:
    if not url.isascii() or not url.startswith(("http://", "https://")):
        raise refuse(errors.NOT_FETCHED)


def _options(params: Params, kind: str, is_video: bool) -> dict[str, Any]:
    found = {name: params[name] for name in _KEPT if as_text(params, name)}
    if len(as_text(found, "alt_text")) > ALT_TEXT_CHARS:
        raise invalid("Param alt_text must be at most 1000 characters")
    if "location_id" in found and not _PLACE.fullmatch(as_text(found, "location_id")):
        raise refuse(errors.LOCATION)
    if "cover_url" in found:
        _check_address(as_text(found, "cover_url"))
    for name in FLAGS & found.keys():
        found[name] = as_flag(params, name)
    return found | read_options(params, is_video=is_video) | _people(params, kind, is_video) | _children(params, kind)


def _children(params: Params, kind: str) -> dict[str, Any]:
    if kind != "carousel":
        return {}
    children = [str(child) for child in as_list(params, "children")]
    if len(children) not in CHILDREN:
        raise refuse(errors.CAROUSEL_COUNT)
    if len(set(children)) != len(children):
        raise invalid("Param children must not contain the same container twice")
    return {"children": children}


def _people(params: Params, kind: str, is_video: bool) -> dict[str, Any]:
    tags, names = as_list(params, "user_tags"), as_list(params, "collaborators")
    if len(tags) > USER_TAGS:
        raise refuse(errors.TOO_MANY_TAGS)
    if len(names) > COLLABORATORS:
        raise invalid("Param collaborators must have at most 3 elements")
    for tag in tags:
        _check_tag(tag, kind, is_video)
    for name in names:
        _check_username(name)
    return {key: value for key, value in {"user_tags": tags, "collaborators": names}.items() if value}


def _check_tag(tag: Any, kind: str, is_video: bool) -> None:
    if not isinstance(tag, dict):
        raise invalid("Param user_tags must be an array of objects")
    _check_username(tag.get("username"))
    place = [tag[axis] for axis in ("x", "y") if tag.get(axis) is not None]
    if is_video and place and kind != "story":
        raise invalid("Positions x and y of user_tags are not allowed for video")
    if not is_video and kind != "story" and len(place) != 2:
        raise invalid("Positions x and y of user_tags are required for photo")
    if not all(isinstance(at, int | float) and 0 <= at <= 1 for at in place):
        raise invalid("Positions x and y of user_tags must be between 0.0 and 1.0")


def _check_username(name: Any) -> None:
    known = isinstance(name, str) and _USERNAME.fullmatch(name) and not name.startswith(UNTAGGABLE)
    if not known:
        raise refuse(errors.TAG_NOT_FOUND)


def _check_caption(caption: str) -> None:
    utf16_units = len(caption.encode("utf-16-le")) // 2
    if utf16_units > CAPTION_CHARS or len(_HASHTAG.findall(caption)) > HASHTAGS:
        raise refuse(errors.CAPTION_TOO_LONG)
    if len(_MENTION.findall(caption)) > MENTIONS:
        raise refuse(errors.TOO_MANY_TAGS)
