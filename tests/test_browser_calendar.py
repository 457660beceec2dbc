"""In a real browser: a post goes to another day by mouse, finger and keyboard, keeps its time, and comes back."""

from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import ScheduledPost
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_order import Finger, middle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE = {"width": 1440, "height": 1200}


@pytest.fixture
def ahead(alice):
    """10:15 in São Paulo on the 10th of next month: its page shows the whole of it, and none of it has passed."""
    with timezone.override(alice.timezone):
        later = (timezone.localtime(clock.now()).replace(day=1) + timedelta(days=32)).replace(day=10)
        return later.replace(hour=10, minute=15, second=0, microsecond=0)


@pytest.fixture
def bread(make_post, ahead):
    return make_post(at=ahead, now=clock.now(), media=1, caption="Fresh bread")


@pytest.fixture
def month(tab, bread, ahead):  # noqa: F811
    tab.set_viewport_size(WIDE)
    tab.go(f"/calendar/?date={ahead.date()}")
    expect(tab.locator(".card")).to_have_count(1)
    return tab


def card(month):
    return month.locator(".card", has_text="Fresh bread")


def cell(month, day):
    return month.locator(f"#day-{day:%Y-%m-%d}")


def day_on_page(month):
    return card(month).evaluate("card => card.closest('[data-day]').dataset.day")


def kept():
    with timezone.override("America/Sao_Paulo"):
        return timezone.localtime(ScheduledPost.objects.get().scheduled_for).replace(tzinfo=None)


def wall(ahead, days):
    return datetime.combine(ahead.date() + timedelta(days=days), ahead.time())


def drag(month, days, ahead):
    month.mouse.move(*middle(card(month)))
    month.mouse.down()
    month.mouse.move(*middle(cell(month, ahead.date() + timedelta(days=days))), steps=6)


def test_a_dragged_post_keeps_its_time_of_day_and_comes_back(month, ahead):
    drag(month, 2, ahead)
    target = cell(month, ahead.date() + timedelta(days=2))
    expect(target).to_have_attribute("data-target", "")
    expect(target).to_have_attribute("data-hint", f"{ahead + timedelta(days=2):%a, %b %-d} · 10:15 AM")
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("Moved to")
    assert (day_on_page(month), kept()) == (str(wall(ahead, 2).date()), wall(ahead, 2))
    month.get_by_role("button", name="Undo").click()
    expect(month.locator(".toast__text")).to_contain_text("Back to")
    assert (day_on_page(month), kept()) == (str(ahead.date()), wall(ahead, 0))


def test_the_words_of_a_carried_post_stand_beside_each_other(month, ahead):
    drag(month, 1, ahead)
    time, title = (month.locator(f".card__ghost {part}").bounding_box() for part in ("time", "[data-title]"))
    assert time["x"] + time["width"] <= title["x"]
    month.keyboard.press("Escape")
    month.mouse.up()


def test_control_z_takes_a_move_back(month, ahead):
    drag(month, 1, ahead)
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("Moved to")
    month.keyboard.press("Control+z")
    expect(month.locator(".toast__text")).to_contain_text("Back to")
    assert kept() == wall(ahead, 0)


def test_escape_puts_a_dragged_post_back(month, ahead):
    drag(month, 1, ahead)
    expect(month.locator(".card__ghost")).to_be_visible()
    month.keyboard.press("Escape")
    expect(month.locator(".card__ghost")).to_have_count(0)
    month.mouse.up()
    assert (day_on_page(month), kept()) == (str(ahead.date()), wall(ahead, 0))


def test_a_finger_that_stays_on_a_post_carries_it(month, ahead):
    finger, day = Finger(month), ahead.date() + timedelta(days=1)
    x, y = middle(card(month))
    finger.press((x, y))
    expect(month.locator(".card__ghost")).to_be_visible()
    there = middle(cell(month, day))
    finger.move((x + 30, y), there)
    expect(cell(month, day)).to_have_attribute("data-target", "")
    finger.lift()
    expect(month.locator(".toast__text")).to_contain_text("Moved to")
    assert kept() == wall(ahead, 1)


def test_the_tab_is_called_what_the_page_shows(month, ahead):
    month.locator("#cal-after").click()
    expect(month).to_have_title(f"{(ahead.replace(day=1) + timedelta(days=45)):%B %Y} · Pauta")


def test_the_page_turns_under_a_carried_post(month, ahead):
    month.mouse.move(*middle(card(month)))
    month.mouse.down()
    month.mouse.move(*middle(month.locator("[data-turn='1']")), steps=6)
    day = (ahead.replace(day=1) + timedelta(days=45)).date()  # the middle of the month after
    expect(cell(month, day)).to_be_visible()
    expect(month.locator(".card__ghost")).to_be_visible()
    month.mouse.move(*middle(cell(month, day)), steps=6)
    expect(cell(month, day)).to_have_attribute("data-target", "")
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("Moved to")
    assert (day_on_page(month), kept()) == (str(day), datetime.combine(day, ahead.time()))


def test_the_keyboard_picks_up_carries_and_drops(month, ahead):
    cell(month, ahead.date()).focus()
    month.keyboard.press("Enter")
    expect(card(month).locator("a")).to_be_focused()
    month.keyboard.press("Space")
    live = month.locator("#live-move")
    expect(live).to_contain_text("Picked up “Fresh bread”")
    month.keyboard.press("ArrowDown")
    expect(live).to_contain_text("10:15 AM. Posts that day: 0.")
    month.keyboard.press("Enter")
    expect(live).to_contain_text("“Fresh bread” moved from")
    expect(card(month).locator("a")).to_be_focused()
    assert kept() == wall(ahead, 7)


def test_a_carried_post_crosses_into_the_next_month(month, ahead):
    card(month).locator("a").focus()
    month.keyboard.press("Space")
    month.keyboard.press("PageDown")
    expect(month.locator("#live-move")).to_contain_text("Posts that day: 0.")
    month.keyboard.press("PageDown")
    later = wall(ahead, 56)
    expect(cell(month, later.date())).to_have_attribute("data-target", "")
    month.keyboard.press("Space")
    expect(month.locator("#live-move")).to_contain_text("moved from")
    assert kept() == later


def test_arrows_walk_the_days_and_the_pages(month, ahead):
    first = cell(month, ahead.date())
    first.focus()
    month.keyboard.press("ArrowRight")
    expect(cell(month, ahead.date() + timedelta(days=1))).to_be_focused()
    month.keyboard.press("PageDown")
    month.keyboard.press("PageDown")
    expect(cell(month, ahead.date() + timedelta(days=57))).to_be_focused()
    assert month.locator("[data-day][tabindex='0']").count() == 1


def test_somebody_elses_change_puts_the_true_day_there(month, bread, ahead):
    bread.plan(wall(ahead, 3), "America/Sao_Paulo")
    bread.save_content(now=clock.now())
    drag(month, 1, ahead)
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("This is the latest version.")
    expect(cell(month, ahead.date() + timedelta(days=3)).locator(".card")).to_have_count(1)
    assert kept() == wall(ahead, 3)


def test_without_a_line_the_post_goes_back_and_nothing_is_lost(month, noise, ahead):  # noqa: F811
    month.context.set_offline(True)
    drag(month, 1, ahead)
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("the post is back in place")
    assert day_on_page(month) == str(ahead.date())
    noise.clear()


@pytest.fixture
def slow(month):
    """Hold the first move back until the test lets it go on; returns it when it came."""
    held = []
    month.route("**/move/", lambda route: route.continue_() if held else held.append(route))
    return held


def drop(month, name, day):
    month.mouse.move(*middle(month.locator(".card", has_text=name)))
    month.mouse.down()
    month.mouse.move(*middle(cell(month, day)), steps=6)
    month.mouse.up()


@pytest.fixture
def loaves(month, make_post, bread, ahead):
    """Three posts on one day, in the order of their names."""
    for minutes, name in enumerate(["Oat", "Rye"], 1):
        later = ahead + timedelta(minutes=minutes * 30)
        make_post(at=later, now=clock.now(), caption=name, account=bread.instagram_account)
    month.reload()
    expect(month.locator(".card")).to_have_count(3)
    return ["Fresh bread", "Oat", "Rye"]


def days_shown(month, names):
    card = month.locator(".card")
    return [card.filter(has_text=name).evaluate("card => card.closest('[data-day]').dataset.day") for name in names]


def test_quick_moves_on_a_slow_line_all_arrive(month, loaves, slow, ahead):
    days = [ahead.date() + timedelta(days=number) for number in (7, 8, 9)]
    for name, day in zip(loaves, days, strict=True):
        drop(month, name, day)
    slow[0].continue_()
    expect(month.locator(".toast")).to_have_count(3)
    with timezone.override("America/Sao_Paulo"):
        real = [timezone.localdate(ScheduledPost.objects.get(caption=name).scheduled_for) for name in loaves]
    assert (real, days_shown(month, loaves)) == (days, [str(day) for day in days])


def test_a_post_goes_back_although_its_neighbour_has_left(month, loaves, slow, ahead, noise):  # noqa: F811
    drop(month, "Oat", ahead.date() + timedelta(days=7))
    drop(month, "Rye", ahead.date() + timedelta(days=8))
    slow[0].abort()
    expect(month.locator(".toast")).to_have_count(2)
    assert days_shown(month, ["Oat", "Rye"]) == [str(ahead.date()), str(ahead.date() + timedelta(days=8))]
    noise.clear()


def test_a_page_is_turned_when_the_move_before_it_is_answered(month, slow, ahead):
    drop(month, "Fresh bread", ahead.date() + timedelta(days=1))
    name = month.locator("#calendar-name").inner_text()
    month.get_by_role("link", name="Next", exact=True).click()
    expect(month.locator("#calendar-name")).to_have_text(name)
    slow[0].continue_()
    expect(month.locator("#calendar-name")).not_to_have_text(name)
    expect(month.locator(".toast__text")).to_contain_text("Moved to")
    assert kept() == wall(ahead, 1)


def test_a_page_from_before_the_session_says_that_it_is_too_old(month, noise, ahead):  # noqa: F811
    month.context.clear_cookies(name="csrftoken")
    drop(month, "Fresh bread", ahead.date() + timedelta(days=1))
    expect(month.locator(".toast__text")).to_contain_text("This page is out of date")
    assert day_on_page(month) == str(ahead.date())
    noise.clear()


def test_a_published_post_says_why_it_stays(month, bread, ahead):
    ScheduledPost.objects.update(status="published", published_at=clock.now(), next_attempt_at=None, wake_at=None)
    month.reload()
    card(month).locator("a").focus()
    month.keyboard.press("Space")
    expect(month.locator("#live-move")).to_have_text("Published posts can't be moved. Duplicate it to post again.")


def test_back_and_forward_keep_their_place(month, ahead):
    name = month.locator("#calendar-name").inner_text()
    month.get_by_role("link", name="Next", exact=True).click()
    expect(month.locator("#calendar-name")).not_to_have_text(name)
    month.go_back()
    expect(month.locator("#calendar-name")).to_have_text(name)
    expect(month.locator(".card")).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out_of_the_month(month, alice, language, theme, width):
    alice.language = language
    alice.theme = theme
    alice.save()
    month.set_viewport_size({"width": width, "height": 900})
    month.reload()
    expect(month.locator(".card")).to_have_count(1)
    assert month.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(month)
    assert found.violations_count == 0, found.generate_report()
