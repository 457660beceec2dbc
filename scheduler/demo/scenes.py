"""Whole pictures: a bakery's and a photo studio's. Each scene draws on a canvas with one palette."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from scheduler.demo import things
from scheduler.demo.canvas import Canvas, Shape, ellipse, mixed, rectangle, smooth

Scene = Callable[[Canvas, "Palette"], None]
LINEN = ("#f6ecdb", "#e6d5bb")
CLAY = ("#efb08a", "#c8714a", "#8d4429")
CHALK = ("#ffffff", "#efe6d8", "#c2b29b")
OLIVE = ("#b3b58a", "#7d8457", "#4b5234")
INK = ("#7b8794", "#47515f", "#262d38")
ROSE = ("#f2c7b8", "#d4917d", "#96574a")


@dataclass(frozen=True)
class Palette:
    """Wall from above to below, table from behind to the front, pottery in three tones, leaves, and an accent."""

    wall: tuple[str, str]
    table: tuple[str, str]
    pottery: tuple[str, str, str]
    leaf: str
    accent: str


PALETTES = (
    Palette(("#f3dcc0", "#e8b98e"), ("#b9794c", "#8a5230"), CHALK, "#6f8350", "#d98b3f"),
    Palette(("#dfe3d0", "#b9c3a4"), ("#d9c3a0", "#b0926a"), CLAY, "#5f7a4c", "#d77a4a"),
    Palette(("#f7e3d6", "#e5b3a0"), ("#f0d8c4", "#cfa78e"), OLIVE, "#7c8a54", "#b75b48"),
    Palette(("#c9d6d6", "#9db4b5"), ("#e4d2b8", "#b99c77"), CHALK, "#557a63", "#e0a04b"),
    Palette(("#f8ead0", "#edc984"), ("#a8693c", "#73421f"), ROSE, "#78864a", "#c9602f"),
    Palette(("#8f5a44", "#6b3d30"), ("#53302a", "#38201d"), CHALK, "#8d9a68", "#f0b560"),
    Palette(("#e9dfe6", "#c7adb9"), ("#dcc5bd", "#ab8b84"), INK, "#6a7f66", "#a84f6b"),
    Palette(("#33413f", "#232e2e"), ("#6d4a34", "#432c20"), CLAY, "#83936a", "#f1b964"),
)


def draw(scene: Scene, palette: int, seed: int, size: tuple[int, int]) -> Image.Image:
    """Return the scene as a picture of `size` pixels; the same words give the same picture."""
    canvas = Canvas(*size, seed)
    scene(canvas, PALETTES[palette])
    return canvas.finish()


def _room(canvas: Canvas, palette: Palette, horizon: float = 0.68) -> float:
    """Paint a wall in the light of a window, and a table; return where the table begins."""
    edge = canvas.height * horizon
    canvas.wash(palette.wall)
    canvas.glow(
        canvas.width * 0.18, canvas.height * 0.16, canvas.width * 0.85, mixed(palette.wall[0], "#fff6df", 0.75), 0.75
    )
    canvas.wash(palette.table, edge)
    canvas.shape(rectangle(-40, edge - 26, canvas.width + 40, edge + 6), [things.DARK], blur=16, opacity=0.16)
    canvas.shape(
        rectangle(-40, edge, canvas.width + 40, edge + 5), [mixed(palette.table[0], "#fff3da", 0.4)], opacity=0.7
    )
    canvas.glow(canvas.width * 0.25, edge + 90, canvas.width * 0.6, mixed(palette.table[0], "#ffeccb", 0.5), 0.4)
    return edge


def _cloth(canvas: Canvas, tones: tuple[str, str]) -> None:
    """Paint a linen cloth seen from above: faint threads, and light from the upper left."""
    canvas.wash(tones)
    for step in range(0, canvas.height, 9):
        canvas.shape(rectangle(0, step, canvas.width, step + 3), [mixed(tones[1], "#ffffff", 0.4)], opacity=0.16)
    canvas.glow(canvas.width * 0.2, canvas.height * 0.15, canvas.width * 0.95, "#fffaf0", 0.6)


def _arch(canvas: Canvas, x: float, base: float, width: float, height: float, colour: str) -> None:
    top = [
        (x + width / 2 * math.cos(a), base - height + width / 2 - width / 2 * math.sin(a))
        for a in (math.pi * step / 40 for step in range(41))
    ]
    canvas.shape(
        [(x + width / 2, base), *top, (x - width / 2, base)], [mixed(colour, "#ffffff", 0.16), colour], "down"
    )


# --- The bakery -------------------------------------------------------------------------------------------
def loaves(canvas: Canvas, palette: Palette) -> None:
    """Round loaves on a board, with wheat behind."""
    edge = _room(canvas, palette, 0.64)
    things.window_light(canvas, canvas.width * 0.12, edge - 470, 420)
    mouth = things.vase(canvas, 860, edge + 40, 210, palette.pottery, canvas.rng.randrange(3))
    for lean in (-120, -50, 20, 90):
        things.wheat(canvas, (860 + lean * 0.1, mouth + 10), (860 + lean, mouth - 330 - abs(lean)), palette.accent)
    base = edge + 190
    canvas.shadow(ellipse(480, base + 22, 430, 56), blur=26, opacity=0.34)
    canvas.shape(ellipse(450, base + 20, 410, 58), ["#7c4a29"])
    canvas.shape(ellipse(450, base + 2, 410, 58), ["#d9a472", "#a86b3f"], "across")
    things.boule(canvas, 590, base - 14, 350)
    things.boule(canvas, 320, base + 10, 400)


def baguettes(canvas: Canvas, palette: Palette) -> None:
    """Long loaves on a cloth, from above."""
    _cloth(canvas, LINEN if palette.wall[0] > "#a" else palette.wall)
    middle, turn = canvas.height / 2, canvas.rng.choice((-52, -38, 48))
    stripe = math.tan(math.radians(6)) * canvas.height
    for left in (96, 128, 880):
        band: Shape = [
            (left, -10),
            (left + 16, -10),
            (left + 16 + stripe, canvas.height + 10),
            (left + stripe, canvas.height + 10),
        ]
        canvas.shape(band, [palette.accent], opacity=0.5)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    for step in (-1.5, -0.5, 0.5, 1.5):
        off = step * 178
        wobble = canvas.rng.uniform(-40, 40)
        things.baguette(
            canvas, 540 - off * sin + wobble * cos, middle + off * cos + wobble * sin, 860, turn + step * 1.6
        )
    for step in range(3):
        foot = (160 + step * 60, canvas.height - 30)
        things.wheat(canvas, foot, (110 + step * 110, canvas.height - 440 + step * 46), palette.accent)


def coffee(canvas: Canvas, palette: Palette) -> None:
    """A cup in the morning light."""
    edge = _room(canvas, palette, 0.62)
    things.window_light(canvas, canvas.width * 0.42, edge - 560, 470)
    things.cup(canvas, 460, edge + 190, 400, palette.pottery)
    mouth = things.vase(canvas, 850, edge + 30, 190, CLAY if palette.pottery != CLAY else CHALK, 1)
    things.branch(canvas, [(850, mouth), (830, mouth - 200), (930, mouth - 400)], palette.leaf, leaves=10, size=130)
    things.branch(canvas, [(850, mouth), (790, mouth - 130), (720, mouth - 250)], palette.leaf, leaves=7, size=105)


def breakfast(canvas: Canvas, palette: Palette) -> None:
    """Croissants and coffee, from above."""
    _cloth(canvas, palette.wall)
    turn = canvas.rng.uniform(-16, 16)
    things.plate(canvas, 450, canvas.height * 0.56, 390, palette.pottery[1])
    things.croissant(canvas, 450, canvas.height * 0.55, 560, turn)
    things.cup_from_above(canvas, 830, canvas.height * 0.22, 370, CHALK[1])
    things.branch(canvas, [(40, 60), (210, 150), (400, 130)], palette.leaf, leaves=8, size=110)
    for step in range(9):
        x, y = (
            760 + 90 * math.cos(step * 2.4) * (step / 5),
            canvas.height * 0.84 + 50 * math.sin(step * 2.4) * (step / 5),
        )
        canvas.shadow(ellipse(x + 5, y + 7, 21, 21), blur=6, opacity=0.3)
        canvas.shape(ellipse(x, y, 21, 21), ["#93a4cf", "#4a5588", "#2b3157"], "ball")


def croissants(canvas: Canvas, palette: Palette) -> None:
    """A tray of croissants in rows."""
    canvas.wash((mixed(palette.table[0], "#ffffff", 0.1), palette.table[1]))
    canvas.glow(200, 150, 900, "#ffe9c4", 0.45)
    rows = max(round(canvas.height / 420), 2)
    for row in range(rows):
        for column in range(3):
            x = 190 + column * 350 + (row % 2) * 24 - 12
            y = canvas.height * (row + 0.5) / rows - 30
            things.croissant(canvas, x, y, 330, canvas.rng.uniform(-14, 14) + 8)


def wheat_field(canvas: Canvas, palette: Palette) -> None:
    """Ears of wheat before a low sun."""
    canvas.wash((mixed(palette.wall[0], palette.accent, 0.12), mixed(palette.wall[1], palette.accent, 0.4)))
    sun = canvas.height * 0.38
    canvas.glow(700, sun, 720, "#fff0c0", 0.9)
    canvas.shape(ellipse(700, sun, 150, 150), ["#fffaf0", "#ffe09a"], "down")
    for depth, count in ((0.45, 9), (0.2, 8), (0.0, 6)):
        tone = mixed(mixed(palette.accent, "#e9b65a", 0.5), palette.wall[1], depth)
        for step in range(count):
            x = (step + canvas.rng.uniform(0.1, 0.9)) * canvas.width / count
            top = canvas.height * (0.34 + 0.16 * (1 - depth)) + canvas.rng.uniform(-90, 110)
            lean = canvas.rng.uniform(10, 110)
            things.wheat(canvas, (x - 30, canvas.height + 20), (x + lean, top), tone)


def shelves(canvas: Canvas, palette: Palette) -> None:
    """Two shelves with bread and jars."""
    canvas.wash(palette.wall)
    canvas.glow(220, 120, 950, "#fff3d8", 0.55)
    for base in (canvas.height * 0.46, canvas.height * 0.86):
        canvas.shadow(rectangle(40, base + 16, canvas.width + 30, base + 96), blur=24, opacity=0.26)
        canvas.shape(rectangle(-10, base, canvas.width + 10, base + 34), [palette.table[0], palette.table[1]], "down")
        canvas.shape(
            rectangle(-10, base - 4, canvas.width + 10, base + 3), [mixed(palette.table[0], "#ffffff", 0.35)]
        )
    upper, lower = canvas.height * 0.46, canvas.height * 0.86
    things.boule(canvas, 230, upper, 330)
    things.boule(canvas, 540, upper, 290)
    mouth = things.vase(canvas, 870, upper, 180, palette.pottery, 0)
    things.grasses(canvas, 870, mouth, 250, palette.accent, 7)
    _jar(canvas, 190, lower, 190, palette.accent)
    _jar(canvas, 410, lower, 150, mixed(palette.accent, "#7a1f2c", 0.55))
    things.boule(canvas, 770, lower, 400)


def _jar(canvas: Canvas, x: float, base: float, size: float, jam: str) -> None:
    tones = (mixed(jam, "#ffffff", 0.45), jam, mixed(jam, things.DARK, 0.45))
    things.turned(
        canvas,
        x,
        base,
        [(size * 0.42, 0), (size * 0.5, size * 0.2), (size * 0.5, size), (size * 0.4, size * 1.16)],
        tones,
    )
    lid = base - size * 1.14
    things.turned(
        canvas, x, lid, [(size * 0.44, 0), (size * 0.44, size * 0.1), (size * 0.44, size * 0.2)], (*LINEN, "#b9a07c")
    )
    canvas.shape(ellipse(x, lid - size * 0.2, size * 0.44, size * 0.1), ["#fdf8ee", "#e5d6bc"])
    label = rectangle(x - size * 0.3, base - size * 0.82, x + size * 0.3, base - size * 0.34)
    canvas.shape(label, ["#fffaf0", "#e9dcc4"], opacity=0.95)
    canvas.line(
        [(x - size * 0.16, base - size * 0.64), (x + size * 0.16, base - size * 0.64)], 7, "#8a6a4d", opacity=0.8
    )
    canvas.line(
        [(x - size * 0.1, base - size * 0.52), (x + size * 0.1, base - size * 0.52)], 5, "#8a6a4d", opacity=0.5
    )


def oranges(canvas: Canvas, palette: Palette) -> None:
    """Fruit in a bowl and beside it."""
    edge = _room(canvas, palette, 0.6)
    things.leaf_shadows(canvas, 360, edge - 640, 700, 0.14)
    base = edge + 200
    canvas.shape(ellipse(515, base - 196, 336, 52), [mixed(palette.pottery[1], things.DARK, 0.35)])
    for x, down, radius in ((350, -205, 96), (520, -225, 104), (680, -195, 92), (440, -160, 90), (600, -160, 96)):
        canvas.shape(
            ellipse(x, base + down, radius, radius),
            [mixed(palette.accent, "#fff0d0", 0.55), palette.accent, mixed(palette.accent, "#5a1e08", 0.5)],
            "ball",
        )
    profile = [(140, 0), (262, 44), (325, 120), (336, 196)]
    things.ground_shadow(canvas, 515, base, 480)
    side = smooth([(radius, -height) for radius, height in profile])
    rim = [(515 + 336 * math.cos(a), base - 196 + 52 * math.sin(a)) for a in (math.pi * s / 30 for s in range(31))]
    foot = [(515 - 140 * math.cos(a), base + 20 * math.sin(a)) for a in (math.pi * s / 30 for s in range(31))]
    outline = [(515 - x, base + y) for x, y in side[::-1]] + foot + [(515 + x, base + y) for x, y in side]
    canvas.shape(outline + rim, palette.pottery, "across")
    things.ball(canvas, 880, base + 40, 98, palette.accent, stalk=True)


# --- The studio -------------------------------------------------------------------------------------------
def pendants(canvas: Canvas, palette: Palette) -> None:
    """Three hanging lamps over a table."""
    edge = _room(canvas, palette, 0.8)
    heights = canvas.rng.sample([0.24, 0.34, 0.44], 3)
    for x, share, tones in zip((210, 560, 880), heights, (palette.pottery, CLAY, palette.pottery), strict=True):
        things.pendant(canvas, x, canvas.height * share, 250, tones)
    mouth = things.vase(canvas, 400, edge + 90, 200, palette.pottery, 2)
    things.branch(canvas, [(400, mouth), (380, mouth - 120), (470, mouth - 230)], palette.leaf, leaves=7, size=110)
    things.ball(canvas, 720, edge + 110, 66, palette.accent)
    things.ball(canvas, 830, edge + 130, 52, mixed(palette.accent, "#fff0d0", 0.3))


def branch_in_vase(canvas: Canvas, palette: Palette) -> None:
    """One branch in a vase before an arch."""
    edge = _room(canvas, palette, 0.76)
    _arch(canvas, 560, edge, 620, canvas.height * 0.62, mixed(palette.wall[1], palette.accent, 0.28))
    things.leaf_shadows(canvas, 120, edge - 760, 640, 0.12)
    mouth = things.vase(canvas, 540, edge + 120, 270, palette.pottery, canvas.rng.randrange(4))
    reach = canvas.height * 0.36
    things.branch(
        canvas, [(540, mouth), (500, mouth - reach * 0.5), (640, mouth - reach)], palette.leaf, leaves=12, size=170
    )
    things.branch(
        canvas,
        [(540, mouth), (450, mouth - reach * 0.4), (300, mouth - reach * 0.66)],
        palette.leaf,
        leaves=9,
        size=140,
    )
    things.branch(
        canvas,
        [(540, mouth), (620, mouth - reach * 0.3), (770, mouth - reach * 0.5)],
        palette.leaf,
        leaves=7,
        size=125,
    )


def pedestals(canvas: Canvas, palette: Palette) -> None:
    """Plain bodies on pedestals before a paper backdrop."""
    canvas.wash((palette.wall[0], palette.wall[1]))
    canvas.glow(300, canvas.height * 0.3, 900, mixed(palette.wall[0], "#ffffff", 0.6), 0.8)
    floor = canvas.height * 0.8
    canvas.shape(ellipse(540, floor + 260, 1000, 330), [mixed(palette.wall[1], "#ffffff", 0.3)], blur=70, opacity=0.7)
    canvas.shape(
        ellipse(640, floor - 560, 250, 250), [mixed(palette.accent, "#ffffff", 0.25), palette.accent], "down"
    )
    chalk = tuple(mixed(tone, palette.wall[1], 0.25) for tone in CHALK)
    things.block(canvas, 320, floor + 30, 330, 210, chalk)
    things.block(canvas, 730, floor + 70, 400, 330, palette.pottery)
    things.ball(canvas, 320, floor - 190, 108, palette.accent)
    mouth = things.vase(canvas, 730, floor - 270, 190, chalk, canvas.rng.randrange(4))
    things.grasses(canvas, 730, mouth, 300, mixed(palette.accent, "#fff3d0", 0.3), 8)
    things.ball(canvas, 500, floor + 150, 74, mixed(palette.pottery[1], palette.accent, 0.3))


def lamp_at_dusk(canvas: Canvas, palette: Palette) -> None:
    """A lamp on a sideboard in the evening."""
    dusk = Palette(
        (mixed(palette.wall[0], "#3a2f4a", 0.55), mixed(palette.wall[1], "#2c2338", 0.5)),
        palette.table,
        palette.pottery,
        palette.leaf,
        palette.accent,
    )
    canvas.wash(dusk.wall)
    edge = canvas.height * 0.74
    canvas.wash((mixed(palette.table[0], things.DARK, 0.25), mixed(palette.table[1], things.DARK, 0.5)), edge)
    inside = things.frame(canvas, 110, edge - 640, 330, 420, "#6b4630")
    _landscape(canvas, inside, palette)
    things.table_lamp(canvas, 720, edge + 70, 330, palette.pottery)
    canvas.glow(720, edge + 100, 430, "#ffdb98", 0.5)
    things.turned(canvas, 720, edge + 70, [(79, 0), (99, 66), (66, 165), (16, 247), (15, 380)], palette.pottery)
    mouth = things.vase(canvas, 300, edge + 90, 150, CLAY, 0)
    things.grasses(canvas, 300, mouth, 280, "#d8b377", 7)


def _landscape(canvas: Canvas, inside: tuple[float, ...], palette: Palette) -> None:
    """A small print: sun and hills."""
    left, top, right, bottom = inside
    width, height = right - left, bottom - top
    canvas.shape(
        rectangle(*inside), [mixed(palette.wall[0], "#fff4df", 0.5), mixed(palette.accent, "#fff0d0", 0.55)], "down"
    )
    canvas.shape(ellipse(left + width * 0.62, top + height * 0.36, width * 0.17, width * 0.17), [palette.accent])
    for level, tone in ((0.56, mixed(palette.leaf, "#fff4df", 0.45)), (0.72, palette.leaf)):
        ridge = smooth(
            [
                (left + width * at, top + height * (level + 0.09 * math.sin(at * 7 + level * 19)))
                for at in (0, 0.25, 0.5, 0.75, 1)
            ]
        )
        canvas.shape([*ridge, (right, bottom), (left, bottom)], [tone])


def gallery(canvas: Canvas, palette: Palette) -> None:
    """Prints on a wall above a bench."""
    edge = _room(canvas, palette, 0.82)
    top = canvas.height * 0.16
    for left, width, drop in ((90, 270, 60), (400, 330, 0), (770, 240, 90)):
        inside = things.frame(canvas, left, top + drop, width, width * 1.32, "#a87b50")
        _landscape(canvas, inside, PALETTES[canvas.rng.randrange(5)])
    mouth = things.vase(canvas, 250, edge + 70, 170, palette.pottery, 3)
    things.branch(canvas, [(250, mouth), (290, mouth - 120), (250, mouth - 240)], palette.leaf, leaves=8, size=95)
    things.ball(canvas, 800, edge + 90, 70, palette.accent)


def window_and_grasses(canvas: Canvas, palette: Palette) -> None:
    """Dry grasses in the light of a window."""
    edge = _room(canvas, palette, 0.8)
    things.window_light(canvas, 130, edge - 850, 640, opacity=0.62)
    mouth = things.vase(canvas, 620, edge + 110, 260, palette.pottery, canvas.rng.choice((0, 1, 3)))
    things.grasses(canvas, 620, mouth, canvas.height * 0.44, mixed(palette.accent, "#e9d3a6", 0.45), 13)


def hills(canvas: Canvas, palette: Palette) -> None:
    """Hills behind hills in the last light."""
    canvas.wash(
        (mixed(palette.wall[0], "#7f8fb0", 0.25), mixed(palette.accent, "#ffe8c4", 0.5), "#ffe9c8"),
        0,
        canvas.height * 0.72,
    )
    x, y = canvas.width * canvas.rng.uniform(0.3, 0.7), canvas.height * 0.36
    canvas.glow(x, y, 620, "#fff1c8", 0.9)
    canvas.shape(ellipse(x, y, 96, 96), ["#fffdf4", "#ffe3a0"], "down")
    for level in range(6):
        share, height = level / 5, canvas.height * (0.44 + level * 0.095)
        tone = mixed(mixed(palette.accent, "#ffe8cf", 0.55), mixed(palette.leaf, "#16211d", 0.62), share**0.8)
        phase = canvas.rng.uniform(0, 6)
        ridge = smooth(
            [
                (
                    at * canvas.width / 8,
                    height - 60 * math.sin(at * (0.8 + level * 0.09) + phase) - 26 * math.sin(at * 2.3 + phase),
                )
                for at in range(-1, 10)
            ]
        )
        canvas.shape(
            [*ridge, (canvas.width + 160, canvas.height + 20), (-160, canvas.height + 20)],
            [mixed(tone, "#fff0d4", 0.12), tone, mixed(tone, "#fff0d4", 0.18 * (1 - share))],
            "down",
        )


def candles(canvas: Canvas, palette: Palette) -> None:
    """Candles and a branch on a dark table."""
    night = (mixed(palette.wall[0], "#1d1620", 0.78), mixed(palette.wall[1], "#140f16", 0.8))
    canvas.wash(night)
    edge = canvas.height * 0.72
    canvas.wash((mixed(palette.table[0], "#140f10", 0.5), mixed(palette.table[1], "#0c0808", 0.7)), edge)
    canvas.glow(470, edge - 120, 640, "#e99a4a", 0.4)
    things.branch(
        canvas,
        [(1040, edge + 60), (820, edge - 40), (640, edge + 20)],
        mixed(palette.leaf, "#2b2a1a", 0.3),
        leaves=9,
        size=120,
    )
    for x, drop, height in ((300, 60, 330), (480, 110, 230), (640, 150, 420)):
        things.candle(canvas, x, edge + drop, 104, height)


def leaves(canvas: Canvas, palette: Palette) -> None:
    """Large leaves close by, one over the other."""
    canvas.wash((mixed(palette.leaf, "#1d2a20", 0.5), mixed(palette.leaf, "#101812", 0.72)))
    middle = (canvas.width * 0.5, canvas.height * 0.56)
    for ring, (count, reach, width) in enumerate(((9, 900, 250), (7, 690, 215), (5, 470, 170))):
        for step in range(count):
            angle = 2 * math.pi * (step + ring * 0.5) / count + canvas.rng.uniform(-0.12, 0.12)
            tip = (middle[0] + reach * math.cos(angle), middle[1] + reach * math.sin(angle))
            tone = mixed(
                mixed(palette.leaf, "#13201a", 0.5 - ring * 0.22), palette.accent, canvas.rng.uniform(0, 0.14)
            )
            canvas.shadow([(px + 20, py + 26) for px, py in _outline(middle, tip, width)], blur=26, opacity=0.4)
            things.leaf(canvas, middle, tip, width, tone)
    canvas.glow(250, 180, 800, "#f6f0c0", 0.3)


def _outline(start: tuple[float, float], end: tuple[float, float], width: float) -> list[tuple[float, float]]:
    return things.lens(start, end, width)


BAKERY: tuple[Scene, ...] = (loaves, breakfast, coffee, baguettes, shelves, croissants, oranges, wheat_field)
STUDIO: tuple[Scene, ...] = (
    branch_in_vase,
    pendants,
    pedestals,
    hills,
    window_and_grasses,
    gallery,
    lamp_at_dusk,
    leaves,
    candles,
)
