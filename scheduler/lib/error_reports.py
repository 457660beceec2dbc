"""Django's error reports (the page of DEBUG, mails) show variables; this keeps tokens and codes out of them."""

import re
from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.template.defaultfilters import pprint
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from scheduler.lib.redaction import MASK, redact, redact_data

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

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return the request's headers and environment; its query, and the page before, may hold a code."""
        return redact_data(super().get_safe_request_meta(request))

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the fields of a form, with DEBUG on as well as off."""
        fields = super().get_post_parameters(request)
        return {name: Shown(MASK) if _NAMES.search(name) else value for name, value in fields.items()}


class SecretsReporter(ExceptionReporter):
    """Masks the code of a sign-in in the address, too, which no filter is asked about."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Return what the report is drawn from."""
        data = super().get_traceback_data()
        if self.request is not None:
            data["request_GET_items"] = redact_data(dict(self.request.GET.items())).items()
            data["request_insecure_uri"] = redact(data["request_insecure_uri"])
        return data


def _shown(name: str, value: Any) -> Any:
    if _NAMES.search(name) and isinstance(value, str | bytes):
        return Shown(MASK)
    text = pprint(value)  # the template's own, which also survives a repr that fails
    masked = redact(text)
    return value if masked == text else Shown(masked)
