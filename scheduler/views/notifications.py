"""What a person was told."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheduler.lib import clock
from scheduler.services import post_lists
from scheduler.views.shortcuts import PersonRequest, done, page_of


@login_required
@require_safe
def list_notifications(request: PersonRequest) -> HttpResponse:
    """Show the notices, newest first."""
    page = page_of(post_lists.notices_of(request.user), request)
    return render(request, "scheduler/notifications.html", {"page": page, "section": "notifications"})


@login_required
@require_POST
def mark_read(request: PersonRequest) -> HttpResponse:
    """Take the dot away."""
    post_lists.mark_all_read(request.user, clock.now())
    return done(request, redirect("notification-list"), _("All marked as read."))
