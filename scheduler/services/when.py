"""Days, times and zones in words, in the zone and language that are active."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import dates, formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from scheduler.lib import clock, zone_names, zones


def clock_time(at: datetime | None) -> str:
    """Return "6:30 PM" or "18:30"; empty without an instant."""
    return formats.time_format(timezone.localtime(at)) if at else ""


def wall_time(hour: int, minute: int) -> str:
    """Return what a clock on the wall shows: "6:30 PM" or "18:30"."""
    return _clock_in(translation.get_language() or "", hour, minute)


def clock_seconds(at: datetime | None) -> str:
    """Return the time with its seconds, for a timeline."""
    with_seconds = formats.get_format("TIME_FORMAT").replace("i", "i:s")
    return formats.time_format(timezone.localtime(at), with_seconds) if at else ""


def day_date(value: date | datetime | None) -> str:
    """Return "Fri, Apr 24" or "sex., 24 de abr."; the year only when it is another one."""
    if value is None:
        return ""
    day = _local_day(value)
    other_year = day.year != timezone.localdate(clock.now()).year
    return _written(day, "SHORT_DATE_FORMAT") if other_year else short_day(day)


def short_day(day: date) -> str:
    """Return "Fri, Apr 24" or "sex., 24 de abr.", whatever the year."""
    return _written(day, "DATE_FORMAT")


def long_day(day: date) -> str:
    """Return "Friday, April 24" or "sexta-feira, 24 de abril"; the year only when it is another one."""
    other_year = day.year != timezone.localdate(clock.now()).year
    return _written(day, formats.get_format("LONG_DAY_YEAR_FORMAT" if other_year else "LONG_DAY_FORMAT"))


def weekday_short(number: int) -> str:
    """Return "Mon" for 0, or "Seg"; Django's catalogue writes a Brazilian Saturday without its accent."""
    return str(dates.WEEKDAYS_ABBR[number]).replace("Sab", "Sáb")


def month_name(day: date) -> str:
    """Return "November 2026" or "Novembro de 2026"."""
    text = _written(day, formats.get_format("YEAR_MONTH_FORMAT"))
    return text[0].upper() + text[1:]


def day_range(first: date, last: date) -> str:
    """Return "Nov 22 – 28, 2026" or "22 – 28 de nov. de 2026"; both months where there are two."""
    kind = "SAME_MONTH" if first.month == last.month else "TWO_MONTHS"
    begins, ends = (formats.get_format(f"RANGE_{kind}_{side}") for side in ("FIRST", "LAST"))
    return f"{_written(first, begins)} – {_written(last, ends)}"


def day_name(value: date | datetime | None) -> str:
    """Return Today, Tomorrow or Yesterday; empty for other days."""
    if value is None:
        return ""
    distance = _local_day(value) - timezone.localdate(clock.now())
    names = {0: pgettext("day", "Today"), 1: pgettext("day", "Tomorrow"), -1: pgettext("day", "Yesterday")}
    return names.get(distance.days, "")


def moment(at: datetime | None) -> str:
    """Return day and time in one: "Today, 6:30 PM", "Fri, Apr 24, 6:30 PM"."""
    if at is None:
        return ""
    return f"{(day_name(at) or day_date(at))}, {clock_time(at)}"


def moment_inside(at: datetime | None) -> str:
    """Return day and time as they stand inside a sentence: "today, 6:30 PM"."""
    text = moment(at)
    return text[0].lower() + text[1:] if at and day_name(at) else text


def seconds(milliseconds: int | None) -> str:
    """Return a duration in words: "90 ms", "2.4 s", "12 s"; empty when it was not measured."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return _("%(n)s ms") % {"n": milliseconds}
    length = timedelta(milliseconds=milliseconds).total_seconds()
    return _("%(n)s s") % {"n": formats.number_format(length, 1 if length < 10 else 0)}


def clock_words(moment: zones.Moment, wall: datetime, zone: str) -> str:
    """Return what a person should know of a clock that changes on the day of a wall time, "" when it doesn't."""
    words = {"t": formats.time_format(wall.time()), "d": short_day(wall.date())}
    if moment.kind == "gap":
        words["t2"] = formats.time_format(moment.wall.time())
        return _("%(t)s doesn't exist on %(d)s: the clock goes forward. Using %(t2)s.") % words
    if moment.kind == "twice":
        words["gmt"] = zone_names.offset(zone, moment.utc)
        return _("%(t)s happens twice on %(d)s. Using the first (%(gmt)s).") % words
    return ""


def zone_words(zone: str = "") -> str:
    """Return "Times in São Paulo (GMT-3)" for `zone`, or for the one that is active."""
    name = zone or timezone.get_current_timezone_name()
    return _("Times in %(city)s (%(gmt)s)") % {
        "city": zone_names.city(name, translation.get_language()),
        "gmt": zone_names.offset(name, clock.now()),
    }


def _local_day(value: date | datetime) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value


def _written(day: date, form: str) -> str:
    return _written_in(translation.get_language() or "", date(day.year, day.month, day.day), form)


@lru_cache(maxsize=4096)  # a month names its 42 days twice
def _written_in(language: str, day: date, form: str) -> str:
    """Write a day in the active language, which is `language`."""
    text = formats.date_format(day, form)
    # Django's catalogue begins its days with a capital letter, and writes one without its accent.
    return text.lower().replace("sab.", "sáb.") if language.startswith("pt") else text


@lru_cache(maxsize=4096)
def _clock_in(language: str, hour: int, minute: int) -> str:
    """Write a time in the active language, which is `language`."""
    return formats.time_format(time(hour, minute))
