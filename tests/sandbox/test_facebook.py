"""Facebook Login: the dialog, tokens, Pages, and Instagram accounts behind Pages."""

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from scheduler.sandbox.models import FacebookToken, Grant
from scheduler.sandbox.models.facebook import (
    ADS_READ,
    BUSINESSES,
    FACEBOOK_SCOPES,
    IG_BASIC,
    IG_PUBLISH,
    PAGES_LIST,
    PAGES_READ,
)
from tests.sandbox.world import FACEBOOK_URL, GRAPH_URL, code_of, facebook_address, refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
REDIRECT = "http://testserver/accounts/callback/facebook/"


def dialog(client, **changes):
    address = urlsplit(facebook_address(**changes))
    return client.get(f"{address.path}?{address.query}")


def asked(page):
    return [row["key"] for row in page.context["permissions"]]


def exchange(sandbox, settings, code, /, **changes):
    params = {
        "client_id": settings.FACEBOOK_APP_ID,
        "client_secret": settings.FACEBOOK_APP_SECRET,
        "redirect_uri": REDIRECT,
        "code": code,
    } | changes
    return sandbox.facebook("GET", "v26.0/oauth/access_token", params=params)


def lengthen(sandbox, settings, token):
    params = {
        "grant_type": "fb_exchange_token",
        "client_id": settings.FACEBOOK_APP_ID,
        "client_secret": settings.FACEBOOK_APP_SECRET,
        "fb_exchange_token": token,
    }
    return sandbox.facebook("GET", "v26.0/oauth/access_token", params=params)


@pytest.fixture
def user_token(sandbox):
    return sandbox.facebook_token_for()


def names(answer):
    return {row["name"] for row in answer.json()["data"]}


# --- The dialog ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "1"}, "Invalid App ID"),
        ({"redirect_uri": REDIRECT.rstrip("/")}, "URL Blocked"),
        ({"redirect_uri": REDIRECT + "?x=1"}, "URL Blocked"),
        ({"response_type": "token"}, "Invalid response_type"),
        ({"scope": "instagram_basic,instagram_fly"}, "Invalid Scopes: instagram_fly"),
        ({"config_id": "1"}, "Invalid parameter"),
    ],
)
def test_a_wrong_request_is_refused_on_facebooks_own_page(sandbox, client, changes, words):
    answer = dialog(client, **changes)
    assert (answer.status_code, words in answer.content.decode()) == (400, True)


def test_the_dialog_needs_no_version_in_its_path(sandbox, client):
    address = urlsplit(facebook_address())
    assert client.get(f"{address.path.replace('/v26.0', '')}?{address.query}").status_code == 200


def test_the_dialog_is_links_without_form_and_script(sandbox, client):
    body = dialog(client, **{"as": "marina"}).content.decode()
    assert "<form" not in body and "<script" not in body and "style=" not in body
    assert body.count("data-answer=") == 2


def test_the_dialog_offers_pages_accounts_and_permissions(sandbox, client):
    shown = dialog(client, **{"as": "marina"}).context
    assert [row["label"] for row in shown["pages"]][-2:] == ["Livraria Maresia", "Ateliê Ipê"]
    assert "@joana.pessoal" not in [row["label"] for row in shown["accounts"]]


def test_allowing_comes_back_with_code_state_and_facebooks_fragment(sandbox):
    callback = sandbox.allow_facebook(facebook_address(state="a b&c"))
    assert callback.startswith(f"{REDIRECT}?code=") and callback.endswith("#_=_")
    assert parse_qs(urlsplit(callback).query)["state"] == ["a b&c"]


def test_denying_comes_back_with_facebooks_words(sandbox):
    assert sandbox.deny_facebook(facebook_address()) == (
        f"{REDIRECT}?error=access_denied&error_code=200&error_description=Permissions+error"
        "&error_reason=user_denied&state=s3cr3t#_=_"
    )


def test_one_consent_gives_one_code(sandbox, client):
    allow = dialog(client, **{"as": "marina"}).context["allow"]
    assert [client.get(allow).status_code for _time in range(2)] == [302, 400]


def test_a_configuration_brings_its_own_scopes(sandbox):
    sandbox.allow_facebook(facebook_address(scope="", config_id="880000000000001"))
    assert IG_PUBLISH in Grant.objects.get().granted()


def test_what_was_unticked_is_declined_and_asked_again_only_on_request(sandbox, client):
    sandbox.allow_facebook(facebook_address(), without=(IG_PUBLISH,))
    assert Grant.objects.get().permissions[IG_PUBLISH] == "declined"
    assert IG_PUBLISH not in asked(dialog(client, **{"as": "marina"}))
    assert IG_PUBLISH in asked(dialog(client, **{"as": "marina", "auth_type": "rerequest"}))


# --- Tokens -------------------------------------------------------------------------------------------------
def test_a_login_ends_in_a_long_lived_user_token(sandbox, settings):
    short = exchange(sandbox, settings, code_of(sandbox.allow_facebook(facebook_address()))).json()
    assert short["access_token"].startswith("EAA") and 3600 < short["expires_in"] < 7200
    long = lengthen(sandbox, settings, short["access_token"]).json()
    assert 5_183_000 < long["expires_in"] < 5_184_000
    assert sandbox.facebook("GET", "me", long["access_token"]).json()["name"] == "Marina Duarte"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"client_secret": "guess"}, (1, None)),
        ({"client_id": "1"}, (101, None)),
        ({"redirect_uri": REDIRECT.rstrip("/")}, (100, 36008)),
        ({"code": "AQAnobody"}, (100, None)),
    ],
)
def test_a_wrong_exchange_is_refused_and_leaves_the_code_usable(sandbox, settings, wrong, expected):
    code = code_of(sandbox.allow_facebook(facebook_address()))
    assert refusal(exchange(sandbox, settings, code, **wrong)) == expected
    assert exchange(sandbox, settings, code).status_code == 200


def test_a_code_is_good_once(sandbox, settings):
    code = code_of(sandbox.allow_facebook(facebook_address()))
    exchange(sandbox, settings, code)
    assert refusal(exchange(sandbox, settings, code)) == (100, 36009)


def test_a_code_is_good_for_an_hour(sandbox, settings):
    code = code_of(sandbox.allow_facebook(facebook_address()))
    sandbox.advance(timedelta(hours=1))
    assert refusal(exchange(sandbox, settings, code)) == (100, 36007)


def test_a_long_lived_token_cannot_be_refreshed(sandbox, settings, user_token):
    sandbox.advance(timedelta(days=59))
    assert lengthen(sandbox, settings, user_token).json()["expires_in"] < 90_000
    sandbox.advance(timedelta(days=1))
    assert refusal(lengthen(sandbox, settings, user_token)) == (190, 463)


def test_page_tokens_of_a_long_lived_user_token_have_no_date(sandbox, page_token):
    sandbox.advance(timedelta(days=80))
    assert sandbox.facebook("GET", "me", page_token).status_code == 200


def test_page_tokens_of_a_short_lived_user_token_end_with_it(sandbox):
    token = sandbox.page_token_for(long=False)
    sandbox.advance(timedelta(hours=2))
    assert refusal(sandbox.facebook("GET", "me", token)) == (190, 463)


def test_data_access_ends_ninety_days_after_the_last_login(sandbox, bakery, page_token):
    sandbox.advance(timedelta(days=90))
    assert refusal(sandbox.facebook("GET", bakery.user_id, page_token)) == (10, None)


def test_a_family_of_tokens_is_refused_on_the_others_host(sandbox, token, page_token):
    for answer in (sandbox.call("GET", "me", page_token, url=GRAPH_URL), sandbox.facebook("GET", "me", token)):
        assert refusal(answer) == (190, None)
        assert "Cannot parse access token" in answer.json()["error"]["message"]


@pytest.mark.parametrize("subcode", [458, 459, 460, 464])
def test_dead_sessions_tell_their_reason(sandbox, user_token, page_token, subcode):
    sandbox.person().end_sessions(subcode)
    assert {refusal(sandbox.facebook("GET", "me", dead)) for dead in (user_token, page_token)} == {(190, subcode)}


def test_only_digests_of_tokens_are_stored(sandbox, page_token):
    assert not FacebookToken.objects.filter(digest=page_token).exists()
    sandbox.facebook("GET", "me", params={"access_token": page_token})
    assert page_token not in str([call.params for call in sandbox.calls()])


# --- debug_token and appsecret_proof ------------------------------------------------------------------------
def debug(sandbox, settings, token):
    app = f"{settings.FACEBOOK_APP_ID}|{settings.FACEBOOK_APP_SECRET}"
    return sandbox.facebook("GET", "debug_token", params={"input_token": token, "access_token": app})


def test_debug_token_tells_of_a_page_token(sandbox, settings, page_token, bakery):
    told = debug(sandbox, settings, page_token).json()["data"]
    assert (told["type"], told["is_valid"], told["expires_at"]) == ("PAGE", True, 0)
    assert told["profile_id"] == sandbox.page().graph_id
    publish = next(row for row in told["granular_scopes"] if row["scope"] == IG_PUBLISH)
    assert bakery.user_id in publish["target_ids"]


def test_debug_token_tells_why_a_token_is_dead(sandbox, settings, user_token):
    sandbox.person().end_sessions(460)
    told = debug(sandbox, settings, user_token).json()["data"]
    assert (told["is_valid"], told["error"]["subcode"]) == (False, 460)


def test_debug_token_does_not_understand_instagrams_tokens(sandbox, settings, token):
    assert refusal(debug(sandbox, settings, token)) == (2, None)


def proof_of(token, secret):
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def test_a_proof_is_checked_when_sent(sandbox, settings, user_token):
    good = {"appsecret_proof": proof_of(user_token, settings.FACEBOOK_APP_SECRET)}
    assert sandbox.facebook("GET", "me", user_token, params=good).status_code == 200
    assert refusal(sandbox.facebook("GET", "me", user_token, params={"appsecret_proof": "00"})) == (104, None)


def test_a_proof_can_be_required(sandbox, user_token):
    sandbox.set(requires_proof=True)
    assert refusal(sandbox.facebook("GET", "me", user_token)) == (100, None)


# --- Permissions --------------------------------------------------------------------------------------------
def test_permissions_are_listed_with_their_status(sandbox, settings):
    code = code_of(sandbox.allow_facebook(facebook_address(), without=(PAGES_READ,)))
    token = exchange(sandbox, settings, code).json()["access_token"]
    rows = sandbox.facebook("GET", "v26.0/me/permissions", token).json()["data"]
    told = {row["permission"]: row["status"] for row in rows}
    assert (told[IG_BASIC], told[PAGES_READ]) == ("granted", "declined")


def test_one_permission_or_all_are_taken_back(sandbox, user_token, bakery):
    assert sandbox.facebook("DELETE", f"me/permissions/{IG_BASIC}", user_token).json() == {"success": True}
    assert refusal(sandbox.facebook("GET", bakery.user_id, user_token)) == (10, None)
    assert sandbox.facebook("DELETE", "me/permissions", user_token).json() == {"success": True}
    assert refusal(sandbox.facebook("GET", "me", user_token)) == (190, 458)


# --- Pages --------------------------------------------------------------------------------------------------
FIELDS = "id,name,access_token,tasks,instagram_business_account{id,username,name,profile_picture_url}"


def test_pages_come_with_token_tasks_and_account(sandbox, user_token, bakery):
    rows = sandbox.facebook("GET", "me/accounts", user_token, params={"fields": FIELDS, "limit": 100}).json()["data"]
    page = next(row for row in rows if row["name"] == "Padaria Aurora")
    assert page["access_token"].startswith("EAA") and "CREATE_CONTENT" in page["tasks"]
    assert page["instagram_business_account"]["id"] == bakery.user_id
    assert page["instagram_business_account"]["username"] == "padaria.aurora"
    assert "instagram_business_account" not in next(row for row in rows if row["name"] == "Bazar da Praça")


def test_a_personal_account_is_connected_but_no_business_account(sandbox, user_token):
    fields = {"fields": "name,instagram_business_account,connected_instagram_account{username}"}
    rows = sandbox.facebook("GET", "me/accounts", user_token, params=fields).json()["data"]
    joana = next(row for row in rows if row["name"] == "Joana Duarte")
    assert joana.keys() == {"id", "name", "connected_instagram_account"}


def test_pages_of_a_business_are_found_only_there(sandbox, user_token):
    direct = names(sandbox.facebook("GET", "me/accounts", user_token, params={"fields": FIELDS}))
    assert direct == {"Padaria Aurora", "Estúdio Lume", "Bazar da Praça", "Joana Duarte"}
    (business,) = sandbox.facebook("GET", "me/businesses", user_token).json()["data"]
    for edge, name in (("owned_pages", "Livraria Maresia"), ("client_pages", "Ateliê Ipê")):
        assert names(sandbox.facebook("GET", f"{business['id']}/{edge}", user_token, params={"fields": FIELDS})) == {
            name
        }


def test_businesses_can_be_asked_with_their_pages(sandbox, user_token):
    params = {"fields": "name,owned_pages{name},client_pages{name}"}
    (business,) = sandbox.facebook("GET", "me/businesses", user_token, params=params).json()["data"]
    assert business["client_pages"]["data"][0]["name"] == "Ateliê Ipê"


def test_lists_of_pages_have_pages(sandbox, user_token):
    sandbox.set(rows_on_a_page=3)
    first = sandbox.facebook("GET", "me/accounts", user_token, params={"limit": 100}).json()
    after = {"after": first["paging"]["cursors"]["after"]}
    last = sandbox.facebook("GET", "me/accounts", user_token, params=after).json()
    assert (len(first["data"]), len(last["data"])) == (3, 1)
    assert "next" in first["paging"] and "next" not in last["paging"]


def test_without_the_permission_there_are_no_pages_and_no_businesses(sandbox):
    token = sandbox.facebook_token_for(permissions=(IG_BASIC,))
    assert sandbox.facebook("GET", "me/accounts", token).json() == {"data": []}
    assert refusal(sandbox.facebook("GET", "me/businesses", token)) == (200, None)


def test_pages_and_accounts_that_were_unticked_do_not_come(sandbox, settings, bakery):
    kept_out = {"without_pages": (sandbox.page("Estúdio Lume"),), "without_accounts": (bakery,)}
    code = code_of(sandbox.allow_facebook(facebook_address(), **kept_out))
    token = exchange(sandbox, settings, code).json()["access_token"]
    rows = sandbox.facebook("GET", "me/accounts", token, params={"fields": FIELDS}).json()["data"]
    assert "Estúdio Lume" not in {row["name"] for row in rows}
    assert "instagram_business_account" not in next(row for row in rows if row["name"] == "Padaria Aurora")


def test_a_page_tells_its_token_to_those_with_a_role_only(sandbox, user_token, page_token):
    path, fields = sandbox.page("Oficina Prado").graph_id, {"fields": "name,access_token,location"}
    assert sandbox.facebook("GET", path, user_token, params=fields).json().keys() == {"id", "name"}
    own = sandbox.facebook("GET", sandbox.page().graph_id, page_token, params=fields).json()
    assert own["access_token"] == page_token and own["location"]["city"] == "São Paulo"


def test_places_are_found_by_a_part_of_their_name(sandbox, user_token):
    params = {"q": "ibira", "fields": "id,name,location"}
    (found,) = sandbox.facebook("GET", "pages/search", user_token, params=params).json()["data"]
    assert (found["id"], found["location"]["city"]) == ("400000000000002", "São Paulo")


def test_an_app_without_the_feature_cannot_search(sandbox, user_token):
    sandbox.set(allows_page_search=False)
    assert refusal(sandbox.facebook("GET", "pages/search", user_token, params={"q": "a"})) == (10, None)


# --- Instagram accounts behind Pages ------------------------------------------------------------------------
@pytest.mark.parametrize("family", ["page_token", "user_token"])
def test_a_photo_goes_live_with_either_token(sandbox, bakery, request, family):
    token = request.getfixturevalue(family)
    answer = sandbox.publish(bakery, token, sandbox.ready(bakery, token, caption="Pão"))
    params = {"fields": "id,caption,permalink,media_product_type,owner"}
    told = sandbox.facebook("GET", answer.json()["id"], token, params=params).json()
    assert (told["caption"], told["media_product_type"], told["owner"]["id"]) == ("Pão", "FEED", bakery.user_id)


def test_the_account_has_one_id_and_no_type_here(sandbox, bakery, page_token):
    params = {"fields": "id,username,followers_count"}
    assert sandbox.facebook("GET", bakery.user_id, page_token, params=params).json()["id"] == bakery.user_id
    answer = sandbox.facebook("GET", bakery.user_id, page_token, params={"fields": "account_type"})
    assert refusal(answer) == (100, None)
    assert refusal(sandbox.facebook("GET", f"{bakery.app_scoped_id}/media", page_token)) == (100, 33)
    assert refusal(sandbox.facebook("GET", "me/media", page_token)) == (100, 33)


@pytest.mark.parametrize("missing", [IG_BASIC, IG_PUBLISH, PAGES_READ])
def test_publishing_needs_every_permission(sandbox, bakery, missing):
    token = sandbox.page_token_for(permissions=tuple(set(FACEBOOK_SCOPES) - {missing}))
    answer = sandbox.make(bakery, token, image_url=sandbox.host_picture())
    assert refusal(answer) == (10, None)
    assert missing in answer.json()["error"]["message"]


def test_a_role_by_a_business_needs_the_ads_permission_too(sandbox):
    books = sandbox.profile("livraria.maresia")
    fewer = sandbox.facebook_token_for(permissions=(IG_BASIC, IG_PUBLISH, PAGES_LIST, PAGES_READ, BUSINESSES))
    answer = sandbox.make(books, fewer, image_url=sandbox.host_picture())
    assert refusal(answer) == (200, None)
    enough = sandbox.facebook_token_for(permissions=(IG_BASIC, IG_PUBLISH, PAGES_READ, ADS_READ))
    assert sandbox.make(books, enough, image_url=sandbox.host_picture()).status_code == 200


def test_a_role_for_numbers_only_reads_and_does_not_publish(sandbox):
    club, rafael = sandbox.profile("clube.corrida"), sandbox.person("rafael")
    token = sandbox.facebook_token_for(rafael)
    assert sandbox.facebook("GET", club.user_id, token).status_code == 200
    assert refusal(sandbox.make(club, token, image_url=sandbox.host_picture())) == (200, None)


def test_another_account_does_not_exist_for_a_page_token(sandbox, page_token):
    studio = sandbox.profile("estudio.lume")
    assert refusal(sandbox.facebook("GET", studio.user_id, page_token)) == (100, 33)


def test_a_lost_role_kills_the_page_token(sandbox, page_token):
    sandbox.lose_role(sandbox.page())
    assert refusal(sandbox.facebook("GET", "me", page_token)) == (190, 492)


def test_a_page_whose_role_was_lost_is_not_listed(sandbox):
    token = sandbox.facebook_token_for(sandbox.person("rafael"))
    assert "Cantina Sol" not in names(sandbox.facebook("GET", "me/accounts", token))
    lost = sandbox.page_token_for(sandbox.page("Cantina Sol"), sandbox.person("rafael"))
    assert refusal(sandbox.facebook("GET", "me", lost)) == (190, 492)


def test_a_page_that_needs_authorization_refuses_to_publish(sandbox):
    radio, rafael = sandbox.profile("radio.litoral"), sandbox.person("rafael")
    token = sandbox.page_token_for(sandbox.page("Rádio Litoral"), rafael)
    answer = sandbox.make(radio, token, image_url=sandbox.host_picture())
    assert refusal(answer) == (200, None)
    assert answer.json()["error"]["error_user_title"] == "Page Publishing Authorization"


def test_a_disconnected_page_has_no_account_any_more(sandbox, bakery, page_token):
    page = sandbox.page()
    page.is_disconnected = True
    page.save()
    assert refusal(sandbox.facebook("GET", bakery.user_id, page_token)) == (100, 33)
    fields = {"fields": "instagram_business_account"}
    assert sandbox.facebook("GET", page.graph_id, page_token, params=fields).json() == {"id": page.graph_id}


def test_faults_of_one_account_meet_its_calls_here_too(sandbox, bakery, user_token):
    sandbox.next_call("any", code=2, account=bakery)
    studio = sandbox.profile("estudio.lume")
    assert sandbox.facebook("GET", studio.user_id, user_token).status_code == 200
    assert refusal(sandbox.facebook("GET", bakery.user_id, user_token)) == (2, None)


def test_the_journal_names_host_and_account(sandbox, bakery, page_token):
    sandbox.facebook("GET", f"v26.0/{bakery.user_id}/media", page_token)
    line = sandbox.calls("list")[-1]
    assert (line.host, line.profile) == (urlsplit(FACEBOOK_URL).path.rpartition("/")[2], bakery)
