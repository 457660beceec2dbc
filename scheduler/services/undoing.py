"""Take back what was done to posts in one go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduler.models import HoldReason, PostChange, PostIdea, ScheduledPost, Status, Undo, User, WrongState
from scheduler.models.post import MINIMUM_AHEAD, NO_CLAIM, NO_CONTAINER, NO_TROUBLE
from scheduler.services import moves, post_actions, when
from scheduler.services.post_facts import time_of


@dataclass
class TakenBack:
    """What came of it: the posts that are back, with where each of them was; and why others are not.

    act: what was undone. drafts: why posts that were in line are back as drafts.
    dropped: how many posts of a file are gone.
    """

    act: Undo.Act
    posts: list[ScheduledPost] = field(default_factory=list)
    left: list[datetime | None] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    dropped: int = 0

    @property
    def words(self) -> str:
        """Return what happened, in a sentence or two."""
        return " ".join(word for word in (self._of_those_back(), self._of_drafts(), self._of_the_rest()) if word)

    def _of_those_back(self) -> str:
        if self.dropped:
            told = ngettext("%(n)s imported post deleted.", "%(n)s imported posts deleted.", self.dropped)
            return told % {"n": self.dropped}
        count = len(self.posts)
        if count == 1 and not self.reasons:
            at = self.posts[0].scheduled_for
            return _("Back to %(time)s.") % {"time": when.moment_inside(at)} if at else _("Undone.")
        if count and self.act == Undo.Act.DUPLICATED:
            return _("Undone.")  # the copies are gone, and nothing came back
        return ngettext("%(n)s post is back.", "%(n)s posts are back.", count) % {"n": count} if count else ""

    def _of_drafts(self) -> str:
        count = len(self.drafts)
        if count == 1 and len(self.posts) == 1:
            return f"{self.drafts[0]} {_('It is a draft again.')}"
        told = ngettext(
            "%(n)s is a draft and won't go out until you schedule it.",
            "%(n)s are drafts and won't go out until you schedule them.",
            count,
        )
        return told % {"n": count} if count else ""

    def _of_the_rest(self) -> str:
        count = len(self.reasons)
        if not count:
            return ""
        if count == 1:
            return self.reasons[0]
        told = ngettext("%(n)s stays as it is.", "%(n)s stay as they are.", count) % {"n": count}
        return f"{told} {self.reasons[0]}"


def take_back(user: User, token: str, now: datetime) -> TakenBack:
    """Undo one step, each of its posts on its own. Raises WrongState when it is too late for all of it."""
    step = Undo.take(user, token, now)
    if step is None:
        raise WrongState("UNDO_GONE", _("This can't be undone any more."))
    if step.act == Undo.Act.IMPORTED:
        return _drop_imported(user, step, now)
    came = TakenBack(Undo.Act(step.act))
    put_back = HOW[came.act]
    mine = ScheduledPost.objects.filter(user=user, pk__in=[was["post"] for was in step.before])
    posts = mine.select_related("instagram_account").prefetch_related("media__asset").in_bulk()
    for was in step.before:
        post = posts.get(was["post"])
        if post is None:
            continue
        left = post.scheduled_for
        try:
            with transaction.atomic():
                _refuse_changed(post, was)
                why_draft = put_back(post, was, user, now)
        except WrongState as refused:
            came.reasons.append(str(refused.sentence))
            continue
        came.drafts += [why_draft] if why_draft else []
        came.posts.append(post)
        came.left.append(left)
    if not came.posts and not came.reasons:
        raise WrongState("UNDO_GONE", _("This can't be undone any more."))
    return came


def _drop_imported(user: User, step: Undo, now: datetime) -> TakenBack:
    """Delete what a file brought in, if nobody worked on it since and nothing of it was sent; a few queries."""
    first = {was["post"] for was in step.before if was["version"] == 1}
    mine = ScheduledPost.objects.for_user(user).filter(pk__in=first, version=1, publish_calls=0)
    quiet = NO_CLAIM | {"wake_at": None, "check_at": None, "deleted_at": now, "updated_at": now, "version": 2}
    with transaction.atomic():
        gone = list(mine.filter(status__in=[Status.DRAFT, Status.SCHEDULED]).select_for_update())
        rows = ScheduledPost.objects.filter(pk__in=[post.pk for post in gone])
        rows.filter(status=Status.DRAFT).update(**quiet)
        rows.filter(status=Status.SCHEDULED).update(
            **quiet | NO_CONTAINER | NO_TROUBLE | {"status": Status.CANCELLED}
        )
        PostChange.note_all(gone, PostChange.Act.DELETED, user, now)
    kept = len(step.before) - len(gone)
    told = _("What was changed or sent since stays as it is.")
    return TakenBack(Undo.Act.IMPORTED, dropped=len(gone), reasons=[told] * kept)


def _refuse_changed(post: ScheduledPost, was: dict[str, Any]) -> None:
    if post.version != was["version"]:
        told = _("“%(title)s” changed since, so it stays as it is.")
        raise WrongState("CHANGED_SINCE", told % {"title": post.title})


def _move_back(post: ScheduledPost, was: dict[str, Any], user: User, now: datetime) -> None:
    """Give a post its old time again."""
    refused = moves.refusal(post, now)
    if refused is not None:
        raise refused
    before = time_of(post)
    if was["day"] and was["time"]:
        moment = post.plan(_wall(was), was["zone"])
        if post.status == Status.SCHEDULED and moment.utc < now + MINIMUM_AHEAD:
            raise WrongState("TIME_PAST", _("The old time has passed. Choose another one."))
    else:
        post.planned_day = post.planned_time = post.scheduled_for = None
    post.move(now=now)
    post_actions.note(post, PostChange.Act.MOVED, user, now, changed={"time": [before, time_of(post)]})


def _wall(was: dict[str, Any]) -> datetime:
    return datetime.combine(date.fromisoformat(was["day"]), time.fromisoformat(was["time"]))


def as_it_was(post: ScheduledPost) -> dict[str, object]:
    """Return what an Undo needs to give a post its old state again; `version` is added after the act."""
    trouble = {"last_error": post.last_error, "last_error_facts": post.last_error_facts}
    return {"post": post.pk, "status": post.status, "hold": post.hold_reason, "trouble": trouble}


def _put_back(post: ScheduledPost, was: dict[str, Any], user: User, now: datetime) -> None:
    """Put a post back in line that was taken out of it; what had failed or was called off stays off."""
    if was["status"] == Status.SCHEDULED:
        _queue_again(post, was, user, now)
        return
    post.restore(Status(was["status"]), now=now, **was["trouble"])
    post_actions.note(post, PostChange.Act.RESTORED, user, now)


def _restore(post: ScheduledPost, was: dict[str, Any], user: User, now: datetime) -> str | None:
    """Bring a deleted post back as it was; return why it is a draft, when it cannot be in line again."""
    was_in_line = was["status"] == Status.SCHEDULED
    post.restore(Status.DRAFT if was_in_line else Status(was["status"]), now=now)
    post_actions.note(post, PostChange.Act.RESTORED, user, now)
    try:
        if was_in_line:
            _queue_again(post, was, user, now)
    except WrongState as refused:
        return str(refused.sentence)
    return None


@transaction.atomic
def _queue_again(post: ScheduledPost, was: dict[str, Any], user: User, now: datetime) -> None:
    """Put a post in line, or on hold, as it was minutes ago; the processor looks at once for what is in its way.

    What a pause held is held if that lasts.
    """
    post.schedule(now=now)
    again = ScheduledPost.objects.filter(pk=post.pk, hold_reason=HoldReason.NONE)
    if was.get("hold", HoldReason.NONE) in {HoldReason.NONE, HoldReason.PAUSED}:
        again.update(check_at=now)
    else:
        again.hold(was["hold"])
    post_actions.note(post, PostChange.Act.SCHEDULED, user, now, time=time_of(post))


def _drop_copy(post: ScheduledPost, _was: dict[str, Any], user: User, now: datetime) -> None:
    """Delete what was duplicated, if nobody worked on it since."""
    post_actions.delete(post, user, now)


def _back_to_idea(post: ScheduledPost, was: dict[str, Any], user: User, now: datetime) -> None:
    """Delete the draft that an idea was planned as, if nobody worked on it since; the idea waits again."""
    idea = PostIdea.objects.for_user(user).filter(pk=was["idea"])
    if not idea.exists():
        raise WrongState("IDEA_GONE", _("The idea was deleted meanwhile, so the draft stays."))
    post_actions.delete(post, user, now)
    idea.filter(status=PostIdea.Status.USED).update(status=was["was_idea"], updated_at=now)
    post.scheduled_for = None


HOW: dict[Undo.Act, Callable[[ScheduledPost, dict[str, Any], User, datetime], str | None]] = {
    Undo.Act.MOVED: _move_back,
    Undo.Act.UNSCHEDULED: _put_back,
    Undo.Act.CANCELLED: _put_back,
    Undo.Act.DUPLICATED: _drop_copy,
    Undo.Act.DELETED: _restore,
    Undo.Act.PLANNED: _back_to_idea,
}
