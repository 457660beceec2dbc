"""Uploads that survive a bad line: a file comes in pieces, each where the last one ended.

The protocol is tus 1.0 (core, creation, termination): https://tus.io/protocols/resumable-upload. One request at a
time has an upload; what a request wrote before it broke off counts.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Protocol

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum

from scheduler.instagram import limits
from scheduler.models import Upload, User
from scheduler.services.media_intake import take_upload
from scheduler.services.media_refusals import MediaRefused, refusal_sentence

# A request that brings no byte for longer is given up by the web server; then its upload is free again.
LEASE = timedelta(minutes=2)
# Looking into a long film takes a while.
INTAKE_LEASE = timedelta(minutes=10)
UNDER_WAY_AT_MOST, BYTES_UNDER_WAY_AT_MOST = 50, 2_000_000_000
READ_BYTES = 64 * 1024


class Body(Protocol):
    """Where a request's bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


class Busy(Exception):
    """Another request has the upload."""


class OutOfStep(Exception):
    """The piece does not begin where the last one ended."""


class Gone(Exception):
    """The upload was taken away, or its bytes were: the file is to be begun anew."""


class TooMuch(Exception):
    """The person has too much under way, or the piece is longer than what is left."""


class NoRoom(Exception):
    """The disk takes no more of it. came: how many bytes of the piece it took."""

    def __init__(self, came: int = 0) -> None:
        super().__init__(came)
        self.came = came


class StoredUpload(UploadedFile):
    """A file that arrived in pieces, as one that came with a form."""

    def __init__(self, file: BufferedReader, upload: Upload) -> None:
        super().__init__(file, upload.name, size=upload.size_bytes)
        self._path = upload.path

    def temporary_file_path(self) -> str:
        """Return where it stands."""
        return str(self._path)


def begin(user: User, name: str, size_bytes: int, now: datetime) -> Upload:
    """Make room for a file.

    Raises MediaRefused when it is empty or too large, TooMuch at the person's bounds, NoRoom when the disk is full.
    """
    if size_bytes <= 0:
        raise MediaRefused("EMPTY")
    if size_bytes > limits.UPLOAD_BYTES:
        raise MediaRefused("TOO_HEAVY", megabytes=limits.UPLOAD_BYTES // 1_000_000)
    under_way = Upload.objects.for_user(user).under_way()
    held = under_way.aggregate(bytes=Sum("size_bytes"))["bytes"] or 0
    if under_way.count() >= UNDER_WAY_AT_MOST or held + size_bytes > BYTES_UNDER_WAY_AT_MOST:
        raise TooMuch
    shown = Path(name.replace("\0", "")).name[-255:]
    shown = shown if shown.strip(".") else "upload"
    upload = Upload.objects.create(user=user, name=shown, size_bytes=size_bytes, touched_at=now)
    try:
        upload.path.parent.mkdir(exist_ok=True)
        upload.path.touch()
    except OSError as trouble:
        upload.forget()
        raise NoRoom from trouble
    return upload


def add(upload: Upload, at: int, body: Body, length: int, clock: Callable[[], datetime]) -> None:
    """Write `length` bytes of `body` from byte `at` on; with the last one the file is taken in, or refused.

    A body that ends early is kept as far as it came. Raises Busy, Gone, OutOfStep, TooMuch; and NoRoom when the disk
    is full, after which the same upload goes on as soon as there is room.
    """
    if upload.is_done:
        return
    if not upload.take(clock(), clock() + LEASE):
        raise Busy
    try:
        upload.refresh_from_db()
        if at != upload.arrived:
            raise OutOfStep
        if at + length > upload.size_bytes:
            raise TooMuch
        _gather(upload, body, length, clock)
        if not upload.store(arrived=upload.arrived, touched_at=clock()):
            raise OutOfStep  # it hung for so long that another request went on with the file
        if upload.arrived == upload.size_bytes and not upload.is_done:
            upload.keep(clock() + INTAKE_LEASE)
            _take_in(upload)
    except Upload.DoesNotExist:
        raise Gone from None
    finally:
        upload.store(busy_until=None)


def _gather(upload: Upload, body: Body, length: int, clock: Callable[[], datetime]) -> None:
    """Add what comes to what has arrived; a disk that fills up is told after that. Raises Gone, NoRoom."""
    try:
        upload.arrived += _write(upload, upload.arrived, body, length, clock)
    except NoRoom as full:
        upload.store(arrived=upload.arrived + full.came, touched_at=clock())
        raise


def _write(upload: Upload, at: int, body: Body, length: int, clock: Callable[[], datetime]) -> int:
    """Return how many bytes came; on a slow line the upload is kept for as long as they come. Raises Gone, NoRoom."""
    came, renewed = 0, clock()
    with _opened(upload) as file:
        file.seek(at)
        while came < length and (piece := _read(body, min(READ_BYTES, length - came))):
            try:
                came += file.write(piece)  # fewer than all when the disk fills up: the next write says so
            except OSError as trouble:
                raise NoRoom(came) from trouble
            if clock() - renewed > LEASE / 4:
                renewed = clock()
                upload.keep(renewed + LEASE)
    return came


def _read(body: Body, size: int) -> bytes:
    """Return the next bytes, none at the end or when the line broke."""
    try:
        return body.read(size)
    except OSError:
        return b""


def _opened(upload: Upload) -> FileIO:
    """Return the file that gathers the bytes, each at once; without it the upload is forgotten. Raises Gone."""
    try:
        return upload.path.open("r+b", buffering=0)
    except FileNotFoundError:
        upload.forget()
        raise Gone from None


def _take_in(upload: Upload) -> None:
    try:
        with upload.path.open("rb") as file:
            upload.asset = take_upload(upload.user, StoredUpload(file, upload))
    except MediaRefused as refused:
        upload.problem, upload.problem_code = refused.sentence, refused.code
    except FileNotFoundError:
        upload.problem, upload.problem_code = refusal_sentence("NOT_KEPT"), "NOT_KEPT"
    upload.store(asset=upload.asset, problem=upload.problem, problem_code=upload.problem_code)
    upload.path.unlink(missing_ok=True)
