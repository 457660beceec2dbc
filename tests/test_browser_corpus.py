"""In a real browser: whatever is dropped into a post, each file is taken or says one thing, and no word is lost."""

import pytest
from django.utils.translation import override
from playwright.sync_api import expect

from scheduler.models import MediaAsset, ScheduledPost
from scheduler.services.findings import SENTENCES
from tests.media.odd_files import REFUSED, TAKEN
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]
CAPTION = "Pão quentinho 🥖\nàs 7 h"
ALL_AT_ONCE_MS = 60_000


@pytest.fixture
def lying(tmp_path):
    """Put odd files on the disk, from where a browser takes them; return their paths by name."""

    def lying(*files):
        for number, file in enumerate(files):
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / file.name.replace("/", "∕")).write_bytes(file.draw())
        return [str(path) for path in sorted(tmp_path.glob("*/*"), key=lambda path: int(path.parent.name))]

    return lying


def drop(tab, paths, place):  # noqa: F811
    """Drop files from outside the browser on the middle of an element, as the browser itself gets them."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    data = {"items": [], "files": paths, "dragOperationsMask": 1}
    spot = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": data}
    hand = tab.context.new_cdp_session(tab)
    for kind in ("dragEnter", "dragOver", "drop"):
        hand.send("Input.dispatchDragEvent", {"type": kind, **spot})


@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_each_file_is_taken_or_says_one_thing_and_no_word_is_lost(tab, alice, noise, lying, language):  # noqa: F811
    alice.language = language
    alice.save()
    tab.go("/posts/new/")
    tab.locator("#id_caption").fill(CAPTION)
    drop(tab, lying(*REFUSED, *TAKEN), tab.locator(".drop"))
    expect(tab.locator(".tile")).to_have_count(len(TAKEN), timeout=ALL_AT_ONCE_MS)
    expect(tab.locator(".upload")).to_have_count(len(REFUSED))
    expect(tab.locator(".upload[data-refused]")).to_have_count(len(REFUSED), timeout=ALL_AT_ONCE_MS)
    with override(language):
        said = {file.name: file.sentence for file in REFUSED}
    rows = tab.locator(".upload").evaluate_all("(all) => all.map((row) => row.innerText.trim().split(/\\n+/))")
    assert {name: words for name, words, *_buttons in rows} == said
    assert sorted(tab.locator(".tile__body > .tile__name").all_inner_texts()) == sorted(file.name for file in TAKEN)
    expect(tab.locator("#id_caption")).to_have_value(CAPTION)
    with override(language):
        shape = str(SENTENCES["IMAGE_SHAPE"])
    for name in ("tall.jpg", "wide.jpg"):
        expect(tab.locator(".tile", has_text=name).locator(".tile__words")).to_have_text(shape % {"name": name})
    tab.get_by_role("button", name={"en": "Save draft", "pt-br": "Salvar rascunho"}[language]).click()
    tab.wait_for_url("**/posts/*/")
    post = ScheduledPost.objects.get()
    assert (post.caption, post.media.count()) == (CAPTION, len(TAKEN))
    assert MediaAsset.objects.count() == len(TAKEN)
    noise.clear()


@pytest.fixture
def composer(tab, make_account):  # noqa: F811
    make_account()
    tab.go("/posts/new/")
    return tab


def odd(name):
    return next(file for file in (*REFUSED, *TAKEN) if file.name == name)


def choose(tab, *names):  # noqa: F811
    files = [{"name": name, "mimeType": "application/octet-stream", "buffer": odd(name).draw()} for name in names]
    tab.locator("#id_uploads").set_input_files(files)


def test_a_story_film_of_a_minute_says_so_on_its_tile(composer):
    choose(composer, "minute.mp4")
    words = composer.locator(".tile__words")
    expect(composer.locator("#aside")).to_have_attribute("data-type", "REELS")  # as which it may go out
    expect(words).to_be_hidden()
    composer.get_by_label("Story", exact=True).check()
    expect(words).to_have_text("A story video lasts at most 59.9 seconds. Shorten it, or make it a reel.")


def test_the_checklist_leads_to_what_cures_a_picture(composer):
    choose(composer, "wide.jpg")
    composer.locator("#aside").get_by_role("link").filter(has_text="wide.jpg is too tall or too wide").click()
    expect(composer.get_by_label("As it is")).to_be_focused()
    composer.get_by_label("Landscape 1.91:1").check()
    expect(composer.locator(".tile__words")).to_be_hidden()


def test_a_file_dropped_beside_the_form_does_not_replace_the_page(composer, lying):
    composer.locator("#id_caption").fill(CAPTION)
    drop(composer, lying(odd("tall.jpg")), composer.locator("h1"))
    expect(composer.locator(".tile")).to_have_count(1)
    expect(composer.locator("#id_caption")).to_have_value(CAPTION)


def test_nothing_is_sent_while_a_file_that_was_meant_to_be_in_it_is_missing(composer, noise):  # noqa: F811
    composer.locator("#id_caption").fill(CAPTION)
    composer.route("**/media/uploads/*/", lambda request: None)  # the line stands still
    choose(composer, "print.jpg", "cut-off.jpg")
    composer.get_by_role("button", name="Save draft").click()
    expect(composer.locator("[data-save-state]")).to_have_text("Uploading first: 2 left.")
    composer.unroute("**/media/uploads/*/")  # what was held goes on
    expect(composer.locator(".toast")).to_contain_text("one of the files could not be added")
    expect(composer.locator(".upload")).to_contain_text(odd("cut-off.jpg").sentence)
    expect(composer.get_by_role("button", name="Take it away")).to_be_focused()
    expect(composer.locator(".upload")).to_be_in_viewport()
    composer.get_by_role("button", name="Save draft").click()
    expect(composer.get_by_text("Draft saved.")).to_be_visible()
    assert (ScheduledPost.objects.get().caption, MediaAsset.objects.count()) == (CAPTION, 1)
    noise.clear()


def test_who_was_signed_out_is_told_so_by_the_file(composer, window, noise):  # noqa: F811
    window.clear_cookies()
    choose(composer, "tall.jpg")
    expect(composer.locator(".upload__state")).to_have_text(
        "Not uploaded: you are signed out. Sign in, then open this page again."
    )
    noise.clear()
