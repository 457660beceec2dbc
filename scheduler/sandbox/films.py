"""Look into fetched videos and say what Instagram would refuse; pure, on bytes.

Sources: fact sheet 4.1, 5.3 and 8.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import av
from PIL import Image

from scheduler.sandbox import errors
from scheduler.sandbox.errors import refuse
from scheduler.sandbox.inspecting import STORY_SECONDS, STORY_VIDEO_BYTES, VIDEO_BYTES, Picture, looks_like_text

VIDEO_SECONDS = (3.0, 900.0)
# Streams say 29.97 or 60.02; a little room at both ends is what a "23–60" check gives in practice.
_FPS = (22.9, 60.1)
_WIDTH = 1920
_CODECS = {"h264", "hevc"}
_PIXELS = {"yuv420p", "yuvj420p", "yuv420p10le", "nv12"}
_POSTER_WIDTH = 640


@dataclass(frozen=True)
class Film:
    """What matters of a fetched video."""

    duration_s: float
    megabytes: float
    poster: Picture


def check_video(data: bytes, *, is_story: bool, thumb_offset_ms: int = 0) -> Film:
    """Return what matters of the video; raise GraphError with the subcode the status will carry."""
    if looks_like_text(data):
        raise refuse(errors.NOT_FETCHED)
    if len(data) > (STORY_VIDEO_BYTES if is_story else VIDEO_BYTES):
        raise refuse(errors.VIDEO_FORMAT)
    try:
        # By its name, or FFmpeg would also follow play lists, to files and other hosts.
        with av.open(BytesIO(data), format="mp4") as film:
            return _inspect(film, len(data) / 1e6, is_story, thumb_offset_ms)
    except av.FFmpegError:
        is_mp4 = data[4:8] == b"ftyp"
        raise refuse(errors.PROCESSING_FAILED if is_mp4 else errors.VIDEO_FORMAT) from None


def _inspect(film: Any, megabytes: float, is_story: bool, thumb_offset_ms: int) -> Film:
    if "mp4" not in film.format.name or not film.streams.video:
        raise refuse(errors.VIDEO_FORMAT)
    stream = film.streams.video[0]
    duration_s = (film.duration or 0) / av.time_base
    if not _stream_fits(stream, is_story) or not _duration_fits(duration_s, is_story):
        raise refuse(errors.VIDEO_FORMAT)
    if thumb_offset_ms >= duration_s * 1000:
        raise refuse(errors.THUMB_OFFSET)
    return Film(duration_s, megabytes, _poster(film, thumb_offset_ms / 1000))


def _stream_fits(stream: Any, is_story: bool) -> bool:
    ratio = stream.width / stream.height if stream.height else 0
    fps = float(stream.average_rate or 0)
    return (
        stream.codec_context.name in _CODECS
        and stream.codec_context.pix_fmt in _PIXELS
        and _FPS[0] <= fps <= _FPS[1]
        and stream.width <= _WIDTH
        and (0.1 if is_story else 0.01) <= ratio <= 10
    )


def _duration_fits(duration_s: float, is_story: bool) -> bool:
    shortest, longest = VIDEO_SECONDS
    # A story that is a little too long gets through to publishing and is refused there.
    return shortest <= duration_s <= longest + 0.5 or (is_story and duration_s >= STORY_SECONDS)


def _poster(film: Any, at_s: float) -> Picture:
    """Return the frame shown at `at_s`: seeks land on key frames, so it decodes forward from there."""
    film.seek(int(at_s * av.time_base))
    frame = None
    for frame in film.decode(video=0):
        if frame.time is None or frame.time >= at_s:
            break
    if frame is None:
        raise refuse(errors.PROCESSING_FAILED)
    return _as_jpeg(frame.to_image())


def _as_jpeg(image: Image.Image) -> Picture:
    image.thumbnail((_POSTER_WIDTH, _POSTER_WIDTH * 4))
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return Picture(out.getvalue(), image.width, image.height)
