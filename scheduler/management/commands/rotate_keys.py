"""manage.py rotate_keys: seal every stored token with the first FERNET_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from scheduler.services.keys import KeyProblem, rotate_keys


class Command(BaseCommand):
    """Re-encrypt stored tokens; all or nothing."""

    help = "Seal every stored token with the first key of FERNET_KEY."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say how many."""
        try:
            with transaction.atomic():
                count = rotate_keys()
        except KeyProblem as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"The tokens of {count} accounts are sealed with the first key.")
