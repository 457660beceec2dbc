"""manage.py process_posts: one pass of the processor in the foreground, and one video made ready after it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scheduler.lib import clock
from scheduler.models import MediaAsset, ProcessorPass
from scheduler.services import health
from scheduler.services.keys import KeyProblem, check_keys
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor


class Command(BaseCommand):
    """Publish what is due, without a cluster."""

    help = (
        "Publish what is due now, in this process, for at most 25 seconds. Where no cluster runs, a video that waits "
        "for it is then made ready, which may take minutes; another call may come meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one pass and print what it did."""
        try:
            check_keys()
            report = ScheduledPostProcessor(kind=ProcessorPass.Kind.CRON).process_pending_posts()
        except KeyProblem as problem:
            raise CommandError(str(problem)) from None
        done = ", ".join(f"{count} {name}" for name, count in sorted(report.outcomes.items())) or "nothing was due"
        self.stdout.write(f"{done}; {report.held} held, {report.left_over} left for the next pass")
        self.make_a_video_ready()

    def make_a_video_ready(self) -> None:
        """Do what the slow queue would do; posts came first, and one video is enough for one call."""
        if health.cluster_lives(clock.now()):
            return
        waiting = MediaAsset.objects.to_hand_out(clock.now()).first()
        if waiting is None:
            return
        from scheduler.services import film_mending  # only here: FFmpeg costs a process 17 MB

        self.stdout.write(f"video {waiting.pk}: {film_mending.mend(waiting.pk, clock.now)}")
