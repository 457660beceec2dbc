"""What every endpoint is: JSON in and out, a person behind it, one shape of errors. Subclass `ApiView`."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any, ClassVar, TypeVar, cast

from django.core.cache import caches
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
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
PAGE, LARGEST_PAGE = 50, 200
LONG_LIST, COUNT_KEPT_S = 10_000, 60
NUMBER = re.compile(r"[0-9]{1,18}")
NO_CURSOR = serializers.ValidationError({"cursor": _lazy("Begin with an empty cursor, then take the one of “next”.")})


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


class Said(serializers.Serializer):
    """What a request says. A name that is none of the fields is refused, so that no typing slip goes unseen.

    answer: what tells of the same object. Its other names may come along and change nothing, so that what was read
    can be sent back with a change in it.
    """

    answer: ClassVar[type[serializers.Serializer] | None] = None

    @property
    def unheeded(self) -> set[str]:
        """Return the names that may come along and change nothing."""
        return self.answer().fields.keys() - self.fields.keys() if self.answer else set()

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked values. Raises ValidationError."""
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in data.keys() - self.fields.keys() - self.unheeded)
            if unknown:
                told = _("There is no such field. There are: %(names)s.") % {"names": ", ".join(self.fields)}
                raise serializers.ValidationError({name[:100]: [told] for name in unknown[:20]}, code="UNKNOWN")
        return super().to_internal_value(data)


class Instant(serializers.DateTimeField):
    """An instant as ISO 8601 in UTC, like 2026-11-24T15:00:00Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


class ApiView(APIView):
    """One address.

    about: what it is sorted under in the description. queries: what a method's address may ask for.
    scopes: the scope of a method where it is not the usual one. guarded: methods that heed If-Match.
    refusals: statuses that a method refuses with beyond the usual ones.
    heeded: headers that say what a POST is to do.
    """

    authentication_classes: Sequence[type[BaseAuthentication]] = (ByToken, BySession)
    permission_classes: Sequence[type[BasePermission]] = (MayDo,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (TextParser,)
    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    metadata_class = None
    pagination_class: ClassVar[type[PageNumberPagination]]
    once: ApiAnswer | None = None
    about: ClassVar[str]
    queries: ClassVar[dict[str, type[Said]]] = {}
    scopes: ClassVar[dict[str, str]] = {}
    guarded: ClassVar[frozenset[str]] = frozenset()
    refusals: ClassVar[dict[str, set[int]]] = {}
    heeded: ClassVar[tuple[str, ...]] = ()
    asked: dict[str, Any]  # what the address asks for, checked

    def scope_for(self, method: str | None) -> str:
        """Return the scope that a token needs for a method."""
        usual = Scope.READ if method in {"GET", "HEAD", "OPTIONS"} else Scope.WRITE
        return str(self.scopes.get(method or "", usual))

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer in the person's zone, and leave the thread's own as it was."""
        with timezone.override(timezone.get_current_timezone()):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may, before anything else is looked at."""
        super().initial(request, *args, **kwargs)
        self.prepare(request)

    def prepare(self, request: Request) -> None:
        """Check what the address asks for, and take the key. Raises ValidationError, Refusal or Replay."""
        kind = self.queries.get(str(request.method), Said)
        self.asked = _checked(kind(data=_plain(request.query_params, kind)))
        self.once = take_key(request, self.heeded)

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
        self.keep(answer)
        return answer

    def keep(self, answer: Response) -> None:
        """Keep what is answered to a key; what makes something new does so in the very transaction."""
        if self.once is not None:
            keep_answer(self.once, answer)
            self.once = None

    @property
    def person(self) -> User:
        """Return who asks."""
        return cast(User, self.request.user)

    def sent(self, kind: type[serializers.Serializer]) -> dict[str, Any]:
        """Return what the body says, checked. Raises ValidationError."""
        return _checked(kind(data=self.request.data))

    def found(self, rows: QuerySet[Row], pk: int | None = None, **named: Any) -> Row:
        """Return one row of a person's, by its id or another name; what is not theirs does not exist."""
        return get_object_or_404(rows, **({"pk": pk} if pk is not None else named))


def _plain(query: QueryDict, kind: type[Said]) -> dict[str, Any]:
    """Return an address's values as JSON has them: to DRF an empty one of a form is none, here a mistake."""
    several = {name for name, field in kind().fields.items() if isinstance(field, serializers.ListField)}
    return {name: query.getlist(name) if name in several else query[name] for name in query}


def _checked(serializer: serializers.Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return cast(dict[str, Any], serializer.validated_data)


class PartQuery(Said):
    """Which part of a list, by its number."""

    page = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000, default=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_PAGE, default=PAGE)


class PageQuery(PartQuery):
    """Which part of a list, by number or by cursor."""

    cursor = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="Instead of page: empty for the first part, then as `next` has it. By id, the newest first, so "
        "that nothing is seen twice or missed while others come and go. Counts nothing.",
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Refuse a cursor beside what it stands in for."""
        besides = [name for name in ("page", "ordering") if name in self.initial_data]
        if "cursor" in asked and besides:
            raise serializers.ValidationError({besides[0]: _("A cursor goes its own way. Leave this out.")})
        return asked


class Counting(Paginator):
    """Counts what there is. For a long list that takes longer than the page itself: its count may be a minute old."""

    @cached_property
    def count(self) -> int:
        """Return how many there are."""
        rows = cast(QuerySet, self.object_list)
        key = hashlib.sha256(repr(rows.query.sql_with_params()).encode()).hexdigest()
        known = caches["memory"].get(key)
        count = rows.count() if known is None else int(known)
        if known is None and count >= LONG_LIST:
            caches["memory"].set(key, count, COUNT_KEPT_S)
        return count


class Pages(PageNumberPagination):
    """`?page=2&page_size=50`."""

    django_paginator_class: type[Paginator] = Counting
    page_size, max_page_size, page_size_query_param = PAGE, LARGEST_PAGE, "page_size"

    def get_schema_operation_parameters(self, view: Any) -> list[Any]:
        """Describe none: PageQuery does."""
        return []

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """Describe a part of a list, by page or by cursor."""
        link = {"type": ["string", "null"], "format": "uri"}
        told = "How many there are in all; null with a cursor. Of 10,000 and more it may be a minute old."
        count = {"type": ["integer", "null"], "description": told}
        names = {"count": count, "next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(names), "properties": names}


class Cursor(CursorPagination):
    """`?cursor=`: by id, so that nothing is seen twice or missed while rows come and go; counts nothing."""

    page_size, max_page_size, page_size_query_param = PAGE, LARGEST_PAGE, "page_size"
    ordering = "-pk"

    def decode_cursor(self, request: Request) -> Any:
        """Return where to go on. Raises ValidationError for one that was never given out."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise NO_CURSOR from None
        if cursor is not None and cursor.position is not None and not NUMBER.fullmatch(cursor.position):
            raise NO_CURSOR
        return cursor

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


def paged_list(
    view: ApiView, rows: list[Any], kind: type[serializers.Serializer], told: Callable[[Any], Any]
) -> Response:
    """Return one page of what is no table's rows; `told` makes of each what `kind` tells."""
    pager = Pages()
    pager.django_paginator_class = Paginator
    page = pager.paginate_queryset(cast(QuerySet, rows), view.request, view=view)
    return pager.get_paginated_response(kind([told(row) for row in page or []], many=True).data)
