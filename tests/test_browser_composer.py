"""In a real browser: what is written shows beside it at once, and what is in the way leads to its field."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import InstagramAccount, PostMedia, ScheduledPost, Status
from scheduler.services.media_intake import take_upload
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures
from tests.test_forms import picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]


@pytest.fixture
def composer(tab, make_post):  # noqa: F811
    """Open a draft with one picture, of the only account."""
    draft = make_post(media=0, caption="", scheduled=False)
    PostMedia.objects.create(post=draft, asset=take_upload(draft.user, picture()))
    tab.go(f"/posts/{draft.pk}/edit/")
    return tab


def tomorrow():
    return clock.now().astimezone(ZoneInfo("America/Sao_Paulo")) + timedelta(days=1)


def set_time(tab):  # noqa: F811
    tab.locator("#id_day").fill(tomorrow().strftime("%Y-%m-%d"))
    tab.locator("#id_clock").fill("18:30")


def test_words_show_while_they_are_typed(composer):
    composer.locator("#id_caption").fill("Bread, still warm")
    expect(composer.locator(".phone__caption")).to_contain_text("Bread, still warm")


def test_a_time_makes_it_ready_and_the_button_says_when(composer):
    expect(composer.locator(".check-sum")).to_have_text("1 thing stops this post")
    set_time(composer)
    expect(composer.locator(".check-sum")).to_have_text("Ready to publish")
    expect(composer.get_by_role("button", name="Schedule for tomorrow, 6:30 PM")).to_be_visible()


def test_the_button_that_says_when_schedules_it(composer):
    set_time(composer)
    composer.get_by_role("button", name="Schedule for tomorrow, 6:30 PM").click()
    expect(composer.get_by_text("Scheduled.", exact=True)).to_be_visible()
    assert ScheduledPost.objects.get().status == Status.SCHEDULED


def test_an_alt_text_says_how_much_room_it_has(composer):
    composer.get_by_label("Alt text").fill("Bread")
    expect(composer.locator(".tile").get_by_text("5 of 1000 characters")).to_be_visible()


def test_nothing_with_the_focus_is_behind_the_bar_on_a_phone(composer):
    composer.set_viewport_size({"width": 390, "height": 844})
    bar = composer.locator(".save-bar")
    for _step in range(40):
        composer.keyboard.press("Tab")
        focused = composer.locator(".composer__fields :focus:not([type=file])")
        if focused.count():
            assert focused.bounding_box()["y"] < bar.bounding_box()["y"]


def test_the_name_of_the_audio_can_be_read_on_the_reel(composer):
    composer.locator("label", has_text="Reel").first.click()
    composer.locator("summary", has_text="People, place").click()
    composer.get_by_label("Name of the audio").fill("Oven")
    expect(composer.locator(".phone--tall .faint", has_text="Oven")).to_have_css("color", "rgb(255, 255, 255)")


def test_a_cover_comes_from_the_library_too(composer, alice):
    take_upload(alice, picture("upright.png", size=(1080, 1920), colour="#7a2b66"))
    composer.locator("label", has_text="Reel").first.click()
    composer.locator("summary", has_text="People, place").click()
    composer.locator(".cover").get_by_role("button", name="From the library").click()
    composer.get_by_role("button", name="upright.png").click()
    expect(composer.locator("#library-dialog")).to_be_hidden()
    expect(composer.get_by_role("img", name="Cover: upright.png")).to_be_visible()
    expect(composer.locator(".tile")).to_have_count(1)
    expect(composer.locator("[data-save-state]")).to_contain_text("Saved: ")
    assert ScheduledPost.objects.get().cover.original_name == "upright.png"


def test_before_it_goes_out_at_once_the_account_is_named(composer):
    composer.locator(".save-bar summary").click()
    composer.get_by_role("button", name="Publish now").click()
    expect(
        composer.get_by_role("heading", name=f"Publish to @{InstagramAccount.objects.get().instagram_username} now?")
    ).to_be_visible()


def test_the_menu_stands_beside_the_button_on_the_narrowest_screen(composer):
    composer.set_viewport_size({"width": 320, "height": 640})
    set_time(composer)
    button = composer.get_by_role("button", name="Schedule for tomorrow, 6:30 PM")
    expect(button).to_be_visible()
    menu = composer.locator(".save-bar .menu")
    assert menu.bounding_box()["y"] < button.bounding_box()["y"] + button.bounding_box()["height"]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 640)])
def test_on_a_phone_most_of_the_window_is_left_to_write_in(composer, width, height):
    composer.set_viewport_size({"width": width, "height": height})
    set_time(composer)
    expect(composer.locator(".save-bar__state")).to_contain_text("Saved")
    assert composer.locator(".save-bar").bounding_box()["y"] > 0.84 * height
    mark = composer.locator(".topbar .wordmark svg").bounding_box()
    assert mark["width"] == mark["height"]


def test_an_item_of_the_checklist_leads_to_its_field(composer):
    composer.get_by_role("link").filter(has_text="Choose a day and a time.").click()
    expect(composer.locator("#id_day")).to_be_focused()


def test_a_link_into_a_fold_opens_it(composer):
    composer.locator("summary", has_text="People, place").click()
    composer.locator("#id_collaborators").fill("no spaces!")
    composer.locator("summary", has_text="People, place").click()
    composer.get_by_role("link").filter(has_text="“spaces!” isn't a username").click()
    expect(composer.locator("#id_collaborators")).to_be_focused()


def tokens(tab):  # noqa: F811
    return [words.removesuffix("×").strip() for words in tab.locator(".tokens .token").all_inner_texts()]


def test_collaborators_become_tokens_and_can_be_taken_away(composer):
    composer.locator("summary", has_text="People, place").click()
    entry = composer.get_by_label("Collaborators")
    entry.press_sequentially("@ana bia,bia ")
    assert tokens(composer) == ["@ana", "@bia"]
    entry.press_sequentially("caio dora ")
    expect(composer.get_by_text("At most 3 fit here. Remove one first.")).to_be_visible()
    assert tokens(composer) == ["@ana", "@bia", "@caio"]
    entry.fill("")
    entry.press("Backspace")
    expect(entry).to_have_value("caio")
    entry.fill("")
    composer.get_by_role("button", name="Remove @ana").click()
    expect(entry).to_be_focused()
    composer.get_by_role("button", name="Save draft").click()
    expect(composer.get_by_text("Draft saved.")).to_be_visible()
    assert ScheduledPost.objects.get().options["collaborators"] == ["bia"]


def test_an_account_by_instagram_types_the_number_of_the_place_and_is_told_why(composer):
    composer.locator("summary", has_text="People, place").click()
    composer.locator("#id_account").select_option(index=1)
    expect(composer.get_by_role("searchbox", name="Location")).to_be_hidden()
    expect(composer.get_by_text("which can't search for places.")).to_be_visible()
    composer.locator("#id_location_id").fill("https://www.facebook.com/p/Central-Park-400000000000001/")
    composer.get_by_role("button", name="Save draft").click()
    expect(composer.get_by_text("Draft saved.")).to_be_visible()
    assert ScheduledPost.objects.get().options["location_id"] == "400000000000001"


def test_pins_stand_on_the_picture_in_the_shape_chosen_just_now(composer):
    composer.locator(".frame summary").click()
    composer.get_by_label("Story 9:16").check()
    composer.locator(".tags summary").click()
    box = composer.locator("[data-pins-view]").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(9 / 16, abs=0.01)
    composer.get_by_label("As it is").check()
    box = composer.locator("[data-pins-view]").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(1, abs=0.01)


def test_the_grid_stays_chosen_while_words_change(composer):
    composer.locator(".segment", has_text="Grid").click()
    with composer.expect_response("**/posts/preview/**"):
        composer.locator("#id_caption").fill("Other words")
    expect(composer.locator("#face-grid")).to_be_checked()
    expect(composer.locator('[data-face="grid"]')).to_be_visible()


def test_a_story_has_no_place_and_says_so(composer):
    composer.locator("summary", has_text="People, place").click()
    composer.get_by_label("Story", exact=True).check()
    expect(composer.get_by_text("A story has no collaborators and no place.")).to_be_visible()
    expect(composer.locator("#id_location_id")).to_be_hidden()


def test_looking_keeps_nothing(composer):
    with composer.expect_response("**/posts/preview/**"):
        composer.locator("#id_caption").fill("Not saved")
    assert ScheduledPost.objects.get().caption == ""


def test_nothing_can_be_focused_in_the_drawing(composer):
    assert composer.evaluate("""() => [...document.querySelectorAll(".preview [aria-hidden=true]")].every(
        (part) => [...part.querySelectorAll("a, button, input, [tabindex]")].every((one) => one.tabIndex < 0))""")


@pytest.mark.parametrize("width", [390, 768])
def test_where_there_is_no_room_one_part_shows_at_a_time(composer, width):
    composer.set_viewport_size({"width": width, "height": 844})
    expect(composer.locator(".preview")).to_be_hidden()
    composer.get_by_role("button", name="Preview").click()
    expect(composer.locator(".preview")).to_be_visible()
    expect(composer.locator("#id_caption")).to_be_hidden()
    composer.get_by_role("button", name="Check").click()
    composer.get_by_role("link").filter(has_text="Choose a day and a time.").click()
    expect(composer.locator("#id_day")).to_be_focused()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_composer_shuts_nobody_out(composer, width, scheme):
    composer.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    composer.set_viewport_size({"width": width, "height": 900})
    for button in ["Preview", "Check", "Edit"] if width < 1024 else [None]:
        if button:
            composer.get_by_role("button", name=button).click()
        found = Axe().run(composer)
        assert found.violations_count == 0, found.generate_report()


# --- People on the picture --------------------------------------------------------------------------------------
@pytest.fixture
def people(composer):
    """Unfold the people of the only picture."""
    composer.locator(".tags summary").click()
    return composer


def kept_tags(tab):  # noqa: F811
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    return ScheduledPost.objects.get().media.get().options.get("user_tags")


def test_a_click_on_the_picture_tags_somebody_there(people):
    view = people.locator("[data-pins-view]")
    box = view.bounding_box()
    view.click(position={"x": box["width"] / 4, "y": box["height"] * 3 / 4})
    people.keyboard.type("@maria")
    expect(people.locator(".pin")).to_have_text("@maria")
    assert kept_tags(people) == [{"username": "maria", "x": 0.25, "y": 0.75}]


def test_a_pin_is_dragged_to_where_somebody_is(people):
    people.get_by_role("button", name="Add a person").click()
    people.keyboard.type("maria")
    pin, view = people.locator(".pin").bounding_box(), people.locator("[data-pins-view]").bounding_box()
    people.mouse.move(pin["x"] + 10, pin["y"] + 10)
    people.mouse.down()
    people.mouse.move(pin["x"] + 10 + view["width"] / 4, pin["y"] + 10, steps=5)
    people.mouse.up()
    [tag] = kept_tags(people)
    assert (tag["x"], tag["y"]) == (pytest.approx(0.75, abs=0.02), 0.5)


def test_without_a_mouse_somebody_is_tagged_and_moved(people):
    people.locator(".tags summary").focus()
    people.keyboard.press("Tab")
    expect(people.get_by_role("button", name="Add a person")).to_be_focused()
    people.keyboard.press("Enter")
    people.keyboard.type("maria")
    people.get_by_role("button", name="@maria").focus()
    people.keyboard.press("ArrowRight")
    people.keyboard.press("ArrowUp")
    expect(people.get_by_label("Across")).to_have_value("0.51")
    assert kept_tags(people) == [{"username": "maria", "x": 0.51, "y": 0.49}]


def test_somebody_is_taken_off_again(people):
    people.get_by_role("button", name="Add a person").click()
    people.keyboard.type("maria")
    people.locator(".tags__row").get_by_role("button", name="Remove").click()
    expect(people.locator(".pin")).to_have_count(0)
    assert kept_tags(people) is None


def test_the_rows_say_what_the_lines_say(people):
    people.get_by_role("button", name="Add a person").click()
    people.keyboard.type("maria")
    assert kept_tags(people)
    people.go(f"/posts/{ScheduledPost.objects.get().pk}/edit/")
    expect(people.locator(".tags summary")).to_contain_text("@maria")
    people.locator(".tags summary").click()
    expect(people.get_by_label("Username")).to_have_value("maria")
    found = Axe().run(people)
    assert found.violations_count == 0, found.generate_report()


def test_the_checklist_leads_to_the_people(people):
    people.get_by_role("button", name="Add a person").click()
    with people.expect_response("**/posts/preview/**"):
        people.keyboard.type("not a name!")
    people.locator(".tags summary").click()
    people.locator("#aside").get_by_role("link").filter(has_text="is not understood").click()
    expect(people.get_by_label("Username")).to_be_focused()
