"""What the frame around every page shows; each part is asked for only when a template draws it."""

from datetime import datetime
from functools import cached_property
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

from scheduler.lib import clock
from scheduler.models import InstagramAccount, User
from scheduler.services import health, post_lists


class Shell:
    """The frame's facts for one request: at most one query each, none for a stranger."""

    def __init__(self, request: HttpRequest) -> None:
        self._request, self._person = request, cast(User, getattr(request, "user", None))

    @property
    def sandbox(self) -> bool:
        """Return whether the simulated Instagram is in use."""
        return settings.INSTAGRAM_SANDBOX

    @cached_property
    def attention(self) -> int:
        """Return how many posts need a person."""
        return post_lists.attention_count(self._person)

    @cached_property
    def has_unread(self) -> bool:
        """Return whether a notice waits to be read."""
        return post_lists.notices(self._person).filter(read_at=None).exists()

    @cached_property
    def stopped_since(self) -> datetime | None:
        """Return when publishing was last alive if that is too long ago; None too before its first look."""
        state = health.readiness(clock.now())
        return None if state.ok else state.last_pass_at

    @cached_property
    def paused_accounts(self) -> list[InstagramAccount]:
        """Return the accounts that are paused, besides everything."""
        return list(InstagramAccount.objects.for_user(self._person).paused())

    @cached_property
    def _messages(self) -> list[Message]:
        return list(messages.get_messages(self._request))

    @property
    def problems(self) -> list[Message]:
        """Return messages about what did not work: they stay on the page."""
        return [message for message in self._messages if message.level >= messages.ERROR]

    @property
    def news(self) -> list[Message]:
        """Return messages about what worked: they go by themselves."""
        return [message for message in self._messages if message.level < messages.ERROR]


def shell(request: HttpRequest) -> dict[str, object]:
    """Give templates `shell`, and `theme` for the first element of the page."""
    return {"shell": Shell(request), "theme": getattr(getattr(request, "user", None), "theme", "system")}
