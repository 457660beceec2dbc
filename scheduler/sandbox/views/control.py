"""The control panel: how the simulated Instagram behaves from now on."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from scheduler.lib.numbers import row_id
from scheduler.sandbox import callbacks, casting
from scheduler.sandbox.forms import ControlForm, FaultForm, MenuForm
from scheduler.sandbox.models import (
    ApiCall,
    Control,
    Delivery,
    FacebookPerson,
    Media,
    Page,
    PageRole,
    Profile,
    PublishCall,
    ScriptedFault,
)

View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """Let staff in, and everyone while DEBUG is on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **words: Any) -> HttpResponse:
        person = request.user
        if not settings.DEBUG and not person.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not settings.DEBUG and not person.is_staff:
            raise PermissionDenied
        return view(request, *args, **words)

    return guarded


@for_staff
@require_http_methods(["GET", "POST"])
def panel(request: HttpRequest) -> HttpResponse:
    """Show the panel; a POST saves clock, delays, quota and shapes."""
    form = ControlForm(request.POST or None, instance=Control.load())
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("sandbox:control")
    return _panel(request, control_form=form)


def _panel(request: HttpRequest, **forms: Any) -> HttpResponse:
    is_refused = any(form.is_bound for form in forms.values())
    facts = {
        "control_form": ControlForm(instance=Control.load()),
        "menu_form": MenuForm(),
        "fault_form": FaultForm(),
        "script": ScriptedFault.objects.select_related("profile").exclude(remaining=0).order_by("pk"),
        "people": Profile.everyone(),
        "facebook_people": casting.people(),
        "pages": Page.objects.filter(roles__isnull=False)
        .distinct()
        .select_related("profile")
        .annotate(has_roles=Exists(PageRole.objects.filter(page=OuterRef("pk"), is_lost=False))),
        "deliveries": Delivery.objects.order_by("-pk")[:12],
        "calls": ApiCall.objects.select_related("profile").order_by("-pk")[:30],
        "publish_calls": PublishCall.objects.select_related("profile", "media").order_by("-pk")[:15],
        "now": Control.load().now(),
        **forms,
    }
    return render(request, "sandbox/control.html", facts, status=422 if is_refused else 200)


@for_staff
@require_POST
def add_from_menu(request: HttpRequest) -> HttpResponse:
    """Add a fault by its name."""
    return _add(request, menu_form=MenuForm(request.POST))


@for_staff
@require_POST
def add_fault(request: HttpRequest) -> HttpResponse:
    """Add a fault put together by hand."""
    return _add(request, fault_form=FaultForm(request.POST))


def _add(request: HttpRequest, **forms: Any) -> HttpResponse:
    (form,) = forms.values()
    if not form.is_valid():
        return _panel(request, **forms)
    form.save()
    return redirect("sandbox:control")


@for_staff
@require_POST
def clear_faults(request: HttpRequest) -> HttpResponse:
    """Forget the whole script, or one line of it."""
    rows = ScriptedFault.objects.all()
    if "fault" in request.POST:
        rows = rows.filter(pk=row_id(request.POST["fault"]))
    rows.delete()
    return redirect("sandbox:control")


@for_staff
@require_POST
def change_person(request: HttpRequest, username: str) -> HttpResponse:
    """End an account's sessions, restrict it, let it leave the app, or send the app a comment of it."""
    person = get_object_or_404(Profile.everyone(), username=username)
    if request.POST.get("do") == "restrict":
        person.is_restricted = not person.is_restricted
        person.save(update_fields=["is_restricted"])
    elif request.POST.get("do") == "personal":
        kinds = Profile.AccountType
        person.account_type = kinds.PERSONAL if person.is_professional else kinds.BUSINESS
        person.save(update_fields=["account_type"])
    elif request.POST.get("do") == "comment":
        media = Media.live().filter(profile=person, parent=None).last()
        if media:
            callbacks.comment_event(media, facebook=Page.objects.filter(profile=person).exists())
    else:
        _change_sessions(request.POST.get("do", ""), person)
    return redirect("sandbox:control")


def _change_sessions(wish: str, whom: Profile | FacebookPerson) -> None:
    if wish == "end-sessions":
        whom.end_sessions(460)
    elif wish == "checkpoint":
        whom.end_sessions(459)
    elif wish == "remove-app":
        callbacks.remove_app(whom)
    elif wish == "delete-data":
        callbacks.ask_for_deletion(whom)


@for_staff
@require_POST
def change_facebook_person(request: HttpRequest, slug: str) -> HttpResponse:
    """End a Facebook person's sessions, or let them leave the app."""
    _change_sessions(request.POST.get("do", ""), get_object_or_404(FacebookPerson, slug=slug))
    return redirect("sandbox:control")


@for_staff
@require_POST
def change_page(request: HttpRequest, page_id: str) -> HttpResponse:
    """Take the roles on a Page away, cut its account off, or ask for Page Publishing Authorization; or undo it."""
    page = get_object_or_404(Page, graph_id=page_id)
    if request.POST.get("do") == "role":
        page.roles.update(is_lost=page.roles.filter(is_lost=False).exists())
    elif request.POST.get("do") == "link":
        page.is_disconnected = not page.is_disconnected
    elif request.POST.get("do") == "authorization":
        page.needs_authorization = not page.needs_authorization
    page.save()
    return redirect("sandbox:control")


@for_staff
@require_POST
def send_callback(request: HttpRequest) -> HttpResponse:
    """Verify the webhook, or send again what is due."""
    if request.POST.get("do") == "verify":
        callbacks.verify_webhook()
    else:
        callbacks.deliver_due()
    return redirect("sandbox:control")
