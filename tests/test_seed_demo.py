"""A fresh installation fills itself with a demo: through uploads, consent page and publishing, as a person would."""

import stat
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from PIL import Image, ImageChops, ImageStat

from scheduler.demo import people, scenes, seeding
from scheduler.demo.content import SAMPLES
from scheduler.models import InstagramAccount, MediaAsset, PostIdea, Rendition, ScheduledPost, User
from scheduler.sandbox.models import Control, Media
from scheduler.services import ideas
from scheduler.services.post_pictures import cover_of, thumbnail_of


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """Make the demo once for all tests of this file; give what the command printed."""
    folder = tmp_path_factory.mktemp("demo")
    here = override_settings(DATA_DIR=folder, MEDIA_ROOT=folder / "media")
    with here, django_db_blocker.unblock(), transaction.atomic(), transaction.atomic(using="sandbox"):
        with (folder / "said").open("w+") as said:
            call_command("seed_demo", stdout=said)
        yield (folder / "said").read_text().strip()
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="sandbox")


@pytest.fixture
def person(demo):
    return User.objects.get(username="demo")


@pytest.fixture
def visitor(person):
    visitor = Client()
    visitor.force_login(person)
    return visitor


def test_it_prints_how_to_sign_in(demo, person):
    password = demo.rpartition(" ")[2]
    assert demo == f"Sign in as demo with the password {password}"
    assert authenticate(username="demo", password=password) == person


def test_a_later_start_can_print_it_again(demo):
    assert people.login_lines() == [demo]


def test_it_is_not_printed_once_the_password_is_another(person):
    with transaction.atomic():
        person.set_password("my own words now")
        person.save()
        assert people.login_lines() == []
        transaction.set_rollback(True)


def test_the_password_is_for_the_owner_of_the_data_folder_only(demo):
    mode = (site.DATA_DIR / "secrets" / "demo_password").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_two_accounts_are_connected(person):
    accounts = InstagramAccount.objects.for_user(person)
    assert [(account.instagram_username, account.can_publish) for account in accounts] == [
        ("estudio.lume", True),
        ("padaria.aurora", True),
    ]


def test_a_month_of_posts_is_there(demo):
    counts = Counter(post.display_status.value for post in ScheduledPost.objects.all())
    assert counts.pop("published") >= 18
    assert counts.pop("scheduled") >= 18
    assert counts == {"draft": 3, "failed": 1, "on_hold": 1, "cancelled": 1}


def test_what_is_ahead_leaves_time_to_look_around(demo):
    ahead = ScheduledPost.objects.filter(status="scheduled", hold_reason="")
    assert min(post.scheduled_for for post in ahead) > timezone.now() + timedelta(minutes=25)


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Pacific/Auckland", "Europe/Lisbon"])
def test_whatever_the_hour_no_two_posts_of_an_account_share_a_moment(noon, hour, zone):
    now = noon + timedelta(hours=hour, minutes=10)
    stage = seeding.Stage(User(timezone=zone), {}, now)
    moments = [(sample.account, seeding._moment(sample, stage)) for sample in SAMPLES if sample.day is not None]
    assert len(set(moments)) == len(moments)
    ahead = [at for _account, at in moments if at > now]
    assert min(ahead) >= now + timedelta(minutes=30)
    assert 19 <= len(ahead) <= 22


def test_what_was_published_is_live_in_the_sandbox(demo):
    ours = set(ScheduledPost.objects.filter(status="published").values_list("instagram_media_id", flat=True))
    assert ours == set(Media.objects.filter(parent=None).values_list("graph_id", flat=True))


def test_every_link_opens(demo):
    for post in ScheduledPost.objects.filter(status="published"):
        path = post.permalink.removeprefix(site.PUBLIC_BASE_URL)
        assert path.startswith("/sandbox/") and Client().get(path).status_code == 200, post.permalink


def test_published_posts_look_as_if_they_went_out_on_time(demo):
    for post in ScheduledPost.objects.filter(status="published"):
        assert timedelta() <= post.published_at - post.scheduled_for < timedelta(seconds=30)
        first, last = post.logs.order_by("started_at").first(), post.logs.order_by("started_at").last()
        assert first.started_at >= post.scheduled_for and last.started_at < timezone.now()


def test_first_comments_are_written(demo):
    commented = ScheduledPost.objects.filter(status="published").exclude(first_comment="")
    assert commented and all(post.first_comment_id for post in commented)


def test_nothing_published_waits_for_a_worker(demo):
    assert not ScheduledPost.objects.filter(status="published", wake_at__isnull=False).exists()


def test_the_failure_has_a_clear_cause(demo):
    assert ScheduledPost.objects.get(status="failed").last_error == "IMAGE_SHAPE"


def test_the_sandbox_lives_in_the_present_again(demo):
    control = Control.load()
    assert (control.clock_offset_s, control.delay_image_s) == (0, 2)


def test_every_picture_is_another(demo):
    files = list(Rendition.objects.filter(purpose="publish").values_list("sha256", flat=True))
    assert len(set(files)) == len(files) == sum(len(sample.shows) for sample in SAMPLES)


def test_every_picture_has_words_for_those_who_cannot_see_it(demo):
    for asset in MediaAsset.objects.filter(kind="image"):
        assert asset.places.get().alt_text


def test_it_takes_little_room(demo):
    assert sum(file.stat().st_size for file in site.MEDIA_ROOT.rglob("*.*")) < 13_000_000


@pytest.mark.parametrize("path", ["/posts/", "/posts/?tab=published", "/accounts/", "/activity/", "/notifications/"])
def test_its_pages_can_be_seen(visitor, path):
    assert visitor.get(path).status_code == 200


def test_there_is_one_demo_only(demo):
    with pytest.raises(CommandError, match="Somebody has an account"):
        call_command("seed_demo")


@pytest.mark.django_db
def test_there_is_no_demo_without_the_sandbox(settings):
    settings.INSTAGRAM_SANDBOX = False
    with pytest.raises(CommandError, match="INSTAGRAM_SANDBOX=1"):
        call_command("seed_demo")


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_an_interrupted_demo_leaves_nothing_behind(settings, tmp_path, monkeypatch):
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"

    def stop(*_words):
        raise KeyboardInterrupt

    monkeypatch.setattr(seeding, "_publish", stop)
    with pytest.raises(KeyboardInterrupt):
        seeding.seed()
    assert not User.objects.exists() and not ScheduledPost.objects.exists() and not MediaAsset.objects.exists()
    assert Control.load().clock_offset_s == 0


@pytest.mark.parametrize(
    ("tz", "zone"),
    [("Europe/Lisbon", "Europe/Lisbon"), (":Asia/Tokyo", "Asia/Tokyo"), ("UTC", None), ("XYZ3", None), ("", None)],
)
def test_the_zone_is_the_machines_when_it_tells_one(monkeypatch, tmp_path, tz, zone):
    monkeypatch.setenv("TZ", tz)
    monkeypatch.setattr(people, "LOCALTIME", tmp_path / "localtime")
    people.LOCALTIME.symlink_to("/usr/share/zoneinfo/Etc/UTC")
    assert people.machine_zone() == (zone or "America/Sao_Paulo")


@pytest.mark.parametrize("scene", [scenes.coffee, scenes.hills])
def test_the_same_seed_gives_the_same_picture(scene):
    one, other, third = (scenes.draw(scene, 0, seed, (540, 675)) for seed in (7, 7, 8))
    assert ImageChops.difference(one, other).getbbox() is None
    assert ImageChops.difference(one, third).getbbox() is not None


@pytest.mark.parametrize("scene", [*scenes.BAKERY, *scenes.STUDIO], ids=lambda scene: scene.__name__)
def test_every_scene_fills_its_picture(scene):
    image = scenes.draw(scene, 0, 1, (1080, 1080))
    assert isinstance(image, Image.Image) and image.size == (1080, 1080)
    assert ImageStat.Stat(image.convert("L")).stddev[0] > 15


def test_the_idea_bank_has_something_in_every_column(person):
    assert {column.status for column in ideas.board(person) if column.ideas} == set(PostIdea.Status)
    used = PostIdea.objects.get(status="used")
    assert used.posts.get().status == "published"


def test_the_next_free_slot_and_hashtags_can_be_tried_at_once(visitor):
    page = visitor.get("/posts/new/").text
    assert "Next free slot" in page and "#pãoartesanal" in page


def test_reels_show_the_frame_that_was_chosen_for_them(person):
    for reel in ScheduledPost.objects.filter(user=person, media_type="REELS"):
        cover = cover_of(reel, "thumbnail")
        assert cover is not None and thumbnail_of(reel) == cover
