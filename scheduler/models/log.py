"""What was asked of Instagram and what it answered: opened before a request, closed after it."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from scheduler.lib.redaction import redact, redact_data
from scheduler.models.account import InstagramAccount
from scheduler.models.post import ScheduledPost

LOST = "The worker stopped before the answer was written down."


class LogQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Lines of this person's accounts."""
        return self.filter(user=user)

    def open(self) -> Self:
        """Lines whose request was never closed: it runs now, or its worker was lost."""
        return self.filter(finished_at=None)

    def close_lost(self, post: ScheduledPost, now: datetime) -> int:
        """Close what a lost worker left open; what became of the request is not known."""
        return self.open().filter(scheduled_post=post)._close("WORKER_LOST", LOST, now)

    def close_taken_over(self, worker: str, now: datetime) -> int:
        """Close what a worker had begun when a person or another worker took the post over."""
        return self.open().filter(worker=worker)._close("TAKEN_OVER", "The post was changed meanwhile.", now)

    def close_broken_off(self, worker: str, now: datetime) -> int:
        """Close what a worker had begun when it stumbled over a mistake of ours."""
        return self.open().filter(worker=worker)._close("APP_ERROR", "Pauta itself broke this off.", now)

    def close_abandoned(self, now: datetime, older_than: timedelta) -> int:
        """Close what a lost worker left open on a post that a person changed since, so that nobody takes it over."""
        still_held = ScheduledPost.objects.filter(claimed_by=OuterRef("worker"))
        old = self.open().filter(~Exists(still_held), started_at__lt=now - older_than)
        return old._close("WORKER_LOST", LOST, now)

    def _close(self, code: str, message: str, now: datetime) -> int:
        return self.update(status=PublishingLog.Status.ERROR, error_code=code, error_message=message, finished_at=now)


class PublishingLog(models.Model):
    """One request to Instagram, or one decision about a post."""

    class Status(models.TextChoices):
        """The specification's six."""

        STARTED = "started", _("Started")
        CONTAINER_CREATED = "container_created", _("Prepared")
        PROCESSING = "processing", _("Processing")
        SUCCESS = "success", _("Done")
        ERROR = "error", _("Refused")
        RETRY = "retry", _("Another try planned")

    # Deleting a post for good must not erase what happened on Instagram.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="publishing_logs")
    scheduled_post = models.ForeignKey(ScheduledPost, models.SET_NULL, null=True, related_name="logs")
    instagram_account = models.ForeignKey(InstagramAccount, models.SET_NULL, null=True, related_name="logs")
    attempt_number = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=30)  # scheduler.instagram.errors.Step, or "decision"
    status = models.CharField(max_length=17, choices=Status.choices, default=Status.STARTED)
    api_endpoint = models.CharField(max_length=200, blank=True, default="")
    request_data = models.JSONField(default=dict, blank=True)
    response_data = models.JSONField(default=dict, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    error_code = models.CharField(max_length=60, blank=True, default="")  # a stable name
    error_message = models.TextField(blank=True, default="")  # Instagram's own words
    duration_ms = models.PositiveIntegerField(null=True)
    worker = models.CharField(max_length=80, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)  # on `retry` lines: when

    objects = LogQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["user", "-started_at"], name="log_newest"),
            models.Index(fields=["scheduled_post"], name="log_open", condition=models.Q(finished_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.status}"

    @classmethod
    def start(cls, post: ScheduledPost, step: str, now: datetime, *, request: dict | None = None) -> "PublishingLog":
        """Open the line of a request that is about to be made. `request` never holds a token; it is masked anyway."""
        return cls.objects.create(
            user_id=post.user_id,
            scheduled_post=post,
            instagram_account_id=post.instagram_account_id,
            attempt_number=post.attempt,
            step=step,
            request_data=redact_data(request or {}),
            worker=post.claimed_by,
            started_at=now,
        )

    def close(self, status: str, now: datetime, **facts: Any) -> None:
        """Write how the request ended: api_endpoint, response_data, http_status, error_code, duration_ms, …"""
        if "response_data" in facts:
            answer = facts["response_data"]
            facts["response_data"] = redact_data(answer if isinstance(answer, dict) else {"text": str(answer)[:2000]})
        if "error_message" in facts:
            facts["error_message"] = redact(facts["error_message"])
        self.status, self.finished_at = status, now
        for name, value in facts.items():
            setattr(self, name, value)
        self.save(update_fields=["status", "finished_at", *facts])

    @classmethod
    def decide(cls, post: ScheduledPost, status: str, now: datetime, **facts: Any) -> None:
        """Write a closed line about what was decided, without a request."""
        line = cls.start(post, "decision", now)
        line.close(status, now, **facts)
