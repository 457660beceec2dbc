"""The bytes of a resumable upload: where they may go, and a stretch of a file as the body of one request."""

import re
import time
from collections.abc import Iterator
from typing import IO, Any

META_BASE = "https://rupload.facebook.com"
BLOCK = 64 * 1024
_PATH = re.compile(r"ig-api-upload(/[\w~-][\w.~-]*)+(\?[\w.~%=&-]*)?", re.ASCII)


def upload_address(uri: str, base: str) -> str:
    """Return where the bytes go: the address Meta told, at `base`. Raises ValueError when it names another host.

    The token goes along with the bytes, so a stranger must not be told it.
    """
    for known in (META_BASE, base.rstrip("/")):
        path = uri.removeprefix(f"{known}/")
        if path != uri and _PATH.fullmatch(path):
            return f"{base.rstrip('/')}/{path}"
    raise ValueError("the address for the upload is not Meta's")


def kept_a_part(answer: Any) -> bool:
    """Return whether the upload host only says that more bytes are to come; it refuses nothing by that."""
    debug = answer.get("debug_info") if isinstance(answer, dict) else None
    return isinstance(debug, dict) and debug.get("type") == "PartialRequestError" and debug.get("retriable") is True


class Stretch:
    """Part of an open file, read in small blocks while it is sent; over when its time is, which `is_late` tells."""

    def __init__(self, file: IO[bytes], offset: int, length: int, within_s: float) -> None:
        file.seek(offset)
        self._file, self._length, self._left = file, length, length
        self._ends_at, self.is_late = time.monotonic() + within_s, False

    def __len__(self) -> int:
        """Return what becomes Content-Length."""
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """Yield the blocks; that it can tells requests to stream."""
        while block := self.read(BLOCK):
            yield block

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, b"" at the end. Raises TimeoutError when the time is up."""
        if self._left and time.monotonic() > self._ends_at:
            self.is_late = True
            raise TimeoutError("the line is too slow for this much at once")
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block
