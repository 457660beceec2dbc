"""Signing in and out, the first person, and how the pages look to each."""

import math
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from scheduler.forms.people import FirstPersonForm, NewPasswordForm, SettingsForm, SignInForm
from scheduler.lib import clock
from scheduler.services import first_person
from scheduler.services.attempts import Attempts
from scheduler.views.shortcuts import PageRequest, PersonRequest, asking_page, back_to, done

sign_out = LogoutView.as_view()


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: PageRequest) -> HttpResponse:
    """Let a person in; too many tries for one name from one address have to wait."""
    if request.htmx:
        # A part of a page was asked for and the session is over: the whole page goes to the door, and comes back.
        page = asking_page(request)
        here = page._replace(scheme="", netloc="").geturl()
        way_back = f"?{urlencode({'next': here})}" if here else ""
        return HttpResponseClientRedirect(f"{reverse('login')}{way_back}")
    if request.method != "POST":
        if first_person.is_awaited():
            return redirect("setup")
        return _door(request, SignInForm(request))
    attempts = Attempts("login", request.POST.get("username", "").lower(), request.META["REMOTE_ADDR"])
    wait = attempts.wait(clock.now())
    if wait:
        return _too_many(
            _door(request, SignInForm(request, initial={"username": request.POST.get("username", "")}), wait=wait),
            wait,
        )
    form = SignInForm(request, request.POST)
    if not form.is_valid():
        return _door(request, form, status=422)
    attempts.forget()
    login(request, form.get_user())
    return back_to(request.POST.get("next", ""), "home")


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Make the first person, proven by the one-time code; there is no such page once anybody exists."""
    if not first_person.is_awaited():
        raise Http404
    if request.method == "POST":
        wait = Attempts("setup", request.META["REMOTE_ADDR"]).wait(clock.now())
        if wait:
            context = {"form": FirstPersonForm(), "wait": wait_words(wait)}
            return _too_many(render(request, "scheduler/people/setup.html", context, status=429), wait)
    form = FirstPersonForm(request.POST or None)
    if not form.is_valid():
        return render(request, "scheduler/people/setup.html", {"form": form}, status=422 if form.is_bound else 200)
    person = form.save()
    if person is None:
        raise Http404
    login(request, person)
    return redirect("account-list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_settings(request: PersonRequest) -> HttpResponse:
    """Choose zone, language and theme."""
    form = SettingsForm(request.POST or None, instance=request.user)
    if form.is_valid():
        person = form.save()
        with translation.override(person.language or translation.get_language_from_request(request)):
            told = _("Saved.")  # in the language of the page that shows it
        return done(request, redirect("settings"), told)
    context = {"form": form, "section": "settings"}
    return render(request, "scheduler/settings/settings.html", context, status=422 if form.is_bound else 200)


@login_required
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: PersonRequest) -> HttpResponse:
    """Change one's own password; other sessions end."""
    form = NewPasswordForm(request.user, request.POST or None)
    if form.is_valid():
        update_session_auth_hash(request, form.save())
        return done(request, redirect("settings"), _("Your password is changed."))
    context = {"form": form, "section": "settings"}
    return render(request, "scheduler/settings/password.html", context, status=422 if form.is_bound else 200)


def wait_words(wait: timedelta) -> str:
    """Return the sentence that says how long to wait."""
    whole = math.ceil(wait.total_seconds())
    return ngettext(
        "That was tried too often. Wait %(n)s second, then try again.",
        "That was tried too often. Wait %(n)s seconds, then try again.",
        whole,
    ) % {"n": whole}


def _door(
    request: HttpRequest, form: SignInForm, *, status: int = 200, wait: timedelta | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "wait": wait_words(wait) if wait else "",
    }
    return render(request, "scheduler/people/login.html", context, status=429 if wait else status)


def _too_many(answer: HttpResponse, wait: timedelta) -> HttpResponse:
    answer["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return answer
