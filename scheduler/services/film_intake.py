"""Of a video make a still and a thumbnail; it goes out as it came, or with the same streams in a better order."""

from pathlib import Path

from scheduler.instagram import limits
from scheduler.lib import pictures, videos
from scheduler.lib.sniffing import Unfit
from scheduler.models import MediaAsset
from scheduler.services.prepared import Prepared

POSTER_BYTES = 1024 * 1024
POSTER_WIDTH = 1080
# Cameras say 22.98 or 60.02.
FPS_SLACK = 0.1
# Instagram takes a video of nearly any shape, only no ribbons.
VIDEO_RATIO_MIN, VIDEO_RATIO_MAX = 0.1, 10
VIDEO_WIDTH_MAX = 1920


def prepare_film(path: Path, content_type: str, folder: Path) -> Prepared:
    """Return what is kept of the video at `path`; `folder` holds a copy of it if one is made. Raises Unfit."""
    film = videos.read_film(path, widest=VIDEO_WIDTH_MAX)
    _refuse_unfit_film(film)
    still = pictures.fit(film.still, POSTER_WIDTH)
    return Prepared(
        kind=MediaAsset.Kind.VIDEO,
        content_type=content_type,
        width=film.width,
        height=film.height,
        publish=_reordered(path, film, folder),
        thumbnail=pictures.thumbnail(still),
        poster=pictures.jpeg(still, POSTER_BYTES),
        duration_ms=film.duration_ms,
    )


def _refuse_unfit_film(film: videos.Film) -> None:
    """Raise Unfit for the first thing about the video that Instagram would refuse."""
    seconds = film.duration_ms / 1000
    if film.codec not in videos.CODECS or film.pixel_format not in videos.PIXEL_FORMATS:
        raise Unfit("VIDEO_CODEC", codec=f"{film.codec} {film.pixel_format}".strip())
    if film.sound_codec and film.sound_codec not in videos.SOUND_CODECS:
        raise Unfit("VIDEO_CODEC", codec=film.sound_codec)
    if seconds < limits.VIDEO_SECONDS_MIN:
        raise Unfit("VIDEO_TOO_SHORT", seconds=limits.VIDEO_SECONDS_MIN)
    if seconds > limits.VIDEO_SECONDS_MAX:
        raise Unfit("VIDEO_TOO_LONG", minutes=limits.VIDEO_SECONDS_MAX // 60)
    slowest, fastest = limits.VIDEO_FPS_MIN, limits.VIDEO_FPS_MAX
    if not slowest - FPS_SLACK <= film.fps <= fastest + FPS_SLACK:
        raise Unfit("VIDEO_FPS", fps=f"{film.fps:.4g}", least=slowest, most=fastest)
    if max(film.width, film.coded_width) > VIDEO_WIDTH_MAX:
        raise Unfit("VIDEO_TOO_WIDE", most=VIDEO_WIDTH_MAX)
    if not VIDEO_RATIO_MIN <= film.width / film.height <= VIDEO_RATIO_MAX:
        raise Unfit("VIDEO_SHAPE")


def _reordered(path: Path, film: videos.Film, folder: Path) -> Path | None:
    """Return a copy with the index in front and no place in it; None when the file is so already, or must stay."""
    if videos.index_is_in_front(path) and not film.tells_place:
        return None
    target = folder / "copy.mp4"
    return target if videos.copy_streams(path, target) else None
