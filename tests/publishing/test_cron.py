"""The cron endpoints: only for who knows the secret, exactly once however they overlap, and numbers only."""

import hmac
import json
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse

from scheduler.api import cron
from scheduler.lib import clock
from scheduler.lib.sealing import Sealed
from scheduler.models import InstagramAccount, ProcessorPass, ScheduledPost, Status
from scheduler.services import health, instagram_publish_service
from tests.publishing.conftest import connect
from tests.publishing.threads import on_disk, together  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
real = pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])

SECRET = "a-long-cron-secret"
PUBLISH, RETRY, STATS = (reverse(f"cron-{name}") for name in ("publish-scheduled", "retry-failed", "stats"))
WORKS = [PUBLISH, RETRY]


@pytest.fixture(autouse=True)
def secret(settings, monkeypatch):
    settings.CRON_SECRET = SECRET
    # Nobody waits in these tests for what may come two seconds later.
    monkeypatch.setattr(instagram_publish_service, "SIDE_WORK_DELAY", timedelta(0))


def knock(path=PUBLISH, told=f"Bearer {SECRET}", method="post", browser=None):
    """Call an endpoint as a cron host does: no cookie, no CSRF token, only the header."""
    headers = {} if told is None else {"Authorization": told}
    return getattr(browser or Browser(enforce_csrf_checks=True), method)(path, headers=headers)


def problem_of(answer):
    """Return the code of an error of the contract's shape."""
    assert answer["Content-Type"] == "application/json"
    assert set(answer.json()) == {"error"}
    told = answer.json()["error"]
    assert set(told) == {"code", "message", "fields"} and told["message"]
    return told["code"]


@pytest.fixture
def due(plan):
    """Put a post in line whose time has just come by the wall clock."""

    def due(**words):
        post = plan(**words)
        now = clock.now()
        ScheduledPost.objects.filter(pk=post.pk).update(next_attempt_at=now, wake_at=now, scheduled_for=now)
        return post

    ProcessorPass.note("cron", clock.now())
    return due


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


# --- Who may come in --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [PUBLISH, RETRY, STATS])
def test_without_a_secret_on_the_server_nobody_may(settings, path):
    settings.CRON_SECRET = ""
    for told in (f"Bearer {SECRET}", "Bearer ", None):
        answer = knock(path, told, "get" if path == STATS else "post")
        assert (answer.status_code, problem_of(answer)) == (503, "CRON_OFF")


STRANGERS = {
    "nothing": None,
    "no secret": "Bearer ",
    "only the scheme": "Bearer",
    "a wrong secret": "Bearer guess",
    "a part of it": f"Bearer {SECRET[:-1]}",
    "more than it": f"Bearer {SECRET}x",
    "another scheme": f"Token {SECRET}",
    "basic": "Basic YS1sb25nLWNyb24tc2VjcmV0",
    "the bare secret": SECRET,
    "beyond ASCII": "Bearer señha",
    "far beyond ASCII": "Bearer 秘密",
    "two at once": f"Bearer guess, Bearer {SECRET}",
}


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("path", [PUBLISH, RETRY, STATS])
def test_a_stranger_is_refused_before_anything_is_read(path, who, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = knock(path, STRANGERS[who], "get" if path == STATS else "post")
    assert (answer.status_code, problem_of(answer)) == (401, "UNAUTHORIZED")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_secret_in_the_address_or_the_body_opens_nothing():
    assert Browser().post(f"{PUBLISH}?secret={SECRET}&token={SECRET}").status_code == 401
    assert Browser().post(PUBLISH, {"secret": SECRET, "Authorization": f"Bearer {SECRET}"}).status_code == 401


def test_a_signed_in_person_is_not_let_in_by_a_session(client, alice):
    client.force_login(alice)
    assert knock(told=None, browser=client).status_code == 401


def test_a_secret_beyond_ascii_works_as_a_real_server_hands_it_over(settings):
    settings.CRON_SECRET = "señha-秘密"
    # WSGI gives the header's bytes one character each.
    assert knock(told="Bearer señha-秘密".encode().decode("latin-1")).status_code == 200
    assert knock(told="Bearer señha-秘蜜".encode().decode("latin-1")).status_code == 401


def test_secrets_are_compared_in_constant_time(monkeypatch):
    compared, same = [], hmac.compare_digest

    def compare(one, other):
        compared.append((one, other))
        return same(one, other)

    monkeypatch.setattr(cron.hmac, "compare_digest", compare)
    knock(told="Bearer guess")
    assert compared == [(b"Bearer guess", f"Bearer {SECRET}".encode())]


@pytest.mark.parametrize(
    ("path", "method"),
    [(PUBLISH, "get"), (PUBLISH, "head"), (PUBLISH, "put"), (RETRY, "get"), (RETRY, "delete"), (STATS, "post")],
)
def test_another_method_is_refused_in_the_same_shape(path, method):
    answer = knock(path, method=method)
    assert answer.status_code == 405
    assert answer["Allow"] == ("GET" if path == STATS else "POST")
    if method != "head":
        assert problem_of(answer) == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("method", ["get", "options", "head"])
def test_a_stranger_does_not_learn_the_method_either(method):
    assert knock(PUBLISH, None, method).status_code == 401


@pytest.mark.parametrize("path", WORKS)
def test_an_address_without_its_slash_publishes_nothing(path, due, instagram):
    due()
    assert knock(path.rstrip("/")).status_code in {301, 404}
    assert not instagram.published()


def test_no_cookie_comes_back():
    assert not knock().cookies


# --- What it does -----------------------------------------------------------------------------------------------
def test_cron_alone_publishes(due, instagram):
    post = due()
    answer = knock()
    assert (answer.status_code, fresh(post).status, len(instagram.published())) == (200, Status.PUBLISHED, 1)
    assert answer.json() == {"outcomes": {"published": 1, "done": 1}, "held": 0, "left_over": 0}


def test_nothing_due_is_a_good_answer(db):
    assert knock().json() == {"outcomes": {}, "held": 0, "left_over": 0}


def test_a_call_counts_as_a_look(db):
    knock()
    assert ProcessorPass.objects.get().kind == "cron"
    assert health.readiness(clock.now()).mode == "cron"


def test_two_calls_in_a_row_publish_once(due, instagram):
    due()
    knock()
    knock()
    assert len(instagram.publish_calls()) == 1


@real
def test_calls_that_overlap_publish_once(on_disk, due, instagram):  # noqa: F811
    posts = [due(), due()]
    answers = together(*[knock] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {fresh(post).status for post in posts} == {Status.PUBLISHED}
    assert len(instagram.publish_calls()) == len(instagram.published()) == 2


@real
def test_a_cron_call_and_a_click_at_one_instant_publish_once(on_disk, due, instagram, alice):  # noqa: F811
    post, browser = due(), Browser()
    browser.force_login(alice)
    click = reverse("post-publish-now", args=[post.pk])
    together(knock, lambda: browser.post(click), knock)
    assert (fresh(post).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


def test_what_was_missed_is_held_and_counted(plan, instagram):
    post, long_ago = plan(), clock.now() - timedelta(hours=2)
    ScheduledPost.objects.filter(pk=post.pk).update(next_attempt_at=long_ago, wake_at=long_ago)
    assert knock().json()["held"] == 1
    assert fresh(post).hold_reason == "missed" and not instagram.published()


def test_a_retry_takes_transient_failures_and_publishes_them(due, instagram):
    post = due()
    ScheduledPost.objects.filter(pk=post.pk).update(
        status="failed", last_error="INSTAGRAM_DOWN", failed_at=clock.now(), wake_at=None
    )
    answer = knock(RETRY)
    assert answer.json() == {"outcomes": {"published": 1, "done": 1}, "held": 0, "left_over": 0, "retried": 1}
    assert len(instagram.published()) == 1


def test_a_retry_leaves_an_unclear_publish_alone(due, instagram):
    post = due()
    doubt = {"status": "publishing", "container_id": "1", "publish_intent_at": clock.now()}
    later = {"unconfirmed_at": clock.now(), "wake_at": clock.now() + timedelta(hours=1)}
    ScheduledPost.objects.filter(pk=post.pk).update(**doubt | later)
    assert knock(RETRY).json()["retried"] == 0
    assert fresh(post).status == Status.PUBLISHING and not instagram.calls("create")


@pytest.mark.parametrize("path", WORKS)
def test_a_lost_key_is_said_with_its_cure(path, due):
    due()
    InstagramAccount.objects.update(access_token=Sealed("gAAAA-not-ours"))
    answer = knock(path)
    assert (answer.status_code, problem_of(answer)) == (503, "KEY_PROBLEM")
    assert "FERNET_KEY" in answer.json()["error"]["message"]
    assert "gAAAA" not in answer.text


def test_a_lost_key_of_one_account_does_not_stop_the_others(due, instagram, alice, time):
    lume = connect(instagram, alice, time, "estudio.lume")
    due(), due(whose=lume)
    InstagramAccount.objects.exclude(pk=lume.pk).update(access_token=Sealed("gAAAA-not-ours"))
    assert knock().status_code == 503
    assert len(instagram.published()) == 1


# --- Numbers only -----------------------------------------------------------------------------------------------
def test_stats_say_how_the_line_stands(due, plan, time):
    due(), plan(ahead=timedelta(days=1))
    failed = plan()
    ScheduledPost.objects.filter(pk=failed.pk).update(status="failed", failed_at=clock.now(), wake_at=None)
    told = knock(STATS, method="get").json()
    assert (told["due"], told["scheduled"], told["failed_24h"], told["published_24h"]) == (1, 2, 1, 0)
    assert told["last_pass"]["kind"] == "cron"


def test_stats_before_the_first_look(db):
    assert knock(STATS, method="get").json()["last_pass"] is None


def test_stats_publish_nothing(due, instagram):
    due()
    knock(STATS, method="get")
    assert not instagram.calls()


@pytest.mark.parametrize("path", [PUBLISH, RETRY, STATS])
def test_no_answer_holds_words_or_secrets(due, path, account):
    due(caption="A secret sale")
    answer = knock(path, method="get" if path == STATS else "post")
    for secret in ("secret sale", account.instagram_username, account.token(), "alice", SECRET):
        assert secret not in answer.text


def test_stats_hold_numbers_and_times_only(due):
    due()

    def leaves(value):
        return [leaf for item in value.values() for leaf in leaves(item)] if isinstance(value, dict) else [value]

    told = json.loads(knock(STATS, method="get").text)
    words = [leaf for leaf in leaves(told) if isinstance(leaf, str) and not leaf.startswith("20")]
    assert set(words) <= {"cron", "cluster"}


def test_stats_cost_the_same_for_1_and_20_posts(due, django_assert_max_num_queries):
    due()
    with django_assert_max_num_queries(9) as few:
        knock(STATS, method="get")
    for _ in range(20):
        due()
    with django_assert_max_num_queries(len(few)):
        knock(STATS, method="get")
