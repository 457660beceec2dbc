"""Take the pictures of README and docs from a fresh instance with its sample posts."""

import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from scheduler.bench.instance import run_inside, running
from scheduler.lib import chromium
from scheduler.models import ScheduledPost, User

DESK, PHONE = (1280, 800), (390, 844)
QUALITY = 82  # of WebP; a page of text stays well under 100 kB


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the page's path, the window and the colours."""

    name: str
    path: str
    size: tuple[int, int] = DESK
    colours: str = "light"


class Command(BaseCommand):
    """Start an instance of its own, walk through its pages, keep the pictures."""

    help = "Writes the pictures of README and docs (WebP) into a folder."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Let a person choose where to."""
        parser.add_argument("folder", nargs="?", default=str(settings.BASE_DIR / "docs" / "pictures"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Start again in a fresh environment; take the pictures there."""
        folder = Path(options["folder"]).resolve()
        code = run_inside(settings.BASE_DIR, "shots", str(folder))
        if code is not None:
            sys.exit(code)
        folder.mkdir(parents=True, exist_ok=True)
        with running(dict(os.environ), settings.BASE_DIR) as instance:
            person = User.objects.exclude(posts=None).earliest("pk")
            cookie, shots = session_of(person), shots_of(person)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(**chromium.launch_options())
                for shot in shots:
                    data = take(browser, instance.url, cookie, shot)
                    (folder / f"{shot.name}.webp").write_bytes(data)
                    self.stdout.write(f"{shot.name}.webp  {len(data) // 1024} kB")
                browser.close()


def shots_of(person: User) -> list[Shot]:
    """Return what to take, for the sample posts of this person."""
    photos = ScheduledPost.objects.for_user(person).filter(media_type=ScheduledPost.MediaType.IMAGE)
    published = photos.filter(status=ScheduledPost.Status.PUBLISHED).latest("published_at")
    planned = photos.filter(status=ScheduledPost.Status.SCHEDULED).latest("scheduled_for")
    account = published.instagram_account
    assert account is not None
    post = reverse("post-detail", args=[published.pk])
    return [
        Shot("posts", reverse("post-list")),
        Shot("composer", reverse("post-edit", args=[planned.pk])),
        Shot("post", post),
        Shot("post-phone-dark", post, PHONE, "dark"),
        Shot("sandbox-profile", reverse("sandbox:profile", args=[account.instagram_username])),
    ]


def session_of(person: User) -> str:
    """Return the session cookie of a person who has signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def take(browser: Browser, url: str, cookie: str, shot: Shot) -> bytes:
    """Return the page as a WebP picture."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.colours == "dark" else "light",
        reduced_motion="reduce",
        locale="en-US",
    )
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])
    page = context.new_page()
    page.goto(f"{url}{shot.path}", wait_until="networkidle")
    picture = Image.open(io.BytesIO(page.screenshot()))
    context.close()
    out = io.BytesIO()
    picture.convert("RGB").save(out, "WEBP", quality=QUALITY, method=6)
    return out.getvalue()
