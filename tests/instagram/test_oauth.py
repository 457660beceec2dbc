"""Instagram Login from the consent page's address to a renewed token; no secret shows anywhere."""

import json
import logging
import pprint
import traceback
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from scheduler.instagram.errors import Decision, InstagramError, Step
from scheduler.instagram.oauth import SCOPES, InstagramLogin, LongToken, ShortToken, missing_permissions
from scheduler.lib.redaction import SecretsFilter
from tests.instagram.scripted import SENTINEL, VERSION, graph_error, raw_server, say

SECRET = "sentinel-app-secret-91c2"
CALLBACK = "https://pauta.example/accounts/callback/instagram/"
GRANTED = ["instagram_business_basic", "instagram_business_content_publish"]


def login_at(address, **more):
    return InstagramLogin(
        app_id="990000000000001",
        app_secret=SECRET,
        www_url=f"{address}/www",
        api_url=f"{address}/api",
        graph_url=f"{address}/graph/",
        version=VERSION,
        **more,
    )


@pytest.fixture
def login(wire):
    return login_at("http://instagram.test", session=wire.session)


# --- The consent page ----------------------------------------------------------------------------------------
def test_the_consent_page_is_told_who_asks_for_what_and_where_to_come_back(login):
    address = urlsplit(login.authorize_url(redirect_uri=CALLBACK, state="s3cr3t"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == "http://instagram.test/www/oauth/authorize"
    assert parse_qs(address.query) == {
        "client_id": ["990000000000001"],
        "redirect_uri": [CALLBACK],
        "response_type": ["code"],
        "scope": [",".join(SCOPES)],
        "state": ["s3cr3t"],
    }


def test_a_new_sign_in_can_be_forced(login):
    assert "force_reauth=true" in login.authorize_url(redirect_uri=CALLBACK, state="x", force_reauth=True)


def test_the_secret_stands_in_no_address_of_the_browser(login):
    assert SECRET not in login.authorize_url(redirect_uri=CALLBACK, state="x")


# --- Code to short-lived token -------------------------------------------------------------------------------
FLAT = {"access_token": SENTINEL, "user_id": 26000000000000001, "permissions": GRANTED}
WRAPPED = {"data": [{"access_token": SENTINEL, "user_id": "26000000000000001", "permissions": ",".join(GRANTED)}]}


@pytest.mark.parametrize("answer", [FLAT, WRAPPED], ids=["flat", "wrapped"])
def test_both_shapes_of_a_short_token_are_understood(wire, login, answer):
    wire.will_answer(answer)
    short = login.exchange_code("AQDcode", CALLBACK)
    assert (short.token, short.app_scoped_id, short.permissions) == (
        SENTINEL,
        "26000000000000001",
        frozenset(GRANTED),
    )


@pytest.mark.parametrize(
    ("told", "granted"),
    [
        (None, None),
        (7, None),
        ("", frozenset()),
        ([], frozenset()),
        ("a b", frozenset("ab")),
        ("a, b", frozenset("ab")),
        (["a", 7, None], frozenset("a")),
    ],
)
def test_permissions_may_come_in_any_form_or_not_at_all(wire, login, told, granted):
    wire.will_answer({"access_token": SENTINEL, "permissions": told})
    assert login.exchange_code("AQDcode", CALLBACK).permissions == granted


def test_the_code_travels_as_a_multipart_form(wire, login):
    wire.will_answer(FLAT)
    login.exchange_code("AQDcode", CALLBACK)
    asked = wire.asked[0]
    assert (asked.method, asked.url) == ("POST", "http://instagram.test/api/oauth/access_token")
    assert asked.headers["Content-Type"].startswith("multipart/form-data")
    for part in (b"AQDcode", b"authorization_code", CALLBACK.encode(), SECRET.encode(), b"990000000000001"):
        assert part in asked.body


@pytest.mark.parametrize("tail", ["#_", "%23_", ""])
def test_the_tail_that_instagram_puts_behind_a_code_is_taken_off(wire, login, tail):
    wire.will_answer(FLAT)
    login.exchange_code(f"AQDcode{tail}", CALLBACK)
    assert b"AQDcode\r\n" in wire.asked[0].body


def test_a_code_used_twice_asks_for_a_new_sign_in(wire, login):
    told = {
        "error_type": "OAuthException",
        "code": 400,
        "error_message": "Matching code was not found or was already used",
    }
    wire.will_answer(told, status=400)
    with pytest.raises(InstagramError) as caught:
        login.exchange_code("AQDcode", CALLBACK)
    assert (caught.value.step, caught.value.decision) == (Step.OAUTH, Decision.RECONNECT)


# --- Long-lived token ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ({"access_token": "long", "token_type": "bearer", "expires_in": 5183871}, 5183871),
        ({"data": [{"access_token": "long", "expires_in": "5183871"}]}, 5183871),
        ({"access_token": "long"}, 5184000),
        ({"access_token": "long", "expires_in": -5}, 5184000),
        ({"access_token": "long", "expires_in": True}, 5184000),
        ({"access_token": "long", "expires_in": 10**30}, 5184000),
    ],
)
def test_a_long_token_comes_with_its_end(wire, login, answer, seconds):
    wire.will_answer(answer)
    assert login.refresh(SENTINEL) == LongToken("long", seconds)


def test_a_short_token_is_exchanged_at_the_unversioned_address(wire, login):
    wire.will_answer({"access_token": "long"})
    login.exchange_for_long_lived(SENTINEL)
    address = urlsplit(wire.asked[0].url)
    assert (wire.asked[0].method, address.path) == ("GET", "/graph/access_token")
    assert parse_qs(address.query) == {
        "grant_type": ["ig_exchange_token"],
        "client_secret": [SECRET],
        "access_token": [SENTINEL],
    }


def test_a_refresh_needs_no_secret(wire, login):
    wire.will_answer({"access_token": "long"})
    login.refresh(SENTINEL)
    address = urlsplit(wire.asked[0].url)
    assert address.path == "/graph/refresh_access_token"
    assert parse_qs(address.query) == {"grant_type": ["ig_refresh_token"], "access_token": [SENTINEL]}


def test_permissions_are_taken_back_with_the_token_in_the_header(wire, login):
    wire.will_answer({"success": True})
    assert login.revoke(SENTINEL) is None
    asked = wire.asked[0]
    assert (asked.method, asked.url) == ("DELETE", f"http://instagram.test/graph/{VERSION}/me/permissions")
    assert asked.headers["Authorization"] == f"Bearer {SENTINEL}"


CALLS = [
    lambda login: login.exchange_code(SENTINEL, CALLBACK),
    lambda login: login.exchange_for_long_lived(SENTINEL),
    lambda login: login.refresh(SENTINEL),
]


@pytest.mark.parametrize(
    "answer", [{}, {"data": []}, {"access_token": ""}, {"access_token": 7}, {"data": [7]}, [], "x"]
)
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_without_a_token_is_an_error(wire, login, call, answer):
    wire.will_answer(answer)
    with pytest.raises(InstagramError) as caught:
        call(login)
    assert (caught.value.name, caught.value.http_status) == ("INSTAGRAM_DOWN", 200)


def test_a_wrong_app_secret_is_the_operators(wire, login):
    wire.will_answer(graph_error(1, message="Error validating client secret."), status=400)
    with pytest.raises(InstagramError) as caught:
        login.exchange_for_long_lived(SENTINEL)
    assert caught.value.decision == Decision.OPS


# --- Secrets -------------------------------------------------------------------------------------------------
ECHOES = [
    (200, json.dumps(FLAT).encode()),
    (200, json.dumps(WRAPPED).encode()),
    (200, f'{{"access_token": "{SENTINEL}'.encode()),
    (400, json.dumps(graph_error(190, message=f"Bad {SENTINEL} {SECRET}")).encode()),
    (500, f"<p>{SENTINEL} {SECRET}</p>".encode()),
    (200, json.dumps({"data": [{"token": SENTINEL, "seen": SECRET}]}).encode()),
]


@pytest.mark.parametrize(("status", "body"), ECHOES)
@pytest.mark.parametrize("call", [*CALLS, lambda login: login.revoke(SENTINEL)])
def test_no_secret_shows_whatever_instagram_answers(wire, login, call, status, body):
    wire.will_answer(body, status=status)
    shown = []
    try:
        shown.append(call(login))
    except InstagramError as error:
        shown += [str(error), repr(error), error.message, error.body, traceback.format_exc()]
    shown += [login, login.last_exchange]
    assert SENTINEL not in repr(shown)
    assert SECRET not in repr(shown)


@pytest.mark.parametrize("call", CALLS)
def test_no_secret_shows_when_nothing_is_answered(wire, login, call):
    wire.will_raise(requests.ConnectionError(f"/access_token?client_secret={SECRET}&access_token={SENTINEL}"))
    with pytest.raises(InstagramError) as caught:
        call(login)
    error = caught.value
    assert error.__cause__ is None and error.__context__ is None
    # The caller's own frame holds its argument; below it nothing may.
    inner = [frame.frame.f_locals for frame in caught.traceback if frame.path.name == "client.py"]
    assert inner
    shown = "".join(pprint.pformat(value) for local in inner for value in local.values())
    assert SECRET not in shown + f"{error!r}" and SENTINEL not in shown + f"{error!r}"


@pytest.mark.parametrize("call", CALLS)
def test_the_filtered_debug_log_holds_no_secret(caplog, call):
    caplog.set_level(logging.DEBUG)
    with caplog.filtering(SecretsFilter()), raw_server(say(b'{"access_token":"long"}')) as address:
        call(login_at(address))
    assert "access_token" in caplog.text
    assert SECRET not in caplog.text and SENTINEL not in caplog.text


def test_tokens_show_in_no_text_form():
    assert SENTINEL not in f"{ShortToken(SENTINEL)!r}{LongToken(SENTINEL)}"


# --- Permissions ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (frozenset(SCOPES), set()),
        (frozenset(GRANTED), set()),
        (frozenset(GRANTED[:1]), {"instagram_business_content_publish"}),
        (frozenset(), set(GRANTED)),
    ],
)
def test_what_publishing_cannot_do_without_is_missed(granted, missing):
    assert missing_permissions(granted) == missing
