"""Short words that tell whether something is still the same."""

import hashlib
from base64 import urlsafe_b64encode

CHARS = 6


def short_digest(*seen: object) -> str:
    """Return six characters, for an address as they are, that change when what was seen does."""
    digest = hashlib.blake2b(repr(seen).encode(errors="replace"), digest_size=5).digest()
    return urlsafe_b64encode(digest)[:CHARS].decode()
