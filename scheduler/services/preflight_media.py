"""Preflight: does Instagram take these pictures and videos as this type of post?"""

from collections.abc import Iterator

from scheduler.instagram import limits
from scheduler.models import MediaAsset, MediaType, Rendition
from scheduler.services.findings import Finding, about, blocker, kept_findings, tip, warning
from scheduler.services.media_by_address import judge
from scheduler.services.media_row import Piece
from scheduler.services.preflight_case import Case

FIELD = "uploads"
SHARP_WIDTH = 1080
UPRIGHT, UPRIGHT_SLACK = 9 / 16, 0.02
VIDEO_TYPES = {"video/mp4", "video/quicktime"}


def look(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the row as a whole, then with each piece, then with the cover."""
    if not case.pieces:
        yield blocker("MEDIA_MISSING", FIELD)
        return
    yield from _row(case)
    yield from _addresses(case)
    for piece in case.pieces:
        if piece.asset is not None:
            found = _video(case, piece, piece.asset) if piece.is_video else _picture(case, piece)
            yield from about(piece.asset.pk, found)
    if case.is_reel:
        yield from _cover(case)


def _row(case: Case) -> Iterator[Finding]:
    if case.is_carousel:
        if not limits.CAROUSEL_MIN <= len(case.pieces) <= limits.CAROUSEL_MAX:
            yield blocker("CAROUSEL_COUNT", FIELD)
    elif len(case.pieces) > 1:
        yield blocker("ONE_ITEM_ONLY", FIELD)
    elif case.pieces[0].asset is not None:
        if case.post.media_type == MediaType.IMAGE and case.pieces[0].is_video:
            yield blocker("PICTURE_WANTED", FIELD)
        if case.is_reel and not case.pieces[0].is_video:
            yield blocker("VIDEO_WANTED", FIELD)


def _addresses(case: Case) -> Iterator[Finding]:
    """Tell again what was found at addresses that are still without their file."""
    waiting = [piece.address for piece in case.pieces if piece.asset is None]
    known = {
        finding.facts.get("address"): finding
        for finding in kept_findings(case.post.blockers)
        if finding.code.startswith("ADDRESS_")
    }
    for address in waiting:
        yield judge(address) or known.get(address) or tip("ADDRESS_WAITING", FIELD, address=address)


def _picture(case: Case, piece: Piece) -> Iterator[Finding]:
    made = piece.publish
    if made is None:
        yield blocker("MEDIA_NOT_READY", FIELD, name=piece.name)
        return
    if made.content_type != "image/jpeg":
        yield blocker("IMAGE_FORMAT", FIELD, name=piece.name)
    if made.size_bytes > limits.IMAGE_BYTES:
        yield blocker("IMAGE_TOO_LARGE", FIELD, name=piece.name, megabytes=limits.IMAGE_BYTES // 1024**2)
    if made.width < limits.IMAGE_WIDTH_MIN:
        least = limits.IMAGE_WIDTH_MIN
        yield blocker("IMAGE_TOO_NARROW", FIELD, name=piece.name, width=made.width, least=least)
    elif made.width < SHARP_WIDTH:
        yield warning("IMAGE_SMALL", FIELD, name=piece.name, width=made.width)
    if not case.is_story and not limits.RATIO_MIN <= made.width / made.height <= limits.RATIO_MAX:
        yield blocker("IMAGE_SHAPE", FIELD, name=piece.name)


def _video(case: Case, piece: Piece, asset: MediaAsset) -> Iterator[Finding]:
    made = piece.publish
    if made is None:
        yield blocker("MEDIA_PREPARING" if asset.is_unready else "MEDIA_NOT_READY", FIELD, name=piece.name)
        yield from _length(case, piece, (asset.duration_ms or 0) / 1000)
        return
    if made.content_type not in VIDEO_TYPES:
        yield blocker("VIDEO_FORMAT", FIELD, name=piece.name)
    if made.size_bytes > limits.VIDEO_BYTES:
        yield blocker("VIDEO_TOO_LARGE", FIELD, name=piece.name, megabytes=limits.VIDEO_BYTES // 1_000_000)
    yield from _length(case, piece, (asset.duration_ms or 0) / 1000)
    if not case.is_carousel and abs(made.width / made.height - UPRIGHT) > UPRIGHT_SLACK:
        yield warning("VIDEO_SHAPE", FIELD, name=piece.name)


def _length(case: Case, piece: Piece, seconds: float) -> Iterator[Finding]:
    if seconds < limits.VIDEO_SECONDS_MIN:
        yield blocker("VIDEO_TOO_SHORT", FIELD, name=piece.name, seconds=limits.VIDEO_SECONDS_MIN)
    elif case.is_story and seconds > limits.STORY_SECONDS_MAX:
        yield blocker("STORY_TOO_LONG", FIELD)
    elif seconds > limits.VIDEO_SECONDS_MAX:
        yield blocker("VIDEO_TOO_LONG", FIELD, name=piece.name, minutes=limits.VIDEO_SECONDS_MAX // 60)


def _cover(case: Case) -> Iterator[Finding]:
    """A cover of its own wins over the frame; both are the reel's."""
    cover, first = case.post.cover, case.pieces[0]
    if cover is not None:
        made = cover.rendition(Rendition.Purpose.PUBLISH)
        is_fine = made is not None and made.content_type == "image/jpeg" and made.size_bytes <= limits.IMAGE_BYTES
        if cover.kind != MediaAsset.Kind.IMAGE or not is_fine:
            yield blocker("COVER_FORMAT", "cover_at")
        return
    address, offset = case.post.options.get("cover_url"), case.post.options.get("thumb_offset")
    if address:  # fetched by Instagram, not by us; it wins over the frame
        wrong = judge(str(address))
        if wrong is not None:
            yield blocker(wrong.code, "cover_at", **wrong.facts)
        return
    if offset is None or first.asset is None:
        return
    if not is_inside(offset, first.asset):
        yield blocker("COVER_TIME", "cover_at")


def is_inside(offset_ms: object, asset: MediaAsset) -> bool:
    """Return whether a frame lies inside the video, whose own length may be unknown."""
    if not isinstance(offset_ms, int) or isinstance(offset_ms, bool):
        return False
    return offset_ms >= 0 and (asset.duration_ms is None or offset_ms < asset.duration_ms)
