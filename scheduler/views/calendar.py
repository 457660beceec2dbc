"""The calendar: a month, a week, a day or a list of what is planned, each at its own address."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from scheduler.forms.calendar_place import CalendarPlace, read_place
from scheduler.lib import clock, spans
from scheduler.models import InstagramAccount
from scheduler.services import calendar
from scheduler.views.shortcuts import PersonRequest, page_of, render_page


@login_required
@require_safe
def show_calendar(request: PersonRequest) -> HttpResponse:
    """Show the view that the address names; htmx gets it without the frame around."""
    now = clock.now()
    accounts = accounts_of(request)
    place = read_place(request.GET, request.user, accounts, now)
    with timezone.override(place.zone):
        context = frame(place, accounts) | grid(request, place, accounts, now)
        return render_page(
            request, "scheduler/calendar/show.html", context, partial="scheduler/calendar/_calendar.html"
        )


@login_required
@require_safe
def show_day(request: PersonRequest, day: str) -> HttpResponse:
    """Show every post of one day, fifty at a time."""
    now = clock.now()
    accounts = accounts_of(request)
    place = read_place(request.GET, request.user, accounts, now).at(day=_day_in(day))
    with timezone.override(place.zone):
        page = page_of(calendar.posts_of_day(request.user, place.day, place.zone, place.filters), request)
        cards = calendar.cards_of(list(page), accounts)
        context = frame(place, accounts) | {"page": page, "cards": cards, "day": place.day}
        return render_page(
            request, "scheduler/calendar/day.html", context, partial="scheduler/calendar/_day_posts.html"
        )


def accounts_of(request: PersonRequest) -> list[InstagramAccount]:
    """Return the person's accounts; one query for all that a calendar asks of them."""
    return list(InstagramAccount.objects.for_user(request.user))


def frame(place: CalendarPlace, accounts: list[InstagramAccount]) -> dict[str, Any]:
    """Return what the toolbar draws, and what every card needs."""
    return {
        "section": "calendar",
        "place": place,
        "accounts": accounts,
        "base": reverse("calendar"),
        "query": place.query,
        "posts": reverse("post-list"),
    }


def grid(
    request: PersonRequest, place: CalendarPlace, accounts: list[InstagramAccount], now: datetime
) -> dict[str, Any]:
    """Return the days of the view, with their posts."""
    days = calendar.days_of(request.user, place.span, place.filters, accounts)
    return {"days": days, "weeks": [days[start : start + 7] for start in range(0, len(days), 7)], "now": now}


def changed_days(
    request: PersonRequest, place: CalendarPlace, accounts: list[InstagramAccount], times: Iterable[datetime | None]
) -> HttpResponse:
    """Draw anew, each in its own place, the days of the view on which these times lie."""
    days = {timezone.localdate(at) for at in times if at is not None}
    context = frame(place, accounts) | {"now": clock.now(), "swapped": True}
    context["days"] = [
        calendar.days_of(request.user, spans.single_day(day, place.zone), place.filters, accounts)[0]
        for day in sorted(days)
        if day in place.span
    ]
    return render(request, "scheduler/calendar/_changed.html", context)


def _day_in(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise Http404 from None
