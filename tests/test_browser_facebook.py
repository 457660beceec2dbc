"""In a real browser, over sockets: from the accounts page through Facebook's dialog and the picker, to a photo."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scheduler.models import InstagramAccount
from scheduler.sandbox.models import Control, Media
from tests.test_browser import browser_type_launch_args, noise, tab, upload_of  # noqa: F401 - fixtures
from tests.test_forms import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]
HOSTS = {
    "FACEBOOK_GRAPH_URL": "graph.facebook.com",
    "FACEBOOK_WWW_URL": "www.facebook.com",
    "INSTAGRAM_GRAPH_URL": "graph.instagram.com",
    "INSTAGRAM_WWW_URL": "www.instagram.com",
    "INSTAGRAM_API_URL": "api.instagram.com",
}


@pytest.fixture
def facebook(live_server, settings):
    """Put the simulated Facebook where browser and server both reach it, without any waiting."""
    settings.PUBLIC_BASE_URL = live_server.url
    for name, host in HOSTS.items():
        setattr(settings, name, f"{live_server.url}/sandbox/{host}")
    Control.load()
    Control.objects.update(delay_image_s=0, list_lag_s=0)


def to_the_picker(tab):  # noqa: F811 - the fixture's own name
    tab.go("/accounts/")
    tab.get_by_role("link", name="Connect with Facebook").click()
    tab.get_by_role("link", name="Marina Duarte").click()
    tab.get_by_role("link", name="Allow", exact=True).click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Which accounts should be connected?")


def test_from_the_accounts_page_to_a_published_photo(tab, facebook, alice):  # noqa: F811
    to_the_picker(tab)
    tab.get_by_role("checkbox", name="@padaria.aurora").check()
    tab.get_by_role("checkbox", name="@atelie.ipe").check()
    tab.get_by_role("button", name="Connect what is ticked").click()
    expect(tab.get_by_text("Facebook, Page Padaria Aurora")).to_be_visible()
    expect(tab.get_by_text("Facebook, Page Ateliê Ipê")).to_be_visible()
    account = InstagramAccount.objects.get(instagram_username="padaria.aurora")
    tab.go(f"/posts/new/?account={account.pk}")
    tab.locator("#id_uploads").set_input_files(upload_of(picture("bread.png")))
    tab.get_by_label("Caption").fill("Fresh bread")
    tab.get_by_role("button", name="Save draft").click()
    tab.get_by_role("button", name="Publish now").click()
    tab.get_by_role("dialog").get_by_role("button", name="Publish now").click()
    # No cluster runs: the click itself carries the post through, with Instagram's own time to work.
    expect(tab.get_by_text("It goes out now.")).to_be_visible(timeout=40_000)
    tab.reload()
    expect(tab.get_by_text("Published", exact=True).first).to_be_visible()
    live = Media.objects.get(parent=None)
    assert (live.profile.username, live.caption) == ("padaria.aurora", "Fresh bread")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_picker_shuts_nobody_out(tab, facebook, theme, width):  # noqa: F811
    tab.emulate_media(color_scheme=theme, reduced_motion="reduce")
    tab.set_viewport_size({"width": width, "height": 900})
    to_the_picker(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    expect(tab.get_by_role("button", name="Connect what is ticked")).to_be_in_viewport(ratio=1)
    assert [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(tab).response["violations"]] == []


def test_the_picker_works_by_the_keyboard_alone(tab, facebook):  # noqa: F811
    to_the_picker(tab)
    tab.get_by_role("checkbox").first.focus()
    for key in ("Space", "Tab", "Tab", "Space"):
        tab.keyboard.press(key)
    names = [tab.get_by_role("checkbox").nth(number).is_checked() for number in range(4)]
    assert names == [True, False, True, False]
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Connect what is ticked")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Accounts")
    assert InstagramAccount.objects.count() == 2


def test_the_picker_works_without_javascript(browser, live_server, facebook, client, alice):
    client.force_login(alice)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.go = lambda path: page.goto(live_server.url + path)
    to_the_picker(page)
    page.get_by_role("button", name="Connect what is ticked").click()
    expect(page.get_by_role("alert")).to_have_text("Tick at least one account.")
    expect(page.get_by_role("checkbox").first).to_be_focused()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Connect what is ticked").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")
    context.close()
    assert InstagramAccount.objects.count() == 1
