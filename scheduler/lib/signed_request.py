"""Meta's `signed_request`: who it is about, signed with an app's secret.

Source: Meta, "Data Deletion Request Callback".
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_CHARS = 10_000
# Time stamps beyond this (the year 2100) are a misreading.
LATEST = 4_102_444_800


class NotSigned(Exception):
    """It is not from Meta, or not whole."""


@dataclass(frozen=True)
class SignedRequest:
    """What one says.

    user_id: of the login, app-scoped. digest: what tells it from another; the same when it comes again.
    """

    user_id: str
    issued_at: datetime | None
    digest: str


def read(text: str, secrets: Iterable[str]) -> SignedRequest:
    """Return what it says, signed with one of these app secrets. Raises NotSigned."""
    signature, dot, payload = text.partition(".")
    if not dot or len(text) > MOST_CHARS or not text.isascii():
        raise NotSigned
    given = _decoded(signature)
    if not any(_is_by(secret, payload, given) for secret in secrets if secret):
        raise NotSigned
    return _read(_decoded(payload), hashlib.sha256(payload.encode()).hexdigest())


def _is_by(secret: str, payload: str, given: bytes) -> bool:
    return hmac.compare_digest(hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest(), given)


def _read(payload: bytes, digest: str) -> SignedRequest:
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        raise NotSigned from None
    if not isinstance(told, dict) or told.get("algorithm") != "HMAC-SHA256":
        raise NotSigned
    user_id, issued = told.get("user_id"), told.get("issued_at")
    if not isinstance(user_id, str | int) or isinstance(user_id, bool) or not str(user_id):
        raise NotSigned
    if not isinstance(issued, int) or isinstance(issued, bool) or not 0 < issued < LATEST:
        return SignedRequest(str(user_id), None, digest)
    return SignedRequest(str(user_id), datetime.fromtimestamp(issued, UTC), digest)


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotSigned from None
