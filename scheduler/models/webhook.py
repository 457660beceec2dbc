"""Where a person's own programs are told what happens."""

import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from scheduler.models.fields import SealedField, vault

# After a new secret is made, the old one signs along for so long.
ROTATION = timedelta(hours=24)
MOST_PER_PERSON = 20


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


class Event(models.TextChoices):
    """What can be told."""

    PUBLISHED = "post.published", _("A post was published")
    FAILED = "post.failed", _("A post failed")
    HELD = "post.held", _("A post was put on hold")
    NEEDS_RECONNECT = "account.needs_reconnect", _("An account needs a new sign-in")


# Sent at a person's word only, so it can't be chosen.
TEST_EVENT = "webhook.test"


class WebhookQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Webhooks of this person; every page and answer starts here."""
        return self.filter(user=user)

    def on(self) -> Self:
        """Webhooks that are told what happens."""
        return self.filter(off_reason="")


class Webhook(models.Model):
    """One address that is told of the events its person chose, and the secret that signs what is sent there."""

    class Off(models.TextChoices):
        """Why nothing is sent."""

        NONE = "", ""
        PERSON = "person", _("You switched it off.")
        GONE = "gone", _("Its receiver answered 410, which means that nothing more is wanted.")
        FAILING = "failing", _("Its receiver took nothing for three days.")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=120, blank=True, default="")
    events = models.JSONField(default=list)
    secret = SealedField()
    previous_secret = SealedField()  # signs along until previous_until
    previous_until = models.DateTimeField(null=True, editable=False)
    off_reason = models.CharField(max_length=8, choices=Off.choices, blank=True, default=Off.NONE)
    failures = models.PositiveIntegerField(default=0, editable=False)  # tries in a row that came to nothing
    failing_since = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField()

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_on(self) -> bool:
        """Return whether it is told what happens."""
        return not self.off_reason

    def renew_secret(self, now: datetime) -> str:
        """Give it a new secret and return that, the only time that it is plain; the old one signs along a while."""
        if self.secret:
            self.previous_secret, self.previous_until = self.secret, now + ROTATION
        plain = _new_secret()
        self.secret = vault().seal(plain)
        names = ["secret", "previous_secret", "previous_until"]
        self.save(update_fields=None if self._state.adding else names)
        return plain

    def secrets(self, now: datetime) -> list[str]:
        """Return what signs now, the newest first; keep it nowhere. Raises KeyProblem."""
        sealed = [self.secret]
        if self.previous_until is not None and now < self.previous_until:
            sealed.append(self.previous_secret)
        return [vault().open(one) for one in sealed]

    def old_secret_signs(self, now: datetime) -> bool:
        """Return whether the secret before this one still signs along."""
        return self.previous_until is not None and now < self.previous_until

    def switch_on(self) -> None:
        """Tell it what happens from now on, as if it had never failed."""
        self.off_reason, self.failures, self.failing_since = self.Off.NONE, 0, None
        self.save(update_fields=["off_reason", "failures", "failing_since"])

    def switch_off(self, reason: str) -> bool:
        """Send it nothing more; return False when it was off already."""
        changed = Webhook.objects.on().filter(pk=self.pk).update(off_reason=reason)
        self.off_reason = reason
        return changed == 1

    def forget(self) -> None:
        """Delete it with all that waits for it; what is being told of just now waits until it is gone."""
        with transaction.atomic():
            list(Webhook.objects.select_for_update().filter(pk=self.pk).values_list("pk"))
            self.delete()
