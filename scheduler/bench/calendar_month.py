"""A crowded month, asked for as a browser does: what it costs the server, and what it weighs."""

import gzip
import hashlib
import io
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from scheduler.bench.browser_drops import browser_drops
from scheduler.bench.bulk_acts import bulk_acts
from scheduler.bench.cast import Cast
from scheduler.bench.figures import Figure, median
from scheduler.bench.many_rows import add_rows
from scheduler.lib import clock
from scheduler.models import MediaAsset, PostMedia, Rendition, ScheduledPost, Status
from scheduler.views.calendar_changes import MARK

POSTS, PICTURES, ROUNDS = 2000, 200, 25
DAYS = 28
MANY = 1_000_000
WORDS = "Naturally leavened, out of the oven at seven. Whoever comes first takes it home warm. "


class Nodes(HTMLParser):
    """Counts the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.count = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Count one."""
        self.count += 1


def calendar_month(cast: Cast, env: Mapping[str, str], root: Path) -> list[Figure]:
    """Show a month with 2,000 posts and move one of them, among few and among a million rows."""
    call_command("collectstatic", interactive=False, verbosity=0)
    month, browser = crowded_month(cast), Client(SERVER_NAME="localhost")
    browser.force_login(cast.owner)
    where = f"{reverse('calendar')}?date={month}"
    page, queries = _asked_once(lambda: browser.get(where))
    few_ms = _median_ms(lambda: browser.get(where))
    look = _look(browser, month, page.content.decode())
    _answer, look_queries = _asked_once(look, 204)
    look_ms = _median_ms(look)
    drop_ms = _drops_ms(browser, where, month)
    seen_drop = browser_drops(env, root, month, browser)
    add_rows(MANY - POSTS, cast.accounts)
    many_ms = _median_ms(lambda: browser.get(where))
    look_among_many_ms = _median_ms(_look(browser, month, page.content.decode()))
    zipped = len(gzip.compress(page.content, 6))
    html = page.content.decode()
    return [
        Figure("month of 2,000 posts, SQL", queries, "queries", 6),
        Figure("month of 2,000 posts, HTML", len(page.content) / 1000, "KB", 120, f"{Nodes(html).count} elements"),
        Figure("month of 2,000 posts, gzipped", zipped / 1000, "KB", 15),
        Figure("month of 2,000 posts, server time", few_ms, "ms", 40, f"median of {ROUNDS}, the whole page"),
        Figure("the same among 10⁶ posts", many_ms / few_ms, "×", 1.3, f"{many_ms:.1f} ms"),
        Figure("nothing new, SQL", look_queries, "queries", 5, "person and accounts included"),
        Figure("nothing new, server time", look_ms, "ms", 10, f"{look_among_many_ms:.1f} ms among 10⁶ posts"),
        Figure("a drop, server time", drop_ms, "ms", 30, f"median of {ROUNDS}"),
        *seen_drop,
        *bulk_acts(browser, month),
    ]


def crowded_month(cast: Cast) -> date:
    """Plan 2,000 posts for a month two years ahead, where nothing else is; return its first day."""
    month = date(clock.now().year + 2, 5, 1)
    assets = [_picture(cast, number) for number in range(PICTURES)]
    begin = datetime(month.year, month.month, month.day, 9, tzinfo=UTC)
    minutes = DAYS * 24 * 60 // POSTS
    posts = [_planned(cast, number, begin + timedelta(minutes=minutes * number)) for number in range(POSTS)]
    made = ScheduledPost.objects.bulk_create(posts, batch_size=500)
    PostMedia.objects.bulk_create(
        [PostMedia(post=post, asset=assets[number % PICTURES]) for number, post in enumerate(made)], batch_size=500
    )
    return month


def _planned(cast: Cast, number: int, at: datetime) -> ScheduledPost:
    post = ScheduledPost(
        user=cast.owner,
        instagram_account=cast.accounts[number % len(cast.accounts)],
        caption=f"Bread number {number}. {WORDS * 2}",
        status=Status.SCHEDULED,
        next_attempt_at=at,
        wake_at=at,
    )
    post.plan(at.replace(tzinfo=None), "UTC")
    return post


def _picture(cast: Cast, number: int) -> MediaAsset:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    facts = {"size_bytes": 1000, "width": 1080, "height": 1350, "sha256": digest, "file": f"bench/{number}"}
    asset = MediaAsset.objects.create(
        user=cast.owner, kind="image", original_name="bench.jpg", content_type="image/jpeg", **facts
    )
    Rendition.objects.create(asset=asset, purpose="publish", content_type="image/jpeg", **facts)
    small = _thumbnail()
    facts |= {"size_bytes": len(small), "width": 42, "height": 42, "file": ContentFile(small, f"{number}.webp")}
    Rendition.objects.create(asset=asset, purpose="thumbnail", content_type="image/webp", **facts)
    return asset


@cache
def _thumbnail() -> bytes:
    """Return a picture that a browser can draw."""
    out = io.BytesIO()
    Image.effect_mandelbrot((42, 42), (-2, -1.5, 1, 1.5), 60).save(out, "WEBP")
    return out.getvalue()


def _asked_once(ask: Callable[[], Any], status: int = 200) -> tuple[Any, int]:
    ask()  # templates and translations are read once
    with CaptureQueriesContext(connection) as queries:
        page = ask()
    if page.status_code != status:
        raise RuntimeError(f"The month answered {page.status_code}.")
    return page, len(queries)


def _look(browser: Client, month: date, page: str) -> Callable[[], Any]:
    """Return what a page does every few seconds: look whether anything in view changed."""
    said = {"date": f"{month:%Y-%m-%d}", "seen": "".join(re.findall(r'data-digest="([^"]*)"', page))}
    since = browser.get(reverse("calendar-changes"), said).headers[MARK]
    return lambda: browser.get(reverse("calendar-changes"), {**said, "since": since})


def _median_ms(ask: Callable[[], object]) -> float:
    spent = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        ask()
        spent.append(1000 * (time.perf_counter() - began))
    return median(spent)


def _drops_ms(browser: Client, where: str, month: date) -> float:
    """Move posts one day on, as dragging does, and see how long each answer takes."""
    headers = {"hx-request": "true", "hx-current-url": f"http://localhost{where}"}
    posts = iter(ScheduledPost.objects.filter(planned_day=month + timedelta(days=9))[:ROUNDS])

    def drop() -> None:
        post = next(posts)
        said = {"date": month + timedelta(days=10), "version": post.version, "anyway": "1"}
        answer = browser.post(reverse("post-move", args=[post.pk]), said, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"A drop answered {answer.status_code}.")

    return _median_ms(drop)
