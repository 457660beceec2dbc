"""The cover of a reel: ten frames to choose from, the chosen one drawn, or a picture of its own."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageStat

from scheduler.lib import clock
from scheduler.lib.sniffing import Unfit
from scheduler.lib.stills import stills
from scheduler.models import MediaAsset, ScheduledPost
from scheduler.services import covers
from scheduler.services.media_intake import take_upload
from scheduler.services.post_pictures import cover_of, thumbnail_of
from tests.media import corpus
from tests.test_forms import fill, picture  # noqa: F401 - fixture

pytestmark = pytest.mark.django_db
HALF_DARK = {"dark_s": 2.0, "sound": ""}


def film_file(**look):
    return SimpleUploadedFile("oven.mp4", corpus.film(4.0, **HALF_DARK | look), content_type="video/mp4")


@pytest.fixture
def film(alice):
    """Two dark seconds, then two bright ones."""
    return take_upload(alice, film_file())


@pytest.fixture
def loaf(alice):
    return take_upload(alice, picture("loaf.png", size=(1080, 1920)))


def light(image):
    return ImageStat.Stat(image.convert("L")).mean[0]


def opened(rendition):
    with rendition.file.open("rb") as file:
        return Image.open(file).convert("RGB")


@pytest.mark.parametrize("look", [{}, {"index_in_front": False}, {"fps": 50}, {"form": "mov"}])
def test_a_moment_shows_what_the_video_shows_then(tmp_path, look):
    path = tmp_path / "film.mp4"
    path.write_bytes(corpus.film(4.0, **HALF_DARK | look))
    dark, edge, bright, end = (light(one) for one in stills(path, [0.0, 1.95, 2.05, 3.95]))
    assert max(dark, edge) < 5 < 60 < min(bright, end)


def test_a_moment_behind_the_end_shows_the_last_frame(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(corpus.film(4.0, **HALF_DARK))
    assert light(next(stills(path, [99.0]))) > 60


def test_a_video_on_its_side_is_shown_upright(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(corpus.film_on_its_side())
    still = next(stills(path, [1.0]))
    assert still.height > still.width


def test_no_more_than_so_many_frames_are_decoded_for_one_moment(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(corpus.film(4.0, **HALF_DARK))
    assert light(next(stills(path, [3.5], 12))) < 5


def test_what_cannot_be_decoded_is_refused(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film at all")
    with pytest.raises(Unfit):
        list(stills(path, [0.0]))


def test_the_strip_has_ten_frames_in_their_order_and_is_drawn_once(film):
    strip = covers.strip_of(film, clock.now())
    whole = opened(strip)
    cells = [light(whole.crop((108 * n, 0, 108 * (n + 1), 192))) for n in range(10)]
    assert whole.size == (1080, 192)
    assert max(cells[:5]) < 10 < 60 < min(cells[5:])
    assert covers.strip_of(film, clock.now()) == strip


def test_the_chosen_frame_is_drawn_with_its_thumbnail(film):
    dark, bright = covers.still_at(film, 500), covers.still_at(film, 3500)
    assert light(opened(dark)) < 5 < 60 < light(opened(bright))
    assert film.still("thumbnail", 3500) is not None
    assert covers.still_at(film, 500) == dark


# --- In the form --------------------------------------------------------------------------------------------
def test_the_frame_by_which_a_reel_is_known_follows_the_choice(fill, film):  # noqa: F811
    post = fill(media=str(film.pk), media_type="REELS", cover_at="0.5").save()
    chosen = cover_of(post, "poster")
    assert chosen is not None and light(opened(chosen)) < 5
    assert thumbnail_of(post) == film.still("thumbnail", 500)


def test_the_very_first_frame_can_be_chosen(fill, film):  # noqa: F811
    post = fill(media=str(film.pk), media_type="REELS", cover_at="0").save()
    assert post.options["thumb_offset"] == 0 and cover_of(post, "poster") is not None
    assert fill(post=post).initial["cover_at"] == 0


def test_a_frame_behind_the_end_is_refused_when_it_goes_out_and_never_drawn(fill, film, make_account):  # noqa: F811
    words = {"account": make_account().pk, "day": "2026-11-23", "clock": "09:30", "act": "schedule"}
    form = fill(media=str(film.pk), media_type="REELS", cover_at="60", **words)
    assert form.errors["cover_at"] == ["The cover frame is past the end of the video."]
    assert not film.renditions.filter(recipe="at:60000").exists()


def test_a_picture_of_its_own_wins_and_is_used(fill, film, loaf):  # noqa: F811
    post = fill(media=str(film.pk), media_type="REELS", cover_at="0.5", cover=str(loaf.pk)).save()
    assert post.cover == loaf and cover_of(post, "poster") == loaf.rendition("publish")
    assert thumbnail_of(post) == loaf.rendition("thumbnail")


def test_a_picture_can_come_with_the_form(alice, film, client):
    client.force_login(alice)
    words = {"timezone": "UTC", "act": "draft", "media": film.pk, "media_type": "REELS"}
    client.post("/posts/new/", words | {"cover_upload": picture("loaf.png", size=(1080, 1920))})
    assert ScheduledPost.objects.get().cover.original_name == "loaf.png"


def test_what_is_no_picture_is_refused_and_nothing_else_is_lost(alice, film, client):
    client.force_login(alice)
    words = {"timezone": "UTC", "act": "draft", "media": film.pk, "media_type": "REELS", "caption": "My words"}
    answer = client.post("/posts/new/", words | {"cover_upload": film_file()})
    assert answer.status_code == 422
    assert "The cover must be a picture. Choose another." in answer.text and "My words" in answer.text


def test_it_can_be_dropped_for_the_frame(fill, film, loaf):  # noqa: F811
    post = fill(media=str(film.pk), media_type="REELS", cover=str(loaf.pk)).save()
    again = fill(post=post, media=str(film.pk), media_type="REELS", cover=str(loaf.pk), cover_drop="1").save()
    assert again.cover is None and MediaAsset.objects.filter(pk=loaf.pk).exists()


def test_another_type_has_no_cover(fill, loaf):  # noqa: F811
    assert fill(media=str(loaf.pk), media_type="IMAGE", cover=str(loaf.pk)).save().cover is None


def test_a_strangers_picture_is_no_cover(fill, film, charlie):  # noqa: F811
    theirs = take_upload(charlie, picture("theirs.png", size=(1080, 1920)))
    assert fill(media=str(film.pk), media_type="REELS", cover=str(theirs.pk)).save().cover is None


def test_a_cover_that_left_the_library_stays_in_its_post(fill, film, loaf, noon):  # noqa: F811
    post = fill(media=str(film.pk), media_type="REELS", cover=str(loaf.pk)).save()
    MediaAsset.objects.filter(pk=loaf.pk).update(deleted_at=noon)
    assert fill(post=post, media=str(film.pk), media_type="REELS", cover=str(loaf.pk)).save().cover == loaf


def test_a_copy_of_the_post_has_the_cover_too(fill, film, loaf):  # noqa: F811
    assert fill(media=str(film.pk), media_type="REELS", cover=str(loaf.pk)).save().duplicate().cover == loaf


# --- Beside the form ----------------------------------------------------------------------------------------
def test_the_page_asks_for_the_strip(alice, client, film):
    client.force_login(alice)
    answer = client.get("/posts/strip/", {"asset": film.pk})
    assert 'data-seconds="4.0"' in answer.text and "/strip.jpg" in answer.text


def test_many_strips_at_once_have_to_wait_but_not_those_that_are_there(alice, client, film, monkeypatch):
    client.force_login(alice)
    monkeypatch.setattr(covers, "STRIP_RATE", "1/h")
    other = take_upload(alice, film_file(fps=50))
    assert client.get("/posts/strip/", {"asset": film.pk}).status_code == 200
    answer = client.get("/posts/strip/", {"asset": other.pk})
    assert answer.status_code == 429 and "frames come again in a minute" in answer.text
    assert client.get("/posts/strip/", {"asset": film.pk}).status_code == 200


def test_a_strip_that_cannot_be_drawn_says_so(alice, client, film):
    client.force_login(alice)
    film.file.storage.delete(film.file.name)
    assert "The frames of this video can't be shown." in client.get("/posts/strip/", {"asset": film.pk}).text


def test_pictures_and_strangers_films_have_no_strip(alice, charlie, client, film, loaf):
    client.force_login(alice)
    assert client.get("/posts/strip/", {"asset": loaf.pk}).status_code == 404
    client.force_login(charlie)
    assert client.get("/posts/strip/", {"asset": film.pk}).status_code == 404


def test_a_picture_is_kept_at_once_and_shown(alice, client):
    client.force_login(alice)
    answer = client.post("/posts/cover/", {"cover_upload": picture("loaf.png", size=(1080, 1920))})
    assert f'name="cover" value="{MediaAsset.objects.get().pk}"' in answer.text
    assert "pauta:changed" in answer.headers["HX-Trigger-After-Settle"]


def test_a_picture_of_the_library_is_shown(alice, client, loaf):
    client.force_login(alice)
    answer = client.get("/posts/cover/", {"asset": loaf.pk})
    assert f'name="cover" value="{loaf.pk}"' in answer.text
    assert "pauta:changed" in answer.headers["HX-Trigger-After-Settle"]


def test_videos_and_strangers_pictures_are_no_cover(alice, charlie, client, film, loaf):
    client.force_login(alice)
    assert client.get("/posts/cover/", {"asset": film.pk}).status_code == 404
    client.force_login(charlie)
    assert client.get("/posts/cover/", {"asset": loaf.pk}).status_code == 404


def test_a_refused_picture_keeps_the_one_before(alice, client, loaf):
    client.force_login(alice)
    answer = client.post("/posts/cover/", {"cover_upload": film_file(), "cover": loaf.pk})
    assert "oven.mp4: The cover must be a picture." in answer.text
    assert f'name="cover" value="{loaf.pk}"' in answer.text


def test_a_refused_picture_shows_no_strangers(charlie, client, loaf):
    client.force_login(charlie)
    answer = client.post("/posts/cover/", {"cover_upload": film_file(), "cover": loaf.pk})
    assert 'name="cover"' not in answer.text
