"""In a real browser, over sockets: each type from its files to the simulated profile, with what it may have."""

import hashlib

import pytest
from playwright.sync_api import expect

from scheduler.models import InstagramAccount, Rendition, ScheduledPost
from scheduler.sandbox.models import Container, Control, FetchedFile, Media
from tests.media import corpus
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_facebook import facebook, to_the_picker  # noqa: F401 - fixtures
from tests.test_forms import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]


@pytest.fixture
def by_instagram(tab, facebook):  # noqa: F811
    """Connect an account by Instagram Login and open the editor for it."""
    Control.objects.update(delay_video_s=0)
    tab.go("/accounts/")
    tab.get_by_role("link", name="Connect with Instagram").click()
    tab.get_by_role("link", name="padaria.aurora").click()
    tab.get_by_role("link", name="Allow", exact=True).click()
    expect(
        tab.get_by_role("heading", name="@padaria.aurora").or_(tab.get_by_text("padaria.aurora")).first
    ).to_be_visible()
    return editor(tab)


@pytest.fixture
def by_facebook(tab, facebook, settings, live_server):  # noqa: F811
    """Connect an account behind a Page and open the editor for it."""
    settings.RUPLOAD_URL = f"{live_server.url}/sandbox/rupload.facebook.com"
    Control.objects.update(delay_video_s=0)
    to_the_picker(tab)
    tab.get_by_role("checkbox", name="@padaria.aurora").check()
    tab.get_by_role("button", name="Connect what is ticked").click()
    expect(tab.get_by_text("Facebook, Page Padaria Aurora")).to_be_visible()
    return editor(tab)


def editor(tab):  # noqa: F811
    tab.go(f"/posts/new/?account={InstagramAccount.objects.get().pk}")
    return tab


def bread(colour, size=(1080, 1080)):
    file = picture("bread.png", size=size, colour=colour)
    return {"name": f"{colour}.png", "mimeType": "image/png", "buffer": file.read()}


def film(seconds=4.0):
    return {"name": "oven.mp4", "mimeType": "video/mp4", "buffer": corpus.film(seconds)}


def upload(tab, *files):  # noqa: F811
    tab.locator("#id_uploads").set_input_files(list(files))
    expect(tab.locator(".tile")).to_have_count(len(files), timeout=20_000)


def publish(tab):  # noqa: F811
    """Publish what stands in the editor; no cluster runs, so the click itself carries it through."""
    tab.locator(".save-bar .menu summary").click()
    tab.get_by_role("button", name="Publish now").click()
    tab.get_by_role("dialog").get_by_role("button", name="Publish now").click()
    expect(tab.get_by_text("It goes out now.")).to_be_visible(timeout=40_000)
    assert ScheduledPost.objects.get().status == "published", ScheduledPost.objects.get().last_error
    return Media.objects.get(parent=None)


def test_a_mixed_carousel_with_people_alt_texts_and_a_first_comment(by_instagram):
    tab = by_instagram  # noqa: F811
    upload(tab, bread("#d9a066"), film(), bread("#2f8553"))
    tab.get_by_label("Alt text").first.fill("A loaf of bread")
    tab.locator(".tags summary").first.click()
    tab.get_by_role("button", name="Add a person").first.click()
    tab.keyboard.type("estudio.lume")
    tab.get_by_label("Caption").first.fill("Three things")
    tab.get_by_label("First comment").first.fill("More in our profile")
    live = publish(tab)
    children = list(Media.objects.filter(parent=live).order_by("pk"))
    assert (live.caption, len(children)) == ("Three things", 3)
    tab.go("/sandbox/profile/padaria.aurora/")
    expect(tab.locator(".grid a")).to_have_count(1)


def test_a_reel_behind_a_page_goes_up_in_pieces_with_its_options(by_facebook):
    tab = by_facebook  # noqa: F811
    upload(tab, film())
    tab.locator("summary", has_text="People, place").click()
    tab.get_by_label("Collaborators").press_sequentially("@estudio.lume,")
    expect(tab.locator(".tokens .token")).to_contain_text("@estudio.lume")
    tab.get_by_role("searchbox", name="Location").fill("ibirapuera")
    tab.get_by_role("button", name="Parque Ibirapuera São Paulo, Brazil").click()
    expect(tab.locator(".phone__name").first).to_contain_text("Parque Ibirapuera")
    tab.get_by_label("Name of the audio").fill("Oven at dawn")
    tab.locator("#id_cover_at").fill("1.5")
    tab.get_by_label("Caption").first.fill("How bread is made")
    live = publish(tab)
    assert (live.media_type, live.caption) == ("VIDEO", "How bread is made")
    asked = Container.objects.get().options
    assert (asked["location_id"], asked["collaborators"]) == ("400000000000002", ["estudio.lume"])
    tab.go("/sandbox/profile/padaria.aurora/")
    expect(tab.locator(".grid a")).to_have_count(1)


@pytest.mark.parametrize("file", [bread("#c93a32"), film()], ids=["photo", "video"])
def test_a_story(by_instagram, file):
    tab = by_instagram  # noqa: F811
    tab.get_by_label("Story", exact=True).check()
    upload(tab, file)
    publish(tab)
    tab.go("/sandbox/profile/padaria.aurora/")
    expect(tab.locator(".story")).to_have_count(1)


def test_a_reel_with_a_cover_of_its_own(by_instagram):
    tab = by_instagram  # noqa: F811
    upload(tab, film())
    tab.locator("summary", has_text="People, place").click()
    slider = tab.get_by_role("slider", name="Frame of the video")
    slider.scroll_into_view_if_needed()
    expect(tab.locator(".strip__picture")).to_be_visible()
    slider.focus()
    slider.press("ArrowRight")
    expect(tab.locator("#id_cover_at")).to_have_value("0.01")
    tab.locator("#id_cover_upload").set_input_files([upright := bread("#7a2b66", (1080, 1920))])
    cover = tab.get_by_role("img", name=f"Cover: {upright['name']}")
    expect(cover).to_be_visible()
    expect(slider).to_be_hidden()
    address = cover.get_attribute("src")
    expect(tab.locator(".phone--tall img")).to_have_attribute("src", address)
    publish(tab)
    sent, fetched = Container.objects.get().options, FetchedFile.objects.all()
    assert sent["cover_url"].endswith(address) and "thumb_offset" not in sent
    shown = Rendition.objects.get(asset=ScheduledPost.objects.get().cover, purpose="publish")
    assert shown.sha256 in {hashlib.sha256(bytes(file.data)).hexdigest() for file in fetched}
