"""The days of a month, drawn without a template for each: 42 of them would take a third of the page's time."""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduler.forms.calendar_place import CalendarPlace
from scheduler.services.calendar import Day
from scheduler.templatetags.calendar import card, day_label

register = template.Library()

CELL = (
    '<div class="cell" role="gridcell" id="day-{iso}" data-day="{iso}" data-date="{name}" data-short="{short}"'
    ' data-count="{count}" data-digest="{digest}" aria-label="{label}"{facts}>'
    '<p class="cell__head"><a class="cell__number" href="{whole}">{number}</a>{new}</p>{cards}{more}</div>\n'
)
NEW = (
    '<a class="cell__new" data-new href="{}new/?day={}" aria-label="{}">'
    '<svg width="14" height="14" aria-hidden="true"><use href="#i-plus"/></svg></a>'
)
MORE = '<a class="cell__more" href="{}">{}<span class="cell__low">{}</span></a>'
# Two lines of a narrow card hold no more of a title.
TITLE_CHARS = 32


@register.simple_tag
def cell(day: Day, place: CalendarPlace, base: str, posts: str, *, swapped: bool = False) -> SafeString:
    """Draw a day with its first posts; base, posts: the addresses of the calendar and of all posts.

    swapped: whether it goes into the place of the one that is on the page, wherever the answer does.
    """
    whole = escape(f"{base}day/{day.iso}/{place.query}")
    cards = "".join(card(each, posts, TITLE_CHARS) for each in day.cards)
    drawn = CELL.format(
        iso=day.iso,
        name=escape(day.name),
        short=escape(day.short),
        count=day.count,
        digest=day.digest,
        label=escape(day_label(day)),
        facts=_facts(day, place, swapped=swapped),
        whole=whole,
        number=day.day.day,
        new=NEW.format(posts, day.iso, escape(_("New post"))) if day.day >= place.today else "",
        cards=f'<ol class="cell__posts">{cards}</ol>' if cards else "",
        more=_more(day, whole),
    )
    return mark_safe(drawn)  # what people wrote is escaped by `card`


def _facts(day: Day, place: CalendarPlace, *, swapped: bool) -> str:
    facts = {
        ' aria-current="date"': day.day == place.today,
        " data-past": day.day < place.today,
        " data-outside": day.day.month != place.day.month,
        ' hx-swap-oob="true"': swapped,
    }
    return "".join(said for said, is_so in facts.items() if is_so)


def _more(day: Day, whole: str) -> str:
    """Return the link to the posts that are not seen; a low window shows one less, and the stylesheet knows when."""
    if not day.more_when_low:
        return ""
    tall = f'<span class="cell__tall">{escape(_and_more(day.more))}</span>' if day.more else ""
    return MORE.format(whole, tall, escape(_and_more(day.more_when_low)))


def _and_more(count: int) -> str:
    return ngettext("+%(n)s post", "+%(n)s posts", count) % {"n": count}
