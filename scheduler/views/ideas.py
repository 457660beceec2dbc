"""The idea bank: its board, the page of one idea, and the way to a post."""

from collections.abc import Collection
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheduler.forms.ideas import IdeaForm
from scheduler.lib import clock
from scheduler.models import PostIdea, ScheduledPost
from scheduler.services import ideas
from scheduler.views.shortcuts import PersonRequest, done


@login_required
@require_safe
def show_board(request: PersonRequest) -> HttpResponse:
    """Show all ideas by how far they are, narrowed to a tag or to words."""
    chosen = _chosen(request)
    context = _columns(request, chosen) | chosen | {"section": "ideas", "tags": ideas.tags_of(request.user)}
    return render(request, "scheduler/ideas/board.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create_idea(request: PersonRequest) -> HttpResponse:
    """Write an idea down."""
    return _write(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_idea(request: PersonRequest, pk: int) -> HttpResponse:
    """Change an idea."""
    return _write(request, _get(request, pk))


@login_required
@require_POST
def move_idea(request: PersonRequest, pk: int) -> HttpResponse:
    """Put an idea into another column; htmx gets the two columns that changed."""
    idea, status, chosen = _get(request, pk), request.POST.get("status", ""), _chosen(request)
    if status not in PostIdea.Status.values:
        return _no_such_column(request, chosen)
    changed = {idea.status, status}
    ideas.move(idea, status)
    words = {"idea": idea.title, "column": PostIdea.Status(status).label}
    answer = _back(chosen)
    if request.htmx:
        answer = render(request, "scheduler/ideas/_moved.html", _columns(request, chosen, changed))
    return done(request, answer, _("“%(idea)s” moved to “%(column)s”.") % words)


def _no_such_column(request: PersonRequest, chosen: dict[str, str]) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=422)
    messages.error(request, _("Choose one of the columns."))
    return _back(chosen)


def _back(chosen: dict[str, str]) -> HttpResponse:
    return redirect(f"{reverse('idea-list')}{_query(chosen)}")


@login_required
@require_POST
def make_post(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin a post with what is in an idea."""
    post = ideas.make_post(_get(request, pk), request.user, clock.now())
    messages.success(request, _("A draft with your idea. It won't go out until you schedule it."))
    return redirect("post-edit", post.pk)


@login_required
@require_POST
def delete_idea(request: PersonRequest, pk: int) -> HttpResponse:
    """Throw an idea away; posts made of it stay."""
    ideas.throw_away(_get(request, pk))
    messages.success(request, _("Deleted. Posts made of it stay."))
    return redirect("idea-list")


def _chosen(request: PersonRequest) -> dict[str, str]:
    """Return what the board is narrowed to."""
    return {name: request.GET.get(name, "").replace("\0", "").strip()[:100] for name in ("tag", "search")}


def _query(chosen: dict[str, str]) -> str:
    words = urlencode({name: word for name, word in chosen.items() if word})
    return f"?{words}" if words else ""


def _columns(
    request: PersonRequest, chosen: dict[str, str], only: Collection[str] = PostIdea.Status.values
) -> dict[str, object]:
    """Return what the columns draw; moves keep what the board is narrowed to."""
    columns = ideas.board(request.user, chosen["tag"], chosen["search"], only)
    return {"columns": columns, "moves": PostIdea.Status.choices, "query": _query(chosen)}


def _get(request: PersonRequest, pk: int) -> PostIdea:
    """Return this person's idea; a stranger's does not exist."""
    return get_object_or_404(PostIdea.objects.for_user(request.user), pk=pk)


def _write(request: PersonRequest, idea: PostIdea | None) -> HttpResponse:
    is_post = request.method == "POST"
    data, files = (request.POST, request.FILES) if is_post else (None, None)
    form = IdeaForm(data, files, user=request.user, idea=idea)
    if is_post and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("idea-list")
    posts = ScheduledPost.objects.for_user(request.user).filter(post_idea=idea) if idea else []
    context = {"section": "ideas", "form": form, "idea": idea, "posts": posts}
    return render(request, "scheduler/ideas/edit.html", context, status=422 if is_post else 200)
