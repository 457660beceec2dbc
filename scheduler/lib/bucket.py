"""Keep media in an S3-compatible bucket. Loaded only when MEDIA_STORAGE_URL names one: the library costs 40 MB.

django-storages does the writing; reading is ours, because its file fetches the whole object before the first byte,
and a part of a video is asked for often. Every trouble is an OSError, as with a folder: `Unreachable`, or
FileNotFoundError for what is not there. Its text never holds a key.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from urllib3.exceptions import HTTPError

from scheduler.lib.stored import Unreachable

log = logging.getLogger(__name__)
# Somebody waits for each answer. Checksums only where asked for: not every server knows the newer ones.
PATIENCE = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"total_max_attempts": 3, "mode": "standard"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
NOT_THERE = frozenset({"404", "NoSuchKey", "NotFound"})


@contextmanager
def told_as_trouble(name: str) -> Iterator[None]:
    """Turn what the library raises into OSError, without its words: they may name keys."""
    try:
        yield
    except ClientError as refused:
        code = str(refused.response.get("Error", {}).get("Code", ""))
        if code in NOT_THERE:
            raise FileNotFoundError(f"{name} is not in the bucket") from None
        raise Unreachable(f"The bucket refused it: {code}") from None
    except (BotoCoreError, Boto3Error, HTTPError) as trouble:
        raise Unreachable(f"The bucket did not answer: {type(trouble).__name__}") from None


class Bucket(S3Storage):
    """The storage that settings name when media live in a bucket."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config: Config = self.client_config.merge(PATIENCE)
        self.transfer_config = TransferConfig(use_threads=False)

    @property
    def bucket(self) -> Any:
        """Return the bucket for this thread; what the library keeps is not made for several."""
        return self.connection.Bucket(self.bucket_name)

    def _open(self, name: str, mode: str = "rb") -> "BucketFile":
        return BucketFile(self, name)

    def _save(self, name: str, content: Any) -> str:
        with told_as_trouble(name):
            return super()._save(name, content)

    def delete(self, name: str) -> None:
        """Take an object away; one that is not there is no trouble."""
        with told_as_trouble(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Return whether the object is there."""
        with told_as_trouble(name):
            return super().exists(name)

    def size(self, name: str) -> int:
        """Return the object's size in bytes."""
        with told_as_trouble(name):
            return int(self._object(name).content_length)

    def read_from(self, name: str, first: int) -> Any:
        """Return the object's bytes from `first` on, as a stream to read from and to close."""
        with told_as_trouble(name):
            return self._object(name).get(Range=f"bytes={first}-")["Body"]

    def _object(self, name: str) -> Any:
        return self.bucket.Object(self._normalize_name(name))


class BucketFile(File):
    """An object to read: from any place on, without fetching what lies before it."""

    def __init__(self, storage: Bucket, name: str) -> None:
        self.name, self.mode, self._storage = name, "rb", storage
        self._at, self._shut = 0, False
        self._body: Any = None
        self._size = storage.size(name)  # also shows at once when it is not there

    @property
    def size(self) -> int:
        """Return how many bytes it has."""
        return self._size

    @property
    def closed(self) -> bool:
        """Return whether it was closed."""
        return self._shut

    def open(self, mode: str | None = None, *_args: Any, **_words: Any) -> "BucketFile":
        """Begin anew."""
        self._let_go()
        self._at, self._shut = 0, False
        return self

    def readable(self) -> bool:
        """Return yes."""
        return True

    def seekable(self) -> bool:
        """Return yes."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; the bytes from there on are asked for with the next read."""
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._let_go()
        self._at = max(begin + offset, 0)
        return self._at

    def read(self, num_bytes: int | None = None) -> bytes:
        """Return the next bytes, all of them without a number. Raises Unreachable."""
        if self._at >= self._size:
            return b""
        wanted = None if num_bytes is None or num_bytes < 0 else num_bytes
        if self._body is None:
            self._body = self._storage.read_from(str(self.name), self._at)
        with told_as_trouble(str(self.name)):
            data = bytes(self._body.read(wanted))
        if not data and wanted != 0:
            raise Unreachable("The bucket broke off its answer")
        self._at += len(data)
        return data

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the whole in pieces."""
        self.seek(0)
        while piece := self.read(chunk_size or self.DEFAULT_CHUNK_SIZE):
            yield piece

    def close(self) -> None:
        """End it."""
        self._let_go()
        self._shut = True

    def _let_go(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body = None
