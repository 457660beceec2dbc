"""Files in pieces, for large ones and bad lines: the tus 1.0 protocol over services.uploads.

Begin with a length, send pieces with PATCH, ask with HEAD or GET how far it came. When the last byte is here, GET
names the asset that `media_assets` of a post takes.
"""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import NUMBER, ApiView
from scheduler.api.problems import FieldsRefused, Refusal
from scheduler.instagram import limits
from scheduler.lib import clock, tus
from scheduler.models import Upload
from scheduler.services import uploads
from scheduler.services.media_refusals import MediaRefused, refusal_sentence

LENGTH, METADATA, OFFSET = "Upload-Length", "Upload-Metadata", "Upload-Offset"
# One name with its value, as the protocol writes them; several stand with commas between them.
PAIR = r"[A-Za-z0-9_.-]{1,40}( [A-Za-z0-9+/]{0,1000}={0,2})?"


def _header(name: str, schema: dict, told: str, *, required: bool = True) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.HEADER, required=required, description=told)


HOW_LONG = _header(LENGTH, {"type": "integer", "minimum": 1, "maximum": limits.UPLOAD_BYTES}, "Bytes of the file.")
WHAT = _header(
    METADATA,
    {"type": "string", "pattern": f"^{PAIR}(,{PAIR})*$", "maxLength": 2000},
    "`filename` and its value in Base64, as in `filename bG9hZi5qcGc=`.",
    required=False,
)
WHERE = _header(OFFSET, {"type": "integer", "minimum": 0, "maximum": limits.UPLOAD_BYTES}, "Where the piece begins.")


class UploadSerializer(serializers.Serializer):
    """A file on its way."""

    key = serializers.CharField()
    name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    arrived = serializers.IntegerField(help_text="How many of its bytes are here.")
    asset = serializers.IntegerField(
        source="asset_id", allow_null=True, help_text="What it became, once the last byte is here."
    )
    problem_code = serializers.CharField(help_text="Why it was refused: a stable name; empty when it was not.")
    problem = serializers.CharField(help_text="The same as a sentence.")
    url = serializers.SerializerMethodField(help_text="Where its pieces are sent.")

    def get_url(self, upload: Upload) -> str:
        """Return the address that takes its pieces, at the host that was asked."""
        return self.context["request"].build_absolute_uri(reverse("api-media-upload", args=[upload.key]))


class Uploads(ApiView):
    """The beginning."""

    about, heeded = "media", (LENGTH, METADATA)
    refusals = {"POST": {507}}

    @extend_schema(
        operation_id="begin_upload", request=None, responses={201: UploadSerializer}, parameters=[HOW_LONG, WHAT]
    )
    def post(self, request: Request) -> Response:
        """Make room for a file that comes in pieces (tus 1.0); what is not finished within a day is forgotten."""
        size = _number(request, LENGTH)
        try:
            upload = uploads.begin(self.person, _name(request), size, clock.now())
        except MediaRefused as refused:
            raise _refused(LENGTH, refused.code, refused.sentence) from None
        except uploads.TooMuch:
            told = _("Too many files are on their way at once. Wait until some are there, then try again.")
            raise Refusal(409, "TOO_MANY_UPLOADS", told) from None
        except uploads.NoRoom:
            raise _no_room() from None
        answer = _told(request, upload, 201)
        answer["Location"] = answer.data["url"]
        return answer


class UploadPieces(ApiView):
    """One file on its way."""

    about = "media"
    refusals = {"PATCH": {409, 411, 423, 507}}

    @extend_schema(operation_id="get_upload", responses=UploadSerializer)
    def get(self, request: Request, key: str) -> Response:
        """Tell how far a file came, and what it became; HEAD tells the first in `Upload-Offset`."""
        return _told(request, self._upload(key), 200)

    @extend_schema(
        operation_id="send_piece",
        request={tus.PIECE_TYPE: OpenApiTypes.BINARY},
        responses={204: OpenApiResponse(description="It is here; `Upload-Offset` says where the next one begins.")},
        parameters=[WHERE],
    )
    def patch(self, request: Request, key: str) -> HttpResponse:
        """Take the next piece. With the last one the file is judged as on the pages, and refused or an asset."""
        at, length = _number(request, OFFSET), request.headers.get("Content-Length") or "0"
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        if length != "0" and kind != tus.PIECE_TYPE:
            told = _("Send the body with Content-Type: %(kind)s.") % {"kind": tus.PIECE_TYPE}
            raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", told)
        if "Content-Length" not in request.headers and "Transfer-Encoding" in request.headers:
            raise Refusal(411, "LENGTH_REQUIRED", _("Send the piece with its Content-Length."))
        upload = self._upload(key)
        _add(upload, at, request, int(length))
        if upload.problem:
            raise _refused("file", upload.problem_code, upload.problem)
        return HttpResponse(status=204, headers=_words(upload))

    @extend_schema(operation_id="drop_upload", responses={204: None})
    def delete(self, request: Request, key: str) -> HttpResponse:
        """Forget a file on its way; what became an asset stays."""
        self._upload(key).forget()
        return HttpResponse(status=204)

    def _upload(self, key: str) -> Upload:
        return self.found(Upload.objects.for_user(self.person), key=key)


def _add(upload: Upload, at: int, request: Request, length: int) -> None:
    """Add a piece. Raises Refusal."""
    try:
        uploads.add(upload, at, request, length, clock.now)
    except uploads.OutOfStep:
        told = _("The next piece begins at byte %(n)s.") % {"n": upload.arrived}
        raise Refusal(409, "OUT_OF_STEP", told, headers=_words(upload)) from None
    except uploads.Gone:
        raise Refusal(404, "NOT_FOUND", _("This upload was taken away. Begin it anew.")) from None
    except uploads.Busy:
        told = _("Another request is sending this file. Ask in a second how far it came.")
        raise Refusal(423, "UPLOAD_BUSY", told, headers={"Retry-After": "1"}) from None
    except uploads.TooMuch:
        told = _("The piece is longer than what is left of the file.")
        raise Refusal(413, "TOO_LARGE", told, headers=_words(upload)) from None
    except uploads.NoRoom:
        raise _no_room() from None


def _told(request: Request, upload: Upload, status: int) -> Response:
    told = UploadSerializer(upload, context={"request": request}).data
    return Response(told, status=status, headers=_words(upload))


def _words(upload: Upload) -> dict[str, str]:
    """Return the protocol's headers, which say how far the file came."""
    return {"Tus-Resumable": tus.VERSION, OFFSET: str(upload.arrived), LENGTH: str(upload.size_bytes)}


def _number(request: Request, name: str) -> int:
    written = request.headers.get(name, "")
    if not NUMBER.fullmatch(written):
        raise _refused(name, "REQUIRED" if not written else "INVALID", _("Send a whole number in this header."))
    return int(written)


def _name(request: Request) -> str:
    """Return what the file is called; empty when nothing says it."""
    written = request.headers.get(METADATA, "")
    name = tus.name_in(written)
    if written and not name:
        told = _("Write `filename` and the name in Base64, as in “filename bG9hZi5qcGc=”.")
        raise _refused(METADATA, "INVALID", told)
    return name


def _refused(field: str, code: str, sentence: str) -> FieldsRefused:
    return FieldsRefused({field: [{"code": code, "message": str(sentence)}]})


def _no_room() -> Refusal:
    return Refusal(507, "NOT_KEPT", refusal_sentence("NOT_KEPT"))
