"""Draw what a reel's cover is chosen from: ten frames of its video in a row, and the one that was chosen."""

from datetime import datetime

from scheduler.lib import pictures
from scheduler.lib.pictures import Made
from scheduler.models import MediaAsset, Rendition
from scheduler.models.media import STRIP, still_recipe
from scheduler.services.attempts import Attempts
from scheduler.services.renditions import drawn_before, keep_renditions, local_copy, made_rendition

STRIP_FRAMES = 10
# Frames decoded for each of them: somebody waits, and a long video shows as well what is a little before.
STRIP_EFFORT = 40
# Pixels of one frame of the strip: upright, as a cover is shown, and as large as a dense screen shows it.
FRAME_WIDTH, FRAME_HEIGHT = 108, 192
STRIP_BYTES = 512 * 1024
STILL_WIDTH = 1080
STILL_BYTES = 1024 * 1024
# Strips drawn for one person: each keeps a processor busy for seconds.
STRIP_RATE = "12/min"
PURPOSE = Rendition.Purpose


class TooManyStrips(Exception):
    """This person had as many strips drawn just now as they may."""


def strip_of(asset: MediaAsset, now: datetime) -> Rendition:
    """Return ten frames of a video side by side, drawn once; the n-th stands for the middle of its tenth.

    Raises Unfit when the video cannot be decoded, OSError when its file is gone, TooManyStrips.
    """
    known = asset.renditions.filter(purpose=PURPOSE.STRIP, recipe=STRIP).first()
    if known is not None:
        return known
    if Attempts("strip", str(asset.user_id), rate=STRIP_RATE).wait(now):
        raise TooManyStrips
    length_s = (asset.duration_ms or 0) / 1000
    moments = [length_s * (number + 0.5) / STRIP_FRAMES for number in range(STRIP_FRAMES)]
    return keep_renditions(asset, [made_rendition(PURPOSE.STRIP, _strip(asset, moments), STRIP)])


def still_at(asset: MediaAsset, at_ms: int) -> Rendition:
    """Return the frame of a video at a moment, drawn once with its thumbnail. Raises Unfit, OSError."""
    from scheduler.lib.stills import stills  # only here: FFmpeg costs a process 17 MB

    recipe = still_recipe(at_ms)
    known = drawn_before(asset, PURPOSE.POSTER, recipe)
    if known is not None:
        return known
    with local_copy(asset.file) as path:
        still = pictures.fit(next(stills(path, [at_ms / 1000])), STILL_WIDTH)
    made = [
        made_rendition(PURPOSE.POSTER, pictures.jpeg(still, STILL_BYTES), recipe),
        made_rendition(PURPOSE.THUMBNAIL, pictures.thumbnail(still), recipe),
    ]
    return keep_renditions(asset, made)


def _strip(asset: MediaAsset, moments_s: list[float]) -> Made:
    from scheduler.lib.stills import stills  # only here: FFmpeg costs a process 17 MB

    with local_copy(asset.file) as path:
        return pictures.jpeg(
            pictures.side_by_side(stills(path, moments_s, STRIP_EFFORT), FRAME_WIDTH, FRAME_HEIGHT), STRIP_BYTES
        )
