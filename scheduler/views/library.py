"""The media library: its grid, the page of one picture or video, and the way to a post."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheduler.instagram import limits
from scheduler.lib import clock
from scheduler.lib.numbers import row_id
from scheduler.models import MediaAsset
from scheduler.services import library
from scheduler.services.media_intake import take_upload
from scheduler.services.media_refusals import MediaRefused
from scheduler.services.new_posts import begin_post
from scheduler.views.shortcuts import PersonRequest, page_of

KINDS = [
    (MediaAsset.Kind.IMAGE.value, gettext_lazy("Pictures")),
    (MediaAsset.Kind.VIDEO.value, gettext_lazy("Videos")),
]
# Files at most in the dialog of the post form.
PICKED_FROM = 60
USES = [
    (library.USED, gettext_lazy("In use")),
    (library.UNUSED, gettext_lazy("Not in use")),
    (library.DELETED, pgettext_lazy("media", "Deleted")),
]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_library(request: PersonRequest) -> HttpResponse:
    """Show what was uploaded, newest first, narrowed to words, a kind or a use; take further files in."""
    if request.method == "POST":
        _take(request)
        return redirect("media-list")
    chosen = {
        "search": request.GET.get("search", "").replace("\0", "").strip()[:100],
        "kind": _one_of(KINDS, request.GET.get("kind", "")),
        "use": _one_of(USES, request.GET.get("use", "")),
    }
    page = page_of(library.media_of(request.user, chosen["search"], chosen["kind"], chosen["use"]), request)
    context = chosen | {
        "section": "media",
        "page": page,
        "kinds": KINDS,
        "uses": USES,
        "is_narrowed": any(chosen.values()),
        "query": urlencode({name: word for name, word in chosen.items() if word}) + "&",
    }
    return render(request, "scheduler/media/list.html", context)


@login_required
@require_safe
def pick(request: PersonRequest) -> HttpResponse:
    """Show the newest files, of one kind or both, or those whose names have the words, to be put into a post."""
    search = request.GET.get("search", "").replace("\0", "").strip()[:100]
    kind = _one_of(KINDS, request.GET.get("kind", ""))
    found = list(library.media_of(request.user, search, kind)[: PICKED_FROM + 1])
    context = {"assets": found[:PICKED_FROM], "search": search, "is_more": len(found) > PICKED_FROM}
    return render(request, "scheduler/media/_pick.html", context)


@login_required
@require_safe
def show_asset(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one picture or video, and where it is used."""
    asset = _get(request, pk)
    context = {
        "section": "media",
        "asset": asset,
        "posts": library.posts_with(asset),
        "planned": library.planned_with(asset),
        "ideas": asset.ideas.for_user(request.user),
    }
    return render(request, "scheduler/media/show.html", context)


@login_required
@require_POST
def make_post(request: PersonRequest) -> HttpResponse:
    """Begin a post with the media that were marked, in the order of the page."""
    ids = [pk for word in request.POST.getlist("media") if (pk := row_id(word))]
    found = MediaAsset.objects.for_user(request.user).in_bulk(ids)
    assets = [found[pk] for pk in dict.fromkeys(ids) if pk in found]
    if not assets:
        messages.error(request, _("Mark the pictures or videos that the post is to have."))
        return redirect("media-list")
    if len(assets) > limits.CAROUSEL_MAX:
        told = _("A post takes %(most)s pictures and videos, and %(n)s are marked.")
        messages.error(request, told % {"most": limits.CAROUSEL_MAX, "n": len(assets)})
        return redirect("media-list")
    return redirect("post-edit", begin_post(request.user, assets, clock.now()).pk)


@login_required
@require_POST
def delete_asset(request: PersonRequest, pk: int) -> HttpResponse:
    """Take one out of the library; posts and ideas that have it keep it."""
    asset = _get(request, pk)
    library.put_away(asset, clock.now())
    told = _("%(name)s left the library. It is still under “Deleted”, and posts that have it keep it.")
    messages.success(request, told % {"name": asset.original_name})
    return redirect("media-list")


@login_required
@require_POST
def restore_asset(request: PersonRequest, pk: int) -> HttpResponse:
    """Put a deleted one back."""
    asset = _get(request, pk)
    if library.put_back(asset):
        messages.success(request, _("%(name)s is back in the library.") % {"name": asset.original_name})
    else:
        told = _("The same file is in the library already, so %(name)s stays deleted.")
        messages.info(request, told % {"name": asset.original_name})
    return redirect("media-list")


def _take(request: PersonRequest) -> None:
    """Keep each file, and say what became of them."""
    files, kept = request.FILES.getlist("uploads"), 0
    for file in files:
        try:
            take_upload(request.user, file)
            kept += 1
        except MediaRefused as refused:
            messages.error(request, f"{file.name}: {refused.sentence}")
    if kept:
        told = ngettext("%(n)s file is in the library.", "%(n)s files are in the library.", kept)
        messages.success(request, told % {"n": kept})
    elif not files:
        messages.error(request, _("Choose at least one picture or video."))


def _get(request: PersonRequest, pk: int) -> MediaAsset:
    """Return this person's picture or video, deleted or not; a stranger's does not exist."""
    return get_object_or_404(MediaAsset.objects.filter(user=request.user).prefetch_related("renditions"), pk=pk)


def _one_of(choices: list, word: str) -> str:
    return word if word in dict(choices) else ""
