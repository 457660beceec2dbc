"""Give a post another time: what may move, what a drop means on the clock, and what speaks against it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.lib import spans, zones
from scheduler.lib.zones import Moment
from scheduler.models import DisplayStatus, PostChange, ScheduledPost, Stale, Status, Undo, User, WrongState
from scheduler.models.post import MINIMUM_AHEAD
from scheduler.models.post_status import LOCKED_DONE, LOCKED_NOW
from scheduler.services import post_actions, preflight, preflight_time, quota, slots, when
from scheduler.services.findings import BLOCKER, Finding
from scheduler.services.post_facts import time_of
from scheduler.services.preflight_case import Case

LOCKED_CHECK = _lazy("Nobody knows yet whether this post went out. Check on Instagram first.")
# What somebody should hear of a new time.
TOLD_OF_A_TIME = {
    "QUOTA_NEAR",
    "QUOTA_OVER",
    "SPACING_SAME",
    "SPACING_BEFORE",
    "SPACING_AFTER",
    "REPEATED",
    "TOKEN_ENDS_FIRST",
}
MORNING = time(9)
# Times that are picked for somebody, and those of a drop, are at least so far ahead, and on such minutes.
AHEAD, STEP_MINUTES = timedelta(minutes=5), 5
# Quick picks.
SLOT, TOMORROW, NEXT_WEEK = PICKS = ("slot", "tomorrow", "week")
_days_later = {TOMORROW: 1, NEXT_WEEK: 7}


@dataclass(frozen=True)
class Wish:
    """Where a post is to go.

    day, at: on the clock of `zone`; without `at` it keeps its own time of day. to: one of PICKS instead of a day.
    later: so many days after its own, before it when negative, instead of a day.
    again: a post that failed or was cancelled goes back in line. anyway: though Instagram's limit may refuse it.
    """

    zone: str
    day: date | None = None
    at: time | None = None
    to: str = ""
    later: int = 0
    again: bool = False
    anyway: bool = False


Look = Callable[[ScheduledPost, Wish, Moment, datetime], list[Finding]]


@dataclass(frozen=True)
class Moved:
    """What came of it. before: its old time. undo: None when nothing changed."""

    post: ScheduledPost
    before: datetime | None
    moment: Moment
    warnings: list[Finding]
    undo: Undo | None


class MoveRefused(WrongState):
    """It stays where it is. room: the first time at which Instagram's limit has room, when that is the trouble."""

    def __init__(self, code: str, sentence: object, room: datetime | None = None) -> None:
        super().__init__(code, str(sentence))
        self.room = room


def refusal(post: ScheduledPost, now: datetime) -> MoveRefused | None:
    """Return why a post cannot be moved at all, None when it can."""
    if post.status == Status.PUBLISHED:
        return MoveRefused("LOCKED_DONE", LOCKED_DONE)
    if post.display_status in {DisplayStatus.UNCONFIRMED, DisplayStatus.NEEDS_CHECK}:
        return MoveRefused("LOCKED_CHECK", LOCKED_CHECK)
    return None if post.can_move(now) else MoveRefused("LOCKED_NOW", LOCKED_NOW)


def move(post: ScheduledPost, wish: Wish, user: User, now: datetime, *, version: int | None = None) -> Moved:
    """Move a post and write it down. Raises MoveRefused, Stale and other WrongStates; then nothing changed.

    version: what the person saw; None when that does not matter.
    """
    moved, was = weigh(post, wish, now, version)
    if was is None:
        return moved
    with transaction.atomic():
        step = _write(post, wish, user, now, was)
        undo = None if wish.again else Undo.offer(user, Undo.Act.MOVED, [step], now)
    return replace(moved, undo=undo)


def move_one_of_many(
    post: ScheduledPost, wish: Wish, user: User, now: datetime, *, version: int | None = None
) -> tuple[Moved, dict[str, object] | None]:
    """Do what `move` does, but return what an Undo needs; None when the post was there already.

    Of what speaks against the time only Instagram's limit is asked for: nobody reads 200 warnings.
    """
    moved, was = weigh(post, wish, now, version, _look_for_room)
    if was is None:
        return moved, None
    with transaction.atomic():
        return moved, _write(post, wish, user, now, was)


def weigh(
    post: ScheduledPost, wish: Wish, now: datetime, version: int | None, look: Look | None = None
) -> tuple[Moved, dict[str, object] | None]:
    """Plan the move in memory, and return how the post was before; None when it is there already.

    look: finds what is worth knowing of the new time; all of it unless told.

    Raises what `move` does, but for the question whether a post that failed goes back in line.
    """
    if version is not None and version != post.version:
        raise Stale()
    refused = refusal(post, now)
    if refused is not None:
        raise refused
    before, was = post.scheduled_for, snapshot(post)
    moment = _planned(post, wish, now)
    if moment.utc == before and not wish.again:
        return Moved(post, before, moment, [], None), None
    _refuse_past(post, wish, moment, now)
    return Moved(post, before, moment, (look or _look)(post, wish, moment, now), None), was


def snapshot(post: ScheduledPost) -> dict[str, object]:
    """Return what an Undo needs to put a post back where it is now."""
    return {
        "post": post.pk,
        "day": post.planned_day.isoformat() if post.planned_day else "",
        "time": post.planned_time.isoformat() if post.planned_time else "",
        "zone": post.timezone,
        "was": time_of(post),
    }


def _write(post: ScheduledPost, wish: Wish, user: User, now: datetime, was: dict[str, object]) -> dict[str, object]:
    """Write the new time, and return what an Undo of it needs."""
    was_off = is_off(post)
    if was_off and not wish.again:
        told = _("Schedule it again for %(time)s?") % {"time": when.moment_inside(post.scheduled_for)}
        raise MoveRefused("ASK_AGAIN", told)
    if was_off:
        post_actions.schedule(post, user, now)
    else:
        post.move(now=now)
        changed = {"time": [was["was"], time_of(post)]}
        post_actions.note(post, PostChange.Act.MOVED, user, now, changed=changed)
    return was | {"version": post.version}


# --- What a drop means on the clock ------------------------------------------------------------------------
def _planned(post: ScheduledPost, wish: Wish, now: datetime) -> Moment:
    """Plan the post in memory for what the wish means; its own zone stays its own. Raises MoveRefused."""
    if wish.to == SLOT:
        return _plan_at(post, *_free_slot(post, now))
    if wish.to or wish.later:
        wall = post.planned_wall
        if wall is None:
            raise MoveRefused("TIME_MISSING", _("This post has no time yet. Choose one first."))
        wall += timedelta(days=wish.later or _days_later[wish.to])
        if wall.year not in spans.YEARS:
            raise MoveRefused("TIME_FAR", _("Choose a year from 2000 to 2099."))
        return post.plan(wall, post.timezone)
    if wish.day is None:
        raise MoveRefused("TIME_MISSING", _("Choose a day and a time first."))
    if wish.at is not None:
        return _plan_at(post, zones.resolve(datetime.combine(wish.day, wish.at), wish.zone), wish.zone)
    if post.planned_wall is None or post.scheduled_for is None:
        at = time_for(post, wish.day, wish.zone, now)
        return _plan_at(post, zones.resolve(datetime.combine(wish.day, at), wish.zone), wish.zone)
    return _keep_clock(post, wish.day, wish.zone)


def _keep_clock(post: ScheduledPost, day: date, zone: str) -> Moment:
    """Move to a day as `zone` shows it, with the same time of day on the post's own clock."""
    wall, at = post.planned_wall, post.scheduled_for
    if wall is None or at is None:
        raise MoveRefused("TIME_MISSING", _("Choose a day and a time first."))
    moved = wall + (day - zones.to_wall(at, zone).date())
    moment = zones.resolve(moved, post.timezone)
    # A change of one of the two clocks may carry it past midnight on the other.
    beside = day - zones.to_wall(moment.utc, zone).date()
    return post.plan(moved + beside, post.timezone)


def _plan_at(post: ScheduledPost, moment: Moment, zone: str) -> Moment:
    """Plan for an instant on the post's own clock, or on the one it was named on where the own one shows it twice."""
    planned = post.plan(zones.to_wall(moment.utc, post.timezone), post.timezone)
    if planned.utc != moment.utc:
        post.plan(moment.wall, zone)
    return moment


def _free_slot(post: ScheduledPost, now: datetime) -> tuple[Moment, str]:
    """Return the account's next free slot, and the zone of its wall time. Raises MoveRefused."""
    account = post.instagram_account
    if account is None:
        raise MoveRefused("ACCOUNT_MISSING", _("Choose the account this post goes to first."))
    free = slots.next_free([account], now).get(account.pk)
    if free is None:
        told = _("@%(account)s has no posting times yet. Add some on the Accounts page.")
        raise MoveRefused("SLOT_MISSING", told % {"account": account.instagram_username})
    return free, account.timezone


def time_for(post: ScheduledPost, day: date, zone: str, now: datetime) -> time:
    """Return a time of day for a post that has none: the day's next free slot, else 9:00, else the next full hour."""
    account = post.instagram_account
    free = slots.free_on(account, day, now) if account is not None and account.timezone == zone else None
    if free is not None:
        return free
    if zones.resolve(datetime.combine(day, MORNING), zone).utc >= now + AHEAD:
        return MORNING
    soonest = zones.round_up(zones.to_wall(now + AHEAD, zone), 60)
    return soonest.time() if soonest.date() == day else MORNING


# --- What speaks against it --------------------------------------------------------------------------------
def _refuse_past(post: ScheduledPost, wish: Wish, moment: Moment, now: datetime) -> None:
    if moment.utc >= now + MINIMUM_AHEAD:
        return
    is_today = zones.to_wall(moment.utc, wish.zone).date() == zones.to_wall(now, wish.zone).date()
    if is_today and wish.at is None:
        told = _("%(time)s has passed today.") % {"time": when.clock_time(moment.utc)}
        raise MoveRefused("PAST_TODAY", told)
    soonest = zones.round_up(now + AHEAD, STEP_MINUTES)
    told = _("That time has passed. Pick a time after %(time)s.") % {"time": when.moment_inside(soonest)}
    raise MoveRefused("TIME_PAST", told)


def _look(post: ScheduledPost, wish: Wish, moment: Moment, now: datetime) -> list[Finding]:
    """Return what is worth knowing of the new time. Raises MoveRefused when Instagram's limit would be passed."""
    all_found = preflight.check(post, now, at=moment.utc)
    _refuse_broken(post, all_found)
    found = [one for one in all_found if one.code in TOLD_OF_A_TIME]
    over = next((one for one in found if one.code == "QUOTA_OVER"), None)
    goes_out = post.status in {Status.SCHEDULED, Status.FAILED, Status.CANCELLED}
    if over is not None and goes_out and not wish.anyway and post.instagram_account is not None:
        room = quota.first_room(post.instagram_account, moment.utc, besides=post)
        told = _("%(trouble)s First time with room: %(time)s.")
        raise MoveRefused("ASK_ANYWAY", told % {"trouble": over.text, "time": when.moment_inside(room)}, room)
    return [one for one in found if one.level != BLOCKER or one.code == "TOKEN_ENDS_FIRST"]


def _look_for_room(post: ScheduledPost, _wish: Wish, moment: Moment, now: datetime) -> list[Finding]:
    """Raise MoveRefused when the post waits for its time, and Instagram's limit would be passed then; one query."""
    account = post.instagram_account
    if post.status == Status.SCHEDULED and account is not None:
        case = Case(post, account, [], now, moment.utc, preflight_time.STORED)
        for found in preflight_time.look_for_room(case, account, moment.utc):
            if found.code == "QUOTA_OVER":
                raise MoveRefused("ASK_ANYWAY", found.text)
    return []


def _refuse_broken(post: ScheduledPost, found: list[Finding]) -> None:
    """Raise MoveRefused for a post that failed, or was called off, and would not go out again as it is."""
    first = next(iter(preflight.blockers(found)), None)
    if first is not None and is_off(post):
        raise MoveRefused("FIX_FIRST", first.text)


def is_off(post: ScheduledPost) -> bool:
    """Return whether it is out of line: only a word of its person lets it go out again."""
    return post.status in {Status.FAILED, Status.CANCELLED} and not post.hold_reason
