"""When the processor last looked: what health, the banner and the missed rule are told by."""

from datetime import datetime

from django.db import models


class ProcessorPass(models.Model):
    """The last look of each kind of processor: the cluster's beat, and cron."""

    class Kind(models.TextChoices):
        """Who looked."""

        CLUSTER = "cluster"
        CRON = "cron"

    kind = models.CharField(max_length=10, choices=Kind.choices, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def last(cls) -> "ProcessorPass | None":
        """Return the latest look of any kind, None before the first."""
        return cls.objects.order_by("-at").first()

    @classmethod
    def note(cls, kind: str, now: datetime) -> None:
        """Write down that a look happened."""
        cls.objects.update_or_create(kind=kind, defaults={"at": now})
