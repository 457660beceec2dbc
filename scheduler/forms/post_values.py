"""A post's values as the form names them, and back."""

from typing import Any

from django.utils.translation import gettext as _

from scheduler.models import InstagramAccount, MediaType, ScheduledPost

REEL_TYPES = {MediaType.REELS, MediaType.VIDEO}
# A field with a mistake in it is checked as if it were empty.
NOTHING_SAID: dict[str, Any] = {
    "account": None,
    "caption": "",
    "first_comment": "",
    "notes": "",
    "location_id": "",
    "location_name": "",
    "collaborators": [],
    "share_to_feed": True,
    "audio_name": "",
    "cover_at": None,
    "cover": "",
    "trial_reel": False,
}


def silence_words(account: InstagramAccount) -> str:
    """Return why a post of this account can have no first comment, and what helps."""
    told = _("The connection to @%(account)s doesn't allow comments. Reconnect and leave every option on.")
    return told % {"account": account.instagram_username}


def values_of(post: ScheduledPost) -> dict[str, Any]:
    """Return a kept post as the form shows it."""
    options = post.options
    cover = options.get("thumb_offset")
    kept = {name: options[name] for name in ("location_id", "collaborators", "audio_name") if name in options}
    named = f"{options['location_id']} {options['location_name']}" if options.get("location_name") else ""
    return kept | {
        "location_name": named,
        "account": post.instagram_account_id,
        "media_type": post.media_type,
        "caption": post.caption,
        "first_comment": post.first_comment,
        "notes": post.notes,
        "share_to_feed": options.get("share_to_feed", True),
        "cover_at": cover / 1000 if cover is not None else None,
        "cover": post.cover_id or "",
        "trial_reel": options.get("trial_reel", False),
        "day": post.planned_day,
        "clock": post.planned_time,
        "timezone": post.timezone,
        "version": post.version,
    }


def place_name(data: dict[str, Any]) -> str:
    """Return what the chosen place is called, "" when nobody said; a name that came with another number is not it."""
    number, _space, name = data["location_name"].partition(" ")
    return name.strip() if number == data["location_id"] else ""


def options_of(data: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the type, named as the wire names them; what this form does not show is kept."""
    shown = {
        "location_id": data["location_id"],
        "location_name": place_name(data),
        "collaborators": data["collaborators"],
    }
    if data["media_type"] in REEL_TYPES:
        shown |= {
            "share_to_feed": data["share_to_feed"],
            "audio_name": data["audio_name"],
            "thumb_offset": int(data["cover_at"] * 1000) if data["cover_at"] is not None else None,
            "trial_reel": data["trial_reel"],
        }
    others = {name: value for name, value in kept.items() if name in {"cover_url", "user_tags"}}
    return others | {name: value for name, value in shown.items() if value not in ("", [], None)}
