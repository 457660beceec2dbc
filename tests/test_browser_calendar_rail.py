"""In a real browser: drafts and ideas go from the rail onto a day by mouse, finger and keyboard, and come back."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import PostIdea, ScheduledPost
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_calendar import ahead, cell  # noqa: F401 - a fixture too
from tests.test_browser_order import Finger, middle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(make_post):
    return make_post(scheduled=False, media=1, caption="Fresh bread")


@pytest.fixture
def idea(alice):
    return PostIdea.objects.create(user=alice, title="Bread at night")


@pytest.fixture
def month(tab, draft, idea, ahead):  # noqa: F811
    tab.set_viewport_size({"width": 1440, "height": 1200})
    tab.go(f"/calendar/?date={ahead.date()}")
    expect(tab.locator(".rail .card")).to_have_count(2)
    return tab


def waiting(tab, title):  # noqa: F811
    return tab.locator(".rail .card", has_text=title)


def on_day(tab, day):  # noqa: F811
    return cell(tab, day).locator(".card")


def drag(tab, title, day):  # noqa: F811
    tab.mouse.move(*middle(waiting(tab, title)))
    tab.mouse.down()
    tab.mouse.move(*middle(cell(tab, day)), steps=6)


def planned():
    post = ScheduledPost.objects.exclude(scheduled_for=None).get()
    with timezone.override("America/Sao_Paulo"):
        at = timezone.localtime(post.scheduled_for)
    return post.status, at.date(), f"{at:%H:%M}"


def undo(tab):  # noqa: F811
    tab.get_by_role("button", name="Undo").click()
    expect(tab.locator(".toast__text")).to_contain_text("Undone.")


def test_a_draft_is_dragged_onto_a_day_and_comes_back(month, ahead):  # noqa: F811
    drag(month, "Fresh bread", ahead.date())
    expect(cell(month, ahead.date())).to_have_attribute("data-hint", f"{ahead:%a, %b %-d}")
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("won't go out until you schedule it")
    expect(on_day(month, ahead.date())).to_have_attribute("data-status", "draft")
    expect(waiting(month, "Fresh bread")).to_have_count(0)
    assert planned() == ("draft", ahead.date(), "09:00")
    undo(month)
    expect(on_day(month, ahead.date())).to_have_count(0)
    expect(waiting(month, "Fresh bread")).to_have_count(1)


def test_an_idea_is_dragged_onto_a_day_and_comes_back(month, idea, ahead):  # noqa: F811
    drag(month, "Bread at night", ahead.date())
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("Now a draft, planned for")
    expect(on_day(month, ahead.date())).to_have_attribute("data-status", "draft")
    expect(waiting(month, "Bread at night")).to_have_count(0)
    assert planned() == ("draft", ahead.date(), "09:00")
    undo(month)
    expect(on_day(month, ahead.date())).to_have_count(0)
    expect(waiting(month, "Bread at night")).to_have_count(1)
    idea.refresh_from_db()
    assert idea.status == "new"


def test_a_finger_that_stays_on_a_draft_carries_it(month, ahead):  # noqa: F811
    finger = Finger(month)
    x, y = middle(waiting(month, "Fresh bread"))
    finger.press((x, y))
    expect(month.locator(".card__ghost")).to_be_visible()
    finger.move((x - 30, y), middle(cell(month, ahead.date())))
    expect(cell(month, ahead.date())).to_have_attribute("data-target", "")
    finger.lift()
    expect(month.locator(".toast__text")).to_contain_text("won't go out until you schedule it")
    expect(on_day(month, ahead.date())).to_have_count(1)
    assert planned() == ("draft", ahead.date(), "09:00")


@pytest.mark.parametrize("title", ["Fresh bread", "Bread at night"])
def test_keys_pick_up_carry_and_drop(month, title, ahead):  # noqa: F811
    cell(month, ahead.date()).focus()
    waiting(month, title).locator("a").first.focus()
    month.keyboard.press("Space")
    live = month.locator("#live-move")
    expect(live).to_contain_text(f"Picked up “{title}”")
    expect(cell(month, ahead.date())).to_have_attribute("data-target", "")
    month.keyboard.press("ArrowRight")
    expect(live).to_contain_text("Posts that day: 0.")
    month.keyboard.press("Enter")
    day = (ahead + timedelta(days=1)).date()
    expect(live).to_contain_text(f"“{title}” planned for")
    expect(on_day(month, day)).to_have_count(1)
    assert planned() == ("draft", day, "09:00")
    assert month.evaluate("document.activeElement.closest('[data-day]').dataset.day") == str(day)


def test_keys_carry_into_the_next_month(month, ahead):  # noqa: F811
    cell(month, ahead.date()).focus()
    waiting(month, "Fresh bread").locator("a").first.focus()
    month.keyboard.press("Space")
    month.keyboard.press("PageDown")
    expect(month.locator("#live-move")).to_contain_text("Posts that day: 0.")
    month.keyboard.press("PageDown")
    day = (ahead + timedelta(days=56)).date()
    expect(cell(month, day)).to_have_attribute("data-target", "")
    month.keyboard.press("Enter")
    expect(month.locator("#live-move")).to_contain_text("planned for")
    assert planned() == ("draft", day, "09:00")


def test_escape_leaves_it_where_it_waits(month):
    link = waiting(month, "Fresh bread").locator("a").first
    link.focus()
    month.keyboard.press("Space")
    month.keyboard.press("Escape")
    expect(month.locator("#live-move")).to_have_text("Move cancelled. “Fresh bread” still has no day.")
    expect(link).to_be_focused()
    expect(month.locator("[data-target]")).to_have_count(0)


def test_it_is_seen_which_post_the_keys_are_on(month, draft, ahead):  # noqa: F811
    ring = "link => [getComputedStyle(link).outlineStyle, getComputedStyle(link).outlineOffset]"
    link = waiting(month, "Fresh bread").locator("a").first
    month.keyboard.press("Tab")
    link.focus()
    assert link.evaluate(ring) == ["solid", "-2px"]
    draft.plan(ahead.replace(tzinfo=None), "America/Sao_Paulo")
    draft.save_content(now=clock.now())
    month.reload()
    cell(month, ahead.date()).focus()
    month.keyboard.press("Enter")
    link = on_day(month, ahead.date()).locator("a")
    expect(link).to_be_focused()
    assert link.evaluate(ring) == ["solid", "-2px"]


def test_a_day_that_passed_takes_nothing(month):
    month.get_by_role("link", name="Previous", exact=True).click()
    month.get_by_role("link", name="Previous", exact=True).click()
    expect(month.locator(".cell[data-past]").first).to_be_visible()
    past = month.locator(".cell[data-past]").nth(8)
    month.mouse.move(*middle(waiting(month, "Fresh bread")))
    month.mouse.down()
    month.mouse.move(*middle(past), steps=6)
    expect(past).to_have_attribute("data-refused", "")
    month.mouse.up()
    expect(month.locator("#live-move")).to_contain_text("Already past")
    assert not ScheduledPost.objects.exclude(scheduled_for=None).exists()
    expect(waiting(month, "Fresh bread")).to_have_count(1)


def test_without_a_line_it_waits_on(month, noise, ahead):  # noqa: F811
    month.context.set_offline(True)
    drag(month, "Bread at night", ahead.date())
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("the post is back in place")
    expect(waiting(month, "Bread at night")).to_have_count(1)
    noise.clear()


def test_in_a_week_the_hour_counts(month, ahead):  # noqa: F811
    month.go(f"/calendar/?view=week&date={ahead.date()}")
    expect(month.locator(".rail .card")).to_have_count(2)
    hour = month.locator(f'[data-day="{ahead.date()}"][data-hour^="15"]')
    hour.scroll_into_view_if_needed()
    box = hour.bounding_box()
    grip = waiting(month, "Fresh bread").bounding_box()
    month.mouse.move(grip["x"] + 40, grip["y"] + 4)
    month.mouse.down()
    month.mouse.move(box["x"] + 60, box["y"] + 6, steps=6)
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("won't go out until you schedule it")
    assert planned() == ("draft", ahead.date(), "15:00")


def test_an_idea_is_planned_by_its_form(month, ahead):  # noqa: F811
    month.get_by_role("link", name="Move to…: Bread at night").click()
    sheet = month.get_by_role("dialog")
    sheet.get_by_label("Date").fill(str(ahead.date()))
    sheet.get_by_label("Time").fill("17:15")
    sheet.get_by_role("button", name="Plan it").click()
    expect(sheet).to_be_hidden()
    expect(on_day(month, ahead.date())).to_have_count(1)
    assert planned() == ("draft", ahead.date(), "17:15")


def test_a_search_leaves_what_has_the_words(month):
    month.get_by_label("Search in drafts and ideas").fill("night")
    expect(month.locator(".rail .card")).to_have_count(1)
    expect(month.get_by_text("No draft has these words.")).to_be_visible()


def test_a_rail_that_was_closed_stays_closed(month):
    month.locator("#rail > summary").click()
    month.wait_for_function("document.cookie.includes('rail=closed')")
    month.reload()
    expect(month.locator("#rail")).not_to_have_attribute("open", "")
    assert month.locator(".rail .card").count() == 0
    month.locator("#rail > summary").click()
    expect(month.locator(".rail .card")).to_have_count(2)


def test_on_a_phone_it_is_folded_until_it_is_wanted(month, ahead):  # noqa: F811
    month.set_viewport_size({"width": 390, "height": 844})
    month.reload()
    expect(month.locator("#rail")).not_to_have_attribute("open", "")
    month.locator("#rail > summary").click()
    expect(month.locator(".rail .card")).to_have_count(2)
    assert month.evaluate("document.documentElement.scrollWidth") <= 390
    month.get_by_role("link", name="Move to…: Fresh bread").click()
    expect(month.get_by_role("dialog")).to_be_visible()


def test_what_others_did_leaves_the_rail_too(month, draft, ahead):  # noqa: F811
    draft.plan(ahead.replace(tzinfo=None), "America/Sao_Paulo")
    draft.save_content(now=clock.now())
    drag(month, "Fresh bread", (ahead + timedelta(days=1)).date())
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("This is the latest version.")
    expect(on_day(month, ahead.date())).to_have_count(1)
    expect(waiting(month, "Fresh bread")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out_of_the_rail(month, alice, language, theme, width):
    alice.language, alice.theme = language, theme
    alice.save()
    month.set_viewport_size({"width": width, "height": 900})
    month.reload()
    if width < 1400:
        month.locator("#rail > summary").click()
    expect(month.locator(".rail .card")).to_have_count(2)
    assert month.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(month)
    assert found.violations_count == 0, found.generate_report()
