"""What people drop into a form: a file for each way of being wrong, or of looking wrong and being fine.

Each is made when it is asked for, once in a process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from scheduler.services.media_refusals import refusal_sentence
from tests.media import corpus

HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"/>'


@dataclass(frozen=True)
class OddFile:
    """A file, and why it is refused: the reason's code with what fills its sentence; "" when it is taken."""

    name: str
    draw: Callable[[], bytes]
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Return what the person is told, in the language now active."""
        return refusal_sentence(self.code, **self.facts)


def animated(form: str) -> bytes:
    """Return three frames that follow each other."""
    frames = [Image.new("RGB", (600, 600), colour) for colour in ("red", "green", "blue")]
    return corpus.saved(frames[0], form, save_all=True, append_images=frames[1:], duration=200)


def without_index() -> bytes:
    """Return a recording that was never closed: its index stands at the end and is missing."""
    data = corpus.film(index_in_front=False)
    return data[: data.index(b"moov") - 4]


def a_page_in_a_picture() -> bytes:
    """Return a good JPEG that carries a web page in its comment."""
    data = corpus.jpeg(1080, 1080)
    return data[:2] + b"\xff\xfe" + (len(HTML) + 2).to_bytes(2) + HTML + data[2:]


REFUSED = (
    OddFile("cut-off.jpg", lambda: corpus.jpeg()[:9000], "BROKEN_PICTURE"),
    OddFile("cut-off.mp4", lambda: corpus.film()[:-2000], "BROKEN_VIDEO"),
    OddFile("no-index.mp4", without_index, "BROKEN_VIDEO"),
    OddFile("list.jpg", lambda: b"Buy bread and butter", "UNKNOWN"),
    OddFile("report.pdf", lambda: b"%PDF-1.7\n" + b"\0" * 500, "UNKNOWN"),
    OddFile("bomb.png", corpus.enormous, "TOO_MANY_PIXELS", {"megapixels": 60}),
    OddFile("empty.jpg", lambda: b"", "EMPTY"),
    OddFile("dance.gif", lambda: animated("GIF"), "image/gif"),
    OddFile("dance.png", lambda: animated("PNG"), "ANIMATED"),
    OddFile("dance.webp", lambda: animated("WEBP"), "ANIMATED"),
    OddFile("logo.svg", lambda: SVG, "image/svg+xml"),
    OddFile("page.jpg", lambda: HTML + corpus.jpeg(), "text/html"),
    OddFile("clip.webm", lambda: corpus.film(codec="libvpx", form="webm", sound="libopus"), "video/webm"),
    OddFile("song.mp4", corpus.only_sound, "NO_PICTURE"),
    OddFile("blink.mp4", lambda: corpus.film(2.0), "VIDEO_TOO_SHORT", {"seconds": 3}),
    OddFile("stamp.jpg", lambda: corpus.jpeg(200, 250), "TOO_NARROW", {"width": 200, "least": 320}),
)
TAKEN = (
    OddFile("really-a-png.jpg", lambda: corpus.saved(corpus.drawing(900, 900), "PNG")),
    OddFile("print.jpg", lambda: corpus.saved(corpus.drawing(mode="CMYK"), "JPEG")),
    OddFile("deep.png", corpus.sixteen_bit_colour),
    OddFile("phone.heic", lambda: corpus.saved(corpus.drawing(), "HEIF", quality=90)),
    OddFile("turned-with-place.jpg", corpus.turned_with_place),
    OddFile("tall.jpg", lambda: corpus.jpeg(700, 2100)),
    OddFile("wide.jpg", lambda: corpus.jpeg(2100, 700)),
    OddFile("page-inside.jpg", a_page_in_a_picture),
    OddFile("<img src=x onerror=alert(1)> “pão” 🥖.jpg", lambda: corpus.jpeg(1080, 1081)),
    OddFile("minute.mp4", lambda: corpus.film(60.0, sound="")),
    OddFile("phone.mov", lambda: corpus.film(3.0, codec="libx265", sound="", form="mov")),
)
