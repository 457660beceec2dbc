"""/{ig-user-id}/subscribed_apps: which events of an account the app hears of. Source: fact sheet 7.4."""

from typing import Any

from django.conf import settings

from scheduler.sandbox.errors import invalid
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.values import as_list
from scheduler.sandbox.models.login import BASIC

_FIELDS = {"comments", "live_comments", "messages", "message_reactions", "messaging_postbacks", "messaging_seen"}
_FACEBOOK_FIELDS = {"mentions", "story_insights"}


def subscribe(call: Call, node: str) -> dict[str, Any]:
    """Ask to hear of some fields, in place of those asked for before."""
    profile = call.own(node, BASIC)
    fields = [str(field) for field in as_list(call.params, "subscribed_fields")]
    unknown = set(fields) - _FIELDS - (_FACEBOOK_FIELDS if call.is_facebook else set())
    if not fields or unknown:
        raise invalid(f"Param subscribed_fields must be a list of known fields: {', '.join(sorted(unknown))}")
    profile.webhook_fields = fields
    profile.save(update_fields=["webhook_fields"])
    return {"success": True}


def subscriptions(call: Call, node: str) -> dict[str, Any]:
    """List the app with the fields it hears of."""
    profile = call.own(node, BASIC)
    if not profile.webhook_fields:
        return {"data": []}
    app_id = settings.FACEBOOK_APP_ID if call.is_facebook else settings.INSTAGRAM_APP_ID
    return {"data": [{"id": app_id, "subscribed_fields": profile.webhook_fields}]}


def unsubscribe(call: Call, node: str) -> dict[str, Any]:
    """Hear of nothing any more."""
    profile = call.own(node, BASIC)
    profile.webhook_fields = []
    profile.save(update_fields=["webhook_fields"])
    return {"success": True}
