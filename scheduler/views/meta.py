"""What Meta calls by itself. No session and no CSRF token: each call is signed with the secret of an app."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from scheduler.lib import clock, signed_request
from scheduler.lib.signed_request import NotSigned, SignedRequest
from scheduler.models import DeletionRequest
from scheduler.services import leaving


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


@require_safe
def show_deletion(request: HttpRequest, code: str) -> HttpResponse:
    """Say what became of a request for deletion."""
    done = get_object_or_404(DeletionRequest, code=code)
    answer = render(request, "scheduler/deletion.html", {"done": done})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _said(request: HttpRequest) -> SignedRequest:
    """Return what the call says; either app's secret signs, as the login was. Raises NotSigned."""
    secrets = [settings.INSTAGRAM_APP_SECRET, settings.FACEBOOK_APP_SECRET]
    return signed_request.read(request.POST.get("signed_request", ""), secrets)


def _not_signed() -> HttpResponse:
    words = "This is not signed by the Meta app of this installation."
    return HttpResponse(words, status=403, content_type="text/plain; charset=utf-8")
