"""New ids, in a separate space for each kind of object, and secrets that are kept only as digests."""

import hashlib
import secrets
import string

# How ids of each kind begin; no prefix is the beginning of another.
USER = "17841"
APP_SCOPED = "26"
CONTAINER = "179"
MEDIA = "180"
COMMENT = "1785"
PERSON = "3000"
PAGE = "1000"
BUSINESS = "5000"
_DIGITS = 17
_FACEBOOK_DIGITS = 15
_SHORTCODE = string.ascii_letters + string.digits + "-_"


def _graph_id(prefix: str, digits: int = _DIGITS) -> str:
    free = digits - len(prefix)
    return f"{prefix}{secrets.randbelow(10**free):0{free}d}"


def user_id() -> str:
    """Return a new professional-account id."""
    return _graph_id(USER)


def app_scoped_id() -> str:
    """Return a new id of an account as one app sees it."""
    return _graph_id(APP_SCOPED)


def container_id() -> str:
    """Return a new container id."""
    return _graph_id(CONTAINER)


def media_id() -> str:
    """Return a new media id."""
    return _graph_id(MEDIA)


def comment_id() -> str:
    """Return a new comment id."""
    return _graph_id(COMMENT)


def person_id() -> str:
    """Return a new id of a Facebook person as one app sees them."""
    return _graph_id(PERSON, _FACEBOOK_DIGITS)


def page_id() -> str:
    """Return a new id of a Facebook Page."""
    return _graph_id(PAGE, _FACEBOOK_DIGITS)


def business_id() -> str:
    """Return a new id of a business."""
    return _graph_id(BUSINESS, _FACEBOOK_DIGITS)


def shortcode() -> str:
    """Return a new short code, as permalinks carry it."""
    return "D" + "".join(secrets.choice(_SHORTCODE) for _ in range(10))


def token() -> str:
    """Return a new access token with the prefix that Instagram Login tokens have."""
    return "IGAA" + _secret()


def facebook_token() -> str:
    """Return a new access token with the prefix that Facebook's tokens have."""
    return "EAA" + _secret()


def _secret() -> str:
    return secrets.token_urlsafe(48).replace("-", "0").replace("_", "1")


def login_code() -> str:
    """Return a new authorization code."""
    return "AQ" + secrets.token_urlsafe(36)


def facebook_code() -> str:
    """Return a new authorization code of Facebook Login."""
    return "AQA" + secrets.token_urlsafe(72)


def trace_id() -> str:
    """Return what `fbtrace_id` holds: a name for one call."""
    return "A" + secrets.token_urlsafe(16)


def digest(secret: str) -> str:
    """Return the only form in which a token or code is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()
