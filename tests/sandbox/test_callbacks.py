"""What Meta sends by itself: signed requests, webhook verification, events and their retries."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from scheduler.sandbox import callbacks, fetching
from scheduler.sandbox.models import Delivery
from tests.sandbox.world import refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


class App(requests.adapters.BaseAdapter):
    """The app's receiving pages: `answer` takes a request and gives (status, body); `passed` lists what came."""

    def __init__(self):
        super().__init__()
        self.passed, self.answer = [], lambda request: (200, "")

    def send(self, request, **options):
        self.passed.append(request)
        told = self.answer(request)
        if isinstance(told, Exception):
            raise told
        response = requests.Response()
        response.status_code, text = told
        response.raw = _Raw(text.encode())
        return response

    def close(self):
        """Nothing is kept open."""


class _Raw:
    def __init__(self, data):
        self.data = data

    def read(self, *_size, **_how):
        return self.data

    def release_conn(self):
        """Nothing is kept open."""

    close = release_conn


@pytest.fixture
def app(sandbox, monkeypatch):
    app, session = App(), requests.Session()
    session.mount("http://", app)
    monkeypatch.setattr(fetching, "fetching_session", lambda: session)
    return app


def opened(signed, secret):
    """Verify a signed_request as Meta documents it; return its payload."""
    signature, _, payload = signed.partition(".")
    expected = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)) == expected
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def sent_signed(request):
    return parse_qs(request.body if isinstance(request.body, str) else request.body.decode())["signed_request"][0]


def test_a_signed_request_verifies_as_documented(sandbox):
    told = opened(callbacks.signed_request("26000000000000001", "hush", sandbox.now()), "hush")
    assert (told["algorithm"], told["user_id"]) == ("HMAC-SHA256", "26000000000000001")
    assert told["expires"] > told["issued_at"]


def test_who_removes_the_app_on_instagram_is_told_and_loses_every_token(sandbox, app, settings, bakery, token):
    callbacks.remove_app(bakery)
    told = opened(sent_signed(app.passed[0]), settings.INSTAGRAM_APP_SECRET)
    assert (told["user_id"], app.passed[0].url) == (bakery.app_scoped_id, "http://testserver/meta/deauthorize/")
    assert refusal(sandbox.call("GET", "me", token)) == (190, 458)


def test_who_removes_the_app_on_facebook_is_told_by_the_other_secret(sandbox, app, settings, page_token):
    marina = sandbox.person()
    callbacks.remove_app(marina)
    assert opened(sent_signed(app.passed[0]), settings.FACEBOOK_APP_SECRET)["user_id"] == marina.graph_id
    assert refusal(sandbox.facebook("GET", "me", page_token)) == (190, 458)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ((200, '{"url": "https://app.example/deletion/7f3a", "confirmation_code": "7f3a"}'), True),
        ((200, '{"url": "https://app.example/deletion/7f3a", "confirmation_code": "7-3a"}'), False),
        ((200, '{"url": "https://app.example/deletion/7f3a"}'), False),
        ((200, "OK"), False),
        ((404, ""), False),
    ],
)
def test_a_deletion_is_answered_with_a_page_and_a_code(sandbox, app, bakery, answer, is_right):
    app.answer = lambda request: answer
    assert callbacks.ask_for_deletion(bakery).is_right is is_right


def test_a_webhook_is_verified_by_its_bare_challenge(sandbox, app):
    def answer(request):
        query = parse_qs(urlsplit(request.url).query)
        is_ours = query["hub.verify_token"] == ["sandbox-verify-token"] and query["hub.mode"] == ["subscribe"]
        return 200, query["hub.challenge"][0] if is_ours else ""

    app.answer = answer
    assert callbacks.verify_webhook().is_right is True


@pytest.mark.parametrize("answer", [(200, "1"), (200, ""), (403, ""), (404, "x")])
def test_any_other_answer_does_not_verify_a_webhook(sandbox, app, answer):
    app.answer = lambda request: answer
    assert callbacks.verify_webhook().is_right is False


@pytest.fixture
def photo(sandbox, bakery, token):
    sandbox.publish(bakery, token, sandbox.ready(bakery, token))
    return sandbox.published()[0]


def test_an_event_is_signed_over_its_raw_bytes(sandbox, photo, app, settings):
    callbacks.comment_event(photo, "Pão ótimo")
    request = app.passed[0]
    expected = hmac.new(settings.INSTAGRAM_APP_SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    entry = json.loads(request.body)["entry"][0]
    assert (entry["id"], entry["changes"][0]["value"]["text"]) == (photo.profile.user_id, "Pão ótimo")


def test_an_event_that_fails_is_sent_again_less_and_less_often_for_36_hours(sandbox, photo, app):
    app.answer = lambda request: (500, "")
    event = callbacks.comment_event(photo)
    for _hour in range(40):
        while callbacks.deliver_due():
            pass
        sandbox.advance(timedelta(hours=1))
    event.refresh_from_db()
    assert (event.next_at, event.is_right) == (None, False)
    assert 6 <= event.attempts <= 12


def test_an_event_that_arrived_is_not_sent_again(sandbox, photo, app):
    app.answer = lambda request: requests.ConnectionError("down")
    event = callbacks.comment_event(photo)
    assert event.status is None
    app.answer = lambda request: (200, "")
    assert (callbacks.deliver_due(), callbacks.deliver_due()) == (1, 0)
    assert app.passed[0].body == app.passed[1].body


def test_what_the_product_does_not_receive_yet_is_shown_as_it_is(sandbox, client, settings, bakery):
    settings.DEBUG = True
    app = App()
    app.answer = lambda request: (404, "")
    sandbox.session.mount("http://testserver/meta/", app)
    client.post("/sandbox/control/people/padaria.aurora/", {"do": "delete-data"})
    assert Delivery.objects.get().status == 404
    assert "404, not what Meta expects" in client.get("/sandbox/control/").content.decode()


@pytest.mark.parametrize("family", ["graph.instagram.com", "graph.facebook.com"])
def test_an_app_subscribes_to_an_accounts_events(sandbox, bakery, family, request):
    token = request.getfixturevalue("token" if family == "graph.instagram.com" else "page_token")
    path, params = f"{bakery.user_id}/subscribed_apps", {"subscribed_fields": "comments,live_comments"}
    assert sandbox.call("POST", path, token, params=params).json() == {"success": True}
    (app,) = sandbox.call("GET", path, token).json()["data"]
    assert app["subscribed_fields"] == ["comments", "live_comments"]
    assert sandbox.call("DELETE", path, token).json() == {"success": True}
    assert sandbox.call("GET", path, token).json() == {"data": []}


def test_story_insights_are_told_on_facebook_only(sandbox, bakery, token, page_token):
    path, params = f"{bakery.user_id}/subscribed_apps", {"subscribed_fields": "story_insights"}
    assert refusal(sandbox.call("POST", path, token, params=params)) == (100, None)
    assert sandbox.call("POST", path, page_token, params=params).status_code == 200
