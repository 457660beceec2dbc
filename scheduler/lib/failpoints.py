"""Named places where a test may kill the process, to prove that no death loses or repeats a publish.

Set PAUTA_FAILPOINT=name (or name#3 for the third pass) and the process ends there by SIGKILL, as if the machine
had lost power. Without the variable a failpoint costs one comparison. `WATCHERS` lets a test see each pass.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WATCHERS: list[Callable[[str], None]] = []


class _Armed:
    """Which place is deadly, and at which pass."""

    name, left = "", 0


def arm(wish: str) -> None:
    """Make one place deadly: "name", or "name#3" for the third pass; "" makes none."""
    _Armed.name, _, count = wish.partition("#")
    _Armed.left = int(count or 1)


arm(os.environ.get("PAUTA_FAILPOINT", ""))


def failpoint(name: str) -> None:
    """Die here when this place is armed; tell the watchers of a test otherwise."""
    for watch in WATCHERS:
        watch(name)
    if _Armed.name and name == _Armed.name:
        _Armed.left -= 1
        if _Armed.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def failpoints_around(name: str) -> Iterator[None]:
    """Put one failpoint before and one after what must not be half done."""
    failpoint(f"before-{name}")
    yield
    failpoint(f"after-{name}")
