"""The library: files to use in posts, uploaded in one go, found again, put away and back."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from scheduler.api.base import ApiView, Instant, PageQuery, Pages, paged
from scheduler.api.links import page_at
from scheduler.api.problems import FieldsRefused, Refusal
from scheduler.lib import clock
from scheduler.models import MediaAsset, Rendition
from scheduler.models.media import MediaState
from scheduler.services import library
from scheduler.services.media_intake import take_upload
from scheduler.services.media_refusals import MediaRefused, refusal_sentence


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
    state = serializers.ChoiceField(
        choices=MediaState.choices,
        help_text="A video may have to be made ready first; it can be planned with.",
    )
    progress = serializers.IntegerField(help_text="Percent, while it is made ready.")
    failure = serializers.CharField(help_text="Why it could not be made ready: a stable name.")
    failure_message = serializers.SerializerMethodField(help_text="The same as a sentence.")
    is_used = serializers.BooleanField(help_text="Whether a post or an idea has it.")
    thumbnail_url = serializers.SerializerMethodField(help_text="Empty until there is one.")
    url = serializers.SerializerMethodField(help_text="The file's page here.")
    created_at = Instant()
    deleted_at = Instant(allow_null=True)

    def get_failure_message(self, asset: MediaAsset) -> str:
        """Return the sentence that the page shows."""
        return refusal_sentence(asset.failure) if asset.failure else ""

    def get_thumbnail_url(self, asset: MediaAsset) -> str:
        """Return the address of a small picture of it."""
        made = asset.rendition(Rendition.Purpose.THUMBNAIL)
        return made.public_url if made else ""

    def get_url(self, asset: MediaAsset) -> str:
        """Return the address of its page."""
        return page_at("media-detail", asset.pk)


class PutAwaySerializer(serializers.Serializer):
    """What a deletion left."""

    id = serializers.IntegerField()
    planned = serializers.IntegerField(help_text="Posts in line that have it, and will go out with it.")
    message = serializers.CharField()


class FileInput(serializers.Serializer):
    """A file as a form sends it."""

    file = serializers.FileField()


class MediaQuery(PageQuery):
    """What the library can be narrowed to."""

    search = serializers.CharField(required=False, max_length=100, help_text="Each word stands in the file's name.")
    kind = serializers.ChoiceField(choices=MediaAsset.Kind.choices, required=False)
    use = serializers.ChoiceField(
        choices=library.USES,
        required=False,
        help_text="used: in a post or an idea. deleted: what left the library.",
    )


class Media(ApiView):
    """The person's library."""

    about, queries = "media", {"GET": MediaQuery}
    parser_classes = (MultiPartParser,)
    pagination_class = Pages

    @extend_schema(operation_id="list_media", responses=AssetSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List files, the newest first."""
        words = [self.asked.get(name, "") for name in ("search", "kind", "use")]
        return paged(self, library.media_of(self.person, *words), AssetSerializer)

    @extend_schema(
        operation_id="upload_media", request={"multipart/form-data": FileInput}, responses={201: AssetSerializer}
    )
    def post(self, request: Request) -> Response:
        """Take a file in, judged as on the pages; the same file twice is one asset. Larger ones better in pieces."""
        file = request.FILES.get("file")
        if file is None:
            raise FieldsRefused({"file": [{"code": "REQUIRED", "message": _("Send the file as “file”.")}]})
        try:
            taken = take_upload(self.person, file)
        except MediaRefused as refused:
            told = {"code": refused.code, "message": str(refused.sentence)}
            raise FieldsRefused({"file": [told]}) from None
        asset = self.found(library.everything_of(self.person), taken.pk)
        return Response(AssetSerializer(asset).data, status=201, headers={"Location": f"{request.path}{asset.pk}/"})


class Asset(ApiView):
    """One file."""

    about = "media"

    @extend_schema(operation_id="get_media", responses=AssetSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Return one file, deleted or not."""
        return Response(AssetSerializer(self.found(library.everything_of(self.person), pk)).data)

    @extend_schema(operation_id="delete_media", responses={200: PutAwaySerializer})
    def delete(self, request: Request, pk: int) -> Response:
        """Take a file out of the library; posts and ideas that have it keep it, and it goes out with them."""
        asset = self.found(library.everything_of(self.person), pk)
        library.put_away(asset, clock.now())
        told = _("%(name)s left the library. It is still under “Deleted”, and posts that have it keep it.")
        message = told % {"name": asset.original_name}
        return Response({"id": pk, "planned": library.planned_with(asset), "message": message})


class Restore(ApiView):
    """The way back into the library."""

    about = "media"

    @extend_schema(operation_id="restore_media", request=None, responses=AssetSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Put a deleted file back."""
        asset = self.found(library.everything_of(self.person), pk)
        if not library.put_back(asset):
            told = _("The same file is in the library already, so %(name)s stays deleted.")
            raise Refusal(409, "FILE_IS_HERE", told % {"name": asset.original_name})
        return Response(AssetSerializer(asset).data)
