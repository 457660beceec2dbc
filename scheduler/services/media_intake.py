"""Take an uploaded file in: look inside, refuse with one sentence or keep it, and make what goes out at once.

Of a picture the JPEG that Instagram fetches and a thumbnail are made, of a video a still and a thumbnail; the video
itself goes out as it came, or with the same streams in a better order. The uploaded file is kept and never served.
"""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduler.instagram import limits
from scheduler.lib import pictures, videos
from scheduler.lib.pictures import Made
from scheduler.lib.sniffing import HEAD_BYTES, Unfit, sniff
from scheduler.models import MediaAsset, MediaType, Rendition, User

log = logging.getLogger(__name__)
# What comes in may be heavier than what goes out: a phone's PNG or HEIC is drawn anew anyway.
PICTURE_BYTES = 40 * 1000 * 1000
POSTER_BYTES = 1024 * 1024
POSTER_WIDTH = 1080
# Cameras say 22.98 or 60.02.
FPS_SLACK = 0.1
# Instagram takes a video of nearly any shape, only no ribbons.
VIDEO_RATIO_MIN, VIDEO_RATIO_MAX = 0.1, 10
VIDEO_WIDTH_MAX = 1920
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "video/mp4": "mp4"}
PURPOSE = Rendition.Purpose

_AS_MP4 = gettext_noop("Instagram takes videos as MP4 or MOV only. Export this one as MP4 (H.264, AAC).")
_NO_ANIMATION = gettext_noop("Instagram takes no animated pictures. Upload one still picture, or the film as MP4.")
SENTENCES = {
    "NOT_KEPT": gettext_noop(
        "The server could not keep this file: its disk is full or locked. Tell whoever runs Pauta, then try again."
    ),
    "EMPTY": gettext_noop("This file is empty. Choose it again, or export it again first."),
    "TOO_HEAVY": gettext_noop("This file is larger than %(megabytes)s MB. Export the video with a lower bit rate."),
    "UNKNOWN": gettext_noop("This is not a picture or video. Use JPEG, PNG, WebP or HEIC, or a video as MP4 or MOV."),
    "ANIMATED": _NO_ANIMATION,
    "image/gif": _NO_ANIMATION,
    "image/avif": gettext_noop("AVIF pictures can't be read here. Export this one as JPEG or PNG."),
    "image/svg+xml": gettext_noop("SVG is a drawing that Instagram can't show. Export it as PNG or JPEG."),
    "text/html": gettext_noop("This is a web page, not a picture. Download the picture itself and choose that file."),
    "video/webm": _AS_MP4,
    "video/ogg": _AS_MP4,
    "video/mpeg": _AS_MP4,
    "video/x-flv": _AS_MP4,
    "video/x-msvideo": _AS_MP4,
    "PICTURE_TOO_HEAVY": gettext_noop("This picture is larger than %(megabytes)s MB. Export it as JPEG."),
    "TOO_MANY_PIXELS": gettext_noop("This picture has more than %(megapixels)s megapixels. Export a smaller one."),
    "TOO_NARROW": gettext_noop(
        "This picture is %(width)s pixels wide, and Instagram asks for %(least)s. Use a larger one."
    ),
    "BROKEN_PICTURE": gettext_noop(
        "This picture is damaged or was cut off. Export it again, then choose the new file."
    ),
    "BROKEN_VIDEO": gettext_noop("This video is damaged or was cut off. Choose a new copy of it."),
    "NO_PICTURE": gettext_noop("There is only sound in this file. Export it as a video, with its picture."),
    "VIDEO_CODEC": gettext_noop("Instagram can't read %(codec)s. Export the video as MP4 (H.264, AAC)."),
    "VIDEO_TOO_SHORT": gettext_noop("This video is shorter than %(seconds)s seconds. Use a longer one."),
    "VIDEO_TOO_LONG": gettext_noop("This video is longer than %(minutes)s minutes. Cut it first."),
    "VIDEO_FPS": gettext_noop(
        "This video has %(fps)s frames a second, and Instagram takes %(least)s to %(most)s. Export it with 30."
    ),
    "VIDEO_TOO_WIDE": gettext_noop(
        "This video is wider than %(most)s pixels. Export it in Full HD, 1080 × 1920 or 1920 × 1080."
    ),
    "VIDEO_SHAPE": gettext_noop("This video is too narrow a ribbon for Instagram. Crop it first; 9:16 suits best."),
}


class MediaRefused(Exception):
    """A file that cannot be posted; `code` names the reason, `sentence` says it and what to do."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts, self.sentence = code, facts, refusal_sentence(code, **facts)
        super().__init__(self.sentence)


def refusal_sentence(code: str, **facts: Any) -> str:
    """Return why a file cannot be posted, in the language now active."""
    return _(SENTENCES.get(code, SENTENCES["UNKNOWN"])) % facts


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


def take_upload(user: User, file: UploadedFile) -> MediaAsset:
    """Keep the file for this person and make its renditions; the same file again is the same asset.

    Raises MediaRefused, with nothing kept.
    """
    try:
        digest = _digest(file)
        known = MediaAsset.objects.for_user(user).filter(sha256=digest).first()
        if known is not None:
            return known
        with tempfile.TemporaryDirectory(prefix="pauta-") as folder, _on_disk(file, Path(folder)) as path:
            return _keep(user, file, digest, _prepare(path, Path(folder)), path)
    except Unfit as unfit:
        raise MediaRefused(unfit.code, **unfit.facts) from None
    except OSError as trouble:
        log.error("An upload could not be kept: %s", trouble)
        raise MediaRefused("NOT_KEPT") from None


def public_url(rendition: Rendition) -> str:
    """Return the address under which Instagram fetches the file."""
    return rendition.public_url


def ratio_ok(asset: MediaAsset, media_type: str) -> bool:
    """Return whether Instagram takes the shape of this asset in a post of this type; a query unless prefetched.

    Stories take any picture, and videos of every usual shape; feed pictures must be between 4:5 and 1.91:1.
    """
    if asset.kind == MediaAsset.Kind.VIDEO or media_type == MediaType.STORY:
        return True
    shown = asset.rendition(PURPOSE.PUBLISH) or asset
    return limits.RATIO_MIN <= shown.width / shown.height <= limits.RATIO_MAX


def _digest(file: UploadedFile) -> str:
    """Return the SHA-256 of the file, read piece by piece. Raises Unfit when it is empty or too large."""
    if not file.size:
        raise Unfit("EMPTY")
    if file.size > limits.VIDEO_BYTES:
        raise Unfit("TOO_HEAVY", megabytes=limits.VIDEO_BYTES // 1_000_000)
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    return digest.hexdigest()


@contextmanager
def _on_disk(file: UploadedFile, folder: Path) -> Iterator[Path]:
    """Give a path where the file can be looked into: its own when it has one, else a copy in `folder`."""
    if hasattr(file, "temporary_file_path"):
        yield Path(file.temporary_file_path())
        return
    path = folder / "upload"
    with path.open("wb") as copy:
        for piece in file.chunks():
            copy.write(piece)
    yield path


def _prepare(path: Path, folder: Path) -> Prepared:
    with path.open("rb") as file:
        content_type = sniff(file.read(HEAD_BYTES))
    if content_type in pictures.CONTENT_TYPES:
        return _prepare_picture(path, content_type)
    if content_type in videos.CONTENT_TYPES:
        return _prepare_video(path, content_type, folder)
    raise Unfit(content_type if content_type in SENTENCES else "UNKNOWN")


def _prepare_picture(path: Path, content_type: str) -> Prepared:
    if path.stat().st_size > PICTURE_BYTES:
        raise Unfit("PICTURE_TOO_HEAVY", megabytes=PICTURE_BYTES // 1_000_000)
    picture = pictures.read_picture(path, content_type, width_wanted=limits.IMAGE_WIDTH_MAX)
    if picture.width < limits.IMAGE_WIDTH_MIN:
        raise Unfit("TOO_NARROW", width=picture.width, least=limits.IMAGE_WIDTH_MIN)
    shown = pictures.trim_to_ratio(picture.image, limits.RATIO_MIN, limits.RATIO_MAX, limits.RATIO_SLACK)
    return Prepared(
        kind=MediaAsset.Kind.IMAGE,
        content_type=content_type,
        width=picture.width,
        height=picture.height,
        publish=pictures.jpeg(shown, limits.IMAGE_BYTES),
        thumbnail=pictures.thumbnail(shown),
    )


def _prepare_video(path: Path, content_type: str, folder: Path) -> Prepared:
    film = videos.read_film(path)
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


# --- Keeping ----------------------------------------------------------------------------------------------
def _keep(user: User, file: UploadedFile, digest: str, prepared: Prepared, path: Path) -> MediaAsset:
    """Write the files, then all rows at once; files of rows that could not be written are taken away again."""
    asset = MediaAsset(
        user=user,
        kind=prepared.kind,
        sha256=digest,
        original_name=Path(file.name or "").name[-255:] or "upload",
        content_type=prepared.content_type,
        size_bytes=path.stat().st_size,
        width=prepared.width,
        height=prepared.height,
        duration_ms=prepared.duration_ms,
    )
    with path.open("rb") as original:
        asset.file.save(f"original.{ENDINGS.get(prepared.content_type, 'mov')}", File(original), save=False)
    renditions = list(_renditions(asset, prepared))
    try:
        with transaction.atomic():
            asset.save()
            for rendition in renditions:
                rendition.asset = asset
                rendition.save()
    except IntegrityError:
        _take_away(asset, renditions)
        return MediaAsset.objects.for_user(user).get(sha256=digest)  # uploaded twice at the same time
    return asset


def _renditions(asset: MediaAsset, prepared: Prepared) -> Iterator[Rendition]:
    if isinstance(prepared.publish, Made):
        yield _made(PURPOSE.PUBLISH, prepared.publish)
    else:
        yield _film(asset, prepared)
    yield _made(PURPOSE.THUMBNAIL, prepared.thumbnail)
    if prepared.poster:
        yield _made(PURPOSE.POSTER, prepared.poster)


def _made(purpose: str, made: Made) -> Rendition:
    rendition = Rendition(
        purpose=purpose,
        content_type=made.content_type,
        size_bytes=len(made.data),
        width=made.width,
        height=made.height,
        sha256=hashlib.sha256(made.data).hexdigest(),
    )
    rendition.file.save(f"made.{made.content_type.rpartition('/')[2]}", ContentFile(made.data), save=False)
    return rendition


def _film(asset: MediaAsset, prepared: Prepared) -> Rendition:
    """Return the rendition of a video: the same file as the original (no second copy), or the reordered one."""
    film = Rendition(
        purpose=PURPOSE.PUBLISH,
        recipe="" if prepared.publish is None else "faststart",
        content_type=prepared.content_type,
        size_bytes=asset.size_bytes,
        width=prepared.width,
        height=prepared.height,
        sha256=asset.sha256,
    )
    if isinstance(prepared.publish, Path):
        film.content_type, film.size_bytes = "video/mp4", prepared.publish.stat().st_size
        with prepared.publish.open("rb") as copy:
            film.sha256 = hashlib.file_digest(copy, "sha256").hexdigest()
            film.file.save("made.mp4", File(copy), save=False)
    else:
        film.file.name = asset.file.name
    return film


def _take_away(asset: MediaAsset, renditions: list[Rendition]) -> None:
    names = {asset.file.name, *(rendition.file.name for rendition in renditions)}
    for name in names:
        if name:
            asset.file.storage.delete(name)
