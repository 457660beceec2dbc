"""The client of an account behind a Page: which token asks what, and what is never asked twice."""

import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from scheduler.instagram.errors import InstagramError
from scheduler.instagram.page_client import PageClient
from tests.instagram.scripted import GRAPH, VERSION, graph_error

PAGE, USER, SECRET = "sentinel-page-token-1", "sentinel-user-token-2", "sentinel-app-secret-3"
REFUSALS = [(10, None), (200, None), (299, None), (100, 33)]
OTHERS = [(190, 463), (2, None), (4, None), (100, None), (25, 2207050)]
READS = {
    "container": lambda client: client.read_container("1"),
    "media": lambda client: client.read_media("1"),
    "list": lambda client: client.find_media("1", story=False, since=datetime(2026, 11, 22, tzinfo=UTC)),
    "comments": lambda client: client.list_comments("1"),
    "quota": lambda client: client.read_quota("1"),
}
WRITES = {
    "create": lambda client: client.create_container("1", {"image_url": "https://cdn.example/a.jpg"}),
    "publish": lambda client: client.publish_container("1", "2"),
    "comment": lambda client: client.post_comment("1", "more"),
}
ANSWER = {"id": "1", "status_code": "FINISHED", "data": []}


@pytest.fixture
def client(wire):
    return PageClient(
        graph_url=GRAPH, version=VERSION, token=PAGE, user_token=USER, app_secret=SECRET, session=wire.session
    )


def tokens(wire):
    return [request.headers["Authorization"].removeprefix("Bearer ") for request in wire.asked]


def proof_of(token):
    return hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("read", READS)
def test_the_pages_token_reads_with_its_proof(wire, client, read):
    wire.will_answer(ANSWER)
    READS[read](client)
    assert tokens(wire) == [PAGE]
    assert parse_qs(urlsplit(wire.asked[0].url).query)["appsecret_proof"] == [proof_of(PAGE)]


@pytest.mark.parametrize(("code", "subcode"), REFUSALS)
@pytest.mark.parametrize("read", READS)
def test_a_read_that_is_refused_is_asked_once_more_with_the_users(wire, client, read, code, subcode):
    wire.will_answer(graph_error(code, subcode), status=400).will_answer(ANSWER)
    READS[read](client)
    assert tokens(wire) == [PAGE, USER]
    first, second = (parse_qs(urlsplit(request.url).query) for request in wire.asked)
    assert second["appsecret_proof"] == [proof_of(USER)]
    assert {**first, "appsecret_proof": 0} == {**second, "appsecret_proof": 0}
    assert client.last_exchange.http_status == 200


@pytest.mark.parametrize(("code", "subcode"), OTHERS)
def test_other_refusals_are_not_the_tokens(wire, client, code, subcode):
    wire.will_answer(graph_error(code, subcode), status=400)
    with pytest.raises(InstagramError):
        client.read_container("1")
    assert tokens(wire) == [PAGE]


@pytest.mark.parametrize(("code", "subcode"), REFUSALS)
@pytest.mark.parametrize("write", WRITES)
def test_what_changes_something_is_asked_once(wire, client, write, code, subcode):
    wire.will_answer(graph_error(code, subcode), status=400)
    with pytest.raises(InstagramError):
        WRITES[write](client)
    assert tokens(wire) == [PAGE]


def test_without_a_users_token_the_refusal_stands(wire):
    client = PageClient(graph_url=GRAPH, version=VERSION, token=PAGE, app_secret=SECRET, session=wire.session)
    wire.will_answer(graph_error(200), status=403)
    with pytest.raises(InstagramError):
        client.read_container("1")
    assert tokens(wire) == [PAGE]


@pytest.mark.parametrize("trouble", [graph_error(190, 463), graph_error(2), None])
def test_the_pages_own_refusal_is_told_when_the_users_token_fails_too(wire, client, trouble):
    wire.will_answer(graph_error(200, message="the Page may not"), status=403)
    if trouble:
        wire.will_answer(trouble, status=400)
    else:
        wire.will_raise(requests.ReadTimeout("x"))
    with pytest.raises(InstagramError) as caught:
        client.read_container("1")
    assert caught.value.name == "PERMISSION_DENIED" and caught.value.message == "the Page may not"
    assert client.last_exchange.http_status == 403


def test_no_secret_shows_in_any_of_it(wire, client):
    echo = f"{PAGE} {USER} {SECRET}"
    wire.will_answer(graph_error(200, message=PAGE), status=403)
    wire.will_answer({"id": "1", "status_code": "FINISHED", "status": echo.replace(PAGE, "")})
    client.read_container("1")
    shown = f"{client!r} {client.last_exchange!r}"
    assert not any(secret in shown for secret in (PAGE, USER, SECRET))
