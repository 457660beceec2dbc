"""Insights: which metric fits which post and which login, with plausible steady numbers. Source: fact sheet 3.12."""

import zlib
from typing import Any

from scheduler.sandbox import errors
from scheduler.sandbox.errors import invalid, refuse
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.reading import find_media
from scheduler.sandbox.graph.values import as_list, as_text
from scheduler.sandbox.models import Media
from scheduler.sandbox.models.login import INSIGHTS

_EVERYWHERE = {"reach", "views", "shares", "total_interactions", "reposts"}
_POSTS = {"likes", "comments", "saved"}
_VISITS = {"follows", "profile_visits", "profile_activity"}
# crossposted_views and facebook_views throw for what was not shared to Facebook: nothing here ever is.
_METRICS = {
    Media.Product.FEED: _EVERYWHERE | _POSTS | _VISITS,
    Media.Product.REELS: _EVERYWHERE
    | _POSTS
    | {"ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate"},
    Media.Product.STORY: _EVERYWHERE | _VISITS | {"replies", "navigation", "link_clicks"},
}
_TOTALS = {"total_likes", "total_comments", "total_views"}
_FACEBOOK_METRICS = {
    Media.Product.FEED: _TOTALS,
    Media.Product.REELS: _TOTALS,
    Media.Product.STORY: {"total_views"},
}
_MEDIA_BREAKDOWNS = {"profile_activity": {"action_type"}, "navigation": {"story_navigation_action_type"}}
_DEMOGRAPHICS = {"age", "city", "country", "gender"}
# The metrics of an account: its breakdowns.
_ACCOUNT: dict[str, set[str]] = {
    "reach": {"media_product_type", "follow_type"},
    "views": {"follower_type", "media_product_type"},
    "accounts_engaged": set(),
    "replies": set(),
    "reposts": set(),
    **{name: {"media_product_type"} for name in ("total_interactions", "likes", "comments", "saves", "shares")},
    "follows_and_unfollows": {"follow_type"},
    "profile_links_taps": {"contact_button_type"},
    "follower_count": set(),
}
_LIFETIME = {
    "follower_demographics": _DEMOGRAPHICS,
    "engaged_audience_demographics": _DEMOGRAPHICS,
    "online_followers": set[str](),
}
_NEEDS_FOLLOWERS = {"follows_and_unfollows", "follower_count", "online_followers"}
_FOLLOWERS = 100


def of_media(call: Call, node: str) -> dict[str, Any]:
    """Tell the lifetime metrics of a post; one that does not fit fails the entire call."""
    media = find_media(call, node, INSIGHTS)
    product = Media.Product(media.product_type)
    metrics = _metrics(call, _METRICS[product] | (_FACEBOOK_METRICS[product] if call.is_facebook else set()))
    breakdown = as_text(call.params, "breakdown")
    if breakdown and not all(breakdown in _MEDIA_BREAKDOWNS.get(name, set()) for name in metrics):
        raise refuse(errors.UNKNOWN)
    if media.parent_id or call.control.insights_missing:
        return {"data": []}
    if media.is_story and (media.has_ended(call.now) or call.control.few_viewers):
        raise refuse(errors.FEW_VIEWERS)
    return {"data": [_told(media.graph_id, name, "lifetime", breakdown) for name in metrics]}


def of_account(call: Call, node: str) -> dict[str, Any]:
    """Tell the account's metrics: by the day, or demographics over its lifetime."""
    profile = call.own(node, INSIGHTS)
    period = as_text(call.params, "period")
    known = {"day": _ACCOUNT, "lifetime": _LIFETIME}.get(period)
    if known is None:
        raise invalid("The parameter period is required and must be one of day, lifetime")
    metrics = _metrics(call, set(known))
    breakdown = as_text(call.params, "breakdown")
    if breakdown and not all(breakdown in known[name] for name in metrics):
        raise refuse(errors.UNKNOWN)
    if _NEEDS_FOLLOWERS & set(metrics) and profile.followers_count < _FOLLOWERS:
        raise refuse(errors.FEW_VIEWERS, "(#10) Not enough followers to show insights")
    if call.control.insights_missing:
        return {"data": []}
    return {"data": [_told(profile.user_id, name, period, breakdown) for name in metrics]}


def _metrics(call: Call, fitting: set[str]) -> list[str]:
    metrics = as_list(call.params, "metric")
    if not metrics:
        raise invalid("The parameter metric is required")
    if not set(metrics) <= fitting:
        raise refuse(errors.UNKNOWN)
    return metrics


def _told(node: str, name: str, period: str, breakdown: str) -> dict[str, Any]:
    value = zlib.crc32(f"{node}{name}".encode()) % 900 + 40
    body: dict[str, Any] = {"name": name, "period": period, "title": name.replace("_", " ").capitalize()}
    total: dict[str, Any] = {"value": value}
    if breakdown:
        results = [{"dimension_values": ["OTHER"], "value": value}]
        total["breakdowns"] = [{"dimension_keys": [breakdown], "results": results}]
    is_media = period == "lifetime" and not breakdown
    body |= {"values": [{"value": value}]} if is_media else {"total_value": total}
    return body | {"description": "", "id": f"{node}/insights/{name}/{period}"}
