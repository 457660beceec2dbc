"""The form of an account's week: which times of which days."""

import re
from datetime import time
from typing import Any

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.forms.fields import ZoneField
from scheduler.instagram import limits
from scheduler.models import InstagramAccount, PostingSlot

# 9, 9:30, 09:30, 9h, 9h30
_TIME = re.compile(r"(\d{1,2})(?:[:h.](\d{2})?)?")


class TimesField(forms.CharField):
    """Times of one day, separated by commas or spaces."""

    def prepare_value(self, value: Any) -> Any:
        """Show kept times as people write them."""
        return ", ".join(f"{at:%H:%M}" for at in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[time]:
        """Return the times in their order, each once; what is none is named."""
        times = sorted({_read(word) for word in super().clean(value).replace(",", " ").split()})
        if len(times) > limits.POSTS_PER_DAY:
            raise forms.ValidationError(_("At most %(n)s posts a day go out.") % {"n": limits.POSTS_PER_DAY})
        return times


def _read(word: str) -> time:
    found = _TIME.fullmatch(word)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if hour > 23 or minute > 59:
        raise forms.ValidationError(_("“%(word)s” is no time. Write it like 9:00 or 18:30.") % {"word": word[:20]})
    return time(hour, minute)


class SlotsForm(forms.Form):
    """A line of times for each day of the week, on the account's own clock."""

    timezone = ZoneField(label=_lazy("Time zone"))

    def __init__(self, data: QueryDict | None = None, *, account: InstagramAccount) -> None:
        self.account = account
        kept: dict[str, Any] = {"timezone": account.timezone}
        for slot in PostingSlot.objects.filter(account=account):
            kept.setdefault(f"day_{slot.weekday}", []).append(slot.at)
        super().__init__(data, initial=kept)
        for number, name in WEEKDAYS.items():
            self.fields[f"day_{number}"] = TimesField(
                label=name, required=False, widget=forms.TextInput(attrs={"placeholder": "9:00, 18:30"})
            )

    def save(self) -> None:
        """Write the zone and the week."""
        data = self.cleaned_data
        with transaction.atomic():
            self.account.timezone = data["timezone"]
            self.account.save(update_fields=["timezone"])
            PostingSlot.replace(self.account, {number: data[f"day_{number}"] for number in WEEKDAYS})
