"""Compile the translation catalogues with Babel: no gettext programs are needed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from scheduler.lib.catalogues import compile_stale


class Command(BaseCommand):
    """Write the .mo file of every catalogue that changed."""

    help = "Compiles the catalogues in locale/ that are newer than their compiled file."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile and name what was written."""
        for path in compile_stale(settings.LOCALE_PATHS[:1]):
            self.stdout.write(f"Compiled {path.relative_to(settings.BASE_DIR)}")
