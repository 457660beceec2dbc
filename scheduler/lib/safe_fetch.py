"""Fetch a file from an address that a person gave, without letting the address reach what only this machine may.

requests-hardened resolves a name once and connects to that very address, with the right Host and SNI, so that a name
that changes its mind gains nothing. What it lets pass is judged again here (its list misses fec0::/10 and the older
forms of an IPv4 address inside IPv6), as are scheme, port and every hop. Nothing is sent before that.
"""

import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError

from scheduler.lib.deadline import POOLS, ends_within
from scheduler.lib.failpoints import failpoints_around
from scheduler.lib.sessions import PlainSession

# What Meta's servers call themselves: a host that lets us in will let them in, and the other way round.
AGENT = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
ROBOT = "facebookexternalhit"
# No compression: what is small on the wire must not grow in memory.
HEADERS = {"User-Agent": AGENT, "Range": "bytes=0-", "Accept": "*/*", "Accept-Encoding": "identity"}
PORTS = {80, 443}
MOST_REDIRECTS = 3
CONNECT_S = 5.0
SILENCE_S = 10.0  # between two pieces
ROBOTS_S, ROBOTS_BYTES = 5.0, 100_000
PIECE = 64 * 1024
LONGEST_ADDRESS = 2000
# Addresses of IPv6 that are given out to be reached from everywhere; all others are special.
_UNICAST = IPv6Network("2000::/3")
# Ways into IPv4 and overlays that the standard library counts as public.
_TUNNELS = [ip_network(net) for net in ("2002::/16", "2001::/23", "3fff::/20", "192.88.99.0/24", "192.0.0.0/24")]
_NUMBER = re.compile(r"^(0x[0-9a-f]*|\d+)$")
_PLAIN_IPV4 = re.compile(r"^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$")
_HOST = re.compile(r"^[A-Za-z0-9._-]+$")

Origin = tuple[str, str, int]
IPAddress = IPv4Address | IPv6Address


class Refused(Exception):
    """The file could not be had. `code` names the reason: one of those below; `facts` fill its sentence.

    ADDRESS_UNUSABLE, ADDRESS_PRIVATE, ADDRESS_UNREACHABLE, ADDRESS_UNTRUSTED, ADDRESS_SLOW, ADDRESS_NOT_FOUND,
    ADDRESS_LOGIN, ADDRESS_ROBOTS, ADDRESS_REDIRECTS, ADDRESS_TOO_LARGE, ADDRESS_ENCODED, ADDRESS_TROUBLE,
    ADDRESS_REFUSED when our own disk takes no more. Of what is sent (`safe_post`) also ADDRESS_NOT_SECURE.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True)
class Fetched:
    """A file that came whole: the address it came from in the end, its type as the server said, its size in bytes."""

    address: str
    content_type: str
    size: int


def fetch(address: str, target: BinaryIO, *, at_most: int, within_s: float, trusted: Iterable[str] = ()) -> Fetched:
    """Write what stands at `address` into `target`. Raises Refused.

    at_most:  bytes; one more and the fetch ends.
    within_s: seconds for all of it, redirects and the last byte included; a name look-up may take longer.
    trusted:  origins (scheme://host:port) that may be private: the simulated Instagram's own.
    """
    ours, ends = {origin_of(urlsplit(one)) for one in trusted}, time.monotonic() + within_s
    for _hop in range(MOST_REDIRECTS + 1):
        parts = usable(address, ours)
        with guarded_session(parts, ours) as session:
            if not _allowed_by_robots(session, parts, address, ours, ends):
                raise Refused("ADDRESS_ROBOTS")
            with _answer(session, address, ends) as answer:
                if not answer.is_redirect:
                    return Fetched(address, answer.headers.get("Content-Type", ""), _keep(answer, target, at_most))
                address = _joined(address, answer.headers["Location"])
    raise Refused("ADDRESS_REDIRECTS")


def _joined(address: str, location: str) -> str:
    try:
        return urljoin(address, location)
    except ValueError:
        raise Refused("ADDRESS_UNUSABLE") from None


def origin_of(parts: SplitResult) -> Origin:
    """Return scheme, host and port of an address. Raises ValueError for a port that is none."""
    port = parts.port if parts.port is not None else {"https": 443}.get(parts.scheme, 80)
    return parts.scheme, (parts.hostname or "").rstrip("."), port


def usable(address: str, ours: Iterable[Origin] = ()) -> SplitResult:
    """Return the parts of an address of the kind that may be asked; no network. Raises Refused.

    ours: origins that may stand on any port and any machine.
    """
    try:
        parts = urlsplit(address)
        scheme, host, port = origin = origin_of(parts)
    except ValueError:
        raise Refused("ADDRESS_UNUSABLE") from None
    is_plain = len(address) <= LONGEST_ADDRESS and address.isascii() and address.isprintable() and " " not in address
    if scheme not in {"http", "https"} or not is_plain or "@" in parts.netloc or "\\" in address:
        raise Refused("ADDRESS_UNUSABLE")
    if origin in ours:
        return parts
    if port not in PORTS or not _is_host(host):
        raise Refused("ADDRESS_UNUSABLE")
    if _is_private_number(host):
        raise Refused("ADDRESS_PRIVATE")
    return parts


def _is_private_number(host: str) -> bool:
    """Return whether it is an IP address that is not public; a name is judged when it is looked up."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return False


def _is_host(host: str) -> bool:
    """Return whether it is a name, or an IP address as people write it; no 0x7f.1, no 2130706433, no zone."""
    if ":" in host:
        return "%" not in host
    last = host.rpartition(".")[2].lower()
    if _NUMBER.match(last):
        return bool(_PLAIN_IPV4.match(host))
    return bool(_HOST.match(host)) and "." in host


def is_public(ip: IPAddress) -> bool:
    """Return whether an address belongs to the open internet, whatever form it comes in."""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped)
        if ip not in _UNICAST:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or any(ip in net for net in _TUNNELS))


# --- Connecting -------------------------------------------------------------------------------------------
class _Deadlines(HTTPAdapter):
    """Connects as usual, with answers that must end in time."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS


class _Guard(IPFilterAdapter, _Deadlines):
    """Connects to the one address that was looked up and judged."""

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*args, **options)
        if not is_public(ip_address(host["host"].strip("[]"))):
            raise InvalidIPAddress(host["host"])
        return host, pool


def guarded_session(parts: SplitResult, ours: set[Origin]) -> requests.Session:
    """Return a session for this one origin, private only when it is ours. Raises Refused; looks the name up."""
    session = PlainSession()  # a proxy would look the name up again
    session.headers.clear()
    session.mount(f"{parts.scheme}://", _guard(parts, ours))
    return session


def _guard(parts: SplitResult, ours: set[Origin]) -> HTTPAdapter:
    """Return what connects to this one origin, private only when it is ours. Raises Refused; looks the name up."""
    if origin_of(parts) in ours:
        return _Deadlines()
    _require_public_names(parts)
    return _Guard(is_https_proto=parts.scheme == "https")  # type: ignore[call-arg] # the library tells no types


class GuardedAdapter(BaseAdapter):
    """Lets a session of requests reach what `fetch` would, each request judged by itself, and nothing else.

    trusted: called at every request; the origins (scheme://host:port) that may be private.
    An address that may not be asked is an InvalidURL with the code of Refused, and nothing was sent.
    """

    def __init__(self, trusted: Callable[[], Iterable[str]]) -> None:
        super().__init__()
        self._trusted = trusted

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send one request, on a connection of its own."""
        ours = {origin_of(urlsplit(one)) for one in self._trusted()}
        try:
            guard = _guard(usable(request.url or "", ours), ours)
        except Refused as refused:
            raise requests.exceptions.InvalidURL(refused.code, request=request) from None
        return guard.send(request, *args, **options)

    def close(self) -> None:
        """Nothing is kept open."""


def _require_public_names(parts: SplitResult) -> None:
    """Refuse a name of which any address is private; the one that is connected to is judged once more."""
    try:
        found = socket.getaddrinfo(parts.hostname, origin_of(parts)[2], type=socket.SOCK_STREAM)
        addresses = [ip_address(entry[4][0]) for entry in found]
    except (OSError, UnicodeError):
        raise Refused("ADDRESS_UNREACHABLE") from None
    except ValueError:  # a zone
        raise Refused("ADDRESS_PRIVATE") from None
    if not all(is_public(address) for address in addresses):
        raise Refused("ADDRESS_PRIVATE")


@contextmanager
def _answer(session: requests.Session, address: str, ends: float) -> Iterator[requests.Response]:
    """Give the answer's head, a redirect or a success; its body is read inside. Raises Refused for all else."""
    left = ends - time.monotonic()
    if left <= 0:
        raise Refused("ADDRESS_SLOW")
    with failpoints_around("fetch-media"), plain_troubles(), ends_within(left):
        answer = session.get(
            address,
            headers=HEADERS,
            timeout=(min(CONNECT_S, left), min(SILENCE_S, left)),
            allow_redirects=False,
            stream=True,
        )
        with answer:
            if not answer.is_redirect:
                _refuse_unfit(answer)
            yield answer


@contextmanager
def plain_troubles() -> Iterator[None]:
    """Turn what requests and sockets raise into Refused."""
    try:
        yield
    except InvalidIPAddress:
        raise Refused("ADDRESS_PRIVATE") from None
    except requests.exceptions.SSLError:
        raise Refused("ADDRESS_UNTRUSTED") from None
    except (requests.RequestException, HTTPError, OSError, UnicodeError) as trouble:
        raise Refused("ADDRESS_SLOW" if _was_slow(trouble) else "ADDRESS_UNREACHABLE") from None


def _was_slow(trouble: Exception) -> bool:
    """Tell a time-out from other failures; one in the middle of a body hides inside another."""
    held = [trouble, *trouble.args]
    return any(isinstance(one, requests.Timeout | ReadTimeoutError | TimeoutError) for one in held) and not any(
        isinstance(one, NameResolutionError) for one in held
    )


# --- Reading ----------------------------------------------------------------------------------------------
_STATUSES = {
    401: "ADDRESS_LOGIN",
    403: "ADDRESS_LOGIN",
    404: "ADDRESS_NOT_FOUND",
    410: "ADDRESS_NOT_FOUND",
}


def _refuse_unfit(answer: requests.Response) -> None:
    status = answer.status_code
    if status not in {200, 206}:
        raise Refused(_STATUSES.get(status, "ADDRESS_TROUBLE"), status=status)
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise Refused("ADDRESS_ENCODED")
    if status == 206 and not answer.headers.get("Content-Range", "").startswith("bytes 0-"):
        raise Refused("ADDRESS_TROUBLE", status=status)


def _keep(answer: requests.Response, target: BinaryIO, at_most: int) -> int:
    """Write the body; return its size. Refuses what is announced, or turns out, to be too large or comes short."""
    whole = _announced(answer)
    if whole is not None and whole > at_most:
        raise Refused("ADDRESS_TOO_LARGE", megabytes=at_most // 1_000_000)
    size = 0
    for piece in answer.raw.stream(PIECE, decode_content=False):
        size += len(piece)
        if size > at_most:
            raise Refused("ADDRESS_TOO_LARGE", megabytes=at_most // 1_000_000)
        _write(target, piece)
    if whole is not None and size != whole:
        raise Refused("ADDRESS_UNREACHABLE")  # it broke off
    return size


def _write(target: BinaryIO, piece: bytes) -> None:
    try:
        target.write(piece)
    except OSError:  # our disk's trouble, not the host's
        raise Refused("ADDRESS_REFUSED", reason="NOT_KEPT") from None


def _announced(answer: requests.Response) -> int | None:
    """Return the size of the whole file as the head tells it; None when it does not."""
    told = answer.headers.get("Content-Range", "").rpartition("/")[2] or answer.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() and len(told) < 19 else None


def _allowed_by_robots(
    session: requests.Session, parts: SplitResult, address: str, ours: set[Origin], ends: float
) -> bool:
    """Return whether the host's robots.txt lets Meta's crawler at the address; one that cannot be read allows it."""
    if origin_of(parts) in ours:
        return True
    text = BytesIO()
    place, soon = f"{parts.scheme}://{parts.netloc}/robots.txt", min(ends, time.monotonic() + ROBOTS_S)
    try:
        with _answer(session, place, soon) as answer:
            if answer.status_code in {200, 206}:
                _keep(answer, text, ROBOTS_BYTES)
    except Refused as refused:
        if refused.code == "ADDRESS_PRIVATE":
            raise
        return True
    return _lets_in(text.getvalue().decode("utf-8", "replace"), address)


def _lets_in(robots: str, address: str) -> bool:
    rules = RobotFileParser()
    try:
        rules.parse(robots.splitlines())
        return rules.can_fetch(ROBOT, address)
    except ValueError:  # the parser stumbles over numbers and brackets that are none
        return True
