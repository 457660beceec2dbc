"""The API described for programs (OpenAPI 3.1) and shown to people."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView

from scheduler.api.base import AlwaysJson


class Schema(SpectacularAPIView):
    """The description of every endpoint, the same for everybody."""

    authentication_classes = ()
    permission_classes = ()
    renderer_classes = [OpenApiJsonRenderer]
    content_negotiation_class = AlwaysJson
    metadata_class = None


# Its style sheet draws arrows from addresses that hold the picture itself.
@csp_update({"img-src": ["data:"]})
@require_safe
def show_docs(request: HttpRequest) -> HttpResponse:
    """Show the description, and try it."""
    return render(request, "scheduler/api_docs.html")
