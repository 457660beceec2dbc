"""The Django app of the simulated Instagram."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Instagram as far as publishing needs it; there only in demo mode."""

    name = "scheduler.sandbox"
    label = "sandbox"
    verbose_name = "Sandbox Instagram"
