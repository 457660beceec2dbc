"""Pictures and videos a person uploaded, and the files made from them."""

import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.db import models
from django.utils.crypto import constant_time_compare

from scheduler.lib.framing import Frame

KEY_SALT = "scheduler.media"
# What a file in its own shape is called: as it came or drawn anew, a film with its streams in a better order, or with
# others made of them.
FASTSTART, MENDED = "faststart", "h264"
# Ten frames of a film in a row; and what begins the name of a single one, with its milliseconds after it.
STRIP, STILL = "10", "at:"
# How long what was drawn for a post is kept before somebody looks whether one shows it.
KEPT_UNUSED = timedelta(days=1)
UNFRAMED = frozenset({"", FASTSTART, MENDED})

# Of the signature in a file's address, so many characters: 96 bits, and shorter pages.
SIGNATURE_CHARS = 16


_signer = signing.Signer(salt=KEY_SALT)


def _original_path(asset: "MediaAsset", filename: str) -> str:
    return f"originals/{asset.sha256[:2]}/{asset.sha256}{filename[filename.rfind('.') :].lower()}"


def _rendition_path(rendition: "Rendition", filename: str) -> str:
    return f"renditions/{rendition.key[:2]}/{rendition.key}{filename[filename.rfind('.') :].lower()}"


def _new_key() -> str:
    return secrets.token_hex(16)


def still_recipe(at_ms: int) -> str:
    """Return what the frame of a film at a moment is called."""
    return f"{STILL}{at_ms}"


class MediaState(models.TextChoices):
    """Whether what goes out is there; only a video has to be made ready after its upload."""

    READY = "ready"
    WAITING = "waiting"
    WORKING = "working"
    FAILED = "failed"


UNREADY = (MediaState.WAITING, MediaState.WORKING)


class MediaQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Media this person owns and has not deleted."""
        return self.filter(user=user, deleted_at=None)

    def usable(self, user: models.Model, kept: Collection[int] = ()) -> Self:
        """Media that this person may put somewhere: what is not deleted, and by their ids those `kept` there."""
        return self.filter(models.Q(deleted_at=None) | models.Q(pk__in=kept), user=user)

    def unready(self) -> Self:
        """Videos that are being made ready, or wait for it."""
        return self.filter(state__in=UNREADY)

    def to_hand_out(self, now: datetime) -> Self:
        """Unready videos that nobody has: not queued lately, or their worker is gone. The longest waiting first."""
        return self.unready().filter(models.Q(lease_until=None) | models.Q(lease_until__lte=now)).order_by("pk")


class MediaAsset(models.Model):
    """One uploaded file, kept as it came; what goes out is a rendition of it."""

    class Kind(models.TextChoices):
        """What the content is, found by looking inside."""

        IMAGE = "image"
        VIDEO = "video"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="media_assets")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    sha256 = models.CharField(max_length=64)
    original_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField(null=True)
    file = models.FileField(upload_to=_original_path)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    state = models.CharField(max_length=7, choices=MediaState.choices, default=MediaState.READY)
    progress = models.PositiveSmallIntegerField(default=0)  # percent, while a video is made ready
    failure = models.CharField(max_length=40, blank=True, default="")  # as services.media_refusals names it
    # Who makes it ready and until when that is believed, and how often it was begun.
    worked_by = models.CharField(max_length=100, blank=True, default="", editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = MediaQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "sha256"], condition=models.Q(deleted_at=None), name="file_once_per_person"
            )
        ]
        indexes = [
            models.Index(fields=["deleted_at"], condition=models.Q(deleted_at__isnull=False), name="media_deleted"),
            models.Index(fields=["lease_until"], condition=models.Q(state__in=UNREADY), name="media_unready"),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_unready(self) -> bool:
        """Return whether it is still being made ready to go out."""
        return self.state in UNREADY

    def take(self, worker: str, now: datetime, until: datetime) -> bool:
        """Have it alone until then, to make it ready; False when another has it, or there is nothing to do."""
        waiting = models.Q(state=MediaState.WAITING)
        left = models.Q(state=MediaState.WORKING, lease_until__lte=now)
        return bool(
            MediaAsset.objects.filter(waiting | left, pk=self.pk).update(
                state=MediaState.WORKING,
                worked_by=worker,
                lease_until=until,
                progress=0,
                tries=models.F("tries") + 1,
            )
        )

    def store_as(self, worker: str, **fields: object) -> bool:
        """Write fields as the worker that has it; False when it has it no more."""
        mine = MediaAsset.objects.filter(pk=self.pk, worked_by=worker, state=MediaState.WORKING)
        return bool(mine.update(**fields))

    def rendition(self, purpose: str, frame: Frame | None = None) -> "Rendition | None":
        """Return the file made for `purpose`, in this frame; one query unless renditions are prefetched."""
        recipes = {frame.recipe} if frame else UNFRAMED
        made = (made for made in self.renditions.all() if made.purpose == purpose and made.recipe in recipes)
        return next(made, None)

    def still(self, purpose: str, at_ms: int) -> "Rendition | None":
        """Return the frame of a video at a moment, for `purpose`, if it was drawn; one query unless prefetched."""
        recipe = still_recipe(at_ms)
        made = (made for made in self.renditions.all() if made.purpose == purpose and made.recipe == recipe)
        return next(made, None)


class Incomplete(FileNotFoundError):
    """A file lost bytes since it was kept: what is there is not what was meant to go out."""


class Rendition(models.Model):
    """A file made from an asset: what Instagram fetches, a thumbnail, a video's poster or a strip of its frames.

    What goes out of a video that needed no change is the original itself: both rows name one file (`recipe` is "").
    Whoever takes originals away to save room must leave those whose name a rendition has, too.
    """

    class Purpose(models.TextChoices):
        """What the file is for."""

        PUBLISH = "publish"
        THUMBNAIL = "thumbnail"
        POSTER = "poster"
        STRIP = "strip"

    asset = models.ForeignKey(MediaAsset, models.CASCADE, related_name="renditions")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    recipe = models.CharField(max_length=200, blank=True, default="")  # what was done, so that it can be done again
    key = models.CharField(max_length=32, unique=True, default=_new_key, editable=False)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=_rendition_path)
    created_at = models.DateTimeField(auto_now_add=True)
    # When to see whether a post still shows what was drawn for one; None for what belongs to the asset itself.
    look_again_at = models.DateTimeField(null=True, editable=False, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset", "purpose", "recipe"], name="rendition_once_per_recipe")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.asset_id}"

    @property
    def path(self) -> str:
        """Return the address below the site's root: /m/<token>/<name>.<ext>, signed and unguessable.

        The token is the row's number and the signature of its key, which is short where a page names a hundred files,
        and leads nowhere when the number has become another file's.
        """
        extension = {"image/jpeg": "jpg", "image/webp": "webp", "video/quicktime": "mov"}.get(
            self.content_type, "mp4"
        )
        return f"/m/{self.pk}~{self._signature}/{self.purpose}.{extension}"

    @property
    def _signature(self) -> str:
        return _signer.signature(self.key)[:SIGNATURE_CHARS]

    @property
    def public_url(self) -> str:
        """Return the address under which Meta's crawler fetches the file."""
        return settings.PUBLIC_BASE_URL + self.path

    def open_whole(self) -> File:
        """Open the file to read it. Raises OSError when it is gone or away, Incomplete when it lost bytes."""
        file = self.file.open("rb")
        if file.size == self.size_bytes:
            return file
        file.close()
        raise Incomplete(f"{self.file.name} has {file.size} of {self.size_bytes} bytes")

    @classmethod
    def at_token(cls, token: str) -> "Rendition | None":
        """Return the file behind an address's token; None when the token is not ours."""
        number, _tilde, signature = token.partition("~")
        if not re.fullmatch(r"[0-9]{1,18}", number):
            return None
        found = cls.objects.filter(pk=number).first()
        return found if found and constant_time_compare(signature, found._signature) else None


class PostMedia(models.Model):
    """One place in a post's row of media."""

    post = models.ForeignKey("scheduler.ScheduledPost", models.CASCADE, related_name="media")
    asset = models.ForeignKey(MediaAsset, models.PROTECT, related_name="places")
    position = models.PositiveSmallIntegerField(default=0)
    alt_text = models.CharField(max_length=1000, blank=True, default="")
    # Options of this one item, named as the wire names them: user_tags, thumb_offset.
    options = models.JSONField(default=dict, blank=True)
    source_url = models.TextField(blank=True, default="")  # the address it was fetched from, when it was not uploaded
    # The shape it goes out in, as `Frame.kept` says; empty: its own.
    framing = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.position} of {self.post_id}"

    @property
    def frame(self) -> Frame | None:
        """Return the shape this place goes out in; None for the picture's own."""
        return Frame.read(self.framing)

    def rendition(self, purpose: str) -> Rendition | None:
        """Return the file of this place for `purpose`, in its frame; one query unless renditions are prefetched."""
        return self.asset.rendition(purpose, self.frame)
