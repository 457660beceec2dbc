"""A post whose video is still being made ready: the checks say so, and the publish waits for it."""

from datetime import timedelta

import pytest

from scheduler.models import MediaAsset, PostMedia, Rendition, Status
from scheduler.models.media import MediaState
from scheduler.services import preflight, words
from tests.publishing.conftest import status
from tests.publishing.files import own_film, own_picture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def preparing(plan, alice, instagram):
    """A reel in line whose video waits to be made ready."""
    post = plan(media_type="REELS", media_urls=[instagram.host_film()], ahead=timedelta(minutes=12))
    film = own_film(alice)
    MediaAsset.objects.filter(pk=film.pk).update(state=MediaState.WAITING)
    film.renditions.update(purpose=Rendition.Purpose.POSTER)
    PostMedia.objects.create(post=post, asset=film)
    post.media_urls = []
    post.save(update_fields=["media_urls"])
    return post


def make_ready(post):
    film = post.media.get().asset
    film.renditions.update(purpose=Rendition.Purpose.PUBLISH)
    MediaAsset.objects.filter(pk=film.pk).update(state=MediaState.READY)


def codes(post, time):
    return [finding.code for finding in preflight.blockers(preflight.check(post, time.now()))]


def test_a_video_that_is_being_prepared_stops_its_post(preparing, time):
    assert codes(preparing, time) == ["MEDIA_PREPARING"]


def test_a_video_that_is_ready_stops_nothing(preparing, time):
    make_ready(preparing)
    assert codes(preparing, time) == []


def test_nothing_is_asked_of_instagram_while_a_video_is_prepared(preparing, work, time, instagram):
    work(preparing, until=lambda post: time.now() > post.scheduled_for + timedelta(seconds=10))
    assert not preparing.logs.filter(step="create_container").exists()


def test_a_post_goes_out_once_its_video_is_ready(preparing, work, time, instagram):
    work(preparing, until=lambda post: time.now() > post.scheduled_for + timedelta(seconds=10))
    make_ready(preparing)
    assert work(preparing).status == Status.PUBLISHED
    assert len(instagram.published()) == 1


def test_a_video_that_could_not_be_made_ready_fails_its_post_with_that_sentence(preparing, work, instagram):
    MediaAsset.objects.filter(kind="video").update(state=MediaState.FAILED, failure="NOT_MENDED")
    post = work(preparing)
    assert (post.status, post.last_error) == (Status.FAILED, "MEDIA_NOT_READY")
    assert "Remove it and add it again." in words.why(post)
    assert not post.logs.filter(step="create_container").exists()


def test_a_cover_that_is_not_there_is_replaced_by_no_other(preparing, work, alice, instagram):
    make_ready(preparing)
    preparing.cover = own_picture(alice, width=1080, height=1920)
    preparing.save(update_fields=["cover"])
    preparing.cover.renditions.all().delete()
    post = work(preparing)
    assert (post.status, post.last_error) == (Status.FAILED, "MEDIA_NOT_READY")
    assert instagram.published() == []


def test_a_post_does_not_wait_for_ever(preparing, work, time):
    work(preparing, until=lambda post: time.now() > post.scheduled_for)
    time.passes(minutes=61)
    assert work(preparing, until=status("failed")).last_error == "PROCESSING_TIMEOUT"
