"""Parameters of POST /media with a form of their own. Pure. Source: fact sheet 3.3 and 5.3."""

from typing import Any

from scheduler.sandbox import errors
from scheduler.sandbox.errors import invalid, refuse
from scheduler.sandbox.graph.values import Params, as_flag, as_json, as_list, as_text, as_whole

FLAGS = {
    "share_to_feed",
    "is_ai_generated",
    "is_paid_partnership",
    "is_poll_duration_extended",
    "is_comment_prompt_used",
}
PRODUCTS, SPONSORS, POLL_OPTIONS = 5, 2, range(2, 5)


def read_options(params: Params, *, is_video: bool) -> dict[str, Any]:
    """Return the structured options that came, checked; raise GraphError for one that Instagram refuses."""
    readers = {
        "thumb_offset": _thumb_offset,
        "trial_params": _trial,
        "audio_configuration": _audio,
        "branded_content_sponsor_ids": _sponsors,
        "poll_attachment": _poll,
    }
    found = {name: read(params) for name, read in readers.items() if as_text(params, name)}
    if as_text(params, "product_tags"):
        found["product_tags"] = _products(params, is_video)
    if as_flag(params, "is_poll_duration_extended") and "poll_attachment" not in found:
        raise invalid("Param is_poll_duration_extended needs poll_attachment")
    return found


def _thumb_offset(params: Params) -> int:
    offset = as_whole(params, "thumb_offset", 0)
    if offset < 0:
        raise refuse(errors.THUMB_OFFSET)
    return offset


def _trial(params: Params) -> dict[str, Any]:
    value = as_json(params, "trial_params")
    strategy = value.get("graduation_strategy") if isinstance(value, dict) else None
    if strategy not in {"MANUAL", "SS_PERFORMANCE"}:
        raise invalid("Param trial_params[graduation_strategy] must be one of MANUAL, SS_PERFORMANCE")
    return value


def _audio(params: Params) -> dict[str, Any]:
    value = as_json(params, "audio_configuration")
    if not isinstance(value, dict) or not value.get("audio_id"):
        raise invalid("Param audio_configuration[audio_id] is required")
    volumes = [value[name] for name in ("audio_volume", "video_volume") if value.get(name) is not None]
    if not all(isinstance(volume, int | float) and 0 <= volume <= 100 for volume in volumes):
        raise invalid("Volumes of audio_configuration must be between 0 and 100")
    return value


def _sponsors(params: Params) -> list[str]:
    sponsors = [str(sponsor) for sponsor in as_list(params, "branded_content_sponsor_ids")]
    if len(sponsors) > SPONSORS or not all(sponsor.isdecimal() for sponsor in sponsors):
        raise refuse(errors.PARTNER_PARAM)
    return sponsors


def _poll(params: Params) -> dict[str, Any]:
    value = as_json(params, "poll_attachment")
    options = value.get("options") if isinstance(value, dict) else None
    if not isinstance(options, list) or len(options) not in POLL_OPTIONS:
        raise invalid("Param poll_attachment[options] must have 2 to 4 elements")
    if as_flag(params, "is_comment_prompt_used"):
        raise invalid("Only one of poll_attachment and is_comment_prompt_used is allowed")
    return value


def _products(params: Params, is_video: bool) -> list[dict[str, Any]]:
    tags = as_list(params, "product_tags")
    if len(tags) > PRODUCTS:
        raise invalid("Param product_tags must have at most 5 elements")
    for tag in tags:
        _check_product(tag, is_video)
    return tags


def _check_product(tag: Any, is_video: bool) -> None:
    if not isinstance(tag, dict) or not str(tag.get("product_id", "")).isdecimal():
        raise refuse(errors.PRODUCT_INVALID)
    placed = tag.get("x") is not None and tag.get("y") is not None
    if is_video and placed:
        raise refuse(errors.PRODUCT_POSITION)
    if not is_video and not placed:
        raise refuse(errors.PRODUCT_NO_POSITION)
