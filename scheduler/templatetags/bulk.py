"""What the bar of acts on many posts says."""

from django import template
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduler.services.bulk import MOST

register = template.Library()


@register.simple_tag
def selection_words() -> str:
    """Return the sentences of behaviours/selection.js as data-* of its element; {n} is what it counts."""
    words = {
        "one": ngettext("{n} selected", "{n} selected", 1),
        "many": ngettext("{n} selected", "{n} selected", 2),
        "hint": _("Press Enter for what to do with them, Escape to clear."),
        "cleared": _("Nothing is selected."),
        "most": str(MOST),
        "over": _("At most %(n)s posts at a time. Select fewer.") % {"n": MOST},
    }
    return format_html_join(" ", 'data-{}="{}"', words.items())
