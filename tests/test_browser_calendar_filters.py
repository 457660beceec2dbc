"""In a real browser: the calendar is narrowed, searched and read as a list, and what somebody is at stays."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scheduler.lib import clock
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_calendar import WIDE, ahead  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def month(tab, make_post, ahead):  # noqa: F811
    for hours, caption in enumerate(("Fresh bread", "Sweet bread", "Tall lamp")):
        make_post(at=ahead + timedelta(hours=hours), now=clock.now(), media=1, caption=caption)
    tab.set_viewport_size(WIDE)
    tab.go(f"/calendar/?date={ahead.date()}")
    expect(tab.locator(".card")).to_have_count(3)
    return tab


def test_on_a_phone_most_of_the_window_is_the_month(month):
    month.set_viewport_size({"width": 390, "height": 844})
    assert month.locator("#cal").bounding_box()["y"] < 0.4 * 844


@pytest.mark.parametrize("view", ["month", "week", "day"])
def test_days_without_a_post_say_why(month, ahead, view):  # noqa: F811
    month.goto(f"{month.url}&view={view}")
    expect(month.locator(".cal-nothing")).to_be_hidden()
    month.locator("#cal-q").fill("nowhere")
    expect(month.get_by_text("No posts match these filters.")).to_be_visible()


def test_the_keyboard_stays_with_the_filters_when_they_are_cleared(month, ahead):  # noqa: F811
    month.goto(f"{month.url}&q=bread")
    month.get_by_role("link", name="Clear filters").press("Enter")
    expect(month.locator(".card")).to_have_count(3)
    expect(month.locator(".cal-filters summary").first).to_be_focused()


def history_length(month):
    return month.evaluate("history.length")


def test_a_search_narrows_while_it_is_typed_and_leaves_no_trail(month):
    before = history_length(month)
    month.locator("#cal-q").press_sequentially("bread", delay=120)
    expect(month.locator(".card")).to_have_count(2)
    month.wait_for_url(re.compile("q=bread"))
    expect(month.locator("#cal-q")).to_be_focused()
    expect(month.locator("#cal-q")).to_have_value("bread")
    assert history_length(month) == before


def test_what_is_typed_while_the_server_answers_is_asked_for_too(month):
    waiting = []
    month.route(re.compile(r"q=b(&|$)"), lambda route: waiting.append(route))
    with month.expect_request(re.compile(r"q=b(&|$)")):
        month.locator("#cal-q").press_sequentially("b")
    month.locator("#cal-q").press_sequentially("read")
    expect(month.locator(".card")).to_have_count(2)
    for route in waiting:  # aborted by then: it must not be drawn over the newer answer
        route.fulfill(body="stale", status=200)
    month.wait_for_timeout(200)
    expect(month.locator("#cal-q")).to_have_value("bread")
    expect(month.locator(".card")).to_have_count(2)


def test_letters_typed_just_before_the_answer_are_kept_and_found(month):
    def slowly(route):
        month.locator("#cal-q").press_sequentially("read")
        route.continue_()

    month.route(re.compile(r"q=b(&|$)"), slowly)
    month.locator("#cal-q").press_sequentially("b")
    month.wait_for_url(re.compile("q=bread"))
    expect(month.locator("#cal-q")).to_have_value("bread")
    expect(month.locator(".card")).to_have_count(2)


def test_boxes_are_ticked_one_after_another_with_the_list_open(month):
    month.locator("#filter-status summary").click()
    month.get_by_role("checkbox", name="Draft", exact=True).check()
    expect(month.locator(".card")).to_have_count(0)
    expect(month.get_by_role("checkbox", name="Draft", exact=True)).to_be_focused()
    month.get_by_role("checkbox", name="Scheduled", exact=True).check()
    expect(month.locator(".card")).to_have_count(3)
    month.get_by_role("link", name="Clear filters").click()
    month.wait_for_url(re.compile(r"calendar/\?date=[\d-]+$"))
    month.go_back()
    expect(month.locator("[name=status][value=scheduled]")).to_be_checked()


def test_the_page_is_turned_again_and_again_from_the_keyboard(month):
    month.locator("#cal-after").focus()
    name = month.locator("#calendar-name").inner_text()
    month.keyboard.press("Enter")
    expect(month.locator("#calendar-name")).not_to_have_text(name)
    expect(month.locator("#cal-after")).to_be_focused()


def test_the_list_goes_on_under_the_same_day_and_takes_the_focus_there(tab, make_post, ahead):  # noqa: F811
    for number in range(52):
        make_post(at=ahead + timedelta(minutes=number), now=clock.now(), caption=f"Post {number}")
    tab.go(f"/calendar/?view=list&date={ahead.date()}")
    expect(tab.locator(".list-row")).to_have_count(50)
    tab.get_by_role("link", name="Load more").click()
    expect(tab.locator(".list-row")).to_have_count(52)
    expect(tab.locator(".list-row a.list-row__title").nth(50)).to_be_focused()
    assert tab.locator(".day__name").count() == 1
    assert tab.evaluate(
        "document.querySelectorAll('[id]').length === new Set([...document.querySelectorAll('[id]')]"
        ".map(({ id }) => id)).size"
    )


def test_another_clock_shows_the_same_post_at_its_hour(tab, alice, make_account, make_post, ahead):  # noqa: F811
    account = make_account(timezone="Europe/Lisbon")
    make_post(account=account, at=ahead, now=clock.now(), caption="Fresh bread")
    tab.set_viewport_size(WIDE)
    tab.go(f"/calendar/?date={ahead.date()}")
    expect(tab.locator(".card time")).to_have_text("10:15 AM")
    tab.locator("#cal-zone summary").click()
    tab.locator("#cal-zone").get_by_role("link", name="Lisbon").click()
    tab.wait_for_url(re.compile("tz=Europe%2FLisbon"))
    expect(tab.locator(".card time")).not_to_have_text("10:15 AM")


@pytest.mark.parametrize("view", ["month", "list"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out_of_the_filters(month, ahead, view, width):  # noqa: F811
    month.emulate_media(reduced_motion="reduce")
    month.set_viewport_size({"width": width, "height": 900})
    month.go(f"/calendar/?date={ahead.date()}&view={view}&q=bread&status=scheduled")
    month.locator("#filter-status summary").click()
    for theme in ("light", "dark"):
        month.emulate_media(color_scheme=theme)
        found = Axe().run(month).response["violations"]
        assert [(theme, one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert month.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_words_beside_a_box_tick_it_and_the_list_stays_open(month):
    month.locator("#filter-status summary").click()
    month.locator("#filter-status").get_by_text("Draft").click()
    expect(month.locator(".card")).to_have_count(0)
    expect(month.get_by_role("checkbox", name="Draft", exact=True)).to_be_checked()
    expect(month.locator("#filter-status")).to_have_attribute("open", "")
