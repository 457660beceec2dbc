"""Is it alive, and does it publish: for whoever keeps the machine."""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from scheduler.lib import clock
from scheduler.services import health


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer as long as the web server does."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database answers and the processor looks; 503 with what is wrong otherwise."""
    try:
        state = health.readiness(clock.now())
    except DatabaseError:
        return JsonResponse({"status": "down", "database": False}, status=503)
    facts = {
        "status": "ok" if state.ok else "stopped",
        "database": True,
        "mode": state.mode,
        "last_pass_at": state.last_pass_at,
    }
    return JsonResponse(facts, status=200 if state.ok else 503)
