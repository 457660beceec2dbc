"""What a person must be told, once per cause."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class NotificationQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Notices to this person."""
        return self.filter(user=user)

    def open(self) -> Self:
        """Notices whose cause has not been dealt with."""
        return self.filter(settled_at=None)


class Notification(models.Model):
    """A notice to one person about one cause; the same cause is not told twice while it is open."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)  # a stable error name, as in last_error
    cause = models.CharField(max_length=120)  # what makes two notices the same: "account:7", "post:12"
    account = models.ForeignKey("scheduler.InstagramAccount", models.CASCADE, null=True)
    post = models.ForeignKey("scheduler.ScheduledPost", models.CASCADE, null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "cause"], condition=Q(settled_at=None), name="cause_told_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"

    @property
    def is_news(self) -> bool:
        """Return whether it only tells, and asks for nothing."""
        return self.cause.startswith("comments:")

    @property
    def is_about_webhook(self) -> bool:
        """Return whether a webhook needs its owner."""
        return self.cause.startswith("webhook:")
