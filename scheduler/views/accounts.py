"""Connect Instagram accounts, see how they stand, let them go."""

from collections.abc import Callable

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
from scheduler.models import InstagramAccount, PendingConnection, WrongState
from scheduler.services import (
    account_cards,
    accounts,
    connecting,
    endings,
    facebook_connecting,
    instagram_connecting,
    pausing,
)
from scheduler.services.connecting import ConnectResult, Login
from scheduler.services.facebook_connecting import Picked
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
    return _connect(request, Login.INSTAGRAM, instagram_connecting.start_instagram_login)


@login_required
@require_GET
def connect_facebook(request: PersonRequest) -> HttpResponse:
    """Go to Facebook's consent dialog."""
    return _connect(request, Login.FACEBOOK, facebook_connecting.start_facebook_login)


def _connect(request: PersonRequest, login: Login, start: Callable[..., str]) -> HttpResponse:
    account = get_account(request.user, request.GET["account"]) if request.GET.get("account") else None
    if login not in connecting.ways():
        messages.error(request, connecting.not_set_up(login))
        return redirect("account-list")
    return redirect(start(request.user, _session_key(request), account, request.GET.get("next", "")))


def _session_key(request: PersonRequest) -> str:
    return request.session.session_key or ""


@login_required
@require_GET
def finish_instagram(request: PersonRequest) -> HttpResponse:
    """Come back from the consent page, to where the person was."""
    return _finish(
        request,
        instagram_connecting.finish_instagram_login(request.user, _session_key(request), request.GET),
    )


@login_required
@require_GET
def finish_facebook(request: PersonRequest) -> HttpResponse:
    """Come back from the consent dialog: to the picker when it showed several accounts, else to where one was."""
    return _finish(
        request, facebook_connecting.finish_facebook_login(request.user, _session_key(request), request.GET)
    )


def _finish(request: PersonRequest, result: ConnectResult) -> HttpResponse:
    if result.left_out:
        messages.error(request, _told_left_out(result.left_out))
    if result.pending is not None:
        return _arrive(redirect("facebook-pick", result.pending.key))
    if result.account is None:
        messages.error(request, result.problem)
    else:
        messages.success(request, _told_connected(result.account))
    return _arrive(back_to(result.return_to, "account-list"), result.account)


def _arrive(answer: HttpResponse, account: InstagramAccount | None = None) -> HttpResponse:
    """Give a redirect a place on its page; without one browsers keep the "#_=_" that Facebook sends along."""
    address = answer["Location"]
    if "#" not in address:
        has_card = address == reverse("account-list")
        place = f"account-{account.pk}" if account is not None and has_card else "main"
        answer["Location"] = f"{address}#{place}"
    return answer


def _told_left_out(left_out: list[InstagramAccount]) -> str:
    return ngettext(
        "%(accounts)s was left unticked at Facebook, so nothing can be published there any more. "
        "Connect again and tick its Page and the account, too.",
        "%(accounts)s were left unticked at Facebook, so nothing can be published there any more. "
        "Connect again and tick their Pages and the accounts, too.",
        len(left_out),
    ) % {"accounts": ", ".join(str(account) for account in left_out)}


@login_required
@require_POST
def hide_ending(request: PersonRequest, pk: int) -> HttpResponse:
    """Take the warning of a connection's end off every page for a week."""
    endings.hide(get_account(request.user, pk), clock.now())
    return done(
        request,
        back_to(request.POST.get("next", ""), "account-list"),
        _("Hidden for a week. It stays on the account’s card."),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pick_accounts(request: PersonRequest, key: str) -> HttpResponse:
    """Show what Facebook Login found, and connect what is picked."""
    pending = facebook_connecting.waiting_choice(request.user, _session_key(request), key)
    if pending is None:
        messages.error(request, connecting.too_old())
        return _arrive(redirect("account-list"))
    if request.method != "POST":
        return _picker(request, pending)
    if "cancel" in request.POST:
        pending.delete()
        return _arrive(redirect("account-list"))
    picked = request.POST.getlist("account")
    if not picked:
        return _picker(request, pending, status=422)
    return _told_picked(request, pending, facebook_connecting.pick(pending, picked))


def _picker(request: PersonRequest, pending: PendingConnection, status: int = 200) -> HttpResponse:
    choices = facebook_connecting.choices_in(pending)
    context = {
        "key": pending.key,
        "choices": choices,
        "can_pick": any(choice.can_pick for choice in choices),
        "connected": accounts.connected_ids(request.user),
        "asks": status == 422,
        "lacks_businesses": facebook_connecting.lacks_businesses(pending),
        "section": "accounts",
    }
    return render(request, "scheduler/accounts/pick.html", context, status=status)


def _told_picked(request: PersonRequest, pending: PendingConnection, picked: Picked) -> HttpResponse:
    if len(picked.accounts) == 1:
        messages.success(request, _told_connected(picked.accounts[0]))
    elif picked.accounts:
        names = ", ".join(str(account) for account in picked.accounts)
        messages.success(request, _("Connected: %(accounts)s.") % {"accounts": names})
    for problem in picked.problems:
        messages.error(request, problem)
    if not picked.accounts:
        return _arrive(redirect("facebook-pick", pending.key))
    return _arrive(back_to(pending.return_to, "account-list"), picked.accounts[0])


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
    """Let held posts go again; refused while the account cannot publish or is paused."""
    account = get_account(request.user, pk)
    problem = _keeps_from_release(account, request)
    if problem:
        messages.error(request, problem)
        return _cards(request, status=409)
    released = accounts.release(account, request.user, request.POST.get("choice", "leave"), clock.now())
    told = ngettext("%(n)s post goes out again.", "%(n)s posts go out again.", released) % {"n": released}
    return done(request, redirect("account-list"), told)


def _keeps_from_release(account: InstagramAccount, request: PersonRequest) -> str:
    """Return what has to happen before held posts can go, "" when nothing has."""
    if not account.can_publish:
        return _("Reconnect @%(account)s first.") % {"account": account.instagram_username}
    try:
        pausing.require_none(account, request.user)
    except WrongState as refusal:
        return str(refusal.sentence)
    return ""


def _cards(request: PersonRequest, status: int = 200) -> HttpResponse:
    cards = account_cards.cards_of(request.user, clock.now())
    context = {"cards": cards, "ways": connecting.ways(), "section": "accounts"}
    return render(request, "scheduler/accounts/list.html", context, status=status)
