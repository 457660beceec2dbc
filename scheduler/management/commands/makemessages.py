"""Bring the translation catalogues in step with the sources, with Babel."""

from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from django.conf import settings
from django.core.management.base import BaseCommand

from scheduler.lib.catalogues import merge, read_catalogue

LOCALES = ("pt_BR",)


class Command(BaseCommand):
    """Collect the messages of the Python files and templates into locale/<name>/LC_MESSAGES/django.po."""

    help = "Collects texts from the sources into the catalogues; existing translations are kept."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Merge every catalogue and say how many texts wait for a translation."""
        for locale in LOCALES:
            path = Path(settings.LOCALE_PATHS[0]) / locale / "LC_MESSAGES" / "django.po"
            changed = merge(settings.BASE_DIR, path, locale)
            waiting = sum(not is_translated(message) for message in read_catalogue(path) if message.id)
            word = "Updated" if changed else "Unchanged"
            self.stdout.write(f"{word} {path.relative_to(settings.BASE_DIR)}: {waiting} texts to translate")


def is_translated(message: Message) -> bool:
    """Return whether a text, and each of its plural forms, has a translation."""
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)
