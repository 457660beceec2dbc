"""Fetch media over HTTP as Instagram's servers do. Source: fact sheet 8.

Like them it reaches the open internet, and this installation's own public address, which may be a private one.
Nothing else: whoever has a token of the simulation could look into the network around it.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from weakref import WeakKeyDictionary

import requests
from django.conf import settings
from urllib3.exceptions import ReadTimeoutError

from scheduler.lib.deadline import ends_within
from scheduler.lib.safe_fetch import GuardedAdapter
from scheduler.lib.sessions import PlainSession
from scheduler.sandbox import errors
from scheduler.sandbox.errors import refuse
from scheduler.sandbox.inspecting import IMAGE_BYTES, VIDEO_BYTES

AGENT = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
HEADERS = {
    "User-Agent": AGENT,
    "Range": "bytes=0-",
    "Accept": "*/*",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}
CONNECT_S, READ_S = 3, 8
IMAGE_DEADLINE_S, VIDEO_DEADLINE_S = 12, 25
ROBOTS_KEPT_S = 60
# The media usually stands on the very server that is asking. Each fetch needs a second thread of it, so a
# process never has more than two fetches open; a call that finds none free is fetched at a later read.
_slots = threading.BoundedSemaphore(2)
_sessions: dict[int, requests.Session] = {}
_robots: WeakKeyDictionary[requests.Session, dict[str, tuple[float, RobotFileParser]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Fetched:
    """An answer with a body that was read to its end."""

    data: bytes
    content_type: str
    is_partial: bool


def fetching_session() -> requests.Session:
    """Return this process's session; tests put one with an in-process adapter in its place."""
    if os.getpid() not in _sessions:
        session = PlainSession()
        session.mount("http://", GuardedAdapter(_own_origin))
        session.mount("https://", GuardedAdapter(_own_origin))
        _sessions[os.getpid()] = session
    return _sessions[os.getpid()]


def _own_origin() -> list[str]:
    return [settings.PUBLIC_BASE_URL]


@contextmanager
def slot() -> Iterator[bool]:
    """Give True when a fetch may begin now, False when this process has enough of them open."""
    free = _slots.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            _slots.release()


def fetch_image(url: str) -> bytes:
    """Return the picture's bytes; raise GraphError 9004/2207052 or −2/2207003 when it cannot be had."""
    fetched = _fetch(url, IMAGE_DEADLINE_S, IMAGE_BYTES + 1)
    if not fetched.content_type.startswith(("image/", "video/")):
        raise refuse(errors.NOT_FETCHED)
    return fetched.data


def fetch_video(url: str) -> bytes:
    """Return the video's bytes; raise GraphError with the subcode that the container's status will carry.

    A server that does not answer Range gives 2207077, one that hides the type 2207053.
    """
    fetched = _fetch(url, VIDEO_DEADLINE_S, VIDEO_BYTES + 1)
    if fetched.content_type.startswith(("application/octet-stream", "binary/")):
        raise refuse(errors.UPLOAD_UNKNOWN)
    if not fetched.content_type.startswith(("video/", "image/")):
        raise refuse(errors.NOT_FETCHED)
    if not fetched.is_partial:
        raise refuse(errors.NO_RANGE)
    return fetched.data


def _fetch(url: str, deadline_s: float, at_most: int) -> Fetched:
    ends = monotonic() + deadline_s
    try:
        if not _is_allowed(url):
            raise refuse(errors.ROBOTS)
        with ends_within(deadline_s), _get(url) as answer:
            if answer.status_code not in {200, 206}:
                raise refuse(errors.NOT_FETCHED)
            content_type = answer.headers.get("Content-Type", "")
            return Fetched(_read(answer, ends, at_most), content_type, answer.status_code == 206)
    except requests.RequestException as error:
        raise refuse(errors.DOWNLOAD_TIMEOUT if _was_slow(error) else errors.NOT_FETCHED) from None


def _was_slow(error: requests.RequestException) -> bool:
    """Tell a time-out from other failures; one in the middle of a body hides inside a ConnectionError."""
    return isinstance(error, requests.Timeout) or isinstance(next(iter(error.args), None), ReadTimeoutError)


def _get(url: str) -> requests.Response:
    return fetching_session().get(
        url, headers=HEADERS, timeout=(CONNECT_S, READ_S), allow_redirects=False, stream=True
    )


def _read(answer: requests.Response, ends: float, at_most: int) -> bytes:
    parts, size = [], 0
    for part in answer.iter_content(64 * 1024):
        parts.append(part)
        size += len(part)
        if monotonic() > ends:
            raise refuse(errors.DOWNLOAD_TIMEOUT)
        if size >= at_most:
            return b"".join(parts)
    if size < _announced(answer):
        raise refuse(errors.NOT_FETCHED)
    return b"".join(parts)


def _announced(answer: requests.Response) -> int:
    """Return the full size that a Content-Range tells, 0 without one."""
    total = answer.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if total.isdecimal() else 0


def _is_allowed(url: str) -> bool:
    """Tell whether robots.txt of that host lets the crawler in; the file is kept for a minute."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    known = _robots.setdefault(fetching_session(), {})
    read_at, rules = known.get(origin, (0.0, None))
    if rules is None or monotonic() - read_at > ROBOTS_KEPT_S:
        rules = _read_robots(origin)
        known[origin] = (monotonic(), rules)
    return rules.can_fetch("facebookexternalhit", url)


def _read_robots(origin: str) -> RobotFileParser:
    """Return the rules of a host; one that has none, or cannot be asked, allows everything."""
    rules = RobotFileParser()
    rules.parse(_robots_lines(origin))
    return rules


def _robots_lines(origin: str) -> list[str]:
    try:
        with ends_within(READ_S), _get(f"{origin}/robots.txt") as answer:
            if answer.status_code not in {200, 206}:
                return []
            return _read(answer, monotonic() + READ_S, 100_000).decode("utf-8", "replace").splitlines()
    except requests.RequestException:
        return []
