"""The one queue of what is told outside: find what is due, try it, and say on its row how that went.

Every delivery is tried until its receiver took it or its tries are used up. At least once, not exactly once: between
the receiver's answer and our row a worker can die, and then the same body with the same ids is sent again.
In no promised order: what failed comes after what follows it.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol

from django.db import Error as DatabaseTrouble
from django.db import connections
from django.db.models import F

from scheduler.lib.failpoints import failpoint
from scheduler.models import Delivery
from scheduler.services.claims import committing, worker_name

log = logging.getLogger(__name__)
# Between one try and the next; after the last it is given up.
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600))
TRIES = len(BACKOFF) + 1
LONGEST_WAIT = timedelta(hours=24)
# What one try may take from its first byte to its last; and, much longer, when its worker is given up for dead.
WITHIN_S = 15.0
LEASE = timedelta(minutes=2)
# How many are under way at once in one process; to one webhook never more than one.
AT_ONCE = 8
# One thread goes on with what waits for the same webhook for so long.
DRAIN_S = 20.0
STOP_WITHIN_S = 3.0
KEPT_FOR = timedelta(days=30)
PURGED_AT_ONCE = 1000
Clock = Callable[[], datetime]


class Verdict(Enum):
    """What one try means for the delivery."""

    DELIVERED = "delivered"
    AGAIN = "again"  # after the back-off, while tries are left
    OVER = "over"  # no other try can help
    LATER = "later"  # our own trouble: no try is counted


@dataclass(frozen=True)
class Attempt:
    """What one try came to, as its sender tells it. wait: how long the receiver asked to be left alone."""

    verdict: Verdict
    error: str = ""
    answer_code: int | None = None
    answer: str = ""
    duration_ms: int | None = None
    wait: timedelta = timedelta(0)


class Sender(Protocol):
    """What carries one channel's deliveries."""

    def send(self, delivery: Delivery, now: datetime, within_s: float) -> Attempt:
        """Try once; no transaction is open, and every failure of the other side is an Attempt."""

    def note(self, delivery: Delivery, attempt: Attempt, now: datetime) -> None:
        """Write what else follows from it, in the transaction that writes the delivery's row."""


class Queue:
    """Delivers what is due, by the sender of each channel."""

    def __init__(self, senders: dict[str, Sender], clock: Clock) -> None:
        self.senders, self.clock = senders, clock
        self._under_way: dict[int, tuple[int | None, threading.Thread]] = {}
        self._is_over = threading.Event()

    # --- One --------------------------------------------------------------------------------------------------
    def deliver(self, delivery_id: int, within_s: float = WITHIN_S) -> bool:
        """Try one delivery; False when it is not due, or another worker has it."""
        delivery = self._take(delivery_id)
        if delivery is None:
            return False
        sender = self.senders[delivery.channel]
        try:
            # The worker before died each time: whatever it met, it is not met for ever.
            lost = Attempt(Verdict.OVER, "WORKER_LOST") if delivery.attempts > TRIES else None
            attempt = lost or sender.send(delivery, self.clock(), within_s)
        except DatabaseTrouble:
            raise  # the lease runs out, and the next worker tries it
        except Exception:
            self._keep(delivery, Attempt(Verdict.AGAIN, "APP_ERROR"), sender)
            raise
        failpoint("after-send-delivery")
        self._keep(delivery, attempt, sender)
        return True

    def _take(self, delivery_id: int) -> Delivery | None:
        """Claim it by one conditional UPDATE; `due_at` is then when the claim has run out."""
        now, owner = self.clock(), worker_name()
        with committing("take-delivery"):
            due = Delivery.objects.due(now).filter(pk=delivery_id).order_by()
            taken = due.update(claimed_by=owner, due_at=now + LEASE, attempts=F("attempts") + 1, tried_at=now)
        mine = Delivery.objects.select_related("webhook").filter(pk=delivery_id, claimed_by=owner)
        return mine.first() if taken else None

    def _keep(self, delivery: Delivery, attempt: Attempt, sender: Sender) -> None:
        """Write how it went, unless it was deleted, or its claim ran out: then another worker's word counts."""
        now = self.clock()
        ours = Delivery.objects.filter(pk=delivery.pk, claimed_by=delivery.claimed_by)
        with committing("keep-delivery"):
            if ours.update(**_fields_after(delivery, attempt, now)):
                sender.note(delivery, attempt, now)

    # --- Many -------------------------------------------------------------------------------------------------
    def deliver_next(self, within_s: float = WITHIN_S) -> bool:
        """Try the one that waits longest, here and now; False when none is due."""
        following = Delivery.objects.due(self.clock()).values_list("pk", flat=True).first()
        return following is not None and self.deliver(following, within_s)

    def see_to_it(self) -> bool:
        """Start what is due and has a thread to go on; return whether anything is under way.

        A receiver that hangs holds one thread, however many wait for it.
        """
        self._under_way = {pk: one for pk, one in self._under_way.items() if one[1].is_alive()}
        while len(self._under_way) < AT_ONCE:
            busy = {webhook for webhook, _thread in self._under_way.values() if webhook is not None}
            waiting = Delivery.objects.due(self.clock()).exclude(pk__in=self._under_way)
            following = waiting.exclude(webhook__in=busy).values_list("pk", "webhook").first()
            if following is None:
                break
            # A daemon: the end of the process waits for no receiver, and the row says what was left.
            thread = threading.Thread(target=self._drain, args=following, daemon=True)
            self._under_way[following[0]] = following[1], thread
            thread.start()
        return bool(self._under_way)

    def stop(self) -> None:
        """Begin nothing more, and give what is under way a moment to end."""
        self._is_over.set()
        until = time.monotonic() + STOP_WITHIN_S
        for _webhook, thread in self._under_way.values():
            thread.join(max(until - time.monotonic(), 0))

    def _drain(self, delivery_id: int | None, webhook_id: int | None) -> None:
        """Try one delivery, then the next ones to the same webhook for a while."""
        until = time.monotonic() + DRAIN_S
        try:
            while delivery_id is not None and not self._is_over.is_set() and time.monotonic() < until:
                self.deliver(delivery_id)
                waiting = Delivery.objects.due(self.clock()).filter(webhook=webhook_id, webhook__isnull=False)
                delivery_id = waiting.values_list("pk", flat=True).first()
        except Exception:
            log.exception("Delivery %s broke off", delivery_id)
        finally:
            connections.close_all()


def _fields_after(delivery: Delivery, attempt: Attempt, now: datetime) -> dict[str, Any]:
    """Return what the row says after a try."""
    told = {name: getattr(attempt, name) for name in ("error", "answer_code", "answer", "duration_ms")}
    again = _next_try(delivery, attempt, now)
    if again is not None:
        tries = delivery.attempts - (attempt.verdict is Verdict.LATER)
        return told | {"claimed_by": "", "due_at": again, "attempts": tries}
    is_delivered = attempt.verdict is Verdict.DELIVERED
    state = Delivery.State.DELIVERED if is_delivered else Delivery.State.GIVEN_UP
    return told | {"claimed_by": "", "due_at": None, "state": state, "ended_at": now}


def _next_try(delivery: Delivery, attempt: Attempt, now: datetime) -> datetime | None:
    """Return when to try again, None when it ended."""
    if attempt.verdict is Verdict.LATER:
        return now + attempt.wait
    if attempt.verdict is not Verdict.AGAIN or delivery.attempts >= TRIES:
        return None
    return now + max(BACKOFF[delivery.attempts - 1], min(attempt.wait, LONGEST_WAIT))


def is_wanted(now: datetime) -> bool:
    """Return whether something is due; one query."""
    return Delivery.objects.due(now).exists()


def purge(now: datetime) -> int:
    """Take away what ended and is older than 30 days; return how many rows, at most PURGED_AT_ONCE."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT_FOR, due_at=None).order_by("created_at")
    ids = list(old.values_list("pk", flat=True)[:PURGED_AT_ONCE])
    return Delivery.objects.filter(pk__in=ids).delete()[0] if ids else 0
