"""The row of media in a post form: what was there, what was added, in which order, with which alt texts.

Each item travels as plain fields, so that a refused form loses nothing: `media` (asset ids, one field each),
`place_<id>`, `alt_<id>`, `remove_<id>`. Files come as `uploads` and are items from then on.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _

from scheduler.instagram import limits
from scheduler.lib.numbers import row_id
from scheduler.models import MediaAsset, MediaType, ScheduledPost, User
from scheduler.services.media_intake import MediaRefused, ratio_ok, take_upload


@dataclass
class Item:
    """One picture or video in the row, from place 1 up."""

    asset: MediaAsset
    place: int
    alt_text: str = ""
    removed: bool = False

    @property
    def is_video(self) -> bool:
        """Return whether it is a video."""
        return self.asset.kind == MediaAsset.Kind.VIDEO


def items_of(post: ScheduledPost | None) -> list[Item]:
    """Return the row as it is kept."""
    if post is None or post.pk is None:
        return []
    places = post.media.select_related("asset").prefetch_related("asset__renditions")
    return [Item(place.asset, number, place.alt_text) for number, place in enumerate(places, start=1)]


def items_in(data: QueryDict, user: User) -> list[Item]:
    """Return the row as the form says it is, in its order; another person's media are not there. One query."""
    ids = [pk for word in data.getlist("media") if (pk := row_id(word))]
    assets = MediaAsset.objects.for_user(user).prefetch_related("renditions").in_bulk(ids)
    items = [_item(data, assets[pk], number) for number, pk in enumerate(dict.fromkeys(ids), 1) if pk in assets]
    return sorted(items, key=lambda item: item.place)


def take(files: Iterable[UploadedFile], user: User, items: list[Item]) -> list[str]:
    """Add uploaded files to the row; return a sentence for each that was refused. A file twice is one item."""
    refusals = []
    for file in files:
        try:
            asset = take_upload(user, file)
        except MediaRefused as refused:
            refusals.append(f"{file.name}: {refused.sentence}")
            continue
        known = next((item for item in items if item.asset.pk == asset.pk), None)
        if known is None:
            items.append(Item(asset, len(items) + 1))
        else:
            known.removed = False
    return refusals


def guess_type(items: list[Item]) -> str:
    """Return the type of post the row makes when nobody chose one."""
    if len(items) > 1:
        return MediaType.CAROUSEL
    return MediaType.REELS if items and items[0].is_video else MediaType.IMAGE


def problems_with(items: list[Item], media_type: str) -> list[str]:
    """Return what keeps Instagram from taking this row as this type of post."""
    if not items:
        return [_("Add a picture or a video first.")]
    if media_type == MediaType.CAROUSEL:
        fits = limits.CAROUSEL_MIN <= len(items) <= limits.CAROUSEL_MAX
        found = [] if fits else [_("A carousel needs 2 to 10 items.")]
    elif len(items) > 1:
        found = [_("This type takes one picture or video. Remove the others, or make it a carousel.")]
    else:
        found = _kind_problems(items[0], media_type)
    return found + [sentence for item in items if (sentence := _shape_problem(item, media_type))]


def keep(post: ScheduledPost, items: list[Item]) -> None:
    """Write the row of a post; two queries."""
    post.media.all().delete()
    post.media.bulk_create(
        post.media.model(post=post, asset=item.asset, position=position, alt_text=item.alt_text)
        for position, item in enumerate(items)
    )


def _item(data: QueryDict, asset: MediaAsset, number: int) -> Item:
    place = row_id(data.get(f"place_{asset.pk}", ""))
    return Item(
        asset,
        place or number,
        data.get(f"alt_{asset.pk}", "").replace("\0", "").strip()[: limits.ALT_TEXT_CHARS],
        f"remove_{asset.pk}" in data,
    )


def _kind_problems(item: Item, media_type: str) -> list[str]:
    if media_type == MediaType.IMAGE and item.is_video:
        return [_("A photo post needs a picture. Make it a reel, or use a picture.")]
    if media_type in {MediaType.REELS, MediaType.VIDEO} and not item.is_video:
        return [_("A reel needs a video. Make it a photo, or use a video.")]
    seconds = (item.asset.duration_ms or 0) / 1000
    if media_type == MediaType.STORY and seconds > limits.STORY_SECONDS_MAX:
        return [_("A story video lasts at most 59.9 seconds. Shorten it, or make it a reel.")]
    return []


def _shape_problem(item: Item, media_type: str) -> str:
    if ratio_ok(item.asset, media_type):
        return ""
    return _("%(name)s is too tall or too wide: Instagram shows pictures from 4:5 to 1.91:1. Crop it first.") % {
        "name": item.asset.original_name
    }
