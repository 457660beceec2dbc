"""Say whether uploads can be kept where MEDIA_STORAGE_URL says."""

from typing import Any

from django.core.management.base import BaseCommand

from scheduler.services import storage_check


class Command(BaseCommand):
    """Write a small file, read it, take it away; print what is wrong, nothing when all is well."""

    help = "Checks that uploads can be written, read and deleted; prints what is wrong and what to do."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one sentence when something is wrong."""
        if trouble := storage_check.trouble():
            self.stdout.write(trouble)
