"""Upload a picture or a video in one go; its id is what `media_assets` takes."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, Instant
from scheduler.api.problems import FieldsRefused
from scheduler.models import MediaAsset
from scheduler.services.media_intake import take_upload
from scheduler.services.media_refusals import MediaRefused


class AssetSerializer(serializers.Serializer):
    """A file in the library."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=MediaAsset.Kind.choices)
    original_name = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    duration_ms = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(help_text="ready, or on its way there for a video.")
    created_at = Instant()


class FileInput(serializers.Serializer):
    """A file as a form sends it."""

    file = serializers.FileField()


class Media(ApiView):
    """The person's library."""

    about = "media"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="upload_media", request={"multipart/form-data": FileInput}, responses={201: AssetSerializer}
    )
    def post(self, request: Request) -> Response:
        """Take a file in, judged as on the pages; the same file twice is one asset."""
        file = request.FILES.get("file")
        if file is None:
            raise FieldsRefused({"file": [{"code": "REQUIRED", "message": _("Send the file as “file”.")}]})
        try:
            asset = take_upload(self.person, file)
        except MediaRefused as refused:
            told = {"code": refused.code, "message": str(refused.sentence)}
            raise FieldsRefused({"file": [told]}) from None
        return Response(AssetSerializer(asset).data, status=201)
