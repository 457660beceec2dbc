"""What a calendar can be narrowed to, as its filter bar draws it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.forms.calendar_place import CalendarPlace
from scheduler.models import DisplayStatus, InstagramAccount, MediaType, Tag, User
from scheduler.services.calendar_filters import SHOWN_AS

TYPES = [kind for kind in MediaType if kind != MediaType.VIDEO]
NAMES = {"account": _lazy("Account"), "status": _lazy("Status"), "type": _lazy("Type"), "tag": _lazy("Tag")}


@dataclass(frozen=True)
class Choice:
    """One box: its field, value and words; whether it is ticked; and the query that unticks it."""

    name: str
    value: str
    words: str
    is_chosen: bool
    without: str


@dataclass(frozen=True)
class Group:
    """The boxes of one field."""

    name: str
    words: str
    choices: list[Choice]

    @property
    def chosen(self) -> list[Choice]:
        """Return the ticked ones."""
        return [choice for choice in self.choices if choice.is_chosen]


@dataclass(frozen=True)
class FilterChoices:
    """The groups; what is chosen, words that are searched for included; and the query without any of it."""

    groups: list[Group]
    chosen: list[Choice]
    clear: str


def filter_choices(place: CalendarPlace, accounts: list[InstagramAccount]) -> FilterChoices:
    """Return what the bar offers; no query. The tags are offered when somebody asks for them (`tag_choices`)."""
    tag = place.filters.tag
    offered: dict[str, list[tuple[object, str]]] = {
        "account": [(account.pk, str(account)) for account in accounts] if len(accounts) > 1 else [],
        "status": [(value, str(DisplayStatus(value).label)) for value in SHOWN_AS],
        "type": [(kind.value, str(kind.label)) for kind in TYPES],
        "tag": [(tag, tag)] if tag else [],
    }
    groups = [
        Group(name, str(NAMES[name]), [_choice(place, name, value, words) for value, words in offered[name]])
        for name in NAMES
        if offered[name] or name == "tag"
    ]
    chosen = [choice for group in groups for choice in group.chosen]
    if place.filters.q:
        chosen.append(_choice(place, "q", place.filters.q, f"“{place.filters.q}”"))
    return FilterChoices(groups, chosen, place.at(filters=type(place.filters)()).query)


def _choice(place: CalendarPlace, name: str, value: object, words: str) -> Choice:
    kept = getattr(place.filters, name)
    is_chosen = value in kept if isinstance(kept, tuple) else value == kept
    without = place.at(filters=place.filters.without(name, value)).query if is_chosen else ""
    return Choice(name, str(value), words, is_chosen, without)


def tag_choices(user: User, place: CalendarPlace) -> Group:
    """Return the person's tags, and none of them; one query."""
    names = Tag.objects.filter(user=user).values_list("name", flat=True)
    offered = [("", _("All tags")), *((name, name) for name in names)]
    return Group("tag", str(NAMES["tag"]), [_choice(place, "tag", value, words) for value, words in offered])
