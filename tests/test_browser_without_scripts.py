"""In a real browser that runs no scripts: each type is written, put in line, and goes out at its time."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import InstagramAccount, ScheduledPost, Status
from scheduler.sandbox.models import Control, Media
from scheduler.services.instagram_publish_service import InstagramPublishService
from tests.media.odd_files import REFUSED
from tests.test_browser import browser_type_launch_args  # noqa: F401 - a fixture
from tests.test_browser_facebook import facebook  # noqa: F401 - a fixture
from tests.test_browser_types import bread, film

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]
MOST_PASSES = 20


@pytest.fixture
def page(browser, live_server, facebook, client, alice):  # noqa: F811
    """Open the editor for an account that was connected without scripts, too."""
    Control.objects.update(delay_video_s=0)
    client.force_login(alice)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.go = lambda path: page.goto(live_server.url + path)
    page.go("/accounts/")
    page.get_by_role("link", name="Connect with Instagram").click()
    page.get_by_role("link", name="padaria.aurora").click()
    page.get_by_role("link", name="Allow", exact=True).click()
    page.go(f"/posts/new/?account={InstagramAccount.objects.get().pk}")
    yield page
    context.close()


def upload(page, *files):
    page.locator("#id_uploads").set_input_files(list(files))


def edit_again(page):
    """Save the draft and open it again, now with its files in the form."""
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.get_by_role("link", name="Edit").click()


def schedule(page):
    page.get_by_label("Date", exact=True).fill((clock.now() + timedelta(days=2)).strftime("%Y-%m-%d"))
    page.get_by_label("Time", exact=True).fill("18:30")
    page.get_by_role("button", name="Schedule for").or_(
        page.get_by_role("button", name="Schedule", exact=True)
    ).click()
    expect(page.get_by_text("Scheduled.", exact=True)).to_be_visible()
    return ScheduledPost.objects.get()


def when_its_time_comes(post):
    """Let time pass on both sides until the post came to rest; return what is on the profile."""
    assert post.status == Status.SCHEDULED
    skew = timedelta(0)
    for _ in range(MOST_PASSES):
        if post.wake_at is None:
            break
        skew += max(timedelta(0), post.wake_at - clock.now() - skew + timedelta(milliseconds=10))
        Control.objects.update(clock_offset_s=skew.total_seconds())
        InstagramPublishService(clock=lambda: clock.now() + skew).publish_post(post)  # noqa: B023 - called here
        post.refresh_from_db()
    assert post.status == Status.PUBLISHED, post.last_error
    return Media.objects.get(parent=None)


def test_a_carousel_with_its_order_alt_texts_and_people(page):
    upload(page, bread("#d9a066"), film(), bread("#2f8553"))
    page.get_by_label("Caption").first.fill("Three things")
    edit_again(page)
    page.get_by_label("Place").nth(0).fill("3")
    page.get_by_label("Place").nth(2).fill("1")
    page.get_by_label("Alt text").first.fill("A loaf of bread")
    page.locator(".tags summary").first.click()
    page.get_by_label("Tag people").first.fill("estudio.lume 0.5 0.3")
    live = when_its_time_comes(schedule(page))
    names = [place.asset.original_name for place in ScheduledPost.objects.get().media.order_by("position")]
    assert names == ["#2f8553.png", "oven.mp4", "#d9a066.png"]
    assert (live.media_type, live.caption, live.children.count()) == ("CAROUSEL_ALBUM", "Three things", 3)


def test_a_reel_with_its_options(page):
    upload(page, film())
    page.get_by_label("Caption").first.fill("How bread is made")
    page.locator("summary", has_text="People, place").click()
    page.get_by_label("Name of the audio").fill("Oven at dawn")
    page.locator("#id_cover_at").fill("1.5")
    live = when_its_time_comes(schedule(page))
    assert (live.product_type, live.caption) == ("REELS", "How bread is made")
    assert ScheduledPost.objects.get().options["thumb_offset"] == 1500


@pytest.mark.parametrize("file", [bread("#c93a32"), film()], ids=["photo", "video"])
def test_a_story(page, file):
    page.get_by_label("Story", exact=True).check()
    upload(page, file)
    assert when_its_time_comes(schedule(page)).product_type == "STORY"
    page.reload()
    expect(page.get_by_text("Published", exact=True).first).to_be_visible()


def test_a_refused_file_loses_neither_words_nor_the_other_files(page):
    bad = [{"name": file.name, "mimeType": "image/png", "buffer": file.draw()} for file in REFUSED if file.draw()]
    page.get_by_label("Caption").first.fill("Pão quentinho")
    upload(page, bread("#d9a066"), *bad)
    page.get_by_role("button", name="Save draft").click()
    said = page.locator("#id_uploads_error .field__problem").all_inner_texts()
    assert said == [f"{file.name}: {file.sentence}" for file in REFUSED if file.draw()]
    expect(page.get_by_label("Caption").first).to_have_value("Pão quentinho")
    expect(page.locator(".tile")).to_have_count(1)
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
