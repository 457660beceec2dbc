"""Lucide's icons as `{% lucide %}`, each drawn once: forty of them anew take a tenth of a page's time."""

from functools import lru_cache
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.simple_tag(name="lucide")
@lru_cache(maxsize=512)  # the names and sizes that templates say are far fewer
def icon(name: str, **facts: Any) -> SafeString:
    """Draw an icon on one line; facts: `size`, `stroke_width`, and attributes of the <svg>."""
    return mark_safe("".join(line.strip() for line in draw(name, **facts).splitlines()))  # the package's own shapes
