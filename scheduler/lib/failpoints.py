"""Named places where a test may kill the process, to prove that no death loses or repeats a publish.

Set PAUTA_FAILPOINT=name (or name#3 for the third pass) and the process ends there by SIGKILL, as if the machine
had lost power. Without the variable a failpoint costs one comparison. `WATCHERS` lets a test see each pass.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NAME, _, _COUNT = os.environ.get("PAUTA_FAILPOINT", "").partition("#")
_left = int(_COUNT or 1)

WATCHERS: list[Callable[[str], None]] = []


def failpoint(name: str) -> None:
    """Die here when the environment names this place; tell the watchers of a test otherwise."""
    global _left
    for watch in WATCHERS:
        watch(name)
    if _NAME and name == _NAME:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def failpoints_around(name: str) -> Iterator[None]:
    """Put one failpoint before and one after what must not be half done."""
    failpoint(f"before-{name}")
    yield
    failpoint(f"after-{name}")
