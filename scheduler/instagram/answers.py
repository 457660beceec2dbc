"""Read what came over the wire so that nothing later stumbles on it."""

import json
import math
from typing import Any

# Instagram's own answers nest about six deep; what nests deeper is not one of them.
DEEPEST = 32


def read_json(body: bytes | str) -> Any:
    """Return the JSON value of an answer, with only what every database can store.

    NUL and lone surrogates are taken out of texts; NaN and infinities become None.
    Raises ValueError when it is not JSON, or nests absurdly deep.
    """
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _storable(value, DEEPEST)


def clean(text: str) -> str:
    """Return `text` without NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _storable(value: Any, levels_left: int) -> Any:
    if not levels_left:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {clean(name): _storable(item, levels_left - 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_storable(item, levels_left - 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return clean(value) if isinstance(value, str) else value


def text_of(value: Any) -> str:
    """Return an id or a word as text, "" when it is neither: Instagram sends some ids as numbers."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def number_of(value: Any) -> int | None:
    """Return a whole number, also one that came as text; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def rows_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of {"data": […]}; none when it is not of that form."""
    rows = value.get("data") if isinstance(value, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def only_row(data: dict[str, Any]) -> dict[str, Any]:
    """Return the one object of an answer that comes flat or, as the documentation shows it, wrapped in `data`."""
    return next(iter(rows_of(data)), data)


def next_cursor(data: dict[str, Any]) -> str:
    """Return the cursor of the page after this one, "" when it is the last.

    The ready-made address in `next` only says that there is one: it may hold a token, or lead elsewhere.
    """
    paging = data.get("paging")
    cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
    return text_of(cursors.get("after")) if isinstance(cursors, dict) else ""
