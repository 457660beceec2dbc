"""A drop as a person sees it: in a Chromium, from letting go of the card to both days drawn anew."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from scheduler.bench.figures import Figure, median
from scheduler.bench.instance import running
from scheduler.lib import chromium

DROPS = 15
# Tells `window.drops` how many milliseconds each drop took: the clock starts with the pointer's own event and stops
# after the frame in which the last of the two days was drawn.
STOPWATCH = """
window.drops = [];
let began = 0, days = 0;
document.addEventListener("pointerup", () => { began = performance.now(); days = 0; }, true);
document.addEventListener("htmx:oobAfterSwap", () => {
  days += 1;
  if (days === 2) requestAnimationFrame(() => setTimeout(() => window.drops.push(performance.now() - began)));
});
"""


def browser_drops(env: Mapping[str, str], root: Path, month: date, person: Client) -> list[Figure]:
    """Drag cards of a crowded month two days on in a running installation; `person` is signed in."""
    session = person.cookies[settings.SESSION_COOKIE_NAME].value
    with running(dict(env), root) as instance, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.launch_options())
        context = browser.new_context(viewport={"width": 1440, "height": 1200})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": instance.url}])
        page = context.new_page()
        page.goto(f"{instance.url}/calendar/?view=month&date={month}", wait_until="networkidle")
        page.evaluate(STOPWATCH)
        for number in range(DROPS):
            _drop(page, month + timedelta(days=7 + number % 5))
        spent = page.evaluate("window.drops")
        browser.close()
    note = f"median of {len(spent)}, 2,000 posts; slowest {max(spent):.0f} ms"
    return [Figure("a drop, seen in the browser", median(spent), "ms", 100, note)]


def _drop(page: Page, day: date) -> None:
    """Carry the first card of a day two days on, and wait until it is there."""
    done = page.evaluate("window.drops.length")
    page.locator(f"#day-{day} .card").first.hover()
    page.mouse.down()
    page.locator(f"#day-{day + timedelta(days=2)}").hover(position={"x": 60, "y": 60}, force=True)
    page.mouse.up()
    page.wait_for_function("done => window.drops.length > done", arg=done)
