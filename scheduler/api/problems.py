"""Every refusal of the API in its one shape, whoever raised it: our rules, the framework, or a wrong address."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig
from django.forms.utils import ErrorDict
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from scheduler.api import answers
from scheduler.lib.sealing import KeyProblem
from scheduler.models import WrongState

ALL = "non_field_errors"  # what is wrong with the whole and not with one field
# The framework's refusals by their stable names.
CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ParseError: "PARSE_ERROR",
    exceptions.NotAuthenticated: "UNAUTHORIZED",
    exceptions.AuthenticationFailed: "UNAUTHORIZED",
    exceptions.PermissionDenied: "FORBIDDEN",
    exceptions.NotFound: "NOT_FOUND",
    exceptions.MethodNotAllowed: "METHOD_NOT_ALLOWED",
    exceptions.UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
    exceptions.Throttled: "TOO_MANY_REQUESTS",
}


class Refusal(exceptions.APIException):
    """A refusal with a code, a sentence and perhaps headers and facts of its own."""

    def __init__(
        self,
        status: int,
        code: str,
        message: object,
        *,
        headers: Mapping[str, str] | None = None,
        current: Mapping[str, Any] | None = None,
    ) -> None:
        """current: how the object that was to be changed stands now."""
        super().__init__(str(message), code)
        self.status_code, self.code, self.headers, self.current = status, code, dict(headers or {}), current


class Replay(exceptions.APIException):
    """No refusal: the answer was given before, and is given again."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.status_code, self.body, self.headers = status, body, dict(headers)


class FieldsRefused(exceptions.APIException):
    """What was sent breaks rules; `fields` names each with {"code", "message"}."""

    status_code = 400
    default_detail = _lazy("Some fields need another value. Nothing was saved.")

    def __init__(self, fields: Mapping[str, list[dict[str, str]]]) -> None:
        super().__init__()
        self.fields = dict(fields)


def explain(trouble: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer for what a view raised; None lets it be the server's own error."""
    answer = _answer(trouble, context)
    if answer is not None:
        set_rollback()
    return answer


def _answer(trouble: Exception, context: Mapping[str, Any]) -> Response | None:
    if isinstance(trouble, Replay):
        return Response(trouble.body, status=trouble.status_code, headers=trouble.headers)
    if isinstance(trouble, Refusal):
        more = {} if trouble.current is None else {"current": trouble.current}
        return _told(trouble.status_code, trouble.code, trouble.detail, headers=trouble.headers, more=more)
    if isinstance(trouble, FieldsRefused):
        return _told(400, "VALIDATION_FAILED", trouble.detail, trouble.fields)
    if isinstance(trouble, exceptions.ValidationError):
        return _told(400, "VALIDATION_FAILED", FieldsRefused.default_detail, fields_of(trouble.detail))
    if isinstance(trouble, WrongState):
        return _told(409, trouble.code, trouble.sentence)
    if isinstance(trouble, KeyProblem):
        return _told(503, "KEY_PROBLEM", str(trouble))
    if isinstance(trouble, Http404 | exceptions.NotFound):
        return _told(404, "NOT_FOUND", _("There is nothing here that you could see."))
    if isinstance(trouble, PermissionDenied):
        return _told(403, "FORBIDDEN", _("This is not yours to do."))
    if isinstance(trouble, RequestDataTooBig):
        return _told(413, "TOO_LARGE", _("This is larger than Pauta takes."))
    return _of_the_framework(trouble, context) if isinstance(trouble, exceptions.APIException) else None


def _of_the_framework(trouble: exceptions.APIException, context: Mapping[str, Any]) -> Response:
    headers, words = {}, str(trouble.detail)
    if isinstance(trouble, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
        words = _("Call this address with %(methods)s.") % {"methods": headers["Allow"]}
    elif isinstance(trouble, exceptions.NotAuthenticated):
        words = _("Sign in, or send a token as Authorization: Bearer <token>.")
    elif isinstance(trouble, exceptions.UnsupportedMediaType):
        kind = context["view"].parser_classes[0].media_type
        words = _("Send the body with Content-Type: %(kind)s.") % {"kind": kind}
    elif isinstance(trouble, exceptions.ParseError):
        words = _("The body is not JSON that can be read.")
    header = getattr(trouble, "auth_header", None)
    if header:
        headers["WWW-Authenticate"] = header
    code = next((code for kind, code in CODES.items() if isinstance(trouble, kind)), "ERROR")
    return _told(trouble.status_code, code, words, headers=headers)


def fields_of(detail: Any, path: str = "") -> dict[str, list[dict[str, str]]]:
    """Return the framework's nested errors as one flat {"field.0.part": [{"code", "message"}]}."""
    found: dict[str, list[dict[str, str]]] = {}
    if isinstance(detail, dict):
        parts = [(f"{path}.{name}" if path else str(name), part) for name, part in detail.items()]
    elif isinstance(detail, list) and any(isinstance(part, dict | list) for part in detail):
        parts = [(f"{path}.{number}" if path else str(number), part) for number, part in enumerate(detail) if part]
    else:
        words = detail if isinstance(detail, list) else [detail]
        return {path or ALL: [{"code": str(word.code).upper(), "message": str(word)} for word in words]}
    for where, part in parts:
        found |= fields_of(part, where)
    return found


def fields_of_form(errors: ErrorDict) -> dict[str, list[dict[str, str]]]:
    """Return what a page's form refuses, in the same shape."""
    found: dict[str, list[dict[str, str]]] = {}
    for name, wrong in errors.as_data().items():
        told = found.setdefault(ALL if name == NON_FIELD_ERRORS else name, [])
        told += [
            {"code": str(one.code or "refused").upper(), "message": text} for one in wrong for text in one.messages
        ]
    return found


def _told(
    status: int,
    code: str,
    message: object,
    fields: Mapping[str, Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    body = {"error": {"code": code, "message": str(message), "fields": fields or {}}, **(more or {})}
    return Response(body, status=status, headers=dict(headers or {}))


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """Answer what is asked for below /api/ and does not exist."""
    return answers.error(404, "NOT_FOUND", _("There is no such address. Each ends with a slash; see /api/docs/."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a mistake of ours: to a program in the API's shape, to people as a page."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return answers.error(500, "SERVER_ERROR", _("Pauta stumbled over this. The server's log says at what."))
