"""In a real browser: the menu of a post opens however one asks for it, and what it does can be undone."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scheduler.models import ScheduledPost, Status
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_calendar import ahead, bread, card, month  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def menu(page):
    return page.get_by_role("menu", name="Post")


def item(page, name):
    return menu(page).get_by_role("menuitem", name=name)


def by_right_click(page):
    card(page).click(button="right")


def by_dots(page):
    card(page).hover()
    card(page).get_by_role("button", name="More").click()


def by_key(key):
    def ask(page):
        card(page).locator("a").focus()
        page.keyboard.press(key)

    return ask


@pytest.mark.parametrize(
    "ask", [by_right_click, by_dots, by_key("."), by_key("Shift+F10")], ids=["right", "dots", "dot", "f10"]
)
def test_the_menu_opens_and_closes_and_the_focus_comes_back(month, ask):  # noqa: F811
    ask(month)
    expect(item(month, "Open")).to_be_focused()
    month.keyboard.press("Escape")
    expect(menu(month)).to_be_hidden()
    expect(card(month).locator("a")).to_be_focused()


def test_arrows_and_letters_walk_the_menu(month):  # noqa: F811
    by_right_click(month)
    expect(item(month, "Open")).to_be_focused()
    month.keyboard.press("ArrowUp")
    expect(item(month, "Delete")).to_be_focused()
    month.keyboard.press("Home")
    month.keyboard.press("u")
    expect(item(month, "Unschedule")).to_be_focused()


def test_what_is_unscheduled_from_the_menu_is_scheduled_again_by_undo(month):  # noqa: F811
    by_right_click(month)
    item(month, "Unschedule").click()
    expect(card(month)).to_have_attribute("data-status", "draft")
    expect(card(month).locator("a")).to_be_focused()
    month.get_by_role("button", name="Undo").click()
    expect(card(month)).to_have_attribute("data-status", "scheduled")


def test_delete_asks_and_can_be_undone(month):  # noqa: F811
    card(month).locator("a").focus()
    month.keyboard.press("Delete")
    expect(month.get_by_role("heading", name="Delete this post?")).to_be_visible()
    month.get_by_role("button", name="Delete", exact=True).click()
    expect(card(month)).to_have_count(0)
    month.get_by_role("button", name="Undo").click()
    expect(card(month)).to_have_count(1)


def test_a_post_goes_to_tomorrow_from_the_menu(month, ahead):  # noqa: F811
    by_right_click(month)
    item(month, "Tomorrow, same time").click()
    expect(month.locator(f"#day-{(ahead + timedelta(days=1)):%Y-%m-%d} .card")).to_have_count(1)


def test_the_list_has_the_same_menu(month, ahead):  # noqa: F811
    month.go(f"/calendar/?view=list&date={ahead.date()}")
    month.locator(".list-row").get_by_role("button", name="More").click()
    item(month, "Cancel post").click()
    expect(month.locator(".list-row")).to_have_count(0)
    month.get_by_role("button", name="Undo").click()
    expect(month.locator(".list-row")).to_have_count(1)
    assert ScheduledPost.objects.get().status == Status.SCHEDULED


@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out_of_the_menu(month, ahead, width):  # noqa: F811
    month.emulate_media(reduced_motion="reduce")
    month.set_viewport_size({"width": width, "height": 900})
    month.go(f"/calendar/?view=list&date={ahead.date()}")
    month.locator(".list-row").get_by_role("button", name="More").click()
    expect(item(month, "Open")).to_be_focused()
    for theme in ("light", "dark"):
        month.emulate_media(color_scheme=theme)
        found = Axe().run(month).response["violations"]
        assert [(theme, one["id"], one["nodes"][0]["html"]) for one in found] == []
