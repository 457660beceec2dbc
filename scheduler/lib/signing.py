"""Sign what is sent, so that its receiver knows who sent it, and that it is not an old one sent again."""

import hmac
from collections.abc import Iterable


def signature(body: bytes, secrets: Iterable[str], at: int) -> str:
    """Return `t=<unix time>,v1=<hex HMAC-SHA256 of "t.body">`, with one v1 for each secret.

    at: seconds since 1970; it is signed along, so that a receiver can refuse what is old.
    """
    said = f"{at}.".encode() + body
    marks = [hmac.new(secret.encode(), said, "sha256").hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])
