"""Read a picture as people upload it, and make the JPEG that Instagram takes and the thumbnail our pages show.

Nothing of the upload is passed on but its colours: every picture that leaves here was drawn anew, so neither a
camera's place and time nor bytes hidden in the file travel along.
"""

import mmap
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms, ImageFilter, ImageOps

from scheduler.lib.framing import CROP, Frame
from scheduler.lib.sniffing import Unfit

# A phone's largest picture has 50; what is behind this number is known before a pixel is decoded.
PIXELS_MAX = 60_000_000
THUMBNAIL_PX = 144
THUMBNAIL_BYTES = 6 * 1024
# Blurred small and then enlarged: the same look for a fraction of the work.
BLUR_SHRINK, BLUR_RADIUS = 16, 4
JPEG_QUALITIES = (90, 85, 80, 72, 64, 55, 45, 35, 25)
WEBP_QUALITIES = (80, 65, 50, 35, 20, 10, 1)
# A JPEG with more pictures than one inside (many phones write them) is an MPO to Pillow; its first one counts.
_FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/webp": ("WEBP",),
    "image/heic": ("HEIF",),
}
_SRGB = ImageCms.createProfile("sRGB")
# Pillow's decoders answer damaged files with any of these, and with their subclasses.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, MemoryError, RuntimeError, struct.error)
# A JPEG that comes clearer step by step has ten scans; one of 40 bytes keeps the decoder busy for the whole picture.
SCANS_MAX = 100
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_END, _SCAN = 0xD9, 0xDA
_WITH_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}


@dataclass(frozen=True)
class Made:
    """A file that was made: its bytes, and its size in pixels."""

    data: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """A picture that was read: upright RGB in sRGB, and the upright size it came in."""

    image: Image.Image
    width: int
    height: int


def read_picture(path: Path, content_type: str, *, width_wanted: int) -> Picture:
    """Return the picture at most `width_wanted` pixels wide, transparent parts white.

    content_type: one of PICTURE_TYPES, as `sniff` told it.
    Raises Unfit: TOO_MANY_PIXELS, ANIMATED, or BROKEN_PICTURE.
    """
    if content_type == "image/heic":
        _know_heif()
    if content_type == "image/jpeg" and _has_endless_scans(path):
        raise Unfit("BROKEN_PICTURE")
    try:
        with Image.open(path, formats=_FORMATS[content_type]) as image:
            return _read(image, width_wanted)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except DAMAGE:
        raise Unfit("BROKEN_PICTURE") from None


def _has_endless_scans(path: Path) -> bool:
    """Return whether a JPEG goes over its picture more often than any camera or program makes it."""
    at, scans = 0, 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        while scans <= SCANS_MAX and (found := _MARKER.search(data, max(at, 2))):
            kind, at = data[found.end() - 1], found.end()
            if kind == _END:
                return False  # what a phone hangs on, a film or a second picture, is not read
            scans += kind == _SCAN
            at += int.from_bytes(data[at : at + 2])
    return scans > SCANS_MAX


def _know_heif() -> None:
    """Teach Pillow to read HEIC; the decoder takes 8 MB of each process that loads it, and most never need it."""
    import pillow_heif

    pillow_heif.register_heif_opener()


def _too_many_pixels() -> Unfit:
    return Unfit("TOO_MANY_PIXELS", megapixels=PIXELS_MAX // 1_000_000)


def _read(image: Image.Image, width_wanted: int) -> Picture:
    width, height = image.size
    if width * height > PIXELS_MAX:
        raise _too_many_pixels()
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        raise Unfit("ANIMATED")
    # A large JPEG is decoded at a half, a quarter or an eighth, never below what is wanted on either side.
    image.draft(None, (width_wanted, width_wanted))
    image.load()
    upright = _upright(image)
    if (upright.width > upright.height) != (width > height):
        width, height = height, width
    return Picture(fit(_on_white(_in_srgb(_eight_bits(upright))), width_wanted), width, height)


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except DAMAGE:
        return image  # unreadable words about the camera are no reason to refuse a good picture


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture whose colours have 8 bits; Pillow would clip 16 of them instead of scaling."""
    if not image.mode.startswith("I"):
        return image
    return image.convert("I").point([step // 256 for step in range(65536)], "L")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Return the picture as RGB or RGBA in sRGB, by its own colour profile when it has a readable one."""
    target = "RGBA" if image.mode in _WITH_ALPHA or "transparency" in image.info else "RGB"
    profile = image.info.get("icc_profile")
    if image.mode in {"P", "PA", "1", "La", "RGBa", "LA"} or (image.mode == "L" and target == "RGBA"):
        image = image.convert(target)
    if not profile:
        return image.convert(target)
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, own, _SRGB, outputMode=target) or image.convert(target)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert(target)  # a broken profile, or one for other channels than the picture has


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def fit(image: Image.Image, width: int) -> Image.Image:
    """Return the picture at most `width` pixels wide, its shape kept."""
    if image.width <= width:
        return image
    height = max(round(image.height * width / image.width), 1)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)


def framed(image: Image.Image, frame: Frame, width: int) -> Image.Image:
    """Return the picture in its frame, at most `width` pixels wide."""
    part, size = frame.part_of(*image.size), frame.size_of(*image.size, width)
    if frame.how == CROP:
        return image.resize(size, Image.Resampling.LANCZOS, box=part, reducing_gap=3)
    whole = ImageOps.contain(image, size, Image.Resampling.LANCZOS)
    paper = _blurred(image, size) if frame.paper == "blur" else Image.new("RGB", size, frame.paper)
    paper.paste(whole, ((size[0] - whole.width) // 2, (size[1] - whole.height) // 2))
    return paper


def _blurred(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the picture filling `size`, so blurred that only its colours are left."""
    small = ImageOps.fit(image, (max(size[0] // BLUR_SHRINK, 1), max(size[1] // BLUR_SHRINK, 1)))
    return small.filter(ImageFilter.GaussianBlur(BLUR_RADIUS)).resize(size, Image.Resampling.BICUBIC)


def trim_to_ratio(image: Image.Image, lowest: float, highest: float, slack: float) -> Image.Image:
    """Take away the pixel or two that rounding put a picture beyond a bound of width / height; leave others alone."""
    ratio = image.width / image.height
    if lowest - slack <= ratio < lowest:
        return ImageOps.fit(image, (image.width, int(image.width / lowest)))
    if highest < ratio <= highest + slack:
        return ImageOps.fit(image, (int(image.height * highest), image.height))
    return image


def jpeg(image: Image.Image, at_most: int) -> Made:
    """Return an RGB picture as a plain JPEG of at most `at_most` bytes, as good as that allows."""
    return _smallest_that_fits(image, "JPEG", JPEG_QUALITIES, at_most, {"optimize": True, "progressive": True})


def side_by_side(images: Iterable[Image.Image], width: int, height: int) -> Image.Image:
    """Return the middles of some pictures in one row, each of this size."""
    parts = [ImageOps.fit(image.convert("RGB"), (width, height), Image.Resampling.BILINEAR) for image in images]
    row = Image.new("RGB", (width * len(parts), height))
    for number, part in enumerate(parts):
        row.paste(part, (width * number, 0))
    return row


def thumbnail(image: Image.Image) -> Made:
    """Return the middle of the picture as a small square WebP."""
    # First a quick step to a few times the size, then a careful one.
    rough = image.reduce(max(min(image.size) // (THUMBNAIL_PX * 3), 1))
    square = ImageOps.fit(rough, (THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    return _smallest_that_fits(square, "WEBP", WEBP_QUALITIES, THUMBNAIL_BYTES, {"method": 4})


def _smallest_that_fits(
    image: Image.Image, form: str, qualities: tuple[int, ...], at_most: int, options: dict[str, int]
) -> Made:
    for quality in qualities:
        out = BytesIO()
        # Given an empty profile and no `exif`, nothing of the upload's description is written.
        image.save(out, form, quality=quality, icc_profile=b"", **options)
        if len(out.getvalue()) <= at_most:
            break
    return Made(out.getvalue(), f"image/{form.lower()}", image.width, image.height)
