"""Is it alive: for whoever keeps the machine."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer as long as the web server does."""
    return JsonResponse({"status": "ok"})
