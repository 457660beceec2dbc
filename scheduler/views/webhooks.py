"""Webhooks: where a person's own programs are told what happens, and what became of each telling."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheduler.forms.webhooks import WebhookForm, WebhookStateForm, refusal_of_one_more
from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import Delivery, Webhook, WrongState
from scheduler.models.fields import vault
from scheduler.models.webhook import MOST_PER_PERSON
from scheduler.services import events, webhook_words, webhooks
from scheduler.views.shortcuts import PersonRequest, page_of, render_page

# How often the log looks for news, while something is about to be sent and otherwise.
BUSY_S, CALM_S = 3, 30
SOON = timedelta(seconds=90)
JUST_MADE = "webhook_just_made"  # in the session: which webhook, and its new secret, sealed, until it was shown


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def list_webhooks(request: PersonRequest) -> HttpResponse:
    """Show the webhooks, and take a new one."""
    mine = list(Webhook.objects.for_user(request.user))
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        refusal = refusal_of_one_more(len(mine), MOST_PER_PERSON)
        if not refusal:
            return _add(request, form)
        form.add_error(None, refusal)
    context = {"section": "settings", "form": form, "webhooks": mine}
    return render(request, "scheduler/settings/webhooks.html", context, status=422 if form.is_bound else 200)


def _add(request: PersonRequest, form: WebhookForm) -> HttpResponse:
    webhook = form.save(commit=False)
    _keep_secret(request, webhook, webhooks.add(webhook, request.user, clock.now()))
    messages.success(request, _("Added. Keep its secret now: it is shown this once."))
    return redirect("webhook-detail", webhook.pk)


def _keep_secret(request: PersonRequest, webhook: Webhook, plain: str) -> None:
    """Keep a new secret sealed in the session until the page has shown it."""
    request.session[JUST_MADE] = [webhook.pk, vault().seal(plain).ciphertext]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_webhook(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one webhook and its log; change it."""
    webhook = _get(request, pk)
    form = WebhookStateForm(request.POST if request.method == "POST" else None, instance=webhook)
    if form.is_bound and form.is_valid():
        webhooks.change(form.save(commit=False), clock.now(), is_on=form.cleaned_data["is_on"])
        messages.success(request, _("Saved."))
        return redirect("webhook-detail", pk)
    now = clock.now()
    page = page_of(webhook.deliveries.select_related(None), request)
    is_busy = webhook.deliveries.filter(due_at__lte=now + SOON).exists()
    context = {
        "section": "settings",
        "form": form,
        "webhook": webhook,
        "page": page,
        "days": webhook_words.by_day(page, now),
        "poll_s": BUSY_S if is_busy else CALM_S,
        "secret": "" if request.htmx else _secret_to_show(request, webhook),
        "old_secret_signs": webhook.old_secret_signs(now),
    }
    part = "scheduler/settings/_webhook_log.html"
    status = 422 if form.is_bound else 200
    return render_page(request, "scheduler/settings/webhook.html", context, partial=part, status=status)


def _secret_to_show(request: PersonRequest, webhook: Webhook) -> str:
    """Return the secret that was just made, this once; "" from then on."""
    pk, sealed = request.session.get(JUST_MADE) or (0, "")
    if pk != webhook.pk or request.method == "HEAD":
        return ""
    del request.session[JUST_MADE]
    try:
        return vault().open(type(webhook.secret)(sealed))
    except KeyProblem:  # the key changed this very minute; a new secret can be made
        return ""


@login_required
@require_POST
def renew_secret(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a new secret; the old one signs along for a day."""
    webhook = _get(request, pk)
    _keep_secret(request, webhook, webhook.renew_secret(clock.now()))
    messages.success(request, _("This is the new secret. The old one signs along for 24 hours."))
    return redirect("webhook-detail", pk)


@login_required
@require_POST
def send_test(request: PersonRequest, pk: int) -> HttpResponse:
    """Send an event that says nothing but that it arrives."""
    events.send_test(_get(request, pk), clock.now())
    messages.success(request, _("A test event is on its way. Its answer shows in the log."))
    return redirect("webhook-detail", pk)


@login_required
@require_POST
def delete_webhook(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete it with its log; what waits is not sent any more."""
    webhooks.delete(_get(request, pk), clock.now())
    messages.success(request, _("Deleted. Nothing more is sent to that address."))
    return redirect("webhook-list")


@login_required
@require_POST
def send_again(request: PersonRequest, pk: int) -> HttpResponse:
    """Send one delivery again as it was, with the same ids."""
    mine = Delivery.objects.for_user(request.user).filter(webhook__isnull=False)
    delivery = get_object_or_404(mine.select_related("webhook"), pk=pk)
    webhook = delivery.webhook
    assert webhook is not None
    try:
        webhooks.send_again(delivery, webhook, clock.now())
    except WrongState as trouble:
        messages.error(request, str(trouble.sentence))
    else:
        messages.success(request, _("On its way again. The answer shows in the log."))
    return redirect("webhook-detail", webhook.pk)


def _get(request: PersonRequest, pk: int) -> Webhook:
    """Return this person's webhook; a stranger's does not exist."""
    return get_object_or_404(Webhook.objects.for_user(request.user), pk=pk)
