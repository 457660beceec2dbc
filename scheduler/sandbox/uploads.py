"""The bytes of a resumable upload: one growing file for each container; its size is what has arrived."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings


class Busy(Exception):
    """Another request is writing this upload."""


def _path(container_id: str) -> Path:
    return Path(settings.DATA_DIR) / "sandbox-uploads" / container_id


def arrived(container_id: str) -> int:
    """Return how many bytes are there."""
    path = _path(container_id)
    return path.stat().st_size if path.exists() else 0


@contextmanager
def appending(container_id: str) -> Iterator[IO[bytes]]:
    """Give the file to append to; every write is kept, whatever happens next. Raises Busy."""
    path = _path(container_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield file


def read(container_id: str) -> bytes:
    """Return what has arrived."""
    return _path(container_id).read_bytes()


def forget(container_id: str) -> None:
    """Delete the bytes."""
    _path(container_id).unlink(missing_ok=True)


def forget_all_but(container_ids: set[str]) -> None:
    """Delete the bytes of every other container."""
    folder = Path(settings.DATA_DIR) / "sandbox-uploads"
    for path in folder.glob("*"):
        if path.name not in container_ids:
            path.unlink(missing_ok=True)
