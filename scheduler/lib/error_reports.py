"""Django's error reports (the page of DEBUG, mails) show variables; this keeps tokens and codes out of them."""

import re
from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.template.defaultfilters import pprint
from django.views.debug import SafeExceptionReporterFilter

from scheduler.lib.redaction import MASK, redact

_NAMES = re.compile(r"token|secret|code|password|passwd|key|auth|signature|state", re.IGNORECASE)


class Shown(str):
    """A text that is shown as it stands, without quotes around it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class SecretsReporterFilter(SafeExceptionReporterFilter):
    """Mask a frame's variable when its name says that it is secret, or when it holds something like a token."""

    # Addresses of database, queue and mail carry passwords; Django's own list does not know them.
    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|DATABASE_URL|REDIS|EMAIL_URL|LOCATION", re.IGNORECASE
    )

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """Return the frame's variables, with DEBUG on as well as off."""
        variables = super().get_traceback_frame_variables(request, tb_frame)
        return {name: _shown(name, value) for name, value in variables}.items()


def _shown(name: str, value: Any) -> Any:
    if _NAMES.search(name) and isinstance(value, str | bytes):
        return Shown(MASK)
    text = pprint(value)  # the template's own, which also survives a repr that fails
    masked = redact(text)
    return value if masked == text else Shown(masked)
