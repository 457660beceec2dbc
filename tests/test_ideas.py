"""The idea bank: write down what could become a post, find it again, and make a post of it."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from scheduler.lib import clock
from scheduler.models import PostIdea, ScheduledPost, Tag
from scheduler.services import ideas

pytestmark = pytest.mark.django_db
Status = PostIdea.Status


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def note(alice):
    """Write an idea down as Alice, or as somebody else."""

    def note(title="Sourdough", *, tags=(), owner=None, **fields):
        idea = PostIdea.objects.create(user=owner or alice, title=title, **fields)
        idea.tag_with(list(tags))
        return idea

    return note


def picture(colour="#d9a066"):
    out = io.BytesIO()
    Image.new("RGB", (1080, 1080), colour).save(out, "PNG")
    return SimpleUploadedFile("bread.png", out.getvalue(), content_type="image/png")


def titles(columns):
    return {column.status: [idea.title for idea in column.ideas] for column in columns}


# --- Writing ------------------------------------------------------------------------------------------------
def test_a_title_is_enough(alice_in):
    answer = alice_in.post("/ideas/new/", {"title": "Sourdough"})
    assert answer.headers["Location"] == "/ideas/"
    idea = PostIdea.objects.get()
    assert (idea.title, idea.status, list(idea.media.all())) == ("Sourdough", Status.NEW, [])


def test_without_a_title_nothing_is_lost(alice_in):
    answer = alice_in.post("/ideas/new/", {"notes": "Fold, rest, fold", "tags": "bread"})
    assert answer.status_code == 422 and b"Fold, rest, fold" in answer.content
    assert not PostIdea.objects.exists()


def test_notes_links_tags_and_pictures_are_kept(alice_in):
    words = {
        "title": "S",
        "notes": "N",
        "links": "https://a.example/x\n\nhttps://b.example",
        "tags": "#bread, Spring menu",
    }
    alice_in.post("/ideas/new/", words | {"uploads": [picture(), picture("#204060")]})
    idea = PostIdea.objects.get()
    assert (idea.links, idea.media.count()) == (["https://a.example/x", "https://b.example"], 2)
    assert [tag.name for tag in idea.tags.all()] == ["Spring menu", "bread"]


@pytest.mark.parametrize("link", ["bread", "javascript:alert(1)", "ftp://a.example", "http://", "https://[x"])
def test_a_link_that_no_browser_opens_is_named(alice_in, link):
    answer = alice_in.post("/ideas/new/", {"title": "S", "links": link})
    assert answer.status_code == 422 and b"is no address" in answer.content


def test_a_refused_picture_leaves_the_rest(alice_in):
    bad = SimpleUploadedFile("words.png", b"no picture at all", content_type="image/png")
    answer = alice_in.post("/ideas/new/", {"title": "S", "uploads": [picture(), bad]})
    assert answer.status_code == 422 and b"words.png: " in answer.content
    assert answer.content.count(b'name="media"') == 1  # the good one waits in the form


def test_a_picture_can_be_taken_out_again(alice_in, note):
    alice_in.post("/ideas/new/", {"title": "S", "uploads": [picture()]})
    idea = PostIdea.objects.get()
    pk = idea.media.get().pk
    alice_in.post(f"/ideas/{idea.pk}/", {"title": "S", "media": pk, f"remove_{pk}": "on", "status": "new"})
    assert not idea.media.exists()


@pytest.mark.parametrize(
    ("tags", "told"),
    [(", ".join(f"tag{n}" for n in range(13)), b"At most 12 tags"), ("x" * 41, b"too long for a tag")],
)
def test_too_many_or_too_long_tags_are_refused(alice_in, tags, told):
    answer = alice_in.post("/ideas/new/", {"title": "S", "tags": tags})
    assert answer.status_code == 422 and told in answer.content


def test_a_tag_in_other_capitals_is_the_same_tag(note):
    note(tags=["Bread"])
    assert [tag.name for tag in note(tags=["bread", "Rye"]).tags.all()] == ["Bread", "Rye"]


def test_a_tag_that_nothing_has_is_gone(note):
    idea = note(tags=["Bread"])
    idea.tag_with(["Rye"])
    assert [tag.name for tag in Tag.objects.all()] == ["Rye"]


# --- The board ------------------------------------------------------------------------------------------------
def test_an_empty_board_says_what_it_is_for(alice_in):
    assert b"Write the first one" in alice_in.get("/ideas/").content


def test_ideas_stand_in_their_columns_the_last_touched_on_top(alice, note):
    first, second = note("first"), note("second")
    note("third", status=Status.USED)
    ideas.move(first, Status.NEW)
    assert titles(ideas.board(alice)) == {"new": ["first", "second"], "in_work": [], "used": ["third"]}
    assert second.status == Status.NEW


@pytest.mark.parametrize("words", ["sour", "FOLD dough", "menu"])
def test_words_are_found_in_title_notes_and_tags(alice, note, words):
    note("Sourdough", notes="Fold the dough", tags=["Spring menu"])
    note("Candles")
    assert titles(ideas.board(alice, words=words))["new"] == ["Sourdough"]


def test_a_tag_narrows_the_board(alice, note):
    note("Sourdough", tags=["bread"])
    note("Candles", tags=["wax"])
    assert titles(ideas.board(alice, tag="bread"))["new"] == ["Sourdough"]


def test_nobody_sees_the_ideas_of_another(alice, charlie, note):
    note("Charlie's", owner=charlie, tags=["secret"])
    assert titles(ideas.board(alice))["new"] == [] and ideas.tags_of(alice) == []


def test_a_board_costs_the_same_for_one_and_thirty_ideas(alice_in, note):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            alice_in.get("/ideas/")
        return len(seen)

    note("one", tags=["bread"])
    before = queries()
    for number in range(29):
        note(f"idea {number}", tags=["bread"], status=Status.NEW)
    assert queries() == before


def test_an_idea_moves_to_another_column(alice_in, note):
    idea = note()
    answer = alice_in.post(f"/ideas/{idea.pk}/move/", {"status": "in_work"}, follow=True)
    idea.refresh_from_db()
    assert idea.status == Status.IN_WORK and b"moved to \xe2\x80\x9cIn work" in answer.content


def test_a_move_keeps_what_the_board_is_narrowed_to(alice_in, note):
    answer = alice_in.post(f"/ideas/{note(tags=['bread']).pk}/move/?tag=bread", {"status": "in_work"})
    assert answer.headers["Location"] == "/ideas/?tag=bread"


def test_htmx_gets_the_two_columns_that_changed(alice_in, note):
    idea = note(tags=["bread"])
    note("Candles")
    move = f"/ideas/{idea.pk}/move/?tag=bread"
    answer = alice_in.post(move, {"status": "in_work"}, headers={"hx-request": "true"})
    assert answer.status_code == 200 and "moved to" in answer.headers["HX-Trigger"]
    assert re.findall(r'id="box-(\w+)"', answer.text) == ["new", "in_work"]
    assert answer.text.count('hx-swap-oob="true"') == 2
    assert "Candles" not in answer.text  # the board shows bread only
    assert f'action="{move}"' in answer.text


def test_htmx_is_told_that_there_is_no_such_column(alice_in, note):
    idea = note()
    answer = alice_in.post(f"/ideas/{idea.pk}/move/", {"status": "lost"}, headers={"hx-request": "true"})
    assert answer.status_code == 422


def test_a_strangers_idea_does_not_move(alice_in, charlie, note):
    idea = note(owner=charlie)
    assert alice_in.post(f"/ideas/{idea.pk}/move/", {"status": "used"}).status_code == 404


def test_a_column_that_there_is_none_of_changes_nothing(alice_in, note):
    idea = note()
    answer = alice_in.post(f"/ideas/{idea.pk}/move/", {"status": "lost"}, follow=True)
    idea.refresh_from_db()
    assert idea.status == Status.NEW and b"Choose one of the columns" in answer.content


# --- From an idea to a post -------------------------------------------------------------------------------------
def test_a_post_has_the_words_and_pictures_of_its_idea(alice_in, make_account):
    account = make_account()
    alice_in.post("/ideas/new/", {"title": "S", "notes": "Fold it", "uploads": [picture(), picture("#204060")]})
    idea = PostIdea.objects.get()
    answer = alice_in.post(f"/ideas/{idea.pk}/make-post/")
    post = ScheduledPost.objects.get()
    assert answer.headers["Location"] == f"/posts/{post.pk}/edit/"
    assert (post.status, post.caption, post.media_type) == ("draft", "Fold it", "CAROUSEL")
    assert (post.post_idea, post.instagram_account, post.media.count()) == (idea, account, 2)


def test_a_used_idea_shows_its_posts(alice_in, note):
    idea = note(notes="Fold it")
    alice_in.post(f"/ideas/{idea.pk}/make-post/")
    idea.refresh_from_db()
    assert idea.status == Status.USED
    post = ScheduledPost.objects.get()
    assert f"/posts/{post.pk}/".encode() in alice_in.get("/ideas/").content
    assert f"/ideas/{idea.pk}/".encode() in alice_in.get(f"/posts/{post.pk}/").content


def test_the_title_is_the_caption_when_there_are_no_notes(alice, note, clock_now):
    assert ideas.make_post(note("Sourdough"), alice, clock_now).caption == "Sourdough"


def test_a_deleted_post_is_not_shown_with_its_idea(alice, note, clock_now):
    idea = note()
    ideas.make_post(idea, alice, clock_now).delete_softly(now=clock_now)
    (used,) = (column for column in ideas.board(alice) if column.status == Status.USED)
    assert used.ideas[0].live_posts == []


def test_a_post_outlives_its_idea(alice_in, alice, note, clock_now):
    idea = note(tags=["bread"])
    post = ideas.make_post(idea, alice, clock_now)
    alice_in.post(f"/ideas/{idea.pk}/delete/")
    post.refresh_from_db()
    assert post.post_idea is None and not PostIdea.objects.exists() and not Tag.objects.exists()


def test_words_from_people_are_shown_as_words(alice_in, note):
    note("<script>alert(1)</script>", notes="<b>", tags=["<i>"])
    content = alice_in.get("/ideas/").content
    assert b"<script>alert" not in content and b"<b>" not in content and b"<i>" not in content


@pytest.fixture
def clock_now():
    return clock.now()
