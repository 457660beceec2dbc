"""Send a few bytes to an address that a person gave, behind the same guard as what is fetched from one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

import requests
from urllib3.exceptions import HTTPError

from scheduler.lib.deadline import ends_within
from scheduler.lib.safe_fetch import (
    CONNECT_S,
    SILENCE_S,
    Origin,
    Refused,
    guarded_session,
    origin_of,
    plain_troubles,
    usable,
)

# Of an answer, only its beginning is read.
MOST_BYTES = 4096
# No compression: what is small on the wire must not grow in memory.
HEADERS = {"User-Agent": "Pauta-Webhooks/1", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Answer:
    """What was answered: the status, the first bytes of the body as they came, and the Retry-After header."""

    status: int
    body: bytes = b""
    retry_after: str = ""


def sendable(address: str, ours: Collection[Origin] = ()) -> SplitResult:
    """Return the parts of an address that may be sent to; no network. Raises Refused.

    ours: origins that may stand on any port and any machine, without TLS too.
    """
    parts = usable(address, ours)
    if origin_of(parts) not in ours and (parts.scheme != "https" or origin_of(parts)[2] != 443):
        raise Refused("ADDRESS_NOT_SECURE")
    return parts


def send(
    address: str, body: bytes, headers: Mapping[str, str], *, within_s: float, trusted: Iterable[str] = ()
) -> Answer:
    """POST `body`; every status is an answer, and a redirect is not followed. Raises Refused when none came.

    within_s: seconds until the answer's head must be there; a name look-up may take longer.
    trusted:  origins (scheme://host:port) that may be private: the simulated Instagram's own.
    """
    ours = {origin_of(urlsplit(one)) for one in trusted}
    parts = sendable(address, ours)
    with guarded_session(parts, ours) as session, plain_troubles(), ends_within(within_s):
        answer = session.post(
            address,
            data=body,
            headers=HEADERS | dict(headers),
            timeout=(min(CONNECT_S, within_s), min(SILENCE_S, within_s)),
            allow_redirects=False,
            stream=True,
        )
        with answer:
            return Answer(answer.status_code, _beginning(answer), answer.headers.get("Retry-After", ""))


def _beginning(answer: requests.Response) -> bytes:
    """Return the first bytes; none of a body that breaks off or hangs, because the status has said it all."""
    try:
        return answer.raw.read(MOST_BYTES, decode_content=False) or b""
    except (HTTPError, HTTPException, OSError):
        return b""


def wait_told(retry_after: str, now: datetime) -> timedelta:
    """Return how long a Retry-After header asks to wait, in seconds or until a date; zero when it says nothing."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=min(int(retry_after[:9]), 86_400 * 365))
    try:
        return max(parsedate_to_datetime(retry_after) - now, timedelta(0))
    except (TypeError, ValueError, OverflowError):  # no date, or one without a zone
        return timedelta(0)
