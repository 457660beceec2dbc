"""In a real browser: one key opens a page, turns the calendar, or goes into the search."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_calendar import ahead, bread, card, kept, month, wall  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_keys_turn_the_calendar_and_change_its_view(month):  # noqa: F811
    name = month.locator("#calendar-name")
    here = name.inner_text()
    month.keyboard.press("j")
    expect(name).not_to_have_text(here)
    month.keyboard.press("k")
    expect(name).to_have_text(here)
    month.keyboard.press("t")
    month.wait_for_url(re.compile(r"/calendar/\??$"))
    month.keyboard.press("l")
    month.wait_for_url(re.compile("view=list"))


def test_a_slash_goes_into_the_search_where_keys_are_letters(month):  # noqa: F811
    month.keyboard.press("/")
    expect(month.locator("#cal-q")).to_be_focused()
    month.keyboard.press("c")
    month.wait_for_url(re.compile("q=c"))
    assert "/calendar/" in month.url


def test_c_begins_a_post_from_any_page(tab, alice):  # noqa: F811
    tab.go("/ideas/")
    tab.keyboard.press("c")
    tab.wait_for_url(re.compile("/posts/new/"))


def test_who_turned_the_keys_off_presses_in_vain(tab, alice):  # noqa: F811
    alice.has_shortcuts = False
    alice.save()
    tab.go("/ideas/")
    tab.keyboard.press("c")
    tab.wait_for_timeout(300)
    assert tab.url.endswith("/ideas/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_question_mark_tells_the_keys(month, theme):  # noqa: F811
    month.emulate_media(color_scheme=theme, reduced_motion="reduce")
    month.keyboard.press("?")
    expect(month.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    found = Axe().run(month).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    month.keyboard.press("Escape")
    expect(month.locator("#sheet")).to_be_hidden()


def test_the_first_post_picked_up_is_explained_and_stays_in_hand(month, ahead):  # noqa: F811
    month.evaluate("localStorage.removeItem('keys-known')")
    card(month).locator("a").first.focus()
    month.keyboard.press("Space")
    expect(month.get_by_role("heading", name="Moving posts with the keyboard")).to_be_visible()
    month.get_by_label("Don't show again").check()
    month.get_by_role("button", name="Got it").click()
    month.keyboard.press("ArrowRight")
    month.keyboard.press("Enter")
    expect(month.locator(".toast__text")).to_contain_text("Moved to")
    assert kept() == wall(ahead, 1)
    assert month.evaluate("localStorage.getItem('keys-known')") == "yes"


def test_control_k_finds_a_post_and_goes_there(month, bread, noise):  # noqa: F811
    month.keyboard.press("Control+k")
    field = month.get_by_role("combobox")
    expect(field).to_be_focused()
    field.press_sequentially("fresh")
    expect(month.get_by_role("option", name="Fresh bread")).to_be_visible()
    expect(month.get_by_role("option", selected=True)).to_contain_text("Fresh bread")
    month.keyboard.press("Enter")
    month.wait_for_url(re.compile(f"/posts/{bread.pk}/"))
    month.wait_for_load_state()
    noise.clear()  # its picture is only a row here, and no file


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_arrows_walk_what_was_found(month, theme):  # noqa: F811
    month.emulate_media(color_scheme=theme, reduced_motion="reduce")
    month.keyboard.press("Control+k")
    expect(month.get_by_role("option", selected=True)).to_contain_text("New post")
    month.keyboard.press("ArrowDown")
    expect(month.get_by_role("option", selected=True)).to_contain_text("Calendar")
    found = Axe().run(month).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    month.keyboard.press("Escape")
    expect(month.locator("#sheet")).to_be_hidden()
