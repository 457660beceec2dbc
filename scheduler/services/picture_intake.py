"""Of a picture make the JPEG that Instagram fetches and the thumbnail our pages show."""

from pathlib import Path

from scheduler.instagram import limits
from scheduler.lib import pictures
from scheduler.lib.sniffing import Unfit
from scheduler.models import MediaAsset
from scheduler.services.prepared import Prepared

# What comes in may be heavier than what goes out: a phone's PNG or HEIC is drawn anew anyway.
PICTURE_BYTES = 40 * 1000 * 1000


def prepare_picture(path: Path, content_type: str) -> Prepared:
    """Return what is kept of the picture at `path`. Raises Unfit."""
    if path.stat().st_size > PICTURE_BYTES:
        raise Unfit("PICTURE_TOO_HEAVY", megabytes=PICTURE_BYTES // 1_000_000)
    picture = pictures.read_picture(path, content_type, width_wanted=limits.IMAGE_WIDTH_MAX)
    if picture.width < limits.IMAGE_WIDTH_MIN:
        raise Unfit("TOO_NARROW", width=picture.width, least=limits.IMAGE_WIDTH_MIN)
    shown = pictures.trim_to_ratio(picture.image, limits.RATIO_MIN, limits.RATIO_MAX, limits.RATIO_SLACK)
    return Prepared(
        kind=MediaAsset.Kind.IMAGE,
        content_type=content_type,
        width=picture.width,
        height=picture.height,
        publish=pictures.jpeg(shown, limits.IMAGE_BYTES),
        thumbnail=pictures.thumbnail(shown),
    )
