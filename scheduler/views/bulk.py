"""Do one thing to all the posts whose boxes are ticked, in the calendar's list and on the page of posts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from scheduler.forms.bulk import BulkMoveForm, read_picks, write_picks
from scheduler.forms.calendar_place import CalendarPlace
from scheduler.lib import clock
from scheduler.models import InstagramAccount, WrongState
from scheduler.services import bulk
from scheduler.services.bulk import Outcome, Picks
from scheduler.views.calendar import accounts_of, changed_days
from scheduler.views.moves import place_of, told
from scheduler.views.shortcuts import PersonRequest, back_to, local, render_page

AT_ONCE = {"unschedule": bulk.unschedule, "duplicate": bulk.duplicate}
# Titles that a question names.
NAMED = 3


@login_required
@require_POST
def act_on_many(request: PersonRequest) -> HttpResponse:
    """Move, unschedule, duplicate or delete them; moving and deleting ask first."""
    now, accounts = clock.now(), accounts_of(request)
    place, picks = place_of(request, accounts, now), read_picks(request.POST.getlist("post"))
    with timezone.override(place.zone):
        try:
            return _act(request, picks, place, accounts)
        except WrongState as refused:
            return _refused(request, str(refused.sentence))


def _act(
    request: PersonRequest, picks: Picks, place: CalendarPlace, accounts: list[InstagramAccount]
) -> HttpResponse:
    act, now = request.POST.get("act", ""), clock.now()
    if act == "move":
        form = BulkMoveForm(request.POST if "how" in request.POST else None, zone=place.zone)
        if not form.is_valid():
            return _ask(request, act, picks, place, form)
        return _done(request, bulk.move(request.user, picks, form.wish, now), place, accounts)
    if act == "delete":
        if "sure" not in request.POST:
            return _ask(request, act, picks, place)
        return _done(request, bulk.delete(request.user, picks, now), place, accounts)
    if act in AT_ONCE:
        return _done(request, AT_ONCE[act](request.user, picks, now), place, accounts)
    raise WrongState("NO_ACT", _("Choose what to do with the selected posts."))


def _ask(
    request: PersonRequest, act: str, picks: Picks, place: CalendarPlace, form: BulkMoveForm | None = None
) -> HttpResponse:
    """Ask where to, or whether really: in the sheet, or on a page of its own."""
    posts = bulk.picked(request.user, picks)
    context = {
        "section": "posts",
        "act": act,
        "picks": write_picks({post.pk: picks[post.pk] for post in posts}),
        "count": len(posts),
        "named": posts[:NAMED],
        "more": len(posts) - NAMED,
        "place": place,
        "form": form,
        "next": local(request.POST.get("next", "")) or reverse("post-list"),
    }
    status = 422 if form is not None and form.is_bound else 200
    answer = render_page(
        request, "scheduler/bulk/ask.html", context, partial=f"scheduler/bulk/_{act}.html", status=status
    )
    if request.htmx:
        retarget(reswap(answer, "innerHTML"), "#sheet-body")
        trigger_client_event(answer, "sheet:open", {})
    return answer


def _done(
    request: PersonRequest, came: Outcome, place: CalendarPlace, accounts: list[InstagramAccount]
) -> HttpResponse:
    answer = changed_days(request, place, accounts, came.times)
    if came.posts:
        trigger_client_event(answer, "selection:done", {})
    return told(request, answer, came.words, came.undo)


def _refused(request: PersonRequest, sentence: str) -> HttpResponse:
    if request.htmx:
        return trigger_client_event(HttpResponse(status=422), "toast", {"text": sentence})
    messages.error(request, sentence)
    return back_to(request.POST.get("next", ""), "post-list")
