"""The three addresses a cron service calls, for hosts where no worker can run all the time."""

import hmac
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, Instant
from scheduler.api.problems import Refusal
from scheduler.lib import clock
from scheduler.models import ProcessorPass, ScheduledPost, Status
from scheduler.services.scheduled_post_processor import PassReport, ScheduledPostProcessor


class ReportSerializer(serializers.Serializer):
    """What a look at the line did."""

    outcomes = serializers.DictField(child=serializers.IntegerField(), help_text="Posts by what came of them.")
    held = serializers.IntegerField(help_text="Posts whose time was missed, on hold until somebody decides.")
    left_over = serializers.IntegerField(help_text="Posts that the next call goes on with.")


class RetryReportSerializer(ReportSerializer):
    """What a look at what failed did."""

    retried = serializers.IntegerField(help_text="Failed posts that are tried again.")


class PassSerializer(serializers.Serializer):
    """The last look at the line."""

    kind = serializers.ChoiceField(choices=ProcessorPass.Kind.choices)
    at = Instant()


class LineSerializer(serializers.Serializer):
    """How the line stands, over all people."""

    now = Instant()
    last_pass = PassSerializer(allow_null=True)
    due = serializers.IntegerField()
    scheduled = serializers.IntegerField()
    on_hold = serializers.IntegerField()
    publishing = serializers.IntegerField()
    failed_24h = serializers.IntegerField()
    published_24h = serializers.IntegerField()


class CronView(ApiView):
    """Lets in only who knows CRON_SECRET, as `Authorization: Bearer …`; no session and no CSRF token are needed."""

    about = "cron"
    authentication_classes = ()
    permission_classes = ()
    http_method_names = ["get", "post"]

    def perform_authentication(self, request: Request) -> None:
        """Ask for the secret first, whatever else is wrong. Raises Refusal."""
        if not settings.CRON_SECRET:
            raise Refusal(503, "CRON_OFF", _("Set CRON_SECRET on the server to use the cron endpoints."))
        # WSGI hands a header over as one character a byte.
        told = request.headers.get("Authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(told, f"Bearer {settings.CRON_SECRET}".encode()):
            words = _("Send CRON_SECRET as Authorization: Bearer <secret>.")
            raise Refusal(401, "UNAUTHORIZED", words, headers={"WWW-Authenticate": "Bearer"})

    def prepare(self, request: Request) -> None:
        """Heed no address and no key: cron services add words of their own, and each call may come twice anyway."""


def _processor() -> ScheduledPostProcessor:
    return ScheduledPostProcessor(kind=ProcessorPass.Kind.CRON)


def _report(report: PassReport, **more: int) -> dict[str, object]:
    return {"outcomes": report.outcomes, "held": report.held, "left_over": report.left_over, **more}


class PublishScheduled(CronView):
    """Publishing what is due."""

    @extend_schema(operation_id="publish_scheduled", request=None, responses=ReportSerializer)
    def post(self, request: Request) -> Response:
        """Publish what is due, for about 25 seconds; the next call goes on with what is left over."""
        return Response(_report(_processor().process_pending_posts()))


class RetryFailed(CronView):
    """Another try of what failed."""

    @extend_schema(operation_id="retry_failed", request=None, responses=RetryReportSerializer)
    def post(self, request: Request) -> Response:
        """Try transient failures of the last 24 h again, then go on like `publish-scheduled`."""
        processor = _processor()
        again = processor.retry_failed_posts()
        return Response(_report(processor.process_pending_posts(), retried=again))


class Stats(CronView):
    """How the line stands."""

    @extend_schema(operation_id="read_cron_stats", responses=LineSerializer)
    def get(self, request: Request) -> Response:
        """Say how the line stands, over all people: numbers and times only."""
        now = clock.now()
        live = ScheduledPost.objects.filter(deleted_at=None)
        line = {
            "now": now,
            "last_pass": ProcessorPass.last(),
            "due": ScheduledPost.objects.due(now).count(),
            "scheduled": live.filter(status=Status.SCHEDULED).count(),
            "on_hold": live.on_hold().count(),
            "publishing": live.filter(status=Status.PUBLISHING).count(),
            "failed_24h": live.filter(failed_at__gte=now - timedelta(hours=24), status=Status.FAILED).count(),
            "published_24h": live.filter(published_at__gte=now - timedelta(hours=24)).count(),
        }
        return Response(LineSerializer(line).data)
