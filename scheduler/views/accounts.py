"""Connect Instagram accounts, see how they stand, let them go."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from scheduler.lib import clock
from scheduler.models import InstagramAccount
from scheduler.services import account_cards, accounts, instagram_connecting
from scheduler.views.shortcuts import PersonRequest, back_to, done, get_account


@login_required
@require_safe
def list_accounts(request: PersonRequest) -> HttpResponse:
    """Show a card for each account."""
    return _cards(request)


@login_required
@require_GET
def connect_instagram(request: PersonRequest) -> HttpResponse:
    """Go to Instagram's consent page. A link, not a form: the browser would not let a form leave this site."""
    account = get_account(request.user, request.GET["account"]) if request.GET.get("account") else None
    address = instagram_connecting.start_instagram_login(
        request.user, request.session.session_key or "", account, request.GET.get("next", "")
    )
    return redirect(address)


@login_required
@require_GET
def finish_instagram(request: PersonRequest) -> HttpResponse:
    """Come back from the consent page, to where the person was."""
    result = instagram_connecting.finish_instagram_login(request.user, request.session.session_key or "", request.GET)
    if result.account is None:
        messages.error(request, result.problem)
    else:
        messages.success(request, _told_connected(result.account))
    return back_to(result.return_to, "account-list")


def _told_connected(account: InstagramAccount) -> str:
    told = _("@%(account)s is connected.") % {"account": account.instagram_username}
    if held := len(accounts.held_posts(account)):
        told += " " + ngettext("%(n)s post is on hold.", "%(n)s posts are on hold.", held) % {"n": held}
        link = ngettext("Release %(n)s post", "Release %(n)s posts", held) % {"n": held}
        return format_html('{} <a href="{}#account-{}">{}</a>', told, reverse("account-list"), account.pk, link)
    return told


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: PersonRequest, pk: int) -> HttpResponse:
    """Say what a disconnect holds, and do it."""
    account = get_account(request.user, pk)
    if request.method != "POST":
        context = {"account": account, "count": accounts.scheduled_count(account), "section": "accounts"}
        return render(request, "scheduler/accounts/disconnect.html", context)
    held = accounts.disconnect(account, request.user, clock.now())
    told = _("@%(account)s is disconnected.") % {"account": account.instagram_username}
    if held:
        told += " " + ngettext("%(n)s post is on hold.", "%(n)s posts are on hold.", held) % {"n": held}
    return done(request, redirect("account-list"), told)


@login_required
@require_POST
def release(request: PersonRequest, pk: int) -> HttpResponse:
    """Let held posts go again; refused while the account cannot publish."""
    account = get_account(request.user, pk)
    if not account.can_publish:
        messages.error(request, _("Reconnect @%(account)s first.") % {"account": account.instagram_username})
        return _cards(request, status=409)
    released = accounts.release(account, request.user, request.POST.get("choice", "leave"), clock.now())
    told = ngettext("%(n)s post goes out again.", "%(n)s posts go out again.", released) % {"n": released}
    return done(request, redirect("account-list"), told)


def _cards(request: PersonRequest, status: int = 200) -> HttpResponse:
    cards = account_cards.cards_of(request.user, clock.now())
    return render(request, "scheduler/accounts/list.html", {"cards": cards, "section": "accounts"}, status=status)
