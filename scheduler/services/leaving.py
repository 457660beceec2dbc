"""People who leave at Meta: they remove the app, or ask that what is kept of them be deleted.

Source: Meta, "Deauthorize Callback" and "Data Deletion Request Callback".
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from scheduler.lib.signed_request import SignedRequest
from scheduler.models import DeletionRequest, InstagramAccount, PublishingLog, ScheduledPost
from scheduler.models.post import hold_reason_of
from scheduler.services import events, notices
from scheduler.services.notices import APP_REMOVED
from scheduler.services.verdicts import hold_posts_of

# Meta's clock and ours differ by less, and it tells whole seconds.
CLOCKS = timedelta(minutes=1)


def deauthorize(said: SignedRequest, now: datetime) -> int:
    """Forget the tokens of whom Meta names, hold what is planned, tell the owners; return how many accounts.

    What was said before a newer sign-in is passed over: it may be an old message that comes again.
    """
    count = 0
    for account in _connected(said):
        with transaction.atomic():
            _disconnect(account, now)
        count += 1
    return count


def delete_data(said: SignedRequest, now: datetime) -> DeletionRequest:
    """Empty the accounts of whom Meta names of all that came from Instagram; once, however often it is asked.

    What their person wrote and uploaded here stays that person's: posts become plans of an account without a name.
    """
    with transaction.atomic():
        request, is_new = DeletionRequest.take(said.digest, now)
        if is_new:
            for account in _meant(said):
                _disconnect(account, now)
                _empty(account)
                request.accounts += 1
            request.save(update_fields=["accounts"])
    return request


def _meant(said: SignedRequest) -> QuerySet[InstagramAccount]:
    """Return the accounts of a login: Instagram's own one, or at Facebook all behind one person's Pages."""
    accounts = InstagramAccount.objects.filter(Q(app_scoped_id=said.user_id) | Q(facebook_user_id=said.user_id))
    if said.issued_at is None:
        return accounts
    return accounts.filter(Q(connected_at=None) | Q(connected_at__lte=said.issued_at + CLOCKS))


def _connected(said: SignedRequest) -> QuerySet[InstagramAccount]:
    return _meant(said).exclude(status=InstagramAccount.Status.DISCONNECTED)


def _disconnect(account: InstagramAccount, now: datetime) -> None:
    was_connected = account.status != InstagramAccount.Status.DISCONNECTED
    account.disconnect()
    listeners = events.listeners(account.user_id)
    hold_posts_of(account, hold_reason_of(account), now, listeners)
    notices.settle_account(account, now)
    if was_connected:
        notices.tell_about_account(account, APP_REMOVED, now)
        listeners.hear_of_account(account, now)


def _empty(account: InstagramAccount) -> None:
    account.forget_profile()
    posts = ScheduledPost.objects.filter(instagram_account=account)
    posts.update(permalink="", instagram_media_id="", reactions=None)
    lines = PublishingLog.objects.filter(instagram_account=account)
    lines.update(request_data={}, response_data={}, error_message="", api_endpoint="")
