"""Wall time + IANA zone is what a person means; UTC is derived from it here and nowhere else."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

ZONES = frozenset(available_timezones()) - {"localtime", "Factory"}


class Moment(NamedTuple):
    """A wall time made real.

    utc:   the instant.
    wall:  the wall time that is really meant (a time that the clock skips moves forward).
    kind:  "plain", "gap" (the clock skipped it) or "twice" (it happens twice, the first is taken).
    """

    utc: datetime
    wall: datetime
    kind: str


def is_zone(name: str) -> bool:
    """Return whether `name` is an IANA zone this machine knows."""
    return name in ZONES


def resolve(wall: datetime, zone: str) -> Moment:
    """Return the instant a naive wall time means in `zone`; a skipped one moves forward by the gap."""
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    utc = local.astimezone(UTC)
    real = utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    if real != wall:
        return Moment(utc, real, "gap")
    twice = wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset() != local.utcoffset()
    return Moment(utc, wall, "twice" if twice else "plain")


def to_wall(at: datetime, zone: str) -> datetime:
    """Return the naive wall time that an aware instant shows in `zone`."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def round_up(at: datetime, minutes: int) -> datetime:
    """Return `at` moved up to the next multiple of `minutes` past the hour."""
    start = at.replace(minute=0, second=0, microsecond=0)
    step = timedelta(minutes=minutes)
    return start + -(-(at - start) // step) * step
