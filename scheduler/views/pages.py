"""Pages that are the same for everybody."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from scheduler.views.shortcuts import PersonRequest

ROBOTS = "User-agent: *\nAllow: /m/\nDisallow: /\n"


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept, where, and how it goes away."""
    return render(request, "scheduler/privacy.html")


@login_required
@require_safe
def show_keys(request: PersonRequest) -> HttpResponse:
    """Tell the keys; over the page where htmx asks, with `?first` when somebody just picked up a first post."""
    if not request.htmx:
        return render(request, "scheduler/keys.html", {"section": "settings"})
    answer = render(request, "scheduler/parts/_keys.html", {"is_first": "first" in request.GET})
    retarget(reswap(answer, "innerHTML"), "#sheet-body")
    return trigger_client_event(answer, "sheet:open", {}, after="settle")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask without looking at the page to our mark."""
    return redirect(static("img/mark.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let Instagram fetch the media; nothing else is for crawlers."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
