"""The menu of a card: what can be done with a post from the calendar."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scheduler.lib import clock
from scheduler.lib.numbers import row_id
from scheduler.services import moves
from scheduler.views.shortcuts import PersonRequest, get_post


@login_required
@require_safe
def show_menu(request: PersonRequest, pk: int) -> HttpResponse:
    """Draw the acts that the post's state allows; why it cannot move, if it cannot.

    `?version=` is the one that the card shows, so that nobody moves a post that is not where they see it.
    """
    post = get_post(request.user, pk)
    seen = row_id(request.GET.get("version", "")) or post.version
    context = {"post": post, "version": seen, "locked": moves.refusal(post, clock.now())}
    return render(request, "scheduler/calendar/_menu_items.html", context)
