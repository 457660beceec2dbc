"""The row of media of a post: what was uploaded or fetched, and the addresses whose files are not here yet."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scheduler.lib.addresses import names_a_video
from scheduler.lib.framing import Frame
from scheduler.models import MediaAsset, MediaType, PostMedia, Rendition, ScheduledPost


@dataclass(frozen=True)
class Piece:
    """One picture or video in the row; `asset` None while only its address is known.

    options: of this one item, named as the wire names them (user_tags, thumb_offset).
    frame: the shape it goes out in; None for its own.
    """

    asset: MediaAsset | None
    is_video: bool
    address: str = ""
    alt_text: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    frame: Frame | None = None

    @property
    def name(self) -> str:
        """Return what a person knows it by."""
        return self.asset.original_name if self.asset else self.address

    @property
    def publish(self) -> Rendition | None:
        """Return the file that goes out; one query unless renditions are prefetched."""
        return self.asset.rendition(Rendition.Purpose.PUBLISH, self.frame) if self.asset else None


def guess_type(are_videos: list[bool]) -> str:
    """Return the type of post that a row makes when nobody chose one; `are_videos` says it of each item."""
    if len(are_videos) > 1:
        return MediaType.CAROUSEL
    return MediaType.REELS if are_videos and are_videos[0] else MediaType.IMAGE


def pieces_of(post: ScheduledPost) -> list[Piece]:
    """Return the row in its order; two queries unless media and renditions are prefetched.

    Addresses that are not fetched stand at the place they have among the addresses, after what was uploaded.
    """
    places = _places(post) if post.pk else []
    placed = [(place.position, piece_of(place)) for place in places]
    placed += [(position, _waiting(post, address)) for position, address in _missing(post, places)]
    return [piece for _position, piece in sorted(placed, key=lambda pair: pair[0])]


def _places(post: ScheduledPost) -> list[PostMedia]:
    if "media" in getattr(post, "_prefetched_objects_cache", {}):
        return list(post.media.all())
    return list(post.media.select_related("asset").prefetch_related("asset__renditions"))


def piece_of(place: PostMedia) -> Piece:
    """Return the piece of one place."""
    asset = place.asset
    is_video = asset.kind == MediaAsset.Kind.VIDEO
    return Piece(asset, is_video, place.source_url, place.alt_text, place.options, place.frame)


def item_count(post: ScheduledPost) -> int:
    """Return how many pictures and videos a post has, fetched or not; at most two queries."""
    return post.media.count() + len(missing_addresses(post))


def missing_addresses(post: ScheduledPost) -> list[tuple[int, str]]:
    """Return (position, address) of each address whose file is not here; at most one query."""
    return list(_missing(post, list(post.media.all()))) if post.media_urls else []


def _missing(post: ScheduledPost, places: list[PostMedia]) -> Iterator[tuple[int, str]]:
    """Yield what is named and not there; the same address named twice needs two places."""
    here = Counter(place.source_url for place in places if place.source_url)
    uploaded = sum(not place.source_url for place in places)
    for number, address in enumerate(post.media_urls):
        if here[address]:
            here[address] -= 1
        else:
            yield uploaded + number, address


def waiting_pieces(post: ScheduledPost, fetched: list[str]) -> list[Piece]:
    """Return a piece for each address of the post beside those that are `fetched`; no query."""
    left = Counter(post.media_urls) - Counter(fetched)
    return [_waiting(post, address) for address in left.elements()]


def _waiting(post: ScheduledPost, address: str) -> Piece:
    single_video = post.media_type in {MediaType.REELS, MediaType.VIDEO}
    return Piece(None, single_video or names_a_video(address), address)
