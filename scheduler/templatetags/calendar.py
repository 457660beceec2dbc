"""What the calendar says of a day and of a post, and where its links lead."""

from datetime import date
from html import escape

from django import template
from django.utils import dates
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from scheduler.forms.calendar_place import CalendarPlace
from scheduler.services import when
from scheduler.services.calendar import Card, Day
from scheduler.templatetags.pauta import STATUS_ICONS

register = template.Library()

# A page has 168 of them: a template for each would be half of the page's time.
CARD = (
    '<li class="card" id="post-{pk}" data-status="{status}" data-at="{at}" data-version="{version}"'
    "{colour}{movable}{lane}>"
    '<a href="{posts}{pk}/">{picture}<span class="{worn}">{kind}</span><time>{time}</time>'
    '<span data-title>{title}</span><svg aria-hidden="true"><use href="#i-{status}"/></svg></a></li>'
)


@register.simple_tag
def card(card: Card, posts: str, most: int = 60, *, facts: bool = False) -> SafeString:
    """Draw a post with at most `most` characters of its title; `posts` is the address under which posts are.

    facts: whether its status, type and account are seen, and not only heard.
    """
    title = card.title if len(card.title) <= most else f"{card.title[: most - 1]}…"
    drawn = CARD.format(
        pk=card.pk,
        status=card.status,
        at=card.at,
        version=card.version,
        colour=f' data-colour="{card.colour}"' if card.colour else "",
        movable=" data-movable" if card.is_movable else "",
        lane=f' data-lane="{card.lane}"' if card.lane else "",
        posts=posts,
        picture=f'<img src="{escape(card.picture)}" alt="" loading="lazy">' if card.picture else "",
        worn="card__facts" if facts else "sr-only",
        kind=escape(card.kind) if facts else f"{escape(card.kind)}, ",
        time=escape(card.time),
        title=escape(title),
    )
    return mark_safe(drawn)  # what people wrote is escaped above; the rest are numbers and names of ours


@register.simple_tag
def status_icons() -> list[tuple[str, str]]:
    """Return each shown state with the name of its icon."""
    return [(status.value, icon) for status, icon in STATUS_ICONS.items()]


@register.filter
def day_label(day: Day) -> str:
    """Return what a screen reader says of a day: "Friday, April 24, 3 posts, 1 failed"."""
    words = [day.name]
    if day.count:
        words.append(ngettext("%(n)s post", "%(n)s posts", day.count) % {"n": day.count})
    if day.failed:
        words.append(ngettext("%(n)s failed", "%(n)s failed", day.failed) % {"n": day.failed})
    return ", ".join(words)


@register.simple_tag
def period_name(place: CalendarPlace) -> str:
    """Return what the page is called: "November 2026", "Nov 22 – 28, 2026", "Tuesday, November 24"."""
    if place.view == "month":
        return when.month_name(place.day)
    if place.view == "week":
        return when.day_range(place.span.days[0], place.span.days[-1])
    if place.view == "day":
        name = when.long_day(place.day)
        return name[0].upper() + name[1:]
    return _("From %(day)s") % {"day": when.short_day(place.day)}


@register.simple_tag
def weekday_names(place: CalendarPlace) -> list[tuple[str, str]]:
    """Return the days of a week in its order: short and whole name."""
    order = [(place.first_weekday + number - 1) % 7 for number in range(7)]
    return [(when.weekday_short(number), str(dates.WEEKDAYS[number])) for number in order]


@register.simple_tag
def views() -> list[tuple[str, str]]:
    """Return the views in the order of the switch, with their words."""
    return [
        ("month", pgettext("view", "Month")),
        ("week", pgettext("view", "Week")),
        ("day", pgettext("view", "Day")),
        ("list", pgettext("view", "List")),
    ]


@register.simple_tag
def to_view(place: CalendarPlace, view: str) -> str:
    """Return the query of another view of the same day."""
    return place.at(view=view).query


@register.simple_tag
def to_page(place: CalendarPlace, pages: int) -> str:
    """Return the query of a page before or after."""
    return place.turned(pages).query


@register.simple_tag
def to_day(place: CalendarPlace, day: date, view: str = "") -> str:
    """Return the query of another day, in this view or another."""
    return place.at(day=day, view=view or place.view).query


@register.simple_tag
def to_zone(place: CalendarPlace, zone: str) -> str:
    """Return the query of the same view on another clock."""
    return place.at(zone=zone).query
