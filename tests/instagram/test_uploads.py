"""The bytes of a resumable upload: where they may go, how they leave, and what the upload host's words mean."""

import io
import socket

import pytest

from scheduler.instagram import client as client_module
from scheduler.instagram.client import Client, ContainerState
from scheduler.instagram.errors import Decision, InstagramError, Step
from scheduler.instagram.uploads import Stretch, upload_address
from tests.instagram.scripted import GRAPH, SENTINEL, VERSION, graph_error, raw_server, say

META = "https://rupload.facebook.com/ig-api-upload/v26.0/17900000000000101"
HERE = "http://instagram.test/sandbox/rupload.facebook.com"
FILM = bytes(range(256)) * 40
SIZE = len(FILM)
GOOD = {"success": True, "message": "Upload successful."}
PART = {"debug_info": {"retriable": True, "type": "PartialRequestError", "message": "Partial request"}}


@pytest.fixture
def client(wire):
    return Client(graph_url=GRAPH, version=VERSION, token=SENTINEL, rupload_url=HERE, session=wire.session)


def send(client, uri=META, *, offset=0, length=None):
    rest = SIZE - offset
    length = rest if length is None else length
    return client.upload(uri, io.BytesIO(FILM), offset=offset, length=length, size=SIZE)


def refused(retriable, kind="ProcessingFailedError"):
    return {"debug_info": {"retriable": retriable, "type": kind, "message": '{"success":false}'}}


# --- Where they may go ---------------------------------------------------------------------------------------
def test_the_address_meta_told_is_asked_at_the_configured_host():
    assert upload_address(META, HERE) == f"{HERE}/ig-api-upload/v26.0/17900000000000101"


@pytest.mark.parametrize(
    "uri",
    [
        f"{HERE}/ig-api-upload/v26.0/1",
        "https://rupload.facebook.com/ig-api-upload/1",
        f"{META}?session=a%20b&x=1",
    ],
)
def test_other_forms_of_the_same_address_are_good(uri):
    assert upload_address(uri, HERE).startswith(f"{HERE}/ig-api-upload/")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://rupload.facebook.com.evil.example/ig-api-upload/v26.0/1",
        "https://rupload.facebook.com@evil.example/ig-api-upload/v26.0/1",
        "https://evil.example/ig-api-upload/v26.0/1",
        "http://rupload.facebook.com/ig-api-upload/v26.0/1",
        "//rupload.facebook.com/ig-api-upload/v26.0/1",
        "https://rupload.facebook.com:444/ig-api-upload/v26.0/1",
        "https://rupload.facebook.com/v26.0/me",
        "https://rupload.facebook.com/ig-api-upload/../v26.0/me",
        "https://rupload.facebook.com/ig-api-upload/v26.0/1\r\nX: y",
        f"{HERE}.evil.example/ig-api-upload/v26.0/1",
        f"{HERE}/../elsewhere/ig-api-upload/1",
    ],
)
def test_a_stranger_is_sent_neither_bytes_nor_token(wire, client, uri):
    with pytest.raises(InstagramError) as caught:
        send(client, uri)
    assert (wire.asked, caught.value.decision, caught.value.step) == ([], Decision.OPS, Step.UPLOAD)


def test_a_container_to_fill_without_an_address_gets_the_documented_one(wire, client):
    wire.will_answer({"id": "17900000000000101"})
    assert client.create_container("1", {"upload_type": "resumable"}).upload_uri == META


def test_a_container_that_instagram_fetches_has_none(wire, client):
    wire.will_answer({"id": "1"})
    assert client.create_container("1", {"video_url": "v"}).upload_uri == ""


# --- How they leave ------------------------------------------------------------------------------------------
def test_the_bytes_leave_with_offset_size_and_the_oauth_word(wire, client):
    wire.will_answer(GOOD)
    send(client, offset=240)
    asked = wire.asked[0]
    assert (asked.method, asked.url) == ("POST", f"{HERE}/ig-api-upload/v26.0/17900000000000101")
    told = {name: asked.headers[name] for name in ("offset", "file_size", "Content-Length", "Authorization")}
    assert told == {
        "offset": "240",
        "file_size": str(SIZE),
        "Content-Length": str(SIZE - 240),
        "Authorization": f"OAuth {SENTINEL}",
    }
    assert "Transfer-Encoding" not in asked.headers
    assert asked.body.read() == FILM[240:]


def test_a_piece_says_how_large_the_whole_is(wire, client):
    wire.will_answer(GOOD)
    send(client, offset=100, length=50)
    assert wire.asked[0].headers["Content-Length"] == "50"
    assert wire.asked[0].headers["file_size"] == str(SIZE)
    assert wire.asked[0].body.read() == FILM[100:150]


def test_the_log_says_what_was_sent_and_holds_no_token(wire, client):
    wire.will_answer({"success": True, "message": SENTINEL})
    send(client, offset=240)
    exchange = client.last_exchange
    assert exchange.endpoint == "POST /ig-api-upload/v26.0/17900000000000101"
    assert exchange.request == {"offset": 240, "length": SIZE - 240, "file_size": SIZE}
    assert SENTINEL not in repr(exchange)


class Greedy(io.BytesIO):
    """A film of 30 MB that remembers how much of it was wanted at once."""

    most = 0

    def read(self, size=-1):
        self.most = max(self.most, len(block := super().read(size)))
        return block


def swallow(connection):
    say(b'{"success": true}')(connection)


def test_a_large_film_is_never_in_memory_as_a_whole():
    film = Greedy(bytes(30_000_000))
    with raw_server(swallow) as address:
        client = Client(graph_url=address, version=VERSION, token="t", rupload_url=address)
        client.upload(META, film, offset=0, length=30_000_000, size=30_000_000)
    assert 0 < film.most <= 1_000_000


def test_a_line_that_is_too_slow_is_left_in_time(monkeypatch):
    monkeypatch.setattr(client_module, "SEND_TIMEOUT_S", 0.0)
    with raw_server(swallow) as address:
        client = Client(graph_url=address, version=VERSION, token="t", rupload_url=address)
        assert send(client) is False


def test_a_dropped_line_is_a_connection_error():
    def drop(connection):
        connection.shutdown(socket.SHUT_RDWR)

    with raw_server(drop) as address:
        client = Client(graph_url=address, version=VERSION, token="t", rupload_url=address)
        with pytest.raises(InstagramError) as caught:
            send(client)
    assert (caught.value.decision, caught.value.unclear) == (Decision.RETRY, False)


def test_a_stretch_ends_where_it_should():
    stretch = Stretch(io.BytesIO(b"0123456789"), 2, 5, 60)
    assert (len(stretch), stretch.read(3), stretch.read(), stretch.read()) == (5, b"234", b"56", b"")


def test_a_stretch_is_over_when_its_time_is():
    stretch = Stretch(io.BytesIO(b"0123456789"), 0, 5, -1)
    with pytest.raises(TimeoutError):
        stretch.read(1)
    assert stretch.is_late


# --- What is answered ----------------------------------------------------------------------------------------
def test_bytes_that_are_only_a_part_are_kept(wire, client):
    wire.will_answer(PART, status=400)
    assert send(client, length=50) is False
    assert client.last_exchange.http_status == 400


@pytest.mark.parametrize(("words", "is_whole"), [({}, True), ({"offset": 9}, True), ({"length": 50}, False)])
def test_success_means_the_whole_only_at_the_end(wire, client, words, is_whole):
    wire.will_answer(GOOD)
    assert send(client, **words) is is_whole


@pytest.mark.parametrize(
    ("answer", "name", "decision"),
    [
        (PART, "INSTAGRAM_DOWN", Decision.RETRY),  # said of the whole rest, some of it is missing
        (refused(True), "INSTAGRAM_DOWN", Decision.RETRY),
        (refused(False), "UPLOAD_REFUSED", Decision.RECREATE),
        (refused(None, "OffsetInvalidError"), "UPLOAD_REFUSED", Decision.RECREATE),
        (graph_error(190), "TOKEN_EXPIRED", Decision.RECONNECT),
        (graph_error(10), "PERMISSION_DENIED", Decision.RECONNECT),
        (b"<html>", "INSTAGRAM_DOWN", Decision.RETRY),
        (b"", "INSTAGRAM_DOWN", Decision.RETRY),
        ({"debug_info": "?"}, "INSTAGRAM_DOWN", Decision.RETRY),
    ],
)
@pytest.mark.parametrize("status", [400, 503])
def test_a_refusal_says_what_can_help(wire, client, answer, name, decision, status):
    wire.will_answer(answer, status=status)
    with pytest.raises(InstagramError) as caught:
        send(client)
    assert (caught.value.name, caught.value.decision, caught.value.unclear) == (name, decision, False)


@pytest.mark.parametrize("answer", [{}, {"success": False}, {"success": "true"}, {"id": "1"}, PART])
def test_an_answer_that_does_not_say_success_is_none(wire, client, answer):
    wire.will_answer(answer)
    with pytest.raises(InstagramError):
        send(client)


# --- How far it is -------------------------------------------------------------------------------------------
def read(wire, client, **answer):
    wire.will_answer({"status_code": "IN_PROGRESS"} | answer)
    return client.read_container("1", upload=True)


def uploading(**facts):
    return {"uploading_phase": facts, "processing_phase": {"status": "not_started"}}


@pytest.mark.parametrize(
    ("video_status", "state"),
    [
        (uploading(status="in_progress", bytes_transferred=1048576), (1048576, False)),
        (uploading(status="in_progress", bytes_transferred="1048576"), (1048576, False)),
        (uploading(status="complete", bytes_transferred=5), (5, True)),
        (uploading(status="not_started"), (0, False)),
        (uploading(status="in_progress", bytes_transferred=-1), (0, False)),
        (uploading(bytes_transferred=None), (0, False)),
        ({"uploading_phase": "?"}, (0, False)),
        ("?", (0, False)),
        (None, (0, False)),
    ],
)
def test_how_much_has_arrived_is_read(wire, client, video_status, state):
    assert read(wire, client, video_status=video_status) == ContainerState("IN_PROGRESS", "", *state)
    assert "video_status" in wire.asked[0].url


def test_it_is_asked_for_only_where_it_matters(wire, client):
    wire.will_answer({"status_code": "FINISHED"})
    client.read_container("1")
    assert "video_status" not in wire.asked[0].url


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (ContainerState("EXPIRED", "Expired: …"), "CONTAINER_EXPIRED"),
        (ContainerState("ERROR", "Error: Media upload has failed with error code 2207026"), "VIDEO_REFUSED"),
    ],
)
def test_a_container_that_is_over_says_why(state, name):
    assert state.failure.name == name
