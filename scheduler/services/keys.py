"""Is the key at hand the one that sealed the stored tokens?"""

from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import CalendarFeed, InstagramAccount, PendingConnection, Webhook
from scheduler.models.fields import vault


def check_keys() -> None:
    """Open one stored token. Raises KeyProblem, which names the cure; reads only."""
    account = InstagramAccount.objects.exclude(access_token="").first()
    if account is None:
        vault()
    else:
        account.token()


def rotate_keys() -> int:
    """Seal every stored token with the first key; return how many accounts that were. Raises KeyProblem."""
    opener, count = vault(), 0
    for account in InstagramAccount.objects.exclude(access_token="", facebook_user_token=""):
        InstagramAccount.objects.filter(pk=account.pk, access_token=account.access_token).update(
            access_token=opener.rotate(account.access_token),
            facebook_user_token=opener.rotate(account.facebook_user_token),
        )
        count += 1
    PendingConnection.forget_old(clock.now())
    for pending in PendingConnection.objects.all():
        pending.facebook_user_token = opener.rotate(pending.facebook_user_token)
        pending.save(update_fields=["facebook_user_token"])
    for feed in CalendarFeed.objects.all():
        CalendarFeed.objects.filter(pk=feed.pk, secret=feed.secret).update(secret=opener.rotate(feed.secret))
    for webhook in Webhook.objects.all():
        Webhook.objects.filter(pk=webhook.pk, secret=webhook.secret).update(
            secret=opener.rotate(webhook.secret), previous_secret=opener.rotate(webhook.previous_secret)
        )
    return count


__all__ = ["KeyProblem", "check_keys", "rotate_keys"]
