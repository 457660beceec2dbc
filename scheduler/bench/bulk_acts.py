"""Two hundred posts at once, as many as a person may tick: what it takes to move or delete them, and to undo it."""

import json
import time
from collections.abc import Mapping
from datetime import date

from django.test import Client
from django.urls import reverse

from scheduler.bench.figures import Figure
from scheduler.models import ScheduledPost
from scheduler.services.bulk import MOST

LIMIT_S = 4
HTMX = {"hx-request": "true", "hx-current-url": "http://localhost/posts/"}
ACTS = {
    "moved": {"act": "move", "how": "by", "days": "60", "direction": "later"},
    "deleted": {"act": "delete", "sure": "1"},
}


def bulk_acts(browser: Client, month: date) -> list[Figure]:
    """Do each act to posts of a crowded month, and take it back."""
    posts = ScheduledPost.objects.filter(planned_day__gte=month).order_by("scheduled_for")[:MOST]
    picks = " ".join(str(post.pk) for post in posts)
    figures = []
    for name, act in ACTS.items():
        spent, undo = _asked(browser, reverse("post-bulk"), act | {"post": picks})
        back, _undo = _asked(browser, undo, {})
        figures.append(Figure(f"{MOST} posts {name}", spent, "s", LIMIT_S, f"among 10⁶; undone in {back:.1f} s"))
    return figures


def _asked(browser: Client, address: str, said: Mapping[str, str]) -> tuple[float, str]:
    """Return how long the answer took, and where it is undone."""
    began = time.perf_counter()
    answer = browser.post(address, said, headers=HTMX)
    spent = time.perf_counter() - began
    told = json.loads(answer.headers["HX-Trigger"])["toast"]
    if not str(told["text"]).startswith(f"{MOST} posts"):
        raise RuntimeError(f"The posts answered: {told['text']}")
    return spent, told.get("undo", "")
