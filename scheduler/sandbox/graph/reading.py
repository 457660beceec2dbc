"""What can be read: the profile, posts and their lists, the quota."""

import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from scheduler.sandbox import errors
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.fields import Tree, read_fields, tell
from scheduler.sandbox.graph.paging import page_of
from scheduler.sandbox.graph.values import as_flag, as_instant, as_text
from scheduler.sandbox.models import Media, Profile
from scheduler.sandbox.models.login import BASIC, COMMENTS
from scheduler.sandbox.models.media import STORY_LIFETIME
from scheduler.sandbox.models.profile import ROLLING_DAY

Fields = dict[str, Callable[[Any, Tree], Any]]


def timestamp(at: datetime) -> str:
    """Return an instant as the Graph writes it: no colon in the zone."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


_SHARED: Fields = {
    "username": lambda profile, inner: profile.username,
    "name": lambda profile, inner: profile.name or None,
    "biography": lambda profile, inner: profile.biography or None,
    "website": lambda profile, inner: None,
    "profile_picture_url": lambda profile, inner: _address("sandbox:avatar", profile.username),
    "followers_count": lambda profile, inner: profile.followers_count,
    "follows_count": lambda profile, inner: profile.follows_count,
    "media_count": lambda profile, inner: _posts_of(profile).count(),
}
_PROFILE: Fields = _SHARED | {
    "id": lambda profile, inner: profile.app_scoped_id,
    "user_id": lambda profile, inner: profile.user_id,
    "account_type": lambda profile, inner: profile.account_type,
}


def _posts_of(profile: Profile) -> QuerySet[Media]:
    return profile.media.filter(parent=None, deleted_at=None).exclude(product_type=Media.Product.STORY)


def account_fields(call: Call) -> Fields:
    """Return what graph.facebook.com tells of an account: no account type, and one id."""
    return _SHARED | {
        "id": lambda profile, inner: profile.user_id,
        "ig_id": lambda profile, inner: int(profile.user_id[-10:]),
        "has_profile_pic": lambda profile, inner: True,
        "is_published": lambda profile, inner: True,
        "legacy_instagram_user_id": lambda profile, inner: profile.user_id[-10:],
        "shopping_product_tag_eligibility": lambda profile, inner: False,
    }


def _address(name: str, *args: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}{reverse(name, args=args)}"


def me(call: Call, node: str) -> dict[str, Any]:
    """Tell about the account itself; any token may ask."""
    profile = call.own(node, BASIC)
    tree = read_fields(as_text(call.params, "fields"), ("id",))
    return tell(profile, tree, _PROFILE, "InstagramUser")


def _media_fields(call: Call) -> Fields:
    return {
        "id": lambda media, inner: media.graph_id,
        "media_type": lambda media, inner: media.media_type,
        "media_product_type": lambda media, inner: media.product_type,
        "permalink": lambda media, inner: None if media.parent_id else media.permalink,
        "shortcode": lambda media, inner: media.shortcode,
        "timestamp": lambda media, inner: timestamp(media.published_at),
        "caption": lambda media, inner: _caption(media, strips=call.control.strips_mentions),
        "username": lambda media, inner: media.profile.username,
        "owner": lambda media, inner: {"id": media.profile.user_id},
        "media_url": lambda media, inner: None if media.media_type == "VIDEO" else _picture(media),
        "thumbnail_url": lambda media, inner: _picture(media) if media.media_type == "VIDEO" else None,
        "alt_text": lambda media, inner: media.container.options.get("alt_text"),
        "is_comment_enabled": lambda media, inner: media.comments_enabled,
        "is_shared_to_feed": _is_shared,
        "is_ai_generated": lambda media, inner: media.container.options.get("is_ai_generated"),
        "like_count": lambda media, inner: _likes(media),
        "comments_count": lambda media, inner: media.comments.count(),
        "media_audio_type": lambda media, inner: "ORIGINAL_SOUND" if media.media_type == "VIDEO" else None,
        "copyright_check_information": lambda media, inner: {
            "status": {"status": "completed", "matches_found": False}
        },
        "children": lambda media, inner: _children(call, media, inner),
    } | (_FACEBOOK_MEDIA if call.is_facebook else {})


def _likes(media: Media) -> int:
    """Return a plausible number that stays the same."""
    return 20 + zlib.crc32(media.graph_id.encode()) % 180


_NOTHING_FOUND = {"status": "completed", "matches_found": False}
# Only graph.facebook.com tells these, and only of whole posts.
_FACEBOOK_MEDIA: Fields = {
    name: lambda media, inner: None if media.parent_id else 0
    for name in ("total_like_count", "total_comments_count", "total_views_count", "reposts_count", "saved_count")
} | {
    "shares_count": lambda media, inner: None if media.parent_id else 0,
    "legacy_instagram_media_id": lambda media, inner: media.graph_id[-12:],
}


def _is_shared(media: Media, inner: Tree) -> bool | None:
    is_reel = media.product_type == Media.Product.REELS
    return media.container.options.get("share_to_feed", True) if is_reel else None


def _caption(media: Media, *, strips: bool) -> str | None:
    if media.parent_id or media.is_story or not media.caption:
        return None
    return media.caption.replace("@", "") if strips else media.caption


def _picture(media: Media) -> str:
    return f"{settings.PUBLIC_BASE_URL}{media.picture_url}"


def _children(call: Call, media: Media, inner: Tree) -> dict[str, Any] | None:
    if media.media_type != "CAROUSEL_ALBUM":
        return None
    known = _media_fields(call)
    items = media.children.select_related("profile", "container").order_by("pk")
    return {"data": [tell(item, inner or {"id": {}}, known, "IGMedia") for item in items]}


def find_media(call: Call, node: str, permission: str = BASIC) -> Media:
    """Return a post or item of an account in reach; anything else does not exist (100/33)."""
    return call.find(Media.live().select_related("profile", "container"), node, permission)


def media(call: Call, node: str) -> dict[str, Any]:
    """Tell about one post, reel, story or carousel item."""
    found = find_media(call, node)
    tree = read_fields(as_text(call.params, "fields"), ("id",))
    return tell(found, tree, _media_fields(call), "IGMedia")


def change(call: Call, node: str) -> dict[str, Any]:
    """Switch the comments of a post on or off; nothing else of it can be changed."""
    found = find_media(call, node, COMMENTS)
    if "comment_enabled" not in call.params:
        raise errors.invalid("The parameter comment_enabled is required.")
    found.comments_enabled = as_flag(call.params, "comment_enabled")
    found.save(update_fields=["comments_enabled"])
    return {"success": True}


def children(call: Call, node: str) -> dict[str, Any]:
    """List the items of a carousel."""
    found = find_media(call, node)
    tree = read_fields(as_text(call.params, "fields"), ("id",))
    return _children(call, found, tree) or {"data": []}


def posts(call: Call, node: str) -> dict[str, Any]:
    """List posts and reels, newest first, between `since` and `until`."""
    rows = _listed(call, node).exclude(product_type=Media.Product.STORY)
    since, until = as_instant(call.params, "since"), as_instant(call.params, "until")
    if since:
        rows = rows.filter(published_at__gte=since)
    if until:
        rows = rows.filter(published_at__lte=until)
    return _media_page(call, rows)


def stories(call: Call, node: str) -> dict[str, Any]:
    """List the stories of the last 24 hours."""
    rows = _listed(call, node).filter(product_type=Media.Product.STORY, published_at__gt=call.now - STORY_LIFETIME)
    return _media_page(call, rows)


def _listed(call: Call, node: str) -> QuerySet[Media]:
    """Return what lists show by now: with a lag, the newest posts are still missing."""
    profile = call.own(node, BASIC)
    seen = call.now - timedelta(seconds=call.control.list_lag_s)
    live = profile.media.filter(parent=None, deleted_at=None, published_at__lte=seen)
    return live.select_related("profile", "container").order_by("-pk")


def _media_page(call: Call, rows: QuerySet[Media]) -> dict[str, Any]:
    tree = read_fields(as_text(call.params, "fields"), ("id",))
    known = _media_fields(call)
    return page_of(call, rows, lambda row: tell(row, tree, known, "IGMedia"))


def quota(call: Call, node: str) -> dict[str, Any]:
    """Tell how many posts went live in the last 24 hours, and how many may."""
    profile = call.own(node, BASIC)
    since = as_instant(call.params, "since") or call.now - ROLLING_DAY
    if since < call.now - ROLLING_DAY - timedelta(minutes=1):
        raise errors.invalid("Param since must not be more than 24 hours ago")
    config = {"quota_total": call.control.quota_total, "quota_duration": 86400}
    known: Fields = {
        "quota_usage": lambda profile, inner: profile.published_since(since),
        "config": lambda profile, inner: {name: config[name] for name in inner if name in config} or config,
    }
    tree = read_fields(as_text(call.params, "fields"), ("quota_usage",))
    return {"data": [tell(profile, tree, known, "IGContentPublishingLimit")]}
