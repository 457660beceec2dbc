"""A small painter's box on Pillow: smooth shapes with soft light, shadows and grain.

Coordinates are pixels, x to the right and y down; a shape is a closed list of points. Colours are "#rrggbb".
"""

import math
import random
from collections.abc import Iterable, Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps

Point = tuple[float, float]
Shape = list[Point]
# Two colours from start to end, or three with one in the middle.
Tones = Sequence[str]

FINE = 3  # edges are drawn this much larger and reduced, so that they are smooth
GRAIN = 0.048


class Canvas:
    """One picture in the making; `rng` is the only source of chance, so a seed gives the same picture."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        self.rng = random.Random(seed)
        self.image = Image.new("RGB", (width, height))

    def wash(self, tones: Tones, top: float = 0, bottom: float | None = None) -> None:
        """Fill the whole width between two heights, from the first tone above to the last below."""
        end = self.height if bottom is None else bottom
        self.image.paste(gradient(self.width, round(end - top), tones, "down"), (0, round(top)))

    def shape(
        self, outline: Shape, tones: Tones, way: str = "across", *, blur: float = 0, opacity: float = 1.0
    ) -> None:
        """Paint a shape; its tones run `across`, `down`, or as on a `ball` lit from the upper left."""
        margin = math.ceil(blur * 2.5) + 1
        left, top, right, bottom = _box(outline, margin)
        left, top = max(left, -self.width), max(top, -self.height)
        right, bottom = min(right, 2 * self.width), min(bottom, 2 * self.height)
        if right <= left or bottom <= top:
            return
        size = (right - left, bottom - top)
        mask = _mask(outline, (left, top), size, blur)
        if opacity < 1:
            mask = mask.point([round(step * opacity) for step in range(256)])
        paint = gradient(*size, tones, way) if len(set(tones)) > 1 else Image.new("RGB", size, tones[0])
        self.image.paste(paint, (left, top), mask)

    def shadow(self, outline: Shape, *, blur: float = 22, opacity: float = 0.3, colour: str = "#2b1a12") -> None:
        """Paint a soft shadow in the form of `outline`."""
        self.shape(outline, [colour], blur=blur, opacity=opacity)

    def glow(self, x: float, y: float, radius: float, colour: str, strength: float = 0.6) -> None:
        """Let light spread from a point and fade to nothing at `radius`."""
        size = round(radius * 2)
        light = _falloff().point([round(step * strength) for step in range(256)])
        light = light.resize((size, size), Image.Resampling.BILINEAR)
        self.image.paste(Image.new("RGB", (size, size), colour), (round(x - radius), round(y - radius)), light)

    def line(self, points: Iterable[Point], thickness: float, colour: str, *, opacity: float = 1.0) -> None:
        """Paint a smooth line through the points."""
        self.shape(ribbon(list(points), thickness), [colour], opacity=opacity)

    def finish(self) -> Image.Image:
        """Darken the corners a little and put the grain on; return the picture."""
        wide, high = self.width / 6, self.height / 6
        light = _falloff().resize((128, 128)).crop((21, 21, 107, 107)).resize((round(wide), round(high)))
        light = light.point([round(206 + 49 * min(step / 110, 1)) for step in range(256)])
        light = light.resize(self.image.size, Image.Resampling.BILINEAR)
        left, top = self.rng.randrange(200), self.rng.randrange(200)
        grain = _grain().crop((left, top, left + self.width, top + self.height))
        return ImageChops.add(ImageChops.multiply(self.image, Image.merge("RGB", [light] * 3)), grain, 1, -128)


@lru_cache
def _grain() -> Image.Image:
    """Return a sheet of grain, larger than any picture, so that each takes another part of it."""
    width, height = 1300, 2150
    coarse = Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height))
    soft = coarse.filter(ImageFilter.BoxBlur(0.6))
    return Image.merge("RGB", [soft.point([round(128 + (step - 128) * GRAIN) for step in range(256)])] * 3)


def gradient(width: int, height: int, tones: Tones, way: str) -> Image.Image:
    """Return a picture filled with tones that run `across`, `down`, or as on a `ball`."""
    mid = tones[1] if len(tones) == 3 else None
    small = ImageOps.colorize(_ramp(way), black=tones[0], white=tones[-1], mid=mid)
    size = (max(width, 1), max(height, 1))
    if way == "ball":
        return small.resize(size, Image.Resampling.BILINEAR)
    # A strip of one pixel is made smooth and then only repeated: that is much less work.
    strip = (1, size[1]) if way == "down" else (size[0], 1)
    return small.resize(strip, Image.Resampling.BILINEAR).resize(size, Image.Resampling.NEAREST)


@lru_cache
def _ramp(way: str) -> Image.Image:
    if way == "ball":
        # The light sits in the upper left third.
        lit = Image.radial_gradient("L").resize((512, 512)).crop((140, 157, 470, 487)).point(_stretched(8, 205))
        return lit.resize((110, 110))
    strip = Image.linear_gradient("L").resize((1, 256))
    return strip if way == "down" else strip.transpose(Image.Transpose.ROTATE_90)


def _stretched(low: int, high: int) -> list[int]:
    return [max(0, min(255, round((step - low) * 255 / (high - low)))) for step in range(256)]


@lru_cache
def _falloff() -> Image.Image:
    """Return white in the middle that fades to black at the rim of the circle, gently at both ends."""
    fade = [round(255 * (0.5 + 0.5 * math.cos(math.pi * min(step / 180, 1)))) for step in range(256)]
    return Image.radial_gradient("L").point(fade)


def _box(outline: Shape, margin: int) -> tuple[int, int, int, int]:
    across, down = [x for x, _y in outline], [y for _x, y in outline]
    left, top = math.floor(min(across)) - margin, math.floor(min(down)) - margin
    return left, top, math.ceil(max(across)) + margin, math.ceil(max(down)) + margin


def _mask(outline: Shape, origin: Point, size: tuple[int, int], blur: float) -> Image.Image:
    """Return where the shape is, in 255 shades; a blurred one is drawn small, which nobody can see."""
    scale = FINE if blur < 2 else min(1.0, 5 / blur)
    drawn = (max(math.ceil(size[0] * scale), 1), max(math.ceil(size[1] * scale), 1))
    mask = Image.new("L", drawn)
    points = [((x - origin[0]) * scale, (y - origin[1]) * scale) for x, y in outline]
    ImageDraw.Draw(mask).polygon(points, fill=255)
    if blur < 2:
        return mask.reduce(FINE)
    return mask.filter(ImageFilter.GaussianBlur(blur * scale)).resize(size, Image.Resampling.BILINEAR)


# --- Shapes -----------------------------------------------------------------------------------------------
def ellipse(x: float, y: float, across: float, down: float, turn: float = 0, n: int = 72) -> Shape:
    """Return an ellipse by its centre and radii, turned by `turn` degrees."""
    points = [
        (across * math.cos(2 * math.pi * step / n), down * math.sin(2 * math.pi * step / n)) for step in range(n)
    ]
    return moved(points, x, y, turn)


def rectangle(left: float, top: float, right: float, bottom: float) -> Shape:
    """Return a rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def capsule(x: float, y: float, length: float, thickness: float, turn: float = 0) -> Shape:
    """Return a bar with round ends, tapering a little like a loaf."""
    points = [
        (
            length / 2 * math.copysign(abs(math.cos(angle)) ** 0.55, math.cos(angle)),
            thickness / 2 * math.copysign(abs(math.sin(angle)) ** 0.85, math.sin(angle)),
        )
        for angle in (2 * math.pi * step / 72 for step in range(72))
    ]
    return moved(points, x, y, turn)


def lens(start: Point, end: Point, width: float, bend: float = 0) -> Shape:
    """Return a leaf's outline from stalk to tip; `bend` curves it sideways."""
    length, turn = math.dist(start, end), math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
    steps = [step / 16 for step in range(17)]
    spine = [(length * at, bend * math.sin(math.pi * at)) for at in steps]
    half = [width / 2 * math.sin(math.pi * at**0.8) for at in steps]
    above = [(x, y - by) for (x, y), by in zip(spine, half, strict=True)]
    below = [(x, y + by) for (x, y), by in zip(spine, half, strict=True)]
    return moved(above + below[::-1], *start, turn)


def smooth(points: Shape, closed: bool = False, steps: int = 10) -> Shape:
    """Return a curve through the points (Catmull-Rom)."""
    ends = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    curve = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        curve += [_between(before, start, end, after, step / steps) for step in range(steps)]
    return curve if closed else [*curve, points[-1]]


def _between(before: Point, start: Point, end: Point, after: Point, at: float) -> Point:
    def one(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * at + (2 * a - 5 * b + 4 * c - d) * at**2 + (3 * b - a - 3 * c + d) * at**3)

    return one(before[0], start[0], end[0], after[0]), one(before[1], start[1], end[1], after[1])


def ribbon(points: Shape, thickness: float, end_thickness: float | None = None) -> Shape:
    """Return the outline of a line through the points, thinning to `end_thickness`."""
    last = thickness if end_thickness is None else end_thickness
    left, right = [], []
    for place, (x, y) in enumerate(points):
        ahead, behind = points[min(place + 1, len(points) - 1)], points[max(place - 1, 0)]
        angle = math.atan2(ahead[1] - behind[1], ahead[0] - behind[0]) + math.pi / 2
        half = (thickness + (last - thickness) * place / max(len(points) - 1, 1)) / 2
        left.append((x + half * math.cos(angle), y + half * math.sin(angle)))
        right.append((x - half * math.cos(angle), y - half * math.sin(angle)))
    return left + right[::-1]


def moved(points: Shape, x: float, y: float, turn: float = 0) -> Shape:
    """Return the points turned around the origin by degrees, then moved."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in points]


def mixed(one: str, other: str, share: float) -> str:
    """Return a colour between two; `share` 0 is the first, 1 the second."""
    pairs = zip(ImageColor.getrgb(one)[:3], ImageColor.getrgb(other)[:3], strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
