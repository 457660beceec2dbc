"""What to send to POST /media for each kind of post; what a type forbids is no parameter of its builder.

Source: Instagram Platform, reference "IG User Media", creating containers.
"""

from typing import Any

UserTag = dict[str, Any]  # {"username": str, "x": 0.0–1.0, "y": 0.0–1.0}


def photo(
    *,
    image_url: str,
    caption: str = "",
    alt_text: str = "",
    user_tags: list[UserTag] | None = None,
    location_id: str = "",
    collaborators: list[str] | None = None,
) -> dict[str, Any]:
    """Return the fields of a single photo; Instagram wants no media_type for it, and a place for each tag."""
    return _sent(
        image_url=image_url,
        caption=caption,
        alt_text=alt_text,
        user_tags=_placed(user_tags),
        location_id=location_id,
        collaborators=_names(collaborators),
    )


def reel(
    *,
    video_url: str,
    caption: str = "",
    user_tags: list[UserTag] | None = None,
    location_id: str = "",
    collaborators: list[str] | None = None,
    cover_url: str = "",
    thumb_offset: int | None = None,
    share_to_feed: bool | None = None,
    audio_name: str = "",
    trial_params: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return the fields of a reel, and of any single video. thumb_offset: ms; a cover address wins over it."""
    return _sent(
        media_type="REELS",
        video_url=video_url,
        caption=caption,
        user_tags=_placeless(user_tags),
        location_id=location_id,
        collaborators=_names(collaborators),
        cover_url=cover_url,
        thumb_offset=None if cover_url else thumb_offset,
        share_to_feed=share_to_feed,
        audio_name=audio_name,
        trial_params=trial_params,
    )


def story(*, image_url: str = "", video_url: str = "", user_tags: list[UserTag] | None = None) -> dict[str, Any]:
    """Return the fields of a story; it has no caption."""
    return _sent(media_type="STORIES", image_url=image_url, video_url=video_url, user_tags=_placed(user_tags))


def carousel_child(
    *,
    image_url: str = "",
    video_url: str = "",
    alt_text: str = "",
    user_tags: list[UserTag] | None = None,
    thumb_offset: int | None = None,
) -> dict[str, Any]:
    """Return the fields of one item of a carousel; alt text and places belong to pictures only."""
    if video_url:
        return _sent(
            media_type="VIDEO",
            video_url=video_url,
            is_carousel_item=True,
            user_tags=_placeless(user_tags),
            thumb_offset=thumb_offset,
        )
    return _sent(image_url=image_url, is_carousel_item=True, alt_text=alt_text, user_tags=_placed(user_tags))


def carousel(
    *, children: list[str], caption: str = "", location_id: str = "", collaborators: list[str] | None = None
) -> dict[str, Any]:
    """Return the fields of a carousel's parent. children: container ids in display order."""
    return _sent(
        media_type="CAROUSEL",
        children=children,
        caption=caption,
        location_id=location_id,
        collaborators=_names(collaborators),
    )


def _sent(**fields: Any) -> dict[str, Any]:
    """Leave out what is empty; False and 0 are values."""
    return {name: value for name, value in fields.items() if value not in ("", None, [], {})}


def _names(usernames: list[str] | None) -> list[str]:
    """Return the names without @, which Instagram takes for a name nobody has."""
    return [name for name in (told.strip().lstrip("@").strip() for told in usernames or []) if name]


def _placed(tags: list[UserTag] | None) -> list[UserTag]:
    return [tag | {"username": name} for tag in tags or [] for name in _names([tag["username"]])]


def _placeless(tags: list[UserTag] | None) -> list[UserTag]:
    return [{"username": tag["username"]} for tag in _placed(tags)]
