"""How much of Instagram's rate limits is used, and until when a scope must keep quiet."""

from datetime import datetime
from typing import Self

from django.db import models


class ApiLimitQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def paused(self, now: datetime) -> Self:
        """Scopes that must not be used at `now`."""
        return self.filter(paused_until__gt=now)


class ApiLimit(models.Model):
    """One scope that Instagram limits: an app ("app:instagram", "app:facebook") or an account ("account:1784…")."""

    scope = models.CharField(max_length=60, unique=True)
    usage_percent = models.PositiveSmallIntegerField(default=0)  # the highest figure of the last answer's headers
    seen_at = models.DateTimeField(null=True)  # when that answer came
    paused_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True, default="")  # the stable error name behind the pause
    pauses = models.PositiveSmallIntegerField(default=0)  # in a row; each is twice as long as the one before

    objects = ApiLimitQuerySet.as_manager()

    def __str__(self) -> str:
        return self.scope
