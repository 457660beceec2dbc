"""Make a post's container on Instagram and wait until it is ready; nothing is public yet.

Children are made, filled and polled before their parent. Every id is stored before the next request.
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from scheduler.instagram import capabilities, containers
from scheduler.instagram.errors import CONNECTION, InstagramError, Step, rule_named
from scheduler.models import MediaType, PublishingLog, Rendition, ScheduledPost
from scheduler.models.post import NO_CONTAINER
from scheduler.services.checks import last_look
from scheduler.services.claims import committing
from scheduler.services.conversation import Conversation
from scheduler.services.media_row import Piece, pieces_of
from scheduler.services.uploading import Upload

# How long to wait before each next look at a container, in seconds; the last is repeated.
POLL_DELAYS_S = (0.5, 1, 2, 3, 5, 10, 15, 30)
PICTURE_DEADLINE = timedelta(minutes=2)
VIDEO_DEADLINE = timedelta(minutes=30)
# How long a post whose time has come waits for a video that is made ready here, and the seconds between its looks:
# before its time, and then.
MEDIA_DEADLINE, LOOK_AHEAD_S, LOOK_NOW_S = timedelta(hours=1), 15.0, 5.0
# How long the bytes of a post whose time has come may take to leave: 100 MB on a line of 16 KB/s.
UPLOAD_DEADLINE = timedelta(hours=2)
# A container that reads PUBLISHED is not waited for either: the publishing step knows what that means.
READY = frozenset({"FINISHED", "PUBLISHED"})
REELS = frozenset({MediaType.REELS, MediaType.VIDEO})
LOG = PublishingLog.Status


class Preparation:
    """Carries one claimed post to a FINISHED container, a request at a time."""

    def __init__(self, talk: Conversation) -> None:
        self.talk, self.post, account = talk, talk.post, talk.post.instagram_account
        self.user_id, self.login = (account.instagram_user_id, str(account.login)) if account else ("", "")
        self.made_now: set[str] = set()  # containers that no other pass can have sent bytes to

    @cached_property
    def pieces(self) -> list[Piece]:
        """Return what Instagram is to get, in order: our files, else the addresses a person gave."""
        prefetch_related_objects([self.post], "cover__renditions", "media__asset__renditions")
        return pieces_of(self.post)

    def advance(self) -> float | None:
        """Go on until the container is ready (None) or the rest is for a later pass (in so many seconds).

        Raises InstagramError, and ClaimLost when a person changed the post meanwhile.
        """
        if self._is_stale():
            with committing("throw-old-container-away"):
                self.talk.claim.store(**NO_CONTAINER)
        if not self.post.container_id:
            if not self.post.child_containers:
                last_look(self.talk.claim)
            if any(piece.asset and piece.asset.is_unready for piece in self.pieces):
                return self._wait_for_media()
            wait = self._children() if self.post.media_type == MediaType.CAROUSEL else None
            if wait is not None:
                return wait
            self._create(self.fields())
        post = self.post
        done = {"upload_uri": "", "uploaded_at": self.talk.now}
        if post.upload_uri and not self._upload(post.container_id, post.upload_uri, done):
            return self._later(post.container_created_at)
        return None if self.post.container_status in READY else self._look()

    def _wait_for_media(self) -> float:
        """Come again later for a video that is being made ready, unless its post's time is long past."""
        planned = self.post.scheduled_for if self.post.status == ScheduledPost.Status.PUBLISHING else None
        if planned and self.talk.now - planned > MEDIA_DEADLINE:
            raise InstagramError(
                "The video is still being made ready here.", rule=rule_named("PROCESSING_TIMEOUT"), step=Step.CREATE
            )
        return LOOK_NOW_S if planned else LOOK_AHEAD_S

    def _is_stale(self) -> bool:
        return not self.post.publish_calls and self.post.container_is_too_old(self.talk.now)

    def _create(self, fields: dict[str, Any]) -> None:
        created, line = self.talk.ask(
            Step.CREATE, lambda: self.talk.client.create_container(self.user_id, fields), about=fields
        )
        self.made_now.add(created.container_id)
        self.talk.keep(
            line,
            LOG.CONTAINER_CREATED,
            container_id=created.container_id,
            container_status="IN_PROGRESS",
            container_created_at=self.talk.now,
            container_checks=0,
            publish_calls=0,
            upload_uri=created.upload_uri,
            uploaded_at=None,
        )

    def _upload(self, container_id: str, uri: str, done: dict[str, Any], position: int = 0) -> bool:
        """Send the video's bytes as far as this pass may; return whether all are there, which `done` says."""
        film = self.pieces[position].publish
        assert film is not None  # without our own file no upload was asked for
        upload = Upload(self.talk, container_id, uri, film, done)
        return upload.go_on(is_new=container_id in self.made_now)

    def _later(self, since: datetime | None) -> float:
        """Leave the rest of an upload to the next pass, unless a post whose time has come waits too long for it."""
        if self.post.status == ScheduledPost.Status.PUBLISHING and since and self.talk.now - since > UPLOAD_DEADLINE:
            raise InstagramError("The video arrives too slowly.", rule=CONNECTION, step=Step.UPLOAD)
        return 0

    def _look(self) -> float | None:
        status = self._read(self.post.container_id, container_checks=self.post.container_checks + 1)
        if status in READY:
            return None
        _refuse_if_too_late(self.post, self.post.uploaded_at or self.post.container_created_at, self.talk.now)
        return poll_delay(self.post.container_checks)

    def _read(self, container_id: str, **fields: Any) -> str:
        """Look at the post's own container once; store and return its status."""
        state, line = self.talk.ask(Step.STATUS, lambda: self.talk.client.read_container(container_id))
        if state.status_code in READY | {"IN_PROGRESS"}:
            self.talk.keep(line, LOG.PROCESSING, container_status=state.status_code, **fields)
            return state.status_code
        self.talk.keep(line, LOG.ERROR, container_status=state.status_code, **fields)
        raise state.failure

    # --- Carousels ------------------------------------------------------------------------------------------
    def _children(self) -> float | None:
        for piece in self.pieces[len(self.post.child_containers) :]:
            self._create_child(piece)
        for position, child in enumerate(self.post.child_containers):
            if child.get("upload_uri"):
                changed = self._changed(position, upload_uri="", uploaded_at=self.talk.now.isoformat())
                done = {"child_containers": changed}
                if not self._upload(child["id"], child["upload_uri"], done, position):
                    return self._later(datetime.fromisoformat(child["created_at"]))
        for position, child in enumerate(self.post.child_containers):
            if child["status"] != "FINISHED":
                self._look_at_child(position, child["id"])
        if all(child["status"] == "FINISHED" for child in self.post.child_containers):
            return None
        begun = [child.get("uploaded_at") or child["created_at"] for child in self.post.child_containers]
        _refuse_if_too_late(self.post, max(map(datetime.fromisoformat, begun)), self.talk.now)
        with committing("count-look"):
            self.talk.claim.store(container_checks=self.post.container_checks + 1)
        return poll_delay(self.post.container_checks)

    def _create_child(self, piece: Piece) -> None:
        fields = self.child_fields(piece)
        created, line = self.talk.ask(
            Step.CREATE, lambda: self.talk.client.create_container(self.user_id, fields), about=fields
        )
        self.made_now.add(created.container_id)
        child = {"id": created.container_id, "status": "IN_PROGRESS", "created_at": self.talk.now.isoformat()}
        child |= {"upload_uri": created.upload_uri} if created.upload_uri else {}
        self.talk.keep(line, LOG.CONTAINER_CREATED, child_containers=[*self.post.child_containers, child])

    def _look_at_child(self, position: int, container_id: str) -> None:
        state, line = self.talk.ask(Step.STATUS, lambda: self.talk.client.read_container(container_id))
        bad = state.status_code not in {"FINISHED", "IN_PROGRESS"}
        changed = self._changed(position, status=state.status_code)
        self.talk.keep(line, LOG.ERROR if bad else LOG.PROCESSING, child_containers=changed)
        if bad:
            raise state.failure

    def _changed(self, position: int, **facts: str) -> list[dict[str, Any]]:
        """Return the children with one of them changed."""
        children = [dict(child) for child in self.post.child_containers]
        children[position] |= facts
        return children

    # --- What is sent ---------------------------------------------------------------------------------------
    def fields(self) -> dict[str, Any]:
        """Return what makes the post's own container; a carousel's when its items' are made."""
        post = self.post
        if post.media_type == MediaType.CAROUSEL:
            source = containers.children([child["id"] for child in post.child_containers])
            return containers.container(post.media_type, self.login, source, self._wishes())
        only = self.pieces[0]
        is_video = only.is_video if post.media_type == MediaType.STORY else post.media_type != MediaType.IMAGE
        source = self._source(only, is_video=is_video)
        return containers.container(post.media_type, self.login, source, self._wishes() | self._own(only))

    def child_fields(self, piece: Piece) -> dict[str, Any]:
        """Return what makes the container of one item of a carousel."""
        kind = MediaType.VIDEO if piece.is_video else MediaType.IMAGE
        source = self._source(piece, is_video=piece.is_video)
        return containers.container(kind, self.login, source, self._own(piece), child=True)

    def _source(self, piece: Piece, *, is_video: bool) -> dict[str, Any]:
        made = piece.publish
        if piece.asset and made is None:
            raise _not_ready()
        if made and is_video and capabilities.may_upload(self.login):
            return containers.upload()
        address = made.public_url if made else piece.address
        return containers.video(address) if is_video else containers.picture(address)

    def _wishes(self) -> dict[str, Any]:
        """Return the options of the post as a whole; what its type cannot have goes no further than here."""
        options = self.post.options
        cover = self._cover()
        wishes = options | {"caption": self.post.caption, "trial_params": containers.trial(options.get("trial_reel"))}
        if cover:
            wishes["cover_url"] = cover.public_url
        if self.post.media_type == MediaType.VIDEO:
            # Instagram has no other single video any more: it goes out as a reel that is shown in the feed.
            wishes["share_to_feed"] = True
        return wishes

    def _cover(self) -> Rendition | None:
        """Return the picture that a reel shows as its cover; one that is not there is replaced by no other."""
        chosen = self.post.cover
        if chosen is None or self.post.media_type not in REELS:
            return None
        made = chosen.rendition(Rendition.Purpose.PUBLISH)
        if made is None:
            raise _not_ready()
        return made

    def _own(self, piece: Piece) -> dict[str, Any]:
        """Return what an item says of itself; a single one's word wins over its post's."""
        told = {name: value for name, value in piece.options.items() if value not in ("", [], None)}
        return told | {"alt_text": piece.alt_text}


def _not_ready() -> InstagramError:
    return InstagramError("The file was not made.", rule=rule_named("MEDIA_NOT_READY"), step=Step.CREATE)


def poll_delay(checks: int) -> float:
    """Return how many seconds to wait after the `checks`-th look."""
    return POLL_DELAYS_S[min(max(checks - 1, 0), len(POLL_DELAYS_S) - 1)]


def _refuse_if_too_late(post: ScheduledPost, since: datetime | None, now: datetime) -> None:
    """Raise PROCESSING_TIMEOUT when a post whose time has come waits too long for Instagram's processing.

    since: when Instagram had all it needs to begin.
    """
    if post.status != ScheduledPost.Status.PUBLISHING or since is None:
        return
    if now - since > (VIDEO_DEADLINE if post.has_video else PICTURE_DEADLINE):
        raise InstagramError(
            "Instagram is still processing the file.", rule=rule_named("PROCESSING_TIMEOUT"), step=Step.STATUS
        )
