"""What arrived, in the order of arrival: the place where exactly-once is counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scheduler.sandbox.models.container import Container
from scheduler.sandbox.models.media import Media
from scheduler.sandbox.models.profile import Profile

KEPT_CALLS = 5000


class ApiCall(models.Model):
    """One call to a simulated host. Times here are real time, without the clock offset."""

    arrived_at = models.DateTimeField()
    method = models.CharField(max_length=7)
    host = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, db_index=True)
    params = models.JSONField(default=dict)  # without tokens, codes and secrets
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, null=True, related_name="+")
    status = models.PositiveIntegerField()  # 0: the connection was dropped
    code = models.IntegerField(null=True)
    subcode = models.IntegerField(null=True)
    duration_ms = models.FloatField()  # our own work; a scripted wait after it is not included

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

    @property
    def is_time_to_tidy(self) -> bool:
        """Tell whether old lines and unused bytes should be forgotten now: at every 500th call."""
        return self.pk % 500 == 0

    def forget_older(self) -> None:
        """Keep only the latest lines."""
        ApiCall.objects.filter(pk__lte=self.pk - KEPT_CALLS).delete()


class PublishCall(models.Model):
    """One arrival of media_publish."""

    class Outcome(models.TextChoices):
        """What it did, whatever the caller was told."""

        PUBLISHED = "published", _("Published")
        REFUSED = "refused", _("Refused")
        NOT_DONE = "not_done", _("Not done")  # a scripted fault answered before the work

    arrived_at = models.DateTimeField(db_index=True)  # real time, taken before any work
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, null=True, related_name="+")
    creation_id = models.CharField(max_length=40)
    container = models.ForeignKey(Container, on_delete=models.SET_NULL, null=True, related_name="+")
    media = models.ForeignKey(Media, on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    code = models.IntegerField(null=True)
    subcode = models.IntegerField(null=True)
    told = models.CharField(max_length=15, blank=True)  # the scripted fault that replaced the answer

    def __str__(self) -> str:
        return f"{self.creation_id} {self.outcome}"
