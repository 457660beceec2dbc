"""What changed between two states of a thing, and how two long texts differ, in as few words as it takes.

A state is {name: value}, values as JSON has them. Changes are {name: [before, after]}, as a row can keep them.
"""

from typing import Any
from zlib import crc32

# How much of a text that changed is shown, and how much of it stands before the place where it did.
SHOWN_CHARS, LEAD_CHARS = 120, 24

Changes = dict[str, list[Any]]


def between(before: dict[str, Any], after: dict[str, Any]) -> Changes:
    """Return what changed; a name that one state has not is None there."""
    names = [*before, *(name for name in after if name not in before)]
    pairs = {name: [before.get(name), after.get(name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def joined(first: Changes, second: Changes) -> Changes:
    """Return both changes, one after the other, as one; what came back to where it was did not change."""
    chain = {name: [first.get(name, pair)[0], pair[1]] for name, pair in second.items()}
    return {name: pair for name, pair in (first | chain).items() if pair[0] != pair[1]}


def kept_text(text: str, at_most: int) -> str | dict[str, Any]:
    """Return a text as a state holds it: whole, or its beginning and a sum that tells whether the rest changed."""
    return text if len(text) <= at_most else {"text": text[:at_most], "sum": crc32(text.encode())}


def shown_text(kept: str | dict[str, Any] | None) -> str:
    """Return what is known of a text that `kept_text` made."""
    return str(kept.get("text", "")) + "…" if isinstance(kept, dict) else kept or ""


def around(before: str, after: str) -> tuple[str, str]:
    """Return both texts on one line, cut down to the place from which they differ; two equal ones when cut there."""
    first, second = _on_one_line(before), _on_one_line(after)
    if len(first) <= SHOWN_CHARS and len(second) <= SHOWN_CHARS:
        return first, second
    pairs = enumerate(zip(first, second, strict=False))
    differs = next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))
    start = max(differs - LEAD_CHARS, 0)
    return _cut(first, start), _cut(second, start)


def _on_one_line(text: str) -> str:
    return " ↵ ".join(line.strip() for line in text.split("\n"))


def _cut(text: str, start: int) -> str:
    part = text[start : start + SHOWN_CHARS]
    return f"{'…' if start and part else ''}{part}{'…' if start + SHOWN_CHARS < len(text) else ''}"
