"""What a request says of a move: a drop, a quick pick, or the fields of "Move to…"."""

from datetime import datetime

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from scheduler.forms.fields import ClockField, DayField, refuse_other_centuries
from scheduler.lib import zones
from scheduler.services.moves import PICKS, Wish

TO = [(name, name) for name in PICKS]


class MoveForm(forms.Form):
    """date and time on the clock of `tz`, or `pick`, an instant, or `to`; `version` is what the person saw.

    Without a time the post keeps its own.
    """

    date = DayField(label=_("Date"), required=False)
    time = ClockField(label=_("Time"), required=False)
    tz = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    pick = forms.CharField(required=False, max_length=40)
    to = forms.ChoiceField(required=False, choices=TO, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    again = forms.BooleanField(required=False, widget=forms.HiddenInput)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, zone: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Django takes them
        self.zone = zone
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean_pick(self) -> datetime | None:
        """Return the instant that a button offered."""
        said = self.cleaned_data["pick"]
        try:
            at = datetime.fromisoformat(said) if said else None
        except ValueError:
            raise forms.ValidationError(_("Choose a day and a time first.")) from None
        if at is None or not at.tzinfo:
            return None
        refuse_other_centuries(at)
        return at

    @property
    def wish(self) -> Wish:
        """Return where the post is to go; only after `is_valid`."""
        said = self.cleaned_data
        zone = said["tz"] if zones.is_zone(said["tz"]) else self.zone
        wall = zones.to_wall(said["pick"], zone) if said["pick"] else None
        return Wish(
            zone=zone,
            day=wall.date() if wall else said["date"],
            at=wall.time() if wall else said["time"],
            to=said["to"],
            again=said["again"],
            anyway=said["anyway"],
        )
