"""What the accounts page shows of each account, in one query for all of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from scheduler.models import ApiLimit, HoldReason, InstagramAccount, ScheduledPost, Status, User
from scheduler.models.account import ENDS_AT, ENDS_SOON
from scheduler.services import endings, pausing, quota, rate_limits, when, words
from scheduler.services.accounts import ACCOUNT_HOLDS

NEAR = 0.8
LACKS_PERMISSION = {"PERMISSION_DENIED", "PAGE_ROLE_LOST", "PAGE_AUTHORIZATION"}


@dataclass(frozen=True)
class AccountCard:
    """One account's facts.

    used, limit:    posts of the last 24 h, and how many fit.
    held, held_late: posts that wait for a release, and how many of them have passed their time.
    next_at:        when its next post goes out, None without one.
    limited_until:  when Instagram takes calls again, None while it does; waiting: posts that wait for that.
    paused:         pausing.ACCOUNT, pausing.EVERYTHING or ""; paused_posts: planned posts that wait for its end.
    """

    account: InstagramAccount
    used: int
    limit: int
    held: int
    held_late: int
    planned: int
    planned_after_token: int
    next_at: datetime | None
    limited_until: datetime | None
    waiting: int
    paused: str
    paused_posts: int
    now: datetime

    @property
    def level(self) -> str:
        """Return "plain", "near" (80 % of the day's posts are used) or "full"."""
        if self.used >= self.limit:
            return "full"
        return "near" if self.used >= NEAR * self.limit else "plain"

    @property
    def free(self) -> int:
        """Return how many posts still fit into this day."""
        return max(self.limit - self.used, 0)

    @property
    def can_release(self) -> bool:
        """Return whether held posts could go if somebody said so."""
        return self.held > 0 and self.account.can_publish and not self.paused

    @property
    def is_disconnected(self) -> bool:
        """Return whether a person took the connection away."""
        return self.account.status == InstagramAccount.Status.DISCONNECTED

    @property
    def ends_soon(self) -> bool:
        """Return whether the token ends within two weeks."""
        return self.account.can_publish and self.account.token_ends_before(self.now + ENDS_SOON)

    @property
    def ending(self) -> str:
        """Return by when to sign in anew, and what is planned after that."""
        return endings.words_of(self.account, self.planned_after_token)

    @property
    def renewal(self) -> str:
        """Return by when to sign in with Facebook again; "" when that is said elsewhere, or has no date.

        The person's own token lasts 60 days, the access to data 90, and nothing renews either; the Page's token,
        which publishes, has no date of its own.
        """
        account, last = self.account, self.account.ends_at
        if account.login != InstagramAccount.Login.FACEBOOK or last is None or self.ends_soon or self.trouble:
            return ""
        if self._first_end > self.now:
            words = _("Nothing renews a Facebook sign-in by itself: reconnect by %(first)s.")
        else:
            words = _("The Facebook sign-in ended on %(first)s. Reconnect: the Page can publish until %(last)s only.")
        return words % {"first": when.day_date(self._first_end), "last": when.day_date(last)}

    @property
    def renewal_is_soon(self) -> bool:
        """Return whether the first of both clocks ends within two weeks, or did."""
        return bool(self.renewal) and self._first_end < self.now + ENDS_SOON

    @property
    def _first_end(self) -> datetime:
        ends = (self.account.token_expires_at, self.account.data_access_expires_at)
        return min(end for end in ends if end is not None)

    @property
    def trouble(self) -> str:
        """Return why the account cannot publish, "" when it can."""
        if self.account.can_publish:
            return ""
        if self.is_disconnected:
            return _("This account is disconnected. Reconnect it to publish again.")
        return words.named(self.account.status_reason or "TOKEN_EXPIRED", self.account)

    @property
    def came_by(self) -> str:
        """Return by which login the account came in, and through which Page."""
        if self.account.login != InstagramAccount.Login.FACEBOOK:
            return str(self.account.get_login_display())
        return _("Facebook, Page %(page)s") % {"page": self.account.facebook_page_name}

    @property
    def can(self) -> list[str]:
        """Return what the connection allows, in words."""
        things = [_("Photos and carousels"), _("Reels"), _("Stories")]
        if self.account.can_comment:
            things.append(_("First comments"))
        return things

    @property
    def state(self) -> tuple[str, str, str]:
        """Return how the connection stands: badge colour, icon and words."""
        if self.account.can_publish:
            if self.paused:
                return "on_hold", "circle-pause", pgettext("account", "Paused")
            if self.ends_soon:
                return "warning", "triangle-alert", _("Expires soon")
            return "published", "check", str(self.account.get_status_display())
        if self.is_disconnected:
            return "draft", "unplug", str(self.account.get_status_display())
        if self.account.status_reason in LACKS_PERMISSION:
            return "failed", "octagon-alert", _("Missing permissions")
        return "failed", "octagon-alert", str(self.account.get_status_display())


def cards_of(user: User, now: datetime) -> list[AccountCard]:
    """Return a card for each account; one query."""
    return [_card(account, user, now) for account in _with_numbers(user, now)]


def _with_numbers(user: User, now: datetime) -> list[InstagramAccount]:
    alive = Q(posts__deleted_at=None)
    in_line = alive & Q(posts__status=Status.SCHEDULED, posts__hold_reason="")
    held = alive & Q(posts__status=Status.SCHEDULED, posts__hold_reason__in=ACCOUNT_HOLDS)
    by_pause = alive & Q(posts__status=Status.SCHEDULED, posts__hold_reason=HoldReason.PAUSED)
    return list(
        InstagramAccount.objects.for_user(user).annotate(
            ours=_counted_after(now - quota.WINDOW),
            since_check=_counted_after(OuterRef("quota_checked_at")),
            held=Count("posts", filter=held),
            held_late=Count("posts", filter=held & Q(posts__scheduled_for__lt=now)),
            planned=Count("posts", filter=in_line),
            after_token=Count("posts", filter=in_line & Q(posts__scheduled_for__gt=ENDS_AT)),
            next_at=Min("posts__next_attempt_at", filter=in_line),
            limited_until=ApiLimit.objects.pause_of_an_account(now),
            paused_posts=Count("posts", filter=by_pause),
            waiting=Count("posts", filter=in_line & Q(posts__wait_reason__in=rate_limits.REASONS)),
        )
    )


def _counted_after(since: datetime | OuterRef) -> Coalesce:
    """Return the count of what Instagram counts for the profile, whoever here connected it."""
    rows = ScheduledPost.objects.filter(instagram_account__instagram_user_id=OuterRef("instagram_user_id"))
    sending = Q(status=Status.PUBLISHING, publish_intent_at__isnull=False)
    counted = rows.filter(Q(published_at__gt=since) | sending).order_by()
    number = counted.values("instagram_account__instagram_user_id").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)


def _card(account: Any, user: User, now: datetime) -> AccountCard:
    used, checked = account.ours, account.quota_checked_at
    if checked is not None and checked > now - quota.WINDOW and account.quota_usage is not None:
        used = max(used, account.quota_usage + account.since_check)
    return AccountCard(
        account=account,
        used=used,
        limit=quota.limit_of(account),
        held=account.held,
        held_late=account.held_late,
        planned=account.planned,
        planned_after_token=account.after_token,
        next_at=account.next_at,
        limited_until=account.limited_until,
        waiting=account.waiting,
        paused=pausing.in_force(account, user),
        paused_posts=account.paused_posts,
        now=now,
    )
