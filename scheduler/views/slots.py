"""An account's week: the times at which it likes to post."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from scheduler.forms.slots import SlotsForm
from scheduler.views.shortcuts import PersonRequest, done, get_account


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_slots(request: PersonRequest, pk: int) -> HttpResponse:
    """Change the posting times of an account; posts that are planned keep theirs."""
    account = get_account(request.user, pk)
    form = SlotsForm(request.POST if request.method == "POST" else None, account=account)
    if form.is_bound and form.is_valid():
        form.save()
        return done(request, redirect("account-list"), _("Saved. Posts that are planned keep their time."))
    context = {"section": "accounts", "form": form, "account": account}
    return render(request, "scheduler/accounts/times.html", context, status=422 if form.is_bound else 200)
