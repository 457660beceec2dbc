"""Lists of posts as a file: what the page shows, with the same filters."""

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.views.decorators.http import require_safe

from scheduler.forms.calendar_place import LIST, read_place
from scheduler.lib import clock
from scheduler.models import ScheduledPost
from scheduler.services import calendar, csv_export, post_lists
from scheduler.views.calendar import accounts_of
from scheduler.views.posts import chosen_list
from scheduler.views.shortcuts import PersonRequest


@login_required
@require_safe
def export_posts(request: PersonRequest) -> StreamingHttpResponse:
    """Answer one tab of the posts, as narrowed as the page is."""
    tab, account, words = chosen_list(request)
    return _file(post_lists.posts_on(tab, request.user, account, words))


@login_required
@require_safe
def export_calendar(request: PersonRequest) -> StreamingHttpResponse:
    """Answer what the calendar's list shows from its day on, with its filters."""
    place = read_place(request.GET, request.user, accounts_of(request), clock.now(), LIST)
    return _file(calendar.posts_from(request.user, place.day, place.zone, place.filters))


def _file(posts: QuerySet[ScheduledPost]) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(csv_export.export(posts), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="pauta-{clock.now():%Y-%m-%d}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
