"""A file on its way from a browser, piece by piece."""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Self

from django.conf import settings
from django.db import models

from scheduler.models.media import MediaAsset


def _new_key() -> str:
    return secrets.token_hex(16)


class UploadQuerySet(models.QuerySet):
    """Reads of uploads."""

    def for_user(self, user: models.Model) -> Self:
        """This person's uploads."""
        return self.filter(user=user)

    def under_way(self) -> Self:
        """Uploads whose file was neither taken in nor refused."""
        return self.filter(asset=None, problem="")


class Upload(models.Model):
    """One file that arrives in pieces, in a file of its own until the last one is there.

    arrived: how many of its `size_bytes` are on the disk.
    busy_until: until when a request has it alone; what a dead one leaves is free again then.
    asset, problem: what became of it, one of them when it is done. problem_code: as services.media_refusals names it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads")
    key = models.CharField(max_length=32, unique=True, default=_new_key, editable=False)
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    arrived = models.PositiveBigIntegerField(default=0)
    busy_until = models.DateTimeField(null=True)
    touched_at = models.DateTimeField(db_index=True)
    asset = models.ForeignKey(MediaAsset, models.SET_NULL, null=True)
    problem = models.TextField(blank=True, default="")
    problem_code = models.CharField(max_length=40, blank=True, default="")

    objects = UploadQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} {self.arrived}/{self.size_bytes}"

    @property
    def path(self) -> Path:
        """Return where its bytes gather."""
        return Path(settings.DATA_DIR) / "uploads" / f"{self.key}.part"

    @property
    def is_done(self) -> bool:
        """Return whether it was taken in or refused."""
        return bool(self.asset_id or self.problem)

    def take(self, now: datetime, until: datetime) -> bool:
        """Have it alone until then; False while another request has it."""
        rows = Upload.objects.filter(pk=self.pk).filter(models.Q(busy_until=None) | models.Q(busy_until__lte=now))
        self.busy_until = until
        return bool(rows.update(busy_until=until, touched_at=now))

    def forget(self) -> None:
        """Take it and its bytes away; what was taken in stays."""
        self.path.unlink(missing_ok=True)
        self.delete()

    def keep(self, until: datetime) -> None:
        """Have it for longer."""
        if self.store(busy_until=until):
            self.busy_until = until

    def store(self, **fields: object) -> bool:
        """Write fields as the request that has it; False when it was taken over, or taken away."""
        return bool(Upload.objects.filter(pk=self.pk, busy_until=self.busy_until).update(**fields))
