"""What lies and hangs in the pictures: bread, cups, vases, leaves, lamps. Light comes from the left.

Each thing is drawn on a canvas at a place: x is its middle, `base` the height it stands on, `size` its width.
"""

import math

from scheduler.demo.canvas import Canvas, Shape, capsule, ellipse, lens, mixed, rectangle, ribbon, smooth

CRUST = ("#6d3613", "#c9803c", "#f0c58a")
CRUMB = "#f6dfb4"
DARK = "#2b1a12"


def ground_shadow(canvas: Canvas, x: float, base: float, width: float, *, opacity: float = 0.34) -> None:
    """A soft shadow below a thing, longer to the right."""
    canvas.shadow(ellipse(x + width * 0.16, base, width * 0.62, width * 0.1), blur=width * 0.07, opacity=opacity)
    canvas.shadow(ellipse(x, base + 1, width * 0.46, width * 0.045), blur=width * 0.025, opacity=opacity)


def boule(canvas: Canvas, x: float, base: float, size: float) -> None:
    """A round loaf with a cross of cuts."""
    ground_shadow(canvas, x, base, size)
    height = size * 0.56
    top = [(x + size / 2 * math.cos(a), base - height * math.sin(a) ** 0.72) for a in _half_turn()]
    below = [(x - size / 2 * math.cos(a), base + size * 0.045 * math.sin(a)) for a in _half_turn()]
    dome = smooth(top + below[1:-1], closed=True, steps=4)
    canvas.shape(dome, CRUST[::-1], "ball")
    canvas.shape(dome, ["#5b2c10", "#a9662c"], "down", opacity=0.18)
    for turn in (-0.32, -0.02, 0.28):
        start = (x + size * (turn - 0.1), base - height * 0.42)
        end = (x + size * (turn + 0.1), base - height * (0.93 - abs(turn) * 0.42))
        canvas.shape(lens(start, end, size * 0.085, -size * 0.02), ["#7d441b", "#9d5b28"], "down")
        canvas.shape(lens(start, end, size * 0.06, -size * 0.025), [CRUMB, "#e7bd7e"], "across")
    _flour(canvas, x, base - height * 0.6, size)


def _flour(canvas: Canvas, x: float, y: float, size: float) -> None:
    for _ in range(46):
        px, py = canvas.rng.gauss(x, size * 0.16), canvas.rng.gauss(y, size * 0.09)
        dot = canvas.rng.uniform(1.2, 3.2)
        canvas.shape(ellipse(px, py, dot, dot, n=10), ["#fff7e6"], opacity=0.5)


def baguette(canvas: Canvas, x: float, y: float, length: float, turn: float) -> None:
    """A long loaf lying, turned by degrees."""
    thick = length * 0.17
    canvas.shadow(capsule(x + 16, y + 20, length, thick, turn), blur=16, opacity=0.36)
    canvas.shape(capsule(x, y, length, thick, turn), CRUST[::-1], "down")
    canvas.shape(capsule(x, y + thick * 0.16, length * 0.96, thick * 0.6, turn), ["#7b3f17"], blur=12, opacity=0.32)
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    for step in range(-2, 3):
        cx, cy = x + step * length * 0.17 * cos, y + step * length * 0.17 * sin
        reach = length * 0.075
        start = (cx - reach * cos - thick * 0.2 * sin, cy - reach * sin + thick * 0.2 * cos)
        end = (cx + reach * cos + thick * 0.2 * sin, cy + reach * sin - thick * 0.2 * cos)
        canvas.shape(lens(start, end, thick * 0.3), ["#8a4d20"])
        canvas.shape(lens(start, end, thick * 0.2, -2), [CRUMB, "#eac58c"], "down")


def croissant(canvas: Canvas, x: float, y: float, size: float, turn: float = 0) -> None:
    """A croissant seen from above, its back to the top."""
    places = sorted((step - 4 for step in range(9)), key=abs, reverse=True)
    rolls = [_roll(x, y, size, step / 4, turn) for step in places]
    for roll in rolls:
        canvas.shadow([(px + size * 0.03, py + size * 0.05) for px, py in roll], blur=size * 0.035, opacity=0.16)
    for roll in rolls:
        canvas.shape([(px + 2, py + 3) for px, py in roll], ["#5f2d0e"], opacity=0.55)
        canvas.shape(roll, ("#f3cb8c", "#cf8238", "#8c4717"), "down")
        middle_x = sum(px for px, _py in roll) / len(roll)
        middle_y = sum(py for _px, py in roll) / len(roll)
        canvas.shape(
            ellipse(middle_x - size * 0.01, middle_y - size * 0.07, size * 0.018, size * 0.05),
            ["#ffe6b8"],
            blur=5,
            opacity=0.5,
        )


def _roll(x: float, y: float, size: float, at: float, turn: float) -> Shape:
    angle = math.radians(turn - 90 + at * 82)
    reach = size * 0.37
    thick = size * (0.205 - 0.125 * abs(at) ** 1.5)
    px, py = x + reach * math.cos(angle), y + reach * 0.95 * math.sin(angle) + size * 0.2
    return ellipse(px, py, thick, size * 0.125 * (1 - 0.45 * abs(at)), math.degrees(angle))


def turned(canvas: Canvas, x: float, base: float, profile: list[tuple[float, float]], tones: tuple[str, ...]) -> None:
    """A thing from the potter's wheel: `profile` lists (radius, height above the base) from foot to lip."""
    side = smooth([(radius, -height) for radius, height in profile])
    foot = profile[0][0]
    widest = max(radius for radius, _height in profile)
    ground_shadow(canvas, x, base, widest * 2)
    belly = [(x + foot * math.cos(a), base + foot * 0.14 * math.sin(a)) for a in _half_turn()]
    outline = [(x + px, base + py) for px, py in side] + [(x - px, base + py) for px, py in side[::-1]] + belly[::-1]
    canvas.shape(outline, tones, "across")
    lip, height = profile[-1]
    canvas.shape(ellipse(x, base - height, lip, lip * 0.22), [mixed(tones[0], "#ffffff", 0.25), tones[-1]])
    canvas.shape(ellipse(x, base - height + lip * 0.04, lip * 0.84, lip * 0.17), [mixed(tones[-1], DARK, 0.45)])


def _half_turn() -> list[float]:
    return [min(math.pi * step / 20, math.pi - 1e-9) for step in range(21)]


def vase(canvas: Canvas, x: float, base: float, size: float, tones: tuple[str, ...], kind: int = 0) -> float:
    """A vase; returns the height of its mouth."""
    kinds = (
        [(0.22, 0), (0.44, 0.35), (0.48, 0.7), (0.2, 1.12), (0.16, 1.3), (0.2, 1.38)],
        [(0.3, 0), (0.36, 0.6), (0.34, 1.1), (0.15, 1.4), (0.14, 1.75)],
        [(0.3, 0), (0.5, 0.3), (0.52, 0.55), (0.4, 0.85), (0.34, 0.9)],
        [(0.18, 0), (0.3, 0.3), (0.16, 0.62), (0.34, 1.0), (0.3, 1.3), (0.12, 1.55), (0.15, 1.66)],
    )
    profile = [(radius * size, height * size) for radius, height in kinds[kind % 4]]
    turned(canvas, x, base, profile, tones)
    return base - profile[-1][1]


def leaf(canvas: Canvas, start: tuple[float, float], end: tuple[float, float], width: float, tone: str) -> None:
    """A leaf from its stalk to its tip, one half in the light."""
    canvas.shape(lens(start, end, width), [mixed(tone, "#ffffff", 0.16), mixed(tone, DARK, 0.16)], "down")
    dx, dy = end[0] - start[0], end[1] - start[1]
    off = (-dy * 0.012, dx * 0.012)
    vein = [
        (start[0] + dx * 0.04 + off[0], start[1] + dy * 0.04 + off[1]),
        (start[0] + dx * 0.93 + off[0], start[1] + dy * 0.93 + off[1]),
    ]
    canvas.shape(ribbon(vein, max(width * 0.05, 2), 1), [mixed(tone, "#ffffff", 0.38)], opacity=0.7)


def branch(canvas: Canvas, points: Shape, tone: str, *, leaves: int = 9, size: float = 120, droop: float = 0) -> None:
    """A twig along the points with leaves on both sides, smaller towards the tip."""
    curve = smooth(points)
    canvas.shape(ribbon(curve, 7, 2), [mixed(tone, "#5a3a20", 0.6)])
    for number in range(1, leaves + 1):
        place = min(round(len(curve) * (0.14 + 0.86 * number / (leaves + 1))), len(curve) - 2)
        (x, y), (nx, ny) = curve[place], curve[place + 1]
        along = math.atan2(ny - y, nx - x) + (0.85 if number % 2 else -0.85) + droop
        reach = size * (1.15 - 0.6 * number / leaves) * canvas.rng.uniform(0.88, 1.12)
        tip = (x + reach * math.cos(along), y + reach * math.sin(along))
        leaf(canvas, (x, y), tip, reach * 0.36, mixed(tone, "#d9c26a", canvas.rng.uniform(0, 0.22)))
    x, y = curve[-1]
    px, py = curve[-6]
    length = math.dist((x, y), (px, py)) or 1
    leaf(canvas, (x, y), (x + (x - px) / length * size * 0.5, y + (y - py) / length * size * 0.5), size * 0.2, tone)


def grasses(canvas: Canvas, x: float, mouth: float, height: float, tone: str, count: int = 9) -> None:
    """Dry grasses out of a vase."""
    for number in range(count):
        lean = (number - (count - 1) / 2) / count * 1.5 + canvas.rng.uniform(-0.1, 0.1)
        reach = height * canvas.rng.uniform(0.72, 1.0)
        tip = (x + lean * reach * 0.75, mouth - reach * (1 - lean * lean * 0.35))
        curve = smooth([(x + lean * 20, mouth), (x + lean * reach * 0.22, mouth - reach * 0.55), tip])
        shade = mixed(tone, DARK, canvas.rng.uniform(0, 0.25))
        canvas.shape(ribbon(curve, 4, 2), [shade])
        for step in range(12):
            px, py = curve[-2 - step]
            for side in (-1, 1):
                end = (px + side * height * 0.035 + lean * 14, py - height * 0.055)
                canvas.shape(lens((px, py), end, height * 0.024), [mixed(shade, "#fff3d0", 0.3)])


def wheat(canvas: Canvas, foot: tuple[float, float], tip: tuple[float, float], tone: str) -> None:
    """An ear of wheat on its stalk."""
    bend = (tip[0] - foot[0]) * 0.18
    curve = smooth([foot, ((foot[0] + tip[0]) / 2 - bend, (foot[1] + tip[1]) / 2), tip], steps=24)
    canvas.shape(ribbon(curve, 6, 3), [mixed(tone, DARK, 0.25)])
    for step in range(11):
        x, y = curve[-1 - step * 2]
        nx, ny = curve[-2 - step * 2]
        along = math.atan2(y - ny, x - nx)
        for side in (-1, 1):
            angle, reach = along + side * 0.5, 62 - step * 1.2
            end = (x + reach * math.cos(angle), y + reach * math.sin(angle))
            canvas.shape(lens((x, y), end, 23), [mixed(tone, "#fff1c9", 0.35), mixed(tone, DARK, 0.14)], "down")
            whisker = (end[0] + 74 * math.cos(along + side * 0.24), end[1] + 74 * math.sin(along + side * 0.24))
            canvas.shape(ribbon([end, whisker], 2.4, 1), [mixed(tone, "#fff1c9", 0.4)], opacity=0.75)


def cup(canvas: Canvas, x: float, base: float, size: float, tones: tuple[str, ...], *, steams: bool = True) -> None:
    """A cup of coffee on a saucer."""
    canvas.shadow(
        ellipse(x + size * 0.2, base + size * 0.06, size * 0.95, size * 0.2), blur=size * 0.09, opacity=0.36
    )
    plate = mixed(tones[0], "#ffffff", 0.2), tones[-1]
    canvas.shape(ellipse(x, base + size * 0.03, size * 0.86, size * 0.19), [mixed(tones[-1], DARK, 0.3)])
    canvas.shape(ellipse(x, base, size * 0.86, size * 0.18), plate)
    canvas.shape(ellipse(x, base + 2, size * 0.56, size * 0.1), [mixed(tones[-1], DARK, 0.12), tones[0]])
    top = base - size * 0.72
    handle = ellipse(x + size * 0.53, base - size * 0.42, size * 0.2, size * 0.2)
    hole = ellipse(x + size * 0.53, base - size * 0.42, size * 0.115, size * 0.12)
    canvas.shape([*handle, handle[0], *hole[::-1], hole[-1]], [tones[-1], mixed(tones[-1], DARK, 0.2)], "down")
    side = smooth([(0.26, 0.0), (0.4, -0.16), (0.47, -0.42), (0.5, -0.72)])
    outline = [(x + px * size, base + py * size) for px, py in side]
    outline += [(x - px * size, base + py * size) for px, py in side[::-1]]
    outline += [(x + 0.26 * size * math.cos(a), base + size * 0.055 * math.sin(a)) for a in _half_turn()][::-1]
    canvas.shape(outline, tones, "across")
    canvas.shape(ellipse(x, top, size * 0.5, size * 0.135), [mixed(tones[0], "#ffffff", 0.45), tones[0]])
    canvas.shape(ellipse(x, top + size * 0.012, size * 0.455, size * 0.11), ["#4a2713", "#7a4825"], "across")
    canvas.shape(
        ellipse(x - size * 0.1, top - size * 0.01, size * 0.2, size * 0.035), ["#c99561"], blur=6, opacity=0.6
    )
    if steams:
        steam(canvas, x, top - size * 0.06, size)


def steam(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Two threads of steam."""
    for side, reach in ((-0.12, 0.95), (0.14, 0.7)):
        curve = smooth(
            [
                (x + size * side, y),
                (x + size * (side + 0.12), y - size * reach * 0.35),
                (x + size * (side - 0.08), y - size * reach * 0.7),
                (x + size * (side + 0.1), y - size * reach),
            ]
        )
        canvas.shape(ribbon(curve, size * 0.075, size * 0.015), ["#fffaf0"], blur=size * 0.035, opacity=0.42)


def cup_from_above(canvas: Canvas, x: float, y: float, size: float, tone: str) -> None:
    """A cup on its saucer, seen from above, with a leaf in the milk."""
    canvas.shadow(ellipse(x + size * 0.08, y + size * 0.1, size * 0.5, size * 0.5), blur=size * 0.06, opacity=0.3)
    canvas.shape(
        ellipse(x, y, size * 0.5, size * 0.5), [mixed(tone, "#ffffff", 0.35), mixed(tone, DARK, 0.1)], "ball"
    )
    canvas.shape(ellipse(x, y, size * 0.36, size * 0.36), [mixed(tone, DARK, 0.14), tone], "ball")
    canvas.shape(capsule(x + size * 0.36, y - size * 0.1, size * 0.24, size * 0.075, -18), [tone])
    canvas.shadow(ellipse(x + size * 0.03, y + size * 0.04, size * 0.31, size * 0.31), blur=size * 0.03, opacity=0.25)
    canvas.shape(ellipse(x, y, size * 0.31, size * 0.31), [mixed(tone, "#ffffff", 0.5), tone], "ball")
    canvas.shape(ellipse(x, y, size * 0.265, size * 0.265), ["#a86a38", "#7c4620", "#59300f"], "ball")
    for step in range(4):
        down = y + size * (0.15 - step * 0.085)
        half = size * (0.16 - step * 0.028)
        for side in (-1, 1):
            canvas.shape(
                lens((x, down), (x + side * half, down - size * 0.085), size * 0.06), ["#f2dcba"], opacity=0.92
            )
    canvas.shape(lens((x, y + size * 0.2), (x, y - size * 0.2), size * 0.035), ["#f2dcba"])


def plate(canvas: Canvas, x: float, y: float, radius: float, tone: str) -> None:
    """A plate seen from above."""
    canvas.shadow(ellipse(x + radius * 0.1, y + radius * 0.13, radius, radius), blur=radius * 0.1, opacity=0.3)
    canvas.shape(ellipse(x, y, radius, radius), [mixed(tone, "#ffffff", 0.5), mixed(tone, DARK, 0.12)], "ball")
    canvas.shape(
        ellipse(x, y, radius * 0.74, radius * 0.74), [mixed(tone, DARK, 0.12), mixed(tone, "#ffffff", 0.3)], "ball"
    )
    canvas.shape(
        ellipse(x, y, radius * 0.7, radius * 0.7), [mixed(tone, "#ffffff", 0.35), mixed(tone, DARK, 0.04)], "ball"
    )


def ball(canvas: Canvas, x: float, base: float, radius: float, tone: str, *, stalk: bool = False) -> None:
    """A fruit, or a plain sphere."""
    ground_shadow(canvas, x, base, radius * 2)
    y = base - radius * 0.96
    canvas.shape(ellipse(x, y, radius, radius), [mixed(tone, "#fff4dc", 0.5), tone, mixed(tone, DARK, 0.5)], "ball")
    if stalk:
        canvas.shape(ribbon([(x, y - radius * 0.92), (x + 6, y - radius * 1.16)], 7, 4), ["#5a3a20"])
        leaf(canvas, (x + 4, y - radius), (x + radius * 0.75, y - radius * 1.3), radius * 0.32, "#6f8350")


def block(canvas: Canvas, x: float, base: float, width: float, height: float, tones: tuple[str, ...]) -> None:
    """A round pedestal."""
    turned(canvas, x, base, [(width / 2, 0), (width / 2, height / 2), (width / 2, height)], tones)
    canvas.shape(ellipse(x, base - height, width / 2, width * 0.11), [mixed(tones[0], "#ffffff", 0.4), tones[0]])


def candle(canvas: Canvas, x: float, base: float, width: float, height: float) -> None:
    """A burning candle and its light."""
    canvas.glow(x, base - height - 50, width * 6, "#ffcf7d", 0.5)
    turned(
        canvas,
        x,
        base,
        [(width / 2, 0), (width / 2, height / 2), (width / 2, height)],
        ("#fbf0dc", "#f1dcb9", "#cfae84"),
    )
    canvas.shape(ribbon([(x, base - height + 4), (x + 2, base - height - 22)], 5, 4), ["#3b2a20"])
    canvas.shape(lens((x + 1, base - height - 10), (x + 3, base - height - 92), 36), ["#fff6d0", "#ffb84a"], "down")
    canvas.glow(x, base - height - 46, width * 1.5, "#fff0bf", 0.7)


def pendant(canvas: Canvas, x: float, y: float, size: float, tones: tuple[str, ...], *, lit: bool = True) -> None:
    """A hanging lamp whose rim is at height `y`, with its cone of light."""
    if lit:
        reach = canvas.height - y
        cone = [
            (x - size * 0.42, y),
            (x + size * 0.42, y),
            (x + size * 1.25, y + reach),
            (x - size * 1.25, y + reach),
        ]
        canvas.shape(cone, ["#ffe2a6"], blur=46, opacity=0.3)
        canvas.glow(x, y + 10, size * 1.6, "#ffdf9c", 0.55)
    canvas.line([(x, -10), (x, y - size * 0.5)], 5, "#3a2a22")
    dome = [(x + size / 2 * math.cos(a), y - size * 0.46 * math.sin(a) ** 0.8) for a in _half_turn()]
    canvas.shape(ellipse(x, y - size * 0.47, size * 0.09, size * 0.06), [mixed(tones[-1], DARK, 0.3)])
    canvas.shape(dome, tones, "across")
    canvas.shape(ellipse(x, y, size / 2, size * 0.075), ["#fff3cf" if lit else mixed(tones[-1], DARK, 0.5)])
    if lit:
        canvas.shape(ellipse(x, y + size * 0.02, size * 0.13, size * 0.1), ["#fffdf2"], blur=5)


def table_lamp(canvas: Canvas, x: float, base: float, size: float, tones: tuple[str, ...]) -> None:
    """A lamp with a cloth shade, lit."""
    top = base - size * 1.15
    canvas.glow(x, top - size * 0.2, size * 1.9, "#ffdb98", 0.6)
    turned(
        canvas,
        x,
        base,
        [
            (0.24 * size, 0),
            (0.3 * size, 0.2 * size),
            (0.2 * size, 0.5 * size),
            (0.05 * size, 0.75 * size),
            (0.045 * size, 1.2 * size),
        ],
        tones,
    )
    shade = [
        (x - size * 0.34, top - size * 0.5),
        (x + size * 0.34, top - size * 0.5),
        (x + size * 0.58, top),
        (x - size * 0.58, top),
    ]
    canvas.shape(shade, ("#f3c987", "#fff0cb", "#eebb75"), "across")
    canvas.shape(shade, ["#fff8e3", "#e8a95c"], "down", opacity=0.3)
    canvas.shape(rectangle(x - size * 0.58, top - 8, x + size * 0.58, top), ["#d59a56"], opacity=0.8)


def window_light(
    canvas: Canvas, x: float, y: float, size: float, colour: str = "#fff1cf", opacity: float = 0.5
) -> None:
    """The light of a window with four panes, falling slanted on a wall."""
    for column in range(2):
        for row in range(2):
            left, top = x + column * size * 0.56, y + row * size * 0.74
            pane = [
                (left, top),
                (left + size * 0.5, top - size * 0.13),
                (left + size * 0.5, top + size * 0.53),
                (left, top + size * 0.66),
            ]
            canvas.shape(pane, [colour], blur=7, opacity=opacity)


def leaf_shadows(canvas: Canvas, x: float, y: float, size: float, opacity: float = 0.2) -> None:
    """The shadow of a palm frond on a wall."""
    spine = smooth([(x, y), (x + size * 0.4, y + size * 0.18), (x + size, y + size * 0.8)], steps=14)
    canvas.shadow(ribbon(spine, 12, 4), blur=9, opacity=opacity)
    for step in range(3, len(spine), 2):
        px, py = spine[step]
        for side in (-1, 1):
            angle = math.atan2(0.62, 0.78) + side * 0.95
            reach = size * (0.46 - 0.012 * step)
            end = (px + reach * math.cos(angle), py + reach * math.sin(angle))
            canvas.shadow(lens((px, py), end, size * 0.06), blur=9, opacity=opacity)


def frame(canvas: Canvas, left: float, top: float, width: float, height: float, tone: str) -> tuple[float, ...]:
    """A picture frame on the wall; returns left, top, right and bottom of what it shows."""
    right, bottom = left + width, top + height
    canvas.shadow(rectangle(left + 14, top + 18, right + 14, bottom + 18), blur=18, opacity=0.3)
    canvas.shape(rectangle(left, top, right, bottom), [mixed(tone, "#ffffff", 0.2), mixed(tone, DARK, 0.2)], "down")
    canvas.shape(rectangle(left + 12, top + 12, right - 12, bottom - 12), ["#fbf5ea", "#efe5d3"], "down")
    mat = width * 0.14
    return left + mat, top + mat, right - mat, bottom - mat
