"""Edits of a post that waits for its time: kept beside it, so that what goes out changes only on purpose.

A copy is what the form said, word for word: {"fields": {name: [values]}, "at", "version", "user"}; `version` is the
the one that its words were written for. Keeping one touches nothing that a worker reads.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import QueryDict

from scheduler.lib.differences import kept_text
from scheduler.lib.numbers import row_id
from scheduler.models import PostChange, ScheduledPost, Status, User
from scheduler.models.post import COPY_ALERT_BEFORE
from scheduler.services import notices
from scheduler.services.notices import NOT_APPLIED
from scheduler.services.post_facts import CAPTION_CHARS

# What a form sends beside the post itself.
NOT_KEPT = {
    "csrfmiddlewaretoken",
    "act",
    "version",
    "copy_at",
    "uploads",
    "cover_upload",
    "face",
    "face_of",
    "safe",
    "hashtags_into",
    "draft_key",
}


def keep(post: ScheduledPost, data: QueryDict, user: User, now: datetime, *, seen: str) -> bool:
    """Keep what a form says as the post's copy; False when the post left the line, or somebody was faster.

    seen: `at` of the copy that the form came from, "" for none.
    """
    with transaction.atomic():
        row = ScheduledPost.objects.select_for_update().filter(pk=post.pk, status=Status.SCHEDULED).first()
        if row is None or at_of(row) != seen:
            return False
        version = row_id(data.get("version", "")) or version_of(row)
        if not row.working_copy and version != row.version:
            return False
        row.working_copy = {"fields": _words_of(data), "at": now.isoformat(), "version": version, "user": user.pk}
        ScheduledPost.objects.filter(pk=row.pk).update(working_copy=row.working_copy, check_at=_check_at(row, now))
    post.working_copy = row.working_copy
    return True


def _words_of(data: QueryDict) -> dict[str, list[str]]:
    """Return what a form says of the post, without NULs: PostgreSQL keeps none."""
    return {
        name.replace("\0", ""): [value.replace("\0", "") for value in values]
        for name, values in data.lists()
        if name not in NOT_KEPT
    }


def version_of(post: ScheduledPost) -> int:
    """Return the version that the copy's words were written for; without a copy the post's."""
    return int(post.working_copy["version"]) if post.working_copy else post.version


def drop(post: ScheduledPost, user: User, now: datetime) -> bool:
    """Throw the copy away; what goes out stays as it is. False when there is none any more."""
    with transaction.atomic():
        dropped = ScheduledPost.objects.filter(pk=post.pk, working_copy__isnull=False).update(working_copy=None)
        if dropped:
            PostChange.note(post, PostChange.Act.DISCARDED, user, now, **_lost_words(post))
            notices.settle_post(post, now, NOT_APPLIED)
    post.working_copy = None
    return bool(dropped)


def _lost_words(post: ScheduledPost) -> dict[str, Any]:
    """Return the caption that goes away with the copy, when it is another than the post's."""
    caption = fields_of(post).get("caption", post.caption).replace("\r\n", "\n").strip()
    return {} if caption in {"", post.caption} else {"caption": kept_text(caption, CAPTION_CHARS)}


def at_of(post: ScheduledPost) -> str:
    """Return when the copy was last kept, as it is written in it; "" without one."""
    return str(post.working_copy["at"]) if post.working_copy else ""


def fields_of(post: ScheduledPost) -> QueryDict:
    """Return the copy as a form's words; an empty form's without one."""
    data = QueryDict(mutable=True)
    for name, values in (post.working_copy or {}).get("fields", {}).items():
        data.setlist(name, values)
    return data


def tell_if_late(post: ScheduledPost, now: datetime) -> None:
    """Tell the owner, shortly before its time, that changes are not applied."""
    if post.working_copy and post.next_attempt_at and now >= post.next_attempt_at - COPY_ALERT_BEFORE:
        notices.tell_about_post(post, NOT_APPLIED, now)


def _check_at(post: ScheduledPost, now: datetime) -> Any:
    """Return when the post is looked over next, with the alert in it; what is due sooner stays."""
    at = post.next_check(now)
    return min(at, post.check_at) if at and post.check_at else at or post.check_at
