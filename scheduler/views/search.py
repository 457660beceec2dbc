"""Search over everything of a person's: a page of its own, and a sheet over any other."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from scheduler.lib import clock
from scheduler.services import search
from scheduler.views.shortcuts import PersonRequest, render_page


@login_required
@require_safe
def find(request: PersonRequest) -> HttpResponse:
    """Show where the words lead: a page; the sheet that asks for them; or, while they are typed, only where to."""
    said = request.GET.get("q", "")[: search.MOST_CHARS]
    context = {"hits": search.hits_for(request.user, said, timezone.localtime(clock.now())), "said": said}
    if not request.htmx or "q" in request.GET:
        return render_page(request, "scheduler/search/page.html", context, partial="scheduler/search/_hits.html")
    answer = render(request, "scheduler/search/_sheet.html", context)
    retarget(reswap(answer, "innerHTML"), "#sheet-body")
    return trigger_client_event(answer, "sheet:open", {}, after="settle")
