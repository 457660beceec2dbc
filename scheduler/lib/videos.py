"""Look into a video as people upload it: what it is, its first good still, and whether it may go out as it came."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
from av.container import InputContainer
from PIL import Image, ImageStat

from scheduler.lib.sniffing import Unfit

# Instagram takes these, with 4:2:0 colours.
CODECS = frozenset({"h264", "hevc"})
SOUND_CODECS = frozenset({"aac"})
UNNAMED = "?"
PIXEL_FORMATS = frozenset({"yuv420p", "yuvj420p", "yuv420p10le", "nv12"})
# A still with less spread than this (of 255) is a black or plain lead-in; a later one is looked for.
PLAIN = 12
LOOK_FOR_STILL_S = 3.0
# More than a frame of 4K has; a small file may say that a frame has 60 million, which take 1.3 GB when decoded.
PIXELS_MAX = 4096 * 2304
_DECODING = {"max_pixels": str(PIXELS_MAX)}
# A quarter of an hour at 60 frames a second has 54,000, and as many pieces of sound.
INDEX_MAX = 2_000_000
# Where a box of the index says how many it lists, in bytes from its name: samples, samples of a fragment, edits.
_SAMPLES = {b"stsz": 12, b"stz2": 12, b"trun": 8}
_EDITS = {b"elst": 8}
# So many frames are looked at for a still; their times may stand still, too.
FRAMES_MAX = 300
LOOK_EVERY_S = 0.25


@dataclass(frozen=True)
class Film:
    """What matters of a video; width and height are as it is shown, turned upright."""

    duration_ms: int
    width: int
    height: int
    coded_width: int
    fps: float
    codec: str
    pixel_format: str
    sound_codec: str  # "" without sound
    tells_place: bool
    still: Image.Image


def read_film(path: Path, *, widest: int) -> Film:
    """Return what the video at `path` is.

    widest: pixels; a wider one is not decoded.
    Raises Unfit: BROKEN_VIDEO (no index, cut off, not decodable), NO_PICTURE (only sound), VIDEO_CODEC, or
    VIDEO_TOO_WIDE.
    """
    if is_cut_off(path):
        raise Unfit("BROKEN_VIDEO")
    if _has_a_boundless_index(path):
        raise Unfit("VIDEO_CODEC", codec=UNNAMED)
    try:
        # By its name, or FFmpeg would also follow play lists, to files and other hosts.
        with av.open(str(path), format="mp4", options=_DECODING) as film:
            if not film.streams.video:
                raise Unfit("NO_PICTURE")
            _refuse_unreadable(film.streams.video[0], widest)
            return _read(film)
    except (av.FFmpegError, ValueError, IndexError):
        raise Unfit("BROKEN_VIDEO") from None


def _refuse_unreadable(stream: av.VideoStream, widest: int) -> None:
    if not stream.codec_context:
        raise Unfit("VIDEO_CODEC", codec=UNNAMED)
    if stream.width > widest:
        raise Unfit("VIDEO_TOO_WIDE", most=widest)


def _read(film: InputContainer) -> Film:
    stream, still = film.streams.video[0], _good_still(film)
    return Film(
        duration_ms=round((film.duration or 0) * 1000 / av.time_base),
        width=still.width,
        height=still.height,
        coded_width=stream.width,
        fps=float(stream.average_rate or 0),
        codec=stream.codec_context.name,
        pixel_format=stream.codec_context.pix_fmt or "",
        sound_codec=_codec_of(film.streams.audio[0]) if film.streams.audio else "",
        tells_place=_tells_place(film),
        still=still,
    )


def _tells_place(film: InputContainer) -> bool:
    """Return whether it may say where it was taken: in words, or as a track beside picture and sound."""
    words = [film.metadata, *(stream.metadata for stream in film.streams)]
    named = any("location" in name.lower() for metadata in words for name in metadata)
    return named or any(stream.type not in {"video", "audio"} for stream in film.streams)


def _codec_of(sound: av.AudioStream) -> str:
    """Return the codec's name; FFmpeg has none for every one there is."""
    return sound.codec_context.name if sound.codec_context else UNNAMED


def _good_still(film: InputContainer) -> Image.Image:
    """Return the first frame with something on it, upright; the first of all when the lead-in is long."""
    film.streams.video[0].thread_type = "AUTO"
    film.streams.video[0].codec_context.options = _DECODING
    first = None
    for frame in _every_so_often(film):
        still = upright(frame)
        if ImageStat.Stat(still.convert("L")).stddev[0] > PLAIN:
            return still
        first = first or still
    if first is None:
        raise Unfit("BROKEN_VIDEO")
    return first


def _every_so_often(film: InputContainer) -> Iterator[av.VideoFrame]:
    wanted_s = 0.0
    for frame in islice(film.decode(video=0), FRAMES_MAX):
        at_s = frame.time or 0.0
        if at_s >= wanted_s:
            yield frame
            wanted_s = at_s + LOOK_EVERY_S
        if at_s > LOOK_FOR_STILL_S:
            return


def upright(frame: av.VideoFrame) -> Image.Image:
    """Return a frame as it is shown, turned as the film says."""
    still = frame.to_image()
    return still.rotate(frame.rotation, expand=True) if frame.rotation else still


def index_is_in_front(path: Path) -> bool:
    """Return whether the index (`moov`) stands before the pictures, so that a player can start at once."""
    return next((kind for kind, _ends in _boxes(path) if kind in {b"moov", b"mdat"}), b"") == b"moov"


def is_cut_off(path: Path) -> bool:
    """Return whether the file ends inside one of its parts: an upload or a download that stopped halfway."""
    size = path.stat().st_size
    return any(ends > size for _kind, ends in _boxes(path))


def _boxes(path: Path) -> Iterator[tuple[bytes, int]]:
    """Give the kind and the end (bytes from the start) of each outermost part."""
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, kind, began = int.from_bytes(head[:4]), head[4:], file.tell() - 8
            if size == 1:  # a large part tells its size in the next eight bytes
                size = int.from_bytes(file.read(8))
            if size < 8:  # 0: up to the end of the file
                yield kind, began
                return
            yield kind, began + size
            file.seek(began + size)


def _has_a_boundless_index(path: Path) -> bool:
    """Return whether a file of a few bytes would make FFmpeg build an index of gigabytes.

    A track may say that it has four thousand million samples of one size, without listing them, and each edit of it
    has them again. Told by the names alone, at whatever depth: what FFmpeg finds there must not be hidden from us.
    """
    samples = edits = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for begins, ends in _beside_the_pictures(path):
            if data.find(b"cmov", begins, ends) >= 0:  # an index that is packed
                return True
            samples += sum(_told(data, begins, ends, _SAMPLES))
            edits += sum(_told(data, begins, ends, _EDITS))
    return samples * max(edits, 1) > INDEX_MAX


def _beside_the_pictures(path: Path) -> Iterator[tuple[int, int]]:
    """Give begin and end of each outermost part that is not pictures and sound themselves."""
    begins, size = 0, path.stat().st_size
    for kind, told in _boxes(path):
        ends = told if told > begins else size
        if kind != b"mdat":
            yield begins, ends
        begins = ends


def _told(data: mmap.mmap, begins: int, ends: int, places: dict[bytes, int]) -> Iterator[int]:
    for name, place in places.items():
        at = data.find(name, begins, ends)
        while at >= 0:
            yield int.from_bytes(data[at + place : at + place + 4])
            at = data.find(name, at + 4, ends)


def copy_streams(source: Path, target: Path) -> bool:
    """Write first picture and sound to an MP4 with its index in front and no words about the place.

    Nothing is decoded or made worse. False when these streams cannot be copied; `target` is then worthless.
    """
    try:
        with (
            av.open(str(source), format="mp4") as film,
            av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as copy,
        ):
            wanted = [*film.streams.video[:1], *film.streams.audio[:1]]
            made = {stream.index: copy.add_stream_from_template(stream) for stream in wanted}
            for packet in film.demux(wanted):
                if packet.dts is None:
                    continue
                packet.stream = made[packet.stream.index]
                copy.mux(packet)
    except (av.FFmpegError, ValueError):
        return False
    return True
