"""What a check found: a stable name, how much it matters, the form field it is about, and its sentence."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from scheduler.instagram.error_sentences import sentence
from scheduler.services.media_refusals import refusal_sentence

# How much a finding matters: the post stays behind, may not do what one expects, could be better.
BLOCKER, WARNING, TIP = "blocker", "warning", "tip"
ORDER = {BLOCKER: 0, WARNING: 1, TIP: 2}
# Which part of a file's tile in the post form cures what was found about that file; else the tile as a whole.
PARTS = {"IMAGE_SHAPE": "shape", "ALT_TEXT_TOO_LONG": "alt", "ALT_TEXT_MISSING": "alt"}

SENTENCES: dict[str, Any] = {
    # The account.
    "ACCOUNT_MISSING": _("Choose the account this post goes to."),
    "ACCOUNT_DISCONNECTED": _("@%(account)s is disconnected. Connect it again first."),
    "ACCOUNT_PAUSED": _("@%(account)s is paused. This goes out only after you resume it."),
    "EVERYTHING_PAUSED": _("Everything is paused. This goes out only after you resume."),
    "TOKEN_ENDS_FIRST": _("@%(account)s needs a new sign-in by %(day)s, before this goes out."),
    "COMMENT_PERMISSION": _(
        "The connection to @%(account)s doesn't allow comments. Reconnect and leave every option on."
    ),
    "ADDRESS_OF_PAUTA": _(
        "Instagram can't reach %(address)s, where it would fetch the media. Whoever runs Pauta must set a public one."
    ),
    # The media.
    "MEDIA_MISSING": _("Add a picture or a video first."),
    "CAROUSEL_COUNT": _("A carousel needs 2 to 10 items."),
    "ONE_ITEM_ONLY": _("This type takes one picture or video. Remove the others, or make it a carousel."),
    "PICTURE_WANTED": _("A photo post needs a picture. Make it a reel, or use a picture."),
    "VIDEO_WANTED": _("A reel needs a video. Make it a photo, or use a video."),
    "MEDIA_NOT_READY": _("%(name)s could not be made ready to go out. Remove it and add it again."),
    "MEDIA_PREPARING": _("%(name)s is still being prepared."),
    "IMAGE_SHAPE": _("%(name)s is too tall or too wide: Instagram shows pictures from 4:5 to 1.91:1. Crop it first."),
    "IMAGE_FORMAT": _("%(name)s is not a JPEG. Remove it and add it again."),
    "IMAGE_TOO_LARGE": _("%(name)s is larger than %(megabytes)s MB. Use a smaller picture."),
    "IMAGE_TOO_NARROW": _(
        "%(name)s is only %(width)s pixels wide, and Instagram asks for %(least)s. Use a larger one."
    ),
    "IMAGE_SMALL": _("%(name)s is %(width)s pixels wide. It looks sharp from 1080 on."),
    "VIDEO_FORMAT": _("%(name)s is neither MP4 nor MOV. Export it as MP4 (H.264, AAC)."),
    "VIDEO_TOO_LARGE": _("%(name)s is larger than %(megabytes)s MB. Export it with a lower bit rate."),
    "VIDEO_TOO_SHORT": _("%(name)s is shorter than %(seconds)s seconds. Use a longer video."),
    "VIDEO_TOO_LONG": _("%(name)s is longer than %(minutes)s minutes. Cut it first."),
    "STORY_TOO_LONG": _("A story video lasts at most 59.9 seconds. Shorten it, or make it a reel."),
    "VIDEO_SHAPE": _("%(name)s is not upright 9:16. Instagram shows it cropped or with bars."),
    "COVER_TIME": _("The cover frame is past the end of the video."),
    "COVER_FORMAT": _("The cover must be a picture. Choose another."),
    "ALT_TEXT_TOO_LONG": _("The alt text of %(name)s is longer than %(most)s characters. Shorten it."),
    "ALT_TEXT_MISSING": _("%(name)s has no alt text. People who can't see it won't know what it shows."),
    # Addresses.
    "ADDRESS_WAITING": _("%(address)s is fetched before the post goes out."),
    "ADDRESS_UNUSABLE": _("%(address)s can't be used. Write an http or https address that everybody can open."),
    "ADDRESS_PRIVATE": _("%(address)s leads into a private network. Use an address that everybody can open."),
    "ADDRESS_UNREACHABLE": _("The server of %(address)s didn't answer. Check the address, or upload the file."),
    "ADDRESS_UNTRUSTED": _("The certificate of %(address)s isn't right. Use another address, or upload the file."),
    "ADDRESS_SLOW": _("%(address)s took too long. Use a faster server, or upload the file."),
    "ADDRESS_NOT_FOUND": _("There is nothing at %(address)s. Check the address, or upload the file."),
    "ADDRESS_LOGIN": _("%(address)s can't be opened without a login. Use a public address, or upload the file."),
    "ADDRESS_PAGE": _("%(address)s is a web page, not a picture or video. Use the file's own address, or upload it."),
    "ADDRESS_ROBOTS": _(
        "The robots.txt of %(address)s keeps Instagram out. Use another address, or upload the file."
    ),
    "ADDRESS_REDIRECTS": _("%(address)s leads from one address to the next. Use the last one, or upload the file."),
    "ADDRESS_TOO_LARGE": _("%(address)s is larger than %(megabytes)s MB. Use a smaller file."),
    "ADDRESS_ENCODED": _("The server of %(address)s sends it compressed. Use another address, or upload the file."),
    "ADDRESS_TROUBLE": _("The server of %(address)s answered with an error (%(status)s). Upload the file instead."),
    "ADDRESS_REFUSED": _("%(address)s can't be posted. %(why)s"),
    # The words.
    "CAPTION_TOO_LONG": ngettext_lazy("%(n)s character over.", "%(n)s characters over.", "n"),
    "TOO_MANY_HASHTAGS": ngettext_lazy("%(n)s hashtag over.", "%(n)s hashtags over.", "n"),
    "TOO_MANY_MENTIONS": ngettext_lazy("%(n)s mention over.", "%(n)s mentions over.", "n"),
    "HASHTAGS_ADVISED": _("%(n)s hashtags. Instagram is moving to a limit of 5."),
    "CAPTION_MISSING": _("This post has no caption."),
    "CAPTION_NOT_SHOWN": _("Stories show no caption. It stays here."),
    "COMMENT_TOO_LONG": _("The first comment is longer than %(most)s characters. Shorten it."),
    # People, place, options.
    "TOO_MANY_TAGS": _("At most %(most)s people can be tagged."),
    "TAG_NAME": _("“%(name)s” isn't a username. Write it as it appears on Instagram."),
    "TAG_PLACE": _("Say where @%(name)s is on the picture: two numbers from 0 to 1."),
    "TOO_MANY_COLLABORATORS": _("At most %(most)s collaborators fit here."),
    "COLLABORATOR_NAME": _("“%(name)s” isn't a username. Write it as it appears on Instagram."),
    "LOCATION_FORM": _("A location is a number. Look it up on the place's page."),
    "TRIAL_UNKNOWN": _("This kind of trial reel isn't known. Choose it again."),
    "OPTION_NOT_SENT": _("%(option)s can't be sent with this type of post, or by this connection. It stays here."),
    # The time.
    "TIME_MISSING": _("Choose a day and a time."),
    "TIME_PAST": _("That time has passed. Pick a time at least a minute from now."),
    "QUOTA_NOW": _("@%(account)s reached the limit of %(most)s posts in 24 hours. First time with room: %(time)s."),
    "QUOTA_OVER": _(
        "@%(account)s would pass the limit of %(most)s posts in 24 hours. It goes out at the next time with room."
    ),
    "QUOTA_NEAR": _("@%(account)s: %(n)s of %(most)s posts in 24 hours."),
    "SPACING_BEFORE": ngettext_lazy(
        "Another post for @%(account)s goes out %(n)s minute before this one.",
        "Another post for @%(account)s goes out %(n)s minutes before this one.",
        "n",
    ),
    "SPACING_AFTER": ngettext_lazy(
        "Another post for @%(account)s goes out %(n)s minute after this one.",
        "Another post for @%(account)s goes out %(n)s minutes after this one.",
        "n",
    ),
    "SPACING_SAME": _("Another post for @%(account)s goes out in the same minute."),
    "REPEATED": _("@%(account)s has the same media with nearly the same caption within 30 days."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    code:  a stable name; Instagram's own refusal of the same has the same one.
    level: "blocker", "warning" or "tip".
    field: the name of the post form's field that cures it.
    facts: what fills the sentence; plain values, they are kept as JSON.
    asset: the id of the picture or video it is about, when it is about one.
    """

    code: str
    level: str
    field: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)
    asset: int | None = None

    @property
    def place(self) -> str:
        """Return the id of what cures it on the form's page."""
        return f"id_{self.field}" if self.asset is None else f"{PARTS.get(self.code, 'tile')}-{self.asset}"

    @property
    def text(self) -> str:
        """Return the sentence in the language now active."""
        template = SENTENCES.get(self.code)
        if template is None:  # an error name of Instagram's: the account is not well
            return sentence(self.code, **self.facts)
        if self.code == "ADDRESS_REFUSED":
            facts = {name: value for name, value in self.facts.items() if name not in {"address", "reason"}}
            why = refusal_sentence(self.facts["reason"], **facts)
            return str(template % {"address": self.facts["address"], "why": why})
        return str(template % self.facts)

    def kept(self) -> dict[str, Any]:
        """Return it as JSON, for the post's row."""
        return {"code": self.code, "field": self.field, "facts": self.facts}


def blocker(code: str, field: str, **facts: Any) -> Finding:
    """Return what keeps the post from going out."""
    return Finding(code, BLOCKER, field, facts)


def warning(code: str, field: str, **facts: Any) -> Finding:
    """Return what a person should know before it goes out."""
    return Finding(code, WARNING, field, facts)


def tip(code: str, field: str, **facts: Any) -> Finding:
    """Return what would make it better."""
    return Finding(code, TIP, field, facts)


def about(asset: int | None, found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the findings as being about one file."""
    for finding in found:
        yield dataclasses.replace(finding, asset=asset)


def kept_findings(rows: list[dict[str, Any]]) -> list[Finding]:
    """Return the blockers that a post's row keeps; a row of another form is passed over."""
    return [
        blocker(row["code"], row.get("field", ""), **row.get("facts", {}))
        for row in rows
        if isinstance(row, dict) and "code" in row
    ]
