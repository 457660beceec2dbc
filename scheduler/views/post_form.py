"""Write a post: a new one, or one that is not on its way yet."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheduler.forms.post_check import CheckForm
from scheduler.forms.posts import PostForm, draft_key_in
from scheduler.instagram import limits
from scheduler.lib import clock
from scheduler.lib.numbers import row_id
from scheduler.models import InstagramAccount, ScheduledPost, Stale, Status, WrongState
from scheduler.services import places, post_actions, working_copies
from scheduler.tasks import publish_soon
from scheduler.views.posts import post_page
from scheduler.views.shortcuts import PersonRequest, get_account, get_post, render_page

TOLD = {
    "draft": _lazy("Draft saved."),
    "save": _lazy("Saved."),
    "schedule": _lazy("Scheduled."),
    "slot": _lazy("Scheduled at the next free slot."),
    "now": _lazy("It goes out now."),
}
# Said while the form still shows the person's own words, so never that this is the latest version.
OVERTAKEN = _lazy("This post was changed elsewhere in the meantime.")
# A search for a place: it looks from so many letters on, and reads no more than so many.
FEWEST_LETTERS, MOST_WORDS = 2, 200
COPY_ACTS = {"keep", "discard"}
# What a calendar or a profile may give along for a new post.
GIVEN = ("account", "day", "clock", "timezone", "caption")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create_post(request: PersonRequest) -> HttpResponse:
    """Write a new post; sent twice, or saved by itself before, it is the same one."""
    begun = begun_draft(request) if request.method == "POST" else None
    try:
        return _write(request, None) if begun is None else _change(request, begun)
    except IntegrityError:
        begun = begun_draft(request)
        return redirect("post-detail", begun.pk) if begun else _deleted_draft(request)


def _deleted_draft(request: PersonRequest) -> HttpResponse:
    """Show the words of a draft that was deleted meanwhile; sent again, they are a post of their own."""
    form = PostForm(request.POST, request.FILES, user=request.user, now=clock.now())
    form.draft_key = str(uuid4())
    told = _("This draft was deleted in another tab. Save it again to make a new post of it.")
    return _form_page(request, form, None, problem=told, status=409)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_post(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a post; refused while it goes out and once it is live."""
    return _change(request, get_post(request.user, pk))


def begun_draft(request: PersonRequest) -> ScheduledPost | None:
    """Return the post that this new form was saved as already, None when it was not."""
    key = draft_key_in(request.POST)
    begun = ScheduledPost.objects.for_user(request.user).filter(draft_key=key).first() if key else None
    return get_post(request.user, begun.pk) if begun else None


def _change(request: PersonRequest, post: ScheduledPost) -> HttpResponse:
    if not post.can_edit:
        return post_page(request, post, problem=post_actions.locked_words(post), status=409)
    is_in_line = post.status == Status.SCHEDULED
    if is_in_line and request.method == "POST" and request.POST.get("act") in COPY_ACTS:
        return _keep_or_drop(request, post)
    if is_in_line and request.method != "POST" and post.working_copy and "latest" not in request.GET:
        form = PostForm(working_copies.fields_of(post), user=request.user, now=clock.now(), post=post)
        return _form_page(request, form, post, status=200)
    return _write(request, post)


def _keep_or_drop(request: PersonRequest, post: ScheduledPost) -> HttpResponse:
    """Keep what the form says beside the post, or throw what was kept away; what goes out stays as it is."""
    now = clock.now()
    if request.POST["act"] == "discard":
        working_copies.drop(post, request.user, now)
        messages.success(request, _("Changes discarded. It goes out as it was."))
    elif working_copies.keep(post, request.POST, request.user, now, seen=request.POST.get("copy_at", "")):
        messages.success(request, _("Changes kept. They count once you apply them."))
    else:
        return _overtaken(request, get_post(request.user, post.pk))
    return redirect("post-detail", post.pk)


def _overtaken(request: PersonRequest, post: ScheduledPost) -> HttpResponse:
    """Say that somebody was faster; the words stay in the form, and count when they are sent again."""
    if not post.can_edit:
        return post_page(request, post, problem=post_actions.locked_words(post), status=409)
    form = PostForm(request.POST, user=request.user, now=clock.now(), post=post)
    return _form_page(request, form, post, problem=str(OVERTAKEN), status=409)


@login_required
@require_POST
def preview_post(request: PersonRequest) -> HttpResponse:
    """Show what Instagram will show of the form as it stands, and what is in the way. Keeps nothing."""
    post = get_post(request.user, row_id(request.GET["post"])) if "post" in request.GET else begun_draft(request)
    check = CheckForm(request.POST, user=request.user, now=clock.now(), post=post)
    return render(request, "scheduler/posts/_looked_at.html", {"check": check})


@login_required
@require_safe
def find_places(request: PersonRequest) -> HttpResponse:
    """Answer the places that an account's connection finds for a few words, or the page of a pasted number."""
    words = request.GET.get("place_words", "").replace("\0", "").strip()[:MOST_WORDS]
    if len(words) < FEWEST_LETTERS or not request.GET.get("account"):
        return HttpResponse()
    found = places.find(get_account(request.user, request.GET["account"]), words)
    answer = render(request, "scheduler/posts/_places.html", {"found": found})
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
        problem = OVERTAKEN if isinstance(refusal, Stale) else refusal.sentence
        return _form_page(request, form, post, problem=str(problem), status=409)
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
        "fresh_version": _version_of(form, post),
        "copy_at": working_copies.at_of(post) if post else "",
    }
    return render_page(
        request, "scheduler/posts/edit.html", context, partial="scheduler/posts/_form.html", status=status
    )


def _version_of(form: PostForm, post: ScheduledPost | None) -> int | str:
    """Return the version that the form's words are meant for: a copy's own, until somebody sent the form anew."""
    if post is None:
        return ""
    is_a_copy = form.is_bound and not form.data.get("csrfmiddlewaretoken") and post.working_copy
    return post.working_copy["version"] if is_a_copy and post.working_copy else post.version


def _given(request: PersonRequest) -> dict[str, object]:
    given: dict[str, object] = {name: request.GET[name] for name in GIVEN if name in request.GET}
    accounts = list(InstagramAccount.objects.for_user(request.user)[:2])
    return {"account": accounts[0].pk} | given if len(accounts) == 1 else given
