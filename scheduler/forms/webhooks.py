"""The form of a webhook."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.lib.safe_fetch import Refused, origin_of
from scheduler.lib.safe_post import sendable
from scheduler.models import Webhook
from scheduler.models.webhook import Event
from scheduler.services.media_by_address import trusted_origins
from scheduler.services.webhook_words import REFUSED


class WebhookForm(forms.ModelForm):
    """Where events go, and which."""

    url = forms.CharField(
        label=_lazy("Address"),
        max_length=2000,
        help_text=_lazy("Begins with https:// and can be reached from the internet."),
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/pauta", "autocomplete": "off"}),
    )
    description = forms.CharField(
        label=_lazy("What it is for"), max_length=120, required=False, help_text=_lazy("Only you see this.")
    )
    events = forms.MultipleChoiceField(
        label=_lazy("Events"),
        choices=Event.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _lazy("Choose at least one event.")},
    )

    class Meta:
        model = Webhook
        fields = ("url", "description", "events")

    def clean_url(self) -> str:
        """Refuse what is not sent to: the reason says what to write instead. No name is looked up yet."""
        address = self.cleaned_data["url"]
        try:
            sendable(address, {origin_of(urlsplit(one)) for one in trusted_origins()})
        except Refused as refused:
            raise forms.ValidationError(REFUSED[refused.code], code=refused.code) from None
        return address

    def clean_events(self) -> list[str]:
        """Name each event once."""
        return list(dict.fromkeys(self.cleaned_data["events"]))


class WebhookStateForm(WebhookForm):
    """The same of one that exists, with its switch."""

    is_on = forms.BooleanField(label=_lazy("Send events to this address"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_on"].initial = self.instance.is_on


def refusal_of_one_more(count: int, most: int) -> str:
    """Return why no other webhook can be added, "" when one can."""
    return _("At most %(n)s webhooks fit. Delete one first.") % {"n": most} if count >= most else ""
