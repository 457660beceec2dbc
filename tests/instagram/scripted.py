"""Two stand-ins for Instagram: an adapter that answers from a script, and a real socket that misbehaves."""

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

GRAPH = "http://instagram.test/graph"
VERSION = "v26.0"
SENTINEL = "sentinel-token-that-has-no-known-prefix-7f3a"


class ScriptedAdapter(BaseAdapter):
    """Give the scripted answers in order; remember what was asked."""

    def __init__(self):
        super().__init__()
        self.script: list[tuple[int, bytes, dict[str, str]] | Exception] = []
        self.asked: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []

    def will_answer(self, body: Any = b"", status: int = 200, **headers: str) -> "ScriptedAdapter":
        """Script one answer. body: bytes as they are, anything else as JSON; header_name for header-name."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.script.append((status, raw, {name.replace("_", "-"): value for name, value in headers.items()}))
        return self

    def will_raise(self, exception: Exception) -> "ScriptedAdapter":
        """Script one failure of the network."""
        self.script.append(exception)
        return self

    def send(self, request, **options):
        self.asked.append(request)
        self.options.append(options)
        scripted = self.script.pop(0)
        if isinstance(scripted, Exception):
            raise scripted
        status, body, headers = scripted
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, request.url or ""
        answer.headers.update(headers)
        answer.raw = HTTPResponse(body=io.BytesIO(body), status=status, headers=headers, preload_content=False)
        return answer

    def close(self):
        """Nothing is held."""

    @property
    def session(self) -> requests.Session:
        """Return a session whose every request ends here."""
        session = requests.Session()
        session.mount("http://", self)
        session.mount("https://", self)
        return session


def graph_error(code: Any = None, subcode: Any = None, message: str = "said so", **more: Any) -> dict[str, Any]:
    """Return Graph's error envelope."""
    error = {"message": message, "type": "OAuthException", "fbtrace_id": "AtraceOfTheTest01"} | more
    if code is not None:
        error["code"] = code
    if subcode is not None:
        error["error_subcode"] = subcode
    return {"error": error}


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve every connection of a free port with `answer`, which gets the socket once a request was read."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    over = threading.Event()
    serving = threading.Thread(target=_serve, args=(listener, answer, over), daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        serving.join(5)
        listener.close()


def _serve(listener: socket.socket, answer: Callable[[socket.socket], None], over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _address = listener.accept()
        except TimeoutError:
            continue
        connection.settimeout(2)
        with connection:
            try:
                _read_request(connection)
                answer(connection)
            except OSError:
                pass  # the client hung up, which is what most of these tests are about


def _read_request(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError
        read += piece
    head, _, begun = read.partition(b"\r\n\r\n")
    body = bytearray(begun)
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower()[:15] == b"content-length:"), 0
    )
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError
        body += piece
    return head + bytes(body)


def say(body: bytes, *, length: int | None = None) -> Callable[[socket.socket], None]:
    """Answer 200 with `body`; length: what Content-Length claims."""
    length = len(body) if length is None else length
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    return lambda connection: connection.sendall(head.encode() + body)


def drip(*pieces: bytes, pause: float) -> Callable[[socket.socket], None]:
    """Send one piece after the other, with a pause (seconds) after each."""

    def answer(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return answer


def refused_address() -> str:
    """Return an address of this machine where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
