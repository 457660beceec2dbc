"""The form of an API token."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from scheduler.models.api_token import Scope

LASTS = [("30", _lazy("30 days")), ("90", _lazy("90 days")), ("365", _lazy("A year")), ("", _lazy("Until revoked"))]


class ApiTokenForm(forms.Form):
    """What it is for, what it may do, and for how long."""

    name = forms.CharField(
        label=_lazy("Name"), max_length=80, help_text=_lazy("What uses it, such as the name of a script.")
    )
    scopes = forms.MultipleChoiceField(
        label=_lazy("What it may do"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ],
        error_messages={"required": _lazy("Choose at least one.")},
    )
    days = forms.ChoiceField(label=_lazy("Works for"), choices=LASTS, required=False, initial="90")

    @property
    def lasts(self) -> timedelta | None:
        """Return for how long it is to work, None for ever."""
        days = self.cleaned_data["days"]
        return timedelta(days=int(days)) if days else None
