"""Forms of the control panel."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduler.sandbox.models import Control, ScriptedFault
from scheduler.sandbox.models.fault import Kind
from scheduler.sandbox.playing import MENU

TEN_YEARS_S = 315_360_000


class ControlForm(forms.ModelForm):
    """Clock, delays, quota and answer shapes."""

    # Further away no calendar goes, and every page of the sandbox asks its clock.
    clock_offset_s = forms.FloatField(
        label=_("Clock offset, seconds"), min_value=-TEN_YEARS_S, max_value=TEN_YEARS_S, initial=0
    )

    class Meta:
        model = Control
        fields = [
            "delay_image_s",
            "delay_video_s",
            "delay_video_s_per_mb",
            "list_lag_s",
            "quota_total",
            "usage_percent",
            "usage_every",
            "clock_offset_s",
            "token_shape",
            "second_publish",
            "foreign_texts",
            "strips_mentions",
            "insights_missing",
            "few_viewers",
            "requires_proof",
            "allows_page_search",
            "rows_on_a_page",
            "verify_token",
            "extra_redirects",
        ]
        widgets = {"extra_redirects": forms.Textarea(attrs={"rows": 2})}


class MenuForm(forms.Form):
    """A fault by its name."""

    name = forms.ChoiceField(
        label=_("What goes wrong"), choices=lambda: [(name, fault["label"]) for name, fault in MENU.items()]
    )
    times = forms.IntegerField(label=_("How many calls"), min_value=1, max_value=1000, initial=1)
    minutes = forms.IntegerField(label=_("Or for how many minutes"), min_value=1, max_value=10_080, required=False)

    def save(self) -> ScriptedFault:
        """Add the fault to the script."""
        facts: dict[str, Any] = dict(MENU[self.cleaned_data["name"]])
        del facts["label"]
        facts["remaining"] = self.cleaned_data["times"]
        minutes = self.cleaned_data["minutes"]
        lasts_s = minutes * 60 if minutes else facts.pop("for_seconds", None)
        facts.pop("for_seconds", None)
        if lasts_s:
            facts |= {"remaining": None, "until": Control.load().now() + timedelta(seconds=lasts_s)}
        return ScriptedFault.objects.create(**facts)


class FaultForm(forms.ModelForm):
    """A fault put together by hand."""

    class Meta:
        model = ScriptedFault
        fields = [
            "kind",
            "play",
            "after_work",
            "profile",
            "remaining",
            "code",
            "subcode",
            "message",
            "http_status",
            "seconds",
            "after_bytes",
        ]

    def clean(self) -> dict[str, Any]:
        """Ask for a count, and for a code where an error answer needs one."""
        told = super().clean() or {}
        if not told.get("remaining"):
            self.add_error("remaining", _("Say how many calls it is for."))
        if told.get("play") == ScriptedFault.Play.ERROR and told.get("code") is None:
            self.add_error("code", _("An error answer needs a code."))
        if told.get("play") == ScriptedFault.Play.OUTCOME:
            self.add_error("play", _("Choose how containers end from the menu above."))
        if told.get("play") == ScriptedFault.Play.CUT and told.get("kind") != Kind.UPLOAD:
            self.add_error("kind", _("Only an upload can break in its middle."))
        return told
