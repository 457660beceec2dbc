"""Small drawn things that stand on many pages: an account's mark, a status badge, a picture."""

import json

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode

from scheduler.forms.fields import offered_zones
from scheduler.forms.post_check import CheckForm
from scheduler.lib import marks
from scheduler.models import (
    DisplayStatus,
    InstagramAccount,
    MediaAsset,
    MediaType,
    Notification,
    ScheduledPost,
)
from scheduler.services import connecting, words
from scheduler.services.post_pictures import cover_of, thumbnail_of
from scheduler.services.preview import Place

register = template.Library()

STATUS_ICONS = {
    DisplayStatus.DRAFT: "pencil-line",
    DisplayStatus.SCHEDULED: "clock",
    DisplayStatus.PUBLISHING: "loader-circle",
    DisplayStatus.PUBLISHED: "check",
    DisplayStatus.FAILED: "octagon-alert",
    DisplayStatus.CANCELLED: "ban",
    DisplayStatus.ON_HOLD: "circle-pause",
    DisplayStatus.UNCONFIRMED: "circle-question-mark",
    DisplayStatus.NEEDS_CHECK: "circle-question-mark",
    DisplayStatus.AT_RISK: "triangle-alert",
}
TYPE_ICONS = {
    MediaType.IMAGE: "image",
    MediaType.CAROUSEL: "images",
    MediaType.REELS: "clapperboard",
    MediaType.VIDEO: "film",
    MediaType.STORY: "circle-fading-plus",
}


@register.inclusion_tag("scheduler/parts/_status_badge.html")
def status_badge(post: ScheduledPost, size: str = "", shown: DisplayStatus | None = None) -> dict[str, object]:
    """Draw icon and word of what the post is, or is `shown` as."""
    shown = shown or post.display_status
    return {"status": shown.value, "label": shown.label, "icon": STATUS_ICONS[shown], "size": size}


@register.inclusion_tag("scheduler/parts/_account_mark.html")
def account_mark(account: InstagramAccount, size: str = "") -> dict[str, object]:
    """Draw the account's coloured circle with two letters."""
    return {"colour": marks.colour_number(account.instagram_username), "letters": letters(account), "size": size}


@register.simple_tag
def stylesheets(*names: str) -> str:
    """Link the stylesheets that a page needs besides those that every page has."""
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(f"css/{name}.css"),) for name in names)
    )


@register.simple_tag
def scripts(*names: str) -> str:
    """Bring the scripts that a page needs besides the one that every page has."""
    links = ((static(f"js/{name}.js"),) for name in names)
    return format_html_join("\n", '<script type="module" src="{}"></script>', links)


@register.simple_tag
def profile_url(account: InstagramAccount) -> str:
    """Return where a person sees the account's posts; in the sandbox, its profile page."""
    if settings.INSTAGRAM_SANDBOX:
        return f"{settings.PUBLIC_BASE_URL}/sandbox/profile/{account.instagram_username}/"
    return f"https://www.instagram.com/{account.instagram_username}/"


@register.inclusion_tag("scheduler/parts/_thumb.html")
def thumb(post: ScheduledPost) -> dict[str, object]:
    """Draw a post's first picture small; no query when media and renditions are prefetched."""
    made = thumbnail_of(post)
    kind = "" if post.media_type == MediaType.IMAGE else TYPE_ICONS[MediaType(post.media_type)]
    return {"picture": made, "kind": kind, "icon": TYPE_ICONS[MediaType(post.media_type)]}


@register.inclusion_tag("scheduler/parts/_zone_names.html")
def zone_names() -> dict[str, object]:
    """Give the page the zone names that its zone field suggests."""
    return {"zones": offered_zones()}


@register.filter
def type_icon(media_type: str) -> str:
    """Return the icon of a type of post."""
    return TYPE_ICONS[MediaType(media_type)]


@register.filter
def rendition(thing: MediaAsset | Place | None, purpose: str) -> object:
    """Return the file made of an asset for a purpose, or of a place in its frame; None when there is none."""
    return thing.rendition(purpose) if thing else None


@register.filter
def thumbnail(post: ScheduledPost) -> object:
    """Return the small picture by which a post is known, None without any."""
    return thumbnail_of(post)


@register.filter
def poster(place: Place, cover: object) -> object:
    """Return the still of a video in a row: the cover that was chosen for it, else its own; None without any."""
    return cover or place.asset.rendition("poster")


@register.filter
def cover(post: ScheduledPost, purpose: str) -> object:
    """Return the chosen cover of a reel for a purpose, None where none was chosen."""
    return cover_of(post, purpose)


@register.filter
def tagged(post: ScheduledPost) -> list[str]:
    """Return who is tagged on a post, each once, in the order of its files."""
    rows = [post.options, *(place.options for place in post.media.all())]
    return list(dict.fromkeys(tag["username"] for row in rows for tag in row.get("user_tags") or []))


@register.filter
def is_video(place: Place) -> bool:
    """Return whether a place in the row holds a video."""
    return place.asset.kind == MediaAsset.Kind.VIDEO


@register.filter
def words_about(check: CheckForm | None, asset: int) -> str:
    """Return what keeps one file of the form from going out; "" where nothing was checked yet."""
    return check.item_words.get(asset, "") if check else ""


@register.filter
def why(post: ScheduledPost) -> str:
    """Return the sentence that says why the post stands as it does; empty when its status says it all."""
    return words.why(post)


@register.filter
def notice_words(notice: Notification) -> str:
    """Return what a notice says."""
    return words.notice(notice)


def letters(account: InstagramAccount) -> str:
    """Return two letters that stand for the account."""
    parts = [part for part in account.instagram_username.replace("_", ".").split(".") if part]
    return "".join(part[0] for part in parts[:2]) if len(parts) > 1 else account.instagram_username[:2]


@register.filter
def as_json(value: object) -> str:
    """Return what was sent or answered, indented; no token is ever in it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.simple_tag
def reconnect_url(account: InstagramAccount, back: str = "") -> str:
    """Return the address that reconnects an account by its own login. back: the page to return to."""
    words = {"account": account.pk} | ({"next": back} if back else {})
    return f"{reverse(f'{connecting.way_back(account)}-connect')}?{urlencode(words)}"
