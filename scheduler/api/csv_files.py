"""Posts from and to a spreadsheet: a filtered list as a file, and a file looked over before it is saved."""

from typing import Any

from django.db import transaction
from django.http import QueryDict, StreamingHttpResponse
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import LARGEST_ID, ApiView, Instant, Pages, PartQuery, Said, paged_list
from scheduler.api.post_fields import PostFilter, posts_of
from scheduler.api.problems import FieldsRefused, Refusal, fields_of_form
from scheduler.forms import csv_import
from scheduler.forms.csv_import import BECOMES, ORDERS, BringForm, ChoicesForm
from scheduler.forms.csv_rows import DRAFT, SCHEDULED, unclear_days
from scheduler.lib import clock, csv_columns, csv_table
from scheduler.models import CsvImport
from scheduler.services import csv_export

LEVELS = ("ok", "warning", "refused")
PROBLEMS = LEVELS[1:]
BECAME = (DRAFT, SCHEDULED)


class CountsSerializer(serializers.Serializer):
    """How many rows are how good."""

    ok = serializers.IntegerField()
    warning = serializers.IntegerField()
    refused = serializers.IntegerField()


class ImportSerializer(serializers.Serializer):
    """A file of posts, how it is read, and how many of its rows can be saved. Forgotten after a day."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    headings = serializers.ListField(child=serializers.CharField())
    columns = serializers.ListField(
        child=serializers.CharField(), help_text="What each heading is taken for; empty: it is not imported."
    )
    becomes = serializers.ChoiceField(choices=BECOMES)
    account = serializers.IntegerField(allow_null=True)
    timezone = serializers.CharField()
    order = serializers.ChoiceField(choices=ORDERS, allow_blank=True)
    again = serializers.BooleanField()
    is_unclear = serializers.BooleanField(help_text="Whether `order` has to say which of day and month comes first.")
    counts = CountsSerializer()
    created_at = Instant()
    imported_at = Instant(allow_null=True)
    imported = serializers.IntegerField(help_text="How many posts it became.")


class ToldSerializer(serializers.Serializer):
    """One thing said of a row."""

    column = serializers.CharField(help_text="Empty when it is about the whole row.")
    level = serializers.ChoiceField(choices=PROBLEMS)
    message = serializers.CharField()


class RowSerializer(serializers.Serializer):
    """The verdict on one row."""

    row = serializers.IntegerField(help_text="As a spreadsheet counts: the headings are row 1.")
    level = serializers.ChoiceField(choices=LEVELS, help_text="refused: it is left out.")
    told = ToldSerializer(many=True)
    title = serializers.CharField()
    account = serializers.CharField()
    scheduled_for = Instant(allow_null=True)
    becomes = serializers.ChoiceField(choices=BECAME)


class _Choices(Said):
    becomes = serializers.ChoiceField(choices=BECOMES, required=False, help_text="What the rows become.")
    account = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=LARGEST_ID, help_text="Of rows that name none."
    )
    timezone = serializers.CharField(required=False, max_length=64, help_text="Of rows that name none.")
    order = serializers.ChoiceField(
        choices=ORDERS, required=False, allow_blank=True, help_text="Which comes first in 05/06/2026."
    )
    again = serializers.BooleanField(required=False, help_text="Save what is here already once more.")


class ImportInput(_Choices):
    """A file as a form sends it, and how to read it. What is left out is guessed."""

    file = serializers.FileField(allow_empty_file=True, help_text="CSV with headings: 5,000 posts and 10 MB at most.")


class ImportChange(_Choices):
    """Another way to read a file. What is left out stays."""

    answer = ImportSerializer

    columns = serializers.ListField(
        child=serializers.ChoiceField(choices=list(csv_columns.READ), allow_blank=True),
        required=False,
        max_length=csv_table.MOST_COLUMNS,
        help_text="One for each heading.",
    )


class RowQuery(PartQuery):
    """Which rows."""

    level = serializers.ChoiceField(choices=LEVELS, required=False)


class Export(ApiView):
    """A list as a file."""

    about, queries = "posts", {"GET": PostFilter}

    @extend_schema(operation_id="export_posts", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        """Answer the posts as CSV, with the filters of their list, in the language of Accept-Language."""
        rows = csv_export.export(posts_of(self.person, self.asked))
        answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="pauta-{clock.now():%Y-%m-%d}.csv"'
        return answer


class _ImportView(ApiView):
    about = "posts"

    def brought(self, pk: int) -> CsvImport:
        """Return a file that the person brought."""
        return self.found(CsvImport.objects.for_user(self.person), pk)

    def read_anew(self, brought: CsvImport, said: dict[str, Any]) -> None:
        """Look the rows over once more, as is said now. Raises FieldsRefused."""
        table, choices = _table(brought), brought.choices | said
        if len(choices["columns"]) != len(table.headings):
            told = _("The file has %(n)s columns. Name what each of them is.") % {"n": len(table.headings)}
            raise FieldsRefused({"columns": [{"code": "LENGTH", "message": told}]})
        form = ChoicesForm(_words(choices), brought=brought, table=table)
        if not form.is_valid():
            found = fields_of_form(form.errors)
            raise FieldsRefused({name.replace("column_", "columns."): told for name, told in found.items()})
        csv_import.look(brought, form.choices, clock.now())


def _words(choices: dict[str, Any]) -> QueryDict:
    """Return how a file is read in the words of the page's form."""
    data = QueryDict(mutable=True)
    for name, value in choices.items():
        if name != "columns" and value not in (None, False):
            data[name] = "on" if value is True else str(value)
    for number, column in enumerate(_read_columns(choices)):
        data[f"column_{number}"] = column
    return data


def _read_columns(choices: dict[str, Any]) -> list[str]:
    """Return what each column is taken for; what an export only tells is nothing to an import."""
    return [column if column in csv_columns.READ else "" for column in choices["columns"]]


def _table(brought: CsvImport) -> csv_table.Table:
    return csv_table.read_table(bytes(brought.content))


def _answer(brought: CsvImport, status: int = 200) -> Response:
    table, choices = _table(brought), brought.choices
    told = choices | {
        "id": brought.pk,
        "name": brought.name,
        "headings": table.headings,
        "columns": _read_columns(choices),
        "is_unclear": unclear_days(table, choices["columns"]) and not choices["order"],
        "counts": brought.counts(),
        "created_at": brought.at,
        "imported_at": brought.imported_at,
        "imported": brought.count,
    }
    return Response(ImportSerializer(told).data, status=status)


class Imports(_ImportView):
    """The beginning of an import."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="import_posts", request={"multipart/form-data": ImportInput}, responses={201: ImportSerializer}
    )
    def post(self, request: Request) -> Response:
        """Look a CSV file over; nothing is saved yet. Its rows tell what each would become, or why not."""
        said = self.sent(ImportInput)
        file = said.pop("file")
        form = BringForm({}, MultiValueDict({"file": [file]}))
        if not form.is_valid():
            raise FieldsRefused(fields_of_form(form.errors))
        with transaction.atomic():
            brought = form.save_for(self.person, clock.now())
            if said:
                self.read_anew(brought, said)
        return _answer(brought, 201)


class Import(_ImportView):
    """A file that was brought."""

    refusals = {"PATCH": {409}}

    @extend_schema(operation_id="get_import", responses=ImportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return how a file is read, and how many of its rows can be saved."""
        return _answer(self.brought(pk))

    @extend_schema(operation_id="change_import", request=ImportChange, responses=ImportSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Read a file another way, and look its rows over again."""
        brought, said = self.brought(pk), self.sent(ImportChange)
        if brought.imported_at:
            raise Refusal(409, "IMPORTED", _("This file was imported already. Bring it once more."))
        self.read_anew(brought, said)
        return _answer(brought)


class Rows(_ImportView):
    """What is said of each row."""

    queries = {"GET": RowQuery}
    pagination_class = Pages

    @extend_schema(operation_id="list_import_rows", responses=RowSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """List the rows in the order of the file, each with its verdict."""
        level = self.asked.get("level")
        verdicts = [one for one in self.brought(pk).verdicts if level in {None, one["level"]}]
        return paged_list(self, verdicts, RowSerializer, _row)


def _row(verdict: dict[str, Any]) -> dict[str, Any]:
    told = [dict(zip(("column", "level", "message"), one, strict=True)) for one in verdict["told"]]
    return verdict | {"told": told, "scheduled_for": parse_datetime(verdict["time"]) if verdict["time"] else None}


class Save(_ImportView):
    """The end of an import."""

    @extend_schema(operation_id="save_import", request=None, responses=ImportSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Look the rows over once more and save the good ones, all or none; asked twice, they are saved once."""
        csv_import.save(self.brought(pk), clock.now())
        return _answer(self.brought(pk))
