"""What a request says of many posts at once: which, and where they are to go."""

from collections.abc import Iterable

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from scheduler.forms.fields import DayField
from scheduler.lib.numbers import row_id
from scheduler.services.bulk import Picks
from scheduler.services.moves import Wish

BY, TO = "by", "to"
LATER, EARLIER = "later", "earlier"


def read_picks(said: Iterable[str]) -> Picks:
    """Return the posts that boxes named, each once: "12.3" is version 3 of post 12, as the person saw it.

    A field may hold several, with spaces between; what names no post is left out.
    """
    pairs = (word.partition(".") for word in " ".join(said).replace("\0", " ").split())
    picks = {row_id(pk): row_id(version) or None for pk, _dot, version in pairs}
    picks.pop(0, None)
    return picks


def write_picks(picks: Picks) -> str:
    """Return what one field says of all of them."""
    return " ".join(f"{pk}.{version}" if version else str(pk) for pk, version in picks.items())


class BulkMoveForm(forms.Form):
    """By how many days, or to which day; each post keeps its time of day."""

    how = forms.ChoiceField(choices=[(BY, _("By days")), (TO, _("To a date"))], initial=BY)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=366, initial=1, required=False)
    direction = forms.ChoiceField(
        label=_("Direction"), choices=[(LATER, _("Later")), (EARLIER, _("Earlier"))], initial=LATER, required=False
    )
    date = DayField(label=_("Date"), required=False)

    def __init__(self, *args: object, zone: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as Django takes them
        self.zone = zone
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self) -> dict[str, object]:
        """Ask for the one that was chosen."""
        said = self.cleaned_data
        if said.get("how") == BY and "days" in said and said["days"] is None:
            self.add_error("days", _("Say by how many days."))
        if said.get("how") == TO and "date" in said and said["date"] is None:
            self.add_error("date", _("Choose a day."))
        return said

    @property
    def chosen(self) -> str:
        """Return which of the two the form shows as chosen."""
        return TO if self["how"].value() == TO else BY

    @property
    def wish(self) -> Wish:
        """Return where each post is to go; only after `is_valid`."""
        said = self.cleaned_data
        if said["how"] == TO:
            return Wish(self.zone, day=said["date"])
        return Wish(self.zone, later=-said["days"] if said["direction"] == EARLIER else said["days"])
