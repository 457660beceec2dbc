"""Make of a video one that Instagram takes: H.264 and AAC in MP4, upright, its index in front, small enough."""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.filter import Graph

from scheduler.lib.sniffing import Unfit

LONGEST_SIDE = 1920  # pixels
SOUND_HZ, SOUND_BITS_S, SOUND_SAMPLES = 48_000, 128_000, 1024
# Of what the size allows; the rest is for the container and for what the encoder's buffer lets through.
SHARE, PICTURE_BITS_S_MAX = 0.9, 10_000_000
# PIL turns against the clock, as `frame.rotation` counts; these turn as far.
_TURNS = {90: ("transpose", "cclock"), 180: ("hflip,vflip", ""), 270: ("transpose", "clock")}
_STRAIGHT = {"movflags": "faststart", "use_editlist": "0"}


@dataclass(frozen=True)
class Wish:
    """What the new video may be. fps: frames a second, the slowest and the fastest; size_bytes: of the whole file."""

    fps: tuple[int, int]
    size_bytes: int


def transcode(source: Path, target: Path, wish: Wish, tell: Callable[[float], None]) -> None:
    """Write the video at `source` anew to `target`.

    tell: called often, with the part that is done (0 to 1); what it raises ends the work and is raised here.
    Raises Unfit NOT_MENDED when the video cannot be read to its end.
    """
    try:
        with av.open(str(source), format="mp4") as film:
            first = next(film.decode(video=0))
        with (
            av.open(str(source), format="mp4") as film,
            av.open(str(target), "w", format="mp4", options=_STRAIGHT) as made,
        ):
            _Transcoding(film, made, wish, first).run(tell)
    except (av.FFmpegError, ValueError, StopIteration):
        raise Unfit("NOT_MENDED") from None


class _Transcoding:
    def __init__(self, film: InputContainer, made: OutputContainer, wish: Wish, first: av.VideoFrame) -> None:
        self.film, self.made, self.wish = film, made, wish
        self.source = film.streams.video[0]
        self.source.thread_type = "AUTO"
        self.seconds = (film.duration or av.time_base) / av.time_base
        self.fps = _rate(self.source.average_rate, *wish.fps)
        self.picture = made.add_stream("libx264", rate=self.fps, options=self._options())
        self.picture.pix_fmt = "yuv420p"
        # Before any sound is written: the first piece of anything opens every encoder.
        self.graph = self._graph_for(first)
        self.sound, self.resampler = None, None
        if film.streams.audio:
            self.sound = made.add_stream("aac", rate=SOUND_HZ, layout="stereo")
            self.sound.bit_rate = SOUND_BITS_S
            self.resampler = av.AudioResampler("fltp", "stereo", SOUND_HZ, SOUND_SAMPLES)

    def _options(self) -> dict[str, str]:
        room = int(self.wish.size_bytes * 8 * SHARE / self.seconds) - SOUND_BITS_S
        most = str(max(min(room, PICTURE_BITS_S_MAX), 100_000))
        group = str(round(self.fps * 2))
        return {
            "preset": "veryfast",
            "crf": "21",
            "maxrate": most,
            "bufsize": most,
            "g": group,
            "bf": "0",
            "flags": "+cgop",
        }

    def run(self, tell: Callable[[float], None]) -> None:
        """Read to the end, write to the end."""
        wanted = [self.source, *self.film.streams.audio[:1]]
        for packet in self.film.demux(wanted):
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    self._draw(frame)
                    tell(min((frame.time or 0.0) / self.seconds, 1.0))
                elif isinstance(frame, av.AudioFrame):
                    self._play(frame)
        self.graph.push(None)
        self._write_pictures()
        self.made.mux(self.picture.encode())
        if self.sound is not None:
            self._play(None)
            self.made.mux(self.sound.encode())

    def _draw(self, frame: av.VideoFrame) -> None:
        self.graph.push(frame)
        self._write_pictures()

    def _write_pictures(self) -> None:
        for frame in _pulled(self.graph):
            frame.pict_type = 0  # the encoder chooses where its groups begin
            self.made.mux(self.picture.encode(frame))

    def _play(self, frame: av.AudioFrame | None) -> None:
        if self.resampler is not None and self.sound is not None:
            for piece in self.resampler.resample(frame):
                self.made.mux(self.sound.encode(piece))

    def _graph_for(self, frame: av.VideoFrame) -> Graph:
        """Return what turns, scales and times frames like this one; set the size of what is written."""
        turn = frame.rotation % 360
        shown = (frame.height, frame.width) if turn in {90, 270} else (frame.width, frame.height)
        self.picture.width, self.picture.height = _fitting(*shown)
        graph = Graph()
        steps = [graph.add_buffer(template=self.source)]
        filters, how = _TURNS.get(turn, ("", ""))
        steps += [graph.add(name, how or None) for name in filters.split(",") if name]
        steps += [
            graph.add("scale", f"{self.picture.width}:{self.picture.height}"),
            graph.add("setsar", "1"),
            graph.add("fps", str(self.fps)),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*steps).configure()
        return graph


def _pulled(graph: Graph) -> Iterator[av.VideoFrame]:
    """Give what the graph has ready."""
    while True:
        try:
            frame = graph.pull()
        except av.EOFError:
            return
        except av.FFmpegError as waiting:
            if waiting.errno == errno.EAGAIN:
                return
            raise
        if isinstance(frame, av.VideoFrame):
            yield frame


def _rate(rate: Fraction | None, slowest: int, fastest: int) -> Fraction:
    """Return the rate that frames are written at: their own, or 30 for slower ones, or the fastest."""
    # A little above: the sound begins a moment earlier, and players count that moment in.
    if rate is None or rate < slowest + 0.5:
        return Fraction(30)
    return min(Fraction(rate), Fraction(fastest))


def _fitting(width: int, height: int) -> tuple[int, int]:
    """Return the size with its longest side in bounds; both even, as the colours ask."""
    part = min(1.0, LONGEST_SIDE / max(width, height))
    return max(round(width * part / 2) * 2, 2), max(round(height * part / 2) * 2, 2)
