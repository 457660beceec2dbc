"""Instagram's processing has its time: 2 minutes with pictures, 30 with a video; then the same container again."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.lib import failpoints
from scheduler.models import PostMedia, ScheduledPost, Status
from scheduler.sandbox.models import Container
from tests.publishing.conftest import status
from tests.publishing.files import own_film, own_picture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

PICTURES, VIDEO = timedelta(minutes=2), timedelta(minutes=30)
LONGEST_NAP = timedelta(seconds=31)  # between two looks
# type, files, which of the containers hangs, login, deadline
CASES = {
    "photo": ("IMAGE", "p", 1, "instagram", PICTURES),
    "reel": ("REELS", "v", 1, "instagram", VIDEO),
    "reel whose bytes are sent": ("REELS", "v", 1, "facebook", VIDEO),
    "single video": ("VIDEO", "v", 1, "instagram", VIDEO),
    "story photo": ("STORY", "p", 1, "instagram", PICTURES),
    "story video": ("STORY", "v", 1, "instagram", VIDEO),
    "item of a carousel of pictures": ("CAROUSEL", "pp", 2, "instagram", PICTURES),
    "video of a mixed carousel": ("CAROUSEL", "pv", 2, "facebook", VIDEO),
    "carousel of pictures": ("CAROUSEL", "pp", 3, "instagram", PICTURES),
    "mixed carousel": ("CAROUSEL", "pv", 3, "instagram", VIDEO),
}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


@pytest.fixture
def hanging(case, alice, time, instagram, account, page_account, work):
    """Return a post whose container, or one of its items', hangs until `let_go`; a minute before it is too late."""
    media_type, files, number, login, deadline = case
    whose = page_account if login == "facebook" else account
    post = ScheduledPost(user=alice, instagram_account=whose, media_type=media_type, caption="Pão")
    post.plan((time.now() + timedelta(minutes=12)).astimezone(UTC).replace(tzinfo=None), "UTC")
    post.save()
    made = {"p": own_picture(alice), "v": own_film(alice)}
    for position, file in enumerate(files):
        PostMedia.objects.create(post=post, asset=made[file], position=position)
    post.schedule(now=time.now())
    with nth_hangs(instagram, number):
        work(post, until=lambda post: Container.objects.filter(outcome="stuck").exists())
    time.comes(max(post.scheduled_for, waits_since(post) + deadline - timedelta(minutes=1)))
    return post


@contextmanager
def nth_hangs(instagram, number):
    """Let the container that is made as the `number`-th hang."""
    creations = []

    def watch(name):
        if name == "before-create_container":
            creations.append(name)
            if len(creations) == number:
                instagram.next_call(kind="create", play="outcome", outcome="stuck")

    failpoints.WATCHERS.append(watch)
    yield
    failpoints.WATCHERS.remove(watch)


def let_go():
    Container.objects.filter(outcome="stuck").update(outcome="")


def gave_up(post):
    return post.last_error == "PROCESSING_TIMEOUT"


def waits_since(post):
    if post.container_created_at:
        return post.container_created_at
    return datetime.fromisoformat(post.child_containers[0]["created_at"])


def test_it_is_given_its_time_and_no_more(hanging, case, service, work, time):
    service.publish_post(hanging)
    hanging.refresh_from_db()
    assert (hanging.status, hanging.last_error) == (Status.PUBLISHING, "")
    post = work(hanging, until=gave_up)
    waited = time.now() - waits_since(post)
    assert case[-1] < waited <= max(case[-1], timedelta(minutes=1)) + LONGEST_NAP
    assert (post.status, post.retry_count, post.wait_reason) == (Status.SCHEDULED, 1, "PROCESSING_TIMEOUT")


def test_the_next_attempt_finds_the_same_container_ready(hanging, work, instagram):
    post = work(hanging, until=gave_up)
    made, own = instagram.containers().count(), post.container_id
    let_go()
    post = work(post)
    (live,) = instagram.published()
    assert (post.status, post.instagram_media_id) == (Status.PUBLISHED, live.graph_id)
    assert live.container.graph_id == (own or post.container_id)
    assert instagram.containers().count() == made + (0 if own else 1)  # a carousel's own follows its items'


def test_what_never_gets_ready_fails_in_the_end_with_one_container(hanging, work, instagram):
    post = work(hanging, until=gave_up)
    made = instagram.containers().count()
    post = work(post, until=status("failed"))
    assert (post.status, post.last_error) == (Status.FAILED, "PROCESSING_TIMEOUT")
    assert instagram.containers().count() == made
    assert not instagram.publish_calls()


def test_before_its_time_a_post_waits_without_a_deadline(plan, work, instagram, time):
    """Made well ahead, a container may take as long as it likes: nothing is late yet."""
    post = plan(ahead=timedelta(minutes=12), media_type="REELS", media_urls=[instagram.host_film()])
    instagram.next_call(kind="create", play="outcome", outcome="stuck")
    post = work(post, until=lambda post: time.now() > post.scheduled_for - timedelta(seconds=40))
    assert (post.status, post.last_error, instagram.containers().count()) == (Status.SCHEDULED, "", 1)


def test_a_film_that_keeps_failing_ahead_of_its_time_costs_few_containers(plan, work, instagram):
    instagram.next_call("create", "html", times=99)
    post = plan(media_type="REELS", ahead=timedelta(minutes=11))
    work(post, until=lambda post: post.status == "publishing")
    assert len(instagram.calls("create")) <= 15
