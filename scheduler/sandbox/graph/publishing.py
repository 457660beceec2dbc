"""POST /{ig-user-id}/media_publish: the one call that makes something live, exactly once per container."""

from typing import Any

from scheduler.sandbox import errors
from scheduler.sandbox.errors import GraphError, refuse
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.containers import refuse_unfit
from scheduler.sandbox.graph.reading import find_media
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.inspecting import STORY_SECONDS
from scheduler.sandbox.models import Container, Control, Media
from scheduler.sandbox.models.container import Status
from scheduler.sandbox.models.facebook import IG_CONTENTS
from scheduler.sandbox.models.login import PUBLISH
from scheduler.sandbox.models.profile import ROLLING_DAY


def publish(call: Call, node: str) -> dict[str, Any]:
    """Make a finished container live. Runs inside the door's transaction, together with the journal."""
    profile = call.own(node, PUBLISH)
    refuse_unfit(profile)
    creation_id = as_text(call.params, "creation_id")
    if not creation_id:
        raise errors.invalid("The parameter creation_id is required.")
    container = profile.containers.filter(graph_id=creation_id).first()
    if container is None:
        raise refuse(errors.CONTAINER_GONE)
    call.container = container
    _check_state(call, container)
    if profile.published_since(call.now - ROLLING_DAY) >= call.control.quota_total:
        raise refuse(errors.QUOTA_REACHED)
    call.media = _go_live(call, container)
    return {"id": call.media.graph_id}


def _check_state(call: Call, container: Container) -> None:
    if container.is_child or container.media_type == "VIDEO":
        raise refuse(errors.CHILD_ALONE)
    code = container.state(call.now).code
    if code == Status.PUBLISHED:
        raise published_before(call.control)
    if code == Status.EXPIRED:
        raise refuse(errors.CONTAINER_GONE)
    if code != Status.FINISHED:
        raise refuse(errors.NOT_READY)
    if container.is_story and container.duration_s and container.duration_s >= STORY_SECONDS:
        raise refuse(errors.FATAL)


def published_before(control: Control) -> GraphError:
    """Return the refusal of a second publish; Meta does not document which it is."""
    gone = control.second_publish == Control.SecondPublish.GONE
    return refuse(errors.CONTAINER_GONE if gone else errors.NOT_READY)


def _go_live(call: Call, container: Container) -> Media:
    won = Container.objects.filter(pk=container.pk, published_at=None).update(published_at=call.now)
    if not won:
        raise published_before(call.control)
    media = _media(container, call.now)
    media.save(force_insert=True)
    if container.child_ids:
        _add_items(media, container)
    return media


def _media(container: Container, now: Any, parent: Media | None = None) -> Media:
    product = {"REELS": Media.Product.REELS, "STORIES": Media.Product.STORY}
    single = "VIDEO" if container.is_video else "IMAGE"
    return Media(
        profile_id=container.profile_id,
        container=container,
        parent=parent,
        media_type="CAROUSEL_ALBUM" if container.media_type == "CAROUSEL" else single,
        product_type=product.get(container.media_type, Media.Product.FEED),
        caption=container.caption,
        published_at=now,
    )


def _add_items(media: Media, container: Container) -> None:
    found = {child.graph_id: child for child in Container.objects.filter(graph_id__in=container.child_ids)}
    Media.objects.bulk_create(
        _media(found[child_id], media.published_at, parent=media) for child_id in container.child_ids
    )


def delete(call: Call, node: str) -> dict[str, Any]:
    """Delete a post; only Facebook's tokens may, and not an item of a carousel."""
    media = find_media(call, node, IG_CONTENTS)
    if media.parent_id:
        raise refuse(errors.CANNOT_DELETE)
    media.delete_from_instagram(call.now)
    return {"success": True, "deleted_id": media.graph_id}
