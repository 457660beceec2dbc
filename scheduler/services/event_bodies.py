"""What an event says, in JSON: the fields that the REST API gives a post, and nothing that is secret."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from scheduler.models import InstagramAccount, PostMedia, ScheduledPost

POST_FIELDS = (
    "id",
    "caption",
    "media_type",
    "media_urls",
    "scheduled_for",
    "timezone",
    "status",
    "display_status",
    "hold_reason",
    "retry_count",
    "can_retry",
    "last_error",
    "version",
    "instagram_media_id",
    "permalink",
    "published_at",
    "first_comment",
    "created_at",
    "updated_at",
)
# As the post's options name them; what a post does not have is null.
OPTIONS = ("location_id", "collaborators", "cover_url", "thumb_offset", "share_to_feed", "audio_name", "trial_reel")
ACCOUNT_FIELDS = ("id", "instagram_user_id", "instagram_username", "login", "status", "status_reason", "timezone")


def body(event_id: str, event: str, created_at: datetime, data: dict[str, Any]) -> str:
    """Return the whole body. Plain ASCII: whatever a caption holds, every database and receiver takes it."""
    said = {"id": event_id, "type": event, "created_at": created_at, "data": data}
    return json.dumps(said, cls=DjangoJSONEncoder)


def of_post(post: ScheduledPost) -> dict[str, Any]:
    """Return a post and its account; no query when account and media are loaded along."""
    facts = {name: getattr(post, name) for name in POST_FIELDS}
    facts |= {"instagram_account": post.instagram_account_id, "post_idea": post.post_idea_id}
    facts |= {name: post.options.get(name) for name in OPTIONS}
    places = list(post.media.all())
    facts["alt_texts"] = [place.alt_text for place in places]
    facts["user_tags"] = [*(post.options.get("user_tags") or []), *_tags_on(places)]
    return {"post": facts, "account": _account(post.instagram_account)}


def _tags_on(places: list[PostMedia]) -> Iterator[dict[str, Any]]:
    """Yield who is tagged, each with the number of the file, from 0."""
    for number, place in enumerate(places):
        for tag in place.options.get("user_tags") or []:
            yield tag | {"item": number}


def of_account(account: InstagramAccount) -> dict[str, Any]:
    """Return an account."""
    return {"account": _account(account)}


def _account(account: InstagramAccount | None) -> dict[str, Any] | None:
    return {name: getattr(account, name) for name in ACCOUNT_FIELDS} if account else None
