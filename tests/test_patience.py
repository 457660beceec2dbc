"""A slow or silent client keeps nobody else waiting; on a real gunicorn with two threads."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from config.patience import BODY_BYTES, has_arrived
from scheduler.bench.instance import free_port, wait_for

ROOT = Path(__file__).resolve().parents[1]
APP = """
def app(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"


@pytest.mark.parametrize(("data", "expected"), [
    (b"", False),
    (b"GET / HT", False),
    (b"GET / HTTP/1.1\r\nHost: x\r\n", False),
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", True),
    (HEAD + b"\r\nabc", False),
    (HEAD + b"\r\nabcd", True),
    (HEAD + b"Expect: 100-continue\r\n\r\n", True),
    (b"POST / HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % (BODY_BYTES + 1), True),
])  # fmt: skip
def test_a_request_has_arrived_when_it_can_be_worked_on(data, expected):
    assert has_arrived(data) is expected


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder, port = tmp_path_factory.mktemp("echo"), free_port()
    (folder / "echo.py").write_text(APP)
    options = ("--worker-class", "config.patience.PatientWorker", "--threads", "2", "--bind", f"127.0.0.1:{port}")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--pythonpath", f"{folder},{ROOT / 'site'}", *options, "echo:app"],
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: echo(port, b"up") == b"up", 20, "the server answers")
    yield port
    server.terminate()
    server.wait(15)


def echo(port, data):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", data=data, timeout=3) as answer:
            return answer.read()
    except OSError:
        return None


@pytest.mark.parametrize("begun", [b"", b"GET / HT", HEAD, HEAD + b"\r\nab"])
def test_clients_that_never_finish_keep_nobody_waiting(port, begun):
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(6)]
    for one in slow:
        one.sendall(begun)
    time.sleep(0.1)
    assert echo(port, b"hello") == b"hello"
    for one in slow:
        one.close()


def test_a_request_that_comes_in_pieces_is_answered(port):
    with socket.create_connection(("127.0.0.1", port), timeout=3) as client:
        for piece in (HEAD[:20], HEAD[20:], b"\r\nab", b"cd"):
            client.sendall(piece)
            time.sleep(0.05)
        answer = client.recv(4096)
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"abcd")


def test_a_kept_connection_and_a_large_body_work(port):
    large = b"x" * (3 * BODY_BYTES)
    assert [echo(port, large) == large for _ in range(2)] == [True, True]


def test_a_head_without_end_is_refused(port):
    with socket.create_connection(("127.0.0.1", port), timeout=3) as client:
        client.sendall(b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000)
        assert client.recv(4096).startswith(b"HTTP/1.1 431")
