"""What a person does to a post from its page or from the calendar: one POST, one call."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scheduler.lib import clock
from scheduler.models import ScheduledPost, Undo, User, WrongState
from scheduler.services import post_actions, undoable
from scheduler.tasks import publish_soon
from scheduler.views.calendar import accounts_of, changed_days
from scheduler.views.moves import is_on_calendar, place_of, told
from scheduler.views.posts import post_page
from scheduler.views.shortcuts import PersonRequest, done, get_post

Do = Callable[[ScheduledPost, User, datetime], object]


@login_required
@require_POST
def schedule(request: PersonRequest, pk: int) -> HttpResponse:
    """Put a draft, or what was called off, in line for its planned time."""
    return _act(request, pk, post_actions.schedule, _("Scheduled."))


@login_required
@require_POST
def publish_now(request: PersonRequest, pk: int) -> HttpResponse:
    """Publish at once."""
    return _act(request, pk, partial(post_actions.publish_now, dispatch=publish_soon), _("It goes out now."))


@login_required
@require_POST
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    """Try a failed post again."""
    return _act(request, pk, partial(post_actions.retry, dispatch=publish_soon), _("Trying again."))


@login_required
@require_POST
def release(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a held post go."""
    return _act(request, pk, post_actions.release, _("The post is back in line."))


@login_required
@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Call it off."""
    return _act(request, pk, undoable.cancel, _("Cancelled. It won't go out."))


@login_required
@require_POST
def unschedule(request: PersonRequest, pk: int) -> HttpResponse:
    """Make it a draft again."""
    return _act(request, pk, undoable.unschedule, _("It is a draft again."))


@login_required
@require_POST
def there(request: PersonRequest, pk: int) -> HttpResponse:
    """The person saw it on Instagram."""
    return _act(request, pk, post_actions.confirm_there, _("Marked as published."))


@login_required
@require_POST
def not_there(request: PersonRequest, pk: int) -> HttpResponse:
    """The person looked and it is not there: send it once more."""
    return _act(
        request, pk, partial(post_actions.confirm_not_there, dispatch=publish_soon), _("It is sent once more.")
    )


@login_required
@require_POST
def duplicate(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a draft with the same content and open it; on the calendar it waits among the drafts."""
    if is_on_calendar(request):
        return _act_there(request, pk, undoable.duplicate, _("Duplicated. The copy is among your drafts."))
    copy = post_actions.duplicate(get_post(request.user, pk), request.user, clock.now())
    return done(request, redirect("post-edit", copy.pk), _("This is the copy. Give it a time."))


@login_required
@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Take the plan off every page; what is live on Instagram stays there."""
    if is_on_calendar(request):
        return _act_there(request, pk, undoable.delete, _("Deleted."))
    try:
        undo = undoable.delete(get_post(request.user, pk), request.user, clock.now())
    except WrongState as refusal:
        return _refused(request, pk, refusal)
    return done(request, redirect("post-list"), _("Deleted."), undo)


def _act(request: PersonRequest, pk: int, do: Do, words: str) -> HttpResponse:
    if is_on_calendar(request):
        return _act_there(request, pk, do, words)
    try:
        came = do(get_post(request.user, pk), request.user, clock.now())
    except WrongState as refusal:
        return _refused(request, pk, refusal)
    # Loaded afresh: a worker may have gone on with it already.
    answer = post_page(request, get_post(request.user, pk)) if request.htmx else redirect("post-detail", pk)
    return done(request, answer, words, came if isinstance(came, Undo) else None)


def _refused(request: PersonRequest, pk: int, refusal: WrongState) -> HttpResponse:
    return post_page(request, get_post(request.user, pk), problem=str(refusal.sentence), status=409)


def _act_there(request: PersonRequest, pk: int, do: Do, words: str) -> HttpResponse:
    """Do it where the calendar is open, which gets the days that it changed, and the way back if there is one."""
    post, now, accounts = get_post(request.user, pk), clock.now(), accounts_of(request)
    place, before, step, refused = place_of(request, accounts, now), post.scheduled_for, None, False
    try:
        came = do(post, request.user, now)
        step = came if isinstance(came, Undo) else None
    except WrongState as refusal:
        words, refused = str(refusal.sentence), True
    with timezone.override(place.zone):
        # Asked for afresh: what was refused may stand elsewhere by now.
        after = ScheduledPost.objects.for_user(request.user).filter(pk=pk).values_list("scheduled_for", flat=True)
        answer = changed_days(request, place, accounts, [before, *after])
    if refused:
        answer.status_code = 409
    return told(request, answer, words, step)
