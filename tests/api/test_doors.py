"""Who may come in, how often, and the one shape of every refusal."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from scheduler.forms import csv_import
from scheduler.forms.csv_rows import Choices
from scheduler.models import (
    CsvImport,
    Delivery,
    InstagramAccount,
    MediaAsset,
    PostMedia,
    ScheduledPost,
    Upload,
    Webhook,
)
from scheduler.models.webhook import Event
from scheduler.services import events, uploads
from tests.api.conftest import BASE, Program, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def named(alice, make_post, noon):
    """Return what is Alice's by the words of the addresses."""
    post = make_post()
    webhook = Webhook(user=alice, url="https://shop.example/", events=Event.values, created_at=noon)
    webhook.renew_secret(noon)
    brought = CsvImport(user=alice, name="plan.csv", content=b"caption\nBread\n", at=noon)
    csv_import.look(brought, Choices(["caption"]), noon)
    return {
        "post": post.pk,
        "account": post.instagram_account_id,
        "media": post.media.first().asset_id,
        "upload": uploads.begin(alice, "loaf.jpg", 10, noon).key,
        "webhook": webhook.pk,
        "delivery": events.send_test(webhook, noon).pk,
        "import": brought.pk,
    }


READ, WRITE, PUBLISH = "read", "write", "publish"
ENDPOINTS = [
    ("get", "instagram/accounts/", READ),
    ("get", "instagram/accounts/{account}/", READ),
    ("post", "instagram/accounts/{account}/disconnect/", WRITE),
    ("get", "scheduled-posts/", READ),
    ("get", "scheduled-posts/{post}/", READ),
    ("post", "scheduled-posts/", WRITE),
    ("patch", "scheduled-posts/{post}/", WRITE),
    ("delete", "scheduled-posts/{post}/", WRITE),
    ("post", "scheduled-posts/{post}/cancel/", WRITE),
    ("post", "scheduled-posts/{post}/publish-now/", PUBLISH),
    ("post", "scheduled-posts/{post}/retry/", PUBLISH),
    ("get", "scheduled-posts/{post}/logs/", READ),
    ("get", "scheduled-posts/calendar/", READ),
    ("get", "scheduled-posts/stats/", READ),
    ("get", "scheduled-posts/export/", READ),
    ("post", "scheduled-posts/imports/", WRITE),
    ("get", "scheduled-posts/imports/{import}/", READ),
    ("patch", "scheduled-posts/imports/{import}/", WRITE),
    ("get", "scheduled-posts/imports/{import}/rows/", READ),
    ("post", "scheduled-posts/imports/{import}/save/", WRITE),
    ("get", "media/", READ),
    ("post", "media/", WRITE),
    ("get", "media/{media}/", READ),
    ("delete", "media/{media}/", WRITE),
    ("post", "media/{media}/restore/", WRITE),
    ("post", "media/uploads/", WRITE),
    ("get", "media/uploads/{upload}/", READ),
    ("patch", "media/uploads/{upload}/", WRITE),
    ("delete", "media/uploads/{upload}/", WRITE),
    ("get", "webhooks/", READ),
    ("post", "webhooks/", WRITE),
    ("get", "webhooks/{webhook}/", READ),
    ("patch", "webhooks/{webhook}/", WRITE),
    ("delete", "webhooks/{webhook}/", WRITE),
    ("post", "webhooks/{webhook}/secret/", WRITE),
    ("post", "webhooks/{webhook}/test/", WRITE),
    ("get", "webhooks/{webhook}/deliveries/", READ),
    ("get", "webhooks/{webhook}/deliveries/{delivery}/", READ),
    ("post", "webhooks/{webhook}/deliveries/{delivery}/send-again/", WRITE),
]
# Opened by another secret: publishing/test_cron.py.
CRON = {
    (method, f"{BASE}cron/{name}/")
    for method, name in [("get", "stats"), ("post", "publish-scheduled"), ("post", "retry-failed")]
}
EVERYWHERE = pytest.mark.parametrize(("method", "path", "scope"), ENDPOINTS)


def everything():
    """Return all rows of all that an address names."""
    models = (ScheduledPost, PostMedia, InstagramAccount, MediaAsset, Upload, Webhook, Delivery, CsvImport)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_no_address_is_forgotten_here():
    described = SchemaGenerator().get_schema(public=True)["paths"]
    known = {(method, re.sub(r"{\w+}", "{}", path)) for path, methods in described.items() for method in methods}
    here = {(method, BASE + re.sub(r"{\w+}", "{}", path)) for method, path, _scope in ENDPOINTS}
    assert known - CRON == here


@EVERYWHERE
def test_who_shows_nothing_is_refused(named, method, path, scope):
    answer = Program().ask(method, path.format(**named))
    assert problem_of(answer, 401) == "UNAUTHORIZED" and answer["WWW-Authenticate"] == "Bearer"


@EVERYWHERE
def test_a_stranger_finds_nothing_of_alices(named, program, charlie, method, path, scope):
    if "{" not in path:
        pytest.skip("names no object")
    before = everything()
    answer = program(owner=charlie).ask(method, path.format(**named), upload_offset="0")
    assert problem_of(answer, 404) == "NOT_FOUND"
    assert everything() == before


@EVERYWHERE
def test_a_token_needs_the_scope(named, program, method, path, scope):
    others = {READ, WRITE, PUBLISH} - {scope}
    assert problem_of(program(*others).ask(method, path.format(**named)), 403) == "SCOPE_MISSING"
    assert program(scope).ask(method, path.format(**named)).status_code not in {401, 403, 404, 405}


@EVERYWHERE
def test_another_method_is_refused(named, api, method, path, scope):
    answer = api.ask("put", path.format(**named))
    assert problem_of(answer, 405) == "METHOD_NOT_ALLOWED" and method.upper() in answer["Allow"]


def test_a_session_opens_what_its_person_may_see(client, alice, named):
    client.force_login(alice)
    assert client.get(f"{BASE}scheduled-posts/").json()["count"] == 1


def test_a_session_changes_nothing_without_the_csrf_token(alice, named):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert problem_of(browser.post(f"{BASE}instagram/accounts/{named['account']}/disconnect/"), 403) == "FORBIDDEN"
    assert InstagramAccount.objects.get().status == "connected"


@pytest.mark.parametrize("path", ["/api/", "/api/v2/", "/api/v1/social/nothing/", "/api/v1/social/scheduled-posts"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_told_in_json(db, path, method):
    assert problem_of(Program().ask(method, path), 404) == "NOT_FOUND"


def test_an_id_that_is_none_is_not_found(api):
    assert problem_of(api.ask("get", f"scheduled-posts/{10**40}/"), 404) == "NOT_FOUND"


def test_no_cookie_comes_back(api):
    assert not api.ask("get", "scheduled-posts/").cookies


def test_nobody_keeps_an_answer(api):
    assert api.ask("get", "scheduled-posts/")["Cache-Control"] == "private, no-store"


def test_whatever_is_asked_for_json_comes(api):
    assert api.ask("get", "scheduled-posts/", accept="text/html")["Content-Type"] == "application/json"


# --- How often ----------------------------------------------------------------------------------------------
def test_who_asks_too_often_waits(api, program, settings, today):
    settings.API_RATE = "2/min"
    asked = [api.ask("get", "scheduled-posts/") for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert problem_of(asked[-1], 429) == "TOO_MANY_REQUESTS" and asked[-1]["Retry-After"] == "60"
    assert program().ask("get", "scheduled-posts/").status_code == 200  # each token has its own count
    today.shift(60)
    assert api.ask("get", "scheduled-posts/").status_code == 200


def test_all_tokens_of_a_person_together_have_a_limit_too(program, charlie, settings, today):
    settings.API_RATE = "2/min"
    asked = [program().ask("get", "scheduled-posts/").status_code for _ in range(21)]
    assert asked == [200] * 20 + [429]
    assert program(owner=charlie).ask("get", "scheduled-posts/").status_code == 200


@pytest.mark.parametrize("secret", [None, "pauta_guess"])
def test_who_is_not_known_waits_sooner(db, settings, today, secret):
    settings.API_ANON_RATE = "2/min"
    answers = [Program(secret).ask("get", "scheduled-posts/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert "Retry-After" in answers[-1]


# --- Words and zone -----------------------------------------------------------------------------------------
def test_refusals_are_in_the_language_that_is_asked_for(api):
    told = api.ask("get", "scheduled-posts/999/", accept_language="pt-BR").json()["error"]["message"]
    assert told == "Não há nada aqui que você possa ver."


def test_else_in_the_persons(api, alice):
    alice.language = "pt-br"
    alice.save()
    assert "Não há nada" in api.ask("get", "scheduled-posts/999/").json()["error"]["message"]


def test_a_persons_zone_is_not_left_to_the_next_request(api):
    before = timezone.get_current_timezone_name()
    api.ask("get", "scheduled-posts/")
    assert timezone.get_current_timezone_name() == before


# --- Bodies -------------------------------------------------------------------------------------------------
def test_a_large_body_is_refused_before_it_is_read(db):
    answer = Client().post(f"{BASE}scheduled-posts/", "x" * 1_000_001, content_type="application/json")
    assert problem_of(answer, 413) == "TOO_LARGE"


def test_a_mistake_of_ours_is_told_in_json(api, monkeypatch):
    monkeypatch.setattr("scheduler.api.posts.paged", lambda *_: 1 / 0)
    api.raise_request_exception = False
    assert problem_of(api.ask("get", "scheduled-posts/"), 500) == "SERVER_ERROR"
