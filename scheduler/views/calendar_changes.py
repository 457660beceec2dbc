"""What became different in a view of the calendar since its page asked last."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from scheduler.forms.calendar_place import LIST, CalendarPlace, read_place
from scheduler.lib import clock, spans
from scheduler.lib.digests import CHARS
from scheduler.models import InstagramAccount
from scheduler.services import calendar_changes
from scheduler.services.calendar import Day
from scheduler.views.calendar import accounts_of, drawn_whole, usual_view_for, whole_view
from scheduler.views.shortcuts import PersonRequest

# What an answer says to ask with the next time.
MARK = "Change-Id"


@login_required
@require_safe
@never_cache
def show_changes(request: PersonRequest) -> HttpResponse:
    """Draw the days anew that look different; 204 when none does, after two queries when nothing happened at all.

    since: the Change-Id of the answer before, as `calendar_changes.mark_of` says it. seen: what is on the page, the
    digests of its parts in their order, that of today first. rows: how many a list has.
    """
    now, accounts = clock.now(), accounts_of(request)
    place = read_place(request.GET, request.user, accounts, now, usual_view_for(request))
    mark = _mark(request, place, accounts)
    if request.GET.get("since") == mark:
        return HttpResponse(status=204)
    with timezone.override(place.zone):
        answer = _drawn_anew(request, place, accounts)
    answer[MARK] = mark
    return answer


def _mark(request: PersonRequest, place: CalendarPlace, accounts: list[InstagramAccount]) -> str:
    """Return the mark of the days in view; it is made before they are read, so that no change falls between."""
    if place.view != LIST:
        first, after = place.span.starts[0], place.span.starts[-1]
        return calendar_changes.mark_of(request.user, first, after, accounts, clock.now())
    return calendar_changes.mark_of(request.user, spans.day_start(place.day, place.zone), None, accounts, clock.now())


def _drawn_anew(request: PersonRequest, place: CalendarPlace, accounts: list[InstagramAccount]) -> HttpResponse:
    said = request.GET.get("seen", "")
    today, *seen = [said[start : start + CHARS] for start in range(0, max(len(said), 1), CHARS)]
    context = whole_view(request, place, accounts)
    if today != f"{place.today:%y%m%d}":
        return drawn_whole(request, context)
    if "table" in context:
        columns = _different(context["table"].columns, seen)
        changed = context | {"columns": columns, "swapped": True}
        return render(request, "scheduler/calendar/_changed.html", changed) if columns else HttpResponse(status=204)
    if "weeks" not in context:
        return HttpResponse(status=204) if "".join(seen) == context["digest"] else drawn_whole(request, context)
    days = _different([day for week in context["weeks"] for day in week], seen)
    if not days:
        return HttpResponse(status=204)
    return render(request, "scheduler/calendar/_changed.html", context | {"days": days, "swapped": True})


def _different(days: Sequence[Day], seen: list[str]) -> Sequence[Day]:
    """Return the days that look another way than the page says; all when it says nothing of them."""
    if len(seen) != len(days):
        return days
    return [day for day, digest in zip(days, seen, strict=True) if day.digest != digest]
