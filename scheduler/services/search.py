"""Where some words lead: pages, days, accounts, posts and ideas of one person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.lib import spans
from scheduler.models import InstagramAccount, PostIdea, ScheduledPost, User
from scheduler.services import when

# So many of a kind; who looks for more goes on in its own list.
MOST = 6
MOST_CHARS = 100
# Name of the address, what it is called, its icon: in the order in which they are offered.
PAGES = (
    ("post-create", _lazy("New post"), "plus"),
    ("calendar", _lazy("Calendar"), "calendar-days"),
    ("post-list", _lazy("Posts"), "layout-list"),
    ("idea-list", _lazy("Ideas"), "lightbulb"),
    ("media-list", _lazy("Media"), "images"),
    ("account-list", _lazy("Accounts"), "at-sign"),
    ("activity", _lazy("History"), "history"),
    ("notification-list", _lazy("Notifications"), "bell"),
    ("settings", _lazy("Settings"), "settings"),
    ("hashtag-list", _lazy("Hashtag groups"), "hash"),
    ("feed", _lazy("Calendar feed"), "calendar-sync"),
    ("keys", _lazy("Keyboard shortcuts"), "keyboard"),
)


@dataclass(frozen=True)
class Hit:
    """One place to go to: what it is called, what else is worth knowing of it, its address and its icon."""

    words: str
    note: str
    path: str
    icon: str


def hits_for(user: User, said: str, now: datetime) -> list[Hit]:
    """Return where the words lead, the nearest first; without words the pages. At most three queries.

    now: in the zone that is active, from which a day without its year is counted.
    """
    words = " ".join(said.replace("\0", "").split())[:MOST_CHARS]
    if not words:
        return list(_pages(""))
    return [*_days(words, now), *_pages(words), *_accounts(user, words), *_posts(user, words), *_ideas(user, words)]


def _pages(words: str) -> Iterator[Hit]:
    for name, label, icon in PAGES:
        if words.casefold() in str(label).casefold():
            yield Hit(str(label), "", reverse(name), icon)


def _days(words: str, now: datetime) -> Iterator[Hit]:
    day = _day_in(words, now.date())
    if day is not None:
        note = when.day_name(day) or when.short_day(day)
        yield Hit(when.long_day(day), note, reverse("calendar-day", args=[day.isoformat()]), "calendar-days")


def _day_in(words: str, today: date) -> date | None:
    """Return the day that the words write as the language does; without a year the next one."""
    for form in ["%Y-%m-%d", *formats.get_format("DATE_INPUT_FORMATS")]:
        for text, is_whole in ((words, True), (f"{words}/{today.year}", False)):
            try:
                day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            if day.year in spans.YEARS:
                return day if is_whole or day >= today else _a_year_later(day)
    return None


def _a_year_later(day: date) -> date | None:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return None  # the next year has no February 29


def _accounts(user: User, words: str) -> Iterator[Hit]:
    mine = InstagramAccount.objects.for_user(user)
    named = mine.filter(Q(instagram_username__icontains=words.lstrip("@")) | Q(name__icontains=words))
    for account in named[:MOST]:
        yield Hit(str(account), _("Calendar"), f"{reverse('calendar')}?account={account.pk}", "at-sign")


def _posts(user: User, words: str) -> Iterator[Hit]:
    mine = ScheduledPost.objects.for_user(user).select_related("instagram_account")
    for word in words.split():
        mine = mine.filter(caption__icontains=word)
    for post in mine.order_by(F("scheduled_for").desc(nulls_first=True), "-pk")[:MOST]:
        facts = [str(post.display_status.label), when.moment(post.scheduled_for)]
        yield Hit(post.title, " · ".join(filter(None, facts)), reverse("post-detail", args=[post.pk]), "image")


def _ideas(user: User, words: str) -> Iterator[Hit]:
    for idea in PostIdea.objects.for_user(user).about(words)[:MOST]:
        yield Hit(idea.title, str(idea.get_status_display()), reverse("idea-edit", args=[idea.pk]), "lightbulb")
