"""Files made of an asset: write what was drawn, and draw a picture in the shape a post wants it in."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile

from scheduler.instagram import limits
from scheduler.lib import clock, pictures
from scheduler.lib.framing import Frame
from scheduler.lib.pictures import Made
from scheduler.models import MediaAsset, Rendition
from scheduler.models.media import KEPT_UNUSED, STRIP

PURPOSE = Rendition.Purpose


def made_rendition(purpose: str, made: Made, recipe: str = "") -> Rendition:
    """Return the row of a picture that was drawn, not saved yet; its file is written."""
    belongs_to_a_post = recipe not in {"", STRIP}
    rendition = Rendition(
        purpose=purpose,
        recipe=recipe,
        look_again_at=clock.now() + KEPT_UNUSED if belongs_to_a_post else None,
        content_type=made.content_type,
        size_bytes=len(made.data),
        width=made.width,
        height=made.height,
        sha256=hashlib.sha256(made.data).hexdigest(),
    )
    rendition.file.save(f"made.{made.content_type.rpartition('/')[2]}", ContentFile(made.data), save=False)
    return rendition


def frame_picture(asset: MediaAsset, frame: Frame) -> Rendition:
    """Return what goes out of a picture in this frame, drawn from the upload unless it was drawn before.

    Its thumbnail is made with it. Raises Unfit when the upload can no longer be read, OSError when it is gone.
    """
    known = drawn_before(asset, PURPOSE.PUBLISH, frame.recipe)
    if known is not None:
        return known
    with local_copy(asset.file) as path:
        left, _top, right, _bottom = frame.part_of(asset.width, asset.height)
        # So many pixels of the whole that the part which is kept has enough of its own.
        wanted = round(limits.IMAGE_WIDTH_MAX * asset.width / max(right - left, 1))
        picture = pictures.read_picture(path, asset.content_type, width_wanted=wanted)
    shown = pictures.framed(picture.image, frame, limits.IMAGE_WIDTH_MAX)
    made = [
        made_rendition(PURPOSE.PUBLISH, pictures.jpeg(shown, limits.IMAGE_BYTES), frame.recipe),
        made_rendition(PURPOSE.THUMBNAIL, pictures.thumbnail(shown), frame.recipe),
    ]
    return keep_renditions(asset, made)


def drawn_before(asset: MediaAsset, purpose: str, recipe: str) -> Rendition | None:
    """Return what was drawn before, kept for another while; None when it was not, or is just swept away."""
    known = asset.renditions.filter(recipe=recipe)
    soon = clock.now() + KEPT_UNUSED / 2
    if known.filter(look_again_at__lte=soon).exists():
        known.update(look_again_at=clock.now() + KEPT_UNUSED)
    return known.filter(purpose=purpose).first()


def keep_renditions(asset: MediaAsset, made: list[Rendition]) -> Rendition:
    """Write the rows, return the first; when another request drew the same at the same time, that one's count."""
    try:
        with transaction.atomic():
            for rendition in made:
                rendition.asset = asset
                rendition.save()
    except IntegrityError:
        for rendition in made:
            rendition.file.delete(save=False)
        return asset.renditions.get(purpose=made[0].purpose, recipe=made[0].recipe)
    return made[0]


@contextmanager
def local_copy(file: FieldFile) -> Iterator[Path]:
    """Give a path where a stored file can be read: its own, or a copy when the storage is elsewhere."""
    if isinstance(file.storage, FileSystemStorage):
        yield Path(file.path)
    else:
        with tempfile.NamedTemporaryFile(prefix="pauta-") as copy, file.open("rb") as stored:
            for piece in stored.chunks():
                copy.write(piece)
            copy.flush()
            yield Path(copy.name)
