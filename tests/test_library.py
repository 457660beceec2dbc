"""The media library: find what was uploaded, use it again, put it away without taking it from a post."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from scheduler.lib import clock
from scheduler.models import MediaAsset, PostIdea, ScheduledPost, User
from scheduler.services import library
from scheduler.services.media_intake import take_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


def picture(name="bread.png", colour="#d9a066"):
    out = io.BytesIO()
    Image.new("RGB", (1080, 1080), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


@pytest.fixture
def bread(alice):
    return take_upload(alice, picture())


@pytest.fixture
def cake(alice):
    return take_upload(alice, picture("cake.png", "#aa3355"))


@pytest.fixture
def draft(alice):
    def draft(*assets, **fields):
        post = ScheduledPost.objects.create(user=alice, caption="Fresh", **fields)
        for position, asset in enumerate(assets):
            post.media.create(asset=asset, position=position)
        return post

    return draft


def names(answer):
    return [asset.original_name for asset in answer.context["page"]]


# --- Finding ------------------------------------------------------------------------------------------------
def test_an_empty_library_says_what_it_is_for(alice_in):
    assert b"Nothing uploaded yet" in alice_in.get("/media/").content


def test_the_newest_comes_first(alice_in, bread, cake):
    assert names(alice_in.get("/media/")) == ["cake.png", "bread.png"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("search=BREAD", ["bread.png"]),
        ("search=png+ca", ["cake.png"]),
        ("kind=image", ["cake.png", "bread.png"]),
        ("kind=video", []),
        ("use=used", ["bread.png"]),
        ("use=unused", ["cake.png"]),
        ("kind=nonsense&use=nonsense&page=nonsense", ["cake.png", "bread.png"]),
    ],
)
def test_it_is_narrowed(alice_in, bread, cake, draft, asked, found):
    draft(bread)
    assert names(alice_in.get(f"/media/?{asked}")) == found


def test_a_cover_and_an_idea_are_uses_too_and_a_deleted_post_is_none(alice, bread, cake, draft):
    draft(cover=bread)
    draft(cake, deleted_at=clock.now())
    assert list(library.media_of(alice, use=library.UNUSED)) == [cake]
    PostIdea.objects.create(user=alice, title="Sweet").media.add(cake)
    assert not library.media_of(alice, use=library.UNUSED).exists()


def test_many_cost_as_many_queries_as_one(alice_in, alice, bread, draft):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            alice_in.get("/media/")
        return len(asked)

    queries()
    few = queries()
    for number in range(12):
        draft(take_upload(alice, picture(f"{number}.png", f"#{number:02}5566")))
    assert queries() == few


# --- Uploading ----------------------------------------------------------------------------------------------
def test_files_are_taken_in_here_too(alice_in, alice):
    answer = alice_in.post("/media/", {"uploads": [picture(), SimpleUploadedFile("notes.txt", b"flour, water")]})
    told = [str(message) for message in answer.wsgi_request._messages]
    assert MediaAsset.objects.for_user(alice).get().original_name == "bread.png"
    assert told[0].startswith("notes.txt: This is not a picture") and "1 file is in the library." in told


def test_nothing_chosen_is_said(alice_in):
    assert b"Choose at least one" in alice_in.post("/media/", follow=True).content


# --- Using --------------------------------------------------------------------------------------------------
def test_a_post_is_made_of_what_is_marked_in_its_order(alice_in, bread, cake):
    answer = alice_in.post("/media/make-post/", {"media": [cake.pk, bread.pk, cake.pk, "x"]})
    post = ScheduledPost.objects.get()
    assert answer.headers["Location"] == f"/posts/{post.pk}/edit/"
    assert (post.status, post.media_type) == ("draft", "CAROUSEL")
    assert [place.asset for place in post.media.all()] == [cake, bread]


@pytest.mark.parametrize("marked", [[], ["999"], ["x"]])
def test_without_a_mark_no_post_is_made(alice_in, marked):
    assert b"Mark the pictures" in alice_in.post("/media/make-post/", {"media": marked}, follow=True).content
    assert not ScheduledPost.objects.exists()


def test_more_than_a_carousel_takes_is_refused(alice_in, alice):
    files = [take_upload(alice, picture(f"{number}.png", f"#{number:02}5566")) for number in range(11)]
    answer = alice_in.post("/media/make-post/", {"media": [file.pk for file in files]}, follow=True)
    assert b"A post takes 10" in answer.content and not ScheduledPost.objects.exists()


def test_its_page_names_the_posts_and_ideas_that_have_it(alice_in, alice, bread, draft):
    draft(bread)
    PostIdea.objects.create(user=alice, title="Sourdough").media.add(bread)
    page = alice_in.get(f"/media/{bread.pk}/").content
    assert b"Fresh" in page and b"Sourdough" in page


# --- Putting away -------------------------------------------------------------------------------------------
def test_what_a_planned_post_has_is_deleted_with_a_warning(alice_in, bread, draft, make_account, noon):
    draft(bread, status="scheduled", instagram_account=make_account(), scheduled_for=noon, next_attempt_at=noon)
    assert b"1 planned post has it" in alice_in.get(f"/media/{bread.pk}/").content


def test_what_is_deleted_leaves_the_library_and_can_come_back(alice_in, bread):
    alice_in.post(f"/media/{bread.pk}/delete/")
    assert names(alice_in.get("/media/")) == []
    assert names(alice_in.get("/media/?use=deleted")) == ["bread.png"]
    alice_in.post(f"/media/{bread.pk}/restore/")
    assert names(alice_in.get("/media/")) == ["bread.png"]


def test_a_post_keeps_what_left_the_library_also_when_it_is_saved_again(alice_in, bread, cake, draft):
    post = draft(bread)
    alice_in.post(f"/media/{bread.pk}/delete/")
    alice_in.post(f"/media/{cake.pk}/delete/")
    said = {"media": [bread.pk, cake.pk], "caption": "Fresh again", "timezone": "UTC", "version": post.version}
    alice_in.post(f"/posts/{post.pk}/edit/", said | {"act": "draft"})
    post.refresh_from_db()
    assert (post.caption, [place.asset for place in post.media.all()]) == ("Fresh again", [bread])


def test_an_idea_keeps_what_left_the_library_also_when_it_is_saved_again(alice_in, alice, bread):
    idea = PostIdea.objects.create(user=alice, title="Sourdough")
    idea.media.add(bread)
    alice_in.post(f"/media/{bread.pk}/delete/")
    alice_in.post(f"/ideas/{idea.pk}/", {"title": "Rye", "status": "new", "media": [bread.pk]})
    idea.refresh_from_db()
    assert (idea.title, list(idea.media.all())) == ("Rye", [bread])


def test_a_file_that_was_uploaded_again_stays_there_once(alice_in, alice, bread):
    alice_in.post(f"/media/{bread.pk}/delete/")
    again = take_upload(alice, picture())
    answer = alice_in.post(f"/media/{bread.pk}/restore/", follow=True)
    assert b"in the library already" in answer.content
    assert list(MediaAsset.objects.for_user(alice)) == [again]


def test_of_the_same_file_deleted_twice_one_comes_back(alice_in, alice, bread):
    alice_in.post(f"/media/{bread.pk}/delete/")
    other = take_upload(alice, picture())
    alice_in.post(f"/media/{other.pk}/delete/")
    for asset in (bread, other):
        assert alice_in.post(f"/media/{asset.pk}/restore/").status_code == 302
    assert list(MediaAsset.objects.for_user(alice)) == [bread]


@pytest.mark.parametrize("path", ["", "delete/", "restore/"])
def test_a_strangers_media_do_not_exist(client, bread, path):
    client.force_login(User.objects.create_user("bob"))
    answer = client.post(f"/media/{bread.pk}/{path}") if path else client.get(f"/media/{bread.pk}/")
    assert answer.status_code == 404
    client.post("/media/make-post/", {"media": [bread.pk]})
    bread.refresh_from_db()
    assert bread.deleted_at is None and not ScheduledPost.objects.exists()


# --- In the post form ---------------------------------------------------------------------------------------
def test_the_newest_files_can_be_put_into_a_post(client, alice, make_picture):
    client.force_login(alice)
    assets = [make_picture() for _ in range(2)]
    page = client.get("/media/pick/").text
    assert [page.index(f'data-asset="{asset.pk}"') for asset in assets] == sorted(
        (page.index(f'data-asset="{asset.pk}"') for asset in assets), reverse=True
    )


def test_they_are_found_by_name(client, alice, make_picture):
    client.force_login(alice)
    one, other = make_picture(), make_picture()
    page = client.get("/media/pick/", {"search": one.original_name}).text
    assert f'data-asset="{one.pk}"' in page and f'data-asset="{other.pk}"' not in page
    assert "Nothing has this name." in client.get("/media/pick/", {"search": "zzz\0"}).text


def test_only_pictures_are_offered_for_a_cover(client, alice, make_picture):
    client.force_login(alice)
    still, film = make_picture(), make_picture(kind="video")
    page = client.get("/media/pick/", {"kind": "image"}).text
    assert f'data-asset="{still.pk}"' in page and f'data-asset="{film.pk}"' not in page


def test_nobody_elses_files_are_offered(client, charlie, make_picture):
    make_picture()
    client.force_login(charlie)
    assert "data-asset" not in client.get("/media/pick/").text


def test_of_many_files_the_newest_are_offered(client, alice, make_picture, monkeypatch):
    monkeypatch.setattr("scheduler.views.library.PICKED_FROM", 3)
    client.force_login(alice)
    for _number in range(5):
        make_picture()
    page = client.get("/media/pick/").text
    assert page.count("data-asset") == 3 and "These are the newest." in page
