"""Disconnect Instagram accounts, and let held posts go again."""

from datetime import datetime, timedelta

from django.db import transaction

from scheduler.models import HoldReason, InstagramAccount, PostChange, ScheduledPost, User, WrongState
from scheduler.models.post import hold_reason_of
from scheduler.services import events, notices, pausing, revoking
from scheduler.services.verdicts import hold_posts_of

# Held posts whose time has passed go out this far apart when they are released "now".
SPACING = timedelta(minutes=15)
ACCOUNT_HOLDS = [
    HoldReason.RECONNECT,
    HoldReason.PERMISSION,
    HoldReason.DISCONNECTED,
    HoldReason.RESTRICTED,
    HoldReason.ACCOUNT_TYPE,
    HoldReason.MISSED,
    HoldReason.PASSED,
]


def disconnect(account: InstagramAccount, user: User, now: datetime) -> int:
    """Forget the token and hold what is planned; return how many posts that holds.

    Gives the permission back if it can, unless that would end the connection of another account here too.
    """
    grant = revoking.grant_of(account)
    with transaction.atomic():
        account.disconnect()
        held = hold_posts_of(account, hold_reason_of(account), now, events.listeners(account.user_id))
        notices.settle_account(account, now)
    if grant:
        grant.revoke()
    return held


def connected_ids(user: User) -> set[str]:
    """Return the Instagram ids of the accounts this person has connected."""
    return set(InstagramAccount.objects.for_user(user).connected().values_list("instagram_user_id", flat=True))


def scheduled_count(account: InstagramAccount) -> int:
    """Return how many posts a disconnect would hold."""
    return ScheduledPost.objects.filter(
        instagram_account=account,
        status=ScheduledPost.Status.SCHEDULED,
        hold_reason__in=["", HoldReason.PAUSED],
        deleted_at=None,
    ).count()


def held_posts(account: InstagramAccount) -> list[ScheduledPost]:
    """Return the account's posts that wait for a release, the earliest first."""
    return list(
        ScheduledPost.objects.filter(
            instagram_account=account, hold_reason__in=ACCOUNT_HOLDS, status="scheduled", deleted_at=None
        ).order_by("scheduled_for")
    )


def release(account: InstagramAccount, user: User, choice: str, now: datetime) -> int:
    """Let held posts go: future ones at their time; past ones "now" (15 min apart) or left ("leave").

    Returns how many were released. Nothing happens while the account cannot publish, or is paused.
    """
    if not account.can_publish or pausing.in_force(account, user):
        return 0
    late = released = 0
    for post in held_posts(account):
        is_past, reason = post.scheduled_for is not None and post.scheduled_for < now, post.hold_reason
        if is_past and choice != "now":
            continue
        try:
            post.release(now=now, not_before=now + late * SPACING if is_past else now)
        except WrongState:
            continue  # somebody changed it at this moment; it is not on hold any more
        late += is_past
        released += 1
        PostChange.note(post, PostChange.Act.RELEASED, user, now, reason=reason)
    notices.settle_missed(account.pk, now)
    return released
