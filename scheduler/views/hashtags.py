"""Groups of hashtags, to be put into a caption or a first comment with one click."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheduler.forms.hashtags import HashtagGroupForm
from scheduler.models import HashtagGroup
from scheduler.views.shortcuts import PersonRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def list_groups(request: PersonRequest) -> HttpResponse:
    """Show the groups, and take a new one."""
    return _write(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_group(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a group; captions that its hashtags stand in stay as they are."""
    return _write(request, _get(request, pk))


@login_required
@require_POST
def delete_group(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a group; captions that its hashtags stand in stay as they are."""
    _get(request, pk).delete()
    messages.success(request, _("Deleted. Captions stay as they are."))
    return redirect("hashtag-list")


def _get(request: PersonRequest, pk: int) -> HashtagGroup:
    """Return this person's group; a stranger's does not exist."""
    return get_object_or_404(HashtagGroup.objects.for_user(request.user), pk=pk)


def _write(request: PersonRequest, group: HashtagGroup | None) -> HttpResponse:
    form = HashtagGroupForm(request.POST if request.method == "POST" else None, user=request.user, group=group)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("hashtag-list")
    context = {
        "section": "settings",
        "form": form,
        "group": group,
        "groups": HashtagGroup.objects.for_user(request.user),
    }
    return render(request, "scheduler/settings/hashtags.html", context, status=422 if form.is_bound else 200)
