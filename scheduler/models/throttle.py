"""Count attempts in a window, in the database so that every process sees the same number."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F


class RateWindow(models.Model):
    """How often one key was used in its present window."""

    key = models.CharField(max_length=200, unique=True)
    started_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.key

    @classmethod
    def hit(cls, key: str, window: timedelta, now: datetime) -> int:
        """Count one use of `key` and return how many the present window holds now."""
        cls.objects.get_or_create(key=key, defaults={"started_at": now})
        fresh = cls.objects.filter(key=key, started_at__lte=now - window).update(started_at=now, count=1)
        if not fresh:
            cls.objects.filter(key=key).update(count=F("count") + 1)
        return cls.objects.get(key=key).count

    @classmethod
    def reset(cls, key: str) -> None:
        """Forget the uses of `key`."""
        cls.objects.filter(key=key).delete()
