"""Read parameters, which arrive as JSON values or as text, depending on the body's encoding."""

import json
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from scheduler.sandbox.errors import invalid

Params = dict[str, Any]
_YES, _NO = {"true", "1"}, {"false", "0", ""}


def as_text(params: Params, name: str) -> str:
    """Return a parameter as text, "" when it is missing."""
    value = params.get(name)
    return "" if value is None else str(value)


def as_flag(params: Params, name: str) -> bool:
    """Return a yes/no parameter, False when it is missing; other words are #100."""
    word = as_text(params, name).lower()
    if word not in _YES | _NO:
        raise invalid(f"Param {name} must be a boolean")
    return word in _YES


def as_whole(params: Params, name: str, default: int) -> int:
    """Return a whole number; other words are #100."""
    word = as_text(params, name) or str(default)
    if not word.lstrip("-").isdecimal():
        raise invalid(f"Param {name} must be an integer")
    return int(word)


def as_json(params: Params, name: str) -> Any:
    """Return a structured parameter: as it came in a JSON body, else parsed from its text."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise invalid(f"Param {name} must be valid JSON") from None


def as_list(params: Params, name: str) -> list[Any]:
    """Return a list that came as JSON, as JSON text or with commas; [] when it is missing."""
    value = params.get(name)
    if isinstance(value, str) and not value.lstrip().startswith("["):
        return [word.strip() for word in value.split(",") if word.strip()]
    value = as_json(params, name)
    if value is not None and not isinstance(value, list):
        raise invalid(f"Param {name} must be an array")
    return value or []


def as_instant(params: Params, name: str) -> datetime | None:
    """Return a Unix time or an ISO instant as a datetime, None when it is missing."""
    word = as_text(params, name)
    if not word:
        return None
    try:
        return datetime.fromtimestamp(int(word), UTC) if word.isdecimal() else _iso(word)
    except (ValueError, OverflowError, OSError):
        raise invalid(f"Param {name} must be a Unix timestamp") from None


def _iso(word: str) -> datetime:
    instant = parse_datetime(word)
    if instant is None or instant.tzinfo is None:
        raise ValueError(word)
    return instant
