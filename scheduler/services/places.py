"""Find the place of a post: by its name where the account's connection can search, by its Page's number elsewhere."""

import re
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from scheduler.instagram.errors import InstagramError, Step
from scheduler.instagram.places import Place
from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import InstagramAccount
from scheduler.services import rate_limits
from scheduler.services.attempts import Attempts
from scheduler.services.clients import place_search_for

# A Page's number as people find it: alone, or in the address of the Page.
NUMBER = re.compile(r"\d{1,30}")
ADDRESS = re.compile(
    r"(?:https?://)?(?:[a-z-]+\.)?facebook\.com/(?:\S*?[/=-])?(\d{5,30})(?:[/?&#]\S*)?", re.IGNORECASE
)
MOST_SHOWN = 8
# Searches of one person: more than fingers type, too few to use up the app's calls.
RATE = "30/min"
# No page has this number, or it is hidden from everybody.
NOT_THERE = frozenset({(100, 33), (803, None)})
# What Meta says to an app that it never allowed to look at strangers' Pages.
NOT_ALLOWED = frozenset({"PERMISSION_DENIED", "APP_ERROR"})


@dataclass(frozen=True)
class Found:
    """What a search brought.

    trouble: why it brought nothing, "" when it went well. number: the Page's number that was asked for, else "".
    """

    places: list[Place] = field(default_factory=list)
    trouble: str = ""
    number: str = ""


def number_in(words: str) -> str:
    """Return the Page's number in what a person pasted, "" when there is none."""
    words = words.strip()
    if NUMBER.fullmatch(words):
        return words
    address = ADDRESS.fullmatch(words)
    return address[1] if address else ""


def can_search(account: InstagramAccount) -> bool:
    """Return whether the connection can look for places: only Facebook's person can."""
    return (
        account.login == InstagramAccount.Login.FACEBOOK and bool(account.facebook_user_token) and account.can_publish
    )


def no_search_words(account: InstagramAccount) -> str:
    """Return why an account cannot search for places, and what to do instead."""
    if account.login == InstagramAccount.Login.FACEBOOK:
        told = _("Reconnect @%(account)s to search for places, or paste the number or address of the place's page.")
    else:
        told = _(
            "@%(account)s is connected through Instagram, which can't search for places. "
            "Paste the number or address of the place's Facebook page."
        )
    return told % {"account": account.instagram_username}


def find(account: InstagramAccount, words: str) -> Found:
    """Look for places by name; for one Page when the words are its number or address. One request at most."""
    number = number_in(words)
    if not can_search(account):
        return Found(trouble=no_search_words(account), number=number)
    known = rate_limits.Limits(account, is_known=True)
    now = clock.now()
    if known.pause(now) or known.is_sparing(now):
        return Found(trouble=_("Instagram asks for a pause. Search again later."), number=number)
    if Attempts("places", str(account.user_id), rate=RATE).wait(now):
        return Found(trouble=_("Those were many searches at once. Search again in a minute."), number=number)
    try:
        search = place_search_for(account)
    except KeyProblem as problem:
        return Found(trouble=str(problem), number=number)
    error = None
    try:
        places = [search.read(number)] if number else search.find(words)[:MOST_SHOWN]
    except InstagramError as refused:
        places, error = [], refused
    news = rate_limits.news(known, search.last_exchange, Step.PROFILE, error, now)
    if news:
        with transaction.atomic():
            rate_limits.write(known, news, now)
    return Found(places, _trouble(error, number) if error else "", number)


def _trouble(error: InstagramError, number: str) -> str:
    if (error.code, error.subcode) in NOT_THERE:
        return _("Facebook shows no page with this number.")
    if error.name in NOT_ALLOWED and number:
        return _("Facebook doesn't tell this app what the page is called.")
    if error.name in NOT_ALLOWED:
        return _("Meta doesn't allow this app to search for places. Paste the number or address of the place's page.")
    return _("Facebook didn't answer. Search again, or paste the number of the place's page.")
