"""The Django app that is the product."""

from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    """Plan posts, publish them exactly once, and say honestly how it went."""

    name = "scheduler"
    verbose_name = "Pauta"
