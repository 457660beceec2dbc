"""What a check looks at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.models import InstagramAccount, MediaType, ScheduledPost
from scheduler.services.media_row import Piece


class Others(Protocol):
    """The other posts of a post's profile that went out or wait; whoever checks many at once has them at hand."""

    def count(self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime) -> int:
        """Return how many come after `since`, up to `until`."""

    def times(
        self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime
    ) -> list[datetime]:
        """Return when they come, of those between both that are no stories."""

    def captions(
        self, post: ScheduledPost, account: InstagramAccount, span: tuple[datetime, datetime], files: Collection[str]
    ) -> list[str]:
        """Return the captions of the newest of its type within `span` with one of these files, by their sums."""


@dataclass(frozen=True)
class Case:
    """A post with its row of media, the present instant, and when it is to go out (None: nobody said)."""

    post: ScheduledPost
    account: InstagramAccount | None
    pieces: list[Piece]
    now: datetime
    at: datetime | None
    others: Others

    @property
    def is_story(self) -> bool:
        """Return whether it is a story."""
        return self.post.media_type == MediaType.STORY

    @property
    def is_reel(self) -> bool:
        """Return whether it goes out as a reel; a single video does."""
        return self.post.media_type in {MediaType.REELS, MediaType.VIDEO}

    @property
    def is_carousel(self) -> bool:
        """Return whether it has several items."""
        return self.post.media_type == MediaType.CAROUSEL

    @property
    def username(self) -> str:
        """Return the account's name, "" without one."""
        return self.account.instagram_username if self.account else ""
