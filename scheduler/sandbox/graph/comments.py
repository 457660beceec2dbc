"""Comments and replies: written, listed, hidden, deleted."""

from typing import Any

from scheduler.sandbox import errors
from scheduler.sandbox.errors import invalid, refuse
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.fields import Tree, read_fields, tell
from scheduler.sandbox.graph.paging import page_of
from scheduler.sandbox.graph.reading import Fields, find_media, timestamp
from scheduler.sandbox.graph.values import as_flag, as_text
from scheduler.sandbox.models import Comment, Media
from scheduler.sandbox.models.login import COMMENTS

_DEFAULT: Tree = {"id": {}, "text": {}, "timestamp": {}}
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
    "hidden": lambda comment, inner: comment.is_hidden,
    "parent_id": lambda comment, inner: comment.parent.graph_id if comment.parent else None,
    "replies": lambda comment, inner: _replies(comment, inner),
}


def _replies(comment: Comment, inner: Tree) -> dict[str, Any] | None:
    rows = comment.replies.select_related("profile", "parent").order_by("pk")
    return {"data": [tell(row, inner or _DEFAULT, _FIELDS, "IGComment") for row in rows]} if rows else None


def write(call: Call, node: str) -> dict[str, Any]:
    """Write a comment. With `fields` it is written too, and then answered with 20/1772107."""
    return _written(call, find_media(call, node, COMMENTS), None)


def reply(call: Call, node: str) -> dict[str, Any]:
    """Answer a comment; lists show it only inside what it answers."""
    comment = _find(call, node)
    return _written(call, comment.media, comment)


def _written(call: Call, media: Media, parent: Comment | None) -> dict[str, Any]:
    message = as_text(call.params, "message").strip()
    if not message:
        raise invalid("The parameter message is required.")
    if not media.comments_enabled:
        raise refuse(errors.COMMENTS_OFF)
    comment = Comment.objects.create(
        media=media, profile=media.profile, parent=parent, text=message, created_at=call.now
    )
    if as_text(call.params, "fields"):
        raise refuse(errors.FIELDS_ON_COMMENT)
    return {"id": comment.graph_id}


def comments(call: Call, node: str) -> dict[str, Any]:
    """List the comments of a post, newest first, up to 50 a page; replies only when their field is asked for."""
    media = find_media(call, node, COMMENTS)
    tree = read_fields(as_text(call.params, "fields"), tuple(_DEFAULT))
    rows = media.comments.filter(parent=None).select_related("profile", "parent").order_by("-pk")
    return page_of(call, rows, lambda row: tell(row, tree, _FIELDS, "IGComment"), size=50)


def read(call: Call, node: str) -> dict[str, Any]:
    """Tell about one comment."""
    tree = read_fields(as_text(call.params, "fields"), tuple(_DEFAULT))
    return tell(_find(call, node), tree, _FIELDS, "IGComment")


def hide(call: Call, node: str) -> dict[str, Any]:
    """Hide a comment, or show it again."""
    comment = _find(call, node)
    if "hide" not in call.params:
        raise invalid("The parameter hide is required.")
    comment.is_hidden = as_flag(call.params, "hide")
    comment.save(update_fields=["is_hidden"])
    return {"success": True}


def delete(call: Call, node: str) -> dict[str, Any]:
    """Delete a comment with its replies."""
    _find(call, node).delete()
    return {"success": True}


def _find(call: Call, node: str) -> Comment:
    return call.find(Comment.objects.select_related("profile", "media__profile"), node, COMMENTS)
