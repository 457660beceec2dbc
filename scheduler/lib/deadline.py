"""A time within which one answer must be complete, however slowly its bytes come.

A read time-out starts anew with every byte; an answer that drips, in its headers or its body, would never end. Here
each read from the socket gets only what is left of the whole time.
"""

import http.client
import io
import math
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_ends_at: ContextVar[float] = ContextVar("ends_at", default=math.inf)


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """Bound every answer that begins inside; applies to connections of the pools below."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


class _Reader(io.RawIOBase):
    """Reads from a socket until the deadline that held when it was made."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        self._ends_at, self._pause = _ends_at.get(), sock.gettimeout() or math.inf

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        left = min(self._pause, self._ends_at - time.monotonic())
        if left <= 0:
            raise TimeoutError("the answer took too long as a whole")
        self._sock.settimeout(None if left == math.inf else left)
        return self._raw.readinto(buffer)  # type: ignore[attr-defined]

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Buffer(io.BufferedReader):
    """Knows no "everything at once" by a number: a chunk that says it is -1 bytes long would have no end."""

    def read(self, size: int | None = None, /) -> bytes:
        if size is not None and size < 0:
            raise http.client.HTTPException("a length below zero")
        return super().read(size)


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = _Buffer(_Reader(self.fp.detach(), sock))  # type: ignore[attr-defined]


class _Connection(HTTPConnection):
    response_class = _Response  # type: ignore[assignment]


class _SecureConnection(HTTPSConnection):
    response_class = _Response  # type: ignore[assignment]


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
