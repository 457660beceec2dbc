"""What only a browser shows: dialogs, polling, previews, the keyboard. Every test fails on a console error."""

import os
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scheduler.lib import chromium, clock
from scheduler.models import Notification, PostChange, ProcessorPass, PublishingLog, ScheduledPost, Status
from tests.test_forms import picture

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread that uses the database
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]
# What Chromium says about an answer with this status, though the page shows it well; and htmx of a look at the form
# that a newer one replaced, or that the page was left before.
EXPECTED_NOISE = ("status of 409", "status of 422", "htmx:sendAbort", "htmx:afterRequest")
PATHS = (
    "/posts/",
    "/posts/?tab=attention",
    "/posts/new/",
    "/ideas/",
    "/ideas/new/",
    "/media/",
    "/accounts/",
    "/activity/",
    "/notifications/",
    "/settings/",
)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return chromium.launch_options()


@pytest.fixture
def noise():
    """What the console said; a test that means to make some empties it."""
    return []


@pytest.fixture
def tab(window, live_server, client, alice, noise):
    """A tab of Alice's browser, signed in; `tab.go(path)` opens a page."""
    client.force_login(alice)
    window.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = window.new_page()
    page.set_default_timeout(10_000)
    page.add_init_script("localStorage.setItem('keys-known', 'yes')")  # or the first post picked up is explained
    page.on("console", lambda said: noise.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.go = lambda path: page.goto(live_server.url + path)
    yield page
    page.close()
    assert [text for text in noise if not any(known in text for known in EXPECTED_NOISE)] == []


@pytest.fixture
def post(make_post):
    now = clock.now()
    return make_post(at=now + timedelta(days=1), now=now, media=0, media_urls=["https://example.com/a.jpg"])


@pytest.fixture
def month(alice, make_post, post):
    """A little of everything that a page can show."""
    now = clock.now()
    ProcessorPass.note("cluster", now - timedelta(hours=3))
    more = {"account": post.instagram_account, "media": 0, "media_urls": ["https://example.com/a.jpg"]}
    failed = make_post(at=now + timedelta(hours=5), now=now, **more)
    held = make_post(at=now + timedelta(hours=6), now=now, **more)
    rows = ScheduledPost.objects
    rows.filter(pk=failed.pk).update(status="failed", last_error="IMAGE_SHAPE", failed_at=now, wake_at=None)
    rows.filter(pk=held.pk).update(hold_reason="missed", wake_at=None)
    PostChange.note(failed, PostChange.Act.SCHEDULED, alice, now)
    line = PublishingLog.start(failed, "create_container", now)
    line.close("error", now, error_code="IMAGE_SHAPE", http_status=400, duration_ms=90, api_endpoint="/v26.0/1/media")
    Notification.objects.create(user=alice, kind="IMAGE_SHAPE", cause="post:1", post=failed, created_at=now)
    return failed


@pytest.mark.parametrize("width", [1440, 390])
def test_nobody_is_shut_out(tab, month, width):
    tab.emulate_media(reduced_motion="reduce")
    tab.set_viewport_size({"width": width, "height": 900})
    for path in (*PATHS, f"/posts/{month.pk}/", f"/posts/{month.pk}/edit/"):
        tab.go(path)
        for theme in ("light", "dark"):
            tab.emulate_media(color_scheme=theme)
            found = Axe().run(tab).response["violations"]
            assert [(path, theme, one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_nothing_is_wider_than_a_small_phone(tab, month):
    tab.set_viewport_size({"width": 320, "height": 640})
    for path in (*PATHS, f"/posts/{month.pk}/", f"/posts/{month.pk}/edit/"):
        tab.go(path)
        assert (path, tab.evaluate("document.documentElement.scrollWidth")) == (path, 320)


def test_touch_targets_are_large_enough(tab, month):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.go(f"/posts/{month.pk}/")
    small = tab.evaluate(
        """[...document.querySelectorAll("main button, main a.button, main summary, .bottombar a, .topbar__button")]
           .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
           .map((one) => one.outerHTML)"""
    )
    assert small == []


def test_the_first_tab_stop_skips_to_the_content(tab, post):
    tab.go("/posts/")
    tab.keyboard.press("Tab")
    expect(tab.locator(".skip-link")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("#main")).to_be_focused()


def test_the_theme_is_there_before_any_script(tab, alice):
    alice.theme = "dark"
    alice.save()
    tab.go("/settings/")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 19, 17)"


@pytest.mark.own_window
def test_the_page_of_a_post_follows_by_itself(tab, post):
    tab.clock.install()
    tab.go(f"/posts/{post.pk}/")
    expect(tab.locator(".state .badge")).to_have_text("Scheduled")
    ScheduledPost.objects.filter(pk=post.pk).update(
        status="published", published_at=clock.now(), wake_at=None, permalink="https://www.instagram.com/p/abc/"
    )
    tab.clock.fast_forward(31_000)
    expect(tab.locator(".state .badge")).to_have_text("Published")
    expect(tab.locator("#live-polite")).to_have_text("Published")


@pytest.mark.own_window
def test_open_details_stay_open_when_the_page_follows(tab, month):
    tab.clock.install()
    tab.go(f"/posts/{month.pk}/")
    tab.locator(".moment summary").first.click()
    PostChange.note(month, PostChange.Act.EDITED, None, clock.now())
    tab.clock.fast_forward(31_000)
    expect(tab.locator(".moment", has_text="Changed")).to_be_visible()
    expect(tab.locator(".moment details[open]")).to_have_count(1)


@pytest.mark.own_window
def test_a_hidden_page_does_not_ask(tab, post):
    tab.clock.install()
    tab.go("/posts/")
    asked = []
    tab.on("request", lambda request: asked.append(request.url) if request.resource_type == "xhr" else None)
    tab.evaluate(
        """Object.defineProperty(document, "hidden", { get: () => window.away, configurable: true });
           window.away = true; document.dispatchEvent(new Event("visibilitychange"))"""
    )
    tab.clock.fast_forward(300_000)
    assert asked == []
    with tab.expect_response("**/posts/"):
        tab.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.own_window
def test_a_page_that_cannot_ask_says_so_and_recovers(tab, post, noise):
    tab.clock.install()
    tab.go("/posts/")
    tab.route("**/posts/", lambda route: route.abort())
    tab.clock.fast_forward(31_000)
    expect(tab.locator("[data-poll-stale]")).to_be_visible()
    expect(tab.locator(".toast")).to_have_count(0)
    tab.unroute("**/posts/")
    tab.get_by_role("button", name="Refresh").click()
    expect(tab.locator("[data-poll-stale]")).to_be_hidden()
    noise.clear()


def test_publish_now_asks_first(tab, post, monkeypatch):
    monkeypatch.setattr("scheduler.services.post_actions.publish_inline", lambda post: None)
    tab.go(f"/posts/{post.pk}/")
    tab.get_by_role("button", name="Publish now").click()
    expect(tab.get_by_role("dialog")).to_contain_text(f"Publish to {post.instagram_account} now?")
    tab.keyboard.press("Escape")
    post.refresh_from_db()
    assert post.next_attempt_at > clock.now()
    tab.get_by_role("button", name="Publish now").click()
    tab.get_by_role("dialog").get_by_role("button", name="Publish now").click()
    expect(tab.locator(".toast")).to_contain_text("It goes out now.")
    post.refresh_from_db()
    assert post.next_attempt_at <= clock.now()


def test_a_refused_act_is_said_in_place(tab, post):
    tab.go(f"/posts/{post.pk}/")
    ScheduledPost.objects.filter(pk=post.pk).update(status="published", published_at=clock.now(), wake_at=None)
    tab.locator("#act-more").click()
    tab.locator("#act-unschedule").click()
    expect(tab.get_by_role("alert")).to_contain_text("Published posts can't be moved.")


def test_deleting_asks_and_leads_back_to_the_list(tab, post):
    tab.go(f"/posts/{post.pk}/")
    tab.locator("#act-more").click()
    tab.locator("#act-delete").click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(tab.locator(".toast")).to_contain_text("Deleted.")
    post.refresh_from_db()
    assert post.deleted_at is not None


def test_the_menu_closes_on_escape_and_gives_the_focus_back(tab, post):
    tab.go(f"/posts/{post.pk}/")
    tab.locator("#act-more").click()
    expect(tab.locator("#act-duplicate")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("#act-duplicate")).to_be_hidden()
    expect(tab.locator("#act-more")).to_be_focused()


def upload_of(*pictures):
    return [{"name": one.name, "mimeType": one.content_type, "buffer": one.read()} for one in pictures]


def test_pictures_are_shown_put_in_order_and_scheduled(tab, post, make_account):
    tab.go("/posts/new/")
    tab.locator("#id_uploads").set_input_files(upload_of(picture("one.png"), picture("two.png", colour="#204060")))
    expect(tab.locator("#previews img")).to_have_count(2)
    tab.get_by_role("button", name="Save draft").click()
    tab.get_by_role("link", name="Edit").click()
    expect(tab.locator(".tile__name").first).to_have_text("one.png")
    tab.locator(".tile").nth(1).get_by_role("button", name="Earlier").press("Enter")
    expect(tab.locator(".tile__name").first).to_have_text("two.png")
    expect(tab.locator("[data-reorder-live]")).to_have_text("Now in place 1.")
    expect(tab.locator(".tile").nth(0).get_by_role("button", name="Later")).to_be_focused()
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.locator(".phone__item img")).to_have_count(2)
    draft = ScheduledPost.objects.get(status=Status.DRAFT)
    assert [place.asset.original_name for place in draft.media.all()] == ["two.png", "one.png"]


def test_counters_count_while_one_writes(tab, alice):
    tab.go("/posts/new/")
    tab.get_by_label("Caption").fill("😀 " + "#pão " * 6 + "@ana")
    expect(tab.locator("[data-count=characters]")).to_have_text("37 of 2200 characters")
    expect(tab.locator("[data-count=hashtags]")).to_have_text("6 hashtags. Instagram is moving to a limit of 5.")
    expect(tab.locator("[data-count=mentions]")).to_have_text("1 of 20 mentions")
    tab.get_by_label("Caption").fill("a" * 2212)
    expect(tab.locator("[data-count=characters]")).to_have_text("12 characters over")


def test_a_refused_form_takes_one_to_the_problems(tab, alice):
    tab.go("/posts/new/")
    tab.get_by_role("button", name="Schedule").click()
    expect(tab.locator("#problems")).to_be_focused()
    tab.locator("#problems").get_by_role("link", name="Account").click()
    expect(tab.locator("#id_account")).to_be_focused()


def test_everything_works_without_scripts(browser, live_server, client, alice, make_account):
    account = make_account()
    client.force_login(alice)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/posts/new/")
    page.locator("#id_uploads").set_input_files(upload_of(picture()))
    page.get_by_label("Account", exact=True).select_option(str(account.pk))
    page.get_by_role("button", name="Save draft").click()
    page.locator("#act-more").click()
    page.locator("#act-duplicate").click()
    page.get_by_role("button", name="Save draft").click()
    context.close()
    assert ScheduledPost.objects.filter(status=Status.DRAFT).count() == 2
