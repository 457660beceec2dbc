"""The calls over a scripted wire, and over a real socket that drips, drops, and lies."""

import hashlib
import hmac
import json
import logging
import os
import pprint
import socket
import threading
import time
import traceback
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.instagram import client as client_module
from scheduler.instagram.client import Client, new_session, shared_session
from scheduler.instagram.errors import Decision, InstagramError, Step
from scheduler.lib.redaction import SecretsFilter
from tests.instagram.scripted import GRAPH, SENTINEL, VERSION, drip, graph_error, raw_server, refused_address, say

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
USER = "17841400000000001"


def body_of(request):
    return json.loads(request.body)


# --- What is asked -------------------------------------------------------------------------------------------
def test_a_container_is_asked_for_with_the_token_in_the_header_only(wire, client):
    wire.will_answer({"id": "17900000000000101"})
    client.create_container(USER, {"image_url": "https://cdn.example/a.jpg", "caption": "Pão #quente & more"})
    asked = wire.asked[0]
    assert (asked.method, asked.url) == ("POST", f"{GRAPH}/{VERSION}/{USER}/media")
    assert asked.headers["Authorization"] == f"Bearer {SENTINEL}"
    assert body_of(asked) == {"image_url": "https://cdn.example/a.jpg", "caption": "Pão #quente & more"}
    assert SENTINEL not in asked.url + asked.body.decode()


def test_the_publish_call_names_the_container_and_asks_for_nothing_more(wire, client):
    wire.will_answer({"id": "18000000000000501"})
    assert client.publish_container(USER, "17900000000000101") == "18000000000000501"
    assert wire.asked[0].url.endswith(f"/{USER}/media_publish")
    assert body_of(wire.asked[0]) == {"creation_id": "17900000000000101"}


def test_a_comment_is_posted_without_asking_for_fields(wire, client):
    wire.will_answer({"id": "17800000000000901"})
    assert client.post_comment("18000000000000501", "First") == "17800000000000901"
    assert wire.asked[0].url.endswith("/18000000000000501/comments")
    assert body_of(wire.asked[0]) == {"message": "First"}


def test_the_apps_proof_goes_along_with_facebook_login(wire):
    client = Client(graph_url=GRAPH, version=VERSION, token="token", app_secret="secret", session=wire.session)
    wire.will_answer({"id": "1"})
    client.create_container(USER, {})
    proof = hmac.new(b"secret", b"token", hashlib.sha256).hexdigest()
    assert body_of(wire.asked[0]) == {"appsecret_proof": proof}
    assert proof not in repr(client.last_exchange)


def test_an_id_cannot_lead_to_another_address(wire, client):
    wire.will_answer({"id": "1", "status_code": "FINISHED"})
    client.read_container("../me?x=1")
    assert wire.asked[0].url.startswith(f"{GRAPH}/{VERSION}/..%2Fme%3Fx%3D1?fields=")


def test_redirects_are_not_followed_and_the_time_is_bounded(wire, client):
    wire.will_answer({"id": "1"}, status=302, Location="https://elsewhere.example/")
    with pytest.raises(InstagramError) as caught:
        client.publish_container(USER, "1")
    assert (len(wire.asked), caught.value.unclear) == (1, True)
    assert wire.options[0]["timeout"] == (5.0, 30.0)
    assert wire.options[0]["stream"] is True


# --- What is understood --------------------------------------------------------------------------------------
def test_a_container_may_come_with_an_address_to_upload_to(wire, client):
    wire.will_answer({"id": 17900000000000101, "uri": "https://rupload.example/1"})
    created = client.create_container(USER, {})
    assert (created.container_id, created.upload_uri) == ("17900000000000101", "https://rupload.example/1")


@pytest.mark.parametrize(
    ("answer", "status_code"),
    [
        ({"status_code": "FINISHED", "status": "Finished: ready"}, "FINISHED"),
        ({"status_code": "in_progress"}, "IN_PROGRESS"),
        ({"status_code": "", "status": "Error: Media download has failed"}, "ERROR"),
        ({"status": "Error: Media download has failed"}, "ERROR"),
        ({"status": "Expired: The container was not published"}, "EXPIRED"),
        ({"status": "In progress: wait"}, "IN_PROGRESS"),
        ({"status": "Published: done"}, "PUBLISHED"),
        ({"status": "Finished: ready"}, "FINISHED"),
    ],
)
def test_a_containers_state_is_read(wire, client, answer, status_code):
    wire.will_answer({"id": "1"} | answer)
    assert client.read_container("1").status_code == status_code


@pytest.mark.parametrize("answer", [{}, {"id": "1"}, {"status_code": "WEIRD"}, {"status_code": 7, "status": []}])
def test_a_container_without_a_readable_state_is_an_error_and_no_guess(wire, client, answer):
    wire.will_answer(answer)
    with pytest.raises(InstagramError):
        client.read_container("1")


def test_a_live_post_is_read(wire, client):
    wire.will_answer(
        {
            "id": 18000000000000501,
            "media_type": "CAROUSEL_ALBUM",
            "media_product_type": "FEED",
            "permalink": "https://www.instagram.com/p/DInvented01/",
            "timestamp": "2026-11-22T12:00:04+0000",
            "caption": "Two looks",
            "children": {"data": [{"id": "1"}, {"id": "2"}]},
        }
    )
    media = client.read_media("18000000000000501")
    assert (media.media_id, media.media_type, media.product_type) == ("18000000000000501", "CAROUSEL_ALBUM", "FEED")
    assert (media.permalink, media.caption) == ("https://www.instagram.com/p/DInvented01/", "Two looks")
    assert (media.published_at, media.child_count) == (datetime(2026, 11, 22, 12, 0, 4, tzinfo=UTC), 2)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://" + "x" * 300, 5]
)
def test_what_is_no_link_is_none(wire, client, link):
    wire.will_answer({"id": "1", "permalink": link})
    assert client.read_media("1").permalink == ""


def test_a_live_post_may_lack_everything_but_its_id(wire, client):
    wire.will_answer({"id": "18", "timestamp": "yesterday", "children": [], "caption": None})
    media = client.read_media("18")
    assert (media.media_id, media.published_at, media.caption, media.child_count) == ("18", None, "", 0)


def test_comments_are_listed(wire, client):
    wire.will_answer(
        {"data": [{"id": 1, "text": "First", "username": "loja"}, {"id": "2", "from": {"username": "ana"}}]}
    )
    comments = client.list_comments("18")
    assert [(comment.comment_id, comment.text, comment.username) for comment in comments] == [
        ("1", "First", "loja"),
        ("2", "", "ana"),
    ]


@pytest.mark.parametrize(
    ("answer", "usage", "total"),
    [
        ({"data": [{"quota_usage": 7, "config": {"quota_total": 50, "quota_duration": 86400}}]}, 7, 50),
        ({"data": [{"quota_usage": "7"}]}, 7, None),
        ({"data": []}, 0, None),
        ({"data": [{"quota_usage": True, "config": {"quota_total": "many"}}]}, 0, None),
        ({}, 0, None),
    ],
)
def test_the_quota_is_read(wire, client, answer, usage, total):
    wire.will_answer(answer)
    quota = client.read_quota(USER)
    assert (quota.usage, quota.total) == (usage, total)


PROFILE = {"id": "26000000000000001", "user_id": 17841400000000001, "username": "loja", "account_type": "Business"}


@pytest.mark.parametrize("answer", [PROFILE, {"data": [PROFILE]}], ids=["flat", "wrapped"])
def test_both_shapes_of_the_profile_are_understood(wire, client, answer):
    wire.will_answer(answer)
    profile = client.read_profile()
    assert (profile.user_id, profile.app_scoped_id, profile.username) == (USER, "26000000000000001", "loja")
    assert profile.is_professional


@pytest.mark.parametrize(
    ("kind", "is_professional"),
    [("BUSINESS", True), ("Media_Creator", True), ("", True), ("PERSONAL", False), ("personal", False)],
)
def test_only_a_told_personal_account_is_not_professional(wire, client, kind, is_professional):
    wire.will_answer(PROFILE | {"account_type": kind})
    assert client.read_profile().is_professional is is_professional


@pytest.mark.parametrize("answer", [{}, {"data": []}, {"id": "1"}, {"username": "loja"}, {"data": ["x"]}])
def test_a_profile_without_id_or_name_is_an_error(wire, client, answer):
    wire.will_answer(answer)
    with pytest.raises(InstagramError):
        client.read_profile()


# --- Finding what went live ----------------------------------------------------------------------------------
def listed(*ids, after="", timestamp="2026-11-22T12:00:04+0000"):
    page = {"data": [{"id": media_id, "timestamp": timestamp} for media_id in ids]}
    if after:
        page["paging"] = {"cursors": {"after": after}, "next": f"https://elsewhere.example/?access_token={SENTINEL}"}
    return page


def test_live_posts_are_asked_for_since_a_time(wire, client):
    wire.will_answer(listed("1"))
    client.find_media(USER, story=False, since=NOON)
    asked = wire.asked[0].url
    assert f"/{USER}/media?" in asked and f"since={int(NOON.timestamp())}" in asked and "limit=25" in asked


def test_stories_have_a_list_of_their_own(wire, client):
    wire.will_answer(listed("1"))
    client.find_media(USER, story=True, since=NOON)
    assert f"/{USER}/stories?" in wire.asked[0].url


def test_further_pages_are_asked_for_by_cursor_and_never_by_the_given_address(wire, client):
    wire.will_answer(listed("1", after="CURSOR")).will_answer(listed("2"))
    assert [media.media_id for media in client.find_media(USER, story=False, since=NOON)] == ["1", "2"]
    assert wire.asked[1].url.startswith(GRAPH) and "after=CURSOR" in wire.asked[1].url


def test_no_more_than_four_pages_are_read(wire, client):
    for page in range(5):
        wire.will_answer(listed(str(page), after="more"))
    assert len(client.find_media(USER, story=False, since=NOON)) == 4


def test_older_posts_are_left_out_whatever_instagram_filters(wire, client):
    wire.will_answer(listed("1", timestamp="2026-11-22T11:59:59+0000"))
    assert client.find_media(USER, story=False, since=NOON) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"data": None},
        {"data": ["x", None, 7, {}]},
        {"data": [], "paging": []},
        {"data": [], "paging": {"cursors": [], "next": 1}},
        {"data": [], "paging": {"next": "x"}},
    ],
)
def test_a_strange_list_is_an_empty_one(wire, client, answer):
    wire.will_answer(answer)
    assert client.find_media(USER, story=False, since=NOON) == []


# --- What is not understood ----------------------------------------------------------------------------------
CALLS = [
    (Step.CREATE, lambda client: client.create_container(USER, {})),
    (Step.STATUS, lambda client: client.read_container("1")),
    (Step.PUBLISH, lambda client: client.publish_container(USER, "1")),
    (Step.FIND, lambda client: client.find_media(USER, story=False, since=NOON)),
    (Step.PERMALINK, lambda client: client.read_media("1")),
    (Step.COMMENT, lambda client: client.post_comment("1", "First")),
    (Step.COMMENTS, lambda client: client.list_comments("1")),
    (Step.QUOTA, lambda client: client.read_quota(USER)),
    (Step.PROFILE, lambda client: client.read_profile()),
]
NONSENSE = [
    b"",
    b"<html>502</html>",
    b'{"id":"1"',
    b"[]",
    b'"text"',
    b"null",
    b'{"error":{}}',
    b'{"error":[]}',
    b'{"error":"text"}',
    b'{"error":""}',
    b"[" * 100_000,
    b'{"a":' * 400 + b"1" + b"}" * 400,
]


@pytest.mark.parametrize("body", NONSENSE, ids=lambda body: repr(body[:20]))
@pytest.mark.parametrize(("step", "call"), CALLS, ids=[step for step, _call in CALLS])
def test_nonsense_with_a_200_is_an_error_at_every_call(wire, client, step, call, body):
    wire.will_answer(body)
    with pytest.raises(InstagramError) as caught:
        call(client)
    assert caught.value.step == step
    assert caught.value.unclear is (step in {Step.PUBLISH, Step.COMMENT})


@pytest.mark.parametrize("missing", [{}, {"id": ""}, {"id": None}, {"id": []}, {"id": True}, {"id": 1.5}])
@pytest.mark.parametrize(
    ("call", "unclear"),
    [(CALLS[0][1], False), (CALLS[2][1], True), (CALLS[5][1], True)],
    ids=["create", "publish", "comment"],
)
def test_a_200_without_an_id_is_an_error_and_in_doubt_where_something_may_be_public(
    wire, client, call, unclear, missing
):
    wire.will_answer(missing)
    with pytest.raises(InstagramError) as caught:
        call(client)
    assert (caught.value.unclear, caught.value.http_status) == (unclear, 200)


def test_a_null_error_beside_an_id_is_no_error(wire, client):
    wire.will_answer({"id": "1", "error": None})
    assert client.publish_container(USER, "1") == "1"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300) | st.text(max_size=60).map(str.encode),
    st.sampled_from([200, 201, 204, 301, 400, 403, 500]),
)
def test_any_bytes_give_a_value_or_an_instagram_error(wire, client, body, status):
    for _step, call in CALLS:
        wire.script.clear()
        wire.will_answer(body, status=status)
        try:
            call(client)
        except InstagramError as error:
            json.dumps(error.body, allow_nan=False)
        json.dumps(client.last_exchange.response, allow_nan=False)


strange = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KNOWN = ("id", "data", "status_code", "status", "paging", "error", "children", "timestamp", "config", "username")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(KNOWN), strange, max_size=6))
def test_any_object_gives_a_value_or_an_instagram_error(wire, client, told):
    for _step, call in CALLS:
        wire.script.clear()
        for _page in range(4):
            wire.will_answer(told)
        try:
            call(client)
        except InstagramError:
            pass
        assert json.dumps(client.last_exchange.response, allow_nan=False)


# --- What the log may keep -----------------------------------------------------------------------------------
def test_the_last_exchange_tells_what_was_asked_and_answered(wire, client):
    usage = {"call_count": 31, "total_time": 12}
    business = {USER: [{"type": "instagram", "call_count": 97, "estimated_time_to_regain_access": 0}]}
    wire.will_answer({"id": "1"}, x_app_usage=json.dumps(usage), x_business_use_case_usage=json.dumps(business))
    client.create_container(USER, {"image_url": "https://cdn.example/a.jpg"})
    told = client.last_exchange
    assert (told.method, told.http_status) == ("POST", 200)
    assert told.endpoint.endswith(f"/{VERSION}/{USER}/media")
    assert told.request == {"image_url": "https://cdn.example/a.jpg"}
    assert told.response == {"id": "1"}
    assert told.usage == {"x-app-usage": usage, "x-business-use-case-usage": business}
    assert told.duration_ms >= 0


def test_the_last_exchange_tells_of_a_failure_too(wire, client):
    wire.will_answer(graph_error(190, 463), status=401)
    with pytest.raises(InstagramError):
        client.read_profile()
    assert client.last_exchange.http_status == 401
    assert client.last_exchange.response["error"]["code"] == 190


def test_the_last_exchange_never_tells_of_the_call_before(wire, client):
    wire.will_answer({"id": "1"}).will_raise(requests.ConnectionError())
    client.publish_container(USER, "1")
    with pytest.raises(InstagramError):
        client.read_container("1")
    assert client.last_exchange.http_status is None
    assert client.last_exchange.response != {"id": "1"}


def test_a_log_line_that_cannot_be_stored_is_not_written(wire, client):
    wire.will_answer(b'{"id":"1","x":"a\\u0000b\\ud800","y":NaN}')
    client.publish_container(USER, "1")
    assert client.last_exchange.response == {"id": "1", "x": "ab?", "y": None}


ECHOES = [
    (400, json.dumps(graph_error(190, message=f"Malformed access token {SENTINEL}")).encode()),
    (502, f"<html>Authorization: Bearer {SENTINEL}</html>".encode()),
    (502, f"<p>{SENTINEL}</p>".encode()),
    (200, f'{{"id":"1","seen":["{SENTINEL}"]}}'.encode()),
    (200, f'{{"access_token":"{SENTINEL}'.encode()),
    (400, f'{{"error":"{SENTINEL}"}}'.encode()),
    (200, ("x" * 190 + SENTINEL).encode()),
]


@pytest.mark.parametrize(("status", "body"), ECHOES)
def test_a_token_that_instagram_echoes_is_shown_nowhere(wire, client, caplog, status, body):
    caplog.set_level(logging.DEBUG)
    wire.will_answer(body, status=status)
    shown = []
    try:
        client.publish_container(USER, "1")
    except InstagramError as error:
        shown += [str(error), repr(error), error.message, error.body, traceback.format_exc()]
    shown += [client.last_exchange, client, caplog.text]
    assert SENTINEL not in repr(shown)
    assert SENTINEL[:24] not in repr(shown)


def test_a_token_stands_in_no_chain_of_causes_and_no_frame(wire, client):
    wire.will_raise(requests.ConnectionError(f"GET /me?access_token={SENTINEL}"))
    with pytest.raises(InstagramError) as caught:
        client.read_profile()
    error = caught.value
    assert error.__cause__ is None and error.__context__ is None
    frames = [frame.frame.f_locals for frame in caught.traceback[1:]]
    assert SENTINEL not in "".join(pprint.pformat(value) for local in frames for value in local.values())


def test_a_token_that_cannot_be_a_header_is_named_nowhere(wire):
    for token in (f"{SENTINEL}\n", f"{SENTINEL}€"):
        client = Client(graph_url="http://127.0.0.1:9", version=VERSION, token=token)
        with pytest.raises(InstagramError) as caught:
            client.publish_container(USER, "1")
        assert SENTINEL not in f"{caught.value!r}{caught.value}{client.last_exchange}"
        assert (caught.value.unclear, caught.value.decision) == (False, Decision.OPS)


def test_the_debug_log_of_a_real_request_holds_no_token(caplog):
    caplog.set_level(logging.DEBUG)
    with caplog.filtering(SecretsFilter()), raw_server(say(b'{"id":"1"}')) as address:
        Client(graph_url=address, version=VERSION, token=SENTINEL).publish_container(USER, "1")
    assert "media_publish" in caplog.text
    assert SENTINEL not in caplog.text


# --- Rate limits ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({"x_business_use_case_usage": '{"1":[{"type":"instagram","estimated_time_to_regain_access":37}]}'}, 37),
        (
            {
                "x_business_use_case_usage": json.dumps(
                    {"1": [{"estimated_time_to_regain_access": 3}, {"estimated_time_to_regain_access": 9}]}
                )
            },
            9,
        ),
        ({"Retry_After": "90"}, 2),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0),
        ({"x_business_use_case_usage": "nonsense"}, 0),
        ({"x_business_use_case_usage": '{"1":7}'}, 0),
        ({"x_business_use_case_usage": '{"1":[{"estimated_time_to_regain_access":99999999}]}'}, 1440),
        ({"x_business_use_case_usage": "[" * 20_000}, 0),
        ({}, 0),
    ],
)
def test_a_rate_limit_tells_when_to_come_back(wire, client, headers, minutes):
    wire.will_answer(graph_error(80002), status=400, **headers)
    with pytest.raises(InstagramError) as caught:
        client.read_container("1")
    assert (caught.value.decision, caught.value.regain_minutes) == (Decision.WAIT, minutes)


# --- A real socket -------------------------------------------------------------------------------------------
def publish_to(address, **timeouts):
    client = Client(graph_url=address, version=VERSION, token="token", session=new_session(), **timeouts)
    return client.publish_container(USER, "1")


def failure_at(address, **timeouts):
    started = time.monotonic()
    with pytest.raises(InstagramError) as caught:
        publish_to(address, **timeouts)
    return caught.value, time.monotonic() - started


SHORT = {"connect_timeout_s": 0.3, "read_timeout_s": 0.3, "total_timeout_s": 0.6}


def test_a_real_answer_is_heard():
    with raw_server(say(b'{"id":"18"}')) as address:
        assert publish_to(address) == "18"


def test_silence_ends_with_the_read_time_out():
    with raw_server(lambda connection: connection.recv(1)) as address:
        error, took = failure_at(address, **SHORT)
    assert (error.name, error.unclear) == ("CONNECTION_ERROR", True)
    assert took < 1.5


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 30], id="body"),
        pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 30], id="chunks"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 30], id="headers"),
        pytest.param([b"H"] * 30, id="first-line"),
    ],
)
def test_an_answer_that_drips_ends_with_the_whole_time(pieces):
    with raw_server(drip(*pieces, pause=0.1)) as address:
        error, took = failure_at(address, **SHORT)
    assert (error.name, error.unclear) == ("CONNECTION_ERROR", True)
    assert 0.5 < took < 2.5  # all of it takes 3 s


def test_the_whole_time_counts_for_one_call_not_for_the_session():
    with raw_server(say(b'{"id":"18"}')) as address:
        session = new_session()
        for _call in range(2):
            client = Client(graph_url=address, version=VERSION, token="token", session=session, **SHORT)
            assert client.publish_container(USER, "1") == "18"
            time.sleep(0.4)


def test_a_connection_dropped_before_the_answer_is_in_doubt():
    with raw_server(lambda connection: None) as address:
        error, _took = failure_at(address)
    assert (error.name, error.unclear) == ("CONNECTION_ERROR", True)


def test_a_connection_reset_before_the_answer_is_in_doubt():
    def reset(connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with raw_server(reset) as address:
        error, _took = failure_at(address)
    assert (error.name, error.unclear) == ("CONNECTION_ERROR", True)


def test_an_answer_cut_short_means_instagram_is_down():
    with raw_server(say(b'{"id":"18', length=100)) as address:
        error, _took = failure_at(address)
    assert (error.name, error.unclear) == ("INSTAGRAM_DOWN", True)


def test_a_refused_connection_is_not_in_doubt():
    error, _took = failure_at(refused_address())
    assert (error.name, error.unclear, error.decision) == ("CONNECTION_ERROR", False, Decision.RETRY)


def test_a_name_that_does_not_exist_is_not_in_doubt(monkeypatch):
    def unknown(*_address, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error, _took = failure_at("http://no-such-host.invalid")
    assert (error.name, error.unclear) == ("CONNECTION_ERROR", False)


def test_an_address_that_is_none_is_the_operators():
    error, _took = failure_at("not an address")
    assert (error.name, error.unclear) == ("APP_ERROR", False)


ENDLESS = {
    "a body": b"HTTP/1.1 200 OK\r\n\r\n",
    "a body with a redirect": b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\n\r\n",
    "a chunk of less than nothing": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
}


@pytest.mark.parametrize("head", ENDLESS)
def test_an_endless_answer_is_cut_off(head):
    sent = []

    def flood(connection):
        connection.sendall(ENDLESS[head])
        for _piece in range(2_000):
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    with raw_server(flood) as address:
        error, _took = failure_at(address)
    assert (error.name, error.unclear) == ("INSTAGRAM_DOWN", True)
    assert sum(sent) < 20_000_000


def test_a_bomb_that_unpacks_to_gigabytes_is_cut_off():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with raw_server(lambda connection: connection.sendall(head + packed)) as address:
        error, took = failure_at(address)
    assert (error.name, error.unclear) == ("INSTAGRAM_DOWN", True)
    assert took < 2


def test_what_is_no_http_at_all_is_in_doubt():
    with raw_server(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")) as address:
        error, _took = failure_at(address)
    assert error.unclear is True


def test_an_encrypted_address_that_answers_in_the_clear_is_an_error():
    with raw_server(say(b'{"id":"18"}')) as address:
        error, _took = failure_at(address.replace("http:", "https:"), **SHORT)
    assert isinstance(error, InstagramError)


# --- The session ---------------------------------------------------------------------------------------------
def test_the_session_takes_nothing_from_the_environment(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", refused_address())
    with raw_server(say(b'{"id":"18"}')) as address:
        assert publish_to(address) == "18"


def test_the_session_repeats_nothing_by_itself():
    arrived = []
    with raw_server(lambda connection: arrived.append(1)) as address:
        failure_at(address)
    assert len(arrived) == 1


def test_the_session_keeps_no_cookies():
    def answer(connection):
        connection.sendall(
            b'HTTP/1.1 200 OK\r\nSet-Cookie: datr=who; Path=/\r\nContent-Length: 11\r\n\r\n{"id":"18"}'
        )

    session = new_session()
    with raw_server(answer) as address:
        Client(graph_url=address, version=VERSION, token="token", session=session).publish_container(USER, "1")
    assert not list(session.cookies)


def test_the_process_shares_one_session():
    assert shared_session() is shared_session()


def test_a_forked_process_gets_a_session_of_its_own(monkeypatch):
    here = shared_session()
    monkeypatch.setattr(os, "getpid", lambda: -7)
    assert shared_session() is not here


def test_threads_that_come_first_at_once_get_the_same_session(monkeypatch):
    monkeypatch.setattr(client_module, "_sessions", {})
    gate = threading.Barrier(8)

    def come(_number):
        gate.wait(5)
        return id(shared_session())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(come, range(8)))) == 1


def test_the_client_shows_no_token():
    assert SENTINEL not in repr(Client(graph_url=GRAPH, version=VERSION, token=SENTINEL))
