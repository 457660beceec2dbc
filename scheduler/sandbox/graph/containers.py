"""POST /{ig-user-id}/media and GET /{container-id}."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from scheduler.sandbox import casting, errors, fetching, inspecting, uploads
from scheduler.sandbox.errors import GraphError, refuse
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.fields import read_fields, tell
from scheduler.sandbox.graph.parameters import Wish, read_wish
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.inspecting import Picture
from scheduler.sandbox.models import Container, FetchedFile, Page, Profile
from scheduler.sandbox.models.container import State, Status
from scheduler.sandbox.models.login import BASIC, PUBLISH
from scheduler.sandbox.models.profile import ROLLING_DAY

CONTAINERS_PER_DAY = 400


def create(call: Call, node: str) -> dict[str, Any]:
    """Make a container; a picture is fetched now, a video when the container is first read."""
    profile = call.own(node, PUBLISH)
    refuse_unfit(profile)
    wish = read_wish(call.params, facebook=call.is_facebook)
    if profile.containers_since(call.now - ROLLING_DAY) >= CONTAINERS_PER_DAY:
        raise refuse(errors.QUOTA_REACHED, "You reached maximum number of containers that is allowed.")
    _check_place(wish)
    container = _draft(call, profile, wish)
    if container.child_ids:
        _fill_carousel(call, container)
    picture = None if container.child_ids else _picture_now(call, container)
    with transaction.atomic(using="sandbox"):
        container.save(force_insert=True)
        _keep(container, picture)
    return {"id": container.graph_id} | ({"uri": upload_address(call, container)} if wish.is_resumable else {})


def upload_address(call: Call, container: Container) -> str:
    """Return where the bytes of a resumable upload go."""
    return f"{settings.RUPLOAD_URL}/ig-api-upload/v{call.version}.0/{container.graph_id}"


def refuse_unfit(profile: Profile) -> None:
    """Raise for accounts that the API may never publish for."""
    if not profile.is_professional:
        raise refuse(errors.NOT_BUSINESS)
    if profile.is_restricted:
        raise refuse(errors.RESTRICTED)


def _check_place(wish: Wish) -> None:
    """Raise when the post's place is not a Page with a location."""
    if "location_id" not in wish.options:
        return
    casting.make_places()
    if not Page.is_place(str(wish.options["location_id"])):
        raise refuse(errors.LOCATION)


def _draft(call: Call, profile: Profile, wish: Wish) -> Container:
    scripted = call.outcome
    return Container(
        profile=profile,
        media_type=wish.media_type,
        is_child=wish.is_child,
        is_video=wish.is_video,
        is_resumable=wish.is_resumable,
        source_url=wish.source_url,
        caption=wish.caption,
        options=wish.options,
        created_at=call.now,
        outcome=scripted.outcome if scripted else "",
        outcome_subcode=scripted.subcode if scripted else None,
    )


def _picture_now(call: Call, container: Container) -> Picture | None:
    """Return the fetched picture; None for a video, and when this process has too many fetches open."""
    if container.is_video:
        return None
    with fetching.slot() as free:
        if not free:
            return None
        picture = _fetch_picture(container)
    _mark_fetched(call, container, call.control.delay_image_s)
    return picture


def _fetch_picture(container: Container) -> Picture:
    data = fetching.fetch_image(container.source_url)
    return inspecting.check_image(data, any_shape=container.is_story)


def _mark_fetched(call: Call, container: Container, delay_s: float) -> None:
    now = call.control.now()
    container.fetch_began_at = container.fetch_began_at or now
    container.ready_at = now + timedelta(seconds=delay_s)


def _fill_carousel(call: Call, container: Container) -> None:
    """Check the items; a parent made before all of them were finished ends as 2207082 (fact sheet 9.3)."""
    found = {
        child.graph_id: child
        for child in container.profile.containers.filter(graph_id__in=container.child_ids, is_child=True)
    }
    for child_id in container.child_ids:
        if child_id not in found or found[child_id].state(call.now).code == Status.EXPIRED:
            raise refuse(errors.MEDIA_NOT_FOUND, id=child_id)
    if any(child.state(call.now).code != Status.FINISHED for child in found.values()):
        container.failed_subcode = errors.UPLOAD_FAILED.subcode
    _mark_fetched(call, container, call.control.delay_image_s)


def _keep(container: Container, picture: Picture | None) -> None:
    if picture:
        FetchedFile.objects.create(
            container=container,
            data=picture.data,
            content_type="image/jpeg",
            width=picture.width,
            height=picture.height,
        )


def read(call: Call, node: str) -> dict[str, Any]:
    """Tell how the container is doing; the first read of a video fetches it."""
    container = call.find(Container.objects.select_related("profile"), node, BASIC)
    if call.outcome:
        _turn_out(container, call.outcome.outcome, call.outcome.subcode)
    elif container.state(call.now).code == Status.IN_PROGRESS and container.can_be_fetched:
        _fetch_late(call, container)
    tree = read_fields(as_text(call.params, "fields"), ("id",))
    return tell(container, tree, _fields(container.state(call.control.now())), "ShadowIGMediaBuilder")


def _turn_out(container: Container, outcome: str, subcode: int | None) -> None:
    container.outcome, container.outcome_subcode = outcome, subcode
    container.save(update_fields=["outcome", "outcome_subcode"])


def _fetch_late(call: Call, container: Container) -> None:
    with fetching.slot() as free:
        if not free or not container.begin_fetch(call.now):
            return
        container.refresh_from_db()
        try:
            picture = _fetch_film(call, container) if container.is_video else _fetch_later(call, container)
        except GraphError as error:
            container.failed_subcode, picture = error.problem.subcode, None
    with transaction.atomic(using="sandbox"):
        container.save(update_fields=["ready_at", "failed_subcode", "duration_s"])
        _keep(container, picture)
    uploads.forget(container.graph_id)


def _fetch_later(call: Call, container: Container) -> Picture:
    picture = _fetch_picture(container)
    _mark_fetched(call, container, call.control.delay_image_s)
    return picture


def _fetch_film(call: Call, container: Container) -> Picture:
    """Fetch and judge the video; return its cover: the one that was sent, else the frame asked for."""
    # Only here: FFmpeg would cost every web process 17 MB, though few of them ever see a film.
    from scheduler.sandbox.films import check_video

    data = fetching.fetch_video(container.source_url) if container.source_url else uploads.read(container.graph_id)
    film = check_video(data, is_story=container.is_story, thumb_offset_ms=container.options.get("thumb_offset", 0))
    cover_url = container.options.get("cover_url")
    cover = inspecting.check_image(fetching.fetch_image(cover_url), any_shape=True) if cover_url else None
    container.duration_s = film.duration_s
    control = call.control
    _mark_fetched(call, container, control.delay_video_s + control.delay_video_s_per_mb * film.megabytes)
    return cover or film.poster


def _fields(state: State) -> dict[str, Any]:
    def told(value: Any) -> Any:
        return lambda container, inner: value

    return {
        "id": lambda container, inner: container.graph_id,
        "status": told(state.text),
        "status_code": told(state.code or None),
        "copyright_check_status": told({"status": "completed", "matches_found": False}),
        "video_status": lambda container, inner: _video_status(container, state),
    }


def _video_status(container: Container, state: State) -> dict[str, Any] | None:
    if not container.is_video:
        return None
    phase = {"IN_PROGRESS": "in_progress", "ERROR": "error", "": "error"}.get(state.code, "complete")
    if not container.is_resumable:
        return {"uploading_phase": {"status": phase}, "processing_phase": _processing(phase, state)}
    sent, whole = container.bytes_transferred, container.is_uploaded
    uploading: dict[str, Any] = {"status": "complete" if whole else "in_progress" if sent else "not_started"}
    uploading |= {"bytes_transferred": sent}
    if container.upload_size:
        uploading |= {"source_file_size": container.upload_size}
    return {"uploading_phase": uploading, "processing_phase": _processing(phase if whole else "not_started", state)}


def _processing(phase: str, state: State) -> dict[str, Any]:
    return {"status": phase} | ({"errors": [{"message": state.text}]} if phase == "error" else {})
