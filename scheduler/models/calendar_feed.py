"""The secret address under which a calendar program reads a person's plan."""

import hashlib
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from scheduler.models.fields import SealedField, vault
from scheduler.models.user import User


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


class CalendarFeed(models.Model):
    """One person's feed. Its secret is found by its hash, and kept sealed, so that the address can be shown again.

    Neither gives it away without the key, which is not in the database.
    language: of the page on which it was made; for a person who follows the browser, which a feed has not.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    secret = SealedField()
    language = models.CharField(max_length=12, blank=True, default="")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar feed of {self.user_id}"

    @classmethod
    def make(cls, user: User, language: str, now: datetime) -> Self:
        """Give the person a new address; the old one is dead from here on."""
        secret = _new_secret()
        facts = {"digest": _digest(secret), "secret": vault().seal(secret), "language": language, "made_at": now}
        return cls.objects.update_or_create(user=user, defaults=facts)[0]

    @classmethod
    def at(cls, secret: str) -> Self | None:
        """Return the feed with this secret and its person; None when nobody has it, or may not sign in any more."""
        return cls.objects.select_related("user").filter(digest=_digest(secret), user__is_active=True).first()

    @classmethod
    def of(cls, user: User) -> Self | None:
        """Return the person's feed, None when it is off."""
        return cls.objects.filter(user=user).first()

    def address(self) -> str:
        """Return the whole secret address. Raises KeyProblem."""
        path = reverse("calendar-feed", args=[vault().open(self.secret)])
        return settings.PUBLIC_BASE_URL + path
