"""Let a key be tried a few times in a window and no more: signing in, the set-up code."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings

from scheduler.models import RateWindow

WINDOWS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


class Attempts:
    """The tries of one key, "5/min" by LOGIN_RATE unless told otherwise."""

    def __init__(self, *parts: str, rate: str = "") -> None:
        number, _slash, unit = (rate or settings.LOGIN_RATE).partition("/")
        self.limit, self.window = int(number), WINDOWS[unit.strip()[:1]]
        self.key = f"{parts[0]}:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"

    def wait(self, now: datetime) -> timedelta:
        """Count one try; return how long the next must wait, zero when this one may go on."""
        if RateWindow.hit(self.key, self.window, now) <= self.limit:
            return timedelta(0)
        started = RateWindow.objects.get(key=self.key).started_at
        return max(started + self.window - now, timedelta(seconds=1))

    def forget(self) -> None:
        """Start from zero: the try was the right one."""
        RateWindow.reset(self.key)
