"""What storms are made of: the posts that they catch, and everything that goes wrong at Instagram meanwhile."""

import random
from dataclasses import dataclass
from typing import Any

from scheduler.models import MediaType
from scheduler.sandbox.models import ScriptedFault
from scheduler.sandbox.models.fault import Kind as Call
from scheduler.sandbox.playing import MENU

Play = ScriptedFault.Play
# Faults that take an account out of service; each needs its owner, so they are rare.
OWNERS_FAULTS = frozenset({"token-expired", "password-changed", "restricted"})
OWNERS_SHARE = 0.03
# What a call may do instead of answering well, beside an error with a code.
PLAYS = [Play.DROP, Play.SERVER_ERROR, Play.HTML, Play.EMPTY, Play.TRUNCATED, Play.NOT_JSON, Play.SLOW]
CALLS = [Call.CREATE, Call.STATUS, Call.PUBLISH, Call.LIST, Call.READ_MEDIA, Call.COMMENT, Call.COMMENTS, Call.QUOTA]
VAGUE = [1, 2, -1]
CODES = [*VAGUE, 4, 10, 24, 100, 190, 506, 9007]
# Where an upload breaks off: at once, in the first piece, between two, near the end of a small film.
CUTS_BYTES = [0, 1, 16_384, 50_000, 100_000]
SLOW_S = [1, 10, 45]


@dataclass(frozen=True)
class Kind:
    """A kind of post: its type and its files in order, p for a picture and v for a video.

    by_address: the files are only named, so that a worker has to fetch them.
    """

    media_type: str
    files: str
    by_address: bool = False

    @property
    def is_story(self) -> bool:
        """Return whether it can have neither caption nor comment."""
        return self.media_type == MediaType.STORY


KINDS = {
    "photo": Kind(MediaType.IMAGE, "p"),
    "carousel of pictures": Kind(MediaType.CAROUSEL, "ppp"),
    "mixed carousel": Kind(MediaType.CAROUSEL, "pvp"),
    "reel": Kind(MediaType.REELS, "v"),
    "video": Kind(MediaType.VIDEO, "v"),
    "story photo": Kind(MediaType.STORY, "p"),
    "story video": Kind(MediaType.STORY, "v"),
    "photo by address": Kind(MediaType.IMAGE, "p", by_address=True),
    "mixed carousel by address": Kind(MediaType.CAROUSEL, "pv", by_address=True),
    "reel by address": Kind(MediaType.REELS, "v", by_address=True),
    "story video by address": Kind(MediaType.STORY, "v", by_address=True),
}


def fault(chance: random.Random) -> dict[str, Any]:
    """Return the fields of one fault: of the panel's menu, of an upload, or of any call.

    Among them `for_seconds` when it lasts for a time instead of one call.
    """
    if chance.random() < OWNERS_SHARE:
        return of_the_menu(chance.choice(sorted(OWNERS_FAULTS)), chance)
    drawn = chance.random()
    if drawn < 0.5:
        return of_the_menu(chance.choice(sorted(set(MENU) - OWNERS_FAULTS)), chance)
    return _of_an_upload(chance) if drawn < 0.75 else _of_any_call(chance)


def of_the_menu(name: str, chance: random.Random) -> dict[str, Any]:
    """Return the fields of a fault that the control panel offers by name."""
    facts = {key: value for key, value in MENU[name].items() if key != "label"}
    return facts | _slowness(facts["play"], chance)


def _of_an_upload(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.5:
        return {"kind": Call.UPLOAD, "play": Play.CUT, "after_bytes": chance.choice(CUTS_BYTES)}
    return _spoiled(Call.UPLOAD, chance)


def _of_any_call(chance: random.Random) -> dict[str, Any]:
    return _spoiled(chance.choice(CALLS), chance)


def _spoiled(call: str, chance: random.Random) -> dict[str, Any]:
    play = chance.choice([*PLAYS, Play.ERROR])
    facts: dict[str, Any] = {"kind": call, "play": play, "after_work": chance.random() < 0.5}
    if play == Play.ERROR:
        # What was done is only ever answered with a code that leaves it open.
        facts |= {"code": chance.choice(VAGUE if facts["after_work"] else CODES)}
    return facts | _slowness(play, chance)


def _slowness(play: str, chance: random.Random) -> dict[str, Any]:
    return {"seconds": chance.choice(SLOW_S)} if play == Play.SLOW else {}
