"""Fill a fresh installation with a demo: one user, two sandbox accounts, a month of posts."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scheduler.demo import people
from scheduler.demo.seeding import seed
from scheduler.services import first_person


class Command(BaseCommand):
    """Make the demo once; print how to sign in."""

    help = "Makes the demo user, two accounts of the simulated Instagram and a month of sample posts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and print one line. Raises CommandError where a demo has no place."""
        if not settings.INSTAGRAM_SANDBOX:
            raise CommandError("The demo needs the simulated Instagram. Start with INSTAGRAM_SANDBOX=1 to have it.")
        if not first_person.is_awaited():
            raise CommandError(
                "Somebody has an account here already. The demo is made only in an empty installation."
            )
        if not settings.INSTAGRAM_GRAPH_URL.endswith("/sandbox/graph.instagram.com"):
            raise CommandError("INSTAGRAM_GRAPH_URL leads elsewhere. Unset it, so that the demo finds the sandbox.")
        try:
            seed()
        except people.NotConnected as refusal:
            raise CommandError(str(refusal)) from None
        except KeyboardInterrupt:
            sys.exit("The demo was broken off; nothing of it stays.")
        self.stdout.write("\n".join(people.login_lines()))
