"""Tell a person, once per cause."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, Q

from scheduler.models import HoldReason, InstagramAccount, Notification, ScheduledPost, User, Webhook

# The kind of notice that tells what a check before its time found; the post's row says what it was.
AT_RISK = "AT_RISK"
# Told shortly before its time: somebody began to change the post, and did not say that the changes count.
NOT_APPLIED = "NOT_APPLIED"
# A connection that nothing renewed ends soon: which notice at which mark.
ENDS_IN_A_DAY, ENDS_IN_A_WEEK, ENDS_IN_TWO_WEEKS = "TOKEN_ENDS_DAY", "TOKEN_ENDS_WEEK", "TOKEN_ENDS_FORTNIGHT"
ENDINGS = frozenset({ENDS_IN_A_DAY, ENDS_IN_A_WEEK, ENDS_IN_TWO_WEEKS})
# The owner removed the app at Instagram or Facebook.
APP_REMOVED = "APP_REMOVED"
# Strangers wrote below a live post, or below something else of the account.
NEW_COMMENTS = "NEW_COMMENTS"
# Pauta switched a webhook off by itself; the kind says why.
WEBHOOK_OFF = {Webhook.Off.GONE.value: "WEBHOOK_GONE", Webhook.Off.FAILING.value: "WEBHOOK_FAILING"}


def tell_about_account(account: InstagramAccount, kind: str, now: datetime) -> bool:
    """Tell the owner that the account needs them; False when they were told and it is still open."""
    return _tell(user_id=account.user_id, kind=kind, cause=f"account:{account.pk}", account=account, created_at=now)


def tell_about_post(post: ScheduledPost, kind: str, now: datetime) -> bool:
    """Tell the owner what became of a post; False when they were told and it is still open."""
    return _tell(
        user_id=post.user_id,
        kind=kind,
        cause=f"post:{post.pk}",
        post=post,
        account_id=post.instagram_account_id,
        created_at=now,
    )


def tell_about_comments(account: InstagramAccount, post: ScheduledPost | None, at: datetime) -> bool:
    """Tell of comments of the instant `at`, once until they were looked at; False when that is told already."""
    cause = f"comments:post:{post.pk}" if post else f"comments:account:{account.pk}"
    told = Notification.objects.filter(user=account.user_id, kind=NEW_COMMENTS, cause=cause)
    if told.filter(Q(created_at__gte=at) | Q(read_at__gte=at)).exists():
        return False  # it was looked at since, and Meta tells it again
    return _tell(user_id=account.user_id, kind=NEW_COMMENTS, cause=cause, post=post, account=account, created_at=at)


def settle_comments(user: User, now: datetime) -> None:
    """The person looked: what comes from now on is told anew."""
    Notification.objects.for_user(user).open().filter(kind=NEW_COMMENTS).update(settled_at=now)


def tell_about_webhook(webhook: Webhook, now: datetime) -> bool:
    """Tell the owner that a webhook was switched off; False when they were told and it is still off."""
    kind = WEBHOOK_OFF[webhook.off_reason]
    return _tell(user_id=webhook.user_id, kind=kind, cause=f"webhook:{webhook.pk}", created_at=now)


def settle_webhook(webhook: Webhook, now: datetime) -> None:
    """The webhook is on again, or gone: its open notices are done."""
    Notification.objects.open().filter(cause=f"webhook:{webhook.pk}").update(settled_at=now)


def settle_account(account: InstagramAccount, now: datetime, *kinds: str) -> None:
    """The account is fine again: its open notices are done, all of them or those of `kinds`."""
    told = Notification.objects.open().filter(cause=f"account:{account.pk}")
    (told.filter(kind__in=kinds) if kinds else told).update(settled_at=now)


def settle_missed(account_id: int | None, now: datetime) -> None:
    """Once nothing of the account is held as missed any more, the notice that something is, is done."""
    held = ScheduledPost.objects.filter(instagram_account=account_id, hold_reason=HoldReason.MISSED, deleted_at=None)
    told = Notification.objects.open().filter(kind="MISSED", cause=f"account:{account_id}")
    told.filter(~Exists(held)).update(settled_at=now)


def settle_post(post: ScheduledPost, now: datetime, *kinds: str) -> None:
    """The post went on: its open notices are done, all of them or those of `kinds`."""
    told = Notification.objects.open().filter(cause=f"post:{post.pk}")
    (told.filter(kind__in=kinds) if kinds else told).update(settled_at=now)


def _tell(**row: object) -> bool:
    try:
        with transaction.atomic():
            Notification.objects.create(**row)
    except IntegrityError:
        return False
    return True
