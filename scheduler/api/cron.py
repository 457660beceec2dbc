"""The three addresses a cron service calls, for hosts where no worker can run all the time."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from scheduler.api import answers
from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import ProcessorPass, ScheduledPost, Status
from scheduler.services.scheduled_post_processor import PassReport, ScheduledPostProcessor

View = Callable[[HttpRequest], HttpResponse]


def cron_only(method: str) -> Callable[[View], View]:
    """Let in only who knows CRON_SECRET, as `Authorization: Bearer …`; no session and no CSRF token are needed.

    method: the one that the endpoint takes. A lost key is told with its cure.
    """

    def guard(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponse:
            refusal = _refusal(request, method)
            if refusal:
                return refusal
            try:
                return view(request)
            except KeyProblem as problem:
                return answers.error(503, "KEY_PROBLEM", str(problem))

        return guarded

    return guard


def _refusal(request: HttpRequest, method: str) -> HttpResponse | None:
    """Return why this request may not pass, None when it may; the secret comes first, whatever else is wrong."""
    if not settings.CRON_SECRET:
        return answers.error(503, "CRON_OFF", "Set CRON_SECRET on the server to use the cron endpoints.")
    # WSGI hands a header over as one character a byte.
    told = request.headers.get("Authorization", "").encode("latin-1", "replace")
    if not hmac.compare_digest(told, f"Bearer {settings.CRON_SECRET}".encode()):
        refusal = answers.error(401, "UNAUTHORIZED", "Send CRON_SECRET as Authorization: Bearer <secret>.")
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    if request.method != method:
        refusal = answers.error(405, "METHOD_NOT_ALLOWED", f"Call this address with {method}.")
        refusal["Allow"] = method
        return refusal
    return None


def _processor() -> ScheduledPostProcessor:
    return ScheduledPostProcessor(kind=ProcessorPass.Kind.CRON)


def _report(report: PassReport, **more: int) -> JsonResponse:
    return JsonResponse({"outcomes": report.outcomes, "held": report.held, "left_over": report.left_over, **more})


@cron_only("POST")
def publish_scheduled(request: HttpRequest) -> HttpResponse:
    """Publish what is due, for about 25 seconds; the next call goes on with what is left over."""
    return _report(_processor().process_pending_posts())


@cron_only("POST")
def retry_failed(request: HttpRequest) -> HttpResponse:
    """Try transient failures of the last 24 h again, then go on like `publish_scheduled`."""
    processor = _processor()
    again = processor.retry_failed_posts()
    return _report(processor.process_pending_posts(), retried=again)


@cron_only("GET")
def stats(request: HttpRequest) -> HttpResponse:
    """Say how the line stands, over all people: numbers and times only."""
    now = clock.now()
    last, live = ProcessorPass.last(), ScheduledPost.objects.filter(deleted_at=None)
    return JsonResponse(
        {
            "now": now.isoformat(),
            "last_pass": {"kind": last.kind, "at": last.at.isoformat()} if last else None,
            "due": ScheduledPost.objects.due(now).count(),
            "scheduled": live.filter(status=Status.SCHEDULED).count(),
            "on_hold": live.on_hold().count(),
            "publishing": live.filter(status=Status.PUBLISHING).count(),
            "failed_24h": live.filter(failed_at__gte=now - timedelta(hours=24), status=Status.FAILED).count(),
            "published_24h": live.filter(published_at__gte=now - timedelta(hours=24)).count(),
        }
    )
