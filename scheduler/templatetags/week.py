"""The hours of a day, drawn without a template for each: a week has 168 of them, and a card takes no less."""

from html import escape
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduler.forms.calendar_place import DAY, CalendarPlace
from scheduler.services.week import Cell, Column, Free, Item
from scheduler.templatetags.calendar import card

register = template.Library()

HOUR = (
    '<div class="hour" role="gridcell" data-day="{day}" data-hour="{key}" aria-label="{label}"{past}{early}>'
    "{now}{free}{posts}</div>"
)
SKIPPED = '<div class="hour" data-void aria-hidden="true"></div>'
NOW = '<i class="hour__now" data-at="{}"></i>'
MORE = '<li class="hour__more" data-at="{}"{}><a href="{}" aria-label="{}">+{}</a></li>'
FREE = (
    '<a class="hour__free" data-at="{}" href="{}"><svg width="14" height="14" aria-hidden="true">'
    '<use href="#i-plus"/></svg>{}<span class="sr-only"> {}: {}</span></a>'
)
# A week's card has no room for more of a title.
TITLE_CHARS = 40


@register.simple_tag
def hours(column: Column, place: CalendarPlace, base: str, posts: str) -> SafeString:
    """Draw a day from its first hour to its last; base, posts: the addresses of the calendar and of all posts."""
    # The page with all posts of a day needs the filters and the clock alone.
    everything = f"{base}day/{column.iso}/{place.at(view=place.usual_view, day=place.today).query}"
    drawn = [_hour(cell, column, place, posts, everything) if cell else SKIPPED for cell in column.cells]
    return mark_safe("".join(drawn))  # what people wrote is escaped by those who draw it


def hour_label(cell: Cell, column: Column) -> str:
    """Return what a screen reader says of an hour: "Friday, April 24, 6 PM, 2 posts"."""
    label = f"{column.name}, {cell.line.name} {cell.line.offset}".strip()
    if not cell.count:
        return label
    return f"{label}, {ngettext('%(n)s post', '%(n)s posts', cell.count) % {'n': cell.count}}"


def _hour(cell: Cell, column: Column, place: CalendarPlace, posts: str, everything: str) -> str:
    items = "".join(_item(item, place, posts, everything) for item in cell.items)
    return HOUR.format(
        day=column.iso,
        key=cell.line.key,
        label=escape(hour_label(cell, column)),
        past=" data-past" if cell.is_past else "",
        early=" data-early" if cell.line.is_early else "",
        now=NOW.format(cell.now) if cell.now else "",
        free="".join(_free(free, column, place) for free in cell.free),
        posts=f'<ol class="hour__posts">{items}</ol>' if items else "",
    )


def _item(item: Item, place: CalendarPlace, posts: str, everything: str) -> str:
    if item.card is not None:
        return card(item.card, posts, facts=True) if place.view == DAY else card(item.card, posts, TITLE_CHARS)
    lane = format_html(' data-lane="{}"', item.lane) if item.lane else ""
    words = ngettext("+%(n)s post", "+%(n)s posts", item.more) % {"n": item.more}
    return format_html(MORE, item.at, lane, everything, words, item.more)


def _free(free: Free, column: Column, place: CalendarPlace) -> str:
    said = {"account": free.account.pk, "day": column.iso, "clock": free.clock, "timezone": place.zone}
    begun = f"{reverse('post-create')}?{urlencode(said, safe=':/')}"
    return format_html(FREE, free.at, begun, free.time, _("Free slot"), free.account)
