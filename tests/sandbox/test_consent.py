"""The consent page and the exchange of its code."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from scheduler.sandbox.models import LoginCode
from scheduler.sandbox.models.login import BASIC, COMMENTS, PUBLISH
from tests.sandbox.test_acceptance import REDIRECT, exchange
from tests.sandbox.world import API_URL, authorize_address, code_of

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def page(client, **changes):
    """Open the consent page in a browser without scripts."""
    address = urlsplit(authorize_address(**changes))
    return client.get(f"{address.path}?{address.query}")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "1"}, "Invalid platform app"),
        ({"redirect_uri": REDIRECT.rstrip("/")}, "Invalid redirect_uri"),
        ({"redirect_uri": REDIRECT + "?x=1"}, "Invalid redirect_uri"),
        ({"redirect_uri": "https://evil.example/"}, "Invalid redirect_uri"),
        ({"response_type": "token"}, "Invalid response_type"),
        ({"scope": "instagram_business_basic,business_basic"}, "Invalid scope"),
        ({"scope": PUBLISH}, "Invalid scope"),
        ({"scope": ""}, "Invalid scope"),
    ],
)
def test_a_wrong_request_is_refused_on_instagrams_own_page(sandbox, client, changes, words):
    answer = page(client, **changes)
    assert (answer.status_code, words in answer.content.decode()) == (400, True)


def test_a_further_redirect_address_can_be_configured(sandbox, client):
    sandbox.set(extra_redirects="https://one.example/cb/\nhttps://two.example/cb/")
    assert page(client, redirect_uri="https://two.example/cb/").status_code == 200


def test_scopes_may_be_separated_by_spaces(sandbox, client):
    assert page(client, scope=f"{BASIC} {PUBLISH}").status_code == 200


def test_nobody_is_chosen_beforehand(sandbox, client):
    body = page(client).content.decode()
    for username in ("padaria.aurora", "estudio.lume", "joana.pessoal"):
        assert username in body
    assert 'data-answer="allow"' not in body


def test_the_answers_are_links_and_the_page_has_no_form(sandbox, client):
    body = page(client, **{"as": "padaria.aurora"}).content.decode()
    assert body.count("data-answer=") == 2
    assert "<form" not in body and "<script" not in body and "style=" not in body


def test_allowing_comes_back_with_code_and_state(sandbox, bakery):
    callback = sandbox.allow(authorize_address(state="a b&c"), bakery)
    assert callback.startswith(f"{REDIRECT}?code=")
    assert callback.endswith("#_")
    assert parse_qs(urlsplit(callback).query)["state"] == ["a b&c"]


def test_without_a_state_none_comes_back(sandbox, bakery):
    assert "state" not in sandbox.allow(authorize_address(state=""), bakery)


def test_a_permission_can_be_unticked_and_ticked_again(sandbox, client):
    first = page(client, **{"as": "padaria.aurora"})
    flip = next(row["flip"] for row in first.context["rows"] if row["scope"] == PUBLISH)
    second = client.get(flip)
    assert [row["granted"] for row in second.context["rows"]] == [True, False, True]
    back = next(row["flip"] for row in second.context["rows"] if row["scope"] == PUBLISH)
    assert all(row["granted"] for row in client.get(back).context["rows"])


def test_what_was_unticked_is_not_granted(sandbox, bakery, settings):
    callback = sandbox.allow(authorize_address(), bakery, without=(PUBLISH, COMMENTS))
    told = exchange(sandbox, settings, code_of(callback)).json()["data"][0]
    assert told["permissions"] == BASIC


def test_the_profile_itself_cannot_be_unticked(sandbox, bakery, settings):
    callback = sandbox.allow(authorize_address(), bakery, without=(BASIC,))
    assert BASIC in exchange(sandbox, settings, code_of(callback)).json()["data"][0]["permissions"]


def test_one_consent_gives_one_code(sandbox, client):
    allow = page(client, **{"as": "padaria.aurora"}).context["allow"]
    assert client.get(allow).status_code == 302
    assert client.get(allow).status_code == 400
    assert LoginCode.objects.count() == 1


def test_a_consent_that_was_tampered_with_is_refused(sandbox, client):
    allow = page(client, **{"as": "padaria.aurora"}).context["allow"]
    assert client.get(allow[:-2] + "xx").status_code == 400


def test_a_consent_left_lying_about_expires(sandbox, client, time_machine):
    allow = page(client, **{"as": "padaria.aurora"}).context["allow"]
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=11))
    assert client.get(allow).status_code == 400


def test_a_code_is_good_once(sandbox, bakery, settings):
    code = code_of(sandbox.allow(authorize_address(), bakery))
    assert exchange(sandbox, settings, code).status_code == 200
    again = exchange(sandbox, settings, code)
    assert (again.status_code, again.json()) == (
        400,
        {
            "error_type": "OAuthException",
            "code": 400,
            "error_message": "Matching code was not found or was already used",
        },
    )


def test_a_code_is_good_for_an_hour(sandbox, bakery, settings):
    code = code_of(sandbox.allow(authorize_address(), bakery))
    sandbox.advance(timedelta(hours=1))
    assert exchange(sandbox, settings, code).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"client_id": "1"}, "Invalid platform app"),
        ({"client_secret": "guess"}, "Error validating client secret."),
        ({"grant_type": "password"}, "Invalid grant_type"),
        ({"redirect_uri": REDIRECT.rstrip("/")}, "redirect_uri is identical"),
        ({"code": "AQnobody"}, "Matching code was not found"),
    ],
)
def test_a_wrong_exchange_is_refused_and_leaves_the_code_usable(sandbox, bakery, settings, wrong, words):
    code = code_of(sandbox.allow(authorize_address(), bakery))
    answer = exchange(sandbox, settings, code, **wrong)
    assert (answer.status_code, answer.json()["error_type"]) == (400, "OAuthException")
    assert words in answer.json()["error_message"]
    assert exchange(sandbox, settings, code).status_code == 200


def test_a_code_with_its_fragment_is_another_code(sandbox, bakery, settings):
    code = code_of(sandbox.allow(authorize_address(), bakery))
    assert exchange(sandbox, settings, code + "#_").status_code == 400


def test_a_multipart_body_is_read_too(sandbox, bakery, settings):
    fields = {
        "client_id": settings.INSTAGRAM_APP_ID,
        "client_secret": settings.INSTAGRAM_APP_SECRET,
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT,
        "code": code_of(sandbox.allow(authorize_address(), bakery)),
    }
    parts = {name: (None, value) for name, value in fields.items()}
    answer = sandbox.session.post(f"{API_URL}/oauth/access_token", files=parts, timeout=5)
    assert answer.status_code == 200


def test_the_documented_shape_is_the_default(sandbox, bakery, settings):
    told = exchange(sandbox, settings, code_of(sandbox.allow(authorize_address(), bakery))).json()
    assert told["data"][0].keys() == {"access_token", "user_id", "permissions"}
    assert told["data"][0]["user_id"] == bakery.app_scoped_id


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"client_secret": "guess"}, 1),
        ({"grant_type": "ig_refresh_token"}, 100),
        ({"access_token": "IGAAnobody"}, 190),
    ],
)
def test_a_wrong_exchange_for_a_long_token_is_refused(sandbox, bakery, settings, wrong, expected):
    params = {
        "grant_type": "ig_exchange_token",
        "client_secret": settings.INSTAGRAM_APP_SECRET,
        "access_token": sandbox.token_for(bakery, long=False),
    } | wrong
    assert sandbox.call("GET", "access_token", params=params).json()["error"]["code"] == expected
