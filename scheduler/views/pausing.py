"""Pause an account or everything, and resume."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from scheduler.lib import clock
from scheduler.services import pausing
from scheduler.services.pausing import Resumed
from scheduler.views.shortcuts import PersonRequest, back_to, get_account


@login_required
@require_POST
def pause_account(request: PersonRequest, pk: int) -> HttpResponse:
    """Let nothing of one account go out."""
    account = get_account(request.user, pk)
    held = pausing.pause_account(account, request.user, clock.now())
    told = _("@%(account)s is paused.") % {"account": account.instagram_username}
    return _told(request, f"{told} {_held_words(held)}", "account-list")


@login_required
@require_POST
def resume_account(request: PersonRequest, pk: int) -> HttpResponse:
    """Let one account's posts go out again."""
    account = get_account(request.user, pk)
    resumed = pausing.resume_account(account, request.user, clock.now())
    told = _("@%(account)s goes on.") % {"account": account.instagram_username}
    if pausing.in_force(account, request.user):
        told = _("@%(account)s is not paused by itself any more, but everything is.") % {
            "account": account.instagram_username
        }
    return _told(request, _resumed_words(told, resumed), "account-list")


@login_required
@require_POST
def pause_everything(request: PersonRequest) -> HttpResponse:
    """Let nothing of this person's go out."""
    held = pausing.pause_everything(request.user, clock.now())
    return _told(request, f"{_('Everything is paused.')} {_held_words(held)}", "post-list")


@login_required
@require_POST
def resume_everything(request: PersonRequest) -> HttpResponse:
    """Let this person's posts go out again, but those of accounts that are paused by themselves."""
    resumed = pausing.resume_everything(request.user, clock.now())
    return _told(request, _resumed_words(_("Publishing goes on."), resumed), "post-list")


def _held_words(held: int) -> str:
    return ngettext("%(n)s planned post waits.", "%(n)s planned posts wait.", held) % {"n": held} if held else ""


def _resumed_words(told: str, resumed: Resumed) -> str:
    if not resumed.passed:
        return told
    left = ngettext(
        "The time of %(n)s post passed meanwhile: it stays on hold.",
        "The time of %(n)s posts passed meanwhile: they stay on hold.",
        resumed.passed,
    ) % {"n": resumed.passed}
    address = f"{reverse('post-list')}?tab=attention"
    return format_html('{} {} <a href="{}">{}</a>', told, left, address, _("Look at them"))


def _told(request: PersonRequest, told: str, otherwise: str) -> HttpResponse:
    messages.success(request, told.strip() if type(told) is str else told)
    return back_to(request.POST.get("next", ""), otherwise)
