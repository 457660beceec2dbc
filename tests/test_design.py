"""The palette keeps its promises: contrast is computed from tokens.css, in light and in dark."""

import re
from pathlib import Path

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


def test_every_stylesheet_is_in_a_layer_and_on_the_page():
    listed = (ROOT / "templates/scheduler/parts/_styles.html").read_text(encoding="utf-8")
    names = {path.name for path in (ROOT / "static/css").glob("*.css")} - {"sandbox.css"}
    assert names == set(re.findall(r"css/([\w-]+\.css)", listed))
    assert listed.index("tokens.css") < listed.index("base.css")


def test_every_behaviour_in_the_markup_exists():
    named = set()
    for path in (ROOT / "templates").rglob("*.html"):
        for words in re.findall(r'data-behaviour="([^"]+)"', path.read_text(encoding="utf-8")):
            named.update(words.split())
    known = {path.stem for path in (ROOT / "static/js/behaviours").glob("*.js")}
    app = (ROOT / "static/js/app.js").read_text(encoding="utf-8")
    assert named <= known
    assert all(f'import {name} from "./behaviours/{name}.js";' in app for name in known)


def test_the_marks_of_the_sandbox_have_the_colours_of_the_pages():
    assert [PAIRS[f"a{number}"]["light"].lower() for number in range(1, len(marks.COLOURS) + 1)] == list(
        marks.COLOURS
    )
