"""What a line of a post's history says about the change itself, in words of the reader."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import formats, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext

from scheduler.lib import zone_names
from scheduler.lib.differences import around, shown_text
from scheduler.models import HoldReason, MediaType, PostChange
from scheduler.services import when

NAMES = {
    "account": _lazy("Account"),
    "media_type": _lazy("Type"),
    "caption": _lazy("Caption"),
    "first_comment": _lazy("First comment"),
    "notes": _lazy("Notes"),
    "cover": _lazy("Cover"),
    "thumb_offset": _lazy("Cover"),
    "collaborators": _lazy("Collaborators"),
    "location_id": _lazy("Location"),
    "audio_name": _lazy("Name of the audio"),
    "share_to_feed": _lazy("Also show the reel in the feed"),
    "trial_reel": _lazy("Trial reel"),
    "time": _lazy("Time"),
    "timezone": _lazy("Time zone"),
}
TEXTS = {"caption", "first_comment", "notes"}
# More names than these are counted.
NAMES_SHOWN = 5


@dataclass(frozen=True)
class Change:
    """One thing that changed: from `before` to `after`, "" for nothing; or only what `told` says of it."""

    name: str
    before: str = ""
    after: str = ""
    told: str = ""


def changes_of(act: PostChange) -> list[Change]:
    """Return what an act changed, in the order of the form; nothing for lines that were kept without."""
    details = act.details
    changes = [change for name, pair in details.get("changed", {}).items() for change in _changes(name, *pair)]
    if details.get("time"):
        name = _("Planned for") if act.act == PostChange.Act.SCHEDULED else _("It was planned for")
        changes.append(Change(name, told=_time(details["time"])))
    if details.get("reason") and details["reason"] in HoldReason.values:
        name = _("Reason") if act.act == PostChange.Act.HELD else _("It was held because")
        changes.append(Change(name, told=str(HoldReason(details["reason"]).label)))
    if details.get("copied"):
        changes.append(Change(_("Copied from"), told=details["copied"]))
    if details.get("file"):
        changes.append(Change(_("Imported from"), told=details["file"]))
    if details.get("idea"):
        changes.append(Change(_("Made of the idea"), told=details["idea"]))
    if details.get("caption"):
        changes.append(Change(_("Caption that was not applied"), told=around(shown_text(details["caption"]), "")[0]))
    return changes


def _changes(name: str, before: Any, after: Any) -> Iterator[Change]:
    if name == "media":
        yield from _media(before or [], after or [])
    elif name in TEXTS:
        yield _text(str(NAMES[name]), before, after)
    elif name in NAMES:
        words = WORDS.get(name, str)
        yield Change(str(NAMES[name]), *("" if value is None else words(value) for value in (before, after)))
    else:
        yield Change(_("Other options"), told=_("changed"))


def _text(name: str, before: Any, after: Any) -> Change:
    first, second = around(shown_text(before), shown_text(after))
    return Change(name, told=_("changed")) if first == second else Change(name, first, second)


def _media(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[Change]:
    """Yield what came, what went, another order, and what changed at an item that stayed."""
    old, new = ({item["key"]: item for item in items} for items in (before, after))
    if added := [item["name"] for key, item in new.items() if key not in old]:
        yield Change(_("Files added"), told=_list(added))
    if removed := [item["name"] for key, item in old.items() if key not in new]:
        yield Change(_("Files removed"), told=_list(removed))
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield Change(_("Order of the files"), told=_list([item["name"] for item in after], len(after)))
    for key, item in new.items():
        yield from _item(old.get(key, item), item)


def _item(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    name = after["name"]
    if before.get("alt") != after.get("alt"):
        yield _text(_("Alt text of %(name)s") % {"name": name}, before.get("alt"), after.get("alt"))
    if before.get("shape") != after.get("shape"):
        yield Change(_("Shape of %(name)s") % {"name": name}, _shape(before), _shape(after))
    elif before.get("frame") != after.get("frame"):
        yield Change(_("Shape of %(name)s") % {"name": name}, told=_("changed"))
    if before.get("people") != after.get("people"):
        people = [_people(item.get("people") or []) for item in (before, after)]
        yield Change(_("People on %(name)s") % {"name": name}, *people)
    elif before.get("pins") != after.get("pins"):
        yield Change(_("People on %(name)s") % {"name": name}, told=_("moved"))


def _shape(item: dict[str, Any]) -> str:
    return item.get("shape") or _("As it is")


def _people(names: list[str]) -> str:
    return _list([f"@{name}" for name in names])


def _list(names: list[str], most: int = NAMES_SHOWN) -> str:
    """Return names with commas between them; those that are too many are only counted."""
    left = len(names) - most
    shown = ", ".join(names[:most])
    return _("%(names)s and %(n)s more") % {"names": shown, "n": left} if left > 0 else shown


def _time(value: str) -> str:
    return when.moment(datetime.fromisoformat(value)) if value else ""


def _zone(value: str) -> str:
    try:
        return zone_names.city(value, translation.get_language())
    except LookupError:  # a name that the zone data has dropped since
        return value


def _type(value: str) -> str:
    return str(MediaType(value).label) if value in MediaType.values else value


def _account(value: str) -> str:
    return f"@{value}" if value else ""


def _yes_or_no(value: bool) -> str:
    return pgettext("option", "Yes") if value else pgettext("option", "No")


def _cover_picture(asset: tuple[int, str]) -> str:
    return asset[1]


def _cover(milliseconds: int) -> str:
    return _("at %(n)s s") % {"n": formats.number_format(milliseconds / 1000, 1)}


WORDS: dict[str, Callable[[Any], str]] = {
    "account": _account,
    "media_type": _type,
    "time": _time,
    "timezone": _zone,
    "collaborators": _people,
    "cover": _cover_picture,
    "thumb_offset": _cover,
    "share_to_feed": _yes_or_no,
    "trial_reel": _yes_or_no,
}
