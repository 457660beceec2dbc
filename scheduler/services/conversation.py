"""One worker's requests to Instagram about one post: a line opened before each, closed after it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from scheduler.instagram.client import Client
from scheduler.instagram.errors import InstagramError, Step
from scheduler.lib.failpoints import failpoint
from scheduler.models import PublishingLog
from scheduler.models.webhook import Event
from scheduler.services import events, notices, rate_limits
from scheduler.services.claims import Claim, committing

T = TypeVar("T")


class Conversation:
    """A claimed post and the client that speaks for its account."""

    def __init__(self, claim: Claim, client: Client) -> None:
        self.claim, self.client, self.post = claim, client, claim.post
        account = claim.post.instagram_account
        assert account is not None  # promised by a database constraint
        self.limits = rate_limits.Limits(account, is_known=claim.has_limits)

    @property
    def now(self) -> datetime:
        """Return the present instant of the worker's clock."""
        return self.claim.clock()

    def ask(
        self, step: Step, request: Callable[[], T], *, about: dict | None = None, **stored_first: Any
    ) -> tuple[T, PublishingLog]:
        """Make one request; return its answer and the log line, still open.

        about:        what the open line says of the request while it runs; no token.
        stored_first: fields of the post that are written, with the line, before the request leaves.
        Raises InstagramError, with the line closed; ClaimLost before anything was sent.
        """
        with committing(f"open-{step}"):
            self.claim.renew(**stored_first)
            line = PublishingLog.start(self.post, step, self.now, request=about)
        failpoint(f"before-{step}")
        try:
            answer = request()
        except InstagramError as error:
            failpoint(f"after-{step}")
            with committing(f"refused-{step}"):
                line.close(PublishingLog.Status.ERROR, self.now, **self._facts(), **_trouble(error))
            self._note_limits(step, error)
            raise
        failpoint(f"after-{step}")
        return answer, line

    def keep(self, line: PublishingLog, outcome: str, **fields: Any) -> None:
        """Store what an answer gave us and close its line, in one transaction. Raises ClaimLost."""
        with committing(f"store-{line.step}"):
            self._keep(line, outcome, fields)
        self._note_limits(line.step)

    def finish(self, line: PublishingLog, outcome: str, **fields: Any) -> None:
        """Like `keep` for a post that is live now: let go of it, settle its notices, and tell who listens."""
        with committing(f"store-{line.step}"):
            self._keep(line, outcome, fields | {"claimed_by": "", "lease_until": None})
            notices.settle_post(self.post, self.now)
            events.hear_of_post(Event.PUBLISHED, self.post, self.now)
        self._note_limits(line.step)

    def _note_limits(self, step: str, error: InstagramError | None = None) -> None:
        """Write down what the last answer told of Instagram's limits, where that is new; never before its ids."""
        found = rate_limits.news(self.limits, self.client.last_exchange, step, error, self.now)
        if found:
            with committing("note-limits"):
                rate_limits.write(self.limits, found, self.now)

    def _keep(self, line: PublishingLog, outcome: str, fields: dict[str, Any]) -> None:
        self.claim.store(**fields)
        line.close(outcome, self.now, **self._facts())

    def _facts(self) -> dict[str, Any]:
        exchange = self.client.last_exchange
        return {
            "api_endpoint": exchange.endpoint,
            "request_data": exchange.request,
            "response_data": exchange.response,
            "http_status": exchange.http_status,
            "duration_ms": exchange.duration_ms,
        }


def _trouble(error: InstagramError) -> dict[str, Any]:
    return {"error_code": error.name, "error_message": error.message}
