"""A person's plan as a calendar program reads it (RFC 5545): one event a post, in the person's language."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from scheduler.models import CalendarFeed, DisplayStatus, InstagramAccount, ScheduledPost, Status, User

if TYPE_CHECKING:
    from icalendar import Calendar, Event

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
# More posts than these, each side of now, are left out: the farthest ones.
MOST_PAST, MOST_AHEAD = 500, 1500
LENGTH = timedelta(minutes=15)
REFRESH = timedelta(hours=1)
SHOWN = (Status.SCHEDULED, Status.PUBLISHING, Status.PUBLISHED, Status.FAILED, Status.DRAFT)
# What is planned to go out, or did, as things stand.
SURE = {DisplayStatus.SCHEDULED, DisplayStatus.PUBLISHING, DisplayStatus.PUBLISHED}
COLUMNS = (
    "user_id",
    "instagram_account_id",
    "media_type",
    "caption",
    "permalink",
    "status",
    "hold_reason",
    "needs_person_at",
    "unconfirmed_at",
    "blockers",
    "scheduled_for",
    "published_at",
    "version",
    "updated_at",
)
# What a line of text may not hold, and what some programs take for the end of one.
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(frozen=True)
class Entry:
    """What one event says; everything that is written of a post.

    status: TENTATIVE or CONFIRMED.
    """

    post_id: int
    at: datetime
    summary: str
    description: str
    link: str
    status: str
    version: int
    changed_at: datetime


@dataclass(frozen=True)
class Plan:
    """What a feed says as a whole."""

    name: str
    zone: str
    language: str
    entries: Sequence[Entry]

    @property
    def etag(self) -> str:
        """Return what changes with anything that is written."""
        seen = repr((self.name, self.zone, self.language, settings.PUBLIC_BASE_URL, self.entries))
        return f'"{hashlib.blake2b(seen.encode(errors="replace"), digest_size=16).hexdigest()}"'

    def as_ics(self) -> bytes:
        """Return the calendar file."""
        return _calendar(self).to_ical()


def plan_of(feed: CalendarFeed, account: InstagramAccount | None, now: datetime) -> Plan:
    """Return what the feed shows at `now`; three queries. account: the one it is narrowed to."""
    person = feed.user
    language = person.language or feed.language or settings.LANGUAGE_CODE
    with translation.override(language):
        name = f"Pauta · {account}" if account else "Pauta"
        return Plan(name, person.timezone, language, [_entry(post) for post in _posts(person, account, now)])


def _posts(person: User, account: InstagramAccount | None, now: datetime) -> Iterable[ScheduledPost]:
    """Yield the posts from a month back to a year ahead, by their time."""
    accounts = {one.pk: one for one in InstagramAccount.objects.for_user(person)}
    shown = Q(status__in=SHOWN, scheduled_for__isnull=False) & (Q(instagram_account=account) if account else Q())
    posts = ScheduledPost.objects.for_user(person).filter(shown).only(*COLUMNS)
    past = posts.filter(scheduled_for__gte=now - BACK, scheduled_for__lt=now).order_by("-scheduled_for", "-pk")
    ahead = posts.filter(scheduled_for__gte=now, scheduled_for__lt=now + AHEAD).order_by("scheduled_for", "pk")
    for post in [*reversed(past[:MOST_PAST]), *ahead[:MOST_AHEAD]]:
        post.instagram_account = accounts.get(post.instagram_account_id or 0)
        yield post


def _entry(post: ScheduledPost) -> Entry:
    shown, link = post.display_status, settings.PUBLIC_BASE_URL + reverse("post-detail", args=[post.pk])
    account = f" · {post.instagram_account}" if post.instagram_account else ""
    paragraphs = [post.caption.strip(), _("In Pauta: %(link)s") % {"link": link}]
    if post.permalink:
        paragraphs.append(_("On Instagram: %(link)s") % {"link": post.permalink})
    at = post.published_at or post.scheduled_for
    assert at is not None  # the query's own condition
    return Entry(
        post_id=post.pk,
        at=at.replace(microsecond=0),
        summary=_plain(f"{shown.label}: {post.title}{account}"),
        description=_plain("\n\n".join(words for words in paragraphs if words)),
        link=link,
        status="CONFIRMED" if shown in SURE else "TENTATIVE",
        version=post.version,
        changed_at=post.updated_at.replace(microsecond=0),
    )


def _plain(text: str) -> str:
    return _NOT_TEXT.sub("", _LINE_ENDS.sub("\n", text))


def _calendar(plan: Plan) -> "Calendar":
    # Only here: 8 MB that a web server needs only when a calendar program asks.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Pauta//Calendar feed//{plan.language.upper()}")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", plan.name)
    calendar.add("x-wr-calname", plan.name)
    calendar.add("x-wr-timezone", plan.zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in plan.entries:
        calendar.add_component(_event(entry))
    return calendar


def _event(entry: Entry) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"post-{entry.post_id}@{urlsplit(settings.PUBLIC_BASE_URL).hostname}")
    # A file without METHOD says here when its words were last changed.
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.version)
    event.add("dtstart", entry.at)
    event.add("dtend", entry.at + LENGTH)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("url", entry.link)
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT")  # nobody is busy because a post goes out
    return event
