"""Write down for the webhooks what happens, in the transaction in which it happens.

So none is lost, and none is told that did not happen. `listeners` costs one query; who has no webhook pays no other.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from scheduler.models import Delivery, InstagramAccount, ScheduledPost, Webhook
from scheduler.models.delivery import new_event_id
from scheduler.models.post_queryset import PostQuerySet
from scheduler.models.webhook import TEST_EVENT, Event
from scheduler.services import event_bodies

# A pause may hold thousands of posts in one transaction.
BATCH = 200


class Listeners:
    """The webhooks of one person, or several, as they stand until the transaction ends."""

    def __init__(self, webhooks: Iterable[Webhook]) -> None:
        self._of: dict[int, list[Webhook]] = defaultdict(list)
        for webhook in webhooks:
            self._of[webhook.user_id].append(webhook)

    def want(self, event: str) -> bool:
        """Return whether anybody listens to an event."""
        return any(event in webhook.events for webhooks in self._of.values() for webhook in webhooks)

    def hear_of_posts(self, event: str, ids: Iterable[int], now: datetime) -> None:
        """Tell an event of each of these posts, as they stand in the database now."""
        if not self.want(event):
            return
        posts = ScheduledPost.objects.filter(pk__in=list(ids)).order_by("pk")
        told = posts.select_related("instagram_account").prefetch_related("media").iterator(chunk_size=BATCH)
        _write(row for post in told for row in self._rows(post.user_id, event, event_bodies.of_post(post), now))

    def hear_of_account(self, account: InstagramAccount, now: datetime) -> None:
        """Tell that an account needs a new sign-in."""
        if self.want(Event.NEEDS_RECONNECT):
            _write(self._rows(account.user_id, Event.NEEDS_RECONNECT, event_bodies.of_account(account), now))

    def hold(self, posts: PostQuerySet, reason: str, now: datetime) -> int:
        """Keep these scheduled posts back and tell it of those that were not on hold before; return how many."""
        newly: list[int] = []
        if self.want(Event.HELD):
            free = posts.filter(status=ScheduledPost.Status.SCHEDULED, hold_reason="")
            newly = list(free.select_for_update().order_by("pk").values_list("pk", flat=True))
        held = posts.hold(reason)
        self.hear_of_posts(Event.HELD, newly, now)
        return held

    def _rows(self, user_id: int, event: str, data: dict[str, Any], now: datetime) -> list[Delivery]:
        hearing = [webhook for webhook in self._of[user_id] if event in webhook.events]
        return _rows(hearing, event, data, now) if hearing else []


def listeners(*user_ids: int) -> Listeners:
    """Return the webhooks of these people that are on; call it inside the transaction that tells them something."""
    # Locked: one that is deleted meanwhile would otherwise take the whole transaction with it.
    rows = Webhook.objects.on().filter(user__in=user_ids).select_for_update().order_by("pk")
    return Listeners(rows.only("user", "events"))


def hear_of_post(event: str, post: ScheduledPost, now: datetime) -> None:
    """Tell one event of one post, as it stands in the database now."""
    listeners(post.user_id).hear_of_posts(event, [post.pk], now)


def send_test(webhook: Webhook, now: datetime) -> Delivery:
    """Put an event in line that says nothing but that it arrives."""
    data = {"webhook": {"id": webhook.pk, "description": webhook.description, "events": webhook.events}}
    (row,) = _rows([webhook], TEST_EVENT, data, now)
    row.save()
    return row


def _rows(webhooks: list[Webhook], event: str, data: dict[str, Any], now: datetime) -> list[Delivery]:
    """Return one event on its way to each of these, not written yet."""
    event_id = new_event_id()
    body = event_bodies.body(event_id, event, now, data)
    return [
        Delivery(
            user_id=webhook.user_id,
            channel=Delivery.Channel.WEBHOOK,
            webhook=webhook,
            event=event,
            event_id=event_id,
            body=body,
            due_at=now,
            created_at=now,
        )
        for webhook in webhooks
    ]


def _write(rows: Iterable[Delivery]) -> None:
    Delivery.objects.bulk_create(rows, batch_size=BATCH)
