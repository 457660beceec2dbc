"""Make a post's container on Instagram and wait until it is ready; nothing is public yet.

Children are made and polled before their parent. Every id is stored before the next request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.instagram import containers
from scheduler.instagram.errors import InstagramError, Step, error_from_status, rule_for, rule_named
from scheduler.models import MediaType, PublishingLog, ScheduledPost
from scheduler.models.post import NO_CONTAINER
from scheduler.services.checks import last_look
from scheduler.services.claims import committing
from scheduler.services.conversation import Conversation
from scheduler.services.media_row import Piece, pieces_of

# How long to wait before each next look at a container, in seconds; the last is repeated.
POLL_DELAYS_S = (0.5, 1, 2, 3, 5, 10, 15, 30)
# Instagram drops a container after 24 h; one this old is made anew in time.
TOO_OLD = timedelta(hours=23)
PICTURE_DEADLINE = timedelta(minutes=2)
VIDEO_DEADLINE = timedelta(minutes=30)
# The code and subcode by which Instagram says that a container ran out.
RAN_OUT = (-2, 2207020)
# A container that reads PUBLISHED is not waited for either: the publishing step knows what that means.
READY = frozenset({"FINISHED", "PUBLISHED"})
LOG = PublishingLog.Status


@dataclass(frozen=True)
class Source:
    """One picture or video as Instagram is to fetch it."""

    address: str
    is_video: bool
    alt_text: str = ""


def sources_of(post: ScheduledPost) -> list[Source]:
    """Return what Instagram is to fetch, in order: our copies, and the addresses whose files we could not have."""
    return [_source(piece) for piece in pieces_of(post)]


def _source(piece: Piece) -> Source:
    made = piece.publish
    address = piece.address if piece.asset is None else ""
    return Source(made.public_url if made else address, piece.is_video, piece.alt_text)


class Preparation:
    """Carries one claimed post to a FINISHED container, a request at a time."""

    def __init__(self, talk: Conversation) -> None:
        self.talk, self.post = talk, talk.post
        self.user_id = talk.post.instagram_account.instagram_user_id if talk.post.instagram_account else ""

    def advance(self) -> float | None:
        """Go on until the container is ready (None) or Instagram needs time (seconds until the next look).

        Raises InstagramError, and ClaimLost when a person changed the post meanwhile.
        """
        if self._is_stale():
            with committing("throw-old-container-away"):
                self.talk.claim.store(**NO_CONTAINER)
        if not self.post.container_id:
            if not self.post.child_containers:
                last_look(self.talk.claim)
            sources = sources_of(self.post)
            if self.post.media_type == MediaType.CAROUSEL:
                wait = self._children(sources)
                if wait is not None:
                    return wait
            self._create(self._fields(sources))
        return None if self.post.container_status in READY else self._look()

    def _is_stale(self) -> bool:
        made = self.post.container_created_at
        return made is not None and not self.post.publish_calls and made < self.talk.now - TOO_OLD

    def _create(self, fields: dict[str, Any]) -> None:
        created, line = self.talk.ask(
            Step.CREATE, lambda: self.talk.client.create_container(self.user_id, fields), about=fields
        )
        self.talk.keep(
            line,
            LOG.CONTAINER_CREATED,
            container_id=created.container_id,
            container_status="IN_PROGRESS",
            container_created_at=self.talk.now,
            container_checks=0,
            publish_calls=0,
        )

    def _look(self) -> float | None:
        status = self._read(self.post.container_id, container_checks=self.post.container_checks + 1)
        if status in READY:
            return None
        _refuse_if_too_late(self.post, self.post.container_created_at, self.talk.now)
        return poll_delay(self.post.container_checks)

    def _read(self, container_id: str, **fields: Any) -> str:
        """Look at the post's own container once; store and return its status."""
        state, line = self.talk.ask(Step.STATUS, lambda: self.talk.client.read_container(container_id))
        if state.status_code in READY | {"IN_PROGRESS"}:
            self.talk.keep(line, LOG.PROCESSING, container_status=state.status_code, **fields)
            return state.status_code
        self.talk.keep(line, LOG.ERROR, container_status=state.status_code, **fields)
        raise _failure(state.status_code, state.text)

    # --- Carousels ------------------------------------------------------------------------------------------
    def _children(self, sources: list[Source]) -> float | None:
        for source in sources[len(self.post.child_containers) :]:
            self._create_child(source)
        for position, child in enumerate(self.post.child_containers):
            if child["status"] != "FINISHED":
                self._look_at_child(position, child["id"])
        if all(child["status"] == "FINISHED" for child in self.post.child_containers):
            return None
        first = datetime.fromisoformat(self.post.child_containers[0]["created_at"])
        _refuse_if_too_late(self.post, first, self.talk.now)
        with committing("count-look"):
            self.talk.claim.store(container_checks=self.post.container_checks + 1)
        return poll_delay(self.post.container_checks)

    def _create_child(self, source: Source) -> None:
        fields = containers.carousel_child(
            **_media_fields(source), alt_text="" if source.is_video else source.alt_text
        )
        created, line = self.talk.ask(
            Step.CREATE, lambda: self.talk.client.create_container(self.user_id, fields), about=fields
        )
        child = {"id": created.container_id, "status": "IN_PROGRESS", "created_at": self.talk.now.isoformat()}
        self.talk.keep(line, LOG.CONTAINER_CREATED, child_containers=[*self.post.child_containers, child])

    def _look_at_child(self, position: int, container_id: str) -> None:
        state, line = self.talk.ask(Step.STATUS, lambda: self.talk.client.read_container(container_id))
        children = [dict(child) for child in self.post.child_containers]
        children[position]["status"] = state.status_code
        bad = state.status_code not in {"FINISHED", "IN_PROGRESS"}
        self.talk.keep(line, LOG.ERROR if bad else LOG.PROCESSING, child_containers=children)
        if bad:
            raise _failure(state.status_code, state.text)

    # --- What is sent ---------------------------------------------------------------------------------------
    def _fields(self, sources: list[Source]) -> dict[str, Any]:
        post, first = self.post, sources[0]
        match post.media_type:
            case MediaType.CAROUSEL:
                children = [child["id"] for child in post.child_containers]
                return containers.carousel(children=children, caption=post.caption, **self._options(FEED_OPTIONS))
            case MediaType.STORY:
                return containers.story(**_media_fields(first), **self._options({"user_tags"}))
            case MediaType.IMAGE:
                return containers.photo(
                    image_url=first.address,
                    caption=post.caption,
                    alt_text=first.alt_text,
                    **self._options(FEED_OPTIONS | {"user_tags"}),
                )
        return containers.reel(video_url=first.address, caption=post.caption, **self._reel_options())

    def _options(self, names: set[str]) -> dict[str, Any]:
        return {
            name: value for name, value in self.post.options.items() if name in names and value not in ("", [], None)
        }

    def _reel_options(self) -> dict[str, Any]:
        options = self._options(REEL_OPTIONS)
        if self.post.options.get("trial_reel"):
            options["trial_params"] = {"graduation_strategy": "MANUAL"}
        if self.post.media_type == MediaType.VIDEO:
            # Instagram has no other single video any more: it goes out as a reel that is shown in the feed.
            options["share_to_feed"] = True
        return options


FEED_OPTIONS = {"location_id", "collaborators"}
REEL_OPTIONS = FEED_OPTIONS | {"user_tags", "cover_url", "thumb_offset", "share_to_feed", "audio_name"}


def poll_delay(checks: int) -> float:
    """Return how many seconds to wait after the `checks`-th look."""
    return POLL_DELAYS_S[min(max(checks - 1, 0), len(POLL_DELAYS_S) - 1)]


def _media_fields(source: Source) -> dict[str, Any]:
    return {"video_url" if source.is_video else "image_url": source.address}


def _refuse_if_too_late(post: ScheduledPost, since: datetime | None, now: datetime) -> None:
    """Raise PROCESSING_TIMEOUT when a post whose time has come waits too long for Instagram's processing."""
    if post.status != ScheduledPost.Status.PUBLISHING or since is None:
        return
    if now - since > (VIDEO_DEADLINE if post.has_video else PICTURE_DEADLINE):
        raise InstagramError(
            "Instagram is still processing the file.", rule=rule_named("PROCESSING_TIMEOUT"), step=Step.STATUS
        )


def _failure(status_code: str, text: str) -> InstagramError:
    if status_code == "EXPIRED":
        return InstagramError(text, rule=rule_for(*RAN_OUT, Step.STATUS), step=Step.STATUS)
    return error_from_status(text)
