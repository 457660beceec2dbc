"""Scripted faults: the next calls of a kind go wrong in a chosen way."""

from datetime import datetime
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheduler.sandbox.models.profile import Profile


class Kind(models.TextChoices):
    """What a call is about; ANY in a fault matches every call."""

    CREATE = "create", _("Create a container")
    STATUS = "status", _("Read a container")
    PUBLISH = "publish", _("Publish")
    LIST = "list", _("List posts or stories")
    READ_MEDIA = "read_media", _("Read a post")
    COMMENT = "comment", _("Write a comment")
    COMMENTS = "comments", _("List comments")
    QUOTA = "quota", _("Read the quota")
    INSIGHTS = "insights", _("Read insights")
    OAUTH = "oauth", _("Tokens")
    ME = "me", _("Read the profile")
    PAGES = "pages", _("Read Pages")
    UPLOAD = "upload", _("Upload a video")
    ANY = "any", _("Any call")


class FaultQuerySet(models.QuerySet):
    """Questions asked of the script."""

    def waiting(self, kind: str, profile: Profile | None, now: datetime) -> Self:
        """Return the faults that a call of `kind` for `profile` would meet, the oldest first."""
        left = Q(remaining__gt=0) | Q(until__gt=now)
        whose = Q(profile=None) | Q(profile=profile)
        return self.filter(left, whose, kind__in=[kind, Kind.ANY]).order_by("pk")


class ScriptedFault(models.Model):
    """One line of the script; `remaining` calls, or every call until a time, meet it."""

    class Play(models.TextChoices):
        """How the call goes wrong."""

        ERROR = "error", _("An error answer")
        SLOW = "slow", _("Slow")
        HTML = "html", _("An HTML page, 502")
        SERVER_ERROR = "server_error", _("An empty 500")
        EMPTY = "empty", _("An empty answer")
        TRUNCATED = "truncated", _("A truncated answer")
        NOT_JSON = "not_json", _("An answer that is not JSON")
        DROP = "drop", _("The connection is dropped")
        CUT = "cut", _("The connection breaks in the middle of an upload")
        OUTCOME = "outcome", _("The container ends badly")

    kind = models.CharField(_("Calls"), max_length=12, choices=Kind.choices)
    play = models.CharField(_("What happens"), max_length=15, choices=Play.choices)
    after_work = models.BooleanField(_("After the work was done"), default=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, null=True, blank=True, verbose_name=_("Account"))
    remaining = models.PositiveIntegerField(
        _("How many calls"), null=True, blank=True, default=1, validators=[MinValueValidator(1)]
    )
    until = models.DateTimeField(_("Until"), null=True, blank=True)
    hits = models.PositiveIntegerField(default=0, editable=False)
    code = models.IntegerField(_("Code"), null=True, blank=True)
    subcode = models.IntegerField(_("Subcode"), null=True, blank=True)
    message = models.CharField(_("Message"), max_length=300, blank=True)
    http_status = models.PositiveIntegerField(_("HTTP status"), null=True, blank=True)
    seconds = models.FloatField(_("Seconds"), default=0, validators=[MinValueValidator(0), MaxValueValidator(120)])
    after_bytes = models.PositiveBigIntegerField(
        _("Break after, bytes"), null=True, blank=True, validators=[MaxValueValidator(10**9)]
    )
    outcome = models.CharField(_("Outcome"), max_length=15, blank=True)

    objects = FaultQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind}: {self.play}"

    def take(self, now: datetime) -> bool:
        """Use the fault up by one call; False when another call took the last of it."""
        timed = ScriptedFault.objects.filter(pk=self.pk, until__gt=now)
        counted = ScriptedFault.objects.filter(pk=self.pk, until=None, remaining__gt=0)
        return bool(
            counted.update(remaining=F("remaining") - 1, hits=F("hits") + 1) or timed.update(hits=F("hits") + 1)
        )
