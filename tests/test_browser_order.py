"""In a real browser: the files of a post change places by mouse, finger and keyboard."""

from io import BytesIO

import pytest
from playwright.sync_api import expect

from scheduler.models import ScheduledPost
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_forms import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COLOURS = {"one.png": "#204060", "two.png": "#c93a32", "three.png": "#2f8553"}


@pytest.fixture
def row(tab):  # noqa: F811
    """Open the editor with three pictures in it."""
    tab.set_viewport_size({"width": 1280, "height": 1400})
    tab.go("/posts/new/")
    files = [(name, BytesIO(picture(name, colour=colour).read())) for name, colour in COLOURS.items()]
    tab.locator("#id_uploads").set_input_files(
        [{"name": name, "mimeType": "image/png", "buffer": file.read()} for name, file in files]
    )
    expect(tab.locator(".tile")).to_have_count(3, timeout=20_000)
    return tab


def names(tab):  # noqa: F811
    return tab.locator(".tile__name").all_inner_texts()


def grip(tab, name):  # noqa: F811
    return tab.locator(".tile", has_text=name).locator("[data-grip]")


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class Finger:
    """One finger on the tab's glass, as the browser itself gets it."""

    def __init__(self, tab):  # noqa: F811
        self.tab, self.glass = tab, tab.context.new_cdp_session(tab)

    def send(self, kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        self.glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def press(self, place):
        self.send("touchStart", place)

    def move(self, *places):
        for place in places:
            self.send("touchMove", place)

    def lift(self):
        self.send("touchEnd")


@pytest.fixture
def finger(row):
    return Finger(row)


def test_a_tile_is_dragged_to_another_place_and_kept_there(row):
    row.mouse.move(*middle(grip(row, "three.png")))
    row.mouse.down()
    x, y = middle(row.locator(".tile").nth(0))
    row.mouse.move(x, y - 40, steps=8)
    expect(row.locator(".tile[data-before]")).to_contain_text("one.png")
    expect(row.locator(".lifted")).to_be_visible()
    row.mouse.up()
    expect(row.locator(".lifted")).to_have_count(0)
    assert names(row) == ["three.png", "one.png", "two.png"]
    expect(row.locator("[data-reorder-live]")).to_have_text("Now in place 1.")
    row.get_by_role("button", name="Save draft").click()
    expect(row.get_by_text("Draft saved.")).to_be_visible()
    kept = ScheduledPost.objects.get().media.order_by("position")
    assert [place.asset.original_name for place in kept] == ["three.png", "one.png", "two.png"]


def test_escape_in_the_middle_of_a_drag_puts_it_back(row):
    row.mouse.move(*middle(grip(row, "one.png")))
    row.mouse.down()
    row.mouse.move(*middle(row.locator(".tile").nth(2)), steps=5)
    expect(row.locator(".lifted")).to_be_visible()
    row.keyboard.press("Escape")
    expect(row.locator(".lifted")).to_have_count(0)
    row.mouse.up()
    assert names(row) == list(COLOURS)
    expect(row.locator("[data-carried], [data-before], [data-after]")).to_have_count(0)


def test_a_click_on_a_tile_lifts_nothing(row):
    row.mouse.click(*middle(row.locator(".tile__picture").first))
    assert names(row) == list(COLOURS)
    expect(row.locator("[data-carried]")).to_have_count(0)


def test_a_finger_on_the_grip_drags_at_once(row, finger):
    (x, y), (_, below) = middle(grip(row, "one.png")), middle(row.locator(".tile").nth(1))
    finger.press((x, y))
    finger.move((x, y + 20), (x, below + 20))
    expect(row.locator(".lifted")).to_be_visible()
    expect(row.locator(".tile[data-before]")).to_contain_text("three.png")
    finger.lift()
    assert names(row) == ["two.png", "one.png", "three.png"]


def test_a_finger_that_stays_on_the_picture_lifts_it(row, finger):
    (x, y), (_, below) = middle(row.locator(".tile__picture").first), middle(row.locator(".tile").nth(1))
    finger.press((x, y))
    expect(row.locator(".lifted")).to_be_visible()
    finger.move((x, y + 30), (x, below + 20))
    expect(row.locator(".tile[data-before]")).to_contain_text("three.png")
    finger.lift()
    assert names(row) == ["two.png", "one.png", "three.png"]


def test_a_finger_that_moves_on_the_picture_scrolls(row, finger):
    x, y = middle(row.locator(".tile__picture").first)
    finger.press((x, y))
    finger.move((x, y - 40), (x, y - 90))
    expect(row.locator(".lifted")).to_have_count(0)
    finger.lift()
    assert names(row) == list(COLOURS)


def test_space_and_arrows_move_it_and_speak(row):
    said = row.locator("[data-reorder-live]")
    grip(row, "one.png").press("Space")
    expect(said).to_contain_text("Picked up from place 1.")
    row.keyboard.press("ArrowRight")
    expect(said).to_have_text("Now in place 2.")
    row.keyboard.press("ArrowDown")
    expect(grip(row, "one.png")).to_be_focused()
    row.keyboard.press("Space")
    assert names(row) == ["two.png", "three.png", "one.png"]


@pytest.mark.parametrize("key", ["Escape", "Tab"])
def test_escape_and_tab_put_it_back(row, key):
    grip(row, "two.png").press("Space")
    row.keyboard.press("ArrowUp")
    row.keyboard.press(key)
    expect(row.locator("[data-reorder-live]")).to_have_text("Back in place 2.")
    assert names(row) == list(COLOURS)
