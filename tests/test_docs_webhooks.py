"""docs/webhooks.md is true: its receiver takes what Pauta sends, and its bodies are those that are sent."""

import json
import re
from datetime import timedelta

import pytest

from scheduler.lib import clock
from scheduler.lib.signing import signature
from scheduler.models import Delivery, Webhook
from scheduler.models.webhook import TEST_EVENT, Event
from scheduler.services import deliveries, events
from tests.test_docs import ROOT

pytestmark = pytest.mark.django_db
TEXT = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
BODIES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
[RECEIVER] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def webhook(alice):
    one = Webhook(user=alice, url="https://shop.example/", events=Event.values, created_at=clock.now())
    one.renew_secret(clock.now())
    return one


@pytest.fixture
def receiver(webhook):
    """Return the receiver of the document, with the webhook's secret in it."""
    names = {"__name__": "receiver"}
    exec(compile(RECEIVER, "docs/webhooks.md", "exec"), names)
    names["SECRET"] = webhook.secrets(clock.now())[0]
    return names["is_from_pauta"]


def test_its_receiver_takes_what_is_signed_and_nothing_else(receiver, webhook):
    body, now = b'{"id": "evt_1"}', clock.now()
    at = int(now.timestamp())
    signed = signature(body, webhook.secrets(now), at)
    assert receiver(signed, body, now.timestamp())
    assert not receiver(signed, body + b" ", now.timestamp())
    assert not receiver(signed.replace(f"t={at}", f"t={at + 1}"), body, now.timestamp())
    assert not receiver(signed, body, now.timestamp() + 301)
    for nothing in ("", "t=", "v1=", "t=²,v1=x", signed.partition(",")[0]):
        assert not receiver(nothing, body, now.timestamp())


def test_its_receiver_takes_the_old_and_the_new_secret_during_a_rotation(receiver, webhook):
    now = clock.now()
    webhook.renew_secret(now)
    signed = signature(b"{}", webhook.secrets(now), int(now.timestamp()))
    assert signed.count("v1=") == 2 and receiver(signed, b"{}", now.timestamp())
    later = now + timedelta(hours=24)
    assert not receiver(signature(b"{}", webhook.secrets(later), int(later.timestamp())), b"{}", later.timestamp())


def shape_of(value):
    """Return which keys there are, and in them."""
    return {key: shape_of(item) for key, item in value.items()} if isinstance(value, dict) else None


def test_every_event_has_its_body_there_and_each_is_as_it_is_sent(webhook, make_post):
    post = make_post(media=0)
    told = events.listeners(post.user_id)
    for event in (Event.PUBLISHED, Event.FAILED, Event.HELD):
        told.hear_of_posts(event, [post.pk], clock.now())
    told.hear_of_account(post.instagram_account, clock.now())
    events.send_test(webhook, clock.now())
    sent = [json.loads(one.body) for one in Delivery.objects.order_by("pk")]
    assert [one["type"] for one in BODIES] == [*Event.values, TEST_EVENT]
    assert [(one["type"], shape_of(one)) for one in BODIES] == [(one["type"], shape_of(one)) for one in sent]


def test_every_event_is_in_its_table():
    assert re.findall(r"^\| `([a-z_.]+)`", TEXT, re.MULTILINE) == [*Event.values, TEST_EVENT]


def test_the_pauses_are_those_of_the_queue():
    minutes = {"min": 1, "h": 60}
    [told] = re.findall(r"after (1 min.*), then given up", TEXT)
    found = [timedelta(minutes=int(n) * minutes[unit]) for n, unit in re.findall(r"(\d+) (min|h)", told)]
    assert tuple(found) == deliveries.BACKOFF
