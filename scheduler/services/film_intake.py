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
# What is still taken, to be made smaller.
WIDEST, FASTEST = 4096, 240


def prepare_film(path: Path, content_type: str, folder: Path) -> Prepared:
    """Return what is kept of the video at `path`; `folder` holds a copy of it if one is made. Raises Unfit."""
    film = videos.read_film(path, widest=WIDEST)
    _refuse_unfit_film(film)
    is_unfit = must_be_mended(film, path.stat().st_size)
    copy = None if is_unfit else _reordered(path, film, folder)
    # What cannot be copied without the place is made anew without it.
    is_unfit = is_unfit or (film.tells_place and copy is None)
    still = pictures.fit(film.still, POSTER_WIDTH)
    return Prepared(
        kind=MediaAsset.Kind.VIDEO,
        content_type=content_type,
        width=film.width,
        height=film.height,
        publish=copy,
        thumbnail=pictures.thumbnail(still),
        poster=pictures.jpeg(still, POSTER_BYTES),
        duration_ms=film.duration_ms,
        must_be_mended=is_unfit,
    )


def _refuse_unfit_film(film: videos.Film) -> None:
    """Raise Unfit for the first thing about the video that Instagram would refuse and no transcoding cures."""
    seconds = film.duration_ms / 1000
    if film.sound_codec == videos.UNNAMED:
        raise Unfit("VIDEO_CODEC", codec=film.sound_codec)
    if seconds < limits.VIDEO_SECONDS_MIN:
        raise Unfit("VIDEO_TOO_SHORT", seconds=limits.VIDEO_SECONDS_MIN)
    if seconds > limits.VIDEO_SECONDS_MAX:
        raise Unfit("VIDEO_TOO_LONG", minutes=limits.VIDEO_SECONDS_MAX // 60)
    if not 0 < film.fps <= FASTEST:
        raise Unfit("VIDEO_FPS", fps=f"{film.fps:.4g}", least=1, most=FASTEST)
    if not VIDEO_RATIO_MIN <= film.width / film.height <= VIDEO_RATIO_MAX:
        raise Unfit("VIDEO_SHAPE")


def must_be_mended(film: videos.Film, size_bytes: int) -> bool:
    """Return whether Instagram would refuse the video as it is, though one made of it would do."""
    slowest, fastest = limits.VIDEO_FPS_MIN - FPS_SLACK, limits.VIDEO_FPS_MAX + FPS_SLACK
    return (
        film.codec not in videos.CODECS
        or film.pixel_format not in videos.PIXEL_FORMATS
        or film.sound_codec not in {"", *videos.SOUND_CODECS}
        or not slowest <= film.fps <= fastest
        or max(film.width, film.coded_width) > VIDEO_WIDTH_MAX
        or size_bytes > limits.VIDEO_BYTES
        or size_bytes * 8000 > limits.VIDEO_BITS_S * film.duration_ms
    )


def _reordered(path: Path, film: videos.Film, folder: Path) -> Path | None:
    """Return a copy with the index in front and no place in it; None when the file is so already, or must stay."""
    if videos.index_is_in_front(path) and not film.tells_place:
        return None
    target = folder / "copy.mp4"
    return target if videos.copy_streams(path, target) else None
