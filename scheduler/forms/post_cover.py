"""The cover of a reel in the post form: a frame of its video by its second, or a picture of its own.

Fields: `cover_at` (seconds), `cover` (id of a picture that is here), `cover_upload` (a new one), `cover_drop`.
"""

import logging
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _lazy

from scheduler.instagram import limits
from scheduler.lib.numbers import row_id
from scheduler.lib.sniffing import Unfit
from scheduler.models import MediaAsset, Rendition, User
from scheduler.services import covers
from scheduler.services.media_intake import take_upload
from scheduler.services.media_refusals import MediaRefused

log = logging.getLogger(__name__)


class CoverFields(forms.Form):
    """What the post form asks about the cover."""

    cover_at = forms.DecimalField(
        label=_lazy("Cover frame, in seconds"),
        required=False,
        min_value=0,
        max_value=limits.VIDEO_SECONDS_MAX,
        decimal_places=3,
    )
    cover = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    cover_upload = forms.FileField(label=_lazy("A picture of its own"), required=False)
    cover_drop = forms.BooleanField(required=False)


def take_cover(user: User, file: UploadedFile) -> MediaAsset:
    """Keep an uploaded picture that is to be a cover. Raises MediaRefused, also for a video."""
    asset = take_upload(user, file)
    if asset.kind != MediaAsset.Kind.IMAGE:
        raise MediaRefused("COVER_FORMAT")
    return asset


def chosen_cover(user: User, data: dict[str, Any], kept: int | None) -> MediaAsset | None:
    """Return the picture that the form names as the cover; another person's is not there. One query at most.

    kept: the id of the cover that the post has; it stays, though it left the library.
    """
    number = row_id(data.get("cover") or "")
    if not number or data.get("cover_drop"):
        return None
    mine = MediaAsset.objects.usable(user, [kept] if kept else ()).filter(kind=MediaAsset.Kind.IMAGE)
    return mine.prefetch_related("renditions").filter(pk=number).first()


def draw_still(asset: MediaAsset, at_ms: int) -> Rendition | None:
    """Draw the chosen frame, so that all pages show it; without it they show the video's first good one."""
    if asset.duration_ms is None or at_ms >= asset.duration_ms:
        return None  # the check of the post says so
    try:
        return covers.still_at(asset, at_ms)
    except (Unfit, OSError) as trouble:
        log.warning("The cover frame of media %s could not be drawn: %r", asset.pk, trouble)
        return None
