"""The row of media in a post form: what was there, what was added, in which order, with which alt texts.

Each item travels as plain fields, so that a refused form loses nothing: `media` (asset ids, one field each),
`place_<id>`, `alt_<id>`, `tags_<id>` (people, one a line), `remove_<id>`, and for its shape `shape_<id>`, `fit_<id>`,
`x_<id>`, `y_<id>`, `zoom_<id>`.
Files come as `uploads` and are items from then on.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduler.forms.fields import TagsField
from scheduler.instagram import limits
from scheduler.lib.framing import CROP, PAD, Frame
from scheduler.lib.numbers import row_id
from scheduler.lib.sniffing import Unfit
from scheduler.lib.stored import Unreachable
from scheduler.models import MediaAsset, Rendition, ScheduledPost, User
from scheduler.services.media_intake import take_upload
from scheduler.services.media_refusals import MediaRefused, refusal_sentence
from scheduler.services.media_row import Piece, waiting_pieces
from scheduler.services.renditions import frame_picture

# What a person may choose for a picture, with its words; "" leaves it as it is.
SHAPE_WORDS = [
    ("", gettext_lazy("As it is")),
    ("4:5", gettext_lazy("Portrait 4:5")),
    ("1:1", gettext_lazy("Square 1:1")),
    ("1.91:1", gettext_lazy("Landscape 1.91:1")),
    ("9:16", gettext_lazy("Story 9:16")),
]
FIT_WORDS = [
    (CROP, gettext_lazy("Cropping")),
    ("white", gettext_lazy("White edges")),
    ("black", gettext_lazy("Black edges")),
    ("blur", gettext_lazy("Blurred edges")),
]
# How people on a picture are written.
TAGS = TagsField(required=False)


@dataclass
class Item:
    """One picture or video in the row, from place 1 up.

    tags_text: the people on it as the form says them; None when it says nothing of them.
    tags_problem: why they are not understood.
    """

    asset: MediaAsset
    place: int
    alt_text: str = ""
    removed: bool = False
    source_url: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    frame: Frame | None = None
    tags_text: str | None = None
    tags_problem: str = ""

    @property
    def tags_shown(self) -> str:
        """Return the people on it as lines: what was typed, else what is kept."""
        kept = self.options.get("user_tags") or []
        return TAGS.prepare_value(kept) if self.tags_text is None else self.tags_text

    @property
    def is_video(self) -> bool:
        """Return whether it is a video."""
        return self.asset.kind == MediaAsset.Kind.VIDEO

    @property
    def seconds(self) -> float:
        """Return how long the video is; 0.0 when that is not known."""
        return (self.asset.duration_ms or 0) / 1000

    @property
    def film_trouble(self) -> str:
        """Return why the video could not be made ready, "" when nothing is wrong."""
        return refusal_sentence(self.asset.failure) if self.asset.failure else ""

    def rendition(self, purpose: str) -> Rendition | None:
        """Return the file of this item for `purpose`, in its frame; None when there is none."""
        return self.asset.rendition(purpose, self.frame)

    @property
    def thumbnail(self) -> Rendition | None:
        """Return the small picture of it, in its frame when that was drawn."""
        purpose = Rendition.Purpose.THUMBNAIL
        return self.asset.rendition(purpose, self.frame) or self.asset.rendition(purpose)

    @property
    def fit(self) -> str:
        """Return how the picture fills its frame, as `FIT_WORDS` names it."""
        return self.frame.paper if self.frame and self.frame.how == PAD else CROP


def items_of(post: ScheduledPost | None) -> list[Item]:
    """Return the row as it is kept."""
    if post is None or post.pk is None:
        return []
    places = post.media.select_related("asset").prefetch_related("asset__renditions")
    items = [
        Item(
            place.asset,
            number,
            place.alt_text,
            source_url=place.source_url,
            options=place.options,
            frame=place.frame,
        )
        for number, place in enumerate(places, start=1)
    ]
    _tag_the_first(items, post)
    return items


def _tag_the_first(items: list[Item], post: ScheduledPost) -> None:
    """Give the first item the people that the post as a whole names: a single picture's may be written so."""
    if items and post.options.get("user_tags") and not items[0].options.get("user_tags"):
        items[0].options = items[0].options | {"user_tags": post.options["user_tags"]}


def remember(items: list[Item], post: ScheduledPost | None) -> None:
    """Give the items what the form does not carry, as the post's row has it; one query."""
    if post is None or post.pk is None:
        return
    known = {place.asset_id: place for place in post.media.all()}
    for item in items:
        place = known.get(item.asset.pk)
        if place is not None:
            item.source_url, item.options = place.source_url, place.options
    _tag_the_first(items, post)


def read_tags(items: list[Item]) -> list[str]:
    """Read who is tagged on each item; return a sentence for each that is not understood. What is kept stays then."""
    refusals = []
    for item in items:
        if item.tags_text is None:
            continue
        try:
            tags = TAGS.clean(item.tags_text)
        except ValidationError as wrong:
            item.tags_problem = wrong.messages[0]
            refusals.append(f"{item.asset.original_name}: {item.tags_problem}")
            continue
        others = {name: value for name, value in item.options.items() if name != "user_tags"}
        item.options = others | ({"user_tags": tags} if tags else {})
    return refusals


def addresses_left(post: ScheduledPost, items: list[Item], forgotten: list[str]) -> list[str]:
    """Return the addresses of a post without those whose files are removed, and without the `forgotten` ones."""
    left = list(post.media_urls)
    for address in [*(item.source_url for item in items if item.removed), *forgotten]:
        if address in left:
            left.remove(address)
    return left


def pieces_in(items: list[Item], post: ScheduledPost) -> list[Piece]:
    """Return the row for a check: the items, and the addresses whose files are not here."""
    here = [
        Piece(item.asset, item.is_video, item.source_url, item.alt_text, item.options, item.frame) for item in items
    ]
    return here + waiting_pieces(post, [item.source_url for item in items])


def kept_ids(post: ScheduledPost | None) -> set[int]:
    """Return the ids of the media that a post has, also of those that left the library; one query."""
    return set(post.media.values_list("asset", flat=True)) if post is not None and post.pk else set()


def items_in(data: QueryDict, user: User, kept: Collection[int] = ()) -> list[Item]:
    """Return the row as the form says it is, in its order; another person's media are not there. One query.

    kept: ids of media that are there already; they stay, though they left the library.
    """
    ids = [pk for word in data.getlist("media") if (pk := row_id(word))]
    assets = MediaAsset.objects.usable(user, kept).prefetch_related("renditions").in_bulk(ids)
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


def draw(items: list[Item]) -> list[str]:
    """Draw the pictures in the frames they are to have; return a sentence for each that cannot be drawn."""
    refusals, framed = [], [item for item in items if item.frame is not None and not item.removed]
    for item in framed:
        try:
            frame_picture(item.asset, cast(Frame, item.frame))
        except Unreachable:
            told = _(
                "The storage of pictures doesn't answer, so %(name)s was not drawn in its shape. Save again later."
            )
            refusals.append(told % {"name": item.asset.original_name})
        except (Unfit, OSError):
            told = _("%(name)s can no longer be read, so its shape stays as it is. Remove it and add it again.")
            refusals.append(told % {"name": item.asset.original_name})
            item.frame = None
    drawn = MediaAsset.objects.prefetch_related("renditions").in_bulk([item.asset.pk for item in framed])
    for item in framed:
        item.asset = drawn[item.asset.pk]
    return refusals


def keep(post: ScheduledPost, items: list[Item]) -> None:
    """Write the row of a post; two queries."""
    post.media.all().delete()
    post.media.bulk_create(
        post.media.model(
            post=post,
            asset=item.asset,
            position=position,
            alt_text=item.alt_text,
            options=item.options,
            source_url=item.source_url,
            framing=item.frame.kept() if item.frame else {},
        )
        for position, item in enumerate(items)
    )


def _item(data: QueryDict, asset: MediaAsset, number: int) -> Item:
    place = row_id(data.get(f"place_{asset.pk}", ""))
    return Item(
        asset,
        place or number,
        data.get(f"alt_{asset.pk}", "").replace("\0", "").strip()[: limits.ALT_TEXT_CHARS],
        f"remove_{asset.pk}" in data,
        frame=_frame(data, asset),
        tags_text=data.get(f"tags_{asset.pk}"),
    )


def _frame(data: QueryDict, asset: MediaAsset) -> Frame | None:
    """Return the shape a picture is to go out in; a video has its own."""
    if asset.kind == MediaAsset.Kind.VIDEO:
        return None
    said = {name: data.get(f"{name}_{asset.pk}") for name in ("shape", "x", "y", "zoom")}
    fit = data.get(f"fit_{asset.pk}", CROP)
    return Frame.read(said | ({"how": CROP} if fit == CROP else {"how": PAD, "paper": fit}))
