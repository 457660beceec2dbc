"""Lists as the Graph gives them: data, cursors, and an address for the next page."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet

from scheduler.sandbox.errors import invalid
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.values import as_text, as_whole

Row = TypeVar("Row", bound=Model)


def page_of(
    call: Call, rows: QuerySet[Row], tell: Callable[[Row], dict[str, Any]], *, size: int = 25
) -> dict[str, Any]:
    """Return one page of `rows`, newest first, as `data` and `paging`.

    rows: ordered by `-pk`; the cursor is the key of a row, so posts that arrive meanwhile shift nothing.
    The next page's address is given without the token.
    """
    limit = min(max(as_whole(call.params, "limit", size), 1), call.control.rows_on_a_page)
    if as_text(call.params, "after"):
        rows = rows.filter(pk__lt=_key(as_text(call.params, "after")))
    if as_text(call.params, "before"):
        rows = rows.filter(pk__gt=_key(as_text(call.params, "before")))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    answer: dict[str, Any] = {"data": [tell(row) for row in shown]}
    if shown:
        paging: dict[str, Any] = {"cursors": {"before": _cursor(shown[0]), "after": _cursor(shown[-1])}}
        if len(found) > limit:
            paging["next"] = _next_address(call, paging["cursors"]["after"])
        answer["paging"] = paging
    return answer


def _cursor(row: Model) -> str:
    return base64.urlsafe_b64encode(f"QVFI{row.pk}".encode()).decode().rstrip("=")


def _key(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix("QVFI"))
    except (binascii.Error, ValueError):
        raise invalid("Invalid cursors values: the after or before cursor is unknown") from None


def _next_address(call: Call, after: str) -> str:
    query = call.request.GET.copy()
    query.pop("access_token", None)
    query["after"] = after
    return f"{settings.PUBLIC_BASE_URL}{call.request.path}?{query.urlencode()}"
