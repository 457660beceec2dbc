"""What both consent pages share: refusing on the page itself, links that change one choice, and the way back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

CONSENT_S = 600


class Unwanted(Exception):
    """The request never reaches the app: the page itself says so."""


def said_no(request: HttpRequest, reason: str) -> HttpResponse:
    """Show the reason on the page; the app does not hear of it."""
    return render(request, "sandbox/consent_error.html", {"reason": reason}, status=400)


def link_with(request: HttpRequest, **changes: str) -> str:
    """Return the address of this page with some of its parameters changed."""
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"{request.path}?{query.urlencode()}"


def go(address: str) -> HttpResponse:
    """Redirect as Meta does: never kept, and the address is told to nobody."""
    headers = {"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HttpResponse(status=302, headers=headers)
