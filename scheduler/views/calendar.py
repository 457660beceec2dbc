"""The calendar: a month, a week, a day or a list of what is planned, each at its own address."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import push_url, replace_url, reswap, retarget

from scheduler.forms.calendar_place import DAY, LIST, MONTH, WEEK, CalendarPlace, read_day, read_place
from scheduler.forms.filter_choices import filter_choices, tag_choices
from scheduler.lib import clock, spans
from scheduler.models import InstagramAccount
from scheduler.services import calendar, slots, week
from scheduler.views.shortcuts import PAGE_SIZE, PersonRequest, asking_page, page_of, render_page

# How long a browser may keep a page that it fetched ahead.
PRELOADED_S = 30


@login_required
@require_safe
def show_calendar(request: PersonRequest) -> HttpResponse:
    """Show the view that the address names; htmx gets it without the frame around."""
    accounts = accounts_of(request)
    place = read_place(request.GET, request.user, accounts, clock.now(), usual_view_for(request))
    with timezone.override(place.zone):
        context = whole_view(request, place, accounts)
        part = "_list.html" if "page" in request.GET and place.view == LIST else "_calendar.html"
        answer = render_page(request, "scheduler/calendar/show.html", context, partial=f"scheduler/calendar/{part}")
    # Without a view in the address, the device decides.
    patch_vary_headers(answer, ["Sec-CH-UA-Mobile", "User-Agent"])
    if request.htmx and "page" not in request.GET:
        address = f"{reverse('calendar')}{place.query}"
        # What is typed leaves no trail of letters behind in the browser's history.
        (replace_url if request.htmx.trigger_name == "q" else push_url)(answer, address)
    if "HX-Preloaded" in request.headers:
        # Fetched before it is asked for (behaviours/ahead.js); nothing else may be kept.
        patch_cache_control(answer, private=True, max_age=PRELOADED_S)
    return answer


@login_required
@require_safe
def show_tags(request: PersonRequest) -> HttpResponse:
    """Offer the person's tags to filter by; htmx asks when somebody opens their list."""
    place = read_place(request.GET, request.user, accounts_of(request), clock.now())
    return render(request, "scheduler/calendar/_boxes.html", {"group": tag_choices(request.user, place)})


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
        context["query"] = f"{place.query[1:]}&"  # as the pager wants it
        return render_page(
            request, "scheduler/calendar/day.html", context, partial="scheduler/calendar/_day_posts.html"
        )


def usual_view_for(request: PersonRequest) -> str:
    """Return the view that suits the device when the address names none: a phone has no room for a month."""
    is_phone = request.headers.get("Sec-CH-UA-Mobile") == "?1" or "Mobi" in request.headers.get("User-Agent", "")
    return LIST if is_phone else MONTH


def accounts_of(request: PersonRequest) -> list[InstagramAccount]:
    """Return the person's accounts; one query for all that a calendar asks of them."""
    if request.GET.get("view") in {WEEK, DAY}:
        return slots.accounts_with_times(request.user)
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


def whole_view(request: PersonRequest, place: CalendarPlace, accounts: list[InstagramAccount]) -> dict[str, Any]:
    """Return all that the view draws: its frame, its filters, and a month's days, hours or a list's rows."""
    context = frame(place, accounts) | {"filters": filter_choices(place, accounts)}
    if place.view == LIST:
        posts = calendar.posts_from(request.user, place.day, place.zone, place.filters)
        page = page_of(posts, request)
        cards = calendar.cards_of(list(page), accounts)
        digest = calendar.digests_of(cards, PAGE_SIZE, has_more=page.has_next())
        after = read_day(request.GET.get("after", ""))
        return context | {"page": page, "days": calendar.by_day(cards), "after": after, "digest": digest}
    if place.view in {WEEK, DAY}:
        return context | {"table": week.timetable(request.user, place.span, place.filters, accounts, clock.now())}
    days = calendar.days_of(request.user, place.span, place.filters, accounts)
    return context | {"weeks": [days[start : start + 7] for start in range(0, len(days), 7)]}


def changed_days(
    request: PersonRequest, place: CalendarPlace, accounts: list[InstagramAccount], times: Iterable[datetime | None]
) -> HttpResponse:
    """Draw anew, each in its own place, the days of the view on which these times lie.

    A page that is no view of the calendar has nothing of it; its parts follow `posts:changed`.
    """
    if asking_page(request).path not in {"", reverse("calendar")}:
        return HttpResponse(status=204)
    if place.view == LIST:
        return drawn_whole(request, whole_view(request, place, accounts))
    days = {timezone.localdate(at) for at in times if at is not None}
    context = frame(place, accounts) | {"swapped": True}
    if place.view in {WEEK, DAY}:
        table = week.timetable(request.user, place.span, place.filters, accounts, clock.now(), only=days)
        return render(request, "scheduler/calendar/_changed.html", context | {"columns": table.columns})
    context["days"] = [
        calendar.days_of(request.user, spans.single_day(day, place.zone), place.filters, accounts)[0]
        for day in sorted(days)
        if day in place.span
    ]
    return render(request, "scheduler/calendar/_changed.html", context)


def drawn_whole(request: PersonRequest, context: dict[str, Any]) -> HttpResponse:
    """Draw all of the view in the place of what is there."""
    answer = render(request, "scheduler/calendar/_calendar.html", context)
    return retarget(reswap(answer, "innerHTML"), "#calendar")


def _day_in(said: str) -> date:
    """Return the day of an address; what the calendar does not know, or is written otherwise, is not found."""
    day = read_day(said)
    if day is None or day.isoformat() != said:
        raise Http404
    return day
