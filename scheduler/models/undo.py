"""What a person did to posts in one go, and may take back for a short while."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils.translation import gettext_lazy as _

SALT = "scheduler.undo"
KEPT_FOR = timedelta(minutes=10)


class Undo(models.Model):
    """One step that can be taken back once, within ten minutes.

    before: of each post what it takes, [{"post", "version", …}], as services.undoing reads it. `version` is what the
    act left the post at: what was done since is not lost.
    """

    class Act(models.TextChoices):
        """What was done."""

        MOVED = "moved", _("Moved")
        UNSCHEDULED = "unscheduled", _("Back to drafts")
        CANCELLED = "cancelled", _("Cancelled")
        DUPLICATED = "duplicated", _("Duplicated")
        DELETED = "deleted", _("Deleted")
        PLANNED = "planned", _("Planned")
        IMPORTED = "imported", _("Imported")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="undos")
    act = models.CharField(max_length=12, choices=Act.choices)
    before = models.JSONField(default=list)
    at = models.DateTimeField(db_index=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.act} {len(self.before)}"

    @classmethod
    def offer(cls, user: models.Model, act: str, before: list[dict[str, Any]], now: datetime) -> Self:
        """Remember a step; what is too old to be taken back goes at the same time."""
        cls.objects.filter(at__lt=now - 2 * KEPT_FOR).delete()
        return cls.objects.create(user=user, act=act, before=before, at=now)

    @property
    def token(self) -> str:
        """Return the name under which a page asks for it."""
        return signing.dumps(self.pk, salt=SALT)

    @classmethod
    def take(cls, user: models.Model, token: str, now: datetime) -> Self | None:
        """Return the step behind a token and use it up; None when it is not theirs, too old, or was used."""
        try:
            pk = signing.loads(token, salt=SALT)
        except signing.BadSignature:
            return None
        mine = cls.objects.filter(pk=pk, user=user, undone_at=None, at__gt=now - KEPT_FOR)
        return cls.objects.get(pk=pk) if mine.update(undone_at=now) else None
