"""What is to be told outside: one row for each thing and each place. The row is the queue."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduler.models.webhook import Webhook


def new_event_id() -> str:
    """Return what an event is known by wherever it is told, however often."""
    return f"evt_{uuid.uuid4().hex}"


class DeliveryQuerySet(models.QuerySet):
    """Reads and bulk changes, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Deliveries of this person's events; every page and answer starts here."""
        return self.filter(user=user)

    def due(self, at: datetime) -> Self:
        """Deliveries to be tried by `at`, the longest waiting first; one index, whatever the table's size."""
        return self.filter(due_at__lte=at).order_by("due_at", "pk")

    def send_again(self, now: datetime) -> int:
        """Put these back in line, with all their tries; not what somebody is just sending. Return how many."""
        return self.filter(claimed_by="").update(
            state=Delivery.State.WAITING, due_at=now, attempts=0, error="", ended_at=None
        )


class Delivery(models.Model):
    """One event on its way to one receiver; written in the transaction of what it tells of.

    It is sent at least once: a worker that dies after it sent leaves a row that is sent again, with the same ids.
    due_at: when it is tried next; while a worker has it, when that worker is given up for dead. None once it ended.
    """

    class Channel(models.TextChoices):
        """By which way it goes."""

        WEBHOOK = "webhook", "webhook"

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    webhook = models.ForeignKey(Webhook, models.CASCADE, null=True, related_name="deliveries", db_index=False)
    event = models.CharField(max_length=40)
    event_id = models.CharField(max_length=40)
    body = models.TextField()  # word for word what is sent, each time the same
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=80, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=40, blank=True, default="")  # a stable name, of the last try
    answer_code = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True, default="")  # its first words
    duration_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["webhook", "created_at"], name="delivery_log"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["webhook", "event_id"], name="event_told_once_per_webhook"),
            models.CheckConstraint(
                condition=~Q(channel="webhook") | Q(webhook__isnull=False), name="webhook_delivery_has_its_webhook"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", due_at__isnull=False) | (~Q(state="waiting") & Q(due_at=None)),
                name="waiting_delivery_is_due_sometime",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"
