"""The single-use secret that ties an OAuth answer to the person and browser that asked."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

LIFETIME = timedelta(minutes=15)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


class OAuthState(models.Model):
    """One started connection; only the hash of its state is kept."""

    digest = models.CharField(max_length=64, unique=True)
    flow = models.CharField(max_length=10)  # "instagram" or "facebook"
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    session_key = models.CharField(max_length=40)
    account = models.ForeignKey("scheduler.InstagramAccount", models.CASCADE, null=True)  # a reconnect
    return_to = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.flow} of {self.user_id}"

    @classmethod
    def start(cls, *, now: datetime, **facts: object) -> str:
        """Return a fresh state for the consent page's address; `facts` are the row's fields."""
        cls.objects.filter(created_at__lt=now - timedelta(days=1)).delete()
        state = secrets.token_urlsafe(32)
        cls.objects.create(digest=_digest(state), created_at=now, **facts)
        return state

    @classmethod
    def redeem(
        cls, state: str, *, flow: str, user: models.Model, session_key: str, now: datetime
    ) -> "OAuthState | None":
        """Use a state up; None when it is unknown, too old, used, or another person's or browser's."""
        ours = cls.objects.filter(
            digest=_digest(state),
            flow=flow,
            user=user,
            session_key=session_key,
            created_at__gt=now - LIFETIME,
        )
        taken = ours.filter(used_at=None).update(used_at=now)
        return ours.select_related("account").first() if taken else None
