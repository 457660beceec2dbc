"""The other posts of each profile, loaded at once, so that thousands of rows are checked without asking for each."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from scheduler.models import InstagramAccount, MediaType, PostMedia, ScheduledPost, Status, User
from scheduler.services.preflight_time import LIVE, MOST_COMPARED, REPEAT_WINDOW


@dataclass(frozen=True, order=True)
class Plan:
    """A post that goes out, or went: when, which one it is, and what is compared of it."""

    at: datetime
    key: int
    media_type: str = ""
    caption: str = ""


class Loaded:
    """What preflight_time asks of other posts, answered from memory; see preflight_case.Others."""

    def __init__(self) -> None:
        self._plans: dict[str, list[Plan]] = defaultdict(list)
        self._by_file: dict[tuple[str, str], list[Plan]] = defaultdict(list)

    def load(self, accounts: Iterable[InstagramAccount], times: Collection[datetime], files: Collection[str]) -> None:
        """Take in what the database has around these times; two queries."""
        if not times:
            return
        span = (min(times) - REPEAT_WINDOW, max(times) + REPEAT_WINDOW)
        profiles = {account.instagram_user_id for account in accounts}
        around = Q(published_at__range=span) | Q(published_at=None, next_attempt_at__range=span)
        posts = ScheduledPost.objects.filter(
            around, instagram_account__instagram_user_id__in=profiles, status__in=LIVE, deleted_at=None
        )
        names = (
            "pk",
            "instagram_account__instagram_user_id",
            "published_at",
            "next_attempt_at",
            "media_type",
            "caption",
        )
        known = {}
        for pk, profile, out, waits, kind, caption in posts.values_list(*names):
            known[pk] = (profile, Plan(out or waits, pk, kind, caption))
            self._plans[profile].append(known[pk][1])
        for plans in self._plans.values():
            plans.sort()
        if files:
            places = PostMedia.objects.filter(post__in=posts, asset__sha256__in=files).order_by("-post")
            for pk, file in places.values_list("post", "asset__sha256").distinct():
                profile, plan = known[pk]
                self._by_file[profile, file].append(plan)

    def add(self, post: ScheduledPost, key: int, at: datetime, files: Iterable[str]) -> None:
        """Take in a row that is to go out; `key` tells it from all others and is negative."""
        if post.instagram_account is None:
            return
        profile, plan = post.instagram_account.instagram_user_id, Plan(at, key, post.media_type, post.caption)
        insort(self._plans[profile], plan)
        for file in set(files):
            self._by_file[profile, file].append(plan)

    def count(self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime) -> int:
        """Return how many come after `since`, up to `until`."""
        return sum(plan.key != key_of(post) for plan in self._between(account, since, until, is_open=False))

    def times(
        self, post: ScheduledPost, account: InstagramAccount, since: datetime, until: datetime
    ) -> list[datetime]:
        """Return when they come, of those between both that are no stories."""
        near = self._between(account, since, until, is_open=True)
        return [plan.at for plan in near if plan.media_type != MediaType.STORY and plan.key != key_of(post)]

    def captions(
        self, post: ScheduledPost, account: InstagramAccount, span: tuple[datetime, datetime], files: Collection[str]
    ) -> list[str]:
        """Return the captions of some of its type within `span` with one of these files, by their sums."""
        plans = (plan for file in files for plan in self._by_file[account.instagram_user_id, file])
        same = (
            plan.caption
            for plan in plans
            if plan.media_type == post.media_type and span[0] <= plan.at <= span[1] and plan.key != key_of(post)
        )
        return [caption for caption, _number in zip(same, range(MOST_COMPARED), strict=False)]

    def _between(self, account: InstagramAccount, since: datetime, until: datetime, *, is_open: bool) -> list[Plan]:
        plans = self._plans[account.instagram_user_id]
        end = bisect_left(plans, until, key=_at) if is_open else bisect_right(plans, until, key=_at)
        return plans[bisect_right(plans, since, key=_at) : end]


def _at(plan: Plan) -> datetime:
    return plan.at


def key_of(post: ScheduledPost) -> int:
    """Return what tells a row that is not saved from all posts: a number below zero that the reader gave it."""
    return getattr(post, "row_key", 0) or post.pk or 0


def said_before(posts: Iterable[tuple[int, object]]) -> dict[int, int]:
    """Return by the number of each row that repeats an earlier one the number of the first."""
    first: dict[object, int] = {}
    return {number: first[key] for number, key in posts if first.setdefault(key, number) != number}


def sameness(post: ScheduledPost, assets: Iterable[int]) -> tuple[object, ...]:
    """Return what two posts have in common when a file was imported twice."""
    return (
        post.instagram_account_id,
        post.scheduled_for,
        post.media_type,
        post.caption,
        tuple(post.media_urls),
        tuple(assets),
    )


def known_already(user: User, posts: Collection[ScheduledPost]) -> set[tuple[object, ...]]:
    """Return the sameness of the person's posts at the times of these; two queries."""
    times = [post.scheduled_for for post in posts if post.scheduled_for]
    wanted = Q(scheduled_for=None) if len(times) < len(posts) else Q(pk__in=[])
    if times:
        wanted |= Q(scheduled_for__range=(min(times), max(times)))
    names = ("pk", "instagram_account_id", "scheduled_for", "media_type", "caption", "media_urls")
    mine = ScheduledPost.objects.filter(wanted, user=user, deleted_at=None).exclude(status=Status.CANCELLED)
    assets: dict[int, list[int]] = defaultdict(list)
    placed = PostMedia.objects.filter(post__in=mine, source_url="").order_by("position", "pk")
    for pk, asset in placed.values_list("post", "asset"):
        assets[pk].append(asset)
    return {
        (account, at, kind, caption, tuple(urls), tuple(assets[pk]))
        for pk, account, at, kind, caption, urls in mine.values_list(*names)
    }
