"""Paths below /api/v1/social/."""

from django.urls import path

from scheduler.api import cron

urlpatterns = [
    path("cron/publish-scheduled/", cron.publish_scheduled, name="cron-publish-scheduled"),
    path("cron/retry-failed/", cron.retry_failed, name="cron-retry-failed"),
    path("cron/stats/", cron.stats, name="cron-stats"),
]
