"""A little of the insights: which metric fits which post, with plausible steady numbers."""

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
_METRICS = {
    Media.Product.FEED: _EVERYWHERE | {"likes", "comments", "saved", "follows", "profile_visits", "profile_activity"},
    Media.Product.REELS: _EVERYWHERE
    | {"likes", "comments", "saved", "ig_reels_avg_watch_time", "ig_reels_video_view_total_time"}
    | {"reels_skip_rate", "crossposted_views"},
    Media.Product.STORY: _EVERYWHERE
    | {"follows", "profile_visits", "profile_activity", "replies", "navigation", "link_clicks"},
}
_ACCOUNT = {"reach", "views", "accounts_engaged", "total_interactions", "likes", "comments", "saves", "shares"}


def of_media(call: Call, node: str) -> dict[str, Any]:
    """Tell the lifetime metrics of a post; one that does not fit fails the entire call."""
    media = find_media(call, node, INSIGHTS)
    metrics = _metrics(call, _METRICS[Media.Product(media.product_type)])
    if media.parent_id:
        return {"data": []}
    if media.has_ended(call.now):
        raise refuse(errors.FEW_VIEWERS)
    return {"data": [_told(media.graph_id, name, "lifetime") for name in metrics]}


def of_account(call: Call, node: str) -> dict[str, Any]:
    """Tell the account's metrics of one day."""
    profile = call.own(node, INSIGHTS)
    metrics = _metrics(call, _ACCOUNT)
    if as_text(call.params, "period") != "day":
        raise invalid("The parameter period is required and must be day")
    return {"data": [_told(profile.user_id, name, "day") for name in metrics]}


def _metrics(call: Call, fitting: set[str]) -> list[str]:
    metrics = as_list(call.params, "metric")
    if not metrics:
        raise invalid("The parameter metric is required")
    if not set(metrics) <= fitting:
        raise refuse(errors.UNKNOWN)
    return metrics


def _told(node: str, name: str, period: str) -> dict[str, Any]:
    value = zlib.crc32(f"{node}{name}".encode()) % 900 + 40
    body: dict[str, Any] = {"name": name, "period": period, "title": name.replace("_", " ").capitalize()}
    body |= {"values": [{"value": value}]} if period == "lifetime" else {"total_value": {"value": value}}
    return body | {"description": "", "id": f"{node}/insights/{name}/{period}"}
