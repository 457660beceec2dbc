"""Addresses of this installation, whole, for what a program reads."""

from django.conf import settings
from django.urls import reverse


def page_at(name: str, *parts: object) -> str:
    """Return the whole address of a view."""
    return settings.PUBLIC_BASE_URL + reverse(name, args=parts)
