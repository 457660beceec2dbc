"""What is sent to an address of a person's choice, and what no address makes us do.

The internet is the one of test_safe_fetch.py: names are made up, and each leads to a server on this machine.
"""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scheduler.lib.safe_fetch import Refused
from scheduler.lib.safe_post import MOST_BYTES, Answer, send, sendable, wait_told
from scheduler.lib.signing import signature
from tests.test_safe_fetch import PRIVATE, internet  # noqa: F401 - a fixture

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Receiver:
    """A server on this machine that keeps what it is sent, and answers what `answer` writes."""

    def __init__(self):
        self.got, receiver = [], self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                receiver.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.address = f"{self.origin}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.says(200)

    def says(self, status, body=b"", **headers):
        """Answer so from now on."""

        def answer(handler):
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answer = answer

    def writes(self, data):
        """Answer with these very bytes, and close."""
        self.answer = lambda handler: handler.wfile.write(data)

    @contextmanager
    def hangs(self):
        """Say nothing, until the block is left."""
        over = threading.Event()
        self.answer = lambda handler: over.wait(30)
        try:
            yield
        finally:
            over.set()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def sent(receiver):
    def sent(**options):
        words = {"within_s": 5.0, "trusted": [receiver.origin]} | options
        return send(receiver.address, b'{"a": 1}', {"Pauta-Event": "x"}, **words)

    return sent


def refusal(address, **options):
    with pytest.raises(Refused) as caught:
        send(address, b"{}", {}, within_s=5.0, **options)
    return caught.value.code


def test_the_body_arrives_as_it_is_with_its_headers(sent, receiver):
    receiver.says(202, b"thanks")
    assert sent() == Answer(202, b"thanks")
    [(headers, body)] = receiver.got
    assert body == b'{"a": 1}'
    assert (headers["Pauta-Event"], headers["User-Agent"]) == ("x", "Pauta-Webhooks/1")


@pytest.mark.parametrize("status", [200, 301, 404, 410, 500, 503])
def test_every_status_is_an_answer(sent, receiver, status):
    receiver.says(status, Retry_After="9")
    assert sent() == Answer(status, b"", "9")


def test_a_redirect_is_not_followed(sent, receiver):
    receiver.says(307, Location=receiver.address)
    assert sent().status == 307
    assert len(receiver.got) == 1


def test_a_receiver_that_hangs_is_given_up(sent, receiver):
    with receiver.hangs(), pytest.raises(Refused, match="ADDRESS_SLOW"):
        sent(within_s=0.3)


def test_a_head_that_drips_ends_at_the_time_for_all_of_it(sent, receiver):
    over = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            try:
                handler.wfile.write(b"X: y\r\n")
            except OSError:
                return

    receiver.answer = drip
    with pytest.raises(Refused, match="ADDRESS_SLOW"):
        sent(within_s=0.3)
    over.set()


def test_a_body_that_hangs_changes_nothing_of_a_status(sent, receiver):
    over = threading.Event()

    def half(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        over.wait(30)

    receiver.answer = half
    assert sent(within_s=0.3).status == 200
    over.set()


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02", b"SMTP hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_an_answer_that_is_none_is_no_answer(sent, receiver, said):
    receiver.writes(said)
    with pytest.raises(Refused, match="ADDRESS_UNREACHABLE"):
        sent()


def test_of_a_long_answer_only_the_beginning_is_read(sent, receiver):
    receiver.says(500, b"x" * 1_000_000)
    assert sent().body == b"x" * MOST_BYTES


def test_a_packed_answer_is_not_unpacked(sent, receiver):
    receiver.says(200, b"no gzip at all", Content_Encoding="gzip")
    assert sent().body == b"no gzip at all"


def test_a_receiver_that_is_not_there_is_unreachable(receiver):
    receiver.close()
    assert refusal(receiver.address, trusted=[receiver.origin]) == "ADDRESS_UNREACHABLE"


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_name_of_a_private_address_gets_nothing(internet, ip):  # noqa: F811
    internet.names["inside.example"] = [ip]
    assert refusal("https://inside.example/hook") == "ADDRESS_PRIVATE"
    assert not internet.reached


def test_a_name_that_changes_its_mind_gets_nothing(internet):  # noqa: F811
    internet.names["rebind.example"] = [["93.184.216.34"], ["169.254.169.254"]]
    assert refusal("https://rebind.example/hook") == "ADDRESS_PRIVATE"
    assert not internet.reached


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://shop.example/hook", "ADDRESS_NOT_SECURE"),
        ("https://shop.example:80/hook", "ADDRESS_NOT_SECURE"),
        ("https://shop.example:8443/hook", "ADDRESS_UNUSABLE"),
        ("https://user:word@shop.example/", "ADDRESS_UNUSABLE"),
        ("https://localhost/hook", "ADDRESS_UNUSABLE"),
        ("https://2130706433/", "ADDRESS_UNUSABLE"),
        ("https://127.0.0.1/", "ADDRESS_PRIVATE"),
        ("https://[::ffff:169.254.169.254]/", "ADDRESS_PRIVATE"),
        ("ftp://shop.example/", "ADDRESS_UNUSABLE"),
    ],
)
def test_an_address_of_another_kind_is_not_asked(internet, address, code):  # noqa: F811
    assert refusal(address) == code
    assert not internet.reached


def test_a_trusted_origin_may_be_plain_and_inside(receiver):
    assert sendable("http://127.0.0.1:9/x", {("http", "127.0.0.1", 9)}).path == "/x"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Tue, 24 Nov 2026 12:05:00 GMT", 300),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("", 0),
        ("-5", 0),
        ("soon", 0),
        ("²", 0),
        ("9" * 5000, 86_400 * 365),
    ],
)
def test_a_wait_is_told_in_seconds_or_as_a_date(said, seconds):
    assert wait_told(said, NOW) == timedelta(seconds=seconds)


def test_a_signature_names_its_time_and_one_mark_for_each_secret():
    # Worked out with: printf '1764000000.{}' | openssl dgst -sha256 -hmac one
    one, two = signature(b"{}", ["one"], 1764000000), signature(b"{}", ["one", "two"], 1764000000)
    assert one == "t=1764000000,v1=93875f154e6459555bb737d21d82737c5185ac0fc33587ec8da09b52341c97e4"
    assert two.startswith(one + ",v1=")
    assert signature(b"{}", ["one"], 1764000001).partition(",")[2] != one.partition(",")[2]
