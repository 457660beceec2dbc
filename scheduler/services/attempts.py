"""Let a key be tried a few times in a window and no more: signing in, the set-up code, what is dear to answer."""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.conf import settings

from scheduler.models import RateWindow

WINDOWS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


# One address may try so many times the limit, whatever the names.
NAMES = 10


class Attempts:
    """The tries of one key, "5/min" by LOGIN_RATE unless told otherwise.

    Its last part is who tries: the visitor's address, or the key of a person who is signed in.
    """

    def __init__(self, *parts: str, rate: str = "") -> None:
        number, _slash, unit = (rate or settings.LOGIN_RATE).partition("/")
        self.limit, self.window = int(number), WINDOWS[unit.strip()[:1]]
        home = _home(parts[-1])
        self.key = _key(*parts[:-1], home)
        self.wide_key = _key(parts[0], "all names", home) if _is_one_visitor(home) else ""

    def wait(self, now: datetime) -> timedelta:
        """Count one try; return how long the next must wait, zero when this one may go on."""
        wide = self._wait(self.wide_key, self.limit * NAMES, now) if self.wide_key else timedelta(0)
        return wide or self._wait(self.key, self.limit, now)

    def _wait(self, key: str, limit: int, now: datetime) -> timedelta:
        if RateWindow.hit(key, self.window, now) <= limit:
            return timedelta(0)
        started = RateWindow.objects.get(key=key).started_at
        return max(started + self.window - now, timedelta(seconds=1))

    def forget(self) -> None:
        """Start from zero: the try was the right one."""
        RateWindow.reset(self.key)


def _key(*parts: str) -> str:
    return f"{parts[0]}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"


def _home(address: str) -> str:
    """Return what one visitor has: an IPv4 address, or the 2⁶⁴ addresses that every IPv6 connection comes with."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return address
    return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))


def _is_one_visitor(home: str) -> bool:
    """Return whether the address is from outside; one from inside may be a proxy that stands for everybody."""
    try:
        return not ip_address(home).is_private
    except ValueError:
        return False
