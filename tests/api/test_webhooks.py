"""Webhooks as a program makes, changes, tries and looks at them: by the rules and words of their pages."""

from datetime import timedelta

import pytest

from scheduler.lib import clock
from scheduler.models import ApiAnswer, Delivery, Webhook
from scheduler.models.webhook import MOST_PER_PERSON, Event
from scheduler.services import events
from tests.api.conftest import problem_of

pytestmark = pytest.mark.django_db
HOOKS = "webhooks/"
GOOD = {"url": "https://shop.example/pauta", "description": "The shop", "events": ["post.failed", "post.held"]}


@pytest.fixture
def hook(api):
    """The words of a webhook of Alice's, as its making answered."""
    return api.ask("post", HOOKS, GOOD).json()


@pytest.fixture
def log(hook):
    """Let one event have been given up."""
    delivery = events.send_test(Webhook.objects.get(), clock.now())
    Delivery.objects.filter(pk=delivery.pk).update(
        state="given_up", due_at=None, error="STATUS", answer_code=500, attempts=7, ended_at=clock.now()
    )
    return f"{HOOKS}{hook['id']}/deliveries/"


def test_its_secret_is_told_once(api):
    made = api.ask("post", HOOKS, GOOD)
    webhook = Webhook.objects.get()
    assert made.status_code == 201 and made.json()["secret"] == webhook.secrets(clock.now())[0]
    assert {name: made.json()[name] for name in GOOD} == GOOD and made.json()["is_on"]
    for path in (HOOKS, f"{HOOKS}{webhook.pk}/"):
        told = api.ask("get", path)
        assert told.status_code == 200 and "whsec_" not in told.text and "secret" not in told.text


@pytest.mark.parametrize("path", ["", "{}/secret/"])
def test_what_is_kept_for_a_key_holds_no_secret(api, hook, path):
    path = HOOKS + path.format(hook["id"])
    first, second = (api.ask("post", path, GOOD, idempotency_key="a") for _ in range(2))
    assert first.json()["secret"].startswith("whsec_")
    assert second.json() == first.json() | {"secret": None} and second["Idempotency-Replayed"] == "true"
    assert "whsec_" not in str(ApiAnswer.objects.values())
    assert Webhook.objects.count() == (1 if "secret" in path else 2)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"url": "http://shop.example/"}, "url", "ADDRESS_NOT_SECURE"),
        ({"url": "https://127.0.0.1/"}, "url", "ADDRESS_PRIVATE"),
        ({"url": "shop"}, "url", "ADDRESS_UNUSABLE"),
        ({"url": ""}, "url", "BLANK"),
        ({"events": []}, "events", "EMPTY"),
        ({"events": ["post.liked"]}, "events.0", "INVALID_CHOICE"),
        ({"description": "x" * 121}, "description", "MAX_LENGTH"),
        ({"secret": "whsec_mine"}, "secret", "INVALID"),
    ],
)
def test_what_is_wrong_is_named(api, changed, field, code):
    answer = api.ask("post", HOOKS, GOOD | changed)
    assert problem_of(answer, 400) == "VALIDATION_FAILED"
    told = answer.json()["error"]["fields"]
    assert field in told and (code == "INVALID" or told[field][0]["code"] == code)
    assert not Webhook.objects.exists()


def test_one_more_than_fit_is_refused(api, alice):
    for _ in range(MOST_PER_PERSON):
        api.ask("post", HOOKS, GOOD)
    answer = api.ask("post", HOOKS, GOOD)
    assert problem_of(answer, 400) == "VALIDATION_FAILED"
    assert answer.json()["error"]["fields"]["non_field_errors"][0]["code"] == "TOO_MANY"


def test_an_event_named_twice_is_told_once(api):
    made = api.ask("post", HOOKS, GOOD | {"events": ["post.failed", "post.failed"]})
    assert made.json()["events"] == ["post.failed"]


def test_what_is_left_out_stays(api, hook):
    told = api.ask("patch", f"{HOOKS}{hook['id']}/", {"events": Event.values}).json()
    assert told["events"] == Event.values and (told["url"], told["is_on"]) == (GOOD["url"], True)


def test_it_is_switched_off_and_on(api, hook):
    path = f"{HOOKS}{hook['id']}/"
    off = api.ask("patch", path, {"is_on": False}).json()
    assert (off["is_on"], off["off_reason"]) == (False, "person")
    on = api.ask("patch", path, off | {"is_on": True})  # what was read can be sent back
    assert (on.status_code, on.json()["is_on"], on.json()["off_reason"]) == (200, True, "")


def test_a_change_to_a_private_address_is_refused(api, hook):
    answer = api.ask("patch", f"{HOOKS}{hook['id']}/", {"url": "https://10.0.0.1/"})
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and Webhook.objects.get().url == GOOD["url"]


def test_after_a_new_secret_the_old_one_signs_along(api, hook):
    told = api.ask("post", f"{HOOKS}{hook['id']}/secret/").json()
    assert Webhook.objects.get().secrets(clock.now()) == [told["secret"], hook["secret"]]
    assert told["previous_until"]


def test_a_test_event_waits_in_the_log(api, hook):
    told = api.ask("post", f"{HOOKS}{hook['id']}/test/")
    assert told.status_code == 201 and told.json()["body"]["type"] == "webhook.test"
    path = f"{HOOKS}{hook['id']}/deliveries/"
    assert api.ask("get", path).json()["results"] == [told.json()]
    assert api.ask("get", f"{path}{told.json()['id']}/").json() == told.json()


def test_what_was_given_up_says_why_and_is_sent_again(api, log):
    (line,) = api.ask("get", log).json()["results"]
    assert (line["state"], line["error"], line["error_message"]) == ("given_up", "STATUS", "It answered 500.")
    again = api.ask("post", f"{log}{line['id']}/send-again/").json()
    assert (again["state"], again["attempts"], again["event_id"]) == ("waiting", 0, line["event_id"])


def test_what_cannot_be_sent_again_says_why(api, log, hook):
    path = f"{log}{Delivery.objects.get().pk}/send-again/"
    Delivery.objects.update(claimed_by="a worker", state="waiting", due_at=clock.now() + timedelta(minutes=2))
    assert problem_of(api.ask("post", path), 409) == "DELIVERY_BUSY"
    api.ask("patch", f"{HOOKS}{hook['id']}/", {"is_on": False})
    assert problem_of(api.ask("post", path), 409) == "WEBHOOK_OFF"


def test_a_deleted_one_takes_its_log_along(api, log, hook):
    assert api.ask("delete", f"{HOOKS}{hook['id']}/").status_code == 204
    assert not Webhook.objects.exists() and not Delivery.objects.exists()


def test_a_line_of_another_webhook_is_none_of_this_one(api, log, hook):
    other = api.ask("post", HOOKS, GOOD).json()["id"]
    line = Delivery.objects.get().pk
    assert problem_of(api.ask("get", f"{HOOKS}{other}/deliveries/{line}/"), 404) == "NOT_FOUND"
