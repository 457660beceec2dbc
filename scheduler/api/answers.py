"""The one shape of every error the API gives: {"error": {"code", "message", "fields"}}."""

from django.http import JsonResponse


def error(status: int, code: str, message: str, fields: dict | None = None) -> JsonResponse:
    """Return an error answer; `message` says what to do."""
    return JsonResponse({"error": {"code": code, "message": str(message), "fields": fields or {}}}, status=status)
