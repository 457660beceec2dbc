"""Save the posts of a file in one go: all of them or none, and one Undo for all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from scheduler.models import (
    CsvImport,
    HoldReason,
    InstagramAccount,
    MediaType,
    PostChange,
    PostMedia,
    ScheduledPost,
    Status,
    Undo,
    User,
)
from scheduler.models.post import hold_reason_of
from scheduler.services import pausing
from scheduler.services.media_row import Piece
from scheduler.services.post_facts import time_of

AT_ONCE = 500


@dataclass(frozen=True)
class NewPost:
    """A post that is not saved yet, its row of media, and whether it is to be in line."""

    post: ScheduledPost
    pieces: list[Piece]
    is_scheduled: bool


def save(brought: CsvImport, news: list[NewPost], verdicts: list[dict[str, Any]], now: datetime) -> bool:
    """Write them with their history and the way back; False when another request did. About 40 rows a statement.

    Raises WrongState when one that is to be in line has no account or time: then nothing is saved.
    """
    with transaction.atomic():
        if not brought.take(now):
            return False
        _line_up(brought.user, news, now)
        posts = ScheduledPost.objects.bulk_create([new.post for new in news], batch_size=AT_ONCE)
        PostMedia.objects.bulk_create([place for new in news for place in _places(new)], batch_size=AT_ONCE)
        _note(brought, posts, now)
        taken = [{"post": post.pk, "version": post.version} for post in posts]
        brought.undo = Undo.offer(brought.user, Undo.Act.IMPORTED, taken, now) if taken else None
        brought.imported_at, brought.count, brought.verdicts = now, len(posts), verdicts
        brought.save(update_fields=["undo", "count", "verdicts"])
    return True


def _line_up(user: User, news: list[NewPost], now: datetime) -> None:
    """Put those in line that are to be; pauses can't change until they are written."""
    person = User.objects.select_for_update().get(pk=user.pk)
    ids = {new.post.instagram_account_id for new in news if new.is_scheduled} - {None}
    accounts = InstagramAccount.objects.select_for_update().in_bulk([pk for pk in ids if pk is not None])
    holds = {pk: _hold(account, person) for pk, account in accounts.items()}
    for new in news:
        if new.is_scheduled:
            hold = holds.get(new.post.instagram_account_id or 0, HoldReason.NONE)
            new.post.line_up(now=now, hold=hold, has_video=_has_video(new))


def _hold(account: InstagramAccount, person: User) -> HoldReason:
    if not account.can_publish:
        return hold_reason_of(account)
    return HoldReason.PAUSED if pausing.in_force(account, person) else HoldReason.NONE


def _has_video(new: NewPost) -> bool:
    is_reel = new.post.media_type in {MediaType.REELS, MediaType.VIDEO}
    return is_reel or any(piece.is_video for piece in new.pieces)


def _places(new: NewPost) -> list[PostMedia]:
    here = [piece for piece in new.pieces if piece.asset is not None]
    return [
        PostMedia(
            post=new.post,
            asset=piece.asset,
            position=position,
            alt_text=piece.alt_text,
            options=piece.options,
            framing=piece.frame.kept() if piece.frame else {},
        )
        for position, piece in enumerate(here)
    ]


def _note(brought: CsvImport, posts: list[ScheduledPost], now: datetime) -> None:
    act, user = PostChange.Act, brought.user
    made = [
        PostChange(post=post, act=act.CREATED, user=user, at=now, details={"file": brought.name}) for post in posts
    ]
    made += [
        PostChange(post=post, act=act.SCHEDULED, user=user, at=now, details={"time": time_of(post)})
        for post in posts
        if post.status == Status.SCHEDULED
    ]
    PostChange.objects.bulk_create(made, batch_size=AT_ONCE)
