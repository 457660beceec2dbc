"""The one row that says how the simulated Instagram behaves."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scheduler.lib import clock

CALLBACKS = ("/accounts/callback/instagram/", "/accounts/callback/facebook/")
_SECONDS = [MinValueValidator(0), MaxValueValidator(3600)]


class Control(models.Model):
    """Clock, delays, quota and answer shapes; read at the beginning of every call."""

    class TokenShape(models.TextChoices):
        """The two documented shapes of the short-lived token."""

        WRAPPED = "wrapped", _("Inside a data list, as documented")
        FLAT = "flat", _("Flat, as seen in the wild")

    class SecondPublish(models.TextChoices):
        """What publishing a container a second time answers; Meta does not say."""

        NOT_READY = "9007", _("9007 / 2207027, media not available")
        GONE = "24", _("24 / 2207008, does not exist")

    clock_offset_s = models.FloatField(_("Clock offset, seconds"), default=0)
    delay_image_s = models.FloatField(_("Picture processing, seconds"), default=2, validators=_SECONDS)
    delay_video_s = models.FloatField(_("Video processing, seconds"), default=3, validators=_SECONDS)
    delay_video_s_per_mb = models.FloatField(
        _("Video processing, seconds per megabyte"), default=0.2, validators=_SECONDS
    )
    list_lag_s = models.FloatField(_("New posts appear in lists after, seconds"), default=0, validators=_SECONDS)
    quota_total = models.PositiveIntegerField(
        _("Posts in any 24 hours"), default=50, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    usage_percent = models.PositiveIntegerField(
        _("Call usage told in the headers, percent"), default=3, validators=[MaxValueValidator(1000)]
    )
    usage_every = models.PositiveIntegerField(
        _("Call usage is told on every Nth answer"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )
    insights_missing = models.BooleanField(_("Insights have no numbers yet"), default=False)
    few_viewers = models.BooleanField(_("Stories have too few viewers for insights"), default=False)
    token_shape = models.CharField(
        _("Shape of the token answer"), max_length=8, choices=TokenShape.choices, default=TokenShape.WRAPPED
    )
    second_publish = models.CharField(
        _("Publishing a container twice answers"),
        max_length=4,
        choices=SecondPublish.choices,
        default=SecondPublish.NOT_READY,
    )
    foreign_texts = models.BooleanField(_("User texts of errors in another language"), default=False)
    strips_mentions = models.BooleanField(_("Captions read back without @"), default=False)
    requires_proof = models.BooleanField(_("Facebook calls need appsecret_proof"), default=False)
    allows_page_search = models.BooleanField(_("The app may search for places"), default=True)
    rows_on_a_page = models.PositiveIntegerField(
        _("Rows of a list in one answer, at most"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    verify_token = models.CharField(
        _("Word that webhooks are verified with"), max_length=100, default="sandbox-verify-token"
    )
    extra_redirects = models.TextField(_("Further redirect addresses, one a line"), blank=True, default="")

    def __str__(self) -> str:
        return "control"

    @classmethod
    def load(cls) -> "Control":
        """Return the row, made with its defaults at first use."""
        return cls.objects.filter(pk=1).first() or cls.objects.get_or_create(pk=1)[0]

    def now(self) -> datetime:
        """Return the sandbox's own time, in which every rule of Instagram is judged."""
        return clock.now() + timedelta(seconds=self.clock_offset_s)

    def redirects(self) -> set[str]:
        """Return the redirect addresses that the app is configured with; a match must be exact."""
        return {*(settings.PUBLIC_BASE_URL + path for path in CALLBACKS), *self.extra_redirects.split()}
