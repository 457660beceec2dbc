"""The page of a person's API tokens: make one, see its secret once, revoke it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from scheduler.forms.api_tokens import ApiTokenForm
from scheduler.lib import clock
from scheduler.models import ApiToken
from scheduler.models.api_token import MOST
from scheduler.views.shortcuts import PersonRequest, done


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def list_tokens(request: PersonRequest) -> HttpResponse:
    """Show the tokens, and make one: its secret stands on this one answer and nowhere else."""
    form, made, secret, now = ApiTokenForm(request.POST or None), None, "", clock.now()
    if form.is_bound and ApiToken.objects.for_user(request.user).working(now).count() >= MOST:
        form.add_error(None, _("At most %(n)s tokens fit. Revoke one first.") % {"n": MOST})
    if form.is_valid():
        data = form.cleaned_data
        made, secret = ApiToken.make(request.user, data["name"], data["scopes"], now, lasts=form.lasts)
    kept = ApiToken.objects.for_user(request.user).filter(revoked_at=None)
    context = {
        "section": "settings",
        "form": ApiTokenForm() if made else form,
        "made": made,
        "secret": secret,
        "tokens": [(one, one.is_over(now)) for one in kept],
    }
    refused = form.is_bound and made is None
    return render(request, "scheduler/settings/api_tokens.html", context, status=422 if refused else 200)


@login_required
@require_POST
def revoke_token(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a token open nothing any more."""
    get_object_or_404(ApiToken.objects.for_user(request.user), pk=pk).revoke(clock.now())
    return done(request, redirect("token-list"), _("Revoked. Whatever used it is refused from now on."))
