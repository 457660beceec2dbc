"""A few words lead to a page, a day, an account, a post or an idea of one's own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.models import PostIdea
from scheduler.services import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(alice, noon):
    return lambda said: [(hit.words, hit.path) for hit in search.hits_for(alice, said, noon)]


def test_without_words_the_pages_are_offered(found):
    assert [path for _words, path in found("  ")][:2] == ["/posts/new/", "/calendar/"]


def test_a_page_is_found_by_a_part_of_its_name(found):
    assert ("Hashtag groups", "/settings/hashtags/") in found("hashtag")


def test_a_post_is_found_by_words_anywhere_in_its_caption(found, make_post, noon):
    post = make_post(at=None, scheduled=False, caption="Fresh bread\nout of the oven")
    assert found("oven fresh") == [("Fresh bread", f"/posts/{post.pk}/")]


def test_an_account_leads_to_its_calendar(found, make_account):
    account = make_account()
    assert (str(account), f"/calendar/?account={account.pk}") in found("@alice.bak")


def test_an_idea_is_found_by_its_notes(found, alice):
    idea = PostIdea.objects.create(user=alice, title="Sourdough", notes="a slow day")
    assert found("slow") == [("Sourdough", f"/ideas/{idea.pk}/")]


@pytest.mark.parametrize(
    ("said", "day"),
    [("2026-12-24", "2026-12-24"), ("12/24/2026", "2026-12-24"), ("12/24", "2026-12-24"), ("2/3", "2027-02-03")],
)
def test_a_day_is_the_next_of_its_name(found, said, day):
    assert found(said)[0][1] == f"/calendar/day/{day}/"


@pytest.mark.parametrize("said", ["2/29", "13/45", "9999-01-01", "\0", "%", "'; drop table", "x" * 500])
def test_odd_words_lead_nowhere_else(found, said):
    assert all(path.startswith("/") for _words, path in found(said))


def test_nothing_of_anybody_else_is_found(found, django_user_model, make_post):
    charlie = django_user_model.objects.create_user("charlie")
    make_post(at=None, scheduled=False, caption="Secret sauce", owner=charlie)
    PostIdea.objects.create(user=charlie, title="Secret idea")
    assert found("secret") == []


def test_a_search_asks_three_times(alice, noon, make_post, make_account):
    for _number in range(3):
        make_post(at=None, scheduled=False, caption="alice bread", account=make_account())
    with CaptureQueriesContext(connection) as asked:
        search.hits_for(alice, "alice", noon)
    assert len(asked) == 3


def test_it_is_a_page_without_scripts_and_a_sheet_with_them(client, alice):
    client.force_login(alice)
    assert "<html" in client.get("/search/?q=calendar").content.decode()
    sheet = client.get("/search/", headers={"HX-Request": "true"})
    assert sheet.headers["HX-Retarget"] == "#sheet-body" and 'role="combobox"' in sheet.content.decode()
    hits = client.get("/search/?q=feed", headers={"HX-Request": "true"}).content.decode()
    assert 'href="/settings/feed/"' in hits and "combobox" not in hits
