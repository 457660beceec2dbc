"""In a real browser: posts are ticked by mouse, range and keyboard, moved together, and come back together."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import ScheduledPost
from scheduler.services import post_actions
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATHS = ("/calendar/?view=list", "/posts/")


@pytest.fixture
def loaves(make_post):
    """Five posts in line, one a day."""
    now = clock.now()
    return [make_post(at=now + timedelta(days=n), now=now, caption=f"Loaf {n}") for n in range(2, 7)]


@pytest.fixture(params=PATHS, ids=["calendar", "posts"])
def rows(request, tab, loaves):  # noqa: F811
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.go(request.param)
    expect(box(tab, 2)).to_be_visible()
    return tab


def box(page, number):
    return page.get_by_role("checkbox", name=f"Select Loaf {number}")


def bar(page):
    return page.locator("#bulk")


def act(page, name):
    bar(page).get_by_role("button", name=name).click()


def ticked(page):
    return page.locator(".pick input").evaluate_all("boxes => boxes.filter((box) => box.checked).length")


def times():
    return list(ScheduledPost.objects.order_by("pk").values_list("scheduled_for", flat=True))


def test_the_bar_comes_with_the_first_tick_and_goes_with_the_last(rows):
    expect(bar(rows)).to_be_hidden()
    box(rows, 2).check()
    expect(bar(rows)).to_contain_text("1 selected")
    box(rows, 3).check()
    expect(bar(rows)).to_contain_text("2 selected")
    box(rows, 2).uncheck()
    box(rows, 3).uncheck()
    expect(bar(rows)).to_be_hidden()


def test_shift_ticks_and_unticks_all_between(rows):
    box(rows, 2).click()
    box(rows, 5).click(modifiers=["Shift"])
    assert ticked(rows) == 4
    box(rows, 3).click(modifiers=["Shift"])
    assert [box(rows, n).is_checked() for n in range(2, 7)] == [True, False, False, False, False]


def test_one_box_ticks_all_and_says_when_only_some_are(rows):
    everything = rows.get_by_role("checkbox", name="Select all on this page")
    everything.check()
    expect(bar(rows)).to_contain_text("5 selected")
    box(rows, 4).uncheck()
    assert everything.evaluate("box => box.indeterminate")
    everything.click()
    assert ticked(rows) == 5
    everything.click()
    expect(bar(rows)).to_be_hidden()


def test_escape_and_the_cross_untick_all(rows):
    box(rows, 2).check()
    rows.keyboard.press("Escape")
    expect(bar(rows)).to_be_hidden()
    expect(rows.locator("#live-polite")).to_have_text("Nothing is selected.")
    box(rows, 2).check()
    act(rows, "Clear the selection")
    expect(bar(rows)).to_be_hidden()
    expect(box(rows, 2)).to_be_focused()


def test_many_move_together_and_come_back_together(rows):
    before = times()
    box(rows, 2).click()
    box(rows, 4).click(modifiers=["Shift"])
    act(rows, "Move to…")
    sheet = rows.locator("#sheet")
    expect(sheet.get_by_role("heading")).to_have_text("Move 3 posts")
    sheet.get_by_label("Days", exact=True).fill("7")
    sheet.get_by_role("button", name="Move").click()
    expect(rows.locator(".toast__text")).to_have_text("3 posts moved.")
    expect(bar(rows)).to_be_hidden()
    expect(sheet).to_be_hidden()
    week = timedelta(days=7)
    assert times() == [at + week if number < 3 else at for number, at in enumerate(before)]
    rows.keyboard.press("Control+z")
    expect(rows.locator(".toast__text")).to_have_text("3 posts are back.")
    assert times() == before


def test_many_go_to_a_day(rows):
    box(rows, 2).check()
    box(rows, 3).check()
    act(rows, "Move to…")
    sheet = rows.locator("#sheet")
    sheet.get_by_text("To a date").click()
    expect(sheet.get_by_label("Days", exact=True)).to_be_hidden()
    day = (clock.now() + timedelta(days=20)).date()
    sheet.get_by_role("button", name="Move").click()
    expect(sheet).to_contain_text("Choose a day.")
    sheet.get_by_role("textbox", name="Date").fill(day.isoformat())
    sheet.get_by_role("button", name="Move").click()
    expect(rows.locator(".toast__text")).to_have_text("2 posts moved.")


def test_deleting_asks_and_can_be_undone(rows):
    box(rows, 5).check()
    act(rows, "Delete")
    expect(rows.locator("#sheet")).to_contain_text("Delete 1 post?")
    rows.keyboard.press("Escape")
    expect(box(rows, 5)).to_be_checked()
    act(rows, "Delete")
    rows.locator("#sheet").get_by_role("button", name="Delete").click()
    expect(box(rows, 5)).to_have_count(0)
    rows.locator(".toast").get_by_role("button", name="Undo").click()
    expect(box(rows, 5)).to_be_visible()
    assert not ScheduledPost.objects.exclude(deleted_at=None).exists()


def test_copies_and_drafts_are_made_at_once(rows):
    box(rows, 2).check()
    act(rows, "Duplicate")
    expect(rows.locator(".toast__text")).to_have_text("1 post duplicated.")
    box(rows, 2).check()
    act(rows, "Unschedule")
    expect(rows.locator(".toast__text").last).to_have_text("1 post is a draft again.")
    assert ScheduledPost.objects.filter(status="draft").count() == 2


def test_the_keyboard_reaches_every_act(rows):
    box(rows, 2).focus()
    rows.keyboard.press("Space")
    expect(rows.locator("#live-polite")).to_contain_text("1 selected. Press Enter for what to do with them")
    rows.keyboard.press("Enter")
    expect(rows.locator("#bulk-move")).to_be_focused()
    rows.keyboard.press("Tab")
    rows.keyboard.press("Enter")
    expect(rows.locator(".toast__text")).to_have_text("1 post is a draft again.")
    expect(rows.locator("#pick-all")).to_be_focused()


def test_the_focus_comes_back_to_the_list_from_the_question(rows):
    box(rows, 4).focus()
    for key in ("Space", "Enter", "Enter"):
        rows.keyboard.press(key)
    expect(rows.locator("#sheet")).to_be_visible()
    rows.locator("#sheet").get_by_label("Days", exact=True).focus()
    rows.keyboard.press("Enter")
    expect(rows.locator(".toast__text")).to_have_text("1 post moved.")
    expect(rows.locator("#pick-all")).to_be_focused()


def test_what_cannot_is_named_and_stays_selected_when_nothing_was_done(rows, loaves):
    ScheduledPost.objects.filter(pk=loaves[0].pk).update(version=9)
    box(rows, 2).check()
    act(rows, "Unschedule")
    expect(rows.locator(".toast__text")).to_have_text(
        "Nothing changed. 1 could not: changed in the meantime (“Loaf 2”)."
    )
    expect(bar(rows)).to_contain_text("1 selected")
    act(rows, "Unschedule")  # the row shows the newest version by now
    expect(rows.locator(".toast__text").last).to_have_text("1 post is a draft again.")


def test_ticks_outlive_a_list_that_is_drawn_anew(tab, loaves):  # noqa: F811
    tab.go("/posts/")
    box(tab, 3).check()
    ScheduledPost.objects.filter(pk=loaves[4].pk).update(caption="Brioche")
    tab.evaluate("document.getElementById('post-list').dispatchEvent(new CustomEvent('poll:now'))")
    expect(tab.get_by_role("checkbox", name="Select Brioche")).to_be_visible()
    expect(box(tab, 3)).to_be_checked()
    expect(bar(tab)).to_contain_text("1 selected")


def test_ticks_outlive_a_calendar_that_follows_by_itself(tab, loaves):  # noqa: F811
    tab.go("/calendar/?view=list")
    box(tab, 3).check()
    post_actions.unschedule(loaves[4], loaves[4].user, clock.now())
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(tab.locator(f"#post-{loaves[4].pk}")).to_have_attribute("data-status", "draft")
    expect(box(tab, 3)).to_be_checked()
    act(tab, "Unschedule")
    expect(tab.locator(".toast__text")).to_have_text("1 post is a draft again.")
    expect(bar(tab)).to_be_hidden()


def test_more_rows_keep_the_ticks_and_a_filter_clears_them(tab, make_post):  # noqa: F811
    now = clock.now()
    for n in range(60):
        make_post(at=now + timedelta(days=1, minutes=20 * n), now=now, scheduled=False, media=0, caption=f"Loaf {n}")
    tab.go("/calendar/?view=list")
    box(tab, 49).check()
    tab.get_by_role("link", name="Load more").click()
    expect(box(tab, 59)).to_be_visible()
    expect(bar(tab)).to_contain_text("1 selected")
    box(tab, 59).click(modifiers=["Shift"])
    expect(bar(tab)).to_contain_text("11 selected")
    act(tab, "Duplicate")
    expect(tab.locator(".toast__text")).to_have_text("11 posts duplicated.")
    expect(box(tab, 59)).to_be_visible()  # the list stays as long as it was
    box(tab, 59).check()
    tab.locator("#filter-status summary").click()
    tab.locator("#filter-status").get_by_text("Draft").click()
    expect(tab.locator(".cal-chosen")).to_be_visible()
    expect(bar(tab)).to_be_hidden()


def test_more_than_two_hundred_are_told_before_they_are_sent(tab, loaves):  # noqa: F811
    tab.go("/posts/")
    tab.evaluate("document.getElementById('bulk').dataset.most = '4'")
    tab.get_by_role("checkbox", name="Select all on this page").check()
    expect(bar(tab)).to_contain_text("5 selected. At most 200 posts at a time. Select fewer.")
    expect(tab.locator("#bulk-move")).to_be_disabled()


def test_the_bar_stands_above_the_foot_of_a_phone(rows):
    rows.set_viewport_size({"width": 390, "height": 844})
    rows.emulate_media(reduced_motion="reduce")  # it stands where it is, instead of sliding there
    box(rows, 2).check()
    expect(bar(rows)).to_be_visible()
    foot = rows.locator(".bottombar").bounding_box()
    shown = bar(rows).bounding_box()
    assert shown["y"] + shown["height"] <= foot["y"]
    assert rows.evaluate("document.documentElement.scrollWidth") == 390
    sizes = rows.locator("#bulk button:visible, .pick").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    )
    assert min(sizes) >= 44


@pytest.mark.parametrize("path", PATHS)
def test_without_scripts_boxes_and_buttons_do_it(browser, live_server, client, alice, loaves, path):
    client.force_login(alice)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(live_server.url + path)
    for number in (2, 3):
        box(page, number).check()
    act(page, "Delete")
    expect(page.get_by_role("heading", level=2)).to_have_text("Delete 2 posts?")
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(live_server.url + path)
    expect(page.locator(".toast__text")).to_have_text("2 posts deleted.")
    expect(box(page, 2)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(live_server.url + path)
    expect(box(page, 2)).to_be_visible()
    context.close()


def test_escape_in_a_menu_or_a_field_keeps_the_ticks(tab, loaves):  # noqa: F811
    tab.go("/calendar/?view=list")
    box(tab, 2).check()
    tab.locator("#filter-status summary").click()
    tab.keyboard.press("Escape")
    tab.locator("#cal-q").focus()
    tab.keyboard.press("Escape")
    expect(bar(tab)).to_contain_text("1 selected")


def test_a_search_narrows_the_posts_while_it_is_typed(tab, loaves):  # noqa: F811
    tab.go("/posts/")
    box(tab, 3).check()
    tab.locator("#post-q").press_sequentially("loaf 4", delay=30)
    expect(tab.locator(".post-row")).to_have_count(1)
    expect(tab).to_have_url(re.compile(r"q=loaf(\+|%20)4"))
    expect(bar(tab)).to_be_hidden()
    expect(tab.locator("#post-q")).to_be_focused()
    tab.get_by_role("link", name="Drafts").click()
    expect(tab.locator("#main")).to_contain_text("No post here says “loaf 4”")
    tab.get_by_role("link", name="Clear the search").click()
    expect(tab.locator("#post-q")).to_have_value("")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out_of_the_bar(tab, loaves, alice, path, language, width):  # noqa: F811
    alice.language = language
    alice.save()
    tab.emulate_media(reduced_motion="reduce")
    tab.set_viewport_size({"width": width, "height": 900})
    tab.go(path)
    tab.locator("[data-pick-all]").check()
    expect(bar(tab)).to_contain_text("5 selecionadas" if language == "pt-br" else "5 selected")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for theme in ("light", "dark"):
        tab.emulate_media(color_scheme=theme)
        found = Axe().run(tab).response["violations"]
        assert [(theme, one["id"], one["nodes"][0]["html"]) for one in found] == []
    tab.locator("#bulk-move").click()
    expect(tab.locator("#sheet")).to_be_visible()
    found = Axe().run(tab).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
