"""The post form filled by a program: JSON's names in, the form's words through, the same rules, JSON's names out."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from scheduler.forms import post_media
from scheduler.forms.post_values import values_of
from scheduler.forms.posts import PostForm
from scheduler.lib import zones
from scheduler.lib.addresses import names_a_video
from scheduler.models import ScheduledPost, User
from scheduler.services import media_by_address
from scheduler.services.media_row import guess_type

# What the form's fields are called in JSON.
NAMES = {
    "account": "instagram_account",
    "day": "scheduled_for",
    "clock": "scheduled_for",
    "uploads": "media_urls",
    "media": "media_assets",
    "cover": "cover_asset",
    "cover_at": "thumb_offset",
    "cover_upload": "cover_asset",
    "__all__": "non_field_errors",
}
# What no field of the form is for.
PLACES = {"FILE_MISSING": "media_assets"}
PLAIN = ("caption", "first_comment", "notes", "media_type", "location_id", "audio_name")
FLAGS = ("share_to_feed", "trial_reel")


class JsonPostForm(PostForm):
    """A post as a program says it. What it does not say of a kept post stays as it is."""

    def __init__(
        self, said: dict[str, Any], *, user: User, now: datetime, act: str, post: ScheduledPost | None = None
    ) -> None:
        """said: checked values by their JSON names. act: "draft", "save" or "schedule"."""
        self.said = said
        kept = post_media.items_of(post)
        super().__init__(_words(said, post, kept, user, act), user=user, now=now, post=post)

    @property
    def _guessed_type(self) -> str:
        fetched = {item.source_url for item in self.items}
        waiting = [address for address in self._addresses if address not in fetched]
        return guess_type([item.is_video for item in self.kept_items] + [names_a_video(one) for one in waiting])

    @property
    def _addresses(self) -> list[str]:
        return self.said.get("media_urls", self.post.media_urls if self.post else [])

    def clean(self) -> dict[str, Any]:
        """Check the addresses, the files and the instant beside what the pages check."""
        self._refuse_missing_files()
        for address in self.said.get("media_urls", []):
            finding = media_by_address.judge(address)
            if finding is not None and address not in (self.post.media_urls if self.post else []):
                self.add_error("uploads", ValidationError(finding.text, code=finding.code))
        data = super().clean()
        self._refuse_doubtful_instant()
        return data

    def _refuse_missing_files(self) -> None:
        here = {item.asset.pk for item in self.items}
        for number in self.said.get("media_assets", []):
            if number not in here:
                told = _("There is no file %(number)s among yours.") % {"number": number}
                self.add_error(None, ValidationError(told, code="FILE_MISSING"))
        cover = self.said.get("cover_asset")
        if cover and not self._has_picture(cover):
            self.add_error("cover", _("There is no picture %(number)s among yours.") % {"number": cover})

    def _has_picture(self, pk: int) -> bool:
        return self.user.media_assets.filter(pk=pk, kind="image", deleted_at=None).exists()

    def _refuse_doubtful_instant(self) -> None:
        """Refuse an instant that its zone's clock shows a second time: it would be planned an hour too early."""
        at = self.said.get("scheduled_for")
        if at is None or self.moment is None or self.moment.utc == _minute(at):
            return
        told = _("The clock of %(zone)s shows this time twice. Name another zone, such as UTC.")
        self.add_error("clock", told % {"zone": self.cleaned_data["timezone"]})

    def _fill(self, post: ScheduledPost) -> None:
        super()._fill(post)
        if "media_urls" in self.said:
            post.media_urls = list(self.said["media_urls"])
        if self.said.get("cover_url"):
            post.options["cover_url"] = self.said["cover_url"]
        elif "cover_url" in self.said:
            post.options.pop("cover_url", None)

    def json_errors(self) -> dict[str, list[dict[str, str]]]:
        """Return what is wrong by the names of JSON."""
        found: dict[str, list[dict[str, str]]] = {}
        for name, errors in self.errors.as_data().items():
            for error in errors:
                code = str(error.code or "refused").upper()
                where = PLACES.get(code) or NAMES.get(name, name)
                found.setdefault(where, []).extend({"code": code, "message": str(one)} for one in error.messages)
        return found


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def _words(
    said: dict[str, Any], post: ScheduledPost | None, kept: list[post_media.Item], user: User, act: str
) -> QueryDict:
    """Return the form's words: those of the kept post, and what was said in their place."""
    words = {name: value for name, value in (values_of(post) if post else {}).items() if value not in (None, "")}
    row_changes = {"media_assets", "media_urls"} & said.keys()
    if row_changes and post is not None and post.status == ScheduledPost.Status.DRAFT:
        words.pop("media_type", None)  # as on the page: a second file makes the photo a carousel
    words |= {"act": act, "timezone": said.get("timezone") or words.get("timezone") or user.timezone}
    words |= {name: said[name] for name in PLAIN if name in said}
    if "location_id" in said:
        words.pop("location_name", None)
    if "instagram_account" in said:
        words["account"] = said["instagram_account"]
    if "thumb_offset" in said:
        words["cover_at"] = None if said["thumb_offset"] is None else said["thumb_offset"] / 1000
    if "cover_asset" in said:
        words["cover"] = said["cover_asset"]
    words |= {"collaborators": ", ".join(said.get("collaborators", words.get("collaborators", [])))}
    words |= {name: said.get(name, words.get(name, name == "share_to_feed")) for name in FLAGS}
    words |= _time_words(said, words) | {"version": said.get("version")}
    data = QueryDict(mutable=True)
    for name, value in words.items():
        if value not in (None, False):
            data[name] = "on" if value is True else str(value)
    _put_media(data, said, kept)
    return data


def _time_words(said: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    """Return day and time on the clock of the post's zone."""
    if "scheduled_for" not in said:
        return {}
    at, zone = said["scheduled_for"], words["timezone"]
    if at is None or not zones.is_zone(zone):
        return {"day": None, "clock": None}
    wall = zones.to_wall(at, zone)
    return {"day": wall.date().isoformat(), "clock": f"{wall:%H:%M}"}


def _put_media(data: QueryDict, said: dict[str, Any], kept: list[post_media.Item]) -> None:
    """Write the row of media, with its texts and people by their place in it."""
    uploads = said.get("media_assets", [item.asset.pk for item in kept if not item.source_url])
    wanted = said.get("media_urls")
    fetched = [item.asset.pk for item in kept if item.source_url and (wanted is None or item.source_url in wanted)]
    row = [*uploads, *fetched]
    was = {item.asset.pk: item for item in kept}
    data.setlist("media", [str(pk) for pk in row])
    for number, pk in enumerate(dict.fromkeys(row)):
        item = was.get(pk)
        texts = said.get("alt_texts")
        data[f"place_{pk}"] = str(number + 1)
        kept_text = item.alt_text if item else ""
        data[f"alt_{pk}"] = kept_text if texts is None else texts[number] if number < len(texts) else ""
        tags = said.get("user_tags")
        if tags is not None:
            data[f"tags_{pk}"] = "\n".join(_tag_line(tag) for tag in tags if tag.get("item", 0) == number)
        if item is not None and item.frame is not None:
            frame = item.frame
            shape = {"shape": frame.shape, "fit": item.fit, "x": frame.x, "y": frame.y, "zoom": frame.zoom}
            for name, value in shape.items():
                data[f"{name}_{pk}"] = str(value)


def _tag_line(tag: dict[str, Any]) -> str:
    return " ".join(str(tag[name]) for name in ("username", "x", "y") if name in tag)
