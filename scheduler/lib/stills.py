"""Single frames of a video, upright: what it shows at given moments."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import av
from av.container import InputContainer
from PIL import Image

from scheduler.lib.sniffing import Unfit
from scheduler.lib.videos import PIXELS_MAX, upright

# Decoded for one moment at most: what lies further behind the last key frame is shown by what was reached.
FRAMES_MAX = 300
# A moment so near after the one before is reached by reading on, without a new search for a key frame.
READ_ON_S = 2.0


def stills(path: Path, moments_s: Sequence[float], at_most: int = FRAMES_MAX) -> Iterator[Image.Image]:
    """Yield what the video shows at each moment, in seconds from its begin and rising.

    at_most: frames to decode for one moment.
    Raises Unfit (BROKEN_VIDEO) when nothing can be decoded.
    """
    try:
        with av.open(str(path), format="mp4", options={"max_pixels": str(PIXELS_MAX)}) as film:
            yield from _shown(film, moments_s, at_most)
    except (av.FFmpegError, ValueError, IndexError):
        raise Unfit("BROKEN_VIDEO") from None


def _shown(film: InputContainer, moments_s: Sequence[float], at_most: int) -> Iterator[Image.Image]:
    stream = film.streams.video[0]
    stream.thread_type = "AUTO"
    begin = (stream.start_time or 0) * stream.time_base if stream.time_base else 0
    frame, frames, read_s = None, film.decode(video=0), 0.0
    for moment in moments_s:
        at = moment + float(begin)
        if moment > read_s + READ_ON_S:
            film.seek(round(at * av.time_base), backward=True)
            frames = film.decode(video=0)
        frame = _frame_at(islice(frames, at_most), at, frame)
        if frame is None:
            raise Unfit("BROKEN_VIDEO")
        read_s = max(moment, (frame.time or 0.0) - float(begin))
        yield upright(frame)


def _frame_at(frames: Iterator[av.VideoFrame], at_s: float, last: av.VideoFrame | None) -> av.VideoFrame | None:
    """Return the frame that is on the screen at a moment; the nearest before it when that is too far to decode."""
    shown = last
    for frame in frames:
        if shown is None or (frame.time or 0.0) <= at_s:
            shown = frame
        if (frame.time or 0.0) >= at_s:
            break
    return shown
