"""In a real browser: what is written saves itself, and nothing is lost when that does not work."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from scheduler.lib import clock
from scheduler.models import ScheduledPost, Status
from scheduler.services import working_copies
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]


@pytest.fixture
def planned(make_post):
    address = "https://example.com/a.jpg"
    return make_post(at=clock.now() + timedelta(days=1), caption="Fresh bread", media=0, media_urls=[address])


def state(tab):  # noqa: F811
    return tab.locator("[data-save-state]")


def test_a_new_post_saves_itself_and_has_its_own_address(tab):  # noqa: F811
    tab.go("/posts/new/")
    tab.locator("#id_caption").fill("Bread")
    expect(state(tab)).to_contain_text("Saved: ")
    post = ScheduledPost.objects.get()
    expect(tab).to_have_url(f"**/posts/{post.pk}/edit/".replace("**", tab.url.split("/posts/")[0]))
    tab.locator("#id_caption").fill("Bread and butter")
    expect(state(tab)).to_contain_text("Saved: ")
    tab.wait_for_function("() => Object.keys(localStorage).join() === 'keys-known'")
    assert ScheduledPost.objects.get().caption == "Bread and butter"


def test_the_button_goes_on_from_where_the_autosave_was(tab):  # noqa: F811
    tab.go("/posts/new/")
    tab.locator("#id_caption").fill("Bread")
    expect(state(tab)).to_contain_text("Saved: ")
    tab.locator("#id_caption").fill("Bread and butter")
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    assert ScheduledPost.objects.get().caption == "Bread and butter"


def test_a_button_pressed_while_it_saves_waits_for_it(tab):  # noqa: F811
    tab.go("/posts/new/")
    tab.locator("#id_caption").fill("Bread")
    with tab.expect_request("**/posts/autosave/**"):
        pass
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    assert ScheduledPost.objects.count() == 1


def test_a_server_that_is_down_is_tried_again(tab, noise):  # noqa: F811
    tab.go("/posts/new/")
    tab.route("**/posts/autosave/**", lambda route: route.abort())
    tab.locator("#id_caption").fill("Bread")
    expect(state(tab)).to_have_text("Not saved. Trying again.")
    tab.unroute("**/posts/autosave/**")
    expect(state(tab)).to_contain_text("Saved: ")
    assert ScheduledPost.objects.get().caption == "Bread"
    noise.clear()


def test_words_that_were_not_saved_are_offered_again(tab, noise):  # noqa: F811
    tab.go("/posts/new/")
    tab.route("**/posts/autosave/**", lambda route: route.abort())
    tab.locator("#id_caption").fill("Bread")
    expect(state(tab)).to_have_text("Not saved. Trying again.")
    noise.clear()
    tab.go("/posts/new/")
    tab.get_by_role("button", name="Bring them back").click()
    expect(tab.locator("#id_caption")).to_have_value("Bread")
    noise.clear()


def test_words_that_arrived_are_not_offered(tab):  # noqa: F811
    tab.go("/posts/new/")
    tab.locator("#id_caption").fill("Bread")
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.get_by_text("Draft saved.")).to_be_visible()
    tab.go("/posts/new/")
    expect(tab.get_by_role("button", name="Bring them back")).to_be_hidden()


def test_signing_out_takes_the_words_along(tab, noise):  # noqa: F811
    tab.go("/posts/new/")
    tab.route("**/posts/autosave/**", lambda route: route.abort())
    tab.locator("#id_caption").fill("Bread")
    expect(state(tab)).to_have_text("Not saved. Trying again.")
    noise.clear()
    tab.get_by_role("button", name="Sign out").first.click()
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    assert tab.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('pauta:'))") == []


def test_who_was_signed_out_is_told_and_loses_nothing(tab, window, noise):  # noqa: F811
    tab.go("/posts/new/")
    window.clear_cookies()
    tab.locator("#id_caption").fill("Bread")
    expect(state(tab)).to_contain_text("You are signed out.")
    assert "Bread" in tab.evaluate("Object.values(localStorage).join()")
    noise.clear()


def test_what_somebody_else_changed_is_not_written_over(tab, make_post, noise):  # noqa: F811
    post = make_post(caption="Bread")
    tab.go(f"/posts/{post.pk}/edit/")
    ScheduledPost.objects.update(version=post.version + 1, caption="Theirs")
    tab.locator("#id_caption").fill("Mine")
    expect(tab.locator("[data-conflict]")).to_be_in_viewport()
    assert ScheduledPost.objects.get().caption == "Theirs"
    tab.get_by_role("button", name="Keep mine").click()
    expect(state(tab)).to_contain_text("Saved:")
    expect(tab.locator("[data-conflict]")).to_be_hidden()
    assert ScheduledPost.objects.get().caption == "Mine"
    noise.clear()


def test_a_post_in_line_changes_only_on_purpose(tab, planned):  # noqa: F811
    tab.go(f"/posts/{planned.pk}/edit/")
    tab.locator("#id_caption").fill("Better bread")
    expect(state(tab)).to_contain_text("Not applied yet.")
    assert ScheduledPost.objects.get().caption == "Fresh bread"
    tab.reload()
    expect(tab.get_by_text("You are changing a copy")).to_be_visible()
    expect(tab.locator("#id_caption")).to_have_value("Better bread")
    tab.get_by_role("button", name="Apply changes").click()
    expect(tab.get_by_text("Saved.", exact=True)).to_be_visible()
    post = ScheduledPost.objects.get()
    assert (post.caption, post.status, working_copies.at_of(post)) == ("Better bread", Status.SCHEDULED, "")


def test_changes_are_discarded(tab, planned):  # noqa: F811
    tab.go(f"/posts/{planned.pk}/edit/")
    tab.locator("#id_caption").fill("Stale bread")
    expect(state(tab)).to_contain_text("Not applied yet.")
    tab.locator(".save-bar .menu summary").click()
    tab.get_by_role("button", name="Discard changes").click()
    expect(tab.get_by_text("Changes discarded.")).to_be_visible()
    assert ScheduledPost.objects.get().working_copy is None
