"""Write a post: a new one, or one that is not on its way yet."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST

from scheduler.forms.post_check import CheckForm
from scheduler.forms.posts import PostForm
from scheduler.instagram import limits
from scheduler.lib import clock
from scheduler.lib.numbers import row_id
from scheduler.models import InstagramAccount, ScheduledPost, WrongState
from scheduler.services import post_actions
from scheduler.tasks import publish_soon
from scheduler.views.posts import post_page
from scheduler.views.shortcuts import PersonRequest, get_post, render_page

TOLD = {
    "draft": _lazy("Draft saved."),
    "save": _lazy("Saved."),
    "schedule": _lazy("Scheduled."),
    "slot": _lazy("Scheduled at the next free slot."),
    "now": _lazy("It goes out now."),
}
# What a calendar or a profile may give along for a new post.
GIVEN = ("account", "day", "clock", "caption")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create_post(request: PersonRequest) -> HttpResponse:
    """Write a new post."""
    return _write(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_post(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a post; refused while it goes out and once it is live."""
    post = get_post(request.user, pk)
    if not post.can_edit:
        return post_page(request, post, problem=_locked(post), status=409)
    return _write(request, post)


@login_required
@require_POST
def preview_post(request: PersonRequest) -> HttpResponse:
    """Show what Instagram will show of the form as it stands, and what is in the way. Keeps nothing."""
    post = get_post(request.user, row_id(request.GET["post"])) if "post" in request.GET else None
    check = CheckForm(request.POST, user=request.user, now=clock.now(), post=post)
    return render(request, "scheduler/posts/_looked_at.html", {"check": check})


def _write(request: PersonRequest, post: ScheduledPost | None) -> HttpResponse:
    is_post = request.method == "POST"
    data, files = (request.POST, request.FILES) if is_post else (None, None)
    initial = {} if post else _given(request)
    form = PostForm(data, files, user=request.user, now=clock.now(), post=post, initial=initial)
    if not is_post or not form.is_valid():
        return _form_page(request, form, post, status=422 if is_post else 200)
    try:
        saved = form.save()
    except WrongState as refusal:
        return _form_page(request, form, post, problem=str(refusal.sentence), status=409)
    return _send_on(request, form, saved)


def _send_on(request: PersonRequest, form: PostForm, post: ScheduledPost) -> HttpResponse:
    """Do what the button said to the post that is saved now."""
    now = clock.now()
    try:
        if form.act in {"schedule", "slot"}:
            post_actions.schedule(post, request.user, now)
        elif form.act == "now":
            post_actions.publish_now(post, request.user, now, publish_soon)
    except WrongState as refusal:
        messages.error(request, str(refusal.sentence))
        return redirect("post-edit", post.pk)
    if form.moment_sentence():
        messages.info(request, form.moment_sentence())
    messages.success(request, TOLD.get(form.act, TOLD["save"]))
    return redirect("post-detail", post.pk)


def _form_page(
    request: PersonRequest, form: PostForm, post: ScheduledPost | None, *, problem: str = "", status: int
) -> HttpResponse:
    context = {
        "section": "new" if post is None else "posts",
        "form": form,
        "check": CheckForm.beside(form),
        "post": post,
        "problem": problem,
        "limits": limits,
        "fresh_version": post.version if post else "",
    }
    return render_page(
        request, "scheduler/posts/edit.html", context, partial="scheduler/posts/_form.html", status=status
    )


def _given(request: PersonRequest) -> dict[str, object]:
    given: dict[str, object] = {name: request.GET[name] for name in GIVEN if name in request.GET}
    accounts = list(InstagramAccount.objects.for_user(request.user)[:2])
    return {"account": accounts[0].pk} | given if len(accounts) == 1 else given


def _locked(post: ScheduledPost) -> str:
    if post.published_at is not None:
        return _("Published posts can't be changed. Duplicate it to post again.")
    return _("This post is going out now and can't be changed.")
