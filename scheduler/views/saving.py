"""Save what is being written by itself: a draft as it is, a post that waits for its time as a copy beside it."""

from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scheduler.forms.post_media import items_in, kept_ids
from scheduler.forms.posts import PostForm
from scheduler.lib import clock
from scheduler.lib.numbers import row_id
from scheduler.models import ScheduledPost, Stale, Status, WrongState
from scheduler.services import post_actions, when, working_copies
from scheduler.views.post_form import OVERTAKEN, begun_draft
from scheduler.views.shortcuts import PersonRequest, get_post

# With none of these a new form says nothing that would be missed.
WORTH_KEEPING = ("caption", "first_comment", "notes", "collaborators", "location_id", "media", "audio_name")


@login_required
@require_POST
def autosave(request: PersonRequest) -> HttpResponse:
    """Save the form as it stands; answers in JSON with what the browser needs for the next time.

    204 when there is nothing to save yet, 409 when somebody else changed the post, 422 with what can't be read.
    """
    post = get_post(request.user, row_id(request.GET["post"])) if "post" in request.GET else begun_draft(request)
    if post is not None and not post.can_edit:
        return _refused(post_actions.locked_words(post), 409)
    if post is not None and post.status == Status.SCHEDULED:
        return _keep_copy(request, post)
    if post is None and not any(request.POST.get(name, "").strip() for name in WORTH_KEEPING):
        return HttpResponse(status=204)
    return _save_draft(request, post)


def _keep_copy(request: PersonRequest, post: ScheduledPost) -> HttpResponse:
    if working_copies.keep(post, request.POST, request.user, clock.now(), seen=request.POST.get("copy_at", "")):
        return _saved(post, is_copy=True)
    return _overtaken(post)


def _save_draft(request: PersonRequest, post: ScheduledPost | None) -> HttpResponse:
    form = PostForm(request.POST, user=request.user, now=clock.now(), post=post)
    if not form.is_valid():
        return _refused(next(str(text) for texts in form.errors.values() for text in texts), 422)
    try:
        return _saved(form.save(goes_on=True), is_copy=False)
    except Stale:
        return _overtaken(post) if post else _refused(str(OVERTAKEN), 409)
    except WrongState as refusal:
        return _refused(str(refusal.sentence), 409)
    except IntegrityError:
        return _refused(_("This draft was saved or deleted in another tab. Open it from your drafts."), 409)


def _saved(post: ScheduledPost, *, is_copy: bool) -> JsonResponse:
    now = when.clock_time(clock.now())
    told = _("Changes kept: %(time)s. Not applied yet.") if is_copy else _("Saved: %(time)s")
    return JsonResponse({
        "post": post.pk, "said": told % {"time": now},
        "version": working_copies.version_of(post) if is_copy else post.version,
        "copy_at": working_copies.at_of(post),
        "edit": reverse("post-edit", args=[post.pk]),
        "autosave": f"{reverse('post-autosave')}?post={post.pk}",
    })  # fmt: skip


def _overtaken(post: ScheduledPost) -> JsonResponse:
    """Say that somebody was faster, and what the next save must name to count all the same; not once it is live."""
    post.refresh_from_db()
    told = {"problem": str(OVERTAKEN)}
    latest = {"version": post.version, "copy_at": working_copies.at_of(post)} if post.can_edit else {}
    return JsonResponse(told | latest, status=409)


def _refused(problem: str, status: int) -> JsonResponse:
    return JsonResponse({"problem": problem}, status=status)


@login_required
@require_POST
def new_from_changes(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a draft of changes that were not applied before the post went out; they leave the post."""
    post = get_post(request.user, pk)
    if not post.working_copy:
        return redirect("post-detail", post.pk)
    data, now = working_copies.fields_of(post), clock.now()
    form = PostForm(data, user=request.user, now=now)
    form.items = items_in(data, request.user, kept_ids(post))
    form.is_valid()  # a draft saves whatever is wrong with it
    with transaction.atomic():
        if not working_copies.drop(post, request.user, now):
            return redirect("post-detail", post.pk)  # another click was faster
        draft = form.save()
    return redirect("post-edit", draft.pk)
