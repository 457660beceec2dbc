"""Days and times as people write them in spreadsheets, in English and in Portuguese."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SHORT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?\s*(?:m\.?)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)


class Unclear(ValueError):
    """A day like 05/06/2026, of which nobody said whether the day or the month comes first."""


def order_of(words: Iterable[str]) -> str:
    """Return which comes first in all these days, the day or the month; "" when they don't tell."""
    order = ""
    for word in words:
        found = _SHORT.match(word.strip())
        if found is None:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12 or second > 12:
            says = DAY_FIRST if first > 12 else MONTH_FIRST
            if order and says != order:
                return ""
            order = says
    return order


def are_unclear(words: Iterable[str]) -> bool:
    """Return whether one of these days needs to be told which comes first, and no other tells it."""
    words = list(words)
    return not order_of(words) and any(_is_unclear(word) for word in words)


def _is_unclear(word: str) -> bool:
    found = _SHORT.match(word.strip())
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1] != found[2]


def read_day(words: str, order: str) -> date:
    """Return the day. Raises Unclear, and ValueError for what is none."""
    iso = _ISO.fullmatch(words)
    if iso:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    short = _SHORT.fullmatch(words)
    if short is None:
        raise ValueError(words)
    first, second, year = int(short[1]), int(short[2]), int(short[3])
    if not order and _is_unclear(words):
        raise Unclear(words)
    is_day_first = first > 12 or ((order or DAY_FIRST) == DAY_FIRST and second <= 12)
    day, month = (first, second) if is_day_first else (second, first)
    return date(year if year > 99 else 2000 + year, month, day)


def read_clock(words: str) -> time:
    """Return the time of day: 18:30, 18h30, 6:30 PM. Raises ValueError for what is none."""
    found = _CLOCK.fullmatch(words.strip())
    if found is None or (found[2] is None and found[4] is None and "h" not in words.lower()):
        raise ValueError(words)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[4] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(words)
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)


def split_moment(words: str) -> tuple[str, str]:
    """Return the words of the day and those of the time from a cell with both."""
    day, _gap, clock = re.sub(r"(?<=\d)[T,]\s*(?=\d)", " ", words.strip(), count=1).partition(" ")
    return day.rstrip(","), clock.strip()


def read_instant(words: str) -> datetime | None:
    """Return the instant of an ISO date-time with an offset, as machines write it; None for all others."""
    if not _OFFSET.search(words.strip()):
        return None
    try:
        at = datetime.fromisoformat(words.strip())
    except ValueError:
        return None
    return at if at.tzinfo else None
