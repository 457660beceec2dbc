"""The demo user: who they are, how they sign in, and how their two accounts are connected."""

import os
import re
import secrets
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import requests
from django.conf import settings

from config.env import kept_secret
from scheduler.lib.zones import is_zone
from scheduler.models import InstagramAccount, User
from scheduler.services import instagram_connecting

NAME = "demo"
SECRET = "demo_password"  # noqa: S105 - the name of its file
LOCALTIME = Path("/etc/localtime")
HOME_ZONE = "America/Sao_Paulo"
# A machine in one of these was never told where it stands.
NOWHERE = ("UTC", "Etc/", "GMT", "Universal", "Zulu", "Factory")
# Short, spelt in one way, and easy to read out.
_WORDS = (
    "amber anchor apple autumn bamboo basil breeze bridge butter candle canyon cedar cherry cinnamon clover cobalt "
    "cocoa comet copper coral cotton dolphin ember falcon feather fern forest garden ginger granite harbor hazel "
    "honey island ivory jasmine juniper lagoon lantern lemon lilac linen maple marble meadow mint morning nutmeg "
    "ocean olive orchid otter paper pebble pepper pine planet plum pocket quartz rabbit raven river saffron sage "
    "silver sparrow spruce summer sunday tulip umber valley velvet violet walnut water willow winter"
)


class NotConnected(Exception):
    """The simulated Instagram refused to connect an account; the text says why."""


def make_user() -> User:
    """Return the new demo user, with a password of their own; they may change everything."""
    return User.objects.create_superuser(NAME, password=password(), timezone=machine_zone(), first_name="Ana")


def password() -> str:
    """Return the demo password, made once into the data folder: three words and a number."""
    return kept_secret(settings.DATA_DIR, SECRET, _new_password)


def _new_password() -> str:
    words = "-".join(secrets.choice(_WORDS.split()) for _ in range(3))
    return f"{words}-{secrets.randbelow(90) + 10}"


def login_lines() -> list[str]:
    """Return how to sign in, as long as the demo user is there with the password we made; else nothing."""
    if not (Path(settings.DATA_DIR) / "secrets" / SECRET).exists():
        return []
    user = User.objects.filter(username=NAME, is_active=True).first()
    if user is None or not user.check_password(password()):
        return []
    return [f"Sign in as {NAME} with the password {password()}"]


def machine_zone() -> str:
    """Return the zone this machine is set to, by its IANA name; São Paulo's when it tells none."""
    linked = str(LOCALTIME.readlink()).partition("zoneinfo/")[2] if LOCALTIME.is_symlink() else ""
    for zone in (os.environ.get("TZ", "").removeprefix(":"), linked):
        if is_zone(zone) and not zone.startswith(NOWHERE):
            return zone
    return HOME_ZONE


def connect(user: User, username: str, browser: requests.Session) -> InstagramAccount:
    """Connect an account as a person would: consent page, Allow, and back. Raises NotConnected."""
    session_key = secrets.token_hex(16)
    address = instagram_connecting.start_instagram_login(user, session_key)
    page = browser.get(address, params={"as": username}, timeout=10).text
    allow = re.search(r'href="([^"]+)"[^>]*data-answer="allow"', page)
    if allow is None:
        raise NotConnected(f"The consent page has nothing to allow for @{username}.")
    origin = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    back = browser.get(origin + unescape(allow[1]), allow_redirects=False, timeout=10).headers["Location"]
    result = instagram_connecting.finish_instagram_login(user, session_key, dict(parse_qsl(urlsplit(back).query)))
    if result.account is None:
        raise NotConnected(result.problem)
    return result.account
