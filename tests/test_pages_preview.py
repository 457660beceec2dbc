"""What the composer shows beside the form: the post as Instagram will show it, and what is in the way."""

from datetime import timedelta

import pytest

from scheduler.lib import clock
from scheduler.lib.framing import Frame
from scheduler.models import MediaType, PostMedia, Rendition, ScheduledPost, Status
from scheduler.services.media_intake import take_upload
from scheduler.services.preview import GRID_PLACES, NEWER_AT_MOST, neighbours
from tests.test_forms import picture


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def look(alice_in):
    """Ask for the preview of what stands in the form."""

    def ask(post=None, **words):
        address = "/posts/preview/" + (f"?post={post.pk}" if post else "")
        return alice_in.post(address, {"timezone": "UTC"} | words, headers={"hx-request": "true"})

    return ask


def in_a_week():
    at = clock.now() + timedelta(days=7)
    return {"day": at.strftime("%Y-%m-%d"), "clock": "18:30"}


def test_what_is_written_is_shown_and_not_kept(look, make_account):
    answer = look(account=make_account().pk, caption="Bread <b>today</b>")
    assert "Bread &lt;b&gt;today&lt;/b&gt;" in answer.text
    assert not ScheduledPost.objects.exists()


def test_what_is_missing_stops_it_and_leads_to_its_field(look, make_account):
    answer = look(account=make_account().pk, **in_a_week())
    assert "1 thing stops this post" in answer.text
    assert 'href="#id_uploads"' in answer.text


def test_with_everything_there_it_is_ready(look, make_account, make_picture):
    answer = look(account=make_account().pk, media=make_picture().pk, caption="Bread", **in_a_week())
    assert "Ready to publish" in answer.text


def test_a_mistake_in_a_field_is_listed_once(look, make_account, make_picture):
    answer = look(account=make_account().pk, media=make_picture().pk, timezone="Mars/Olympus")
    assert answer.text.count("No zone has this name.") == 2  # the sentence, and the name of its link


def test_what_stops_one_picture_stands_on_its_tile_and_leads_to_what_cures_it(look, alice, make_account):
    wide = take_upload(alice, picture(size=(2100, 700)))
    answer = look(account=make_account().pk, media=wide.pk, caption="Bread", **in_a_week())
    assert f'href="#shape-{wide.pk}"' in answer.text
    assert f'id="words-{wide.pk}" hx-swap-oob="true">praça.png is too tall or too wide' in answer.text


def test_what_is_well_says_nothing_on_its_tile(look, alice, make_account):
    fine = take_upload(alice, picture())
    answer = look(account=make_account().pk, media=fine.pk)
    assert f'id="words-{fine.pk}" hx-swap-oob="true"></p>' in answer.text


def test_who_posts_along_is_named_beside_an_account_only(look, make_account):
    alone, together = look(collaborators="moinho").text, look(collaborators="moinho", account=make_account().pk).text
    assert ("and moinho</strong>" in alone, "and moinho</strong>" in together) == (False, True)


TAGGED = 'class="phone__tagged"'


def test_each_picture_with_people_on_it_is_marked(look, alice, make_account):
    bread, oven = take_upload(alice, picture()), take_upload(alice, picture(colour="navy"))
    form = {"account": make_account().pk, "media": [bread.pk, oven.pk], f"tags_{oven.pk}": "maria 0.5 0.5"}
    first, second = look(**form).text.split('<figure class="phone__item">')[1:]
    assert (TAGGED in first, TAGGED in second) == (False, True)


def test_a_reel_names_its_people(look, make_account, make_picture):
    film = make_picture(kind="video")
    words = look(account=make_account().pk, media=film.pk, **{f"tags_{film.pk}": "maria"}).text
    assert '<span class="phone__line">maria</span>' in words


@pytest.mark.parametrize("named", ["post", "picture"])
def test_the_page_of_a_post_marks_its_people_too(alice_in, make_post, named):
    post = make_post(media=1)
    people = {"user_tags": [{"username": "maria", "x": 0.5, "y": 0.5}]}
    rows = ScheduledPost.objects.filter(pk=post.pk) if named == "post" else post.media.all()
    assert TAGGED not in alice_in.get(f"/posts/{post.pk}/").text
    rows.update(options=people)
    assert TAGGED in alice_in.get(f"/posts/{post.pk}/").text


def test_without_scripts_the_tile_says_it_too(alice_in, alice, make_post):
    wide = take_upload(alice, picture(size=(2100, 700)))
    post = make_post(media=0)
    PostMedia.objects.create(post=post, asset=wide, position=0)
    page = alice_in.get(f"/posts/{post.pk}/edit/").text
    assert f'id="words-{wide.pk}">praça.png is too tall or too wide' in page


def test_a_video_that_is_being_prepared_says_so_once(look, make_account, make_picture):
    film = make_picture(kind="video")
    film.renditions.all().delete()
    answer = look(account=make_account().pk, media=film.pk)
    assert f'id="words-{film.pk}" hx-swap-oob="true"></p>' in answer.text


def test_the_button_says_when(look, make_account):
    answer = look(account=make_account().pk, **in_a_week())
    assert 'id="schedule-words" hx-swap-oob="true">Schedule for ' in answer.text


def test_the_time_that_passed_is_in_the_way(look, make_account, make_picture):
    answer = look(account=make_account().pk, media=make_picture().pk, day="2020-01-01", clock="10:00")
    assert "That time has passed." in answer.text


@pytest.mark.parametrize(
    ("media_type", "faces"),
    [("IMAGE", ["feed", "grid"]), ("REELS", ["reel", "feed", "grid"]), ("STORY", ["story"]), ("", ["feed", "grid"])],
)
def test_each_type_has_its_faces(look, make_account, media_type, faces):
    answer = look(account=make_account().pk, media_type=media_type)
    assert [face for face in ("reel", "feed", "story", "grid") if f'data-face="{face}"' in answer.text] == faces


def test_the_face_that_was_chosen_stays(look, make_account):
    answer = look(account=make_account().pk, media_type="IMAGE", face="grid", face_of="IMAGE")
    assert 'value="grid" checked' in answer.text


@pytest.mark.parametrize("face", ["feed", "story", "nonsense"])
def test_a_new_type_is_shown_by_its_first_face(look, make_account, face):
    answer = look(account=make_account().pk, media_type="REELS", face=face, face_of="IMAGE")
    assert 'value="reel" checked' in answer.text


def test_the_frame_is_drawn_as_it_will_go_out(look, make_account, alice):
    asset = take_upload(alice, picture(size=(900, 600)))
    words = {f"shape_{asset.pk}": "1:1", f"fit_{asset.pk}": "white"}
    answer = look(account=make_account().pk, media=asset.pk, **words)
    drawn = asset.rendition(Rendition.Purpose.PUBLISH, Frame.read({"shape": "1:1", "how": "pad", "paper": "white"}))
    assert drawn.width == drawn.height
    assert drawn.path in answer.text


def test_a_post_in_line_is_not_touched(look, make_post):
    post = make_post(caption="Yesterday's words", at=clock.now() + timedelta(days=1))
    look(post, account=post.instagram_account_id, caption="New words", **in_a_week())
    post.refresh_from_db()
    assert (post.caption, post.status) == ("Yesterday's words", Status.SCHEDULED)


def test_a_post_in_line_without_a_time_is_told_so(look, make_post):
    post = make_post(at=clock.now() + timedelta(days=1))
    media = post.media.get().asset_id
    assert "Choose a day and a time." in look(post, account=post.instagram_account_id, media=media).text


def test_a_strangers_post_does_not_exist(look, charlie, make_post):
    assert look(make_post(owner=charlie)).status_code == 404


@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999"])
def test_a_number_that_is_none_is_no_post(alice_in, number):
    assert alice_in.post(f"/posts/preview/?post={number}").status_code == 404


def test_nobody_else_may_look(client):
    assert client.post("/posts/preview/").status_code == 302


def test_it_is_looked_at_with_few_questions(look, around, make_picture, django_assert_max_num_queries):
    account, _noon = around
    with django_assert_max_num_queries(28):
        look(account=account.pk, media=make_picture().pk, caption="Bread", **in_a_week())


def test_the_edit_page_shows_the_post_at_once(alice_in, make_post):
    post = make_post(caption="Bread", at=clock.now() + timedelta(days=1))
    page = alice_in.get(f"/posts/{post.pk}/edit/").text
    assert post.media.get().rendition("publish").path in page
    assert "Ready to publish" in page


def test_a_refused_form_shows_what_was_written(alice_in, make_account):
    words = {"timezone": "UTC", "act": "schedule", "account": make_account().pk, "caption": "x" * 2300}
    page = alice_in.post("/posts/new/", words).text
    assert "100 characters over." in page
    assert page.count("x" * 2300) == 2  # in its field and in the preview


# --- The grid -------------------------------------------------------------------------------------------------
@pytest.fixture
def around(make_account, make_post):
    """An account with a post each hour, six before noon tomorrow and six after it."""
    account, noon = make_account(), clock.now() + timedelta(days=1)
    for hours in [*range(-6, 0), *range(1, 7)]:
        make_post(account=account, at=noon + timedelta(hours=hours), caption=f"{hours:+}")
    return account, noon


def words_of(posts):
    return [post.caption for post in posts]


def test_the_grid_has_what_is_newer_before_and_what_is_older_after(around):
    account, noon = around
    newer, older = neighbours(account, noon, None)
    assert words_of(newer) == ["+4", "+3", "+2", "+1"]
    assert words_of(older) == ["-1", "-2", "-3", "-4"]
    assert (len(newer), len(newer) + len(older) + 1) == (NEWER_AT_MOST, GRID_PLACES)


def test_a_post_without_a_time_comes_first(around):
    account, _noon = around
    newer, older = neighbours(account, None, None)
    assert (newer, words_of(older)[:2]) == ([], ["+6", "+5"])


def test_a_post_is_not_its_own_neighbour(around):
    account, noon = around
    post = ScheduledPost.objects.get(caption="-1")
    assert "-1" not in words_of(neighbours(account, noon, post.pk)[1])


def test_stories_and_drafts_are_not_on_the_profile(make_account, make_post):
    account = make_account()
    tomorrow = clock.now() + timedelta(days=1)
    make_post(account=account, media_type=MediaType.STORY, at=tomorrow)
    make_post(account=account, scheduled=False, at=tomorrow)
    assert neighbours(account, None, None) == ([], [])


def test_deleted_posts_are_not_on_the_profile(make_account, make_post):
    post = make_post(at=clock.now() + timedelta(days=1))
    ScheduledPost.objects.update(deleted_at=clock.now())
    assert neighbours(post.instagram_account, None, None) == ([], [])


def test_another_accounts_posts_are_not_on_the_profile(make_account, make_post):
    make_post(at=clock.now() + timedelta(days=1))
    assert neighbours(make_account(), None, None) == ([], [])


def test_a_neighbour_without_a_file_has_its_place(alice_in, around, look):
    PostMedia.objects.all().delete()
    account, _noon = around
    answer = look(account=account.pk)
    assert answer.text.count('class="grid-face__place"') == GRID_PLACES


@pytest.mark.parametrize("account", ["x", "-1", "99999999999999999999"])
def test_an_account_in_the_address_that_is_none_chooses_nothing(alice_in, account):
    assert alice_in.get(f"/posts/new/?account={account}").status_code == 200
