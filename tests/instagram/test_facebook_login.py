"""Facebook Login from the dialog's address to Pages and their tokens; no secret shows anywhere."""

import hashlib
import hmac
import logging
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from scheduler.instagram.errors import InstagramError
from scheduler.instagram.facebook_login import (
    MOST_PAGES,
    NEEDED,
    PUBLISH,
    SCOPES,
    FacebookLogin,
    FoundPage,
    TokenFacts,
    UserToken,
)
from scheduler.lib.redaction import SecretsFilter
from tests.instagram.scripted import SENTINEL, VERSION, graph_error, raw_server, say

SECRET, APP = "sentinel-app-secret-91c2", "990000000000002"
CALLBACK = "https://pauta.example/accounts/callback/facebook/"
PROOF = hmac.new(SECRET.encode(), SENTINEL.encode(), hashlib.sha256).hexdigest()


def login_at(address, **more):
    return FacebookLogin(
        app_id=APP,
        app_secret=SECRET,
        www_url=f"{address}/www",
        graph_url=f"{address}/graph/",
        version=VERSION,
        **more,
    )


@pytest.fixture
def login(wire):
    return login_at("http://facebook.test", session=wire.session)


def asked(wire, number=-1):
    """Return the path and the parameters of one request."""
    address = urlsplit(wire.asked[number].url)
    return address.path, {name: values[0] for name, values in parse_qs(address.query).items()}


def a_page(number=1, **more):
    account = {"id": f"1784{number}", "username": f"shop{number}", "name": f"Shop {number}"}
    return (
        {"id": f"100{number}", "name": f"Page {number}", "tasks": ["MANAGE"]}
        | {"instagram_business_account": account}
        | more
    )


def listed(*pages, after=""):
    paging = {"paging": {"cursors": {"after": after}, "next": f"https://evil.test/?access_token={SENTINEL}"}}
    return {"data": list(pages)} | (paging if after else {})


# --- The dialog --------------------------------------------------------------------------------------------------
def test_the_dialog_is_told_who_asks_for_what_and_where_to_come_back(login):
    address = urlsplit(login.dialog_url(redirect_uri=CALLBACK, state="s3cr3t"))
    assert f"{address.netloc}{address.path}" == f"facebook.test/www/{VERSION}/dialog/oauth"
    assert parse_qs(address.query) == {
        "client_id": [APP],
        "redirect_uri": [CALLBACK],
        "response_type": ["code"],
        "auth_type": ["rerequest"],
        "scope": [",".join(SCOPES)],
        "state": ["s3cr3t"],
    }


def test_a_configuration_stands_in_for_the_permissions():
    query = parse_qs(
        urlsplit(login_at("http://f.test", config_id="77").dialog_url(redirect_uri="x", state="y")).query
    )
    assert query["config_id"] == ["77"] and "scope" not in query
    assert query["override_default_response_type"] == ["true"] and query["response_type"] == ["code"]


def test_the_secret_stands_in_no_address_of_the_browser(login):
    assert SECRET not in login.dialog_url(redirect_uri=CALLBACK, state="x")


# --- Tokens ------------------------------------------------------------------------------------------------------
def test_a_code_becomes_a_token(wire, login):
    wire.will_answer({"access_token": SENTINEL, "token_type": "bearer", "expires_in": 5108})
    assert login.exchange_code("AQAcode", CALLBACK) == UserToken(SENTINEL, 5108)
    assert asked(wire) == (
        f"/graph/{VERSION}/oauth/access_token",
        {"client_id": APP, "client_secret": SECRET, "redirect_uri": CALLBACK, "code": "AQAcode"},
    )


@pytest.mark.parametrize("tail", ["#_=_", "#_", "%23_%3D_"])
def test_the_tail_behind_a_code_is_taken_off(wire, login, tail):
    wire.will_answer({"access_token": SENTINEL})
    login.exchange_code(f"AQAcode{tail}", CALLBACK)
    assert asked(wire)[1]["code"] == "AQAcode"


def test_a_short_token_becomes_a_long_one(wire, login):
    wire.will_answer({"access_token": "long", "expires_in": 5183871})
    assert login.exchange_for_long_lived(SENTINEL) == UserToken("long", 5183871)
    words = asked(wire)[1]
    assert (words["grant_type"], words["fb_exchange_token"]) == ("fb_exchange_token", SENTINEL)


@pytest.mark.parametrize("told", [None, 0, -3, "nonsense", True, 10**30])
def test_a_token_without_an_end_has_none(wire, login, told):
    wire.will_answer({"access_token": "long", "expires_in": told})
    assert login.exchange_for_long_lived(SENTINEL).expires_in_s is None


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"access_token": 7}, {"data": {"access_token": "x"}}])
def test_an_answer_without_a_token_is_none(wire, login, answer):
    wire.will_answer(answer)
    with pytest.raises(InstagramError) as caught:
        login.exchange_code("AQAcode", CALLBACK)
    assert caught.value.name == "INSTAGRAM_DOWN"


REFUSALS = [
    ((100, 36009, "This authorization code has been used."), "SIGN_IN_USED"),
    ((100, 36007, "This authorization code has expired."), "SIGN_IN_USED"),
    ((100, 36008, "redirect_uri is not identical"), "APP_ERROR"),
    ((1, None, "Error validating client secret."), "APP_ERROR"),
    ((101, None, "Error validating application. Invalid application ID."), "APP_ERROR"),
    ((2, None, "Service temporarily unavailable"), "INSTAGRAM_DOWN"),
]


@pytest.mark.parametrize(("told", "name"), REFUSALS)
def test_a_refused_code_says_whose_it_is_to_mend(wire, login, told, name):
    code, subcode, message = told
    wire.will_answer(graph_error(code, subcode, message), status=400)
    with pytest.raises(InstagramError) as caught:
        login.exchange_code("AQAcode", CALLBACK)
    assert caught.value.name == name


# --- What Facebook says of a token -------------------------------------------------------------------------------
FACTS = {
    "app_id": APP,
    "type": "USER",
    "data_access_expires_at": 1802000000,
    "expires_at": 1799000000,
    "is_valid": True,
    "user_id": "300000000000001",
    "scopes": list(NEEDED),
    "granular_scopes": [{"scope": PUBLISH, "target_ids": ["17841"]}, {"scope": "pages_show_list"}],
}


def test_a_token_tells_its_two_clocks_and_what_it_is_limited_to(wire, login):
    wire.will_answer({"data": FACTS})
    assert login.inspect(SENTINEL) == TokenFacts(
        user_id="300000000000001",
        is_valid=True,
        expires_at=datetime.fromtimestamp(1799000000, UTC),
        data_access_expires_at=datetime.fromtimestamp(1802000000, UTC),
        targets={PUBLISH: frozenset({"17841"})},
    )


def test_the_app_itself_asks_about_a_token(wire, login):
    wire.will_answer({"data": FACTS})
    login.inspect(SENTINEL)
    app_token = f"{APP}|{SECRET}"
    path, words = asked(wire)
    assert path.endswith("/debug_token") and words["input_token"] == SENTINEL
    assert wire.asked[0].headers["Authorization"] == f"Bearer {app_token}"
    assert words["appsecret_proof"] == hmac.new(SECRET.encode(), app_token.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("told", [0, None, "soon", -1, 10**18, [], True])
def test_a_clock_that_does_not_run_has_no_end(wire, login, told):
    wire.will_answer({"data": FACTS | {"expires_at": told, "data_access_expires_at": told}})
    facts = login.inspect(SENTINEL)
    assert facts.expires_at is None and facts.data_access_expires_at is None


@pytest.mark.parametrize("told", [None, "yes", [], [7], [{"scope": 7, "target_ids": "x"}], {"scope": "x"}])
def test_limits_that_make_no_sense_are_none(wire, login, told):
    wire.will_answer({"data": FACTS | {"granular_scopes": told}})
    assert login.inspect(SENTINEL).covers(PUBLISH, "17841")


def test_a_permission_reaches_its_targets_only():
    facts = TokenFacts("3", targets={PUBLISH: frozenset({"17841"})})
    assert facts.covers(PUBLISH, "17841", "1001") and not facts.covers(PUBLISH, "17842")
    assert facts.covers("instagram_basic", "17842")


@pytest.mark.parametrize("told", [False, None, "true", 1])
def test_a_token_is_good_only_when_facebook_says_so(wire, login, told):
    wire.will_answer({"data": FACTS | {"is_valid": told}})
    assert not login.inspect(SENTINEL).is_valid


@pytest.mark.parametrize("answer", [{}, {"data": []}, {"data": {"is_valid": True}}, {"data": {"user_id": 0}}])
def test_nobodys_token_is_no_answer(wire, login, answer):
    wire.will_answer(answer)
    with pytest.raises(InstagramError):
        login.inspect(SENTINEL)


# --- Permissions -------------------------------------------------------------------------------------------------
def test_only_what_was_granted_counts(wire, login):
    told = [("instagram_basic", "granted"), ("instagram_content_publish", "declined"), ("email", "expired")]
    rows = [{"permission": name, "status": status} for name, status in told]
    wire.will_answer({"data": [*rows, {"status": "granted"}, "nonsense"]})
    assert login.read_permissions(SENTINEL) == {"instagram_basic"}


def test_everything_is_taken_back_at_once(wire, login):
    wire.will_answer({"success": True})
    login.revoke(SENTINEL)
    assert wire.asked[0].method == "DELETE" and asked(wire)[0].endswith("/me/permissions")


# --- Pages -------------------------------------------------------------------------------------------------------
def found(login, **more):
    return login.find_pages(SENTINEL, **{"through_businesses": False} | more)


def test_a_page_tells_the_account_behind_it_and_what_one_may_do(wire, login):
    wire.will_answer(listed(a_page()))
    page = FoundPage("1001", "Page 1", ("MANAGE",), "17841", "shop1", "Shop 1")
    assert found(login) == [page] and page.may_publish


def test_the_list_is_asked_for_no_token(wire, login):
    wire.will_answer(listed())
    found(login)
    assert "access_token" not in asked(wire)[1]["fields"]


def test_lists_are_followed_to_their_end_also_over_empty_pages(wire, login):
    wire.will_answer(listed(a_page(1), after="A")).will_answer(listed(after="B")).will_answer(listed(a_page(2)))
    assert [page.page_id for page in found(login)] == ["1001", "1002"]
    assert [asked(wire, number)[1].get("after") for number in range(3)] == [None, "A", "B"]


def test_only_our_own_address_is_asked(wire, login):
    wire.will_answer(listed(a_page(), after="A")).will_answer(listed())
    found(login)
    assert all(request.url.startswith("http://facebook.test/graph/") for request in wire.asked)


def test_a_list_that_goes_in_circles_ends(wire, login):
    for _ in range(2):
        wire.will_answer(listed(a_page(), after="A"))
    assert len(found(login)) == 1


def test_a_list_without_an_end_ends(wire, login):
    for number in range(MOST_PAGES):
        wire.will_answer(listed(a_page(number), after=f"A{number}"))
    assert len(found(login)) == MOST_PAGES


@pytest.mark.parametrize("page", ["nonsense", {}, {"id": None}, {"name": "x"}, 7])
def test_rows_that_are_no_pages_are_passed_over(wire, login, page):
    wire.will_answer(listed(page, a_page(2)))
    assert [one.page_id for one in found(login)] == ["1002"]


@pytest.mark.parametrize("account", [None, "17841", [], {}, {"username": "x"}])
def test_a_page_without_an_account_has_none(wire, login, account):
    wire.will_answer(listed(a_page(instagram_business_account=account)))
    assert found(login)[0].instagram_user_id == ""


def test_a_linked_account_that_is_not_professional_is_named(wire, login):
    page = a_page(instagram_business_account=None, connected_instagram_account={"id": "9", "username": "joana"})
    wire.will_answer(listed(page))
    assert found(login)[0].linked == "joana"


@pytest.mark.parametrize(
    ("tasks", "may"),
    [
        (["MANAGE"], True),
        (["CREATE_CONTENT", "ANALYZE"], True),
        (["PROFILE_PLUS_CREATE_CONTENT"], True),
        (["PROFILE_PLUS_FULL_CONTROL"], True),
        (["ANALYZE", "MODERATE"], False),
        ([], False),
        ([7, None], False),
        (None, True),
        ("MANAGE", True),
    ],
)
def test_publishing_needs_a_task_where_facebook_tells_them(wire, login, tasks, may):
    wire.will_answer(listed(a_page(tasks=tasks)))
    assert found(login)[0].may_publish is may


def test_pages_of_businesses_are_found_too(wire, login):
    wire.will_answer(listed(a_page(1))).will_answer(listed({"id": "b1"}))
    wire.will_answer(listed(a_page(2), after="A")).will_answer(listed(a_page(3))).will_answer(listed(a_page(4)))
    assert [page.page_id for page in login.find_pages(SENTINEL)] == ["1001", "1002", "1003", "1004"]
    edges = [asked(wire, number)[0].removeprefix(f"/graph/{VERSION}/") for number in range(5)]
    assert edges == ["me/accounts", "me/businesses", "b1/owned_pages", "b1/owned_pages", "b1/client_pages"]


def test_a_page_that_is_listed_twice_is_found_once(wire, login):
    poor = a_page(1, tasks=None, instagram_business_account=None)
    wire.will_answer(listed(poor)).will_answer(listed({"id": "b1"}))
    wire.will_answer(listed(a_page(1))).will_answer(listed(a_page(1, tasks=None)))
    pages = login.find_pages(SENTINEL)
    assert [(page.page_id, page.username, page.tasks) for page in pages] == [("1001", "shop1", ("MANAGE",))]


def test_a_page_is_a_businesss_when_nobody_else_lists_it(wire, login):
    wire.will_answer(listed(a_page(1))).will_answer(listed({"id": "b1"}))
    wire.will_answer(listed(a_page(1), a_page(2))).will_answer(listed(a_page(2)))
    by_business = {page.page_id: page.by_business for page in login.find_pages(SENTINEL)}
    assert by_business == {"1001": False, "1002": True}


@pytest.mark.parametrize("code", [10, 200, 100])
def test_businesses_that_refuse_cost_only_their_pages(wire, login, code):
    wire.will_answer(listed(a_page(1))).will_answer(graph_error(code), status=400)
    assert [page.page_id for page in login.find_pages(SENTINEL)] == ["1001"]


def test_one_business_that_refuses_does_not_hide_the_next(wire, login):
    wire.will_answer(listed()).will_answer(listed({"id": "b1"}, {"id": "b2"}))
    for _ in range(2):
        wire.will_answer(graph_error(200), status=403)
    wire.will_answer(listed(a_page(2))).will_answer(listed())
    assert [page.page_id for page in login.find_pages(SENTINEL)] == ["1002"]


def test_businesses_that_are_down_are_not_taken_for_none(wire, login):
    wire.will_answer(listed(a_page(1))).will_answer(graph_error(2), status=500)
    with pytest.raises(InstagramError):
        login.find_pages(SENTINEL)


def test_a_list_that_does_not_know_a_field_is_asked_without_it(wire, login):
    unknown = graph_error(100, message="(#100) Tried accessing nonexisting field (tasks)")
    wire.will_answer(unknown, status=400).will_answer(listed(a_page(1, tasks=None), after="A")).will_answer(listed())
    assert [page.page_id for page in found(login)] == ["1001"]
    assert ["tasks" in asked(wire, number)[1]["fields"] for number in range(3)] == [True, False, False]


def test_a_page_gives_its_own_token(wire, login):
    wire.will_answer({"id": "1001", "access_token": "page-token"})
    assert login.read_page_token("1001", SENTINEL) == "page-token"
    assert asked(wire) == (f"/graph/{VERSION}/1001", {"fields": "id,access_token", "appsecret_proof": PROOF})


def test_a_page_id_stays_one_segment(wire, login):
    wire.will_answer({"access_token": "page-token"})
    login.read_page_token("../me?x=1", SENTINEL)
    assert "/graph/v26.0/..%2Fme%3Fx%3D1?" in wire.asked[0].url


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"data": {}}, {"success": True}])
@pytest.mark.parametrize("call", ["permissions", "pages"])
def test_an_answer_without_a_list_is_not_an_empty_list(wire, login, call, answer):
    wire.will_answer(answer)
    with pytest.raises(InstagramError):
        CALLS[call](login)


# --- Secrets and bad days ----------------------------------------------------------------------------------------
CALLS = {
    "code": lambda login: login.exchange_code(SENTINEL, CALLBACK),
    "long": lambda login: login.exchange_for_long_lived(SENTINEL),
    "inspect": lambda login: login.inspect(SENTINEL),
    "permissions": lambda login: login.read_permissions(SENTINEL),
    "pages": lambda login: login.find_pages(SENTINEL),
    "page token": lambda login: login.read_page_token("1001", SENTINEL),
    "revoke": lambda login: login.revoke(SENTINEL),
}
OF_A_TOKEN = [name for name in CALLS if name not in {"code", "long"}]
BAD_ANSWERS = [b"", b"<html>", b"[]", b"null", b'{"error": {"code": 190, "message": "no"}}', b"\xff\xfe", b'{"data":']


@pytest.mark.parametrize("call", OF_A_TOKEN)
def test_a_token_travels_in_the_header_with_its_proof(wire, login, call):
    wire.will_answer({"data": []}).will_answer({"data": []})
    with suppress(InstagramError):  # what it answers is not the point here
        CALLS[call](login)
    request = wire.asked[0]
    token = request.headers["Authorization"].removeprefix("Bearer ")
    proof = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
    assert asked(wire, 0)[1]["appsecret_proof"] == proof
    assert "access_token=" not in request.url


@pytest.mark.parametrize("body", BAD_ANSWERS)
@pytest.mark.parametrize("call", list(CALLS))
def test_nonsense_is_one_kind_of_error(wire, login, call, body):
    wire.will_answer(body)
    with pytest.raises(InstagramError):
        CALLS[call](login)


@pytest.mark.parametrize("trouble", [requests.ReadTimeout("x"), requests.ConnectionError("x"), OSError("x")])
@pytest.mark.parametrize("call", list(CALLS))
def test_no_answer_is_one_kind_of_error(wire, login, call, trouble):
    wire.will_raise(trouble)
    with pytest.raises(InstagramError) as caught:
        CALLS[call](login)
    assert caught.value.name == "CONNECTION_ERROR"


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("call", list(CALLS))
def test_no_secret_shows_whatever_facebook_echoes(wire, login, call, status):
    echo = {"message": f"no {SENTINEL} {SECRET} access_token={SENTINEL}", "data": {"user_id": SENTINEL, "x": SECRET}}
    wire.will_answer(echo | graph_error(100, 33, f"{SENTINEL} {SECRET}") if status > 200 else echo, status=status)
    wire.will_answer(echo)
    shown = []
    try:
        CALLS[call](login)
    except InstagramError as error:
        shown += [str(error), repr(error), error.body, traceback.format_exc()]
    shown += [login, login.last_exchange]
    assert SENTINEL not in repr(shown) and SECRET not in repr(shown)


@pytest.mark.parametrize("call", list(CALLS))
def test_the_filtered_debug_log_holds_no_secret(caplog, call):
    caplog.set_level(logging.DEBUG)
    body = b'{"access_token": "long", "data": {"user_id": "3"}}'
    with caplog.filtering(SecretsFilter()), raw_server(say(body)) as address, suppress(InstagramError):
        CALLS[call](login_at(address))
    assert f"/{VERSION}/" in caplog.text
    assert SECRET not in caplog.text and SENTINEL not in caplog.text


def test_tokens_show_in_no_text_form(login):
    assert SENTINEL not in repr(UserToken(SENTINEL)) and SECRET not in repr(login)
