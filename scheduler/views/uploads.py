"""Uploads in pieces, for the browser; the protocol is tus 1.0, and services.uploads does the work.

The answer to the last piece is ours: {"asset"} or {"problem"}; sent again, an empty piece at the end gives it again.
"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from scheduler.forms.post_media import FIT_WORDS, SHAPE_WORDS, Item
from scheduler.instagram import limits
from scheduler.lib import clock, tus
from scheduler.lib.numbers import row_id
from scheduler.models import MediaAsset, Upload
from scheduler.services import uploads
from scheduler.services.media_refusals import MediaRefused, refusal_sentence
from scheduler.views.shortcuts import PersonRequest


@login_required
@require_POST
def begin_upload(request: PersonRequest) -> HttpResponse:
    """Make room for a file whose length and name the headers say."""
    size = row_id(request.headers.get("Upload-Length", ""))
    name = tus.name_in(request.headers.get("Upload-Metadata", ""))
    try:
        upload = uploads.begin(request.user, name, size, clock.now())
    except MediaRefused as refused:
        return JsonResponse({"problem": refused.sentence}, status=422)
    except uploads.TooMuch:
        told = _("Too many files are on their way at once. Wait until some are there, then try again.")
        return JsonResponse({"problem": told}, status=429)
    except uploads.NoRoom:
        return _no_room()
    answer = _told(upload, 201)
    answer.headers["Location"] = reverse("media-upload", args=[upload.key])
    return answer


@login_required
@require_http_methods(["HEAD", "PATCH", "DELETE"])
def upload(request: PersonRequest, key: str) -> HttpResponse:
    """Say how far a file came, take its next piece, or forget it."""
    known = get_object_or_404(Upload.objects.for_user(request.user), key=key)
    acts: dict[str, Callable[[PersonRequest, Upload], HttpResponse]] = {"HEAD": _say, "PATCH": _add, "DELETE": _drop}
    return acts[str(request.method)](request, known)


@login_required
@require_safe
def tile(request: PersonRequest) -> HttpResponse:
    """Show one file of this person as the post form shows it."""
    assets = MediaAsset.objects.usable(request.user, ()).prefetch_related("renditions")
    asset = get_object_or_404(assets, pk=row_id(request.GET.get("asset", "")))
    form = {"shapes": SHAPE_WORDS, "fits": FIT_WORDS}
    return render(request, "scheduler/posts/_tile.html", {"item": Item(asset, 1), "form": form, "limits": limits})


@login_required
@require_safe
def film_state(request: PersonRequest) -> HttpResponse:
    """Say how far one video is that is being made ready; when it is there, the form looks again at what it has."""
    asset = get_object_or_404(MediaAsset, user=request.user, pk=row_id(request.GET.get("asset", "")))
    words = refusal_sentence(asset.failure) if asset.failure else ""
    answer = render(request, "scheduler/posts/_film_state.html", {"asset": asset, "words": words, "followed": True})
    answer.headers["Cache-Control"] = "no-store"
    return answer if asset.is_unready else trigger_client_event(answer, "pauta:changed")


def _say(_request: PersonRequest, known: Upload) -> HttpResponse:
    return _told(known, 200)


def _add(request: PersonRequest, known: Upload) -> HttpResponse:
    at, length = request.headers.get("Upload-Offset", ""), request.headers.get("Content-Length") or "0"
    if not at.isdecimal() or not length.isdecimal():
        return _told(known, 400)
    if length != "0" and request.content_type != tus.PIECE_TYPE:
        return _told(known, 415)
    try:
        uploads.add(known, int(at[:18]), request, int(length[:18]), clock.now)
    except uploads.OutOfStep:
        return _told(known, 409)
    except uploads.Gone:
        return HttpResponse(status=404)
    except uploads.Busy:
        return _told(known, 423)
    except uploads.TooMuch:
        return _told(known, 413)
    except uploads.NoRoom:
        return _no_room()
    if known.problem:
        return JsonResponse({"problem": known.problem}, status=422)
    return JsonResponse({"asset": known.asset_id}) if known.asset_id else _told(known, 204)


def _no_room() -> HttpResponse:
    return JsonResponse({"problem": refusal_sentence("NOT_KEPT")}, status=507)


def _drop(_request: PersonRequest, known: Upload) -> HttpResponse:
    known.forget()
    return HttpResponse(status=204)


def _told(known: Upload, status: int) -> HttpResponse:
    """Return an answer that says how far the file came."""
    words = {"Tus-Resumable": tus.VERSION, "Upload-Offset": known.arrived, "Upload-Length": known.size_bytes}
    return HttpResponse(status=status, headers=words | {"Cache-Control": "no-store"})
