"""Every number of the product in one place: the specification's where Instagram's own is looser.

Source: the specification ("Instagram limits"), and Instagram Platform, reference "IG User Media" (September 2026).
Forms, previews, preflight, API and documentation read from here.
"""

import re
from datetime import timedelta

CAPTION_CHARS = 2200
HASHTAGS = 30
HASHTAGS_ADVISED = 5  # Instagram's announced cap for captions; above it we warn
MENTIONS = 20
COMMENT_CHARS = 2200
ALT_TEXT_CHARS = 1000
COLLABORATORS = 3
USER_TAGS = 20

CAROUSEL_MIN = 2
CAROUSEL_MAX = 10

IMAGE_BYTES = 8 * 1024 * 1024
IMAGE_WIDTH_MIN = 320  # px
IMAGE_WIDTH_MAX = 1440  # px; wider ones are scaled down
RATIO_MIN = 0.8  # width / height: 4:5
RATIO_MAX = 1.91
RATIO_SLACK = 0.005  # rounding of whole pixels

VIDEO_BYTES = 100 * 1000 * 1000  # the specification's 100 MB; Instagram takes 300
VIDEO_BITS_S = 25_000_000  # of picture and sound together
UPLOAD_BYTES = 500 * 1000 * 1000  # of a file as it comes; a larger video than goes out is made smaller
VIDEO_SECONDS_MIN = 3
VIDEO_SECONDS_MAX = 15 * 60
STORY_SECONDS_MAX = 59.9  # 60.0 s is refused: the container is a little longer than its picture
VIDEO_FPS_MIN, VIDEO_FPS_MAX = 23, 60

POSTS_PER_DAY = 25  # the specification's; a runtime `quota_total` can lower it, never raise it
CONTAINERS_PER_DAY = 400
CONTAINER_LIFETIME = timedelta(hours=24)

_HASHTAG = re.compile(r"(?<![\w&])#(\w*[^\W\d_]\w*)")
_MENTION = re.compile(r"(?<![\w@])@([A-Za-z0-9_.]*[A-Za-z0-9_])")


def caption_length(text: str) -> int:
    """Return the length Instagram may count, by the stricter of its two possible units: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def hashtags(text: str) -> list[str]:
    """Return the hashtags of a caption, without #, in order."""
    return _HASHTAG.findall(text)


def mentions(text: str) -> list[str]:
    """Return the usernames a caption mentions, without @, in order."""
    return _MENTION.findall(text)
