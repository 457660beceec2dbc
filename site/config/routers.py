"""Which database a row lives in: the sandbox keeps its own file, everything else is ours."""

from typing import Any

from django.db.models import Model


class SandboxRouter:
    """Send the simulated Instagram's models to the `sandbox` database and nothing else there."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Return the database that holds `model`."""
        return "sandbox" if model._meta.app_label == "sandbox" else "default"

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allow relations within one database only."""
        # __class__ and not type(): request.user is a lazy stand-in whose type is no model.
        return self.db_for_read(one.__class__) == self.db_for_read(other.__class__)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Let each database hold only its own tables."""
        return (db == "sandbox") == (app_label == "sandbox")
