"""Look into fetched pictures and say what Instagram would refuse; pure, on bytes.

Sources: fact sheet 3.3, 4.1, 5.3 and 8.
"""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from scheduler.sandbox import errors
from scheduler.sandbox.errors import refuse

IMAGE_BYTES = 8 * 1024 * 1024
VIDEO_BYTES = 300 * 1000 * 1000
STORY_VIDEO_BYTES = 100 * 1000 * 1000
# Publishing refuses a story whose container says this much or more: AAC padding makes 60.0 s longer.
STORY_SECONDS = 60.0


@dataclass(frozen=True)
class Picture:
    """A picture to keep: its bytes as fetched, or a still as JPEG."""

    data: bytes
    width: int
    height: int


def check_image(data: bytes, *, any_shape: bool) -> Picture:
    """Return the picture; raise GraphError 36000, 36001, 36003 or 9004 for what Instagram refuses.

    any_shape: stories and covers may have any aspect ratio.
    """
    if len(data) > IMAGE_BYTES:
        raise refuse(errors.IMAGE_TOO_LARGE)
    if looks_like_text(data):
        raise refuse(errors.NOT_FETCHED)
    width, height = _read_jpeg(data)
    # 0.8 and 1.91 exactly pass, so the comparison stays in whole numbers.
    if not any_shape and (width * 5 < height * 4 or width * 100 > height * 191):
        raise refuse(errors.IMAGE_SHAPE)
    return Picture(data, width, height)


def looks_like_text(data: bytes) -> bool:
    """Return whether these are words, as of a page, or nothing."""
    return data.lstrip()[:1] in {b"<", b"{", b""}


def _read_jpeg(data: bytes) -> tuple[int, int]:
    if not data.startswith(b"\xff\xd8\xff"):
        raise refuse(errors.IMAGE_FORMAT)
    try:
        with Image.open(BytesIO(data)) as image:
            if image.format != "JPEG":  # MPO begins like a JPEG
                raise refuse(errors.IMAGE_FORMAT)
            size = image.size
            image.draft("RGB", (image.width // 8, image.height // 8))
            image.load()
            return size
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise refuse(errors.IMAGE_FORMAT) from None
    except OSError:  # truncated
        raise refuse(errors.NOT_FETCHED) from None
