"""Pages that are the same for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

ROBOTS = "User-agent: *\nAllow: /m/\nDisallow: /\n"


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept, where, and how it goes away."""
    return render(request, "scheduler/privacy.html")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask without looking at the page to our mark."""
    return redirect(static("img/mark.svg"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let Instagram fetch the media; nothing else is for crawlers."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
