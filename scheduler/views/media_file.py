"""Give out uploaded media under an unguessable address, without a cookie: to Meta's crawler and to our own pages.

Django's FileResponse knows no Range; Meta's crawler asks for parts of videos and refuses what it cannot get so.
"""

import logging
import re
from collections.abc import Iterator

from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from django.views.decorators.http import require_safe

from scheduler.lib.stored import Unreachable
from scheduler.models import Rendition

log = logging.getLogger(__name__)
CHUNK = 64 * 1024
A_YEAR = "public, max-age=31536000, immutable"
_ONE_RANGE = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")


class Unsatisfiable(Exception):
    """The asked part lies outside the file."""


@require_safe
def serve(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Answer the whole file, the asked part of it (206), or 416; HEAD tells what the whole is like.

    Several parts at once are answered with the whole file, which every client has to accept.
    """
    found = Rendition.at_token(token)
    if found is None or found.path.rpartition("/")[2] != name:
        raise Http404
    if _etag(found) in parse_etags(request.headers.get("If-None-Match", "")):
        return _with_headers(HttpResponse(status=304), found)
    try:
        if request.method == "HEAD" and found.file.storage.exists(str(found.file.name)):
            return _with_headers(_sized(HttpResponse(), found.size_bytes), found)
        return _with_headers(_answer(found, _part(request, found)), found)
    except Unsatisfiable:
        return _refusal(found)
    except Unreachable as trouble:
        log.error("A file of media could not be given out: %s", trouble)
        return HttpResponse(status=503, headers={"Retry-After": "30", "Cache-Control": "no-store"})


def _answer(found: Rendition, part: tuple[int, int] | None) -> HttpResponseBase:
    first, last = part or (0, found.size_bytes - 1)
    try:
        file = found.open_whole()
    except FileNotFoundError as gone:
        log.warning("A file of media is not there to be given out: %s", gone)
        raise Http404 from None
    answer = StreamingHttpResponse(_pieces(file, first, last))
    if part:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{last}/{found.size_bytes}"
    return _sized(answer, last - first + 1)


def _pieces(file: File, first: int, last: int) -> Iterator[bytes]:
    with file.open("rb"):
        file.seek(first)
        left = last - first + 1
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece


def _sized(answer: HttpResponseBase, size: int) -> HttpResponseBase:
    answer["Content-Length"] = str(size)
    return answer


def _with_headers(answer: HttpResponseBase, found: Rendition) -> HttpResponseBase:
    answer["Content-Type"] = found.content_type
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = _etag(found)
    answer["Last-Modified"] = http_date(found.created_at.timestamp())
    answer["Cache-Control"] = A_YEAR
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _refusal(found: Rendition) -> HttpResponse:
    refusal = HttpResponse(status=416)
    refusal["Content-Range"] = f"bytes */{found.size_bytes}"
    return refusal


def _part(request: HttpRequest, found: Rendition) -> tuple[int, int] | None:
    """Return the first and last byte that are asked for; None when the whole is. Raises Unsatisfiable."""
    asked = _ONE_RANGE.match(request.headers.get("Range", "").strip())
    if not asked or not any(asked.groups()) or not _still_the_same(request, found):
        return None
    start, end = asked.groups()
    final = found.size_bytes - 1
    if not start:  # the last so many bytes
        first, last = max(found.size_bytes - int(end), 0), final
    else:
        first, last = int(start), min(int(end), final) if end else final
    if first > last:
        raise Unsatisfiable
    return first, last


def _still_the_same(request: HttpRequest, found: Rendition) -> bool:
    """Return whether If-Range, when it is sent, names the file as it is now."""
    condition = request.headers.get("If-Range", "").strip()
    if not condition or condition == _etag(found):
        return True
    since = parse_http_date_safe(condition)
    return since is not None and int(found.created_at.timestamp()) == since


def _etag(found: Rendition) -> str:
    return f'"{found.sha256}"'
