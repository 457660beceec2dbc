"""Take an uploaded file in: look inside, refuse with one sentence or keep it, and make what goes out at once.

Of a picture the JPEG that Instagram fetches and a thumbnail are made, of a video a still and a thumbnail; the video
itself goes out as it came, or with the same streams in a better order, or is made anew later (services.mending). The
uploaded file is kept and never served.
"""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from scheduler.instagram import limits
from scheduler.lib.pictures import Made
from scheduler.lib.sniffing import FILM_TYPES, HEAD_BYTES, PICTURE_TYPES, Unfit, sniff
from scheduler.models import MediaAsset, MediaType, Rendition, User
from scheduler.models.media import FASTSTART, MediaState
from scheduler.services.media_refusals import SENTENCES, MediaRefused
from scheduler.services.picture_intake import prepare_picture
from scheduler.services.prepared import Prepared
from scheduler.services.renditions import made_rendition

log = logging.getLogger(__name__)
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "video/mp4": "mp4"}
PURPOSE = Rendition.Purpose


def take_upload(user: User, file: UploadedFile) -> MediaAsset:
    """Keep the file for this person and make its renditions; the same file again is the same asset.

    Raises MediaRefused, with nothing kept.
    """
    try:
        digest = _digest(file)
        known = MediaAsset.objects.for_user(user).filter(sha256=digest).first()
        if known is not None:
            return _tried_anew(known)
        with tempfile.TemporaryDirectory(prefix="pauta-") as folder, _on_disk(file, Path(folder)) as path:
            return _keep(user, file, digest, _prepare(path, Path(folder)), path)
    except Unfit as unfit:
        raise MediaRefused(unfit.code, **unfit.facts) from None
    except OSError as trouble:
        log.error("An upload could not be kept: %s", trouble)
        raise MediaRefused("NOT_KEPT") from None


def _tried_anew(asset: MediaAsset) -> MediaAsset:
    """Put a video back in line that could not be made ready; whoever uploads it again asks for that."""
    failed = MediaAsset.objects.filter(pk=asset.pk, state=MediaState.FAILED)
    if failed.update(state=MediaState.WAITING, tries=0, progress=0, failure="", lease_until=None):
        asset.refresh_from_db()
    return asset


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
    if file.size > limits.UPLOAD_BYTES:
        raise Unfit("TOO_HEAVY", megabytes=limits.UPLOAD_BYTES // 1_000_000)
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
    if content_type in PICTURE_TYPES:
        return prepare_picture(path, content_type)
    if content_type in FILM_TYPES:
        # Only here: FFmpeg would cost every web process 17 MB, though few of them ever see a film.
        from scheduler.services.film_intake import prepare_film

        return prepare_film(path, content_type, folder)
    raise Unfit(content_type if content_type in SENTENCES else "UNKNOWN")


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
        state=MediaState.WAITING if prepared.must_be_mended else MediaState.READY,
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
    if prepared.must_be_mended:
        pass  # what goes out is made later, on the slow queue (services.mending)
    elif isinstance(prepared.publish, Made):
        yield made_rendition(PURPOSE.PUBLISH, prepared.publish)
    else:
        yield _film(asset, prepared)
    yield made_rendition(PURPOSE.THUMBNAIL, prepared.thumbnail)
    if prepared.poster:
        yield made_rendition(PURPOSE.POSTER, prepared.poster)


def _film(asset: MediaAsset, prepared: Prepared) -> Rendition:
    """Return the rendition of a video: the same file as the original (no second copy), or the reordered one."""
    film = Rendition(
        purpose=PURPOSE.PUBLISH,
        recipe="" if prepared.publish is None else FASTSTART,
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
    """Delete files that got no rows; in a bucket, two that were written at once may be one object, which has rows."""
    names = {asset.file.name, *(rendition.file.name for rendition in renditions)}
    names -= set(MediaAsset.objects.filter(file__in=names).values_list("file", flat=True))
    names -= set(Rendition.objects.filter(file__in=names).values_list("file", flat=True))
    for name in names:
        if name:
            asset.file.storage.delete(name)
