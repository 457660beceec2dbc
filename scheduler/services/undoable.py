"""Acts on a post that can be taken back in one go: the act, and the step that undoes it."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from scheduler.models import ScheduledPost, Undo, User
from scheduler.services import post_actions, undoing


def unschedule(post: ScheduledPost, user: User, now: datetime) -> Undo:
    """Make a post a draft again. Raises WrongState."""
    return _take_out(Undo.Act.UNSCHEDULED, post_actions.unschedule, post, user, now)


def cancel(post: ScheduledPost, user: User, now: datetime) -> Undo:
    """Call a post off. Raises WrongState."""
    return _take_out(Undo.Act.CANCELLED, post_actions.cancel, post, user, now)


def delete(post: ScheduledPost, user: User, now: datetime) -> Undo:
    """Delete the plan; what is live on Instagram stays there. Raises WrongState."""
    return _take_out(Undo.Act.DELETED, post_actions.delete, post, user, now)


def duplicate(post: ScheduledPost, user: User, now: datetime) -> Undo:
    """Make a draft with the same content; to undo it deletes the copy."""
    with transaction.atomic():
        copy = post_actions.duplicate(post, user, now)
        return Undo.offer(user, Undo.Act.DUPLICATED, [{"post": copy.pk, "version": copy.version}], now)


def _take_out(
    act: Undo.Act,
    do: Callable[[ScheduledPost, User, datetime], None],
    post: ScheduledPost,
    user: User,
    now: datetime,
) -> Undo:
    was = undoing.as_it_was(post)
    with transaction.atomic():
        do(post, user, now)
        return Undo.offer(user, act, [was | {"version": post.version}], now)
