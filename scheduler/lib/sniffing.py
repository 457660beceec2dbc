"""Tell what a file is by its first bytes; its name and what the browser said of it do not count."""

from typing import Any

HEAD_BYTES = 512
# What the decoders here can read.
PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic"})
FILM_TYPES = frozenset({"video/mp4", "video/quicktime"})

_BRANDS = {
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
    b"hevc": "image/heic",
    b"avif": "image/avif",
    b"avis": "image/avif",
}
_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"OggS", "video/ogg"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
)
# Boxes that open a QuickTime file written before there was `ftyp`.
_OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


class Unfit(Exception):
    """A file cannot be used: `code` names the reason, `facts` fill its sentence (services.media_refusals)."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def sniff(head: bytes) -> str:
    """Return the content type that the first HEAD_BYTES of a file tell; "" when they tell nothing known."""
    for start, content_type in _STARTS:
        if head.startswith(start):
            return content_type
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[4:8] in _OLD_QUICKTIME:
        return "video/quicktime"
    return _markup(head)


def _markup(head: bytes) -> str:
    """Return what text with angle brackets is; a page may hold a drawing, so a page is looked for first."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text.startswith(b"<"):
        return ""
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "text/html"
    return "image/svg+xml" if b"<svg" in text else "text/html"
