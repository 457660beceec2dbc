"""Bring a video's bytes to its container, and go on where an earlier request or pass was broken off.

Each request sends the whole rest, for as long as a request may take, and the claim is renewed before it: a slow line
makes it many short requests. Nothing of it is public, and bytes that come twice are refused by their offset, so every
doubt is answered by reading how much has arrived.
"""

import logging
from datetime import timedelta
from typing import IO, Any

from django.core.files.base import File

from scheduler.instagram import limits
from scheduler.instagram.client import ContainerState
from scheduler.instagram.errors import CONNECTION, NOT_FETCHED, InstagramError, Step
from scheduler.models import PublishingLog, Rendition
from scheduler.services.conversation import Conversation

log = logging.getLogger(__name__)
# How long one pass goes on; then the worker is free for others and the post is due again at once.
PASS = timedelta(seconds=20)
# How much one request is to bring: everything, unless nothing of it comes through. Bytes.
AT_ONCE, PIECE = limits.VIDEO_BYTES, 512 * 1024
# How many requests may come to nothing, one after the other, before it is a failure: whole, then in pieces.
MISSES = 2
LOG = PublishingLog.Status


class Upload:
    """One video on its way to one container."""

    def __init__(
        self, talk: Conversation, container_id: str, uri: str, film: Rendition, done: dict[str, Any]
    ) -> None:
        """done: the post's fields that say that all bytes are there, stored as soon as that is known."""
        self.talk, self.container_id, self.uri, self.film, self.done = talk, container_id, uri, film, done
        self.at_once, self.confirmed, self.misses = AT_ONCE, 0, 0

    def go_on(self, *, is_new: bool) -> bool:
        """Send what is missing; return False when the rest is for another pass.

        is_new: the container was made by this pass, so that nothing has arrived. Raises InstagramError, ClaimLost.
        """
        ends_at = self.talk.now + PASS
        with self._opened() as file:
            size = file.size
            arrived = self.confirmed = 0 if is_new else self._arrived(size)
            while arrived < size:
                if self.talk.now >= ends_at:
                    return False
                arrived = self._send(file, arrived, size)
        return True

    def _opened(self) -> File:
        """Return the video's own file. Raises InstagramError, to be tried again, when it cannot be read now."""
        try:
            return self.film.open_whole()
        except OSError as trouble:
            log.error("The video of post %s could not be read: %s", self.talk.post.pk, trouble)
            raise InstagramError("The video could not be read here.", rule=NOT_FETCHED, step=Step.UPLOAD) from None

    def _send(self, file: IO[bytes], offset: int, size: int) -> int:
        """Make one request; return how many bytes are there then."""
        words = {"offset": offset, "length": min(self.at_once, size - offset), "size": size}
        try:
            is_whole, line = self.talk.ask(
                Step.UPLOAD, lambda: self.talk.client.upload(self.uri, file, **words), about=words
            )
        except InstagramError as error:
            return self._progress(size, error)
        self.talk.keep(line, LOG.PROCESSING, **self.done if is_whole else {})
        return size if is_whole else self._progress(size)

    def _progress(self, size: int, error: InstagramError | None = None) -> int:
        """Return how much has arrived; raise when nothing comes through any more, neither whole nor in pieces."""
        arrived = self._arrived(size)
        if arrived > self.confirmed:
            self.confirmed, self.misses = arrived, 0
            return arrived
        self.misses += 1
        if self.misses >= MISSES:
            raise error or InstagramError("Nothing of the video arrives.", rule=CONNECTION, step=Step.UPLOAD)
        self.at_once = PIECE  # something between us and Meta may keep only what comes in one go
        return arrived

    def _arrived(self, size: int) -> int:
        """Ask how much has arrived; raise what the container ended with if it did."""
        state, line = self.talk.ask(
            Step.STATUS, lambda: self.talk.client.read_container(self.container_id, upload=True)
        )
        if state.status_code in {"ERROR", "EXPIRED"}:
            self.talk.keep(line, LOG.ERROR)
            raise state.failure
        is_whole = _is_whole(state, size)
        self.talk.keep(line, LOG.PROCESSING, **self.done if is_whole else {})
        return size if is_whole else state.received


def _is_whole(state: ContainerState, size: int) -> bool:
    """Return whether every byte is there; a container that is further along has them, whatever it counts."""
    return state.is_uploaded or state.received >= size or state.status_code != "IN_PROGRESS"
