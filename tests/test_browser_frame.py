"""In a real browser: a picture gets another shape, and what is shown is, byte for byte, what Instagram fetches."""

from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from scheduler.models import InstagramAccount, Rendition, ScheduledPost
from scheduler.sandbox.models import FetchedFile
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_facebook import facebook, to_the_picker  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]


def wide(name="wide.png"):
    """A picture that Instagram would refuse: red on the left, blue on the right."""
    picture, out = Image.new("RGB", (2400, 900), "#c93a32"), BytesIO()
    ImageDraw.Draw(picture).rectangle((1200, 0, 2400, 900), fill="#2e6bc6")
    picture.save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def colour_of(data: bytes) -> str:
    red, _green, blue = Image.open(BytesIO(data)).convert("RGB").resize((1, 1)).getpixel((0, 0))
    return "red" if red > blue else "blue"


@pytest.fixture
def uploaded(tab):  # noqa: F811
    """Open the form of a draft with the wide picture, its shape unfolded."""
    tab.go("/posts/new/")
    tab.locator("#id_uploads").set_input_files([wide()])
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    tab.go(f"/posts/{ScheduledPost.objects.get().pk}/edit/")
    tab.locator(".frame summary").click()
    return tab


def save(tab) -> Rendition:  # noqa: F811
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    return ScheduledPost.objects.get().media.get().rendition("publish")


def test_what_is_dragged_into_the_frame_is_what_goes_out(uploaded):
    uploaded.get_by_label("Square 1:1").check()
    view = uploaded.locator("[data-frame-view]")
    box = view.bounding_box()
    uploaded.mouse.move(box["x"] + 20, box["y"] + 20)
    uploaded.mouse.down()
    uploaded.mouse.move(box["x"] + 400, box["y"] + 20, steps=6)  # pulls the left half in
    uploaded.mouse.up()
    made = save(uploaded)
    assert made.width == made.height == 900
    with made.file.open("rb") as file:
        assert colour_of(file.read()) == "red"


def test_the_keyboard_moves_and_zooms_too(uploaded):
    uploaded.get_by_label("Square 1:1").check()
    uploaded.locator("[data-frame-view]").focus()
    for key in [*["ArrowRight"] * 40, "+"]:
        uploaded.keyboard.press(key)
    made = save(uploaded)
    assert made.width < 900
    with made.file.open("rb") as file:
        assert colour_of(file.read()) == "blue"


def test_nothing_is_lost_when_it_goes_back_to_its_own_shape(uploaded):
    uploaded.get_by_label("Story 9:16").check()
    assert save(uploaded).height > save_again(uploaded, "As it is").height


def save_again(tab, shape) -> Rendition:  # noqa: F811
    tab.go(f"/posts/{ScheduledPost.objects.get().pk}/edit/")
    tab.locator(".frame summary").click()
    tab.get_by_label(shape).check()
    return save(tab)


@pytest.mark.parametrize("width", [1440, 320])
def test_the_frame_shuts_nobody_out(uploaded, width):
    uploaded.set_viewport_size({"width": width, "height": 900})
    uploaded.get_by_label("Portrait 4:5").check()
    assert uploaded.evaluate("document.documentElement.scrollWidth") == width
    assert [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(uploaded).response["violations"]] == []


def test_one_shape_for_all_pictures(tab):  # noqa: F811
    tab.go("/posts/new/")
    narrow = wide("other.png") | {"buffer": wide()["buffer"] + b"\0"}
    tab.locator("#id_uploads").set_input_files([wide(), narrow])
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    tab.go(f"/posts/{ScheduledPost.objects.get().pk}/edit/")
    tab.locator(".frame summary").first.click()
    first = tab.locator(".frame").first
    first.get_by_label("Portrait 4:5").check()
    first.get_by_label("Black edges").check()
    first.get_by_role("button", name="Apply to all").click()
    expect(tab.get_by_text("All pictures have this shape now.")).to_be_visible()
    save_all = [place.frame.recipe for place in saved_places(tab)]
    assert save_all == ["pad 4:5 black"] * 2


def test_one_shape_for_pictures_that_came_one_by_one_saves_itself(tab):  # noqa: F811
    tab.go("/posts/new/")
    for number, file in enumerate([wide(), wide("other.png") | {"buffer": wide()["buffer"] + b"\0"}], start=1):
        tab.locator("#id_uploads").set_input_files([file])
        expect(tab.locator(".tile")).to_have_count(number)
    first = tab.locator(".frame").first
    first.locator("summary").click()
    with tab.expect_response("**/autosave/**"):
        first.get_by_label("Portrait 4:5").check()
    with tab.expect_response("**/autosave/**"):
        first.get_by_role("button", name="Apply to all").click()
    assert {place.frame.shape for place in ScheduledPost.objects.get().media.all()} == {"4:5"}


def saved_places(tab):  # noqa: F811
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    return ScheduledPost.objects.get().media.all()


def test_the_preview_shows_byte_for_byte_what_instagram_fetched(tab, facebook, live_server):  # noqa: F811
    to_the_picker(tab)
    tab.get_by_role("checkbox", name="@padaria.aurora").check()
    tab.get_by_role("button", name="Connect what is ticked").click()
    expect(tab.get_by_text("Facebook, Page Padaria Aurora")).to_be_visible()
    tab.go(f"/posts/new/?account={InstagramAccount.objects.get().pk}")
    tab.locator("#id_uploads").set_input_files([wide()])
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    post = ScheduledPost.objects.get()
    save_again(tab, "Landscape 1.91:1")
    shown = tab.locator(".phone__item img").get_attribute("src")
    preview = tab.request.get(live_server.url + shown).body()
    tab.get_by_role("button", name="Publish now").click()
    tab.get_by_role("dialog").get_by_role("button", name="Publish now").click()
    expect(tab.get_by_text("It goes out now.")).to_be_visible(timeout=40_000)
    post.refresh_from_db()
    assert post.status == "published"
    assert bytes(FetchedFile.objects.get().data) == preview
