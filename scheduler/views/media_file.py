"""Give out uploaded media under an unguessable address, without a cookie: to Meta's crawler and to our own pages.

Django's FileResponse knows no Range; Meta's crawler asks for parts of videos and refuses what it cannot get so.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from scheduler.models import Rendition

CHUNK = 64 * 1024
A_YEAR = "public, max-age=31536000, immutable"
_ONE_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@require_safe
def serve(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Answer a whole file, the asked part of it (206), or 416; HEAD tells the same without the bytes."""
    found = Rendition.at_token(token)
    if found is None or found.path.rpartition("/")[2] != name:
        raise Http404
    part = _part(request, found)
    if part is None:
        refusal = HttpResponse(status=416)
        refusal["Content-Range"] = f"bytes */{found.size_bytes}"
        return refusal
    first, last = part
    answer = _body(request, found, first, last)
    if last - first + 1 < found.size_bytes:
        answer.status_code = 206
        answer["Content-Range"] = f"bytes {first}-{last}/{found.size_bytes}"
    answer["Content-Length"] = str(last - first + 1)
    return _with_headers(answer, found)


def _with_headers(answer: HttpResponseBase, found: Rendition) -> HttpResponseBase:
    answer["Content-Type"] = found.content_type
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = _etag(found)
    answer["Last-Modified"] = http_date(found.created_at.timestamp())
    answer["Cache-Control"] = A_YEAR
    return answer


def _body(request: HttpRequest, found: Rendition, first: int, last: int) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse()
    return StreamingHttpResponse(_pieces(found.file.open("rb"), first, last))


def _pieces(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece


def _part(request: HttpRequest, found: Rendition) -> tuple[int, int] | None:
    """Return the first and last byte to send; None when the asked part lies outside. Several parts get the whole."""
    whole = (0, found.size_bytes - 1)
    asked = _ONE_RANGE.match(request.headers.get("Range", "").strip())
    if not asked or not any(asked.groups()) or not _still_the_same(request, found):
        return whole
    start, end = asked.groups()
    if not start:  # the last so many bytes
        return (max(found.size_bytes - int(end), 0), whole[1]) if int(end) else None
    if int(start) > whole[1] or (end and int(end) < int(start)):
        return None
    return int(start), min(int(end), whole[1]) if end else whole[1]


def _still_the_same(request: HttpRequest, found: Rendition) -> bool:
    """Return whether If-Range, when it is sent, names the file as it is now."""
    condition = request.headers.get("If-Range", "").strip()
    if not condition or condition == _etag(found):
        return True
    since = parse_http_date_safe(condition)
    return since is not None and int(found.created_at.timestamp()) <= since


def _etag(found: Rendition) -> str:
    return f'"{found.sha256}"'
