"""What Instagram will show of a post: its pictures in their frames, its words, and its place on the profile."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scheduler.models import InstagramAccount, MediaAsset, MediaType, Rendition, ScheduledPost, Status

FEED, REEL, STORY, GRID = "feed", "reel", "story", "grid"
FACE_WORDS = {
    FEED: gettext_lazy("Feed"),
    REEL: gettext_lazy("Reel"),
    STORY: gettext_lazy("Story"),
    GRID: gettext_lazy("Grid"),
}
REEL_FACES = (REEL, FEED, GRID)
FACES = {
    MediaType.IMAGE: (FEED, GRID),
    MediaType.CAROUSEL: (FEED, GRID),
    MediaType.REELS: REEL_FACES,
    MediaType.VIDEO: REEL_FACES,
    MediaType.STORY: (STORY,),
}
# Three rows of three: the post itself, what is newer, what is older.
GRID_PLACES, NEWER_AT_MOST = 9, 4
# A post stands on the profile when it is live, and will when it waits for its time.
ON_THE_PROFILE = (Status.SCHEDULED, Status.PUBLISHING, Status.PUBLISHED)


class Place(Protocol):
    """One picture or video in a row, kept or not."""

    alt_text: str

    @property
    def asset(self) -> MediaAsset:
        """Return the file."""

    def rendition(self, purpose: str) -> Rendition | None:
        """Return what was made of it for a purpose, in its frame."""


@dataclass(frozen=True)
class Preview:
    """One post as it will look.

    places: its row of media in order; addresses whose files are not here are not among them.
    cover: the chosen cover of a reel, None where none was chosen.
    newer, older: posts of the account around it, the newest first.
    """

    account: InstagramAccount | None
    media_type: str
    caption: str
    first_comment: str
    places: Sequence[Place]
    collaborators: list[str] = field(default_factory=list)
    place: str = ""
    audio_name: str = ""
    elsewhere: bool = False
    cover: Rendition | None = None
    newer: list[ScheduledPost] = field(default_factory=list)
    older: list[ScheduledPost] = field(default_factory=list)

    @property
    def type_words(self) -> str:
        """Return what kind of post it is."""
        return str(MediaType(self.media_type).label)

    @property
    def faces(self) -> list[tuple[str, str]]:
        """Return (name, word) of each way it is shown, the first one first."""
        return [(name, str(FACE_WORDS[name])) for name in FACES[MediaType(self.media_type)]]

    @property
    def has_tall_face(self) -> bool:
        """Return whether it is shown over the whole screen, where buttons cover parts of it."""
        return self.media_type != MediaType.IMAGE and self.media_type != MediaType.CAROUSEL

    @property
    def is_story(self) -> bool:
        """Return whether it is shown without its words."""
        return self.media_type == MediaType.STORY

    @property
    def summary(self) -> str:
        """Return in a sentence what the picture of it shows, for those who don't see it."""
        account = f"@{self.account.instagram_username}" if self.account else _("No account yet")
        n = len(self.places)
        media = ngettext("%(n)s picture or video", "%(n)s pictures or videos", n) % {"n": n}
        words = _("no caption") if self.is_story or not self.caption else self.caption[:100]
        return f"{self.type_words}, {account}, {media}: {words}"


def neighbours(
    account: InstagramAccount, at: datetime | None, without: int | None
) -> tuple[list[ScheduledPost], list[ScheduledPost]]:
    """Return the posts on the account's profile that are newer than `at`, and those that are older.

    Both lists begin with the newest, together they fill the grid beside one post. Without `at` all are older.
    without: the id of a post that is not among them. Six queries at most.
    """
    rows = ScheduledPost.objects.filter(instagram_account=account, deleted_at=None, status__in=ON_THE_PROFILE)
    rows = rows.exclude(media_type=MediaType.STORY).prefetch_related("media__asset__renditions", "cover__renditions")
    if without is not None:
        rows = rows.exclude(pk=without)
    newer: list[ScheduledPost] = []
    if at is not None:
        newer = list(rows.filter(scheduled_for__gt=at).order_by("scheduled_for")[:NEWER_AT_MOST])
        rows = rows.filter(scheduled_for__lte=at)
    older = list(rows.order_by("-scheduled_for")[: GRID_PLACES - 1 - len(newer)])
    return newer[::-1], older
