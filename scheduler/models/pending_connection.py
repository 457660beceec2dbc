"""A Facebook login that found several Instagram accounts and waits for a person to pick."""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models

from scheduler.models.fields import SealedField

LIFETIME = timedelta(minutes=15)


def _new_key() -> str:
    return secrets.token_urlsafe(24)


class PendingConnection(models.Model):
    """What the picker needs, for one person and one browser; gone once picked or after 15 minutes."""

    key = models.CharField(max_length=40, unique=True, default=_new_key, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    session_key = models.CharField(max_length=40)
    return_to = models.CharField(max_length=300, blank=True, default="")
    facebook_user_id = models.CharField(max_length=40)
    facebook_user_token = SealedField()
    token_expires_at = models.DateTimeField(null=True)
    data_access_expires_at = models.DateTimeField(null=True)
    permissions = models.JSONField(default=list)
    # The fields of services.page_choices.Choice, a row each; a Page's token is asked for once it is picked.
    choices = models.JSONField(default=list)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{len(self.choices)} accounts for {self.user_id}"

    @classmethod
    def begin(cls, now: datetime, **facts: object) -> Self:
        """Keep a choice to be made; `facts` are the row's fields. What nobody picked from in time is forgotten."""
        cls.forget_old(now)
        return cls.objects.create(created_at=now, **facts)

    @classmethod
    def forget_old(cls, now: datetime) -> None:
        """Forget choices that ran out, and the tokens in them."""
        cls.objects.filter(created_at__lte=now - LIFETIME).delete()

    @classmethod
    def waiting(cls, key: str, *, user: models.Model, session_key: str, now: datetime) -> "PendingConnection | None":
        """Return the choice; None when it is unknown, made, too old, or another person's or browser's."""
        cls.forget_old(now)
        rows = cls.objects.select_related("user").filter(user=user, session_key=session_key)
        return rows.filter(key=key).first()
