"""Somebody asked Meta that what we have of them be deleted."""

import secrets
from datetime import datetime
from typing import Self

from django.db import IntegrityError, models, transaction


def _new_code() -> str:
    return secrets.token_hex(10)


class DeletionRequest(models.Model):
    """One such request; nothing in it says who it was. accounts: how many connected accounts were emptied."""

    code = models.CharField(max_length=20, unique=True, default=_new_code, editable=False)
    digest = models.CharField(max_length=64, unique=True)  # of what was sent, so that it is done once
    asked_at = models.DateTimeField()
    accounts = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.code

    @classmethod
    def take(cls, digest: str, now: datetime) -> tuple[Self, bool]:
        """Return the row of what was sent, and whether it is new."""
        try:
            with transaction.atomic():
                return cls.objects.create(digest=digest, asked_at=now), True
        except IntegrityError:
            return cls.objects.get(digest=digest), False
