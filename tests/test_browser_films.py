"""In a real browser: a video that Instagram would refuse is followed on its tile until it is ready."""

import pytest
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import MediaAsset
from scheduler.services import film_mending
from tests.media import corpus
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]


@pytest.fixture
def composer(tab, make_account):  # noqa: F811
    make_account()
    tab.go("/posts/new/")
    film = {"name": "odd.mp4", "mimeType": "video/mp4", "buffer": corpus.film(codec="mpeg4")}
    tab.locator("#id_uploads").set_input_files([film])
    expect(tab.locator(".tile")).to_have_count(1)
    return tab


def test_a_video_to_be_mended_says_so_on_its_tile_and_in_the_checklist(composer):
    expect(composer.locator(".film-state")).to_contain_text("The video waits to be prepared for Instagram.")
    expect(composer.get_by_text("odd.mp4 is still being prepared.").first).to_be_visible()


def test_a_tile_follows_its_video_until_it_is_ready(composer):
    asset = MediaAsset.objects.get()
    MediaAsset.objects.filter(pk=asset.pk).update(state="working", progress=40)
    expect(composer.locator(".film-state")).to_contain_text("The video is being prepared for Instagram: 40 %")
    MediaAsset.objects.filter(pk=asset.pk).update(state="waiting")
    film_mending.mend(asset.pk, clock.now)
    expect(composer.locator(".film-state")).to_have_text("The video is ready.")
    expect(composer.get_by_text("odd.mp4 is still being prepared.")).to_have_count(0)
