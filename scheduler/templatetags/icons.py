"""Lucide's icons as `{% lucide %}`, each drawn once: forty of them anew take a tenth of a page's time."""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()
# The names and sizes that templates say are far fewer.
register.simple_tag(lru_cache(maxsize=512)(draw), name="lucide")
