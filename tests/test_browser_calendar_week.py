"""In a real browser: a post goes to another hour of a week by mouse, finger and keyboard, and comes back."""

from datetime import datetime, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scheduler.lib import clock, spans, zones
from scheduler.models import ScheduledPost
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_order import Finger, middle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SP = "America/Sao_Paulo"
WIDE = {"width": 1440, "height": 1200}


@pytest.fixture
def ahead():
    """10:15 in São Paulo on the Wednesday of next week."""
    day = spans.week_start(zones.to_wall(clock.now(), SP).date(), 0) + timedelta(days=10)
    return datetime.combine(day, time(10, 15))


@pytest.fixture
def bread(make_post, ahead):
    return make_post(at=zones.resolve(ahead, SP).utc, now=clock.now(), media=1, caption="Fresh bread")


@pytest.fixture
def week(tab, bread, ahead):  # noqa: F811
    tab.set_viewport_size(WIDE)
    tab.go(f"/calendar/?view=week&date={ahead.date()}")
    expect(tab.locator(".card")).to_have_count(1)
    return tab


def card(week):
    return week.locator(".card", has_text="Fresh bread")


def hour(week, at):
    return week.locator(f'[data-day="{at:%Y-%m-%d}"][data-hour="{at:%H}"]')


def upper(locator):
    """Return the middle of an element's upper edge, a pixel inside of it."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + 2


def kept():
    return zones.to_wall(ScheduledPost.objects.get().scheduled_for, SP)


def shown(week):
    return card(week).get_attribute("data-at")


def carry(week, target, minute=0):
    """Take the card by its upper edge to a minute of an hour."""
    week.mouse.move(*upper(card(week)))
    week.mouse.down()
    x, y = upper(target)
    week.mouse.move(x, y + minute * 64 / 60, steps=6)


def said(week, words):
    expect(week.locator(".toast__text")).to_contain_text(words)


def test_a_dragged_post_goes_to_another_day_and_quarter_and_comes_back(week, ahead):
    there = (ahead + timedelta(days=2)).replace(hour=14, minute=30)
    carry(week, hour(week, there), 33)
    expect(week.locator(".hour__aim")).to_have_text(f"{there:%a, %b %-d} · 2:30 PM")
    week.mouse.up()
    said(week, "Moved to")
    assert (shown(week), kept()) == (f"{there:%Y-%m-%dT%H:%M}", there)
    expect(card(week).locator("time")).to_have_text("2:30 PM")
    week.get_by_role("button", name="Undo").click()
    said(week, "Back to")
    assert (shown(week), kept()) == (f"{ahead:%Y-%m-%dT%H:%M}", ahead)


def test_a_post_that_is_carried_sideways_keeps_its_minute(week, bread, ahead):
    odd = ahead.replace(minute=37)
    bread.plan(odd, SP)
    bread.save_content(now=clock.now())
    week.reload()
    x, y = upper(card(week))
    week.mouse.move(x, y)
    week.mouse.down()
    week.mouse.move(middle(hour(week, ahead + timedelta(days=1)))[0], y + 4, steps=6)
    expect(week.locator(".hour__aim")).to_contain_text("10:37 AM")
    week.mouse.up()
    said(week, "Moved to")
    assert kept() == odd + timedelta(days=1)


def test_with_alt_it_goes_by_five_minutes(week, ahead):
    week.keyboard.down("Alt")
    carry(week, hour(week, ahead.replace(hour=13)), 20)
    expect(week.locator(".hour__aim")).to_contain_text("1:20 PM")
    week.mouse.up()
    week.keyboard.up("Alt")
    said(week, "Moved to")
    assert kept() == ahead.replace(hour=13, minute=20)


def test_escape_puts_it_back(week, ahead):
    carry(week, hour(week, ahead.replace(hour=13)))
    expect(week.locator(".card__ghost")).to_be_visible()
    week.keyboard.press("Escape")
    expect(week.locator(".card__ghost")).to_have_count(0)
    week.mouse.up()
    assert (shown(week), kept()) == (f"{ahead:%Y-%m-%dT%H:%M}", ahead)


def test_a_time_that_has_passed_is_refused(week, ahead):
    week.get_by_role("link", name="Previous", exact=True).click()
    expect(week.locator(".hour__now")).to_have_count(1)
    week.get_by_role("link", name="Next", exact=True).click()
    expect(card(week)).to_be_visible()
    week.mouse.move(*upper(card(week)))
    week.mouse.down()
    week.mouse.move(*middle(week.locator("[data-turn='-1']")), steps=6)
    expect(week.locator(".hour__now")).to_have_count(1)
    past = week.locator(".hour[data-past]:not([data-early])").first
    past.scroll_into_view_if_needed()
    week.mouse.move(*middle(past), steps=6)
    expect(week.locator(".hour__aim[data-refused]")).to_have_text("Already past")
    week.mouse.up()
    expect(week.locator("#live-move")).to_contain_text("can't drop here")
    assert kept() == ahead


def test_a_finger_that_stays_on_a_post_carries_it(week, ahead):
    finger, there = Finger(week), ahead + timedelta(days=1)
    finger.press(upper(card(week)))
    expect(week.locator(".card__ghost")).to_be_visible()
    x, y = upper(hour(week, there.replace(hour=12)))
    finger.move((x, y - 20), (x, y + 16))
    expect(week.locator(".hour__aim")).to_contain_text("12:15 PM")
    finger.lift()
    said(week, "Moved to")
    assert kept() == there.replace(hour=12)


def test_the_early_hours_unfold_under_a_carried_post(week, ahead):
    week.locator(".week").evaluate("week => week.scrollTo(0, 0)")
    carry(week, week.locator("#cal-early summary"), 10)
    early = hour(week, ahead.replace(hour=2))
    expect(early).to_be_visible()
    week.mouse.move(*upper(early), steps=6)
    expect(week.locator(".hour__aim")).to_contain_text("2:00 AM")
    week.mouse.up()
    said(week, "Moved to")
    assert kept() == ahead.replace(hour=2, minute=0)


def test_the_week_turns_under_a_carried_post(week, ahead):
    carry(week, week.locator("[data-turn='1']"), 10)
    there = ahead + timedelta(days=7)
    expect(hour(week, there)).to_be_visible()
    week.mouse.move(*middle(week.locator(".week")), steps=6)  # past the edge, where it scrolls
    week.mouse.move(*upper(hour(week, there.replace(hour=11))), steps=6)
    expect(week.locator(".hour__aim")).to_contain_text("11:00 AM")
    week.mouse.up()
    said(week, "Moved to")
    assert kept() == there.replace(hour=11, minute=0)


def test_the_keyboard_picks_up_carries_and_drops(week, ahead):
    hour(week, ahead).focus()
    week.keyboard.press("Enter")
    expect(card(week).locator("a")).to_be_focused()
    week.keyboard.press("Space")
    live = week.locator("#live-move")
    expect(live).to_contain_text("Picked up “Fresh bread”")
    for key in ("ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        week.keyboard.press(key)
    expect(live).to_contain_text("11:30 AM. Posts that day: 0.")
    week.keyboard.press("Enter")
    expect(live).to_contain_text("“Fresh bread” moved from")
    expect(card(week).locator("a")).to_be_focused()
    assert kept() == (ahead + timedelta(days=1)).replace(hour=11, minute=30)
    week.keyboard.press("Control+z")
    said(week, "Back to")
    assert kept() == ahead


@pytest.mark.parametrize("key", ["Escape", "Tab"])
def test_a_carried_post_goes_back_by_escape_and_tab(week, ahead, key):
    card(week).locator("a").focus()
    week.keyboard.press("Space")
    week.keyboard.press("ArrowUp")
    expect(week.locator(".hour__aim")).to_contain_text("10:00 AM")
    week.keyboard.press(key)
    expect(week.locator("#live-move")).to_contain_text("Move cancelled.")
    expect(week.locator(".hour__aim")).to_have_count(0)
    assert kept() == ahead


def test_a_carried_post_crosses_into_the_next_week(week, ahead):
    card(week).locator("a").focus()
    week.keyboard.press("Space")
    week.keyboard.press("PageDown")
    expect(week.locator("#live-move")).to_contain_text("Posts that day: 0.")
    week.keyboard.press("Space")
    expect(week.locator("#live-move")).to_contain_text("moved from")
    assert kept() == ahead + timedelta(days=7)


def test_arrows_walk_days_hours_and_weeks(week, ahead):
    hour(week, ahead).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "PageDown"):
        week.keyboard.press(key)
    expect(hour(week, (ahead + timedelta(days=8)).replace(hour=12))).to_be_focused()
    week.keyboard.press("Home")
    expect(hour(week, (ahead + timedelta(days=4)).replace(hour=12))).to_be_focused()
    assert week.locator("[data-day][tabindex='0']").count() == 1


def test_early_hours_unfold_for_the_keyboard(week, ahead):
    early = hour(week, ahead.replace(hour=5))
    expect(early).to_be_hidden()
    hour(week, ahead.replace(hour=6)).focus()
    week.keyboard.press("ArrowUp")
    expect(early).to_be_focused()


def test_a_click_on_an_empty_hour_begins_a_post_there(week, ahead):
    x, y = upper(hour(week, ahead.replace(hour=12)))
    week.mouse.click(x, y + 34)
    expect(week.locator("#id_clock")).to_have_value("12:30")
    assert week.locator("#id_day").input_value() == f"{ahead.date()}"


def test_n_on_an_hour_begins_a_post_there(week, ahead):
    hour(week, ahead.replace(hour=15)).focus()
    week.keyboard.press("n")
    expect(week.locator("#id_clock")).to_have_value("15:00")


def test_a_day_without_one_of_its_hours_takes_a_post(tab, alice, make_post):  # noqa: F811
    """New York, 14 March 2027: from 1:59 to 3:00."""
    alice.timezone = "America/New_York"
    alice.save()
    at = datetime.fromisoformat("2027-03-14T04:00")
    make_post(at=zones.resolve(at, alice.timezone).utc, now=clock.now(), media=1, caption="Fresh bread")
    tab.set_viewport_size(WIDE)
    tab.go("/calendar/?view=day&date=2027-03-14")
    assert tab.locator(".week__line").all_inner_texts()[:4] == ["12 AM", "1 AM", "3 AM", "4 AM"]
    tab.locator(".week").evaluate("week => week.scrollTo(0, 0)")
    carry(tab, hour(tab, at.replace(hour=1)), 30)
    expect(tab.locator(".hour__aim")).to_contain_text("1:30 AM")
    tab.mouse.up()
    said(tab, "Moved to")
    assert zones.to_wall(ScheduledPost.objects.get().scheduled_for, alice.timezone) == at.replace(hour=1, minute=30)


def test_an_hour_that_comes_twice_is_there_twice(tab, alice):  # noqa: F811
    alice.timezone = "America/New_York"
    alice.save()
    tab.set_viewport_size(WIDE)
    tab.go("/calendar/?view=week&date=2026-11-01")
    tab.locator("#cal-early summary").click()
    assert tab.locator(".week__line").all_inner_texts()[1:4] == ["1 AM\nGMT-4", "1 AM\nGMT-5", "2 AM"]
    again = tab.locator('[data-day="2026-11-01"][data-hour="01b"]')
    assert again.bounding_box()["y"] == tab.locator("[data-void]").first.bounding_box()["y"]
    assert tab.locator("[data-void]").count() == 6


def test_on_a_phone_days_stay_wide_enough_to_read(week, ahead):
    week.set_viewport_size({"width": 390, "height": 844})
    week.reload()
    expect(card(week)).to_be_visible()
    box = card(week).bounding_box()
    assert (box["width"] >= 88, box["height"] >= 44) == (True, True)
    assert week.locator(".week").evaluate("week => week.scrollWidth > week.clientWidth")


def test_somebody_elses_change_puts_the_true_hour_there(week, bread, ahead):
    true = ahead.replace(hour=16)
    bread.plan(true, SP)
    bread.save_content(now=clock.now())
    carry(week, hour(week, ahead.replace(hour=13)))
    week.mouse.up()
    said(week, "This is the latest version.")
    expect(hour(week, true).locator(".card")).to_have_count(1)
    assert kept() == true


def test_without_a_line_the_post_goes_back_and_nothing_is_lost(week, noise, ahead):  # noqa: F811
    week.context.set_offline(True)
    carry(week, hour(week, ahead.replace(hour=13)))
    week.mouse.up()
    said(week, "the post is back in place")
    assert shown(week) == f"{ahead:%Y-%m-%dT%H:%M}"
    expect(card(week).locator("time")).to_have_text("10:15 AM")
    noise.clear()


def test_it_opens_an_hour_before_its_first_post(week, ahead):
    box = week.locator(".week").bounding_box()
    assert box["y"] < hour(week, ahead.replace(hour=9)).bounding_box()["y"] < box["y"] + 120


@pytest.mark.parametrize("view", ["week", "day"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_nobody_is_shut_out(week, alice, ahead, view, width, language):
    alice.language = language
    alice.save()
    week.emulate_media(reduced_motion="reduce")
    week.set_viewport_size({"width": width, "height": 900})
    week.goto(f"{week.url.split('?')[0]}?view={view}&date={ahead.date()}")
    expect(week.locator(".card")).to_have_count(1)
    assert week.evaluate("document.documentElement.scrollWidth") <= width
    for theme in ("light", "dark"):
        week.emulate_media(color_scheme=theme)
        found = Axe().run(week)
        assert found.violations_count == 0, found.generate_report()
