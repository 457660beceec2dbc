"""What a check looks at."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.models import InstagramAccount, MediaType, ScheduledPost
from scheduler.services.media_row import Piece


@dataclass(frozen=True)
class Case:
    """A post with its row of media, the present instant, and when it is to go out (None: nobody said)."""

    post: ScheduledPost
    account: InstagramAccount | None
    pieces: list[Piece]
    now: datetime
    at: datetime | None

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
