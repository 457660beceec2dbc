"""Make one video ready to go out: write it anew, look at the result as at an upload, keep it."""

import hashlib
import logging
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.base import File
from django.db import IntegrityError, transaction

from scheduler.instagram import limits
from scheduler.lib import transcoding, videos
from scheduler.lib.sniffing import Unfit
from scheduler.models import MediaAsset, Rendition, ScheduledPost, Status
from scheduler.models.media import MENDED, MediaState
from scheduler.services.claims import worker_name
from scheduler.services.film_intake import VIDEO_WIDTH_MAX, must_be_mended
from scheduler.services.renditions import local_copy

log = logging.getLogger(__name__)
# Renewed with the progress; what a dead worker leaves is free again after it.
LEASE = timedelta(minutes=2)
TELL_EVERY_S = 1.0
TRIES = 3  # a file whose worker dies each time would kill for ever
LOST_MS_MAX = 1500
WISH = transcoding.Wish((limits.VIDEO_FPS_MIN, limits.VIDEO_FPS_MAX), limits.VIDEO_BYTES)


class Superseded(Exception):
    """Another worker has the video now: this one was given up for dead."""


class Turn:
    """One worker's hold on one video, told how far it is."""

    def __init__(self, asset: MediaAsset, worker: str, clock: Callable[[], datetime]) -> None:
        self.asset, self.worker, self.clock = asset, worker, clock
        self._told_at = time.monotonic()

    def tell(self, part: float) -> None:
        """Write the progress now and then, and keep the hold. Raises Superseded."""
        if time.monotonic() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = time.monotonic()
        self.store(progress=min(int(part * 100), 99), lease_until=self.clock() + LEASE)

    def store(self, **fields: object) -> None:
        """Write fields as the one that has it. Raises Superseded."""
        if not self.asset.store_as(self.worker, **fields):
            raise Superseded


def mend(asset_id: int, clock: Callable[[], datetime]) -> str:
    """Make the video ready unless another does; return how that ended: "ready", "failed", "taken" or "superseded"."""
    asset, worker = MediaAsset.objects.filter(pk=asset_id).first(), worker_name()
    if asset is None or not asset.take(worker, clock(), clock() + LEASE):
        return "taken"
    asset.refresh_from_db()
    turn = Turn(asset, worker, clock)
    try:
        if asset.tries > TRIES:
            raise Unfit("NOT_MENDED")
        _make(turn)
    except Superseded:
        return "superseded"
    except Unfit:
        return _failed(turn, "NOT_MENDED")
    except OSError as trouble:
        log.error("Video %s could not be made ready: %s", asset_id, trouble)
        return _failed(turn, "NOT_KEPT")
    _look_over_posts(asset, clock())
    return "ready"


def _make(turn: Turn) -> None:
    """Write the new video and its row. Raises Unfit, OSError, Superseded."""
    with tempfile.TemporaryDirectory(prefix="pauta-") as folder, local_copy(turn.asset.file) as source:
        target = Path(folder) / "made.mp4"
        transcoding.transcode(source, target, WISH, turn.tell)
        made = _row(turn.asset, target, _looked_at(target, turn.asset))
        with target.open("rb") as file:
            made.file.save("made.mp4", File(file), save=False)
    try:
        with transaction.atomic():
            turn.store(state=MediaState.READY, progress=100, lease_until=None, failure="")
            made.save()
    except (Superseded, IntegrityError):
        made.file.delete(save=False)
        raise Superseded from None


def _looked_at(target: Path, asset: MediaAsset) -> videos.Film:
    """Return what was made, judged as an upload is. Raises Unfit when it would not do, or misses a part."""
    film = videos.read_film(target, widest=VIDEO_WIDTH_MAX)
    lost = abs(film.duration_ms - (asset.duration_ms or 0))
    if must_be_mended(film, target.stat().st_size) or lost > LOST_MS_MAX:
        raise Unfit("NOT_MENDED")
    return film


def _row(asset: MediaAsset, target: Path, film: videos.Film) -> Rendition:
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Rendition(
        asset=asset,
        purpose=Rendition.Purpose.PUBLISH,
        recipe=MENDED,
        content_type="video/mp4",
        size_bytes=target.stat().st_size,
        width=film.width,
        height=film.height,
        sha256=digest,
    )


def _failed(turn: Turn, code: str) -> str:
    try:
        turn.store(state=MediaState.FAILED, failure=code, lease_until=None)
    except Superseded:
        return "superseded"
    _look_over_posts(turn.asset, turn.clock())
    return "failed"


def _look_over_posts(asset: MediaAsset, now: datetime) -> None:
    """Have the posts in line that use it checked now: what was in their way may be gone, or be there to stay."""
    ids = asset.places.values_list("post", flat=True)
    ScheduledPost.objects.filter(pk__in=ids, status=Status.SCHEDULED).update(check_at=now)
