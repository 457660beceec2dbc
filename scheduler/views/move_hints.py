"""What is said of a time while somebody chooses it in "Move to…"."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from scheduler.forms.moving import MoveForm
from scheduler.lib import clock
from scheduler.models import WrongState
from scheduler.services import move_words, moves
from scheduler.views.calendar import accounts_of
from scheduler.views.moves import place_of
from scheduler.views.shortcuts import PersonRequest, get_post


@login_required
@require_safe
def show_hints(request: PersonRequest, pk: int) -> HttpResponse:
    """Say what speaks against the date and time that the form holds so far; nothing is written."""
    post, now = get_post(request.user, pk), clock.now()
    place = place_of(request, accounts_of(request), now)
    with timezone.override(place.zone):
        form = MoveForm(request.GET, zone=place.zone)
        context: dict[str, object] = {"words": []}
        if form.is_valid() and form.cleaned_data["date"]:
            try:
                moved, _was = moves.weigh(post, form.wish, now, None)
                context["words"] = move_words.ahead_of(moved)
            except WrongState as refused:
                context = {"words": [str(refused.sentence)], "stops": True}
        return render(request, "scheduler/calendar/_move_hints.html", context)
