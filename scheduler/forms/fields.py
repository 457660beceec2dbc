"""Fields of our own: several files at once, a zone by its name, lists written as people write them."""

from datetime import date, time
from functools import lru_cache
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduler.instagram import limits
from scheduler.lib.spans import YEARS
from scheduler.lib.zones import ZONES, is_zone
from scheduler.services.places import number_in

# Old names and bare offsets are understood but not offered.
NOT_OFFERED = ("Etc/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/", "SystemV/", "posix/", "right/")


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Any number of files; what is in them is looked at later."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files as a list, an empty one without any."""
        files = data if isinstance(data, list | tuple) else [data]
        return [file for file in files if file]


class ZoneField(forms.CharField):
    """An IANA zone; the page holds the list of names to suggest, `{% zone_names %}`."""

    def clean(self, value: Any) -> str:
        """Return the zone's name; what no clock knows is refused."""
        name = super().clean(value).strip().replace(" ", "_")
        if name and not is_zone(name):
            raise forms.ValidationError(_("No zone has this name. Choose one like America/Sao_Paulo."))
        return name

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Suggest names, and keep phones from correcting what is no word."""
        calm = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        return super().widget_attrs(widget) | calm | {"list": "zone-names"}


class DayInput(forms.DateInput):
    """The browser's own day picker; it speaks ISO whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    """The browser's own time picker."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"step": 60})


class DayField(forms.DateField):
    """A day of this century."""

    widget = DayInput

    def clean(self, value: Any) -> date | None:
        """Return the day; another century's is refused."""
        day = super().clean(value)
        if day:
            refuse_other_centuries(day)
        return day


def refuse_other_centuries(day: date) -> None:
    """Raise ValidationError for a day, or an instant, that nothing can be planned for."""
    if day.year not in YEARS:
        raise forms.ValidationError(_("Choose a year from 2000 to 2099."))


class ClockField(forms.TimeField):
    """A time of day, to the minute."""

    widget = ClockInput
    input_formats = ("%H:%M", "%H:%M:%S")

    def clean(self, value: Any) -> time | None:
        """Return the time without seconds."""
        at = super().clean(value)
        return at.replace(second=0, microsecond=0) if at else None


class PlaceField(forms.CharField):
    """The number of a place's Facebook page, alone or within the page's address."""

    def clean(self, value: Any) -> str:
        """Return the number, "" for none; what holds none is refused."""
        words = super().clean(value)
        number = number_in(words)
        if words and not number:
            raise forms.ValidationError(
                _("A place is the number or the address of its Facebook page, with the number in it.")
            )
        return number


class NamesField(forms.CharField):
    """Usernames with or without @, separated by commas, spaces or lines."""

    def __init__(self, *, max_names: int, **kwargs: Any) -> None:
        self.max_names = max_names
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a kept list as people write it."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the names without @; too many are refused."""
        words = super().clean(value).replace(",", " ").split()
        names = list(dict.fromkeys(word.removeprefix("@") for word in words))
        if len(names) > self.max_names:
            raise forms.ValidationError(
                ngettext("At most %(n)s name fits here.", "At most %(n)s names fit here.", self.max_names)
                % {"n": self.max_names}
            )
        return names


class TagsField(forms.CharField):
    """People on the picture, one a line: a username, and where (x y between 0 and 1) when it is a picture."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Show kept tags as lines."""
        if not isinstance(value, list):
            return value
        return "\n".join(" ".join(str(tag[key]) for key in ("username", "x", "y") if key in tag) for tag in value)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """Return [{"username", "x", "y"}]; a line that is not understood is named."""
        lines = [line for line in super().clean(value).splitlines() if line.replace(";", " ").strip()]
        if len(lines) > limits.USER_TAGS:
            raise forms.ValidationError(_("At most %(n)s people can be tagged.") % {"n": limits.USER_TAGS})
        return [_tag(line) for line in lines]


def _tag(line: str) -> dict[str, Any]:
    name, *place = line.replace(";", " ").split()
    tag: dict[str, Any] = {"username": name.removeprefix("@")}
    if not place:
        return tag
    try:
        x, y = (float(number.rstrip(",").replace(",", ".")) for number in place)
    except ValueError:
        raise _misread(line) from None
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise _misread(line)
    return tag | {"x": x, "y": y}


def _misread(line: str) -> forms.ValidationError:
    return forms.ValidationError(
        _("“%(line)s” is not understood. Write a username and its place, like: maria 0.5 0.3") % {"line": line}
    )


@lru_cache
def offered_zones() -> tuple[str, ...]:
    """Return the zone names worth suggesting, in order."""
    return tuple(
        sorted(zone for zone in ZONES if ("/" in zone and not zone.startswith(NOT_OFFERED)) or zone == "UTC")
    )
