"""manage.py api_token: a new API token for a person, printed once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scheduler.lib import clock
from scheduler.models import ApiToken, User
from scheduler.models.api_token import Scope


class Command(BaseCommand):
    """Make a token and print its secret; only its hash is stored."""

    help = "Prints a new API token of a person. It is shown this once; only its hash is stored."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the person; the rest has a usual answer."""
        parser.add_argument("username")
        parser.add_argument("--name", default="manage.py api_token", help="what the token is for")
        parser.add_argument(
            "--scope", action="append", choices=Scope.values, help="what it may do, once each; all of it unless told"
        )
        parser.add_argument("--days", type=int, help="for how many days it works; until revoked unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the secret alone, so that a script can take it."""
        person = User.objects.filter(username=options["username"], is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody active is called {options['username']}.")
        days = options["days"]
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("--days is a number from 1 to 36500.")
        lasts = timedelta(days=days) if days is not None else None
        scopes = [scope for scope in Scope.values if scope in (options["scope"] or Scope.values)]
        _token, secret = ApiToken.make(person, options["name"][:80], scopes, clock.now(), lasts=lasts)
        self.stdout.write(secret)
