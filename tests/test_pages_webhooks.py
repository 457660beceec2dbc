"""The pages of webhooks: made, changed, tried, sent again, renewed and deleted; without scripts as with them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduler.lib import clock
from scheduler.models import Delivery, Notification, Webhook
from scheduler.models.webhook import MOST_PER_PERSON, Event
from scheduler.services import events, notices

pytestmark = pytest.mark.django_db
LIST = reverse("webhook-list")
GOOD = {"url": "https://shop.example/pauta", "events": ["post.failed", "post.held"]}


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def webhook(alice):
    one = Webhook(user=alice, url=GOOD["url"], description="The shop", events=Event.values, created_at=clock.now())
    one.renew_secret(clock.now())
    return one


def page_of(webhook):
    return reverse("webhook-detail", args=[webhook.pk])


def act(webhook, name):
    return reverse(f"webhook-{name}", args=[webhook.pk])


def secret_on(answer):
    found = re.search(r'id="webhook-secret"[^>]*>(whsec_[\w-]{43})<', answer.text)
    return found and found[1]


# --- Adding -----------------------------------------------------------------------------------------------------
def test_added_it_shows_its_secret_once(alice_in):
    answer = alice_in.post(LIST, GOOD, follow=True)
    webhook = Webhook.objects.get()
    assert secret_on(answer) == webhook.secrets(clock.now())[0]
    assert "it isn't shown again" in answer.text
    assert "whsec_" not in alice_in.get(page_of(webhook)).text
    assert (webhook.events, webhook.is_on) == (["post.failed", "post.held"], True)


def test_the_secret_waits_in_the_session_only_sealed(alice_in):
    alice_in.post(LIST, GOOD)
    assert "whsec_" not in str(dict(alice_in.session.items()))
    alice_in.get(page_of(Webhook.objects.get()), headers={"HX-Request": "true"})  # the log asks: nothing is used up
    assert secret_on(alice_in.get(page_of(Webhook.objects.get())))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://shop.example/", "only sent encrypted"),
        ("https://127.0.0.1/", "private network"),
        ("https://169.254.169.254/latest/", "private network"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
        ("https://localhost/", "Write a whole address"),
        ("https://shop.example:8443/", "Write a whole address"),
        ("https://me:word@shop.example/", "Write a whole address"),
        ("javascript:alert(1)", "Write a whole address"),
        ("https://shop.example/" + "x" * 1990, "2000"),
    ],
)
def test_an_address_that_gets_nothing_is_refused_with_its_reason(alice_in, address, words):
    answer = alice_in.post(LIST, GOOD | {"url": address})
    assert answer.status_code == 422 and words in answer.text
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("chosen", [[], ["webhook.test"], ["post.eaten"]])
def test_only_events_that_there_are_can_be_chosen(alice_in, chosen):
    assert alice_in.post(LIST, GOOD | {"events": chosen}).status_code == 422


def test_there_is_an_end_to_how_many(alice_in, alice):
    row = Webhook(user=alice, url="https://shop.example/", created_at=clock.now())
    Webhook.objects.bulk_create([row] + [Webhook(user=alice, url="x", created_at=clock.now()) for _ in range(19)])
    assert Webhook.objects.count() == MOST_PER_PERSON
    answer = alice_in.post(LIST, GOOD)
    assert answer.status_code == 422 and "At most 20 webhooks fit." in answer.text


# --- Changing ---------------------------------------------------------------------------------------------------
def test_changed_it_is_told_something_else_elsewhere(alice_in, webhook):
    change = {"url": "https://new.example/", "events": ["post.published"], "description": "", "is_on": "on"}
    assert alice_in.post(page_of(webhook), change).status_code == 302
    webhook.refresh_from_db()
    assert (webhook.url, webhook.events, str(webhook)) == (change["url"], ["post.published"], change["url"])


def test_switched_off_and_on_again(alice_in, webhook, alice):
    alice_in.post(page_of(webhook), GOOD)
    webhook.refresh_from_db()
    assert webhook.off_reason == "person"
    assert "Nothing is sent to this address." in alice_in.get(page_of(webhook)).text
    Webhook.objects.update(off_reason="failing", failures=12, failing_since=clock.now())
    webhook.refresh_from_db()
    notices.tell_about_webhook(webhook, clock.now())
    assert "took nothing for three days" in alice_in.get(reverse("notification-list")).text
    alice_in.post(page_of(webhook), GOOD | {"is_on": "on"})
    webhook.refresh_from_db()
    assert webhook.is_on and webhook.failures == 0
    assert not Notification.objects.open().exists()


def test_a_new_secret_is_shown_once_and_the_old_one_signs_along(alice_in, webhook):
    old = webhook.secrets(clock.now())
    answer = alice_in.post(act(webhook, "secret"), follow=True)
    webhook.refresh_from_db()
    assert webhook.secrets(clock.now()) == [secret_on(answer), *old]
    assert webhook.secrets(clock.now() + timedelta(hours=25)) == [secret_on(answer)]
    assert "signs along until" in alice_in.get(page_of(webhook)).text


def test_deleted_its_log_and_notices_go_with_it(alice_in, webhook):
    events.send_test(webhook, clock.now())
    webhook.switch_off(Webhook.Off.GONE)
    notices.tell_about_webhook(webhook, clock.now())
    assert alice_in.post(act(webhook, "delete"))["Location"] == LIST
    assert not Webhook.objects.exists() and not Delivery.objects.exists()
    assert not Notification.objects.open().exists()


# --- The log ----------------------------------------------------------------------------------------------------
def test_a_test_event_is_put_in_line_and_shown(alice_in, webhook):
    answer = alice_in.post(act(webhook, "test"), follow=True)
    assert "A test event is on its way." in answer.text
    assert "Test event" in answer.text and "Waiting" in answer.text
    assert Delivery.objects.get().due_at


@pytest.fixture
def told(webhook, make_post):
    def told(**fields):
        events.hear_of_post(Event.FAILED, make_post(caption="<b>Pão</b>"), clock.now())
        row = Delivery.objects.latest("pk")
        Delivery.objects.filter(pk=row.pk).update(**fields)
        return row

    return told


def test_a_line_says_what_became_of_it(alice_in, webhook, told):
    gone = {"state": "given_up", "due_at": None, "attempts": 7, "duration_ms": 1234}
    told(**gone, answer_code=500, error="STATUS", answer="<script>alert(1)</script>")
    page = alice_in.get(page_of(webhook)).text
    for words in ("A post failed</strong>: &lt;b&gt;Pão", "It answered 500.", "7 tries", "Given up"):
        assert words in page
    assert "<script>alert" not in page and "<b>Pão" not in page


def test_a_line_that_waits_says_when_it_is_tried_next(alice_in, webhook, told):
    told(attempts=2, due_at=clock.now() + timedelta(minutes=5), error="ADDRESS_SLOW")
    page = alice_in.get(page_of(webhook)).text
    assert "longer than 15 seconds" in page and "next try" in page and "Send now" in page


def test_sent_again_it_is_due_at_once(alice_in, told, webhook):
    row = told(state="given_up", due_at=None, attempts=7)
    answer = alice_in.post(reverse("delivery-send-again", args=[row.pk]), follow=True)
    assert "On its way again." in answer.text
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0) and row.due_at <= clock.now()


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"claimed_by": "somebody"}, "being sent just now"), ({"webhook__off": "person"}, "Switch it on first")],
)
def test_it_is_not_sent_again_when_it_cannot_be(alice_in, told, webhook, fields, words):
    row = told(state="waiting", claimed_by=fields.get("claimed_by", ""))
    if "webhook__off" in fields:
        webhook.switch_off(Webhook.Off.PERSON)
    answer = alice_in.post(reverse("delivery-send-again", args=[row.pk]), follow=True)
    assert words in answer.text


def test_the_log_asks_for_itself_alone(alice_in, webhook, told):
    told()
    part = alice_in.get(page_of(webhook), headers={"HX-Request": "true"}).text
    assert part.strip().startswith('<section class="stack stack--tight" id="webhook-log"') and "<html" not in part
    assert 'data-poll-s="3"' in part  # something is about to be sent


def test_the_page_costs_the_same_for_one_and_twenty_lines(alice_in, webhook, told):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            alice_in.get(page_of(webhook))
        return len(asked)

    told()
    one = queries()
    for _ in range(19):
        told()
    assert queries() == one


def test_the_settings_lead_to_it(alice_in):
    assert f'href="{LIST}"' in alice_in.get(reverse("settings")).text
