"""manage.py process_posts: one pass of the processor in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scheduler.models import ProcessorPass
from scheduler.services.keys import KeyProblem, check_keys
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor


class Command(BaseCommand):
    """Publish what is due, without a cluster."""

    help = "Publish what is due now, in this process, for at most 25 seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one pass and print what it did."""
        try:
            check_keys()
            report = ScheduledPostProcessor(kind=ProcessorPass.Kind.CRON).process_pending_posts()
        except KeyProblem as problem:
            raise CommandError(str(problem)) from None
        done = ", ".join(f"{count} {name}" for name, count in sorted(report.outcomes.items())) or "nothing was due"
        self.stdout.write(f"{done}; {report.held} held, {report.left_over} left for the next pass")
