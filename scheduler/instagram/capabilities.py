"""What each type of post, by each login, may carry to POST /media: one table, and what it does not name is not sent.

Types are named as posts name them: IMAGE, CAROUSEL, REELS, STORY, VIDEO (a single video, which goes out as a reel);
options as the wire names them. Containers, preflight, forms and API read from here.
Source: Instagram Platform, references "IG User Media" and "Content Publishing" (September 2026).
"""

from enum import StrEnum

from scheduler.instagram import limits

INSTAGRAM, FACEBOOK = "instagram", "facebook"
LOGINS = (INSTAGRAM, FACEBOOK)
# The option of a post whose name is not the wire's.
WIRE_NAMES = {"trial_reel": "trial_params"}
# How a trial reel may end: a person shows it to everybody, or its numbers do.
TRIAL_STRATEGIES = ("MANUAL", "SS_PERFORMANCE")


class Places(StrEnum):
    """Whether a tagged person needs a place, x and y, on the picture."""

    NEEDED = "needed"
    OPTIONAL = "optional"
    NEVER = "never"


_EVERYWHERE = frozenset({"caption", "location_id", "collaborators"})
_REEL = _EVERYWHERE | {"user_tags", "cover_url", "thumb_offset", "share_to_feed", "audio_name", "trial_params"}
# (type, item of a carousel) -> what it may carry. Both logins take the same options; see `may_upload`.
_CARRIES: dict[tuple[str, bool], frozenset[str]] = {
    ("IMAGE", False): _EVERYWHERE | {"alt_text", "user_tags"},
    ("REELS", False): _REEL,
    ("VIDEO", False): _REEL,
    ("STORY", False): frozenset({"user_tags"}),
    ("CAROUSEL", False): _EVERYWHERE,
    ("IMAGE", True): frozenset({"alt_text", "user_tags"}),
    ("VIDEO", True): frozenset({"user_tags", "thumb_offset"}),
}
_MOST = {
    "caption": limits.CAPTION_CHARS,
    "alt_text": limits.ALT_TEXT_CHARS,
    "user_tags": limits.USER_TAGS,
    "collaborators": limits.COLLABORATORS,
}


def allowed(media_type: str, login: str, child: bool = False) -> frozenset[str]:
    """Return what may be sent; nothing for a type or a login that does not exist.

    child: `media_type` is that of one item of a carousel, IMAGE or VIDEO.
    """
    return _CARRIES.get((media_type, child), frozenset()) if login in LOGINS else frozenset()


def is_allowed(option: str, media_type: str, login: str, child: bool = False) -> bool:
    """Return whether an option, by a post's name for it or the wire's, may be sent."""
    return WIRE_NAMES.get(option, option) in allowed(media_type, login, child)


def may_upload(login: str) -> bool:
    """Return whether videos are sent as bytes; with the other login Instagram fetches them."""
    return login == FACEBOOK


def tag_places(media_type: str, *, is_video: bool) -> Places:
    """Return whether people tagged on a picture or video of this type have a place on it."""
    if media_type == "STORY":
        return Places.OPTIONAL
    return Places.NEVER if is_video else Places.NEEDED


def most(option: str) -> int | None:
    """Return how long a text, or how many names a list, may be; None when nobody says."""
    return _MOST.get(option)
