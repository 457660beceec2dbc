"""What a person is told of a move."""

from django.utils import formats
from django.utils.translation import gettext as _

from scheduler.lib import zone_names
from scheduler.lib.zones import Moment
from scheduler.models import PostChange, ScheduledPost, Status
from scheduler.services import when
from scheduler.services.moves import Moved


def told(moved: Moved) -> str:
    """Return what came of it, with everything that is worth knowing of the new time."""
    words = [_first(moved), _clock_words(moved.moment, moved.post.timezone)]
    words += [str(finding.text) for finding in moved.warnings]
    return " ".join(word for word in words if word)


def ahead_of(moved: Moved) -> list[str]:
    """Return what somebody should know before they move it there; empty when nothing speaks against it."""
    words = [_clock_words(moved.moment, moved.post.timezone), *(str(finding.text) for finding in moved.warnings)]
    return [word for word in words if word]


def _first(moved: Moved) -> str:
    post, when_now = moved.post, {"time": when.moment_inside(moved.post.scheduled_for)}
    if moved.undo is None and moved.before == post.scheduled_for:
        return _("It is there already.")
    if post.hold_reason:
        return _("Moved to %(time)s. It stays on hold.") % when_now
    if post.status == Status.DRAFT:
        return _("Draft moved to %(time)s. It won't go out until you schedule it.") % when_now
    return _("Moved to %(time)s.") % when_now


def _clock_words(moment: Moment, zone: str) -> str:
    """Return what a change of the clock makes of the time that was meant; "" on all other days."""
    if moment.kind == "plain":
        return ""
    facts = {"time": formats.time_format(moment.wall.time()), "day": when.short_day(moment.wall.date())}
    if moment.kind == "gap":
        return _("The clock goes forward then, so it is %(time)s.") % facts
    facts["gmt"] = zone_names.offset(zone, moment.utc)
    return _("%(time)s happens twice on %(day)s. Using the first (%(gmt)s).") % facts


def stale(post: ScheduledPost) -> str:
    """Return who changed a post that somebody else just wanted to move."""
    last = PostChange.objects.filter(post=post).exclude(user=None).select_related("user").order_by("-pk").first()
    if last is None or last.user is None:
        return _("This post changed in the meantime. This is the latest version.")
    return _("%(name)s changed this post. This is the latest version.") % {"name": last.user}
