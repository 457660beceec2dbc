"""What the simulated Meta sends to the app: signed requests, webhook events, and how often it tried."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

# Meta says "immediately" and then "with decreasing frequency" for 36 hours; the steps between are ours.
PAUSES_MINUTES = (0, 1, 5, 15, 60, 180, 360, 720, 720)
GIVEN_UP_AFTER = timedelta(hours=36)


class Delivery(models.Model):
    """One message to the app, sent until it is answered 200 or 36 hours have passed."""

    class Kind(models.TextChoices):
        """What it is about."""

        VERIFICATION = "verification", _("Webhook verification")
        EVENT = "event", _("Webhook event")
        DEAUTHORIZE = "deauthorize", _("App removed")
        DELETION = "deletion", _("Deletion of data asked for")

    kind = models.CharField(max_length=15, choices=Kind.choices)
    url = models.URLField(max_length=500)
    body = models.TextField(blank=True)  # exactly the bytes that are sent
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)  # None: delivered, or given up
    attempts = models.PositiveIntegerField(default=0)
    status = models.PositiveIntegerField(null=True)  # of the last answer, None when there was none
    answer = models.CharField(max_length=500, blank=True)
    is_right = models.BooleanField(default=False)  # the last answer was what Meta expects

    def __str__(self) -> str:
        return f"{self.kind} to {self.url}"

    def note(self, now: datetime, status: int | None, answer: str, *, is_right: bool) -> None:
        """Write an attempt down; only webhook events are tried again."""
        pause = timedelta(minutes=PAUSES_MINUTES[min(self.attempts, len(PAUSES_MINUTES) - 1)])
        goes_on = self.kind == self.Kind.EVENT and not is_right and now + pause < self.created_at + GIVEN_UP_AFTER
        self.attempts, self.status, self.answer, self.is_right = self.attempts + 1, status, answer[:500], is_right
        self.next_at = now + pause if goes_on else None
        self.save()
