"""How a picture is shown in another shape: a part of it, or all of it on paper. Numbers only, no pixels.

A frame changes nothing of the upload; it names what is made from it, and can be taken back.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Self

# width : height, as whole numbers.
SHAPES = {"4:5": (4, 5), "1:1": (1, 1), "1.91:1": (191, 100), "9:16": (9, 16)}
CROP, PAD = "crop", "pad"
# What lies around a padded picture; "blur" is the picture itself, enlarged and blurred.
PAPERS = ("white", "black", "blur")
ZOOM_MAX = 4.0


@dataclass(frozen=True)
class Frame:
    """A wanted shape.

    how: "crop" or "pad". x, y: the middle of the part that is kept, as shares of width and height.
    zoom: 1.0 keeps as much as the shape allows. paper: one of PAPERS.
    """

    shape: str
    how: str = CROP
    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0
    paper: str = PAPERS[0]

    @classmethod
    def read(cls, said: dict[str, Any]) -> Self | None:
        """Return the frame that a form or a row says, each value brought into its bounds; None without a shape."""
        if said.get("shape") not in SHAPES:
            return None
        return cls(
            shape=said["shape"],
            how=PAD if said.get("how") == PAD else CROP,
            x=_bounded(said.get("x"), 0.0, 1.0, otherwise=0.5),
            y=_bounded(said.get("y"), 0.0, 1.0, otherwise=0.5),
            zoom=_bounded(said.get("zoom"), 1.0, ZOOM_MAX, otherwise=1.0),
            paper=said["paper"] if said.get("paper") in PAPERS else PAPERS[0],
        )

    def kept(self) -> dict[str, Any]:
        """Return what a row keeps; `read` gives the frame back."""
        return asdict(self)

    @property
    def recipe(self) -> str:
        """Return the name of what is made: equal for frames that make equal pictures."""
        if self.how == PAD:
            return f"{PAD} {self.shape} {self.paper}"
        return f"{CROP} {self.shape} {self.x:.3f} {self.y:.3f} {self.zoom:.2f}"

    def part_of(self, width: int, height: int) -> tuple[float, float, float, float]:
        """Return (left, top, right, bottom) in pixels of the part that is kept; all of it when padded."""
        if self.how == PAD:
            return 0.0, 0.0, float(width), float(height)
        across, down = SHAPES[self.shape]
        wide = min(width, height * across / down) / self.zoom
        high = wide * down / across
        left = min(max(self.x * width - wide / 2, 0.0), width - wide)
        top = min(max(self.y * height - high / 2, 0.0), height - high)
        return left, top, left + wide, top + high

    def size_of(self, width: int, height: int, at_most: int) -> tuple[int, int]:
        """Return the width and height that a picture of this size comes out with, at most `at_most` pixels wide."""
        across, down = SHAPES[self.shape]
        left, _top, right, _bottom = self.part_of(width, height)
        wide = max(width, height * across / down) if self.how == PAD else right - left
        made = max(min(math.floor(wide), at_most), 1)
        return made, _height(made, across, down)


def _height(width: int, across: int, down: int) -> int:
    """Return the height for a width, rounded to the side where the shape stays within 4:5 and 1.91:1."""
    exact = width * down / across
    return max(math.ceil(exact) if across > down else math.floor(exact), 1)


def _bounded(value: Any, lowest: float, highest: float, *, otherwise: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return otherwise
    return min(max(number, lowest), highest) if math.isfinite(number) else otherwise
