"""What a person does with a webhook of theirs, by page or by program."""

from datetime import datetime

from django.utils.translation import gettext as _

from scheduler.models import Delivery, User, Webhook, WrongState
from scheduler.services import notices


def add(webhook: Webhook, user: User, now: datetime) -> str:
    """Save a new one for this person; return its secret, the only time that it is plain."""
    webhook.user, webhook.created_at = user, now
    return webhook.renew_secret(now)


def change(webhook: Webhook, now: datetime, *, is_on: bool) -> None:
    """Save what was changed of it, and switch it on or off."""
    webhook.save(update_fields=["url", "description", "events"])
    if is_on and not webhook.is_on:
        webhook.switch_on()
        notices.settle_webhook(webhook, now)
    elif not is_on and webhook.is_on:
        webhook.switch_off(Webhook.Off.PERSON)


def delete(webhook: Webhook, now: datetime) -> None:
    """Delete it with its log; what waits is not sent any more."""
    notices.settle_webhook(webhook, now)
    webhook.forget()


def send_again(delivery: Delivery, webhook: Webhook, now: datetime) -> None:
    """Put a delivery back in line as it was, with the same ids. Raises WrongState."""
    if not webhook.is_on:
        raise WrongState("WEBHOOK_OFF", _("The webhook is off. Switch it on first, then send again."))
    if not Delivery.objects.filter(pk=delivery.pk).send_again(now):
        raise WrongState("DELIVERY_BUSY", _("It is being sent just now. Look at the log in a moment."))
