"""What lets a program act for a person at the API: many to a person, each with a name and what it may do."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from scheduler.models.user import User

# How a secret begins, so that it is known for one where it is found; and how much of it is kept to tell it by.
MARK, SHOWN_CHARS = "pauta_", 12
# How many a person may have that work.
MOST = 50
SEEN_EVERY = timedelta(minutes=1)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _new_secret() -> str:
    return MARK + secrets.token_urlsafe(32)


class Scope(models.TextChoices):
    """What a token may do. Each stands alone: one that only writes cannot read lists."""

    READ = "read", _("Read: see accounts, posts, logs and figures")
    WRITE = "write", _("Write: create, change, schedule, cancel and delete posts")
    PUBLISH = "publish", _("Publish: send at once, and try again")


class TokenQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """This person's tokens; every page starts here."""
        return self.filter(user=user)

    def working(self, now: datetime) -> Self:
        """Tokens that open something at `now`."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True)


class ApiToken(models.Model):
    """One token. Its secret is 256 random bits that only its holder has: here is the hash it is found by."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=SHOWN_CHARS, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def make(
        cls, user: User, name: str, scopes: list[str], now: datetime, *, lasts: timedelta | None = None
    ) -> tuple[Self, str]:
        """Return a new token and its secret, which nobody can show a second time. lasts: None is until revoked."""
        secret = _new_secret()
        token = cls.objects.create(
            user=user,
            name=name,
            prefix=secret[:SHOWN_CHARS],
            digest=_digest(secret),
            scopes=scopes,
            made_at=now,
            expires_at=now + lasts if lasts else None,
        )
        return token, secret

    @classmethod
    def at(cls, secret: str, now: datetime) -> Self | None:
        """Return the token with this secret and its person; None when it opens nothing (any more). One query.

        The hash is found by an index; how long that takes tells nothing of a secret that has another hash.
        """
        digest = _digest(secret)
        token = cls.objects.working(now).select_related("user").filter(digest=digest).first()
        return token if token is not None and constant_time_compare(token.digest, digest) else None

    def seen(self, now: datetime) -> None:
        """Note that it was used; at most one write a minute."""
        if self.last_used_at is not None and now - self.last_used_at < SEEN_EVERY:
            return
        self.last_used_at = now
        ApiToken.objects.filter(pk=self.pk).update(last_used_at=now)

    def revoke(self, now: datetime) -> None:
        """Let it open nothing any more."""
        ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now)

    def is_over(self, now: datetime) -> bool:
        """Return whether its time has ended."""
        return self.expires_at is not None and self.expires_at <= now

    @property
    def may(self) -> str:
        """Return its scopes as words."""
        return ", ".join(scope for scope in Scope.values if scope in self.scopes)
