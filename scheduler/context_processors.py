"""What the frame around every page shows; each part is asked for only when a template draws it."""

from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from scheduler.lib.clock import now
from scheduler.models import Notification, ProcessorPass, ScheduledPost

# The beat looks every second and cron every five minutes; longer than this, nothing goes out in time any more.
SILENCE = timedelta(minutes=6)


class Shell:
    """The frame's facts for one request: at most one query each, none for a stranger."""

    def __init__(self, request: HttpRequest) -> None:
        self._person = getattr(request, "user", None)

    @property
    def sandbox(self) -> bool:
        """Return whether the simulated Instagram is in use."""
        return settings.INSTAGRAM_SANDBOX

    @cached_property
    def attention(self) -> int:
        """Return how many posts need a person."""
        return ScheduledPost.objects.for_user(self._person).needing_attention().count()

    @cached_property
    def has_unread(self) -> bool:
        """Return whether a notice waits to be read."""
        return Notification.objects.for_user(self._person).filter(read_at=None).exists()

    @cached_property
    def stopped_since(self) -> datetime | None:
        """Return when publishing was last alive if that is too long ago, else None."""
        last = ProcessorPass.last()
        return last.at if last is not None and now() - last.at > SILENCE else None


def shell(request: HttpRequest) -> dict[str, object]:
    """Give templates `shell`, and `theme` for the first element of the page."""
    return {"shell": Shell(request), "theme": getattr(getattr(request, "user", None), "theme", "system")}
