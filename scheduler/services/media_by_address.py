"""Bring in the media that a post names by address: fetched once, judged like an upload, served by us from then on.

Instagram gets our copy under /m/: the address a person gave may be slow, forbid robots, or hold something else by the
time Instagram asks. What could not be had is a finding with a sentence; it is tried again until the post goes out.
"""

import time
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile

from scheduler.instagram import limits
from scheduler.lib import safe_fetch
from scheduler.lib.failpoints import failpoints_around
from scheduler.lib.safe_fetch import Refused
from scheduler.models import MediaAsset, Rendition, ScheduledPost, User
from scheduler.services.claims import committing
from scheduler.services.findings import Finding, blocker
from scheduler.services.media_refusals import MediaRefused
from scheduler.services.media_row import missing_addresses

# Seconds for one file, and for all files of one post: within a task's 120, and within a worker's lease of 60, with
# room for a name server that lets the last look-up wait for half a minute, which nothing can break off.
ONE_FILE_S = 40.0
IN_A_TASK_S = 75.0
IN_A_CLAIM_S = 40.0


def bring_in(post: ScheduledPost, *, within_s: float = IN_A_TASK_S) -> list[Finding]:
    """Fetch the files that are not here yet; return a blocker for each that could not be had.

    What there is no time left for stays as it is and is fetched by a later call.
    """
    ends, troubles = time.monotonic() + within_s, []
    for position, address in missing_addresses(post):
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            asset = _asset_at(address, post.user, min(left, ONE_FILE_S))
        except Refused as refused:
            troubles.append(blocker(refused.code, "uploads", address=address, **refused.facts))
        else:
            _place(post, position, address, asset)
    return troubles


def judge(address: str) -> Finding | None:
    """Return what is wrong with an address as far as it tells by itself, None when nothing is; no network."""
    try:
        safe_fetch.usable(address, {safe_fetch.origin_of(urlsplit(one)) for one in trusted_origins()})
    except Refused as refused:
        return blocker(refused.code, "uploads", address=address, **refused.facts)
    return None


def trusted_origins() -> list[str]:
    """Return the origins that may be private: those of the simulated Instagram, when posts go to one."""
    bases = {settings.INSTAGRAM_GRAPH_URL, settings.FACEBOOK_GRAPH_URL}
    simulated = [base for base in bases if not _is_metas(base)]
    return [settings.PUBLIC_BASE_URL, *simulated] if settings.INSTAGRAM_SANDBOX else simulated


def _is_metas(base: str) -> bool:
    return (urlsplit(base).hostname or "").endswith((".instagram.com", ".facebook.com"))


def _asset_at(address: str, user: User, within_s: float) -> MediaAsset:
    """Return the file at an address as this person's asset. Raises Refused."""
    # Only here: the decoders of pictures and films would cost every process that publishes 25 MB.
    from scheduler.services.media_intake import take_upload

    known = _our_own(address, user)
    if known is not None:
        return known
    with TemporaryUploadedFile("file", "", 0, None) as file:
        target = cast(BinaryIO, file.file)
        found = safe_fetch.fetch(
            address, target, at_most=limits.VIDEO_BYTES, within_s=within_s, trusted=trusted_origins()
        )
        target.flush()
        file.seek(0)
        file.name, file.size = _name_of(address), found.size
        try:
            with failpoints_around("commit-keep-file"):
                return take_upload(user, file)
        except MediaRefused as refused:
            if refused.code == "text/html":
                raise Refused("ADDRESS_PAGE") from None
            raise Refused("ADDRESS_REFUSED", reason=refused.code, **refused.facts) from None


def _our_own(address: str, user: User) -> MediaAsset | None:
    """Return the person's asset behind an address that we gave out ourselves."""
    path = address.removeprefix(settings.PUBLIC_BASE_URL)
    if path == address or not path.startswith("/m/"):
        return None
    made = Rendition.at_token(path.split("/")[2])
    return made.asset if made is not None and made.asset.user_id == user.pk else None


def _name_of(address: str) -> str:
    """Return what the file is called there; the host's name when that is no name for a file."""
    parts = urlsplit(address)
    name = "".join(letter for letter in unquote(parts.path) if letter.isprintable()).rpartition("/")[2][-200:]
    return name if name.strip(". ") else parts.hostname or "file"


def _place(post: ScheduledPost, position: int, address: str, asset: MediaAsset) -> None:
    """Put the file into the row, unless somebody did, or named other addresses, in the meantime."""
    with committing("place-media"):
        fresh = ScheduledPost.objects.select_for_update().get(pk=post.pk)
        if (position, address) in missing_addresses(fresh):
            post.media.create(asset=asset, position=position, source_url=address)
