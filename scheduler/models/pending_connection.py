"""A Facebook login that found several Instagram accounts and waits for a person to pick."""

import secrets
from datetime import timedelta

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
    account = models.ForeignKey("scheduler.InstagramAccount", models.CASCADE, null=True)  # a reconnect
    return_to = models.CharField(max_length=300, blank=True, default="")
    facebook_user_id = models.CharField(max_length=40)
    facebook_user_token = SealedField()
    token_expires_at = models.DateTimeField(null=True)
    data_access_expires_at = models.DateTimeField(null=True)
    permissions = models.JSONField(default=list)
    # [{"page_id", "page_name", "instagram_user_id", "username", "name", "tasks"}]; a Page's token is asked for
    # once it is picked.
    choices = models.JSONField(default=list)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{len(self.choices)} accounts for {self.user_id}"
