"""A file of posts that a person brought, until they are saved or a day has passed."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models

from scheduler.models.undo import Undo

KEPT_FOR = timedelta(days=1)


class CsvImportQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Files this person brought."""
        return self.filter(user=user)


class CsvImport(models.Model):
    """One file, how it is to be read, and what was said of each of its rows.

    choices: as forms.csv_import keeps them. verdicts: [{"row", "level", "told", "title", "account", "time"}] of the
    last look; after the import, of what was imported and what was not.
    count: how many posts it became.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="csv_imports")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    choices = models.JSONField(default=dict)
    verdicts = models.JSONField(default=list)
    at = models.DateTimeField(db_index=True)
    imported_at = models.DateTimeField(null=True)
    count = models.PositiveIntegerField(default=0)
    undo = models.ForeignKey(Undo, models.SET_NULL, null=True)

    objects = CsvImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def take(self, now: datetime) -> bool:
        """Be the one request that saves its posts; False for every later one."""
        return bool(CsvImport.objects.filter(pk=self.pk, imported_at=None).update(imported_at=now))

    def counts(self) -> dict[str, int]:
        """Return how many rows are good, good with a warning, and refused."""
        levels: list[Any] = [one["level"] for one in self.verdicts]
        return {name: levels.count(name) for name in ("ok", "warning", "refused")}

    @classmethod
    def forget(cls, now: datetime) -> None:
        """Take away what was brought a day ago."""
        cls.objects.filter(at__lt=now - KEPT_FOR).delete()
