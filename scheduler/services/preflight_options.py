"""Preflight: people, place, and the options of a reel."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduler.instagram import capabilities, limits
from scheduler.instagram.capabilities import Places
from scheduler.services.findings import Finding, blocker, warning
from scheduler.services.media_row import Piece
from scheduler.services.preflight_case import Case
from scheduler.services.preflight_media import is_inside

USERNAME = re.compile(r"^[A-Za-z0-9._]{1,30}$")
TRIALS = {*capabilities.TRIAL_STRATEGIES, True}  # True stands in posts of the first version
# What each option is called on the screen, and the form's field for it.
NAMED = {
    "location_id": (gettext_noop("Location"), "location_id"),
    "collaborators": (gettext_noop("Collaborators"), "collaborators"),
    "user_tags": (gettext_noop("Tag people"), "user_tags"),
    "cover_url": (gettext_noop("Cover"), "cover_at"),
    "thumb_offset": (gettext_noop("Cover"), "cover_at"),
    "audio_name": (gettext_noop("Name of the audio"), "audio_name"),
    "trial_reel": (gettext_noop("Trial reel"), "trial_reel"),
}


def look(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the options, of the post and of each item."""
    options = case.post.options
    yield from _not_sent(case)
    if not case.is_story:
        yield from _collaborators(options.get("collaborators") or [])
        location = options.get("location_id")
        if location and not str(location).isdecimal():
            yield blocker("LOCATION_FORM", "location_id")
    if case.is_reel and options.get("trial_reel") and options["trial_reel"] not in TRIALS:
        yield blocker("TRIAL_UNKNOWN", "trial_reel")
    for number, piece in enumerate(case.pieces):
        yield from _tags(case, piece, _tags_of(case, piece, number))
        if case.is_carousel:
            yield from _frame(piece)


def _not_sent(case: Case) -> Iterator[Finding]:
    """Name what is written and will not reach Instagram."""
    login = case.account.login if case.account else capabilities.INSTAGRAM
    for option, (label, field) in NAMED.items():
        written = case.post.options.get(option) not in (None, "", [], False)
        if written and not capabilities.is_allowed(option, case.post.media_type, login):
            yield warning("OPTION_NOT_SENT", field, option=_(label))


def _tags_of(case: Case, piece: Piece, number: int) -> list[Any]:
    """Return the people tagged on an item; those of the post itself are its single, or first, item's."""
    own = piece.options.get("user_tags") or []
    shared = case.post.options.get("user_tags") or [] if number == 0 and not case.is_carousel else []
    return own or shared


def _collaborators(names: list[Any]) -> Iterator[Finding]:
    if len(names) > limits.COLLABORATORS:
        yield blocker("TOO_MANY_COLLABORATORS", "collaborators", most=limits.COLLABORATORS)
    for name in names:
        if not _is_username(name):
            yield blocker("COLLABORATOR_NAME", "collaborators", name=str(name)[:60])


def _tags(case: Case, piece: Piece, tags: list[Any]) -> Iterator[Finding]:
    if len(tags) > limits.USER_TAGS:
        yield blocker("TOO_MANY_TAGS", "user_tags", most=limits.USER_TAGS)
    kind = capabilities.tag_places(case.post.media_type, is_video=piece.is_video)
    needs_place = kind is Places.NEEDED
    for tag in tags:
        place = tag if isinstance(tag, dict) else {}
        name = place.get("username", tag)
        if not _is_username(name):
            yield blocker("TAG_NAME", "user_tags", name=str(name)[:60])
        elif not _has_good_place(place, needs_place):
            yield blocker("TAG_PLACE", "user_tags", name=name)


def _has_good_place(tag: dict[str, Any], needs_place: bool) -> bool:
    """Return whether x and y are both there, from 0 to 1; or both not, where none is needed."""
    place = [tag.get("x"), tag.get("y")]
    if place == [None, None]:
        return not needs_place
    return all(isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at <= 1 for at in place)


def _frame(piece: Piece) -> Iterator[Finding]:
    """The still of a carousel's video; one of a picture is not sent."""
    offset = piece.options.get("thumb_offset")
    if offset is not None and piece.is_video and piece.asset is not None and not is_inside(offset, piece.asset):
        yield blocker("COVER_TIME", "uploads")


def _is_username(name: object) -> bool:
    return isinstance(name, str) and bool(USERNAME.match(name))
