"""In a real browser: ideas go from column to column by mouse, finger and keyboard, and back when nobody answers."""

import pytest
from playwright.sync_api import expect

from scheduler.models import PostIdea
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_browser_order import Finger, middle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def idea(alice):
    PostIdea.objects.create(user=alice, title="Candles", status="used")
    return PostIdea.objects.create(user=alice, title="Sourdough", notes="Fold, rest, fold")


@pytest.fixture
def board(tab, idea):  # noqa: F811
    """Open the board with one idea in the first and one in the last column."""
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.go("/ideas/")
    return tab


def card(board, title="Sourdough"):
    return board.locator(".idea", has_text=title)


def column(board, name):
    return board.locator(f"#box-{name}")


def is_in(board, idea, name):
    """Expect the card in this column, counted and with the menu that fits, and its row moved, too."""
    expect(column(board, name).locator(".idea__title", has_text=idea.title)).to_be_visible()
    expect(board.locator(".board[aria-busy]")).to_have_count(0)
    expect(column(board, name).locator(".tab__count")).to_have_text(str(column(board, name).locator(".idea").count()))
    idea.refresh_from_db()
    return idea.status == name


def carry(board, onto, start=None):
    board.mouse.move(*(start or middle(card(board).locator(".idea__notes"))))
    board.mouse.down()
    board.mouse.move(*onto, steps=6)
    expect(board.locator(".lifted")).to_be_visible()


# --- By mouse -----------------------------------------------------------------------------------------------
def test_a_card_is_dragged_to_another_column_and_stays_there(board, idea):
    carry(board, middle(column(board, "in_work")))
    expect(board.locator(".board__column:has([data-target])")).to_have_attribute("id", "box-in_work")
    board.mouse.up()
    expect(board.locator(".toast")).to_contain_text("“Sourdough” moved to “In work”.")
    assert is_in(board, idea, "in_work")
    expect(column(board, "new").get_by_text("Nothing here.")).to_be_visible()
    expect(board.locator("[data-carried], [data-target], .lifted")).to_have_count(0)


def test_a_card_that_was_moved_can_be_moved_again(board, idea):
    for name in ("in_work", "used"):
        carry(board, middle(column(board, name)))
        board.mouse.up()
        assert is_in(board, idea, name)


def test_a_card_is_dragged_by_its_title_without_following_the_link(board, idea):
    carry(board, middle(column(board, "used")), middle(card(board).locator(".idea__title")))
    board.mouse.up()
    assert is_in(board, idea, "used")
    assert board.url.endswith("/ideas/")


def test_a_click_on_the_title_opens_the_idea(board, idea):
    card(board).locator(".idea__title").click()
    board.wait_for_url(f"**/ideas/{idea.pk}/")


@pytest.mark.parametrize("end", ["escape", "outside", "same", "blur"])
def test_a_drag_that_ends_nowhere_asks_for_nothing(board, idea, end):
    asked = []
    board.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    carry(board, middle(column(board, "in_work")))
    if end == "escape":
        board.keyboard.press("Escape")
    elif end == "outside":
        board.mouse.move(640, 5, steps=3)
    elif end == "same":
        board.mouse.move(*middle(column(board, "new")), steps=3)
    else:
        board.evaluate("window.dispatchEvent(new Event('blur'))")
    board.mouse.up()
    assert is_in(board, idea, "new")
    expect(board.locator("[data-carried], [data-target], .lifted")).to_have_count(0)
    assert asked == []


def test_without_a_connection_the_card_goes_back_and_says_so(board, idea, noise):  # noqa: F811
    board.context.set_offline(True)
    carry(board, middle(column(board, "in_work")))
    board.mouse.up()
    expect(board.locator(".toast")).to_have_text("No connection. “Sourdough” is back in “New”.")
    assert is_in(board, idea, "new")
    board.context.set_offline(False)
    noise.clear()
    carry(board, middle(column(board, "in_work")))
    board.mouse.up()
    assert is_in(board, idea, "in_work")


def test_an_idea_that_is_gone_meanwhile_goes_back_and_says_so(board, idea, noise):  # noqa: F811
    idea.delete()
    carry(board, middle(column(board, "in_work")))
    board.mouse.up()
    expect(board.locator(".toast")).to_contain_text("This did not work, so “Sourdough” is back in “New”.")
    expect(column(board, "new").locator(".idea")).to_have_count(1)
    noise.clear()


def test_while_one_move_is_on_its_way_no_other_begins(board, idea):
    waiting = []
    board.route("**/move/", lambda route: waiting.append(route))
    carry(board, middle(column(board, "in_work")))
    board.mouse.up()
    expect(board.locator(".board[aria-busy]")).to_have_count(1)
    board.mouse.move(*middle(card(board, "Candles").locator(".idea__title")))
    board.mouse.down()
    board.mouse.move(*middle(column(board, "new")), steps=6)
    expect(board.locator(".lifted")).to_have_count(0)
    board.mouse.up()
    card(board, "Candles").locator("[data-grip]").press("Space")
    expect(board.locator("[data-carried]")).to_have_count(0)
    waiting[0].continue_()
    assert is_in(board, idea, "in_work")


def test_a_narrowed_board_stays_narrowed(board, idea):
    idea.tag_with(["bread"])
    board.go("/ideas/?tag=bread")
    carry(board, middle(column(board, "used")))
    board.mouse.up()
    assert is_in(board, idea, "used")
    expect(card(board, "Candles")).to_have_count(0)


# --- By finger ----------------------------------------------------------------------------------------------
@pytest.fixture
def phone(board):
    """The same board on a phone, its columns one under the other."""
    board.set_viewport_size({"width": 390, "height": 840})
    return board


@pytest.fixture
def finger(board):
    return Finger(board)


def test_a_finger_that_stays_on_a_card_carries_it(phone, idea, finger):
    x, y = middle(card(phone).locator(".idea__notes"))
    finger.press((x, y))
    expect(phone.locator(".lifted")).to_be_visible()
    _, below = middle(column(phone, "in_work"))
    finger.move((x, y + 30), (x, below))
    expect(phone.locator(".board__column:has([data-target])")).to_have_attribute("id", "box-in_work")
    finger.lift()
    assert is_in(phone, idea, "in_work")


def test_a_finger_on_the_grip_carries_at_once(phone, idea, finger):
    x, y = middle(card(phone).locator("[data-grip]"))
    _, below = middle(column(phone, "in_work"))
    finger.press((x, y))
    finger.move((x, y + 20), (x, below))
    expect(phone.locator(".lifted")).to_be_visible()
    finger.lift()
    assert is_in(phone, idea, "in_work")


def test_a_touch_that_the_browser_takes_away_puts_it_back(phone, idea, finger):
    x, y = middle(card(phone).locator("[data-grip]"))
    finger.press((x, y))
    finger.move((x, y + 20), middle(column(phone, "in_work")))
    expect(phone.locator(".lifted")).to_be_visible()
    finger.send("touchCancel")
    expect(phone.locator(".lifted, [data-carried], [data-target]")).to_have_count(0)
    assert is_in(phone, idea, "new")


def test_near_the_edge_the_page_scrolls_along_and_columns_are_still_hit(phone, idea, alice):
    PostIdea.objects.bulk_create(PostIdea(user=alice, title=f"Idea {n}", notes="Later") for n in range(5))
    idea.save()  # on top
    phone.go("/ideas/")
    x, _ = middle(card(phone).locator(".idea__notes"))
    carry(phone, (x, 830))
    expect(card(phone, "Candles")).to_be_in_viewport(ratio=1)
    phone.mouse.move(x, 420)  # away from the edge, where it scrolls no more
    phone.mouse.move(*middle(column(phone, "used")), steps=3)
    expect(phone.locator(".board__column:has([data-target])")).to_have_attribute("id", "box-used")
    phone.mouse.up()
    assert is_in(phone, idea, "used")


def test_a_finger_that_moves_on_a_card_scrolls(phone, idea, finger):
    x, y = middle(card(phone).locator(".idea__notes"))
    finger.press((x, y))
    finger.move((x, y - 40), (x, y - 90))
    expect(phone.locator(".lifted")).to_have_count(0)
    finger.lift()
    assert is_in(phone, idea, "new")


# --- By keyboard --------------------------------------------------------------------------------------------
def test_space_and_arrows_carry_a_card_and_speak(board, idea):
    said = board.locator("[data-board-live]")
    grip = card(board).locator("[data-grip]")
    grip.press("Space")
    expect(said).to_contain_text("Picked up “Sourdough” from “New”.")
    board.keyboard.press("ArrowRight")
    expect(said).to_have_text("In work")
    board.keyboard.press("ArrowRight")
    expect(said).to_have_text("Used")
    board.keyboard.press("Enter")
    assert is_in(board, idea, "used")
    expect(board.locator(".toast")).to_contain_text("“Sourdough” moved to “Used”.")
    expect(grip).to_be_focused()
    board.keyboard.press("Space")
    board.keyboard.press("ArrowLeft")
    board.keyboard.press("Space")
    assert is_in(board, idea, "in_work")


@pytest.mark.parametrize("key", ["Escape", "Tab"])
def test_escape_and_tab_put_it_back(board, idea, key):
    card(board).locator("[data-grip]").press("Space")
    board.keyboard.press("ArrowRight")
    board.keyboard.press(key)
    expect(board.locator("[data-board-live]")).to_have_text("“Sourdough” stays in “New”.")
    assert is_in(board, idea, "new")


def test_without_a_connection_the_keyboards_card_goes_back_with_its_focus(board, idea, noise):  # noqa: F811
    board.context.set_offline(True)
    grip = card(board).locator("[data-grip]")
    grip.press("Space")
    board.keyboard.press("ArrowRight")
    board.keyboard.press("Enter")
    expect(board.locator(".toast")).to_contain_text("No connection.")
    assert is_in(board, idea, "new")
    expect(grip).to_be_focused()
    noise.clear()


# --- By the menu --------------------------------------------------------------------------------------------
def test_the_menu_moves_it_without_any_dragging(board, idea):
    card(board).locator("summary").click()
    card(board).get_by_role("button", name="In work").click()
    expect(board.locator(".toast")).to_contain_text("moved to “In work”.")
    assert is_in(board, idea, "in_work")
