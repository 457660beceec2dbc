"""What is made before a post is published, and the bytes that were fetched for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models

from scheduler.sandbox import ids, uploads
from scheduler.sandbox.models.profile import Profile

LIFETIME = timedelta(hours=24)
FETCH_LEASE = timedelta(seconds=60)  # a fetch that died is taken up again
MISSING_STATUS_TEXT = "Error: Media download has failed. The media URI doesn't meet our requirements."


class Status(models.TextChoices):
    """`status_code`, and the sentence `status` carries."""

    IN_PROGRESS = "IN_PROGRESS", "In Progress: Media is still being processed."
    FINISHED = "FINISHED", "Finished: Media has been uploaded and it is ready to be published."
    PUBLISHED = "PUBLISHED", "Published: Media has been successfully published."
    ERROR = "ERROR", "Error: Media upload has failed with error code {subcode}"
    EXPIRED = "EXPIRED", "Expired: The container was not published within 24 hours."


@dataclass(frozen=True)
class State:
    """What a read of the container tells; `code` is "" when status_code is to be missing."""

    code: str
    text: str


class Container(models.Model):
    """A post in the making. Its state is never stored: it follows from times when read."""

    class Outcome(models.TextChoices):
        """A scripted end, whatever the media is like."""

        NONE = ""
        ERROR = "error"
        EXPIRED = "expired"
        STUCK = "stuck"
        NO_STATUS_CODE = "no_status_code"

    graph_id = models.CharField(max_length=20, unique=True, default=ids.container_id)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="containers")
    media_type = models.CharField(max_length=10)  # IMAGE, VIDEO, REELS, STORIES, CAROUSEL
    is_child = models.BooleanField(default=False)
    caption = models.TextField(blank=True)
    source_url = models.TextField(blank=True)
    is_video = models.BooleanField(default=False)
    options = models.JSONField(default=dict)  # the other parameters, as they came
    is_resumable = models.BooleanField(default=False)  # its bytes are sent to rupload
    upload_size = models.PositiveBigIntegerField(null=True)  # as the first request of the upload told
    created_at = models.DateTimeField()
    fetch_began_at = models.DateTimeField(null=True)  # whoever sets it fetches
    ready_at = models.DateTimeField(null=True)  # None: not fetched yet
    failed_subcode = models.PositiveIntegerField(null=True)
    duration_s = models.FloatField(null=True)
    outcome = models.CharField(max_length=15, choices=Outcome.choices, blank=True, default=Outcome.NONE)
    outcome_subcode = models.PositiveIntegerField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["profile", "created_at"], name="containers_of_a_day")]

    def __str__(self) -> str:
        return f"{self.media_type} {self.graph_id}"

    @property
    def is_story(self) -> bool:
        """Tell whether this becomes a story."""
        return self.media_type == "STORIES"

    @property
    def child_ids(self) -> list[str]:
        """Return the container ids of a carousel's items, in display order."""
        return self.options.get("children", [])

    @property
    def bytes_transferred(self) -> int:
        """Return how much of a resumable upload is there."""
        was_processed = self.ready_at or self.failed_subcode
        return (self.upload_size or 0) if was_processed else uploads.arrived(self.graph_id)

    @property
    def is_uploaded(self) -> bool:
        """Tell whether all of a resumable upload is there, or where to fetch it from."""
        return bool(self.source_url) or self.bytes_transferred == self.upload_size

    @property
    def can_be_fetched(self) -> bool:
        """Tell whether a read may begin to look at the media."""
        return self.ready_at is None and (not self.is_resumable or self.is_uploaded)

    def state(self, now: datetime) -> State:
        """Return what a read at `now` tells."""
        status, subcode = self._status(now)
        if self.outcome == self.Outcome.NO_STATUS_CODE and status == Status.ERROR:
            return State("", MISSING_STATUS_TEXT)
        return State(status.value, status.label.format(subcode=subcode))

    def _status(self, now: datetime) -> tuple[Status, int | None]:
        if self.published_at:
            return Status.PUBLISHED, None
        if self.outcome in {self.Outcome.ERROR, self.Outcome.NO_STATUS_CODE}:
            return Status.ERROR, self.outcome_subcode
        if self.outcome == self.Outcome.EXPIRED or now >= self.created_at + LIFETIME:
            return Status.EXPIRED, None
        if self.failed_subcode:
            return Status.ERROR, self.failed_subcode
        if self.outcome == self.Outcome.STUCK or self.ready_at is None or now < self.ready_at:
            return Status.IN_PROGRESS, None
        return Status.FINISHED, None

    def begin_fetch(self, now: datetime) -> bool:
        """Take the right to fetch the media; False when another request has it, or has done it."""
        free = models.Q(fetch_began_at=None) | models.Q(fetch_began_at__lt=now - FETCH_LEASE)
        waiting = Container.objects.filter(free, pk=self.pk, ready_at=None, failed_subcode=None)
        return waiting.update(fetch_began_at=now) == 1


class FetchedFile(models.Model):
    """Exactly the bytes that were fetched: the picture, or a still of the video."""

    container = models.OneToOneField(Container, on_delete=models.CASCADE, related_name="file")
    data = models.BinaryField()
    content_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.content_type} {self.width}×{self.height}"

    @classmethod
    def forget_unused(cls, now: datetime) -> None:
        """Delete the bytes of containers that ran out without becoming a post."""
        cls.objects.filter(container__created_at__lt=now - 2 * LIFETIME, container__media=None).delete()
        waiting = Container.objects.filter(created_at__gt=now - 2 * LIFETIME, is_resumable=True, ready_at=None)
        uploads.forget_all_but(set(waiting.values_list("graph_id", flat=True)))
