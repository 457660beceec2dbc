"""Posts by their days, and how publishing goes."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, Instant, Said
from scheduler.api.post_fields import PostSerializer, with_rows
from scheduler.lib import clock
from scheduler.lib.spans import YEARS
from scheduler.lib.zones import is_zone
from scheduler.models import ScheduledPost
from scheduler.services import api_figures

MOST_DAYS = 62


class DaysQuery(Said):
    """Which days, both with it, and on whose clock."""

    start = serializers.DateField()
    end = serializers.DateField(help_text="With it; at most 62 days.")
    timezone = serializers.CharField(required=False, max_length=64, help_text="The person's own if left out.")

    def validate_timezone(self, zone: str) -> str:
        """Refuse what no clock knows."""
        if not is_zone(zone):
            raise serializers.ValidationError(_("No zone has this name. Choose one like America/Sao_Paulo."))
        return zone

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Refuse days that turn round, too many of them, and other centuries."""
        start, end = asked["start"], asked["end"]
        if start.year not in YEARS or end.year not in YEARS:
            raise serializers.ValidationError({"start": _("Choose a year from 2000 to 2099.")})
        if not 0 <= (end - start).days < MOST_DAYS:
            told = _("The end comes after the start, by at most %(n)s days.") % {"n": MOST_DAYS}
            raise serializers.ValidationError({"end": told})
        return asked


class DaySerializer(serializers.Serializer):
    """One day with its posts, the earliest first."""

    day = serializers.DateField()
    count = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="By status.")
    posts = PostSerializer(many=True)


class CalendarSerializer(serializers.Serializer):
    """The days that have posts."""

    start = serializers.DateField()
    end = serializers.DateField()
    timezone = serializers.CharField()
    days = DaySerializer(many=True)


class NextSerializer(serializers.Serializer):
    """The post that goes out next."""

    id = serializers.IntegerField()
    instagram_account = serializers.IntegerField(source="instagram_account_id")
    scheduled_for = Instant()


class AccountFiguresSerializer(serializers.Serializer):
    """One account's posts and its use of Instagram's daily limit."""

    id = serializers.IntegerField()
    instagram_username = serializers.CharField()
    by_status = serializers.DictField(child=serializers.IntegerField())
    quota_used = serializers.IntegerField(help_text="Posts within the last 24 hours.")
    quota_limit = serializers.IntegerField()


class LatelySerializer(serializers.Serializer):
    """What came of the posts of the last 30 days."""

    published = serializers.IntegerField()
    failed = serializers.IntegerField()
    success_rate = serializers.FloatField(allow_null=True)
    median_lateness_s = serializers.FloatField(allow_null=True, help_text="Seconds after the planned time.")


class StatsSerializer(serializers.Serializer):
    """How a person's posts stand."""

    now = Instant()
    by_status = serializers.DictField(child=serializers.IntegerField())
    accounts = AccountFiguresSerializer(many=True)
    next_post = NextSerializer(allow_null=True)
    last_30_days = LatelySerializer()


class Calendar(ApiView):
    """Posts by their days."""

    about, queries = "posts", {"GET": DaysQuery}

    @extend_schema(operation_id="read_calendar", responses=CalendarSerializer)
    def get(self, request: Request) -> Response:
        """Return the posts planned for some days, under their local days."""
        asked = self.asked
        zone = asked.get("timezone") or self.person.timezone
        zone = zone if is_zone(zone) else "UTC"
        span = api_figures.bounds(asked["start"], asked["end"], zone)
        posts = with_rows(ScheduledPost.objects.for_user(self.person).planned_between(*span))
        told = asked | {"timezone": zone, "days": api_figures.days_of(posts, zone)}
        return Response(CalendarSerializer(told).data)


class Stats(ApiView):
    """How publishing goes."""

    about = "posts"

    @extend_schema(operation_id="read_stats", responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """Return counts, the next post, success, lateness and the use of each account's limit."""
        return Response(StatsSerializer(api_figures.stats_of(self.person, clock.now())).data)
