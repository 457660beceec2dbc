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


# One address or person may try so many times the limit, whatever the names.
NAMES = 10


class Attempts:
    """The tries of one key, "5/min" by LOGIN_RATE unless told otherwise.

    Its last part is who tries: the visitor's address, or the key of a person who is signed in.
    together: count, beside each key, all that one person tries; an address from outside is always counted so.
    """

    def __init__(self, *parts: str, rate: str = "", together: bool = False) -> None:
        number, _slash, unit = (rate or settings.LOGIN_RATE).partition("/")
        self.limit, self.window = int(number), WINDOWS[unit.strip()[:1]]
        home = _home(parts[-1])
        self.key = _key(*parts[:-1], home)
        self.limits = {self.key: self.limit}
        if together or _is_one_visitor(home):
            self.limits[_key(parts[0], "all names", home)] = self.limit * NAMES

    def wait(self, now: datetime) -> timedelta:
        """Count one try; return how long the next must wait, zero when this one may go on."""
        counts = RateWindow.hit(self.limits, self.window, now)
        over = [key for key, count in counts.items() if count > self.limits[key]]
        starts = RateWindow.objects.filter(key__in=over).values_list("started_at", flat=True) if over else []
        return max((max(at + self.window - now, timedelta(seconds=1)) for at in starts), default=timedelta(0))

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
