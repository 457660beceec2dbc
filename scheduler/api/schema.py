"""What the OpenAPI description says of every endpoint beside its own words: who may, what is refused, what is next.

Each view tells its address parameters by `queries` and its scopes by `scopes`; both are what it really checks.
"""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema

from scheduler.api.base import Said
from scheduler.api.once import KEY_CHARS, KEY_FORM

Json = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "description": "Why something was refused, in the language of Accept-Language.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields"],
            "properties": {
                "code": {"type": "string", "description": "A stable name, such as VALIDATION_FAILED."},
                "message": {"type": "string", "description": "A sentence that says what to do."},
                "fields": {
                    "type": "object",
                    "description": "What is wrong with each field; non_field_errors is about the whole.",
                    "additionalProperties": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
                },
            },
        }
    },
}
FIELD_PROBLEM: Json = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
}
CONFLICT: Json = {
    "description": "A refusal, with the post as it stands now.",
    "allOf": [
        {"$ref": "#/components/schemas/Problem"},
        {"type": "object", "properties": {"current": {"$ref": "#/components/schemas/Post"}}},
    ],
}
COMPONENTS = {
    "schemas": {"Problem": PROBLEM, "FieldProblem": FIELD_PROBLEM, "Conflict": CONFLICT},
    "securitySchemes": {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token; made in Settings."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Signed in; what changes something needs the header X-CSRFToken too.",
        },
        "cron": {"type": "http", "scheme": "bearer", "description": "CRON_SECRET of the installation."},
    },
}
# Each refusal: when it comes, and an example of its code, sentence and fields.
REFUSALS: dict[int, tuple[str, str, str, Json]] = {
    400: (
        "Something that was sent breaks a rule; `fields` names it. Nothing was saved.",
        "VALIDATION_FAILED",
        "Some fields need another value. Nothing was saved.",
        {"scheduled_for": [{"code": "PAST", "message": "This time is in the past. Choose a later time."}]},
    ),
    401: ("Nobody is known.", "UNAUTHORIZED", "Sign in, or send a token as Authorization: Bearer <token>.", {}),
    403: (
        "The token has no such scope.",
        "SCOPE_MISSING",
        "This token may not do this: it has no scope “write”.",
        {},
    ),
    404: ("It is not there, or not yours.", "NOT_FOUND", "There is nothing here that you could see.", {}),
    409: ("Its state does not allow it.", "WRONG_STATE", "This post is published already.", {}),
    411: (
        "The body comes without its length.",
        "LENGTH_REQUIRED",
        "Send the piece with its Content-Length.",
        {},
    ),
    412: (
        "It is not as If-Match says.",
        "STALE",
        "This post changed in the meantime. This is the latest version.",
        {},
    ),
    413: ("The body is too large.", "TOO_LARGE", "This is larger than Pauta takes.", {}),
    415: (
        "The body is of another kind.",
        "UNSUPPORTED_MEDIA_TYPE",
        "Send the body with Content-Type: application/json.",
        {},
    ),
    422: (
        "The Idempotency-Key was used for another call.",
        "KEY_REUSED",
        "This Idempotency-Key was sent with another body. Make a new key.",
        {},
    ),
    423: (
        "Another request is sending a piece of the same file.",
        "UPLOAD_BUSY",
        "Another request is sending this file. Ask in a second how far it came.",
        {},
    ),
    429: (
        "Too many requests; Retry-After says how many seconds to wait.",
        "TOO_MANY_REQUESTS",
        "Too many requests. Wait 12 seconds, then go on.",
        {},
    ),
    503: (
        "The installation is not set up for it; the sentence says what is missing.",
        "CRON_OFF",
        "Set CRON_SECRET on the server to use the cron endpoints.",
        {},
    ),
    507: (
        "The server has no room for the file.",
        "NOT_KEPT",
        "The server could not keep this file: its storage is full, locked or away. "
        "Tell whoever runs Pauta, then try again.",
        {},
    ),
}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
ONCE: Json = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARS, "pattern": f"^{KEY_FORM.pattern}$"},
    "description": "A word of yours for this call. Sent again with the same body within 24 hours, the call is not "
    "done a second time: the first answer comes again.",
    "example": "0f8c1d1e-6a0b-4b8e-9d0a-2f6f5d1c7a11",
}
IF_MATCH: Json = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string", "pattern": r'^(\*|"[0-9]+")$'},
    "description": "The ETag that you saw. When somebody changed the post since, nothing is done and 412 comes.",
    "example": '"3"',
}
# What may be asked next, of the object that an operation made.
FOLLOWERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "create_post": (
        "id",
        ("get_post", "change_post", "delete_post", "cancel_post", "publish_post_now", "list_post_logs"),
    ),
    "upload_media": ("id", ("get_media", "delete_media", "restore_media")),
    "create_webhook": (
        "id",
        (
            "get_webhook",
            "change_webhook",
            "delete_webhook",
            "renew_webhook_secret",
            "test_webhook",
            "list_deliveries",
        ),
    ),
    "import_posts": ("id", ("get_import", "change_import", "list_import_rows", "save_import")),
    "begin_upload": ("key", ("get_upload", "send_piece", "drop_upload")),
}


def complete(result: Json, **_more: Any) -> Json:
    """Add what all operations share to the finished description."""
    for kind, parts in COMPONENTS.items():
        result["components"].setdefault(kind, {}).update(parts)
    return result


class Described(AutoSchema):
    """One operation, described as it is."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Return the operation with its first sentence as summary."""
        operation = super().get_operation(*args, **kwargs)
        if operation:
            first, _line, _rest = operation["description"].partition("\n")
            operation["summary"] = first.partition(". ")[0].rstrip(".").replace("`", "")
            operation["responses"] |= dict(self._refusals(operation))
            self._link(operation)
        return operation

    def get_tags(self) -> list[str]:
        """Sort by what it is about: accounts, posts, media, cron."""
        return [self.view.about]

    def get_override_parameters(self) -> list[Any]:
        """Tell the parameters of the address that the view checks."""
        asked = self.view.queries.get(self.method)
        return [asked] if asked else []

    def get_auth(self) -> list[Any]:
        """Tell who may: a token with the scope, or a session."""
        if self.view.about == "cron":
            return [{"cron": []}]
        return [{"token": [self.view.scope_for(self.method)]}, {"session": []}]

    def _get_parameters(self) -> list[Any]:
        headers = [ONCE] if self.method == "POST" and self.view.about != "cron" else []
        headers += [IF_MATCH] if self.method in self.view.guarded else []
        return super()._get_parameters() + headers

    def _resolve_path_parameters(self, variables: Any) -> Any:
        found = super()._resolve_path_parameters(variables)
        for parameter in found:
            if parameter["schema"].get("type") == "integer":
                parameter["schema"] |= {"minimum": 1, "maximum": 2**63 - 1}
        return found

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, Said):
            unheeded = {"readOnly": True, "description": "May come along; changes nothing."}
            schema["properties"] |= dict.fromkeys(sorted(serializer.unheeded), unheeded)
            schema["additionalProperties"] = False
        return schema

    def _refusals(self, operation: Json) -> Iterator[tuple[str, Json]]:
        for status in sorted(self._refused_with(operation)):
            when, code, message, fields = REFUSALS[status]
            name = "Conflict" if status in {409, 412} and self.view.about == "posts" else "Problem"
            body = {
                "schema": {"$ref": f"#/components/schemas/{name}"},
                "example": {"error": {"code": code, "message": message, "fields": fields}},
            }
            headers = {"headers": RETRY_AFTER} if status == 429 else {}
            yield str(status), {"description": when, "content": {"application/json": body}} | headers

    def _refused_with(self, operation: Json) -> set[int]:
        if self.view.about == "cron":
            return {401, 503}
        statuses = {400, 401, 403, 429} | self.view.refusals.get(self.method, set())
        statuses |= {404} if "{" in self.path or self._is_list_view() else set()
        statuses |= {409, 422} if self.method == "POST" else set()
        statuses |= {409, 412} if self.method in self.view.guarded else set()
        return statuses | ({413, 415} if "requestBody" in operation else set())

    def _link(self, operation: Json) -> None:
        name, followers = FOLLOWERS.get(operation["operationId"], ("", ()))
        for follower in followers:
            links = operation["responses"]["201"].setdefault("links", {})
            links[follower] = {"operationId": follower, "parameters": {name: f"$response.body#/{name}"}}
