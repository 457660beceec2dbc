"""Bring a video's bytes to its container, a piece at a time, and go on where an earlier pass was broken off.

Nothing of it is public, and a piece that came twice is refused by its offset: every doubt is answered by reading how
much has arrived. Each piece is a request of its own, and the claim is renewed before it.
"""

from datetime import timedelta
from typing import IO, Any

from scheduler.instagram.client import ContainerState
from scheduler.instagram.errors import InstagramError, Step
from scheduler.models import PublishingLog, Rendition
from scheduler.services.conversation import Conversation

# How long one pass goes on; then the worker is free for others and the post is due again at once.
PASS = timedelta(seconds=20)
# Pieces grow while the line is quick and shrink when it is slow, so that none takes as long as a lease. Bytes.
FIRST_PIECE, SMALLEST_PIECE, LARGEST_PIECE = 1024 * 1024, 256 * 1024, 16 * 1024 * 1024
QUICK_MS, SLOW_MS = 2_000, 8_000
LOG = PublishingLog.Status


class Upload:
    """One video on its way to one container."""

    def __init__(
        self, talk: Conversation, container_id: str, uri: str, film: Rendition, done: dict[str, Any]
    ) -> None:
        """done: the post's fields that say that all bytes are there, stored with the last of them."""
        self.talk, self.container_id, self.uri, self.film, self.done = talk, container_id, uri, film, done
        self.piece, self.confirmed, self.misses = FIRST_PIECE, 0, 0

    def go_on(self, *, is_new: bool) -> bool:
        """Send what is missing; return False when the rest is for another pass.

        is_new: the container was made by this pass, so that nothing has arrived. Raises InstagramError, ClaimLost.
        """
        ends_at = self.talk.now + PASS
        with self.film.file.open("rb") as file:
            size = file.size
            arrived = self.confirmed = 0 if is_new else self._arrived(size)
            while arrived < size:
                if self.talk.now >= ends_at:
                    return False
                arrived = self._send(file, arrived, size)
        return True

    def _send(self, file: IO[bytes], offset: int, size: int) -> int:
        """Send the next piece; return how many bytes are there then."""
        length = min(self.piece, size - offset)
        words = {"offset": offset, "length": length, "size": size}
        try:
            _, line = self.talk.ask(
                Step.UPLOAD, lambda: self.talk.client.upload(self.uri, file, **words), about=words
            )
        except InstagramError as error:
            return self._after(error, size)
        self.talk.keep(line, LOG.PROCESSING, **self.done if offset + length == size else {})
        self._adapt()
        return offset + length

    def _after(self, error: InstagramError, size: int) -> int:
        """Return how much arrived of what was sent in vain; raise `error` when nothing comes through any more."""
        arrived = self._arrived(size)
        if arrived > self.confirmed:
            self.confirmed, self.misses, self.piece = arrived, 0, FIRST_PIECE
            return arrived
        self.misses += 1
        if self.misses > 1:
            raise error
        # A server that keeps no part of an upload must be sent the whole rest at once.
        self.piece = size
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

    def _adapt(self) -> None:
        took = self.talk.client.last_exchange.duration_ms or 0
        if took < QUICK_MS:
            self.piece = min(self.piece * 2, LARGEST_PIECE)
        elif took > SLOW_MS:
            self.piece = max(self.piece // 2, SMALLEST_PIECE)


def _is_whole(state: ContainerState, size: int) -> bool:
    """Return whether every byte is there; a container that is further along has them, whatever it counts."""
    return state.is_uploaded or state.received >= size or state.status_code != "IN_PROGRESS"
