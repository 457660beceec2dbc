"""What the log of a webhook says, in words of the reader."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from scheduler.models import Delivery
from scheduler.models.webhook import TEST_EVENT, Event
from scheduler.services import when

# Why an address is not sent to; in the form, and in the log where the name turned out so.
REFUSED = {
    "ADDRESS_NOT_SECURE": _lazy("Events are only sent encrypted. Use an address that begins with https://."),
    "ADDRESS_UNUSABLE": _lazy(
        "This can't be used. Write a whole address like https://example.com/pauta, without port, name or password."
    ),
    "ADDRESS_PRIVATE": _lazy("This leads into a private network. Use an address on the internet."),
}
_ERRORS = REFUSED | {
    "ADDRESS_UNREACHABLE": _lazy("Its server didn't answer, or not in a way that can be understood."),
    "ADDRESS_SLOW": _lazy("Its server took longer than 15 seconds."),
    "ADDRESS_UNTRUSTED": _lazy("Its certificate isn't right."),
    "REDIRECT": _lazy("It leads to another address. Redirects aren't followed: enter the last address here."),
    "GONE": _lazy("It answered that nothing more is wanted. The webhook was switched off."),
    "WEBHOOK_OFF": _lazy("The webhook was off."),
    "KEY_PROBLEM": _lazy("Pauta can't open the secret. Whoever runs Pauta has to put its key back."),
    "APP_ERROR": _lazy("Something in Pauta itself went wrong."),
    "WORKER_LOST": _lazy("Pauta was stopped each time while it sent this."),
}
BADGES = {"waiting": "scheduled", "delivered": "published", "given_up": "failed"}


@dataclass(frozen=True)
class Line:
    """One delivery as the log draws it."""

    row: Delivery
    name: str
    about: str
    badge: str
    why: str
    facts: list[str]
    payload: Any


def by_day(rows: Iterable[Delivery], now: datetime) -> list[tuple[date, list[Line]]]:
    """Return the lines of the log under their days in the active zone."""
    grouped = groupby(rows, key=lambda row: timezone.localdate(row.created_at))
    return [(day, [line_of(row, now) for row in group]) for day, group in grouped]


def line_of(row: Delivery, now: datetime) -> Line:
    """Return what the log says of a delivery."""
    payload = json.loads(row.body)
    badge = "warning" if row.state == Delivery.State.WAITING and row.attempts else BADGES[row.state]
    return Line(row, name_of(row.event), _about(payload["data"]), badge, why(row), _facts(row, now), payload)


def name_of(event: str) -> str:
    """Return what an event is called."""
    return _("Test event") if event == TEST_EVENT else str(Event(event).label)


def _about(data: dict[str, Any]) -> str:
    """Return which post or account it tells of."""
    post, account = data.get("post"), data.get("account")
    if post:
        first = post["caption"].strip().split("\n", 1)[0]
        return f"{first[:57]}…" if len(first) > 60 else first
    return f"@{account['instagram_username']}" if account else ""


def why(row: Delivery) -> str:
    """Return what went wrong at the last try, "" when nothing did."""
    if row.error == "STATUS":
        return _("It answered %(code)s.") % {"code": row.answer_code}
    return str(_ERRORS.get(row.error, ""))


def _facts(row: Delivery, now: datetime) -> list[str]:
    """Return the small print: the answer, how long it took, the tries, and when the next one is."""
    facts = [f"HTTP {row.answer_code}"] if row.answer_code and row.error != "STATUS" else []
    if row.duration_ms is not None:
        facts.append(when.seconds(row.duration_ms))
    if row.attempts:
        facts.append(ngettext("%(n)s try", "%(n)s tries", row.attempts) % {"n": row.attempts})
    if row.due_at and row.due_at > now and not row.claimed_by:
        facts.append(_("next try %(when)s") % {"when": when.moment_inside(row.due_at)})
    return facts
