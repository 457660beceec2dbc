"""In a real browser: what others and Instagram do to posts appears by itself, and nothing is taken out of hand."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import PostIdea, ScheduledPost
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_calendar import ahead, bread, card, cell, drag  # noqa: F401 - fixtures too
from tests.test_browser_order import middle

pytestmark = [pytest.mark.browser, pytest.mark.own_window, pytest.mark.django_db(transaction=True)]
USUAL_MS, SOON_MS = 31_000, 6_000


@pytest.fixture
def month(tab, bread, ahead):  # noqa: F811
    """The month of the post, with the clock in the test's hand."""
    tab.clock.install()
    tab.set_viewport_size({"width": 1440, "height": 1200})
    tab.go(f"/calendar/?date={ahead.date()}")
    expect(tab.locator(".card")).to_have_count(1)
    tab.asked = []
    tab.on("request", lambda request: tab.asked.append(request.url) if "/changes/" in request.url else None)
    return tab


def publish():
    ScheduledPost.objects.update(status="published", published_at=clock.now(), next_attempt_at=None, wake_at=None)


def hide(tab, away):  # noqa: F811
    tab.evaluate(
        """away => {
          Object.defineProperty(document, "hidden", { get: () => away, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        away,
    )


def test_a_post_that_went_out_shows_it_without_a_reload(month):
    publish()
    month.clock.fast_forward(USUAL_MS)
    expect(card(month)).to_have_attribute("data-status", "published")
    expect(month.locator("#live-polite")).to_have_text("Published: Fresh bread")


def test_a_title_is_said_as_it_is_written(month):
    ScheduledPost.objects.update(caption="Win $$ and $& {title}", version=9)
    month.clock.fast_forward(USUAL_MS)
    expect(month.locator("[data-title]")).to_have_text("Win $$ and $& {title}")
    publish()
    month.clock.fast_forward(USUAL_MS)
    expect(month.locator("#live-polite")).to_have_text("Published: Win $$ and $& {title}")


def test_a_post_that_failed_is_told(month):
    ScheduledPost.objects.update(status="failed", failed_at=clock.now(), wake_at=None)
    month.clock.fast_forward(USUAL_MS)
    expect(month.locator("#live-polite")).to_have_text("Failed: Fresh bread")


def test_a_post_that_somebody_moved_stands_on_its_new_day(month, bread, ahead):  # noqa: F811
    there = ahead + timedelta(days=2)
    bread.plan(there.replace(tzinfo=None), str(ahead.tzinfo))
    bread.move(now=clock.now())
    month.clock.fast_forward(USUAL_MS)
    expect(cell(month, there.date()).locator(".card")).to_have_count(1)
    expect(month.locator(".card")).to_have_count(1)


def test_a_post_dragged_after_somebody_moved_it_stands_once(month, bread, ahead):  # noqa: F811
    there = ahead + timedelta(days=3)
    bread.plan(there.replace(tzinfo=None), str(ahead.tzinfo))
    bread.move(now=clock.now())
    drag(month, 1, ahead)
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("This is the latest version.")
    expect(cell(month, there.date()).locator(".card")).to_have_count(1)
    expect(month.locator(".card")).to_have_count(1)


def test_a_post_dragged_after_somebody_moved_it_off_the_page_is_gone_from_it(month, bread, ahead):  # noqa: F811
    bread.plan((ahead + timedelta(days=100)).replace(tzinfo=None), str(ahead.tzinfo))
    bread.move(now=clock.now())
    drag(month, 1, ahead)
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("This is the latest version.")
    month.clock.fast_forward(1_000)
    expect(month.locator(".card")).to_have_count(0)


def test_while_a_post_goes_out_it_is_asked_every_five_seconds(month):
    ScheduledPost.objects.update(status="publishing")
    month.clock.fast_forward(USUAL_MS)
    expect(card(month)).to_have_attribute("data-status", "publishing")
    publish()
    month.clock.fast_forward(SOON_MS)
    expect(card(month)).to_have_attribute("data-status", "published")


def test_a_post_that_is_about_to_go_out_is_looked_at_every_five_seconds(tab, make_post, alice):  # noqa: F811
    now = clock.now()
    make_post(at=now + timedelta(seconds=90), now=now, caption="Fresh bread")
    tab.clock.install()
    tab.set_viewport_size({"width": 1440, "height": 1200})
    tab.go("/calendar/")
    with tab.expect_response("**/calendar/changes/**"):
        tab.clock.fast_forward(SOON_MS)


def test_a_hidden_page_asks_nothing_and_at_once_on_return(month):
    hide(month, away=True)
    publish()
    month.clock.fast_forward(300_000)
    assert month.asked == []
    hide(month, away=False)
    expect(card(month)).to_have_attribute("data-status", "published")


def test_the_focus_stays_on_the_post_that_is_drawn_anew(month):
    card(month).locator("a").focus()
    publish()
    month.clock.fast_forward(USUAL_MS)
    expect(card(month)).to_have_attribute("data-status", "published")
    expect(card(month).locator("a")).to_be_focused()


def test_when_the_post_is_gone_the_focus_is_on_its_day(month, bread, ahead):  # noqa: F811
    card(month).locator("a").focus()
    bread.delete_softly(now=clock.now())
    month.clock.fast_forward(USUAL_MS)
    expect(month.locator(".card")).to_have_count(0)
    expect(cell(month, ahead.date())).to_be_focused()


def test_nothing_is_drawn_while_a_card_is_carried(month, ahead):  # noqa: F811
    drag(month, 1, ahead)
    publish()
    month.clock.fast_forward(USUAL_MS)
    expect(card(month).first).to_have_attribute("data-status", "scheduled")
    assert month.asked == []
    month.keyboard.press("Escape")
    month.mouse.up()
    month.clock.fast_forward(2_000)
    expect(card(month)).to_have_attribute("data-status", "published")


def test_nothing_is_drawn_under_an_open_sheet(month, bread):  # noqa: F811
    month.evaluate(f"htmx.ajax('GET', '/posts/{bread.pk}/move/', {{source: '#calendar', swap: 'none'}})")
    expect(month.get_by_role("dialog")).to_be_visible()
    publish()
    month.clock.fast_forward(USUAL_MS)
    assert month.asked == []
    month.keyboard.press("Escape")
    month.clock.fast_forward(2_000)
    expect(card(month)).to_have_attribute("data-status", "published")


def test_nothing_is_drawn_under_an_open_menu(month):
    card(month).locator("a").focus()
    month.keyboard.press(".")
    expect(month.get_by_role("menu")).to_be_visible()
    publish()
    month.clock.fast_forward(USUAL_MS)
    assert month.asked == []
    month.keyboard.press("Escape")
    month.clock.fast_forward(2_000)
    expect(card(month)).to_have_attribute("data-status", "published")


def test_an_answer_that_comes_while_a_card_is_carried_waits(month, ahead):  # noqa: F811
    held = []
    month.route("**/calendar/changes/**", lambda route: held.append(route))
    publish()
    with month.expect_request("**/calendar/changes/**"):
        month.clock.fast_forward(USUAL_MS)
    drag(month, 1, ahead)
    with month.expect_response("**/calendar/changes/**"):
        held[0].continue_()
    month.unroute("**/calendar/changes/**")
    expect(month.locator(".card__ghost")).to_be_visible()
    expect(card(month).first).to_have_attribute("data-status", "scheduled")
    month.keyboard.press("Escape")
    month.mouse.up()
    month.clock.fast_forward(3_000)
    expect(card(month)).to_have_attribute("data-status", "published")


def test_a_look_on_its_way_stands_aside_for_a_move(month, ahead):  # noqa: F811
    month.route("**/calendar/changes/**", lambda route: None)
    with month.expect_request("**/calendar/changes/**"):
        month.clock.fast_forward(USUAL_MS)
    month.mouse.move(*middle(card(month)))
    drag(month, 1, ahead)
    month.mouse.up()
    expect(month.locator(".toast__text")).to_contain_text("Moved to")
    expect(month.locator("[data-poll-stale]")).to_be_hidden()


def test_a_calendar_that_cannot_ask_says_so_and_recovers(month, noise):  # noqa: F811
    month.route("**/calendar/changes/**", lambda route: route.abort())
    month.clock.fast_forward(USUAL_MS)
    expect(month.locator("[data-poll-stale]")).to_be_visible()
    expect(month.locator(".toast")).to_have_count(0)
    publish()
    month.unroute("**/calendar/changes/**")
    month.get_by_role("button", name="Refresh").click()
    expect(card(month)).to_have_attribute("data-status", "published")
    expect(month.locator("[data-poll-stale]")).to_be_hidden()
    noise.clear()


def test_a_server_in_trouble_is_asked_less_and_less_often(month, noise):  # noqa: F811
    month.route("**/calendar/changes/**", lambda route: route.fulfill(status=503))
    for wait_s in (30, 60, 120, 240, 300, 300):
        with month.expect_response("**/calendar/changes/**"):
            month.clock.fast_forward(1000 * (wait_s + 1))
        expect(month.locator("[data-poll-stale]")).to_be_visible()
    assert len(month.asked) == 6
    noise.clear()


def test_a_session_that_ended_is_said_and_no_login_page_is_drawn(month):
    month.context.clear_cookies()
    month.clock.fast_forward(USUAL_MS)
    expect(month.locator("[data-signed-out]")).to_be_visible()
    expect(month.locator(".card")).to_have_count(1)
    assert "/login/?next=%2Fcalendar%2F%3Fdate%3D" in month.get_by_role("link", name="Sign in").get_attribute("href")
    title = month.title()
    month.clock.fast_forward(300_000)
    assert (len(month.asked), month.title()) == (2, title)  # the look, and where it was led


def test_the_next_month_is_looked_after_as_well(month, make_post, bread, ahead):  # noqa: F811
    later = timezone.localtime(ahead.replace(day=1) + timedelta(days=45))
    cake = make_post(at=later, now=clock.now(), account=bread.instagram_account, caption="Cake")
    month.get_by_role("link", name="Next", exact=True).click()
    expect(month.locator(".card", has_text="Cake")).to_have_count(1)
    cake.delete_softly(now=clock.now())
    month.clock.fast_forward(USUAL_MS)
    expect(month.locator(".card", has_text="Cake")).to_have_count(0)


def test_a_list_follows_too(month, ahead):  # noqa: F811
    month.get_by_role("link", name="List", exact=True).click()
    row = month.locator(".list-row", has_text="Fresh bread")
    row.locator("a").first.focus()
    publish()
    month.clock.fast_forward(USUAL_MS)
    expect(row).to_have_attribute("data-status", "published")
    expect(row.locator("a").first).to_be_focused()
    expect(month.locator("#live-polite")).to_have_text("Published: Fresh bread")


@pytest.mark.parametrize("view", ["Week", "Day"])
def test_hours_follow_too(month, bread, view):  # noqa: F811
    month.get_by_role("link", name=view, exact=True).click()
    expect(month.locator(".week")).to_be_visible()
    card(month).locator("a").first.focus()
    publish()
    month.clock.fast_forward(USUAL_MS)
    expect(card(month)).to_have_attribute("data-status", "published")
    expect(card(month).locator("a").first).to_be_focused()


def test_a_carried_idea_is_not_taken_out_of_hand(month, alice):
    PostIdea.objects.create(user=alice, title="Bread at night")
    month.reload()
    waits = month.locator(".rail .card")
    expect(waits).to_have_count(1)
    month.mouse.move(*middle(waits))
    month.mouse.down()
    month.mouse.move(600, 600, steps=4)
    publish()
    month.clock.fast_forward(USUAL_MS)
    assert month.asked == []
    month.keyboard.press("Escape")
    month.mouse.up()
    month.clock.fast_forward(2_000)
    expect(card(month)).to_have_attribute("data-status", "published")


# --- Fetched ahead ----------------------------------------------------------------------------------------------
def bytes_of(tab, address):  # noqa: F811
    """Return how many bytes came over the line each time this address was asked for."""
    return tab.evaluate(
        """address => performance.getEntriesByType("resource")
             .filter(({ name }) => name === address).map(({ transferSize }) => transferSize)""",
        address,
    )


@pytest.fixture
def page(tab, bread, ahead):  # noqa: F811
    """The month of the post, in real time: a clock in the test's hand says nothing of what was fetched."""
    tab.set_viewport_size({"width": 1440, "height": 1200})
    tab.go(f"/calendar/?date={ahead.date()}")
    expect(tab.locator(".card")).to_have_count(1)
    return tab


@pytest.fixture
def after(page):
    """The arrow to the next month, with the mouse on it."""
    arrow = page.locator("#cal-after")
    with page.expect_response("**/calendar/?date=*"):
        arrow.hover()
    return arrow


def test_a_page_that_is_about_to_be_turned_to_is_there_already(page, after):
    address = page.url.split("/calendar/")[0] + after.get_attribute("href")
    name = page.locator("#calendar-name").inner_text()
    after.click()
    expect(page.locator("#calendar-name")).not_to_have_text(name)
    fetched, shown = bytes_of(page, address)
    assert fetched > 0
    assert shown == 0


def test_what_was_fetched_before_a_change_is_asked_for_anew(page, after, bread, ahead):  # noqa: F811
    address = page.url.split("/calendar/")[0] + after.get_attribute("href")
    drag(page, 1, ahead)
    page.mouse.up()
    expect(page.locator(".toast__text")).to_contain_text("Moved to")
    page.keyboard.press("j")
    expect(page.locator(".card")).to_have_count(0)
    sizes = bytes_of(page, address)
    assert len(sizes) == 2 and all(sizes)


def test_where_data_is_saved_nothing_is_fetched_ahead(page):
    page.evaluate("Object.defineProperty(navigator, 'connection', { get: () => ({ saveData: true }) })")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#cal-after").hover()
    page.wait_for_timeout(300)
    assert asked == []
