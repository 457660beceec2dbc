"""The lists of posts, and the page of one."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from scheduler.lib import clock
from scheduler.models import InstagramAccount, ScheduledPost, Status
from scheduler.services import advice, post_lists, preflight, timeline
from scheduler.services.findings import Finding
from scheduler.views.shortcuts import PersonRequest, chosen_account, get_post, page_of, render_page

# Of what is searched for; no caption is found by more.
MOST_CHARS = 100


@login_required
@require_safe
def list_posts(request: PersonRequest) -> HttpResponse:
    """Show one tab of posts, narrowed to an account, to words, or not."""
    tab, account, words = chosen_list(request)
    chosen = {"tab": tab, "account": account.pk if account else "", "q": words}
    counts = post_lists.tab_counts(request.user, account, words)
    page = page_of(post_lists.posts_on(tab, request.user, account, words), request)
    context = {
        "section": "posts",
        "tab": tab,
        "tabs": [
            (name, label, counts[name], _query(chosen | {"tab": name})) for name, label in post_lists.TABS.items()
        ],
        "page": page,
        "days": post_lists.by_day(tab, page),
        "accounts": list(InstagramAccount.objects.for_user(request.user)),
        "account": account,
        "words": words,
        "is_searchable": bool(words or any(counts.values())),
        "is_found_elsewhere": any(counts.values()),
        "query": _query(chosen)[1:] + "&",
        "query_of_all_accounts": _query(chosen | {"account": ""}) + "&",
        "query_of_all_words": _query(chosen | {"q": ""}),
        "poll_s": 5 if post_lists.is_busy(request.user, clock.now()) else 30,
    }
    return render_page(request, "scheduler/posts/list.html", context, partial="scheduler/posts/_list.html")


def chosen_list(request: PersonRequest) -> tuple[str, InstagramAccount | None, str]:
    """Return the tab, the account and the words that the address asks for."""
    tab = request.GET.get("tab", "scheduled")
    return tab if tab in post_lists.TABS else "scheduled", chosen_account(request), _words(request)


def _words(request: PersonRequest) -> str:
    return " ".join(request.GET.get("q", "").replace("\0", "").split())[:MOST_CHARS]


def _query(said: Mapping[str, object]) -> str:
    return "?" + urlencode({name: value for name, value in said.items() if value})


@login_required
@require_safe
def show_post(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a post: how it stands, what helps, what happened."""
    return post_page(request, get_post(request.user, pk))


def post_page(request: PersonRequest, post: ScheduledPost, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Render a post's page, or its live part for htmx; `problem` says why an act was refused."""
    now = clock.now()
    advised = advice.advice_for(post, now)
    context = {
        "section": "posts",
        "post": post,
        "advice": advised,
        "findings": _findings(post, now) if post.can_edit and not advised.is_taken else [],
        "days": timeline.by_day(timeline.story_of(post, now)),
        "problem": problem,
    }
    return render_page(
        request, "scheduler/posts/show.html", context, partial="scheduler/posts/_live.html", status=status
    )


def _findings(post: ScheduledPost, now: datetime) -> list[Finding]:
    # A post that failed is tried again at once, so its old time is in nobody's way.
    return preflight.check(post, now, at=now if post.status == Status.FAILED else None)
