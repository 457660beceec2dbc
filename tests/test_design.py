"""The palette keeps its promises: contrast is computed from tokens.css, in light and in dark."""

import gzip
import re
from pathlib import Path

import django_htmx
import pytest

from scheduler.lib import marks

ROOT = Path(__file__).parents[1]
TOKENS = (ROOT / "static/css/tokens.css").read_text(encoding="utf-8")
PAIRS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([a-z0-9-]+): light-dark\((#\w{6}), (#\w{6})\);", TOKENS)
}
THEMES = ("light", "dark")
BACKGROUNDS = ("bg", "surface", "sunken", "hover", "selected")
STATUSES = ("draft", "sch", "ing", "pub", "fail", "att", "hold")


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other, theme):
    lighter, darker = sorted((luminance(PAIRS[one][theme]), luminance(PAIRS[other][theme])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize(("ink", "least"), [("text", 12.4), ("text-2", 7.0), ("text-3", 5.0), ("accent-text", 6.8)])
def test_words_can_be_read_on_every_background(ink, least, background, theme):
    assert round(contrast(ink, background, theme), 1) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_can_be_read_on_its_tint(status, theme):
    assert contrast(status, f"{status}-bg", theme) >= 6.4


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("status", STATUSES)
def test_the_edge_of_a_status_stands_out(status, theme):
    assert contrast(f"{status}-e", "surface", theme) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("number", range(1, 9))
def test_the_letters_of_an_account_can_be_read(number, theme):
    assert contrast("on-a", f"a{number}", theme) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("ink", "background", "least"),
    [
        ("on-accent", "accent", 5.6),
        ("on-accent", "accent-hover", 5.6),
        ("on-danger", "danger", 5.4),
        ("bg", "text", 15),
    ],
)
def test_buttons_and_toasts_can_be_read(ink, background, least, theme):
    assert round(contrast(ink, background, theme), 1) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("background", ("bg", "surface", "hover"))
def test_the_edge_of_a_field_and_the_focus_ring_stand_out(background, theme):
    assert contrast("line-strong", background, theme) >= 3
    assert contrast("focus", background, theme) >= 3


def test_every_colour_has_a_light_and_a_dark_value():
    assert len(PAIRS) >= 45


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("*.css")), ids=lambda path: path.name)
def test_components_use_tokens_and_no_colours_of_their_own(path):
    if path.name in {"tokens.css", "sandbox.css"}:
        return
    # Black and white on pictures are the same in both themes.
    text = re.sub(r"#fff\b|#000\b|rgb\(0 0 0 / [\d.]+\)", "", path.read_text(encoding="utf-8"))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?=[;,) ])|rgba?\(|hsl", text)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_needs_inline_style_or_script(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|<script(?! type=\"module\" src=| src=)", text)


PAGES = [path for path in (ROOT / "templates/scheduler").rglob("*.html") if "{% extends" in path.read_text("utf-8")]


def parts_of(page):
    """Return the page's own text and that of all that it includes and extends."""
    text, seen, waiting = "", set(), [page]
    while waiting:
        path = waiting.pop()
        if path not in seen and path.exists():
            seen.add(path)
            text += path.read_text(encoding="utf-8")
            named = re.findall(r"{% (?:include|extends) [\"']([^\"']+)", path.read_text(encoding="utf-8"))
            waiting += [ROOT / "templates" / name for name in named]
    return text


def sheets_of(text):
    """Return the names of every stylesheet that a page links."""
    named = re.findall(r"css/([\w-]+)\.css", text)
    for words in re.findall(r"{% stylesheets ([^%]+) %}", text):
        named += re.findall(r"'([\w-]+)'", words)
    return {ROOT / f"static/css/{name}.css" for name in named}


def modules_of(text):
    """Return every module that a page's scripts bring, in any order."""
    named = [
        "app",
        *(name for words in re.findall(r"{% scripts ([^%]+) %}", text) for name in re.findall(r"'(\w+)'", words)),
    ]
    waiting = [ROOT / "static/js" / f"{name}.js" for name in named]
    seen = set()
    while waiting:
        path = waiting.pop().resolve()
        if path not in seen:
            seen.add(path)
            waiting += [path.parent / name for name in re.findall(r'from "([^"]+)"', path.read_text("utf-8"))]
    return seen


def dressed_by(sheet):
    """Return the classes whose own look a stylesheet gives: those that begin one of its selectors."""
    return set(re.findall(r"(?:^|,)\s*\.([a-z][\w-]*)", sheet.read_text(encoding="utf-8"), re.MULTILINE))


def packed(paths):
    """Return how many bytes travel, each file packed by itself as the site serves them."""
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def test_every_stylesheet_is_on_a_page():
    named = set().union(*(sheets_of(parts_of(page)) for page in PAGES))
    alone = {ROOT / "static/css/sandbox.css", ROOT / "static/css/api-docs.css"}
    assert named == set((ROOT / "static/css").glob("*.css")) - alone


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_page_wears_what_its_parts_are_dressed_in(page):
    text = parts_of(page)
    used = {name for words in re.findall(r'class="([^"]+)"', text) for name in words.split()}
    worn = set().union(*(dressed_by(sheet) for sheet in sheets_of(text)))
    known = set().union(*(dressed_by(sheet) for sheet in (ROOT / "static/css").glob("*.css")))
    assert used & known <= worn


def test_the_layers_are_declared_before_they_are_filled():
    listed = (ROOT / "templates/scheduler/parts/_styles.html").read_text(encoding="utf-8")
    assert listed.index("tokens.css") < listed.index("base.css")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_behaviour_of_a_page_comes_with_its_scripts(page):
    text = parts_of(page)
    named = {name for words in re.findall(r'data-behaviour="([^"]+)"', text) for name in words.split()}
    assert named <= {path.stem for path in modules_of(text) if path.parent.name == "behaviours"}


def test_every_behaviour_is_on_a_page():
    brought = set().union(*(modules_of(parts_of(page)) for page in PAGES))
    alone = {ROOT / "static/js/api-docs.js"}  # the API's page is not one of ours to look at
    assert set((ROOT / "static/js").rglob("*.js")) - alone == brought


def test_the_calendar_is_light_to_load():
    text = parts_of(ROOT / "templates/scheduler/calendar/show.html")
    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    assert packed([htmx, *modules_of(text)]) <= 45 * 1024
    assert packed(sheets_of(text)) <= 20 * 1024


def test_the_marks_of_the_sandbox_have_the_colours_of_the_pages():
    assert [PAIRS[f"a{number}"]["light"].lower() for number in range(1, len(marks.COLOURS) + 1)] == list(
        marks.COLOURS
    )
