"""Bring posts in from a file: look at every row first, then save them all, then see what was left out."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from scheduler.forms import csv_import
from scheduler.forms.csv_import import COLUMN_WORDS, BringForm, ChoicesForm
from scheduler.forms.csv_rows import REFUSED, SCHEDULED, unclear_days
from scheduler.lib import clock, csv_columns, csv_table
from scheduler.models import CsvImport, Status
from scheduler.models.undo import KEPT_FOR as UNDO_KEPT_FOR
from scheduler.views.shortcuts import PAGE_SIZE, PersonRequest, done

ONLY = {"problems": (REFUSED,), "warnings": ("warning",), "fine": ("ok", "warning")}
SAMPLE = {
    "account": "my.bakery",
    "date": "2027-03-15",
    "time": "18:30",
    "timezone": "America/Sao_Paulo",
    "media_type": "photo",
    "caption": "Fresh bread",
    "media": "https://example.com/bread.jpg",
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: PersonRequest) -> HttpResponse:
    """Take a file or pasted rows, and show what each would become."""
    form = BringForm(request.POST, request.FILES) if request.method == "POST" else BringForm()
    if form.is_bound and form.is_valid():
        return redirect("post-import-check", form.save_for(request.user, clock.now()).pk)
    context = {"section": "posts", "form": form}
    return render(request, "scheduler/csv/bring.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the verdict of every row, read the file otherwise, or save its good rows."""
    brought = get_object_or_404(CsvImport.objects.for_user(request.user), pk=pk)
    if request.method != "POST" or brought.imported_at:
        return redirect("post-import-check", pk) if request.method == "POST" else _page(request, brought)
    if request.POST.get("act") == "import":
        return _import(request, brought)
    form = ChoicesForm(request.POST, brought=brought, table=_table(brought))
    if not form.is_valid():
        return _page(request, brought, form)
    csv_import.look(brought, form.choices, clock.now())
    return redirect("post-import-check", pk)


def _import(request: PersonRequest, brought: CsvImport) -> HttpResponse:
    answer = redirect("post-import-check", brought.pk)
    if not csv_import.save(brought, clock.now()):
        return answer
    told = ngettext("%(n)s post imported.", "%(n)s posts imported.", brought.count) % {"n": brought.count}
    if brought.undo is None:
        messages.success(request, told)
        return answer
    return done(request, answer, told, brought.undo)


def _page(request: PersonRequest, brought: CsvImport, form: ChoicesForm | None = None) -> HttpResponse:
    counts, only = brought.counts(), request.GET.get("only", "")
    rows = [one for one in brought.verdicts if one["level"] in ONLY.get(only, (one["level"],))]
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    table = _table(brought)
    context = {
        "section": "posts",
        "brought": brought,
        "form": form or (None if brought.imported_at else ChoicesForm(brought=brought, table=table)),
        "is_unclear": unclear_days(table, brought.choices["columns"]) and not brought.choices["order"],
        "counts": counts,
        "count_words": csv_import.count_words(counts),
        "fine": counts["ok"] + counts["warning"],
        "page": page,
        "rows": [_shown(one) for one in page],
        "only": only if only in ONLY else "",
        "query": f"only={only}&" if only in ONLY else "",
        "can_undo": _can_undo(brought),
    }
    return render(request, "scheduler/csv/check.html", context, status=422 if form else 200)


def _can_undo(brought: CsvImport) -> bool:
    step = brought.undo
    return step is not None and step.undone_at is None and step.at > clock.now() - UNDO_KEPT_FOR


def _shown(verdict: dict) -> dict:
    """Return a row's verdict with its time on the person's clock and its columns in their language."""
    told = [(COLUMN_WORDS.get(column, ""), level, text) for column, level, text in verdict["told"]]
    at = parse_datetime(verdict["time"]) if verdict["time"] else None
    becomes = Status.SCHEDULED if verdict["becomes"] == SCHEDULED else Status.DRAFT
    return verdict | {"at": timezone.localtime(at) if at else None, "told": told, "becomes_words": becomes.label}


def _table(brought: CsvImport) -> csv_table.Table:
    return csv_table.read_table(bytes(brought.content))


@login_required
@require_safe
def refused(request: PersonRequest, pk: int) -> StreamingHttpResponse:
    """Answer the rows that were not imported, with the reason of each, to put right and bring again."""
    brought = get_object_or_404(CsvImport.objects.for_user(request.user), pk=pk)
    return _file(csv_import.refused_rows(brought, get_language() or ""), f"pauta-refused-{pk}.csv")


@login_required
@require_safe
def template(request: PersonRequest) -> StreamingHttpResponse:
    """Answer an empty plan: the headings, and one row that shows how."""
    language = get_language() or ""
    names = [name for name in csv_columns.EXPORTED if name in csv_columns.READ]
    headings = [csv_columns.heading(name, language) for name in names]
    return _file([headings, [SAMPLE.get(name, "") for name in names]], "pauta-template.csv")


def _file(rows: Iterable[Iterable[str]], name: str) -> StreamingHttpResponse:
    content = csv_table.written(rows, csv_columns.separator_for(get_language() or ""))
    answer = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
