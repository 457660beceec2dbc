"""Keep connections alive: renew what can be renewed, find what is broken before a post needs it, warn in time.

Each account by itself and once a day, on the slow queue; what goes wrong with one costs the others nothing. A token
of Instagram Login is renewed from its 30th day on, and lasts 60. Facebook's cannot be renewed: its two clocks are
read. Only Instagram's clear refusal, three looks in a row, breaks a connection. Source: Instagram Platform, "Refresh
Access Token"; Facebook Login, "Debugging Access Tokens" and "Long-Lived Access Tokens".
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from scheduler.instagram.errors import Decision, InstagramError, Step
from scheduler.lib.sealing import KeyProblem
from scheduler.models import InstagramAccount
from scheduler.models.account import ENDS_NOW, ENDS_SOON, KEEP_EVERY
from scheduler.services import meta_events, notices, rate_limits, verdicts
from scheduler.services.clients import client_for, facebook_login, instagram_login
from scheduler.services.notices import ENDINGS, ENDS_IN_A_DAY, ENDS_IN_A_WEEK, ENDS_IN_TWO_WEEKS

log = logging.getLogger(__name__)
RENEW_FROM, YOUNGEST = timedelta(days=30), timedelta(hours=24)
# A task that was lost is queued again after the first; what may pass by itself is looked at again after the second.
QUEUED_FOR, LATER = timedelta(minutes=10), timedelta(hours=1)
# After a refusal, until the next look; after the last one the account's queue is held.
AGAIN = (timedelta(minutes=10), timedelta(minutes=30))
BATCH = 20
# Refusals of the token or of the account, which only its owner can help.
OWNERS = frozenset({Decision.RECONNECT, Decision.ACCOUNT})
# While Meta has trouble, reads are refused with this although the permission is there (fact sheet 9.10).
DOUBTFUL_CODE = 10
# How long before its end a connection is warned of that nobody could renew, the shortest first.
WARNINGS = (
    (ENDS_NOW, ENDS_IN_A_DAY),
    (timedelta(days=7), ENDS_IN_A_WEEK),
    (ENDS_SOON, ENDS_IN_TWO_WEEKS),
)


def due(now: datetime, most: int = BATCH) -> list[int]:
    """Return the accounts that are to be looked after, the longest waiting first; one query."""
    accounts = InstagramAccount.objects.connected().filter(keep_at__lte=now)
    return list(accounts.order_by("keep_at").values_list("pk", flat=True)[:most])


def hand_out(dispatch: Callable[[int], object], now: datetime) -> int:
    """Queue the accounts that are due; return how many."""
    accounts = due(now)
    InstagramAccount.objects.filter(pk__in=accounts).update(keep_at=now + QUEUED_FOR)
    for pk in accounts:
        dispatch(pk)
    return len(accounts)


def keep_next(now: datetime) -> bool:
    """Look after the account that waits longest, here and now; False when none does."""
    accounts = due(now, 1)
    if accounts:
        InstagramAccount.objects.filter(pk=accounts[0]).update(keep_at=now + QUEUED_FOR)
        keep(accounts[0], now)
    return bool(accounts)


def keep(account_id: int, now: datetime) -> str:
    """Look after one account; return how that ended."""
    account = InstagramAccount.objects.connected().filter(pk=account_id).first()
    if account is None:
        return "not connected"
    if rate_limits.Limits(account, is_known=True).pause(now):
        return _again(account, now + LATER, "put off")
    try:
        _renew(account, now)
        refusal = _look(account, now)
    except KeyProblem as problem:
        log.error("The token of account %s cannot be opened: %s", account.pk, problem)
        return _again(account, now + LATER, "no key")
    _warn(account, now)
    if refusal is None:
        _listen(account, now)
        return _again(account, now + KEEP_EVERY, "good", keep_failures=0)
    if refusal.decision not in OWNERS or refusal.code == DOUBTFUL_CODE:
        return _again(account, now + LATER, refusal.name)  # Meta's trouble, or ours: it says nothing of the token
    return _refused(account, refusal, now)


# --- Renewing ---------------------------------------------------------------------------------------------------
def _renew(account: InstagramAccount, now: datetime) -> None:
    """Renew the token, or read how long it lasts where nothing renews it. Raises KeyProblem."""
    is_facebook = account.login == InstagramAccount.Login.FACEBOOK
    try:
        if is_facebook:
            _read_clocks(account)
        elif _is_old_enough(account, now):
            fresh = instagram_login().refresh(account.token())
            account.renew(fresh.token, fresh.expires_in_s, now)
    except InstagramError as error:
        log.warning("The connection of account %s was not renewed: %s", account.pk, error)
        if not is_facebook:
            account.keep(renewal_error=error.name)
            account.renewal_error = error.name


def _is_old_enough(account: InstagramAccount, now: datetime) -> bool:
    issued = account.token_issued_at
    if issued is None or now - issued < YOUNGEST:
        return False
    # One that was shorter from the start is renewed as soon as Instagram allows.
    return now - issued >= RENEW_FROM or account.token_ends_before(now + RENEW_FROM)


def _read_clocks(account: InstagramAccount) -> None:
    """Read how long the person's token and the access to data last. Raises InstagramError."""
    token = account.user_token()
    if not token:
        return
    told = facebook_login().inspect(token)
    if not told.is_valid:
        return  # whether the Page's own token still publishes, the look tells
    facts = {"token_expires_at": told.expires_at, "data_access_expires_at": told.data_access_expires_at}
    if account.keep(**facts):
        account.token_expires_at, account.data_access_expires_at = told.expires_at, told.data_access_expires_at


# --- Looking ----------------------------------------------------------------------------------------------------
def _look(account: InstagramAccount, now: datetime) -> InstagramError | None:
    """Ask Instagram the cheapest thing that publishing needs, too; return what it refused. Raises KeyProblem."""
    client = client_for(account)
    known, error = rate_limits.Limits(account, is_known=True), None
    try:
        told = client.read_quota(account.instagram_user_id)
        account.keep_quota(told.usage, told.total, now)
    except InstagramError as refused:
        error = refused
    news = rate_limits.news(known, client.last_exchange, Step.QUOTA, error, now)
    if news:
        with transaction.atomic():
            rate_limits.write(known, news, now)
    return error


def _listen(account: InstagramAccount, now: datetime) -> None:
    """Have Meta tell of comments, once for each sign-in; where that is refused, it is asked again the next day."""
    if account.hears_comments_at is not None or not account.can_comment:
        return
    try:
        client_for(account).hear_of(account.instagram_user_id, sorted(meta_events.COMMENTS))
    except InstagramError as error:
        log.info("Meta will not tell of comments of account %s: %s", account.pk, error)
    else:
        account.keep(hears_comments_at=now)


def _refused(account: InstagramAccount, refusal: InstagramError, now: datetime) -> str:
    """Count the refusal; the last of three in a row, or one after its end, holds what is planned, once."""
    failures = account.keep_failures + 1
    if failures <= len(AGAIN) and not account.token_ends_before(now):
        return _again(account, now + AGAIN[failures - 1], refusal.name, keep_failures=failures)
    with transaction.atomic():
        if account.keep(keep_at=None, keep_failures=failures):
            verdicts.account_needs_owner(account, refusal, now)
    return "broken"


def _again(account: InstagramAccount, at: datetime, ended: str, **facts: int) -> str:
    account.keep(keep_at=at, **facts)
    return ended


# --- Warning ----------------------------------------------------------------------------------------------------
def _warn(account: InstagramAccount, now: datetime) -> None:
    """Tell the owner that a connection ends which nothing renewed, once at each mark; take back what is over."""
    kind = next((kind for before, kind in WARNINGS if account.token_ends_before(now + before)), "")
    with transaction.atomic():
        notices.settle_account(account, now, *(ENDINGS - {kind}))
        if kind:
            notices.tell_about_account(account, kind, now)
