"""The publishing log of all posts."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from scheduler.models import InstagramAccount, PublishingLog
from scheduler.services import post_lists, timeline
from scheduler.views.shortcuts import PersonRequest, chosen_account, page_of

RESULTS = (PublishingLog.Status.SUCCESS, PublishingLog.Status.ERROR, PublishingLog.Status.RETRY)


@login_required
@require_safe
def show_activity(request: PersonRequest) -> HttpResponse:
    """Show what was asked of Instagram, newest first, narrowed to an account or a result."""
    account = chosen_account(request)
    result = request.GET.get("result", "")
    result = result if result in RESULTS else ""
    page = page_of(post_lists.log_lines(request.user, account, result), request)
    chosen = {"account": account.pk if account else "", "result": result}
    context = {
        "section": "activity",
        "page": page,
        "days": timeline.by_day(timeline.moments_of(page)),
        "accounts": list(InstagramAccount.objects.for_user(request.user)),
        "account": account,
        "result": result,
        "results": [(one.value, one.label) for one in RESULTS],
        "query": urlencode({name: value for name, value in chosen.items() if value}) + "&",
    }
    return render(request, "scheduler/activity/list.html", context)
