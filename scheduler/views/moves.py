"""Move a post to another time, and take back what was done in one go."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from scheduler.forms.calendar_place import CalendarPlace, read_place
from scheduler.forms.moving import MoveForm
from scheduler.lib import clock, zones
from scheduler.models import InstagramAccount, ScheduledPost, Stale, Undo, WrongState
from scheduler.services import move_words, moves, slots, undoing
from scheduler.services.moves import Moved, MoveRefused
from scheduler.views.calendar import accounts_of, changed_days, usual_view_for
from scheduler.views.shortcuts import PersonRequest, asking_page, back_to, done, get_post, render_page

# What is answered with a question, and not only with a reason.
QUESTIONS = {"PAST_TODAY", "ASK_AGAIN", "ASK_ANYWAY", "FIX_FIRST", "TIME_PAST"}
TO_CHOOSE = {"PAST_TODAY", "TIME_PAST"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move_post(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for a new time, or give a post the one that a drop or a form says."""
    post, now, accounts = get_post(request.user, pk), clock.now(), accounts_of(request)
    place = place_of(request, accounts, now)
    with timezone.override(place.zone):
        if request.method != "POST":
            return _form_page(request, post, place, _first_form(post, place, now), now)
        form = MoveForm(request.POST, zone=place.zone)
        if not form.is_valid():
            return _form_page(request, post, place, form, now, status=422)
        try:
            moved = moves.move(post, form.wish, request.user, now, version=form.cleaned_data["version"])
        except Stale:
            return _stale(request, get_post(request.user, pk), place, accounts)
        except WrongState as refused:
            # A question names the time that was meant; one that has passed is chosen anew.
            if form.cleaned_data["to"] or refused.code not in TO_CHOOSE:
                form = _first_form(post, place, now)
            return _refused(request, get_post(request.user, pk), place, form, refused)
        return _moved(request, moved, place, accounts)


@login_required
@require_POST
def undo(request: PersonRequest, token: str) -> HttpResponse:
    """Take back what was done in one go."""
    now, accounts = clock.now(), accounts_of(request)
    place = place_of(request, accounts, now)
    with timezone.override(place.zone):
        try:
            back = undoing.take_back(request.user, token, now)
        except WrongState as refused:
            return told(request, HttpResponse(status=409), str(refused.sentence))
        times = [*back.left, *(post.scheduled_for for post in back.posts)]
        return told(request, changed_days(request, place, accounts, times), back.words)


def place_of(request: PersonRequest, accounts: list[InstagramAccount], now: datetime) -> CalendarPlace:
    """Return where in the calendar the page is from which htmx asks; the usual place for all others."""
    said = QueryDict(asking_page(request).query) if is_on_calendar(request) else request.GET
    return read_place(said, request.user, accounts, now, usual_view_for(request))


def is_on_calendar(request: PersonRequest) -> bool:
    """Return whether htmx asks from the calendar, or from one of its days."""
    return asking_page(request).path.startswith(reverse("calendar"))


def told(request: PersonRequest, answer: HttpResponse, text: str, undo: Undo | None = None) -> HttpResponse:
    """Say what was done, with the way back; without htmx on the page that was named, else on the calendar."""
    if not request.htmx:
        return done(request, back_to(request.POST.get("next", ""), "calendar"), text, undo)
    return done(request, trigger_client_event(answer, "posts:changed", {}), text, undo)


def _moved(
    request: PersonRequest, moved: Moved, place: CalendarPlace, accounts: list[InstagramAccount]
) -> HttpResponse:
    text, times = move_words.told(moved), [moved.before, moved.post.scheduled_for]
    if not request.htmx:
        day = place.at(day=timezone.localdate(moved.post.scheduled_for))
        answer = back_to(request.POST.get("next", ""), f"{reverse('calendar')}{day.query}")
        return done(request, answer, text, moved.undo)
    return told(request, changed_days(request, place, accounts, times), text, moved.undo)


def _stale(
    request: PersonRequest, post: ScheduledPost, place: CalendarPlace, accounts: list[InstagramAccount]
) -> HttpResponse:
    """Show how it really is: the day it stands on, and have the page ask at once for the one it believed."""
    answer = changed_days(request, place, accounts, [post.scheduled_for])
    answer.status_code = 409
    trigger_client_event(answer, "posts:stale", {})
    return told(request, answer, move_words.stale(post))


def _refused(
    request: PersonRequest, post: ScheduledPost, place: CalendarPlace, form: MoveForm, refused: WrongState
) -> HttpResponse:
    if not request.htmx or refused.code in QUESTIONS:
        return _form_page(request, post, place, form, clock.now(), refused=refused, status=422)
    return told(request, HttpResponse(status=422), str(refused.sentence))


# --- "Move to…" --------------------------------------------------------------------------------------------
def _first_form(post: ScheduledPost, place: CalendarPlace, now: datetime) -> MoveForm:
    wall = zones.to_wall(post.scheduled_for, place.zone) if post.scheduled_for else None
    initial = {"date": wall.date(), "time": wall.time()} if wall else {"date": place.day}
    return MoveForm(initial={**initial, "tz": place.zone, "version": post.version}, zone=place.zone)


def _form_page(
    request: PersonRequest,
    post: ScheduledPost,
    place: CalendarPlace,
    form: MoveForm,
    now: datetime,
    *,
    refused: WrongState | None = None,
    status: int = 200,
) -> HttpResponse:
    account = post.instagram_account
    context = {
        "section": "calendar",
        "post": post,
        "place": place,
        "form": form,
        "refused": refused,
        "room": refused.room if isinstance(refused, MoveRefused) else None,
        "locked": moves.refusal(post, now),
        "is_off": moves.is_off(post),
        "free": slots.next_free_few(account, now) if account else [],
    }
    answer = render_page(
        request, "scheduler/calendar/move.html", context, partial="scheduler/calendar/_move_form.html", status=status
    )
    if request.htmx:
        retarget(reswap(answer, "innerHTML"), "#sheet-body")
        trigger_client_event(answer, "sheet:open", {})
    return answer
