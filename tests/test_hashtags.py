"""Hashtags that are used together: kept as a group, put into a post with one click."""

import pytest
from playwright.sync_api import expect

from scheduler.models import HashtagGroup
from tests.test_browser import browser_type_launch_args, noise, tab  # noqa: F401 - fixtures

DATABASE = pytest.mark.django_db
BROWSER = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])]


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@DATABASE
@pytest.mark.parametrize("words", ["#pão #café", "pão café", "pão, #café", "#pão#café\n#PÃO"])
def test_hashtags_are_taken_as_people_write_them(alice_in, words):
    alice_in.post("/settings/hashtags/", {"name": "Breakfast", "hashtags": words})
    assert [word.casefold() for word in HashtagGroup.objects.get().hashtags] == ["pão", "café"]


@DATABASE
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("pão 2026", "“2026” is no hashtag"),
        ("pão-de-queijo", "is no hashtag"),
        (" ".join(f"a{n}" for n in range(31)), "At most 30"),
    ],
)
def test_what_instagram_reads_as_no_hashtag_is_named(alice_in, words, told):
    answer = alice_in.post("/settings/hashtags/", {"name": "Breakfast", "hashtags": words})
    assert answer.status_code == 422 and told in answer.content.decode()


@DATABASE
def test_two_groups_of_one_name_are_refused(alice_in, alice, charlie):
    HashtagGroup.objects.create(user=charlie, name="Breakfast", hashtags=["tea"])
    assert alice_in.post("/settings/hashtags/", {"name": "Breakfast", "hashtags": "pão"}).status_code == 302
    answer = alice_in.post("/settings/hashtags/", {"name": "breakfast", "hashtags": "rye"})
    assert answer.status_code == 422 and "You have a group with this name" in answer.content.decode()


@DATABASE
def test_a_group_is_changed_and_deleted(alice_in, alice):
    group = HashtagGroup.objects.create(user=alice, name="Breakfast", hashtags=["tea"])
    alice_in.post(f"/settings/hashtags/{group.pk}/", {"name": "Lunch", "hashtags": "pão"})
    group.refresh_from_db()
    assert (group.name, group.words) == ("Lunch", "#pão")
    alice_in.post(f"/settings/hashtags/{group.pk}/delete/")
    assert not HashtagGroup.objects.exists()


class TestInTheBrowser:
    pytestmark = BROWSER

    def test_one_click_puts_in_what_is_missing(self, tab, alice):  # noqa: F811
        HashtagGroup.objects.create(user=alice, name="Breakfast", hashtags=["pão", "café", "manhã"])
        tab.go("/posts/new/")
        tab.get_by_label("Caption", exact=True).first.fill("Fresh bread #PÃO")
        tab.get_by_role("button", name="Breakfast").click()
        expect(tab.locator("#id_caption")).to_have_value("Fresh bread #PÃO\n\n#café #manhã")
        expect(tab.get_by_text("3 of 30 hashtags")).to_be_visible()
        tab.get_by_role("button", name="Breakfast").click()
        expect(tab.get_by_text("They're all there already.")).to_be_visible()

    def test_they_may_go_into_the_first_comment(self, tab, alice):  # noqa: F811
        HashtagGroup.objects.create(user=alice, name="Breakfast", hashtags=["pão"])
        tab.go("/posts/new/")
        tab.get_by_role("radio", name="First comment").check()
        tab.get_by_role("button", name="Breakfast").click()
        expect(tab.locator("#id_first_comment")).to_have_value("#pão")
        expect(tab.locator("#id_caption")).to_have_value("")
