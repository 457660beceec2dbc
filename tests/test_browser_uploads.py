"""In a real browser: files go up at once, over a bad line too, and are told one by one what is wrong with them."""

import io
import random

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from scheduler.models import MediaAsset, ScheduledPost, Upload
from scheduler.services.media_intake import take_upload
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_forms import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]


def file(name="bread.png", colour="#d9a066", size=(1080, 1080)):
    return {"name": name, "mimeType": "image/png", "buffer": picture(name, size, colour).read()}


@pytest.fixture
def composer(tab, make_account):  # noqa: F811
    make_account()
    tab.go("/posts/new/")
    return tab


def choose(tab, *files):  # noqa: F811
    tab.locator("#id_uploads").set_input_files(list(files))


def test_a_chosen_file_becomes_a_tile_and_shows_in_the_preview(composer):
    choose(composer, file())
    expect(composer.locator(".tile")).to_have_count(1)
    expect(composer.locator(".upload")).to_have_count(0)
    expect(composer.locator(".preview .phone__item img")).to_be_visible()


def test_several_at_once_make_a_carousel_in_their_order(composer):
    choose(
        composer, *(file(f"{n}.png", colour) for n, colour in enumerate(["#c93a32", "#2e6bc6", "#2f8553", "#d9a066"]))
    )
    expect(composer.locator(".tile")).to_have_count(4)
    expect(composer.locator(".phone__count").first).to_have_text("1/4")
    assert composer.locator("[data-place]").evaluate_all("(all) => all.map((one) => one.value)") == [
        "1",
        "2",
        "3",
        "4",
    ]


def test_what_is_uploaded_is_saved_with_the_draft(composer):
    choose(composer, file())
    expect(composer.locator(".tile")).to_have_count(1)
    expect(composer.locator("[data-save-state]")).to_contain_text("Saved: ")
    assert ScheduledPost.objects.get().media.count() == 1


def test_a_button_waits_for_what_is_on_its_way(composer):
    composer.route("**/media/uploads/*/", lambda route: (composer.wait_for_timeout(700), route.continue_()))
    choose(composer, file())
    composer.get_by_role("button", name="Save draft").click()
    expect(composer.get_by_text("Draft saved.")).to_be_visible()
    assert ScheduledPost.objects.get().media.count() == 1


def test_a_line_that_breaks_goes_on_where_it_was(composer, noise):  # noqa: F811
    broken = []

    def break_once(route):
        if route.request.method == "PATCH" and not broken:
            broken.append(route)
            route.abort()
        else:
            route.continue_()

    composer.route("**/media/uploads/*/", break_once)
    choose(composer, file())
    expect(composer.locator(".tile")).to_have_count(1)
    assert broken and MediaAsset.objects.count() == Upload.objects.count() == 1
    noise.clear()


@pytest.mark.own_window
def test_a_dead_line_is_told_and_tried_again_by_hand(composer, noise):  # noqa: F811
    composer.route("**/media/uploads/", lambda route: route.abort())
    composer.clock.install()
    choose(composer, file())
    for _wait in range(5):
        composer.clock.run_for(12_000)
    expect(composer.get_by_text("Not uploaded: the server can’t be reached.")).to_be_visible()
    composer.unroute("**/media/uploads/")
    composer.get_by_role("button", name="Try again").click()
    expect(composer.locator(".tile")).to_have_count(1)
    noise.clear()


def test_a_server_without_room_is_told_and_tried_again_by_hand(composer, noise):  # noqa: F811
    full = {"problem": "The disk is full."}
    composer.route("**/media/uploads/*/", lambda route: route.fulfill(status=507, json=full))
    choose(composer, file())
    expect(composer.locator(".upload")).to_contain_text("The disk is full.")
    composer.unroute("**/media/uploads/*/")
    composer.get_by_role("button", name="Try again").click()
    expect(composer.locator(".tile")).to_have_count(1)
    noise.clear()


def test_each_refused_file_says_why_and_the_others_go_on(composer, noise):  # noqa: F811
    words = {"name": "list.png", "mimeType": "image/png", "buffer": b"these are words"}
    empty = {"name": "empty.jpg", "mimeType": "image/jpeg", "buffer": b""}
    choose(composer, words, file(), empty)
    expect(composer.locator(".tile")).to_have_count(1)
    expect(composer.locator(".upload", has_text="list.png")).to_contain_text("This is not a picture or video.")
    expect(composer.locator(".upload", has_text="empty.jpg")).to_contain_text("This file is empty.")
    noise.clear()


def test_a_refused_file_is_taken_away(composer, noise):  # noqa: F811
    choose(composer, {"name": "list.png", "mimeType": "image/png", "buffer": b"these are words"})
    # Taken away on its way, it would be deleted on the server too, where the refusal may have come first.
    expect(composer.locator(".upload")).to_contain_text("This is not a picture or video.")
    composer.get_by_role("button", name="Take it away").click()
    expect(composer.locator(".upload")).to_have_count(0)
    noise.clear()


def test_the_same_file_twice_at_once_is_one_tile_and_said(composer):
    files = [
        {"name": name, "mimeType": "image/png", "buffer": picture("bread.png").read()} for name in ("a.png", "b.png")
    ]
    composer.locator("#id_uploads").set_input_files(files)
    expect(composer.locator(".toast__text")).to_contain_text("is in this post already.")
    expect(composer.locator(".upload")).to_have_count(0)
    expect(composer.locator(".tile")).to_have_count(1)


def test_the_same_file_twice_is_one_tile(composer):
    choose(composer, file())
    expect(composer.locator(".tile")).to_have_count(1)
    choose(composer, file())
    expect(composer.locator(".upload")).to_have_count(0)
    expect(composer.locator(".tile")).to_have_count(1)


def test_a_large_file_goes_in_pieces(composer):
    grain, out = random.Random(1).randbytes(1080 * 1080 * 3), io.BytesIO()
    Image.frombytes("RGB", (1080, 1080), grain).save(out, "PNG")
    pieces = []
    composer.on("request", lambda request: pieces.append(request) if request.method == "PATCH" else None)
    choose(composer, {"name": "noise.png", "mimeType": "image/png", "buffer": out.getvalue()})
    expect(composer.locator(".tile")).to_have_count(1)
    assert len(pieces) == 4


def test_a_file_of_the_library_is_put_in_by_a_click(composer, alice):
    take_upload(alice, picture("shelf.png"))
    composer.get_by_role("button", name="From the library").click()
    composer.get_by_role("button", name="shelf.png").click()
    expect(composer.get_by_role("button", name="shelf.png")).to_have_attribute("aria-pressed", "true")
    found = Axe().run(composer)
    assert found.violations_count == 0, found.generate_report()
    composer.get_by_role("button", name="Done").click()
    expect(composer.locator(".tile")).to_have_count(1)
    expect(composer.locator("[data-save-state]")).to_contain_text("Saved: ")
    assert ScheduledPost.objects.get().media.get().asset.original_name == "shelf.png"


def test_the_library_is_searched_by_name(composer, alice):
    take_upload(alice, picture("shelf.png", colour="#111111"))
    take_upload(alice, picture("bread.png"))
    composer.get_by_role("button", name="From the library").click()
    expect(composer.locator("[data-asset]")).to_have_count(2)
    composer.get_by_label("Search by name").fill("bre")
    expect(composer.locator("[data-asset]")).to_have_count(1)
    composer.keyboard.press("Escape")  # empties the field
    expect(composer.locator("[data-asset]")).to_have_count(2)
    composer.keyboard.press("Escape")
    expect(composer.locator("#library-dialog")).to_be_hidden()
