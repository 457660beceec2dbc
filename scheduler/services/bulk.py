"""Do one thing to many posts: each on its own, what is refused says why, and one Undo takes all the rest back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, ngettext_lazy, pgettext_lazy

from scheduler.models import DisplayStatus, ScheduledPost, Stale, Status, Undo, User, WrongState
from scheduler.services import moves, post_actions, undoing
from scheduler.services.moves import Wish

# As many at a time; a plan for two months fits, and the answer comes within seconds.
MOST = 200
# Of the posts that stay as they are, so many are named for each reason, by so much of their titles.
NAMED, NAME_CHARS = 3, 30
# Why a post stays as it is, said of one or of several; all other reasons say it in their own sentence.
WHY = {
    "LOCKED_DONE": pgettext_lazy("why not", "already published"),
    "LOCKED_NOW": pgettext_lazy("why not", "going out now"),
    "LOCKED_CHECK": pgettext_lazy("why not", "waiting for a check on Instagram"),
    "STALE": pgettext_lazy("why not", "changed in the meantime"),
    "TIME_PAST": pgettext_lazy("why not", "the new time has passed"),
    "TIME_MISSING": pgettext_lazy("why not", "no time yet"),
    "ASK_ANYWAY": pgettext_lazy("why not", "over Instagram's limit for 24 hours"),
    "ASK_AGAIN": pgettext_lazy("why not", "failed or cancelled, schedule them again one by one"),
    "THERE": pgettext_lazy("why not", "there already"),
    Status.DRAFT: pgettext_lazy("why not", "already drafts"),
    Status.PUBLISHING: pgettext_lazy("why not", "going out now"),
    Status.PUBLISHED: pgettext_lazy("why not", "already published"),
}
UNCLEAR = {DisplayStatus.UNCONFIRMED, DisplayStatus.NEEDS_CHECK}
SAME_AS = {"PAST_TODAY": "TIME_PAST"}
DONE = {
    Undo.Act.MOVED: ngettext_lazy("%(n)s post moved.", "%(n)s posts moved.", "n"),
    Undo.Act.UNSCHEDULED: ngettext_lazy("%(n)s post is a draft again.", "%(n)s posts are drafts again.", "n"),
    Undo.Act.DUPLICATED: ngettext_lazy("%(n)s post duplicated.", "%(n)s posts duplicated.", "n"),
    Undo.Act.DELETED: ngettext_lazy("%(n)s post deleted.", "%(n)s posts deleted.", "n"),
}
NOTHING = _lazy("Nothing changed.")
Picks = dict[int, int | None]
Step = Callable[[ScheduledPost], dict[str, Any] | None]


@dataclass
class Outcome:
    """What came of it.

    posts: those that it was done to. times: where they were, and where they are now. refused: titles by reason.
    skipped: how many of the moved the clock carried forward. undo: None when nothing was done.
    """

    act: Undo.Act
    posts: list[ScheduledPost] = field(default_factory=list)
    times: list[datetime | None] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)
    skipped: int = 0
    undo: Undo | None = None

    @property
    def words(self) -> str:
        """Return what happened, in one or two sentences."""
        done = str(DONE[self.act] % {"n": len(self.posts)}) if self.posts else str(NOTHING)
        return " ".join(word for word in (done, self._of_drafts(), self._of_the_clock(), self._of_the_rest()) if word)

    def _of_drafts(self) -> str:
        drafts = sum(post.status == Status.DRAFT for post in self.posts) if self.act == Undo.Act.MOVED else 0
        told = ngettext(
            "%(n)s is a draft and won't go out until you schedule it.",
            "%(n)s are drafts and won't go out until you schedule them.",
            drafts,
        )
        return told % {"n": drafts} if drafts else ""

    def _of_the_clock(self) -> str:
        told = ngettext(
            "The clock goes forward at the time of %(n)s, so it goes out later.",
            "The clock goes forward at the time of %(n)s, so they go out later.",
            self.skipped,
        )
        return told % {"n": self.skipped} if self.skipped else ""

    def _of_the_rest(self) -> str:
        count = sum(map(len, self.refused.values()))
        if not count:
            return ""
        told = ngettext("%(n)s could not: %(why)s.", "%(n)s could not: %(why)s.", count)
        return told % {"n": count, "why": "; ".join(_named(why, titles) for why, titles in self.refused.items())}


def _named(why: str, titles: list[str]) -> str:
    """Return a reason with the posts it holds for: "going out now (“A”, “B”, “C” and 4 more)"."""
    names = ", ".join(f"“{_short(title)}”" for title in titles[:NAMED])
    more = len(titles) - NAMED
    if more > 0:
        names = _("%(names)s and %(n)s more") % {"names": names, "n": more}
    return f"{why.rstrip('.')} ({names})"


def _short(title: str) -> str:
    return title if len(title) <= NAME_CHARS else f"{title[: NAME_CHARS - 1].rstrip()}…"


# --- The acts ----------------------------------------------------------------------------------------------
def picked(user: User, picks: Picks) -> list[ScheduledPost]:
    """Return the posts that are theirs, the earliest first, with what the acts read of them; three queries.

    Ids of nobody's or of somebody else's posts are as if they had not been named. Raises WrongState for too many, and
    when none is left.
    """
    if len(picks) > MOST:
        raise WrongState("TOO_MANY", _("At most %(n)s posts at a time. Select fewer.") % {"n": MOST})
    mine = ScheduledPost.objects.for_user(user).filter(pk__in=picks)
    posts = list(mine.select_related("instagram_account", "cover").prefetch_related("media__asset__renditions"))
    if not posts:
        named = _("These posts are not here any more.") if picks else _("Select at least one post first.")
        raise WrongState("NOTHING_PICKED", named)
    return sorted(posts, key=lambda post: (post.scheduled_for is None, post.scheduled_for, post.pk))


def move(user: User, picks: Picks, wish: Wish, now: datetime) -> Outcome:
    """Move each of them as the wish says. Raises WrongState when there are none, or too many."""
    came = Outcome(Undo.Act.MOVED)

    def step(post: ScheduledPost) -> dict[str, Any] | None:
        moved, was = moves.move_one_of_many(post, wish, user, now)
        came.skipped += was is not None and moved.moment.kind == "gap"
        return was

    posts = picked(user, picks)
    # The last goes first when all go on: none is to be counted on the day that the next one is about to leave.
    return _each(came, posts[::-1] if wish.later > 0 else posts, picks, step, user, now)


def unschedule(user: User, picks: Picks, now: datetime) -> Outcome:
    """Make each of them a draft again."""
    step = partial(_changed, post_actions.unschedule, user, now)
    return _each(Outcome(Undo.Act.UNSCHEDULED), picked(user, picks), picks, step, user, now)


def delete(user: User, picks: Picks, now: datetime) -> Outcome:
    """Delete each plan; what is live on Instagram stays there."""
    step = partial(_changed, post_actions.delete, user, now)
    return _each(Outcome(Undo.Act.DELETED), picked(user, picks), picks, step, user, now)


def duplicate(user: User, picks: Picks, now: datetime) -> Outcome:
    """Make a draft without a time of each of them; whatever version it has by now."""

    def step(post: ScheduledPost) -> dict[str, Any]:
        copy = post_actions.duplicate(post, user, now)
        return {"post": copy.pk, "version": copy.version}

    return _each(Outcome(Undo.Act.DUPLICATED), picked(user, picks), dict.fromkeys(picks), step, user, now)


def _changed(
    act: Callable[[ScheduledPost, User, datetime], None], user: User, now: datetime, post: ScheduledPost
) -> dict[str, Any]:
    was = undoing.as_it_was(post)
    act(post, user, now)
    return was | {"version": post.version}


def _each(came: Outcome, posts: list[ScheduledPost], picks: Picks, step: Step, user: User, now: datetime) -> Outcome:
    """Take the step with each post in a transaction of its own, so that nobody waits long for the database."""
    taken: list[dict[str, Any]] = []
    for post in posts:
        left = post.scheduled_for
        try:
            _require_version(post, picks)
            was = step(post)
        except WrongState as refused:
            came.refused.setdefault(_why(refused, post), []).append(post.title)
            continue
        if was is None:
            came.refused.setdefault(str(WHY["THERE"]), []).append(post.title)
            continue
        taken.append(was)
        came.posts.append(post)
        came.times += [left, post.scheduled_for]
    came.undo = Undo.offer(user, came.act, taken, now) if taken else None
    return came


def _require_version(post: ScheduledPost, picks: Picks) -> None:
    seen = picks[post.pk]
    if seen is not None and seen != post.version:
        raise Stale()


def _why(refused: WrongState, post: ScheduledPost) -> str:
    code = SAME_AS.get(refused.code, refused.code)
    if code == "WRONG_STATE":
        code = "LOCKED_CHECK" if post.display_status in UNCLEAR else post.status
    return str(WHY.get(code, refused.sentence))
