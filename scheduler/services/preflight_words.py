"""Preflight: caption, first comment and alt texts."""

from collections.abc import Iterator

from scheduler.instagram import limits
from scheduler.services.findings import Finding, about, blocker, tip, warning
from scheduler.services.media_row import Piece
from scheduler.services.preflight_case import Case


def look(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the words."""
    if case.is_story:
        if case.post.caption.strip():
            yield tip("CAPTION_NOT_SHOWN", "caption")
        return
    yield from _caption(case.post.caption)
    if limits.caption_length(case.post.first_comment) > limits.COMMENT_CHARS:
        yield blocker("COMMENT_TOO_LONG", "first_comment", most=limits.COMMENT_CHARS)
    if not case.is_reel:
        yield from _alt_texts(case)


def _caption(caption: str) -> Iterator[Finding]:
    hashtags = len(limits.hashtags(caption))
    counts = {
        "CAPTION_TOO_LONG": limits.caption_length(caption) - limits.CAPTION_CHARS,
        "TOO_MANY_HASHTAGS": hashtags - limits.HASHTAGS,
        "TOO_MANY_MENTIONS": len(limits.mentions(caption)) - limits.MENTIONS,
    }
    for code, over in counts.items():
        if over > 0:
            yield blocker(code, "caption", n=over)
    if limits.HASHTAGS_ADVISED < hashtags <= limits.HASHTAGS:
        yield warning("HASHTAGS_ADVISED", "caption", n=hashtags)
    if not caption.strip():
        yield tip("CAPTION_MISSING", "caption")


def _alt_texts(case: Case) -> Iterator[Finding]:
    for piece in case.pieces:
        yield from about(piece.asset.pk if piece.asset else None, _alt_text(piece))


def _alt_text(piece: Piece) -> Iterator[Finding]:
    if len(piece.alt_text) > limits.ALT_TEXT_CHARS:
        yield blocker("ALT_TEXT_TOO_LONG", "uploads", name=piece.name, most=limits.ALT_TEXT_CHARS)
    elif piece.asset is not None and not piece.is_video and not piece.alt_text.strip():
        yield tip("ALT_TEXT_MISSING", "uploads", name=piece.name)
