"""What keeps a post from going out, and what a person should know of it before: looked at without any network.

Asked when a post is scheduled, an hour and five minutes before its time, before each retry, and by its page. What an
address was found to hold (services.media_by_address) is remembered on the row and told again here.

Codec and frame rate of a video are not looked at again: services.media_intake keeps none that Instagram can't read.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from scheduler.models import ScheduledPost
from scheduler.services import preflight_account, preflight_media, preflight_options, preflight_time, preflight_words
from scheduler.services.findings import BLOCKER, ORDER, Finding
from scheduler.services.media_row import Piece, pieces_of
from scheduler.services.preflight_case import Case, Others
from scheduler.services.preflight_time import STORED, UNASKED

# With one of these there is nothing that could be sent, or nothing that may be asked for.
CERTAIN = frozenset({"MEDIA_MISSING", "ADDRESS_UNUSABLE", "ADDRESS_PRIVATE"})
Theme = Callable[[Case], Iterator[Finding]]
THEMES: tuple[Theme, ...] = (
    preflight_account.look,
    preflight_media.look,
    preflight_words.look,
    preflight_options.look,
    preflight_time.look,
)


def check(
    post: ScheduledPost,
    now: datetime,
    *,
    at: datetime | None = None,
    pieces: list[Piece] | None = None,
    others: Others = STORED,
) -> list[Finding]:
    """Return what is found, the worst first; about eight queries.

    at:     when it is to go out; its own time unless told. `now` means at once.
    pieces: its row of media, when that is not written yet.
    others: where the other posts of its profile are; the database unless told.
    """
    row = pieces_of(post) if pieces is None else pieces
    when = at or post.next_attempt_at or post.scheduled_for
    case = Case(post, post.instagram_account, row, now, when, others)
    found = [finding for look in THEMES for finding in look(case)]
    return sorted(found, key=lambda finding: ORDER[finding.level])


def stoppers(
    post: ScheduledPost, now: datetime, *, at: datetime | None = None, pieces: list[Piece] | None = None
) -> list[Finding]:
    """Return what keeps the post from going out; the arguments are those of `check`. About five queries."""
    return blockers(check(post, now, at=at, pieces=pieces, others=UNASKED))


def blockers(findings: list[Finding]) -> list[Finding]:
    """Return those that keep the post from going out."""
    return [finding for finding in findings if finding.level == BLOCKER]


def certain(findings: list[Finding]) -> Finding | None:
    """Return the blocker that makes an attempt pointless, None when there is none.

    A post with other blockers is tried all the same at its time: our numbers may be older than Instagram's, a server
    that refuses us may let Meta in, and a try costs nothing, for a refusal leaves nothing public. What Instagram then
    says is final, and is told in its own sentence.
    """
    return next((finding for finding in blockers(findings) if finding.code in CERTAIN), None)
