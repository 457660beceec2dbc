"""What Meta tells of the accounts by webhook: that strangers commented. Source: Instagram Platform, "Webhooks".

A batch holds up to a thousand changes, comes again until it is answered, and in no promised order.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scheduler.instagram.answers import number_of, text_of
from scheduler.models import InstagramAccount, ScheduledPost
from scheduler.services import notices

log = logging.getLogger(__name__)
COMMENTS = frozenset({"comments", "live_comments"})
MOST_CHANGES = 1000


@dataclass(frozen=True)
class Comment:
    """Who wrote below which media of which account, by Instagram's ids."""

    account: str
    media: str
    author: str
    at: datetime


def take(told: Any, now: datetime) -> int:
    """Tell the owners what they should know of a batch; return how many notices that made."""
    latest: dict[tuple[str, str], Comment] = {}
    for comment in _comments(told, now):
        if comment.author != comment.account:  # one's own arrive, too
            known = latest.get((comment.account, comment.media))
            latest[comment.account, comment.media] = max(comment, known or comment, key=lambda one: one.at)
    return sum(_tell(comment) for comment in latest.values())


def _tell(comment: Comment) -> int:
    count = 0
    for account in InstagramAccount.objects.connected().filter(instagram_user_id=comment.account):
        if comment.author == account.app_scoped_id:
            continue
        live = ScheduledPost.objects.filter(instagram_account=account, instagram_media_id=comment.media or "-")
        count += notices.tell_about_comments(account, live.first(), comment.at)
    return count


def _comments(told: Any, now: datetime) -> Iterator[Comment]:
    """Yield the comments of a batch; both shapes are understood that Meta documents."""
    left = MOST_CHANGES
    for entry in _objects(told.get("entry") if isinstance(told, dict) else None):
        account, at = text_of(entry.get("id")), _instant(entry.get("time"), now)
        for change in _objects(entry.get("changes")) or [entry]:
            left -= 1
            if left < 0:
                return
            value = change.get("value")
            if change.get("field") not in COMMENTS or not isinstance(value, dict):
                log.info("Meta told of %r, which nobody waits for", text_of(change.get("field"))[:60])
                continue
            author, media = (value.get(name) for name in ("from", "media"))
            yield Comment(account, _id(media), _id(author), at)


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _id(value: Any) -> str:
    return text_of(value.get("id")) if isinstance(value, dict) else ""


def _instant(told: Any, now: datetime) -> datetime:
    """Return a time stamp's instant, never one that is still to come."""
    seconds = number_of(told) or 0
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < now.timestamp() else now
