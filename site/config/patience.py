"""A gunicorn worker that a slow or silent client cannot keep from the others.

gunicorn's threaded worker gives a thread to every connection that sends its first byte, and waits in it for the rest:
eight clients that never finish a line would stop the site. Here a connection waits outside, in the worker's poller,
until its head is there, and its body with it when that is small.
"""

import re
import time
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers import gthread

HEAD_BYTES = 64 * 1024
BODY_BYTES = 64 * 1024  # larger ones are read as they come, in a thread
HEAD_S = 20.0  # for all of it
STALL_S = 30.0  # without a byte, while a body is read or an answer is sent
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})\r\n", re.IGNORECASE)
_ASKS_FIRST = re.compile(rb"\r\nexpect:", re.IGNORECASE)  # such a client sends its body when it is told to


def has_arrived(data: bytes) -> bool:
    """Return whether a request can be worked on: its head is complete, and a small body too."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return False
    told = _LENGTH.search(head + b"\r\n")
    length = int(told[1]) if told and not _ASKS_FIRST.search(head) else 0
    return length > BODY_BYTES or len(body) >= length


class PatientWorker(gthread.ThreadWorker):
    """gunicorn's threaded worker, with threads for requests only."""

    def handle(self, conn: Any) -> Any:
        """Work on the request when it is there; else let the connection wait in the poller, and not for ever."""
        conn.init()
        buffer, is_open = conn.parser.unreader.buf, _read_on(conn)
        if has_arrived(buffer.getvalue()):
            conn.waiting_since = None
            return super().handle(conn)
        if len(buffer.getvalue()) > HEAD_BYTES + BODY_BYTES:
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders("limit request headers"))
            return False
        conn.waiting_since = getattr(conn, "waiting_since", None) or time.monotonic()
        waits_on = is_open and self.alive and time.monotonic() - conn.waiting_since < HEAD_S
        return gthread._DEFER if waits_on else False

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request; a client that stands still in the middle of it is let go."""
        conn.sock.settimeout(STALL_S)
        return super().handle_request(req, conn)


def _read_on(conn: Any) -> bool:
    """Take what has come into the parser's buffer; False when the client has closed."""
    conn.sock.setblocking(False)
    try:
        data = conn.sock.recv(HEAD_BYTES)
    except BlockingIOError:
        return True
    except OSError:
        return False
    conn.parser.unreader.buf.seek(0, 2)
    conn.parser.unreader.buf.write(data)
    return bool(data)
