"""What a measurement tells: a value, what it should be, and whether it is."""

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    value, limit: in `unit`; a limit of None is only told, not judged.
    note:         how it was measured, or further numbers.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value keeps its limit."""
        return self.limit is None or self.value <= self.limit

    def cells(self) -> tuple[str, str, str, str]:
        """Return the line as text: name, value, limit, note."""
        limit = "" if self.limit is None else f"≤ {self.limit:g}{' ' if self.holds else ' MISSED'}"
        return self.name, f"{self.value:.3g} {self.unit}".strip(), limit.strip(), self.note


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` (0–1) of all values do not exceed."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table with straight columns."""
    rows = [("figure", "value", "limit", "note"), *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def machine() -> str:
    """Return in one line what this was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{platform.system()} {platform.release()}, {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, load {load:.1f} at the start"
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()
