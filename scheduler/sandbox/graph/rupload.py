"""rupload.facebook.com: the bytes of a resumable upload, with an envelope of its own. Source: fact sheet 3.10."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from scheduler.sandbox import playing, uploads
from scheduler.sandbox.errors import GraphError
from scheduler.sandbox.graph import journal
from scheduler.sandbox.graph.call import Answer
from scheduler.sandbox.graph.facebook_call import FacebookCall
from scheduler.sandbox.inspecting import VIDEO_BYTES
from scheduler.sandbox.models import Container, ScriptedFault
from scheduler.sandbox.models.container import Status
from scheduler.sandbox.models.fault import Kind
from scheduler.sandbox.models.login import PUBLISH

HOST = "rupload.facebook.com"
FOLDER = "ig-api-upload"
_PIECE = 16 * 1024
_HEADERS = ("offset", "file_size", "file_url")


@dataclass
class Refusal(Exception):
    """The upload is refused; `retriable` says that the rest may be sent again."""

    message: str
    kind: str = "ProcessingFailedError"
    retriable: bool = False
    http_status: int = 400

    def envelope(self) -> dict[str, Any]:
        """Return the error body; a failed processing has its message as JSON text inside."""
        inner = json.dumps({"success": False, "error": {"message": self.message}})
        message = inner if self.kind == "ProcessingFailedError" else self.message
        return {"debug_info": {"retriable": self.retriable, "type": self.kind, "message": message}}


class CutOff(Exception):
    """The script breaks the connection in the middle of the body."""


@csrf_exempt
@require_POST
def upload(request: HttpRequest, container_id: str) -> HttpResponseBase:
    """Take bytes, or the address to fetch them from."""
    call = FacebookCall.read(request, HOST, f"{FOLDER}/{container_id}")
    call.kind = Kind.UPLOAD
    call.params |= {name: request.headers[name] for name in _HEADERS if name in request.headers}
    call.find_token()
    row = Container.objects.select_related("profile").filter(graph_id=container_id).first()
    call.subject = row.profile if row else None
    said = _scripted(call, row)
    journal.record(call, said)
    return playing.finished(call, said)


def _scripted(call: FacebookCall, row: Container | None) -> Answer:
    script = list(ScriptedFault.objects.waiting(call.kind, call.profile, call.now))
    before = playing.take(script, call, after_work=False)
    if before and before.play not in {playing.Play.SLOW, playing.Play.CUT}:
        return _in_our_words(playing.played(before, call, Answer({"success": True})))
    said = _answered(call, row, (before.after_bytes or 0) if before and before.play == playing.Play.CUT else None)
    if before and before.play == playing.Play.SLOW:
        playing.nap(call.request, said, before.seconds)
    after = playing.take(script, call, after_work=True) if said.is_good else None
    return _in_our_words(playing.played(after, call, said)) if after else said


def _in_our_words(said: Answer) -> Answer:
    if said.problem:
        refusal = Refusal(said.problem.message, retriable=bool(said.problem.transient))
        said.body = refusal.envelope()
    return said


def _answered(call: FacebookCall, row: Container | None, cut_after: int | None) -> Answer:
    try:
        _take(call, _allowed(call, row), cut_after)
    except Refusal as refusal:
        return Answer(refusal.envelope(), refusal.http_status)
    except uploads.Busy:
        return Answer(Refusal("Another upload is in progress", retriable=True).envelope(), 409)
    except (CutOff, UnreadablePostError):
        return Answer(hangs_up=True)
    return Answer({"success": True, "message": "Upload successful."})


def _allowed(call: FacebookCall, row: Container | None) -> Container:
    """Return the container if it still waits for bytes and the token may send them."""
    says_oauth = call.request.headers.get("Authorization", "").startswith("OAuth ")
    try:
        profiles = call.reach(PUBLISH) if says_oauth else []
    except GraphError:
        profiles = []
    if row is None or row.profile not in profiles:
        raise Refusal("unauthorized user request")
    if not row.is_resumable:
        raise Refusal("The container does not take an upload")
    if row.state(call.now).code != Status.IN_PROGRESS or row.is_uploaded:
        raise Refusal("The upload was completed before, or has expired")
    return row


def _take(call: FacebookCall, row: Container, cut_after: int | None) -> None:
    file_url = call.request.headers.get("file_url", "")
    if file_url:
        # Fetched as every other video: when the container is next read.
        Container.objects.filter(pk=row.pk).update(source_url=file_url)
        return
    offset, size = _number(call, "offset"), _number(call, "file_size")
    if size > VIDEO_BYTES or size == 0:
        raise Refusal("The file is empty or too large")
    if row.upload_size not in {None, size}:
        raise Refusal("file_size must be the same in every request of an upload")
    with uploads.appending(row.graph_id) as file:
        if offset != uploads.arrived(row.graph_id):
            raise Refusal("Request starting offset is invalid", kind="OffsetInvalidError")
        Container.objects.filter(pk=row.pk).update(upload_size=size)
        _append(call, file, size - offset, cut_after)


def _number(call: FacebookCall, name: str) -> int:
    word = call.request.headers.get(name, "")
    if name == "file_size" and not word and call.request.META.get("SERVER_SOFTWARE", "").startswith("WSGIServer"):
        # Django's own server drops headers with an underscore; a whole rest tells the size as well.
        return _number(call, "offset") + int(call.request.META.get("CONTENT_LENGTH") or 0)
    if not word.isdecimal() or len(word) > 12:
        raise Refusal(f"The header {name} is required and must be a number", kind="HeaderInvalidError")
    return int(word)


def _append(call: FacebookCall, file: Any, expected: int, cut_after: int | None) -> None:
    """Write the body piece by piece; what came before a failure is kept."""
    taken = 0
    while piece := call.request.read(_PIECE if cut_after is None else min(_PIECE, max(cut_after - taken, 0))):
        taken += len(piece)
        if taken > expected:
            file.write(piece[: expected - taken])
            raise Refusal("The body is longer than file_size")
        file.write(piece)
    if cut_after is not None:
        raise CutOff
    if taken < expected:
        raise Refusal("Partial request (did not match length of file)", kind="PartialRequestError", retriable=True)
