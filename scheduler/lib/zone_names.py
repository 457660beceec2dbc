"""Say an IANA zone as people do: its city, and how far it is from Greenwich at one instant."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location


def offset(zone: str, at: datetime) -> str:
    """Return "GMT-3", "GMT+5:30" or "GMT" for `zone` at the aware instant `at`."""
    away = at.astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(away.total_seconds() // 60) if away else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    return "GMT" + (f"{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "")


@lru_cache(maxsize=256)
def city(zone: str, language: str) -> str:
    """Return the zone's city in `language` ("pt-br"); UTC stays UTC."""
    if "/" not in zone or zone.startswith("Etc/"):
        return zone.removeprefix("Etc/")
    return get_timezone_location(zone, locale="pt_BR" if language.startswith("pt") else "en", return_city=True)
