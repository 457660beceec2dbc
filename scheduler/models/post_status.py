"""What a post can be, what it may become, and why it may not."""

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Status(models.TextChoices):
    """The specification's six stored states."""

    DRAFT = "draft", pgettext_lazy("post", "Draft")
    SCHEDULED = "scheduled", pgettext_lazy("post", "Scheduled")
    PUBLISHING = "publishing", pgettext_lazy("post", "Publishing")
    PUBLISHED = "published", pgettext_lazy("post", "Published")
    FAILED = "failed", pgettext_lazy("post", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("post", "Cancelled")


class DisplayStatus(models.TextChoices):
    """What the screen shows: the six, and three that say more."""

    DRAFT = "draft", Status.DRAFT.label
    SCHEDULED = "scheduled", Status.SCHEDULED.label
    PUBLISHING = "publishing", Status.PUBLISHING.label
    PUBLISHED = "published", Status.PUBLISHED.label
    FAILED = "failed", Status.FAILED.label
    CANCELLED = "cancelled", Status.CANCELLED.label
    ON_HOLD = "on_hold", pgettext_lazy("post", "On hold")
    UNCONFIRMED = "unconfirmed", pgettext_lazy("post", "Checking")
    NEEDS_CHECK = "needs_check", pgettext_lazy("post", "Needs a check")
    AT_RISK = "at_risk", pgettext_lazy("post", "At risk")


class HoldReason(models.TextChoices):
    """Why a post will not go out until somebody releases it."""

    NONE = "", ""
    MISSED = "missed", _("The time passed while our publishing was stopped.")
    RECONNECT = "reconnect", _("The account needs to be reconnected.")
    PERMISSION = "permission", _("The account's permission to publish is missing.")
    DISCONNECTED = "disconnected", _("The account is disconnected.")
    RESTRICTED = "restricted", _("Instagram limited the account.")
    ACCOUNT_TYPE = "account_type", _("The account is no longer a professional account.")
    PAUSED = "paused", _("Publishing is paused.")
    # What a resume leaves behind, so that nothing goes out in a burst.
    PASSED = "passed", _("The time passed while publishing was paused.")


class MediaType(models.TextChoices):
    """The specification's five kinds of post."""

    IMAGE = "IMAGE", _("Photo")
    CAROUSEL = "CAROUSEL", _("Carousel")
    REELS = "REELS", _("Reel")
    STORY = "STORY", _("Story")
    VIDEO = "VIDEO", _("Video")


# The one table of what may become what. PUBLISHED is the end: what is live is not taken back from here.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.SCHEDULED}),
    Status.SCHEDULED: frozenset({Status.SCHEDULED, Status.DRAFT, Status.PUBLISHING, Status.FAILED, Status.CANCELLED}),
    Status.PUBLISHING: frozenset({Status.PUBLISHED, Status.FAILED, Status.SCHEDULED}),
    Status.FAILED: frozenset({Status.SCHEDULED, Status.DRAFT, Status.CANCELLED}),
    Status.CANCELLED: frozenset({Status.SCHEDULED, Status.DRAFT}),
    Status.PUBLISHED: frozenset(),
}


def sources_of(target: Status) -> list[Status]:
    """Return the states from which `target` can be reached."""
    return [status for status, targets in TRANSITIONS.items() if target in targets]


class WrongState(Exception):
    """The post is not in a state for this; `sentence` says why, `code` names the rule."""

    def __init__(self, code: str, sentence: "str | _StrPromise") -> None:
        super().__init__(str(sentence))
        self.code, self.sentence = code, sentence


class Stale(WrongState):
    """Somebody changed the post in the meantime."""

    def __init__(self) -> None:
        super().__init__("STALE", _("This post changed in the meantime. This is the latest version."))


class ClaimLost(Exception):
    """Another worker or a person took the post over; what this worker holds no longer counts."""


LOCKED_NOW = _("This post is going out now and can't be moved.")
LOCKED_DONE = _("Published posts can't be moved. Duplicate it to post again.")
WRONG_STATE_SENTENCES: "dict[str, _StrPromise]" = {
    Status.PUBLISHING: LOCKED_NOW,
    Status.PUBLISHED: LOCKED_DONE,
    Status.CANCELLED: _("This post is cancelled. Schedule it again first."),
    Status.DRAFT: _("This post is a draft. Schedule it first."),
    Status.SCHEDULED: _("This post is already scheduled."),
    Status.FAILED: _("This post failed. Try again or change it first."),
}


def wrong_state(status: str) -> WrongState:
    """Return the refusal that says what state the post is in and what to do."""
    return WrongState("WRONG_STATE", WRONG_STATE_SENTENCES[Status(status)])
