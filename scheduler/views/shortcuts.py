"""What every view needs: a page or only its part, a toast, an object that is yours."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django_htmx.http import trigger_client_event

from scheduler.lib.numbers import row_id
from scheduler.models import InstagramAccount, ScheduledPost, Undo, User
from scheduler.services import post_lists

PAGE_SIZE = 50
# Pages of a list that are drawn at once, at most.
MOST_PAGES = 20


class PageRequest(HttpRequest):
    """A request as our middleware leaves it; for type checkers only."""

    htmx: Any


class PersonRequest(PageRequest):
    """A request of somebody who signed in, as `login_required` leaves it; for type checkers only."""

    user: User


def asking_page(request: PageRequest) -> SplitResult:
    """Return the address of the page from which htmx asks; empty for all others, and for what is no address."""
    try:
        return urlsplit(request.htmx.current_url or "" if request.htmx else "")
    except ValueError:  # a header of a hand-made request
        return urlsplit("")


def render_page(
    request: PageRequest, page: str, context: Mapping[str, object], *, partial: str, status: int = 200
) -> HttpResponse:
    """Render the part when htmx asks for it, else the whole page around it."""
    only_part = request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request
    answer = render(request, partial if only_part else page, dict(context), status=status)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def done(request: PageRequest, answer: HttpResponse, text: str, undo: Undo | None = None) -> HttpResponse:
    """Say what was done, with the way back: as a toast on this answer, or on the next page when there is no htmx."""
    way_back = reverse("undo", args=[undo.token]) if undo else ""
    if request.htmx:
        return trigger_client_event(answer, "toast", {"text": str(text)} | ({"undo": way_back} if way_back else {}))
    messages.success(request, text, extra_tags=way_back)
    return answer


def get_post(user: User, pk: int) -> ScheduledPost:
    """Return this person's post with what its page draws; a stranger's does not exist."""
    return get_object_or_404(post_lists.with_pictures(ScheduledPost.objects.for_user(user)), pk=pk)


def get_account(user: User, pk: object) -> InstagramAccount:
    """Return this person's account; a stranger's does not exist."""
    return get_object_or_404(InstagramAccount.objects.for_user(user), pk=row_id(str(pk)))


def chosen_account(request: PersonRequest) -> InstagramAccount | None:
    """Return the account that the page is narrowed to, None for all."""
    return get_account(request.user, request.GET["account"]) if request.GET.get("account") else None


def page_of(rows: QuerySet, request: HttpRequest) -> Page:
    """Return the page of `rows` that is asked for; a number out of range gives the nearest one.

    After an act, or a look for changes, it is all that was there: so many `rows` were loaded, page by page.
    """
    pages = Paginator(rows, PAGE_SIZE)
    loaded = row_id((request.POST or request.GET).get("rows", ""))
    if loaded <= PAGE_SIZE:
        return pages.get_page(request.GET.get("page"))
    number = min(-(-loaded // PAGE_SIZE), pages.num_pages, MOST_PAGES)
    return Page(rows[: number * PAGE_SIZE], number, pages)


def back_to(address: str, otherwise: str) -> HttpResponse:
    """Return a redirect to a local address, else to the named page."""
    return redirect(local(address) or otherwise)


def local(address: str) -> str:
    """Return an address of this site as it is, "" for any other."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local else ""
