"""Choose the cover of a reel: the strip of its video's frames, and a picture of its own."""

import logging

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from scheduler.forms.post_cover import take_cover
from scheduler.lib import clock
from scheduler.lib.numbers import row_id
from scheduler.lib.sniffing import Unfit
from scheduler.models import MediaAsset
from scheduler.services import covers
from scheduler.services.media_refusals import MediaRefused
from scheduler.views.shortcuts import PersonRequest

log = logging.getLogger(__name__)


@login_required
@require_safe
def show_strip(request: PersonRequest) -> HttpResponse:
    """Show ten frames of one video of this person in a row."""
    films = MediaAsset.objects.filter(user=request.user, kind=MediaAsset.Kind.VIDEO)
    asset = get_object_or_404(films, pk=row_id(request.GET.get("asset", "")))
    context: dict[str, object] = {"asset": asset, "seconds": (asset.duration_ms or 0) / 1000}
    status = 200
    try:
        context["strip"] = covers.strip_of(asset, clock.now())
    except covers.TooManyStrips:
        context["is_too_much"], status = True, 429
    except (Unfit, OSError) as trouble:
        log.warning("The frames of media %s could not be drawn: %r", asset.pk, trouble)
    return render(request, "scheduler/posts/_strip.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose_cover(request: PersonRequest) -> HttpResponse:
    """Show in its place in the form the picture that is to be the cover: of the library, or one that comes now."""
    context = _uploaded(request) if request.method == "POST" else {"cover": _of_the_library(request)}
    answer = render(request, "scheduler/posts/_cover_picture.html", context)
    return trigger_client_event(answer, "pauta:changed", after="settle")


def _of_the_library(request: PersonRequest) -> MediaAsset:
    pictures = MediaAsset.objects.for_user(request.user).filter(kind=MediaAsset.Kind.IMAGE)
    return get_object_or_404(pictures.prefetch_related("renditions"), pk=row_id(request.GET.get("asset", "")))


def _uploaded(request: PersonRequest) -> dict[str, object]:
    """Keep the picture that came, and return what is to be shown; a refusal keeps the old one."""
    file, context = request.FILES.get("cover_upload"), dict[str, object]()
    try:
        if file is None:
            raise MediaRefused("EMPTY")
        context["cover"] = take_cover(request.user, file)
    except MediaRefused as refused:
        number = row_id(request.POST.get("cover", ""))
        context["cover"] = MediaAsset.objects.for_user(request.user).filter(pk=number).first() if number else None
        context["problem"] = f"{file.name}: {refused.sentence}" if file else refused.sentence
    return context
