"""What every endpoint is: JSON in and out, a person behind it, one shape of errors. Subclass `ApiView`."""

import json
from datetime import UTC
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from scheduler.api.doors import BySession, ByToken, MayDo, let_in
from scheduler.api.once import keep_answer, take_key
from scheduler.models import ApiAnswer, User
from scheduler.models.api_token import Scope

Row = TypeVar("Row", bound=Model)
LARGEST_ID = 2**63 - 1


class TextParser(JSONParser):
    """JSON whose text is text: half a character, which no database keeps, is refused with the rest that is none."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the parsed body. Raises ParseError."""
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError) as trouble:
            raise ParseError(str(type(trouble))) from None
        return data


class AlwaysJson(BaseContentNegotiation):
    """Whatever is asked for, JSON comes."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the parser for what is sent, None when there is none."""
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type in {kind, "*/*"}), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return the one renderer."""
        return renderers[0], renderers[0].media_type


class Instant(serializers.DateTimeField):
    """An instant as ISO 8601 in UTC, like 2026-11-24T15:00:00Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class ApiView(APIView):
    """One address. `scopes` names the scope of a method where it is not the usual one."""

    authentication_classes = (ByToken, BySession)
    permission_classes = (MayDo,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (TextParser,)
    content_negotiation_class = AlwaysJson
    metadata_class = None
    once: ApiAnswer | None = None
    scopes: ClassVar[dict[str, str]] = {}

    def scope_for(self, method: str | None) -> str:
        """Return the scope that a token needs for a method."""
        usual = Scope.READ if method in {"GET", "HEAD", "OPTIONS"} else Scope.WRITE
        return str(self.scopes.get(method or "", usual))

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer in the person's zone, and leave the thread's own as it was."""
        with timezone.override(timezone.get_current_timezone()):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may, and take the key that makes the call be done once."""
        super().initial(request, *args, **kwargs)
        self.once = take_key(request)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal; after a mistake of ours the key is free again."""
        try:
            return super().handle_exception(exc)
        except Exception:
            if self.once is not None:
                self.once.give_back()
            raise

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks, and whether they ask too often."""
        let_in(request)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        """Let nobody keep what is one person's."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "private, no-store")
        if self.once is not None:
            keep_answer(self.once, answer)
        return answer

    @property
    def person(self) -> User:
        """Return who asks."""
        return cast(User, self.request.user)

    def asked(self, kind: type[serializers.Serializer]) -> dict[str, Any]:
        """Return what the address asks for, checked. Raises ValidationError."""
        return _checked(kind(data=self.request.query_params))

    def sent(self, kind: type[serializers.Serializer]) -> dict[str, Any]:
        """Return what the body says, checked. Raises ValidationError."""
        return _checked(kind(data=self.request.data))

    def found(self, rows: QuerySet[Row], pk: int) -> Row:
        """Return one row of a person's; what is not theirs does not exist."""
        return get_object_or_404(rows, pk=pk)


def _checked(serializer: serializers.Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)


class Pages(PageNumberPagination):
    """`?page=2&page_size=50`."""

    page_size, max_page_size, page_size_query_param = 50, 200, "page_size"


class Cursor(CursorPagination):
    """`?cursor=`: by id, so that nothing is seen twice or missed while rows come and go; counts nothing."""

    page_size, max_page_size, page_size_query_param = 50, 200, "page_size"
    ordering = "-pk"

    def get_paginated_response(self, data: Any) -> Response:
        """Return the list in the shape of all lists."""
        links = {"next": self.get_next_link(), "previous": self.get_previous_link()}
        return Response({"count": None, **links, "results": data})


def paged(view: ApiView, rows: QuerySet, kind: type[serializers.Serializer]) -> Response:
    """Return one page of a list: by number, or by cursor where the address has one, empty for the first."""
    by_cursor = "cursor" in view.request.query_params
    pager: Any = Cursor() if by_cursor else Pages()
    page = pager.paginate_queryset(rows.order_by() if by_cursor else rows, view.request, view=view)
    return pager.get_paginated_response(kind(page, many=True).data)
