"""The lists of posts, and the page of one."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from scheduler.lib import clock
from scheduler.models import InstagramAccount, ScheduledPost
from scheduler.services import advice, post_lists, preflight, timeline
from scheduler.views.shortcuts import PersonRequest, chosen_account, get_post, page_of, render_page


@login_required
@require_safe
def list_posts(request: PersonRequest) -> HttpResponse:
    """Show one tab of posts, narrowed to an account or not."""
    account = chosen_account(request)
    tab = request.GET.get("tab", "scheduled")
    tab = tab if tab in post_lists.TABS else "scheduled"
    chosen = {"tab": tab, "account": account.pk if account else ""}
    counts = post_lists.tab_counts(request.user, account)
    page = page_of(post_lists.posts_on(tab, request.user, account), request)
    context = {
        "section": "posts",
        "tab": tab,
        "tabs": [(name, label, counts[name]) for name, label in post_lists.TABS.items()],
        "page": page,
        "days": post_lists.by_day(tab, page),
        "accounts": list(InstagramAccount.objects.for_user(request.user)),
        "account": account,
        "query": urlencode({name: value for name, value in chosen.items() if value}) + "&",
        "poll_s": 5 if post_lists.is_busy(request.user, clock.now()) else 30,
    }
    return render_page(request, "scheduler/posts/list.html", context, partial="scheduler/posts/_list.html")


@login_required
@require_safe
def show_post(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a post: how it stands, what helps, what happened."""
    return post_page(request, get_post(request.user, pk))


def post_page(request: PersonRequest, post: ScheduledPost, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Render a post's page, or its live part for htmx; `problem` says why an act was refused."""
    now = clock.now()
    context = {
        "section": "posts",
        "post": post,
        "advice": advice.advice_for(post, now),
        "findings": preflight.check(post, now) if post.can_edit else [],
        "days": timeline.by_day(timeline.story_of(post, now)),
        "problem": problem,
    }
    return render_page(
        request, "scheduler/posts/show.html", context, partial="scheduler/posts/_live.html", status=status
    )
