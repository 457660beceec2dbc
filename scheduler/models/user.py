"""The person who signs in."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A social media manager, with the zone and language that every page shows."""

    class Theme(models.TextChoices):
        """How the pages look."""

        SYSTEM = "system", _("Same as the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class FirstWeekday(models.TextChoices):
        """With which day the weeks of the calendar begin."""

        USUAL = "", _("As usual in the language")
        SUNDAY = "0", _("Sunday")
        MONDAY = "1", _("Monday")
        SATURDAY = "6", _("Saturday")

    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # Empty follows the browser.
    language = models.CharField(_("language"), max_length=12, blank=True, default="")
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    # Empty follows the language. The numbers are those of Django's FIRST_DAY_OF_WEEK.
    first_weekday = models.CharField(
        _("week starts on"), max_length=1, choices=FirstWeekday.choices, blank=True, default=FirstWeekday.USUAL
    )
    has_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    # Nothing of this person's goes out since then, whatever the account.
    paused_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.get_full_name() or self.username
