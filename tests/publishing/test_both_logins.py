"""The whole way of every type of post by either login, up to Instagram's own page, with its first comment."""

from datetime import UTC, timedelta

import pytest

from scheduler.models import PostMedia, ScheduledPost, Status
from tests.publishing.files import own_film, own_picture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

WORDS = "Mais no perfil #pão"
# type, files, what Instagram makes of it
TYPES = {
    "photo": ("IMAGE", "p", ("IMAGE", "FEED")),
    "carousel of two pictures": ("CAROUSEL", "pp", ("CAROUSEL_ALBUM", "FEED")),
    "carousel of two videos": ("CAROUSEL", "vv", ("CAROUSEL_ALBUM", "FEED")),
    "mixed carousel of ten": ("CAROUSEL", "pvpvpvpvpv", ("CAROUSEL_ALBUM", "FEED")),
    "reel": ("REELS", "v", ("VIDEO", "REELS")),
    "single video": ("VIDEO", "v", ("VIDEO", "REELS")),
    "story photo": ("STORY", "p", ("IMAGE", "STORY")),
    "story video": ("STORY", "v", ("VIDEO", "STORY")),
}
LOST = {
    "written, then dropped": {"play": "drop", "after_work": True},
    "written, then a 500": {"play": "server_error", "after_work": True},
    "written, then 20/1772107": {"play": "error", "code": 20, "subcode": 1772107, "after_work": True},
    "dropped before it was written": {"play": "drop"},
}


@pytest.fixture(params=["instagram", "facebook"])
def whose(request, account, page_account):
    return account if request.param == "instagram" else page_account


@pytest.fixture
def line_up(whose, alice, time):
    made = {"p": own_picture(alice), "v": own_film(alice)}

    def line_up(media_type, files, **fields):
        post = ScheduledPost(user=alice, instagram_account=whose, media_type=media_type, caption="Pão", **fields)
        post.plan((time.now() + timedelta(minutes=12)).astimezone(UTC).replace(tzinfo=None), "UTC")
        post.save()
        for position, file in enumerate(files):
            PostMedia.objects.create(post=post, asset=made[file], position=position)
        post.schedule(now=time.now())
        return post

    return line_up


@pytest.mark.parametrize("told", TYPES)
def test_every_type_goes_out_once_with_its_link(told, line_up, work, instagram, whose):
    media_type, files, kind = TYPES[told]
    post = work(line_up(media_type, files))
    (live,) = instagram.published()
    assert (post.status, post.instagram_media_id, post.permalink) == (Status.PUBLISHED, live.graph_id, live.permalink)
    assert ((live.media_type, live.product_type), live.profile.username) == (kind, whose.instagram_username)
    items = ["VIDEO" if file == "v" else "IMAGE" for file in files] if media_type == "CAROUSEL" else []
    assert list(live.children.order_by("pk").values_list("media_type", flat=True)) == items


@pytest.mark.parametrize("told", LOST)
def test_the_first_comment_is_written_once(told, line_up, work, instagram):
    instagram.next_call(kind="comment", **LOST[told])
    post = work(line_up("IMAGE", "p", first_comment=WORDS))
    (live,) = instagram.published()
    (comment,) = instagram.comments(live)
    assert (comment.text, post.first_comment_id, post.first_comment_error) == (WORDS, comment.graph_id, "")


def test_a_story_is_given_no_comment(line_up, work, instagram):
    work(line_up("STORY", "p", first_comment=WORDS))
    assert not instagram.calls("comment")
