"""Take away for good what nobody goes on with: deleted media, uploads that never ended, shapes that were only tried.

The cluster runs this, so nothing here loads what opens pictures.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from scheduler.lib.numbers import row_id
from scheduler.models import MediaAsset, PostIdea, PostMedia, Rendition, ScheduledPost, Upload
from scheduler.models.media import STILL

log = logging.getLogger(__name__)
KEPT_FOR = timedelta(days=30)
UPLOADS_KEPT_FOR = timedelta(hours=24)
LOOK_AGAIN_AFTER = timedelta(days=7)
AT_ONCE = 20  # the rest waits for the next pass


def purge(now: datetime) -> int:
    """Take away, rows and files, what was deleted 30 days ago and nothing names; return how many.

    A deleted post still names its media: what it was stays readable in its history.
    """
    found = _forgotten(now)
    owners = list(found.order_by().values_list("user", flat=True).distinct())
    if not owners:
        return 0
    free = found.exclude(pk__in=_in_working_copies(owners)).order_by("deleted_at").values_list("pk", flat=True)
    return sum(_take_away(pk, now) for pk in free[:AT_ONCE])


def sweep_renditions(now: datetime) -> int:
    """Take away what was drawn for a post and none shows any more: tried shapes and frames. Return how many files."""
    due = Rendition.objects.filter(look_again_at__lte=now).select_related("asset").order_by("look_again_at")
    drawn = {(made.asset, made.recipe) for made in due[:AT_ONCE]}
    return sum(_sweep(asset, recipe, now) for asset, recipe in drawn)


def _sweep(asset: MediaAsset, recipe: str, now: datetime) -> int:
    """Remove a shape or frame with its thumbnail: never one without the other, nor what a form takes up just now."""
    with transaction.atomic():
        drawn = Rendition.objects.select_for_update().filter(asset=asset, recipe=recipe, look_again_at__isnull=False)
        found = list(drawn)
        if any(made.look_again_at and made.look_again_at > now for made in found):
            return 0
        if _is_shown(asset, recipe):
            drawn.update(look_again_at=now + LOOK_AGAIN_AFTER)
            return 0
        drawn.delete()
    for made in found:
        _remove_file(made.file.storage, str(made.file.name))
    return len(found)


def _is_shown(asset: MediaAsset, recipe: str) -> bool:
    """Return whether a place of the asset has this shape, a reel this frame, or a working copy may want either."""
    places = PostMedia.objects.filter(asset=asset).select_related("post")
    if recipe.startswith(STILL):
        recipes = {f"{STILL}{place.post.options.get('thumb_offset')}" for place in places}
    else:
        recipes = {place.frame.recipe for place in places if place.frame}
    return recipe in recipes or asset.pk in _in_working_copies([asset.user_id])


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
        if asset is None or asset.pk in _in_working_copies([asset.user_id]):
            return False
        names = {asset.file.name, *asset.renditions.values_list("file", flat=True)}
        asset.delete()
    for name in names:
        _remove_file(asset.file.storage, name)
    return True


def _in_working_copies(owners: Sequence[int]) -> set[int]:
    """Return the ids of the media that changes which are not applied yet name; one query."""
    copies = ScheduledPost.objects.filter(user__in=owners, working_copy__isnull=False)
    fields = [copy["fields"] for copy in copies.values_list("working_copy", flat=True) if copy]
    words = [word for said in fields for name in ("media", "cover") for word in said.get(name, [])]
    return {number for word in words if (number := row_id(word))}


def _remove_file(storage: Storage, name: str) -> None:
    """Delete a file that no row names; one that cannot be deleted costs room and a line in the log."""
    if not name or MediaAsset.objects.filter(file=name).exists() or Rendition.objects.filter(file=name).exists():
        return
    try:
        storage.delete(name)
    except OSError as trouble:
        log.error("A file of deleted media could not be removed: %s", trouble)
