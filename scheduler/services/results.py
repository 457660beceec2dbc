"""How posts did: read once a day for each account, on the slow queue, and never at the cost of publishing."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from scheduler.instagram.errors import InstagramError, Step
from scheduler.lib.sealing import KeyProblem
from scheduler.models import InstagramAccount, ScheduledPost, Status
from scheduler.models.account import RESULTS_EVERY
from scheduler.models.api_limit import WORTH_KNOWING_PERCENT
from scheduler.services import rate_limits
from scheduler.services.clients import client_for

WITHIN = timedelta(days=90)
# A task that was lost is queued again after this; a reading that failed is tried again after that.
QUEUED_FOR, AGAIN_AFTER = timedelta(minutes=10), timedelta(hours=6)
BATCH = 20


def due(now: datetime) -> list[int]:
    """Return the accounts whose results are to be read; one query."""
    accounts = InstagramAccount.objects.connected().filter(results_at__lte=now)
    return list(accounts.order_by("results_at").values_list("pk", flat=True)[:BATCH])


def hand_out(dispatch: Callable[[int], object], now: datetime) -> int:
    """Queue the accounts that are due; return how many."""
    accounts = due(now)
    InstagramAccount.objects.filter(pk__in=accounts).update(results_at=now + QUEUED_FOR)
    for pk in accounts:
        dispatch(pk)
    return len(accounts)


def read(account_id: int, now: datetime) -> str:
    """Read how the posts of one account did; return how that ended. Whatever goes wrong changes nothing else."""
    account = InstagramAccount.objects.connected().filter(pk=account_id).first()
    if account is None:
        return "not connected"
    known = rate_limits.Limits(account, is_known=True)
    if known.pause(now) or known.usage(now) >= WORTH_KNOWING_PERCENT:
        return _again(account, now + AGAIN_AFTER, "put off")
    try:
        client = client_for(account)
    except KeyProblem:
        return _again(account, now + AGAIN_AFTER, "no key")
    error, counts = None, dict[str, int]()
    try:
        counts = client.read_counts(account.instagram_user_id, now - WITHIN)
    except InstagramError as refused:
        error = refused
    news = rate_limits.news(known, client.last_exchange, Step.FIND, error, now)
    if news:
        with transaction.atomic():
            rate_limits.write(known, news, now)
    if error is not None:
        return _again(account, now + AGAIN_AFTER, error.name)
    _keep(account, counts)
    return _again(account, now + RESULTS_EVERY, "read")


def _keep(account: InstagramAccount, counts: dict[str, int]) -> None:
    mine = ScheduledPost.objects.filter(
        instagram_account=account, status=Status.PUBLISHED, instagram_media_id__in=counts
    )
    changed = []
    for post in mine.only("pk", "instagram_media_id", "reactions"):
        if post.reactions != counts[post.instagram_media_id]:
            post.reactions = counts[post.instagram_media_id]
            changed.append(post)
    ScheduledPost.objects.bulk_update(changed, ["reactions"])


def _again(account: InstagramAccount, at: datetime, ended: str) -> str:
    InstagramAccount.objects.filter(pk=account.pk).update(results_at=at)
    return ended
