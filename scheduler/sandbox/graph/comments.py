"""Comments: the first comment, and the list that tells whether it exists."""

from typing import Any

from scheduler.sandbox import errors
from scheduler.sandbox.errors import invalid, refuse
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.fields import read_fields, tell
from scheduler.sandbox.graph.paging import page_of
from scheduler.sandbox.graph.reading import Fields, find_media, timestamp
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.models import Comment
from scheduler.sandbox.models.login import COMMENTS

_FIELDS: Fields = {
    "id": lambda comment, inner: comment.graph_id,
    "text": lambda comment, inner: comment.text,
    "timestamp": lambda comment, inner: timestamp(comment.created_at),
    "username": lambda comment, inner: comment.profile.username,
    "from": lambda comment, inner: {
        "id": comment.profile.app_scoped_id,
        "username": comment.profile.username,
    },
    "like_count": lambda comment, inner: 0,
    "hidden": lambda comment, inner: False,
    "parent_id": lambda comment, inner: None,
    "replies": lambda comment, inner: None,
}


def write(call: Call, node: str) -> dict[str, Any]:
    """Write a comment. With `fields` it is written too, and then answered with 20/1772107."""
    media = find_media(call, node, COMMENTS)
    message = as_text(call.params, "message").strip()
    if not message:
        raise invalid("The parameter message is required.")
    comment = Comment.objects.create(media=media, profile=media.profile, text=message, created_at=call.now)
    if as_text(call.params, "fields"):
        raise refuse(errors.FIELDS_ON_COMMENT)
    return {"id": comment.graph_id}


def comments(call: Call, node: str) -> dict[str, Any]:
    """List the comments of a post, newest first, up to 50 a page."""
    media = find_media(call, node, COMMENTS)
    tree = read_fields(as_text(call.params, "fields"), ("id", "text", "timestamp"))
    rows = media.comments.select_related("profile").order_by("-pk")
    return page_of(call, rows, lambda row: tell(row, tree, _FIELDS, "IGComment"), size=50)
