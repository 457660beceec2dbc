"""A short reel, drawn and encoded on the spot: four seconds of something that moves slowly, with a soft chord."""

import array
import math
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import av
from PIL import Image, ImageChops, ImageFilter

from scheduler.demo import scenes
from scheduler.demo.canvas import Canvas, mixed, ribbon, smooth
from scheduler.demo.scenes import Palette

WIDTH, HEIGHT, FPS, SECONDS = 540, 960, 24, 4
ON_TWOS = 2  # each drawing is shown twice, as in hand-drawn films
RATE = 22_050
CHORD_HZ = (220, 277, 330, 440)
MIST = (225, 330)  # the part of the picture where steam rises, in pixels
Frames = Callable[[float], Image.Image]


def sunrise(palette: Palette) -> Frames:
    """Return the frames of a sun that rises behind drifting hills."""
    sky = Canvas(WIDTH, HEIGHT, 1)
    sky.wash((mixed(palette.wall[0], "#7f8fb0", 0.3), mixed(palette.accent, "#ffe8c4", 0.45), "#ffe9c8"))
    sun = Image.new("RGB", (400, 400), "#fff3cf")
    glow = Image.radial_gradient("L").resize((400, 400)).point([max(0, 255 - step * 2) for step in range(256)])
    ridges = [_ridge(palette, level) for level in range(4)]

    def frame(at: float) -> Image.Image:
        picture = sky.image.copy()
        picture.paste(sun, (90, round(255 - 130 * at)), glow)
        for level, (tone, mask) in enumerate(ridges):
            picture.paste(tone, (round(-35 * at * (level + 1)) - 15, 420 + level * 90), mask)
        return picture

    return frame


def _ridge(palette: Palette, level: int) -> tuple[Image.Image, Image.Image]:
    """Return a hill's colour and its outline, wider than the picture so that it can drift."""
    size, share = (WIDTH + 180, HEIGHT - 420 - level * 90), level / 3
    drawn, cut = Canvas(*size, level), Canvas(*size, level)
    tone = mixed(mixed(palette.accent, "#ffe8cf", 0.4), mixed(palette.leaf, "#16211d", 0.6), share)
    drawn.wash((mixed(tone, "#fff0d4", 0.2), tone))
    crest = smooth(
        [(x, 45 + 26 * math.sin(x / (90 + 22 * level) + level * 2)) for x in range(-100, size[0] + 140, 45)]
    )
    cut.shape([*crest, (size[0] + 100, size[1] + 10), (-100, size[1] + 10)], ["#ffffff"])
    return drawn.image, cut.image.convert("L")


def steam(palette: Palette) -> Frames:
    """Return the frames of a cup whose steam rises."""
    room = Canvas(1080, 1920, 5)
    scenes.coffee(room, palette)
    still = room.finish().resize((WIDTH, HEIGHT))
    white = Image.new("RGB", MIST, "#fffdf6")

    def frame(at: float) -> Image.Image:
        mist = Image.new("L", MIST)
        for thread in range(3):
            mist = ImageChops.lighter(mist, _thread(at, thread))
        picture = still.copy()
        picture.paste(white, (118, 300), mist.filter(ImageFilter.GaussianBlur(7)))
        return picture

    return frame


def _thread(at: float, thread: int) -> Image.Image:
    """Return one thread of steam, winding upwards as time passes (`at` from 0 to 1)."""
    phase = at * 4 * math.pi + thread * 2.1
    top = 30 + thread * 36
    curve = smooth(
        [
            (80 + thread * 32 + 18 * math.sin(phase + height / 50) * (1 - height / 330), height)
            for height in range(310, top, -30)
        ]
    )
    canvas = Canvas(*MIST, 0)
    canvas.shape(ribbon(curve, 18, 2), ["#8a8a8a"])
    return canvas.image.convert("L")


def write(frames: Frames, path: Path) -> None:
    """Encode the frames as Instagram likes them: H.264, 4:2:0, AAC, the index in front."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as film:
        picture = film.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "25"})
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        speaker = film.add_stream("aac", rate=RATE, layout="mono")
        for number in range(FPS * SECONDS):
            if number % ON_TWOS == 0:
                shown = frames(number / (FPS * SECONDS))
            film.mux(picture.encode(av.VideoFrame.from_image(shown)))
        film.mux(picture.encode())
        for number in range(RATE * SECONDS // 1024):
            film.mux(speaker.encode(_sound(number * 1024)))
        film.mux(speaker.encode())


def _sound(start: int) -> av.AudioFrame:
    """Return 1,024 samples of a quiet chord that swells and fades."""
    swell = 0.05 * math.sin(math.pi * start / RATE / SECONDS)
    chord = _second_of_chord()
    samples = array.array("f", (swell * chord[place % RATE] for place in range(start, start + 1024)))
    frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
    frame.sample_rate, frame.pts = RATE, start
    frame.planes[0].update(samples.tobytes())
    return frame


@lru_cache
def _second_of_chord() -> list[float]:
    """Return one second; its tones are whole hertz, so that it can follow itself."""
    turn = 2 * math.pi / RATE
    return [sum(math.sin(turn * hertz * place) for hertz in CHORD_HZ) for place in range(RATE)]
