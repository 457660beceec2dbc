"""A post's story: what people did and what was asked of Instagram, newest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from scheduler.instagram.errors import Step
from scheduler.models import MediaType, PostChange, PublishingLog, ScheduledPost
from scheduler.models.post import MINIMUM_AHEAD
from scheduler.services import words
from scheduler.services.change_words import Change, changes_of
from scheduler.services.media_row import item_count

# A story longer than this is told from its newest end; the history page has the rest.
NEWEST = 200

# Which item of a carousel, from 1 up, and how many it has.
Place = tuple[int, int]


@dataclass(frozen=True)
class Moment:
    """One thing that happened.

    what:   in words.
    result: "success", "error", "retry", "started", "processing" or "person".
    person: who did it, "" when it went by itself.
    cause:  why it did not go well, "" when it did.
    lines:  the log lines behind it, newest first; several looks at one container are one moment.
    changes: what a person changed by it.
    back:    when the post was planned before it was moved here, where it can go back.
    """

    at: datetime
    what: str
    result: str
    person: str = ""
    cause: str = ""
    lines: list[PublishingLog] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    back: datetime | None = None


def story_of(post: ScheduledPost, now: datetime) -> list[Moment]:
    """Return what happened to the post, newest first; two queries, and one more for a carousel."""
    lines = list(post.logs.select_related("instagram_account", "scheduled_post")[:NEWEST])
    acts = list(post.changes.select_related("user")[:NEWEST])
    back = {acts[0].pk: _way_back(post, acts[0], now)} if acts else {}
    moments = [*moments_of(lines, _places(post, lines)), *(_act(act, back.get(act.pk)) for act in acts)]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def by_day(moments: Iterable[Moment]) -> list[tuple[date, list[Moment]]]:
    """Return the moments under their days in the active zone."""
    return [(day, list(group)) for day, group in groupby(moments, key=lambda one: timezone.localdate(one.at))]


def moments_of(lines: Iterable[PublishingLog], places: Mapping[int, Place] | None = None) -> list[Moment]:
    """Return what the lines tell, newest first; quiet looks at one container are one moment.

    places: which item of a carousel a line sent, by the line's key, where that is known.
    """
    return [_moment(list(run), places or {}) for _key, run in groupby(lines, key=_likeness)]


def _places(post: ScheduledPost, lines: list[PublishingLog]) -> dict[int, Place]:
    """Return the place of the item that each line sent: after those that were taken since the last whole carousel."""
    total = item_count(post) if post.media_type == MediaType.CAROUSEL else 0
    places: dict[int, Place] = {}
    taken = 0
    for line in reversed(lines):
        is_done = line.status == PublishingLog.Status.CONTAINER_CREATED
        if words.is_carousel_item(line) and total:
            places[line.pk] = (taken % total + 1, total)
            taken += is_done
        elif line.step == Step.CREATE and is_done:
            taken = 0
    return places


def _likeness(line: PublishingLog) -> tuple[object, ...]:
    """Return what makes neighbouring lines one moment: quiet looks of one attempt."""
    is_look = line.step == Step.STATUS and line.status == PublishingLog.Status.PROCESSING
    return (line.step, line.scheduled_post_id, line.attempt_number) if is_look else (line.pk,)


def _moment(lines: list[PublishingLog], places: Mapping[int, Place]) -> Moment:
    newest = lines[0]
    what = words.step(newest, places.get(newest.pk))
    return Moment(newest.started_at, what, _result(newest), "", words.cause_of_line(newest), lines)


def _result(line: PublishingLog) -> str:
    return "success" if line.status == PublishingLog.Status.CONTAINER_CREATED else line.status


def _act(act: PostChange, back: datetime | None) -> Moment:
    person = str(act.user) if act.user else ""
    return Moment(act.at, str(act.get_act_display()), "person", person, changes=changes_of(act), back=back)


def _way_back(post: ScheduledPost, last: PostChange, now: datetime) -> datetime | None:
    """Return the time before a move, when nothing happened since and that time is still to come."""
    changed = last.details.get("changed", {}) if last.act == PostChange.Act.MOVED else {}
    before = changed.get("time", [""])[0]
    at = datetime.fromisoformat(before) if before else None
    return at if at is not None and at >= now + MINIMUM_AHEAD and post.can_move(now) else None
