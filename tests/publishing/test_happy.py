"""Each kind of post, from the plan to Instagram's page."""

from datetime import timedelta

import pytest

from scheduler.models import Status
from tests.publishing.conftest import status, steps

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def test_a_photo_goes_out_once_at_its_time(plan, work, instagram):
    post = work(plan())
    (live,) = instagram.published()
    assert (post.status, post.instagram_media_id) == (Status.PUBLISHED, live.graph_id)
    assert (live.caption, live.media_type) == (post.caption, "IMAGE")
    assert post.permalink == live.permalink
    assert timedelta(0) <= post.published_at - post.scheduled_for < timedelta(seconds=1)


def test_the_log_tells_every_step(plan, work):
    assert steps(work(plan())) == [
        ("read_quota", "success", ""),
        ("create_container", "container_created", ""),
        ("read_container", "processing", ""),
        ("publish_container", "success", ""),
        ("read_media", "success", ""),
    ]


def test_the_container_is_made_a_minute_ahead_while_the_post_may_still_move(plan, service, time):
    post = plan()
    time.comes(post.scheduled_for - timedelta(seconds=59))
    service.publish_post(post)
    post.refresh_from_db()
    assert (post.status, post.container_status) == (Status.SCHEDULED, "FINISHED")
    assert post.wake_at == post.scheduled_for


def test_a_prepared_post_that_moves_never_shows_its_old_container(plan, service, time, work, instagram):
    post = plan()
    time.comes(post.scheduled_for - timedelta(seconds=59))
    service.publish_post(post)
    post.refresh_from_db()
    prepared, post.caption = post.container_id, "Other words"
    post.save_content(now=time.now())
    work(post)
    assert [media.caption for media in instagram.published()] == ["Other words"]
    assert not instagram.publish_calls(prepared)


def test_a_slow_picture_is_polled_and_no_worker_waits(plan, work, instagram):
    instagram.set(delay_image_s=20)
    post = work(plan(ahead=timedelta(seconds=61)))
    assert post.status == Status.PUBLISHED and len(instagram.published()) == 1


@pytest.mark.parametrize(
    ("media_type", "product", "kind"),
    [("REELS", "REELS", "VIDEO"), ("VIDEO", "REELS", "VIDEO")],
)
def test_a_video_goes_out_as_a_reel(plan, work, instagram, media_type, product, kind):
    film = instagram.host_film()
    post = work(plan(media_type=media_type, media_urls=[film], ahead=timedelta(minutes=12)))
    (live,) = instagram.published()
    assert (live.product_type, live.media_type) == (product, kind)
    assert "/reel/" in post.permalink


def test_a_single_video_is_shared_to_the_feed(plan, work):
    post = work(plan(media_type="VIDEO", media_urls=["https://cdn.example/v.mp4"]), until=status("failed"))
    line = post.logs.filter(step="create_container").first()
    assert (line.request_data["media_type"], line.request_data["share_to_feed"]) == ("REELS", True)


def test_a_carousel_keeps_its_order(plan, work, instagram):
    pictures = [instagram.host_picture(f"{number}.jpg") for number in range(3)]
    post = work(plan(media_type="CAROUSEL", media_urls=pictures))
    (live,) = instagram.published()
    assert live.media_type == "CAROUSEL_ALBUM" and live.children.count() == 3
    assert post.instagram_media_id == live.graph_id


def test_a_story_sends_no_caption(plan, work, instagram):
    post = work(plan(media_type="STORY"))
    (live,) = instagram.published()
    assert live.product_type == "STORY"
    assert "caption" not in post.logs.get(step="create_container").request_data


def test_the_first_comment_follows(plan, work, instagram):
    work(plan(first_comment="#pão #bairro"))
    (live,) = instagram.published()
    assert [comment.text for comment in instagram.comments(live)] == ["#pão #bairro"]


def test_publish_now_goes_out_at_once(plan, work, instagram, time):
    post = plan(ahead=timedelta(days=3))
    post.publish_now(now=time.now())
    work(post, until=status("published"))
    assert len(instagram.published()) == 1 and post.scheduled_for <= time.now()


def test_options_travel_under_instagrams_names(plan, work):
    options = {"collaborators": ["@padaria.amiga"], "location_id": "400000000000001"}
    post = work(plan(options=options), until=status("failed"))
    sent = post.logs.filter(step="create_container").first().request_data
    assert (sent["collaborators"], sent["location_id"]) == (["padaria.amiga"], "400000000000001")


def test_a_post_costs_few_queries(plan, service, time, django_assert_max_num_queries):
    post = plan()
    time.comes(post.scheduled_for - timedelta(seconds=59))
    service.publish_post(post)
    post.refresh_from_db()
    time.comes(post.wake_at)
    # Our own part for a prepared post: claim, intent, call, store. The sandbox has its own database.
    with django_assert_max_num_queries(24):
        service.publish_post(post)
