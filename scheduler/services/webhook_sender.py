"""Carry deliveries to webhooks: sign, send, judge the answer, and switch off what is gone or fails for days."""

import logging
import time
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Coalesce

from scheduler.lib import clock, safe_post
from scheduler.lib.safe_fetch import Refused
from scheduler.lib.sealing import KeyProblem
from scheduler.lib.signing import signature
from scheduler.models import Delivery, Webhook
from scheduler.models.webhook import TEST_EVENT
from scheduler.services import notices
from scheduler.services.deliveries import Attempt, Clock, Queue, Verdict
from scheduler.services.media_by_address import trusted_origins

log = logging.getLogger(__name__)
# One that takes nothing for so long, in so many tries, is switched off.
FAILING_FOR, FAILING_TRIES = timedelta(days=3), 10
KEY_PROBLEM_WAIT = timedelta(minutes=5)
ANSWER_CHARS = 2000
GONE = "GONE"
# What says nothing about the receiver.
NOT_ITS_FAULT = frozenset({"WEBHOOK_OFF", "APP_ERROR", "WORKER_LOST"})


class WebhookSender:
    """The channel's sender, as services.deliveries.Queue calls it."""

    def send(self, delivery: Delivery, now: datetime, within_s: float) -> Attempt:
        """Send it once, unless its webhook is off; a test is sent all the same, and once only."""
        webhook = delivery.webhook
        assert webhook is not None  # promised by a database constraint
        is_test = delivery.event == TEST_EVENT
        if not webhook.is_on and not is_test:
            return Attempt(Verdict.OVER, "WEBHOOK_OFF")
        try:
            secrets = webhook.secrets(now)
        except KeyProblem as problem:
            log.error("A webhook's secret cannot be opened: %s", problem)
            return Attempt(Verdict.LATER, "KEY_PROBLEM", wait=KEY_PROBLEM_WAIT)
        return _send(delivery, webhook.url, secrets, now, within_s, Verdict.OVER if is_test else Verdict.AGAIN)

    def note(self, delivery: Delivery, attempt: Attempt, now: datetime) -> None:
        """Count what came to nothing, forget it when something arrived, and switch off where that is asked for."""
        row = Webhook.objects.filter(deliveries=delivery)
        if attempt.verdict is Verdict.DELIVERED:
            row.filter(failures__gt=0).update(failures=0, failing_since=None)
        elif attempt.error == GONE:
            _switch_off(delivery, Webhook.Off.GONE, now)
        elif delivery.event != TEST_EVENT and attempt.verdict is not Verdict.LATER:
            if attempt.error not in NOT_ITS_FAULT:
                row.update(failures=F("failures") + 1, failing_since=Coalesce("failing_since", now))
            if row.filter(failures__gte=FAILING_TRIES, failing_since__lte=now - FAILING_FOR).exists():
                _switch_off(delivery, Webhook.Off.FAILING, now)


def _send(
    delivery: Delivery, url: str, secrets: list[str], now: datetime, within_s: float, otherwise: Verdict
) -> Attempt:
    body, started = delivery.body.encode(), time.monotonic()
    headers = {
        "Content-Type": "application/json",
        "Pauta-Event": delivery.event,
        "Pauta-Delivery": str(delivery.pk),
        "Pauta-Signature": signature(body, secrets, int(now.timestamp())),
    }
    try:
        answer = safe_post.send(url, body, headers, within_s=within_s, trusted=trusted_origins())
    except Refused as refused:
        return Attempt(otherwise, refused.code, duration_ms=_since(started))
    verdict, error = _judge(answer.status, otherwise)
    wait = safe_post.wait_told(answer.retry_after, now) if answer.status in {429, 503} else timedelta(0)
    words = answer.body.decode("utf-8", "replace").replace("\0", "")[:ANSWER_CHARS]
    return Attempt(verdict, error, answer.status, words, _since(started), wait)


def _judge(status: int, otherwise: Verdict) -> tuple[Verdict, str]:
    """Return what a status means, and the name of what is wrong."""
    if 200 <= status < 300:
        return Verdict.DELIVERED, ""
    if status == 410:
        return Verdict.OVER, GONE
    return otherwise, "REDIRECT" if 300 <= status < 400 else "STATUS"


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _switch_off(delivery: Delivery, reason: str, now: datetime) -> None:
    webhook = delivery.webhook
    if webhook is not None and webhook.switch_off(reason):
        notices.tell_about_webhook(webhook, now)


def queue(now: Clock = clock.now) -> Queue:
    """Return the queue with every sender there is."""
    return Queue({Delivery.Channel.WEBHOOK: WebhookSender()}, now)
