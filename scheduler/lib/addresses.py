"""What an address alone tells."""

from pathlib import PurePosixPath
from urllib.parse import urlsplit

VIDEO_ENDINGS = frozenset({".mp4", ".mov", ".m4v"})


def names_a_video(address: str) -> bool:
    """Return whether the path of `address` ends like a video's; the content is judged elsewhere."""
    return PurePosixPath(urlsplit(address).path).suffix.lower() in VIDEO_ENDINGS
