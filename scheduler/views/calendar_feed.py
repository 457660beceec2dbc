"""The calendar feed: what a calendar program reads, and the page on which a person makes its address."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import CalendarFeed, InstagramAccount
from scheduler.services import calendar_feed
from scheduler.services.preflight_account import is_reachable
from scheduler.views.shortcuts import PersonRequest, done, get_account


@require_safe
def show_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer the plan of whom the secret belongs to; 304 when the program has it as it is."""
    feed = CalendarFeed.at(secret)
    if feed is None:
        raise Http404
    chosen = request.GET.get("account")
    plan = calendar_feed.plan_of(feed, get_account(feed.user, chosen) if chosen else None, clock.now())
    unchanged = get_conditional_response(request, etag=plan.etag)
    answer = unchanged or HttpResponse(plan.as_ics(), content_type="text/calendar; charset=utf-8")
    answer["ETag"] = plan.etag
    answer["Cache-Control"] = "private, no-cache"
    answer["Content-Language"] = plan.language
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_feed(request: PersonRequest) -> HttpResponse:
    """Show the address and how to use it; make one, make a new one, or turn it off."""
    if request.method != "POST":
        return render(request, "scheduler/settings/feed.html", {"section": "settings"} | _facts(request))
    act = ACTS.get(request.POST.get("act", ""))
    return done(request, redirect("feed"), act(request)) if act else HttpResponse(status=400)


def _make(request: PersonRequest) -> str:
    is_new = CalendarFeed.of(request.user) is None
    CalendarFeed.make(request.user, translation.get_language() or "", clock.now())
    return _("Your calendar feed is on.") if is_new else _("This is the new address. The old one is dead.")


def _turn_off(request: PersonRequest) -> str:
    CalendarFeed.objects.filter(user=request.user).delete()
    return _("Your calendar feed is off.")


ACTS = {"make": _make, "off": _turn_off}


def _facts(request: PersonRequest) -> dict[str, Any]:
    """Return what the page draws: the address and those narrowed to an account, or why they cannot be shown."""
    feed = CalendarFeed.of(request.user)
    if feed is None:
        return {"feed": None}
    try:
        address = feed.address()
    except KeyProblem as problem:
        return {"feed": feed, "problem": str(problem)}
    accounts = list(InstagramAccount.objects.for_user(request.user))
    narrowed = [(account, f"{address}?account={account.pk}") for account in accounts] if len(accounts) > 1 else []
    return {
        "feed": feed,
        "address": address,
        "on_this_device": f"webcal{address.removeprefix(urlsplit(address).scheme)}",
        "narrowed": narrowed,
        "is_reachable": is_reachable(settings.PUBLIC_BASE_URL),
    }
