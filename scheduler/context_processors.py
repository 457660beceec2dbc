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
from scheduler.services import endings
from scheduler.services.endings import Ending
from scheduler.services.shell_facts import ShellFacts, facts_of


class Shell:
    """The frame's facts for one request: one query for all, none for a stranger."""

    def __init__(self, request: HttpRequest) -> None:
        self._request, self._person = request, cast(User, getattr(request, "user", None))

    @property
    def sandbox(self) -> bool:
        """Return whether the simulated Instagram is in use."""
        return settings.INSTAGRAM_SANDBOX

    @cached_property
    def _facts(self) -> ShellFacts:
        return facts_of(self._person, clock.now())

    @property
    def attention(self) -> int:
        """Return how many posts need a person."""
        return self._facts.attention

    @property
    def has_unread(self) -> bool:
        """Return whether a notice waits to be read."""
        return self._facts.has_unread

    @property
    def stopped_since(self) -> datetime | None:
        """Return when publishing was last alive if that is too long ago; None too before its first look."""
        state = self._facts.readiness
        return None if state.ok else state.last_pass_at

    @cached_property
    def paused_accounts(self) -> list[InstagramAccount]:
        """Return the accounts that are paused, besides everything; a query of its own only when there are some."""
        if not self._facts.has_paused:
            return []
        return list(InstagramAccount.objects.for_user(self._person).paused())

    @cached_property
    def endings(self) -> list[Ending]:
        """Return the connections that end soon; a query of its own only when there are some."""
        return endings.of(self._person, clock.now()) if self._facts.has_ending else []

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
