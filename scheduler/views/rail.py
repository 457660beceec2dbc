"""The rail beside the calendar: drafts and ideas that wait for a day, and the way of an idea onto one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from scheduler.forms.calendar_place import CalendarPlace
from scheduler.forms.moving import MoveForm
from scheduler.lib import clock
from scheduler.models import PostIdea, WrongState
from scheduler.services import ideas, waiting, when
from scheduler.views.calendar import accounts_of, changed_days
from scheduler.views.moves import place_of, told
from scheduler.views.shortcuts import PersonRequest, render_page

MOST_CHARS = 100


@login_required
@require_safe
def show_rail(request: PersonRequest) -> HttpResponse:
    """Show what waits for a day, the newest of it; with `all` as much as there is, with `q` what has these words."""
    words, is_all = request.GET.get("q", "").replace("\0", "").strip()[:MOST_CHARS], "all" in request.GET
    most = waiting.MANY if is_all else waiting.FEW
    context = {
        "waiting": waiting.waiting(request.user, accounts_of(request), words, most),
        "words": words,
        "is_all": is_all,
        "posts": reverse("post-list"),
    }
    return render(request, "scheduler/calendar/_rail_part.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan_idea(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for a day, or make a draft of an idea on the one that a drop or a form says."""
    idea = get_object_or_404(PostIdea.objects.for_user(request.user), pk=pk)
    now, accounts = clock.now(), accounts_of(request)
    place = place_of(request, accounts, now)
    with timezone.override(place.zone):
        if request.method != "POST":
            return _form_page(request, idea, place, _first_form(place))
        form = MoveForm(request.POST, zone=place.zone)
        if not form.is_valid():
            return _form_page(request, idea, place, form, status=422)
        try:
            planned = ideas.plan(idea, form.wish, request.user, now)
        except WrongState as refused:
            return _form_page(request, idea, place, form, refused=refused, status=422)
        at = planned.post.scheduled_for
        text = _("Now a draft, planned for %(time)s. It won't go out until you schedule it.")
        answer = changed_days(request, place, accounts, [at])
        return told(request, answer, text % {"time": when.moment_inside(at)}, planned.undo)


def _first_form(place: CalendarPlace) -> MoveForm:
    return MoveForm(initial={"date": max(place.day, place.today), "tz": place.zone}, zone=place.zone)


def _form_page(
    request: PersonRequest,
    idea: PostIdea,
    place: CalendarPlace,
    form: MoveForm,
    *,
    refused: WrongState | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"section": "calendar", "idea": idea, "place": place, "form": form, "refused": refused}
    answer = render_page(
        request, "scheduler/calendar/plan.html", context, partial="scheduler/calendar/_plan_form.html", status=status
    )
    if request.htmx:
        retarget(reswap(answer, "innerHTML"), "#sheet-body")
        trigger_client_event(answer, "sheet:open", {})
    return answer
