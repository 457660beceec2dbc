"""Good and bad files, drawn when asked for."""

import struct
import zlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import pillow_heif
from PIL import Image, ImageCms, ImageDraw

pillow_heif.register_heif_opener()

QUICK = {"libx264": {"preset": "ultrafast"}, "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"}}


def drawing(width: int = 1080, height: int = 1350, mode: str = "RGB") -> Image.Image:
    """Return a picture whose upper left quarter is red and whose rest is blue."""
    image = Image.new("RGB", (width, height), (20, 40, 200))
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill=(220, 30, 30))
    return image.convert(mode)


def saved(image: Image.Image, form: str = "JPEG", **options) -> bytes:
    """Return the picture's bytes in a format."""
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def jpeg(width: int = 1080, height: int = 1350, **options) -> bytes:
    """Return a good JPEG."""
    return saved(drawing(width, height), "JPEG", **options)


def turned_with_place() -> bytes:
    """Return a JPEG that lies on its side, with an EXIF orientation that turns it, a maker and a GPS place."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret Maker"
    exif.get_ifd(0x8825).update({1: "S", 2: (23.0, 33.0, 1.0), 3: "W", 4: (46.0, 38.0, 2.0)})
    upright = drawing(1080, 1350)
    return saved(upright.rotate(90, expand=True), "JPEG", exif=exif)


def with_two_pictures() -> bytes:
    """Return what many phones write: a JPEG with a second picture inside."""
    return saved(drawing(), "MPO", save_all=True, append_images=[drawing(540, 675)])


def sixteen_bit_grey() -> bytes:
    """Return a PNG of 16-bit grey at half brightness."""
    return saved(Image.new("I;16", (800, 800), 0x8000), "PNG")


def sixteen_bit_colour() -> bytes:
    """Return a PNG with 16 bits for each of three colours, written by hand: Pillow does not write them."""
    row = b"\x00" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 400
    return _png(400, 400, depth=16, colour=2, rows=row * 400)


def enormous() -> bytes:
    """Return a PNG that says it is 30,000 pixels on each side: small on disk, gigabytes when decoded."""
    return _png(30_000, 30_000, depth=8, colour=2, rows=b"")


def _png(width: int, height: int, *, depth: int, colour: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_profile(form: str = "JPEG") -> bytes:
    """Return a picture with a colour profile that is not sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return saved(drawing(), form, icc_profile=profile)


def half_transparent() -> bytes:
    """Return a PNG that is red on the left and clear (black underneath) on the right."""
    image = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((0, 0, 299, 600), fill=(220, 30, 30, 255))
    return saved(image, "PNG")


@lru_cache
def film(
    seconds: float = 4.0,
    *,
    fps: int = 24,
    size: tuple[int, int] = (144, 256),
    codec: str = "libx264",
    form: str = "mp4",
    pixels: str = "yuv420p",
    sound: str = "aac",
    index_in_front: bool = True,
    dark_s: float = 0.0,
    place: str = "",
    lying: bool = False,
) -> bytes:
    """Return a small film; the first `dark_s` seconds are black."""
    options = {"movflags": "faststart" if index_in_front else "use_metadata_tags"} if form in {"mp4", "mov"} else {}
    with TemporaryDirectory() as folder:  # putting the index in front needs a file that can be read again
        path = Path(folder) / f"film.{form}"
        with av.open(str(path), "w", format=form, options=options) as target:
            if place:
                target.metadata["location"] = place
            stream = target.add_stream(codec, rate=fps, options=QUICK.get(codec, {}))
            stream.width, stream.height, stream.pix_fmt = *size, pixels
            speaker = target.add_stream(sound, rate=48000, layout="mono") if sound else None
            bright = drawing(*reversed(size)).rotate(90, expand=True) if lying else drawing(*size)
            dark = Image.new("RGB", size, "black")
            for number in range(round(seconds * fps)):
                frame = av.VideoFrame.from_image(dark if number < dark_s * fps else bright)
                target.mux(stream.encode(frame))
            target.mux(stream.encode())
            if speaker:
                silence(target, speaker, seconds)
        return path.read_bytes()


def only_sound() -> bytes:
    """Return an MP4 with sound and no picture."""
    out = BytesIO()
    with av.open(out, "w", format="mp4") as target:
        silence(target, target.add_stream("aac", rate=48000, layout="mono"), 4.0)
    return out.getvalue()


def silence(target: av.container.OutputContainer, speaker: av.AudioStream, seconds: float) -> None:
    """Write `seconds` of silence to the stream."""
    samples = speaker.codec_context.frame_size or 960
    for number in range(int(seconds * 48000) // samples):
        frame = av.AudioFrame(format=speaker.codec_context.format.name, layout="mono", samples=samples)
        frame.sample_rate, frame.pts = 48000, number * samples
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        target.mux(speaker.encode(frame))
    target.mux(speaker.encode())


def film_on_its_side(*, index_in_front: bool = True) -> bytes:
    """Return what a phone held upright writes: frames on their side, and a matrix that turns them clockwise."""
    data = bytearray(film(3.0, size=(256, 144), sound="", lying=True, index_in_front=index_in_front))
    matrix = data.index(b"tkhd") + 44
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 144 << 16, 0, 1 << 30)
    return bytes(data)
