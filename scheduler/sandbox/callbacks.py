"""What Meta sends by itself: signed requests when somebody leaves, and webhooks. Source: fact sheet 7."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Any

import requests
from django.conf import settings

from scheduler.sandbox import fetching
from scheduler.sandbox.models import Comment, Control, Delivery, FacebookPerson, Grant, Media, Profile

# Where the app receives them; it is set up with these addresses at Meta.
PATHS = {
    Delivery.Kind.DEAUTHORIZE: "/meta/deauthorize/",
    Delivery.Kind.DELETION: "/meta/data-deletion/",
    Delivery.Kind.EVENT: "/meta/webhooks/",
    Delivery.Kind.VERIFICATION: "/meta/webhooks/",
}
_TIMES_S = (3, 10)
_GUEST = {"id": "990000000000001", "username": "guest.one"}
_MOST_BYTES = 100_000


# --- Signing ------------------------------------------------------------------------------------------------
def signed_request(user_id: str, secret: str, at: datetime) -> str:
    """Return the `signed_request` of one person: signature and payload, both base64url without padding.

    user_id: the id of the login: app-scoped of Instagram Login, of the Facebook person with Facebook Login.
    """
    issued = int(at.timestamp())
    told = {"algorithm": "HMAC-SHA256", "expires": issued + 3600, "issued_at": issued, "user_id": user_id}
    payload = _base64url(json.dumps(told).encode())
    signature = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"{_base64url(signature)}.{payload}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def webhook_headers(body: bytes, secret: str) -> dict[str, str]:
    """Return the headers of a webhook event: its type and both signatures over exactly these bytes."""
    new = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    old = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Hub-Signature-256": f"sha256={new}",
        "X-Hub-Signature": f"sha1={old}",
    }


# --- People who leave ---------------------------------------------------------------------------------------
def remove_app(whom: Profile | FacebookPerson) -> Delivery:
    """Let somebody remove the app: every token answers 190/458, and the app is told."""
    whom.end_sessions(458)
    if isinstance(whom, FacebookPerson):
        Grant.objects.filter(person=whom).delete()
    return _send_signed(Delivery.Kind.DEAUTHORIZE, whom)


def ask_for_deletion(whom: Profile | FacebookPerson) -> Delivery:
    """Let somebody ask for the deletion of their data; the right answer names a page and a code."""
    return _send_signed(Delivery.Kind.DELETION, whom)


def _send_signed(kind: Delivery.Kind, whom: Profile | FacebookPerson) -> Delivery:
    is_facebook = isinstance(whom, FacebookPerson)
    user_id = whom.graph_id if isinstance(whom, FacebookPerson) else whom.app_scoped_id
    text = signed_request(user_id, _secret(facebook=is_facebook), Control.load().now())
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return _deliver(_new(kind, f"signed_request={text}", headers))


def _secret(*, facebook: bool) -> str:
    return settings.FACEBOOK_APP_SECRET if facebook else settings.INSTAGRAM_APP_SECRET


# --- Webhooks -----------------------------------------------------------------------------------------------
def verify_webhook() -> Delivery:
    """Ask the app's webhook to prove itself: the right answer is the bare challenge."""
    challenge = str(secrets.randbelow(10**9))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": Control.load().verify_token}
    url = requests.Request("GET", _address(Delivery.Kind.VERIFICATION), params=query).prepare().url or ""
    return _deliver(_new(Delivery.Kind.VERIFICATION, "", {}, url))


def comment_event(media: Media, text: str = "Lovely!", *, facebook: bool = False) -> Delivery:
    """Tell of a comment that a stranger wrote below `media`."""
    told = {"id": "17850000000000902", "text": text, "from": _GUEST}
    told |= {"media": {"id": media.graph_id, "media_product_type": media.product_type}}
    return send_event(media.profile, "comments", told, facebook=facebook)


def own_comment_event(comment: Comment, *, facebook: bool = False) -> Delivery:
    """Tell of a comment that the account wrote itself: those arrive too."""
    author = {"id": comment.profile.user_id, "username": comment.profile.username}
    told = {"id": comment.graph_id, "text": comment.text, "from": author, "media": {"id": comment.media.graph_id}}
    return send_event(comment.profile, "comments", told, facebook=facebook)


def send_event(profile: Profile, field: str, value: dict[str, Any], *, facebook: bool = False) -> Delivery:
    """Send one change of an account; what is not answered 200 is tried again by `deliver_due`."""
    change = {"field": field, "value": value}
    entry = {"id": profile.user_id, "time": int(Control.load().now().timestamp()), "changes": [change]}
    body = json.dumps({"object": "instagram", "entry": [entry]}, ensure_ascii=False)
    return _deliver(_new(Delivery.Kind.EVENT, body, webhook_headers(body.encode(), _secret(facebook=facebook))))


# --- Sending ------------------------------------------------------------------------------------------------
def deliver_due() -> int:
    """Send again what is due; return how many were sent."""
    due = list(Delivery.objects.filter(next_at__lte=Control.load().now()).order_by("next_at")[:20])
    for delivery in due:
        _deliver(delivery)
    return len(due)


def _address(kind: Delivery.Kind) -> str:
    return f"{settings.PUBLIC_BASE_URL}{PATHS[kind]}"


def _new(kind: Delivery.Kind, body: str, headers: dict[str, str], url: str = "") -> Delivery:
    now = Control.load().now()
    return Delivery(kind=kind, url=url or _address(kind), body=body, headers=headers, created_at=now)


def _deliver(delivery: Delivery) -> Delivery:
    """Send it once; whatever comes back, or nothing, is written down."""
    method = "GET" if delivery.kind == Delivery.Kind.VERIFICATION else "POST"
    now = Control.load().now()
    try:
        with fetching.fetching_session().request(
            method,
            delivery.url,
            data=delivery.body.encode(),
            headers=delivery.headers | {"User-Agent": "facebookplatform/1.0"},
            timeout=_TIMES_S,
            allow_redirects=False,
            stream=True,
        ) as answer:
            text = answer.raw.read(_MOST_BYTES, decode_content=True).decode("utf-8", "replace")
            delivery.note(now, answer.status_code, text, is_right=_is_right(delivery, answer.status_code, text))
    except requests.RequestException as trouble:
        delivery.note(now, None, type(trouble).__name__, is_right=False)
    return delivery


def _is_right(delivery: Delivery, status: int, text: str) -> bool:
    if status != 200:
        return False
    if delivery.kind == Delivery.Kind.VERIFICATION:
        return f"hub.challenge={text.strip()}&" in delivery.url and bool(text.strip())
    return delivery.kind != Delivery.Kind.DELETION or _names_page_and_code(text)


def _names_page_and_code(text: str) -> bool:
    try:
        told = json.loads(text)
    except ValueError:
        return False
    if not isinstance(told, dict):
        return False
    code, url = told.get("confirmation_code"), told.get("url")
    return isinstance(code, str) and code.isalnum() and isinstance(url, str) and url.startswith("http")
