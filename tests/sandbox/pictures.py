"""Pictures and films for tests, drawn when they are first asked for."""

from functools import lru_cache
from io import BytesIO

import av
from PIL import Image


@lru_cache(maxsize=64)
def picture(width: int = 1080, height: int = 1080, form: str = "JPEG", quality: int = 85) -> bytes:
    """Return a plain picture of one colour."""
    out = BytesIO()
    image = Image.new("RGB", (width, height), "#7a2b66")
    # An MPO with one picture is written as a plain JPEG, so it gets two.
    more = {"save_all": True, "append_images": [image.copy()]} if form == "MPO" else {}
    image.save(out, form, quality=quality, **more)
    return out.getvalue()


def heavy_picture(size: int) -> bytes:
    """Return a JPEG of more than `size` bytes: noise does not compress."""
    out = BytesIO()
    Image.effect_noise((2600, 2600), 100).convert("RGB").save(out, "JPEG", quality=100)
    assert len(out.getvalue()) > size
    return out.getvalue()


@lru_cache(maxsize=64)
def film(
    seconds: float = 4,
    *,
    fps: int = 24,
    width: int = 144,
    height: int = 256,
    codec: str = "libx264",
    form: str = "mp4",
    pixels: str = "yuv420p",
) -> bytes:
    """Return a small film without sound."""
    out = BytesIO()
    with av.open(out, "w", format=form) as target:
        stream = target.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        for at in range(round(seconds * fps)):
            frame = av.VideoFrame.from_image(Image.new("RGB", (width, height), (at % 255, 60, 120)))
            target.mux(stream.encode(frame))
        target.mux(stream.encode())
    return out.getvalue()
