"""Why a file cannot be posted: a name for each reason and the sentence that says it and what to do."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_AS_MP4 = gettext_noop("Instagram takes videos as MP4 or MOV only. Export this one as MP4 (H.264, AAC).")
_NO_ANIMATION = gettext_noop("Instagram takes no animated pictures. Upload one still picture, or the film as MP4.")
SENTENCES = {
    "NOT_KEPT": gettext_noop(
        "The server could not keep this file: its storage is full, locked or away. "
        "Tell whoever runs Pauta, then try again."
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
    "COVER_FORMAT": gettext_noop("The cover must be a picture. Choose another."),
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
    "NOT_MENDED": gettext_noop(
        "This video could not be made ready for Instagram. Export it as MP4 (H.264, AAC) and upload that one."
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
