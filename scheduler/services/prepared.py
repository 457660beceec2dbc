"""What was found in a file and made of it, on its way from the decoders to the rows."""

from dataclasses import dataclass
from pathlib import Path

from scheduler.lib.pictures import Made


@dataclass(frozen=True)
class Prepared:
    """What was found in a file and made of it, before anything is kept. `publish` None: the file as it came."""

    kind: str
    content_type: str
    width: int
    height: int
    publish: Made | Path | None
    thumbnail: Made
    poster: Made | None = None
    duration_ms: int | None = None
    must_be_mended: bool = False  # a video that Instagram would refuse as it is
