"""Keep within Instagram's call limits: note what each answer tells of them, pause what is limited, go on slowly.

A scope is an app or an account, as in `ApiLimit`. While nothing is limited none of this costs a query of its own: the
claim's read says whether there is a row worth knowing. Source: Graph API, "Rate Limits".
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.instagram.answers import number_of, rows_of, text_of
from scheduler.instagram.client import Exchange
from scheduler.instagram.errors import InstagramError, Step
from scheduler.models import ApiLimit, HoldReason, InstagramAccount, PublishingLog, ScheduledPost, Status
from scheduler.models.api_limit import WORTH_KNOWING_PERCENT
from scheduler.services import notices

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)
# Instagram slows one account's posting down: it asks for hours, not minutes.
AFTER_BLOCK = timedelta(hours=1)
JITTER = 0.1
# Percent of a limit from which what is not publishing waits, and from which everything does.
SPARING, FULL = 90, 100
BANDS = (WORTH_KNOWING_PERCENT, SPARING, FULL)
# How many times longer the pauses between two looks become from 75 % on.
SLOWER = 3
# A figure is trusted, and what it put off waits, so long; it is written anew at most three times in that while.
FIGURE_HOLDS = timedelta(minutes=15)
# A full figure on an answer that refuses nothing: it is tried again at least so often, for a header may be nonsense.
LONGEST_UNREFUSED = timedelta(hours=1)
# What waited for a pause goes out one after the other.
SPACING = timedelta(seconds=10)
# How many posts are moved when a pause begins; the others move when their time comes.
MOST_MOVED = 300
REASONS = LIMITED, SLOWED = "RATE_LIMITED", "POSTING_SLOWED"
# Limits that Instagram counts for the app as a whole; all others are the account's.
APP_CODES = frozenset({4, 341})
COUNTED_TYPES = frozenset({"instagram", "pages", ""})


def app_scope(account: InstagramAccount) -> str:
    """Return the scope of the app by which the account came in."""
    return f"app:{account.login}"


def account_scope(account: InstagramAccount) -> str:
    """Return the scope of the account at Instagram, whoever here connected it."""
    return f"account:{account.instagram_user_id}"


class Limits:
    """What is known of one account's two scopes, as the claim of a post saw it."""

    def __init__(self, account: InstagramAccount, *, is_known: bool) -> None:
        """is_known: whether there is anything to read; one query then, else none."""
        self.account, self.rows = account, dict[str, ApiLimit]()
        if is_known:
            self.reload()

    def reload(self) -> None:
        """Read the scopes' rows; one query."""
        scopes = (app_scope(self.account), account_scope(self.account))
        self.rows = {row.scope: row for row in ApiLimit.objects.filter(scope__in=scopes)}

    def pause(self, now: datetime) -> ApiLimit | None:
        """Return the scope that must keep quiet the longest; None when the account may be spoken for."""
        paused = [row for row in self.rows.values() if row.is_paused(now)]
        return max(paused, key=lambda row: (row.paused_until, row.scope), default=None)

    def usage(self, now: datetime) -> int:
        """Return the higher of the two scopes' figures, in percent; 0 when they are too old to mean anything."""
        fresh = [row for row in self.rows.values() if row.seen_at is not None and now - row.seen_at < FIGURE_HOLDS]
        return max((row.usage_percent for row in fresh), default=0)

    def patience(self, now: datetime) -> int:
        """Return how many times longer than usual to wait between two looks."""
        return SLOWER if self.usage(now) >= WORTH_KNOWING_PERCENT else 1

    def is_sparing(self, now: datetime) -> bool:
        """Return whether only what publishing needs may be asked."""
        return self.usage(now) >= SPARING


# --- What an answer tells ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class News:
    """What is to be written of one scope.

    percent: the figure, None when it tells nothing new. pause: why the scope must keep quiet, "" when it need not.
    told:    for how long, as Instagram says. is_refused: False when only a figure asks for the pause.
    """

    scope: str
    percent: int | None = None
    pause: str = ""
    told: timedelta = timedelta(0)
    is_well: bool = False
    is_refused: bool = True


def news(limits: Limits, exchange: Exchange, step: str, error: InstagramError | None, now: datetime) -> list[News]:
    """Return what an answer tells that is not written yet; nothing, and no query, while all is well."""
    told = timedelta(minutes=exchange.regain_minutes)
    figures = _figures(exchange, limits.account)
    limited, reason = _limited_by(error, limits.account)
    found = []
    for scope in (app_scope(limits.account), account_scope(limits.account)):
        row, percent = limits.rows.get(scope), figures.get(scope)
        is_full = not limited and percent is not None and percent >= FULL and not (row and row.is_paused(now))
        pause = reason if scope == limited else LIMITED if is_full else ""
        is_well = not pause and error is None and row is not None and _is_over(row, step, now)
        is_new = percent is not None and _is_new(row, percent, now)
        if pause or is_well or is_new:
            lasts = told if scope == limited else min(told, LONGEST_UNREFUSED)
            found.append(News(scope, percent if is_new else None, pause, lasts, is_well, scope == limited))
    return found


def _figures(exchange: Exchange, account: InstagramAccount) -> dict[str, int]:
    figures = {}
    app = exchange.usage.get("x-app-usage")
    if isinstance(app, dict):
        figures[app_scope(account)] = _highest(app)
    business = exchange.usage.get("x-business-use-case-usage")
    parts = business.values() if isinstance(business, dict) else []
    rows = [row for part in parts for row in rows_of({"data": part})]
    counted = [row for row in rows if text_of(row.get("type")) in COUNTED_TYPES]
    if counted:
        figures[account_scope(account)] = max(_highest(row) for row in counted)
    return figures


def _highest(row: dict[str, Any]) -> int:
    percents = (number_of(row.get(name)) or 0 for name in ("call_count", "total_time", "total_cputime"))
    return min(max(0, *percents), 9_999)


def _limited_by(error: InstagramError | None, account: InstagramAccount) -> tuple[str, str]:
    """Return which scope a refusal limits, and why; "" for one that limits none."""
    if error is None:
        return "", ""
    if error.name == "ACTION_BLOCKED":
        return account_scope(account), SLOWED
    if error.name != LIMITED:
        return "", ""
    return (app_scope if error.code in APP_CODES else account_scope)(account), LIMITED


def _is_over(row: ApiLimit, step: str, now: datetime) -> bool:
    """Return whether a success at `step` ends the row of pauses; only a publish shows that posting goes again."""
    return row.pauses > 0 and not row.is_paused(now) and (row.reason != SLOWED or step == Step.PUBLISH)


def _is_new(row: ApiLimit | None, percent: int, now: datetime) -> bool:
    if row is None or _band(row.usage_percent) != _band(percent):
        return bool(_band(percent)) or row is not None
    is_old = row.seen_at is None or now - row.seen_at > FIGURE_HOLDS / 3
    return bool(_band(percent)) and is_old


def _band(percent: int) -> int:
    return sum(percent >= edge for edge in BANDS)


# --- Writing it down --------------------------------------------------------------------------------------------
def write(limits: Limits, found: list[News], now: datetime) -> None:
    """Store what was told, put off what waits for a scope that must keep quiet now. Inside a transaction."""
    for one in found:
        row, _made = ApiLimit.objects.select_for_update().get_or_create(scope=one.scope)
        if one.percent is not None:
            row.usage_percent, row.seen_at = one.percent, now
        if one.is_well and not row.is_paused(now):
            row.paused_until, row.reason, row.pauses = None, "", 0
            notices.settle_account(limits.account, now, SLOWED)
        if one.pause:
            _pause(row, one, now)
        row.save()
        if one.pause:
            _move_the_line(row, now)
        if one.pause == SLOWED:
            notices.tell_about_account(limits.account, SLOWED, now)
    limits.reload()


def _pause(row: ApiLimit, one: News, now: datetime) -> None:
    """Begin a pause; refusals that come while one lasts, from calls already on their way, are not counted again."""
    least = max(one.told, AFTER_BLOCK if one.pause == SLOWED else SHORTEST)
    if row.paused_until is not None and row.paused_until > now:
        longer = one.told or (least if one.pause != row.reason else timedelta(0))
        row.paused_until = max(row.paused_until, now + longer)
        row.reason = SLOWED if SLOWED in {one.pause, row.reason} else LIMITED
        return
    in_a_row = row.pauses if one.is_refused else 0
    wait = least * 2 ** min(in_a_row, 8) * (1 + random.uniform(0, JITTER))
    row.paused_until = now + min(wait, LONGEST if one.is_refused else LONGEST_UNREFUSED)
    row.reason, row.pauses = one.pause, in_a_row + 1


# --- Who waits until when ---------------------------------------------------------------------------------------
def slot(pause: ApiLimit, now: datetime) -> datetime:
    """Return when one more post of a paused scope goes on: after those that wait already; one query."""
    assert pause.paused_until is not None
    last = _posts_of(pause).filter(wait_reason=pause.reason, next_attempt_at__gte=pause.paused_until)
    latest = last.order_by("-next_attempt_at").values_list("next_attempt_at", flat=True).first()
    return max(latest or now, pause.paused_until) + SPACING


def _posts_of(row: ApiLimit) -> Any:
    kind, _colon, name = row.scope.partition(":")
    whose = {"instagram_account__login": name} if kind == "app" else {"instagram_account__instagram_user_id": name}
    return ScheduledPost.objects.filter(
        **whose, status=Status.SCHEDULED, hold_reason=HoldReason.NONE, deleted_at=None
    )


def _move_the_line(row: ApiLimit, now: datetime) -> None:
    """Give every post whose turn falls into the pause its time after it, one after the other."""
    assert row.paused_until is not None
    due = _posts_of(row).filter(claimed_by="", wake_at__lte=row.paused_until)
    for place, post in enumerate(due.order_by("next_attempt_at", "pk")[:MOST_MOVED], start=1):
        at = row.paused_until + place * SPACING
        rows = ScheduledPost.objects.filter(pk=post.pk, version=post.version, claimed_by="", status=Status.SCHEDULED)
        moved = waiting_fields(post, at, row.reason)
        if rows.update(**moved) and "next_attempt_at" in moved:
            PublishingLog.decide(post, PublishingLog.Status.RETRY, now, error_code=row.reason, next_attempt_at=at)


def waiting_fields(post: ScheduledPost, at: datetime, reason: str) -> dict[str, Any]:
    """Return what makes a post wait until `at`; one whose time comes later only begins to be prepared later."""
    if post.status == Status.SCHEDULED and post.next_attempt_at is not None and post.next_attempt_at > at:
        return {"wake_at": at}
    return {"wake_at": at, "next_attempt_at": at, "wait_reason": reason}


def spread(now: datetime, wait: timedelta = FIGURE_HOLDS) -> datetime:
    """Return a time after `wait`, not the same one for all."""
    return now + wait * (1 + random.uniform(0, 1))
