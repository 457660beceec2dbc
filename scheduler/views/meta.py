"""What Meta calls by itself. No session and no CSRF token: each call is signed with the secret of an app."""

import hashlib
import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheduler.instagram.answers import read_json
from scheduler.lib import clock, signed_request
from scheduler.lib.signed_request import NotSigned, SignedRequest
from scheduler.models import DeletionRequest
from scheduler.services import leaving, meta_events

MOST_CHALLENGE = 200


@csrf_exempt
@require_POST
def deauthorize(request: HttpRequest) -> HttpResponse:
    """Somebody removed the app: their tokens are dead, and are forgotten here."""
    try:
        leaving.deauthorize(_said(request), clock.now())
    except NotSigned:
        return _not_signed()
    return HttpResponse(status=200, content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
def delete_data(request: HttpRequest) -> HttpResponse:
    """Somebody asks that their data be deleted: answer where they see that it was, and by which code."""
    try:
        done = leaving.delete_data(_said(request), clock.now())
    except NotSigned:
        return _not_signed()
    address = settings.PUBLIC_BASE_URL + reverse("meta-deletion", args=[done.code])
    return JsonResponse({"url": address, "confirmation_code": done.code})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """Prove to Meta that this address is ours, and take what it tells of the accounts."""
    return _prove(request) if request.method == "GET" else _take(request)


def _prove(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(f"hub.{name}", "") for name in ("mode", "verify_token", "challenge")}
    is_known = hmac.compare_digest(asked["verify_token"].encode(), settings.META_WEBHOOK_VERIFY_TOKEN.encode())
    if asked["mode"] != "subscribe" or not is_known or not 0 < len(asked["challenge"]) <= MOST_CHALLENGE:
        return HttpResponse("The verify token is another one.", status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(asked["challenge"], content_type="text/plain; charset=utf-8")


def _take(request: HttpRequest) -> HttpResponse:
    if not _is_signed(request):
        return _not_signed()
    try:
        meta_events.take(read_json(request.body), clock.now())
    except ValueError:
        return HttpResponse("This is not JSON.", status=400, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=200, content_type="text/plain; charset=utf-8")


def _is_signed(request: HttpRequest) -> bool:
    given = request.headers.get("X-Hub-Signature-256", "").encode("latin-1", "replace")
    secrets = [secret for secret in _secrets() if secret]
    return any(hmac.compare_digest(given, f"sha256={_mark(secret, request.body)}".encode()) for secret in secrets)


def _mark(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@require_safe
def show_deletion(request: HttpRequest, code: str) -> HttpResponse:
    """Say what became of a request for deletion."""
    done = get_object_or_404(DeletionRequest, code=code)
    answer = render(request, "scheduler/deletion.html", {"done": done})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _said(request: HttpRequest) -> SignedRequest:
    """Return what the call says; either app's secret signs, as the login was. Raises NotSigned."""
    return signed_request.read(request.POST.get("signed_request", ""), _secrets())


def _secrets() -> list[str]:
    return [settings.INSTAGRAM_APP_SECRET, settings.FACEBOOK_APP_SECRET]


def _not_signed() -> HttpResponse:
    words = "This is not signed by the Meta app of this installation."
    return HttpResponse(words, status=403, content_type="text/plain; charset=utf-8")
