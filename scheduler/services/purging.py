"""Take away for good what nobody goes on with: media deleted from the library, uploads that never ended.

The cluster runs this, so nothing here loads what opens pictures.
"""

import logging
from datetime import datetime, timedelta

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from scheduler.models import MediaAsset, PostIdea, PostMedia, Rendition, ScheduledPost, Upload, User

log = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=30)
UPLOADS_KEPT_FOR = timedelta(hours=24)
AT_ONCE = 20  # the rest waits for the next pass


def purge(now: datetime) -> int:
    """Take away, rows and files, what was deleted 30 days ago and nothing names; return how many.

    A deleted post still names its media: what it was stays readable in its history.
    """
    found = _forgotten(now).order_by("deleted_at").values_list("pk", flat=True)
    return sum(_take_away(pk, now) for pk in found[:AT_ONCE])


def sweep_uploads(now: datetime) -> None:
    """Forget uploads that nobody went on with for a day."""
    for upload in Upload.objects.filter(touched_at__lt=now - UPLOADS_KEPT_FOR):
        upload.forget()


def _forgotten(now: datetime) -> QuerySet[MediaAsset]:
    placed = PostMedia.objects.filter(asset=OuterRef("pk"))
    covered = ScheduledPost.objects.filter(cover=OuterRef("pk"))
    collected = PostIdea.media.through.objects.filter(mediaasset=OuterRef("pk"))
    old = MediaAsset.objects.filter(deleted_at__lt=now - KEPT_FOR)
    return old.filter(~Exists(placed), ~Exists(covered), ~Exists(collected))


def _take_away(pk: int, now: datetime) -> bool:
    """Remove one when it is still forgotten; its files go once the rows are safely gone."""
    with transaction.atomic():
        MediaAsset.objects.select_for_update().filter(pk=pk).first()
        asset = _forgotten(now).filter(pk=pk).first()
        if asset is None or _in_a_working_copy(asset):
            return False
        names = {asset.file.name, *asset.renditions.values_list("file", flat=True)}
        asset.delete()
    for name in names:
        _remove_file(asset.file.storage, name)
    return True


def _in_a_working_copy(asset: MediaAsset) -> bool:
    user: User = asset.user
    copies = ScheduledPost.objects.filter(user=user, working_copy__isnull=False)
    fields = (copy["fields"] for copy in copies.values_list("working_copy", flat=True) if copy)
    return any(str(asset.pk) in [*said.get("media", []), *said.get("cover", [])] for said in fields)


def _remove_file(storage: Storage, name: str) -> None:
    """Delete a file that no row names; one that cannot be deleted costs room and a line in the log."""
    if not name or MediaAsset.objects.filter(file=name).exists() or Rendition.objects.filter(file=name).exists():
        return
    try:
        storage.delete(name)
    except OSError as trouble:
        log.error("A file of deleted media could not be removed: %s", trouble)
