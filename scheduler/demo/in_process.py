"""Serve the site to our own HTTP calls without a web server: the demo is made before the first one starts.

Client, consent page and the simulated Instagram speak the same HTTP as later; only the socket is missing.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from scheduler.instagram.client import shared_session
from scheduler.sandbox.seeding import fetching_through


class SiteAdapter(BaseAdapter):
    """Answers requests from the site in this process."""

    @cached_property
    def site(self) -> WSGIHandler:
        """Return the site, built once."""
        return WSGIHandler()

    def send(  # type: ignore[override]  # the options are about sockets, and there is none
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Answer one request; the language and zone of the caller stay as they are."""
        status, headers, body = copy_context().run(self._call, _environ(request))
        response = requests.Response()
        response.status_code, response.url, response.request = status, request.url or "", request
        response.headers = headers
        response.raw = HTTPResponse(BytesIO(body), headers=dict(headers), status=status, preload_content=False)
        response.encoding = requests.utils.get_encoding_from_headers(headers)
        return response

    def _call(self, environ: dict[str, Any]) -> tuple[int, CaseInsensitiveDict, bytes]:
        told: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *_trouble: Any) -> Callable[[bytes], object]:
            told.extend((status, headers))
            return told.append

        answer = self.site(environ, start)
        try:
            body = b"".join(answer)
        finally:
            answer.close()
        return int(told[0].split()[0]), CaseInsensitiveDict(told[1]), body

    def close(self) -> None:
        """Nothing is kept open."""


@contextmanager
def serving() -> Iterator[requests.Session]:
    """Let every call to this site's own addresses be answered here; give a session that reaches it too."""
    adapter, browser = SiteAdapter(), requests.Session()
    browser.trust_env = False
    with ExitStack() as stack:
        for origin in _origins():
            browser.mount(origin, adapter)
            stack.enter_context(_mounted(shared_session(), origin, adapter))
            stack.enter_context(fetching_through(origin, adapter))
        stack.enter_context(_open_connections())
        yield browser


@contextmanager
def _open_connections() -> Iterator[None]:
    """Keep the databases open between requests: to close and open SQLite for each takes longer than its answer."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _origins() -> set[str]:
    """Return where this site is reached: by the outside, and by our own calls."""
    addresses = (settings.PUBLIC_BASE_URL, settings.INSTAGRAM_GRAPH_URL, settings.INSTAGRAM_API_URL)
    return {f"{urlsplit(address).scheme}://{urlsplit(address).netloc}/" for address in addresses}


@contextmanager
def _mounted(session: requests.Session, origin: str, adapter: BaseAdapter) -> Iterator[None]:
    before = session.adapters.get(origin)
    session.mount(origin, adapter)
    try:
        yield
    finally:
        session.adapters.pop(origin)
        if before is not None:
            session.mount(origin, before)


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    address, body = urlsplit(request.url or ""), request.body or b""
    data = body.encode() if isinstance(body, str) else body
    apart = {"content-type", "content-length"}
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in request.headers.items()
        if name.lower() not in apart
    }
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(str(address.path)).encode().decode("latin-1"),
        "QUERY_STRING": address.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(data)),
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": str(address.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": address.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": BytesIO(data),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **headers,
    }
