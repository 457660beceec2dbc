"""How posts did, and which times did best: read without disturbing anybody, said only from ten posts on."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.lib import clock
from scheduler.lib.sealing import Sealed
from scheduler.models import ApiLimit, InstagramAccount, ScheduledPost, Status
from scheduler.sandbox.models import Media
from scheduler.services import results, time_picks
from scheduler.services.best_times import BestTime, best_times
from scheduler.slow_cluster import SlowCluster
from tests.publishing.conftest import account, instagram, service, time, work  # noqa: F401 - fixtures
from tests.publishing.files import own_picture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHOP = {"timezone": "America/Sao_Paulo"}


@pytest.fixture
def live(account, work, time, make_picture):  # noqa: F811
    """A post that is live in the sandbox."""
    post = ScheduledPost(user=account.user, instagram_account=account)
    post.plan((time.now() + timedelta(minutes=2)).astimezone(UTC).replace(tzinfo=None), "UTC")
    post.save()
    post.media.create(asset=own_picture(account.user))
    post.schedule(now=time.now())
    return work(post)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


# --- Reading ------------------------------------------------------------------------------------------------
def test_likes_and_comments_are_kept_with_the_post(account, live, time):  # noqa: F811
    version = live.version
    assert results.read(account.pk, time.now()) == "read"
    told = 20 <= fresh(live).reactions < 200
    assert told and fresh(live).version == version
    assert fresh(account).results_at > time.now() + timedelta(hours=23)


def test_a_post_that_instagram_does_not_list_keeps_what_was_known(account, live, time):  # noqa: F811
    ScheduledPost.objects.update(reactions=7)
    Media.objects.all().delete()
    assert results.read(account.pk, time.now()) == "read"
    assert fresh(live).reactions == 7


@pytest.mark.parametrize("play", [{"code": 190}, {"code": 10}, {"code": 1}, {"play": "html"}, {"play": "drop"}])
def test_a_refusal_changes_nothing_but_the_next_time(account, live, time, instagram, play):  # noqa: F811
    before = fresh(live)
    instagram.next_call("any", play.pop("play", "error"), **play)
    assert results.read(account.pk, time.now()) not in {"read", "put off"}
    after, known = fresh(live), fresh(account)
    assert (after.reactions, after.status, after.version) == (None, Status.PUBLISHED, before.version)
    assert known.can_publish and known.results_at <= time.now() + timedelta(hours=6, minutes=1)


def test_a_limit_that_it_meets_is_kept_for_all(account, live, time, instagram):  # noqa: F811
    instagram.next_call("any", code=4)
    results.read(account.pk, time.now())
    assert ApiLimit.objects.get(scope="app:instagram").is_paused(time.now())


@pytest.mark.parametrize("usage", [75, 100])
def test_nothing_is_asked_when_the_limit_is_near(account, live, time, instagram, usage):  # noqa: F811
    ApiLimit.objects.create(scope="app:instagram", usage_percent=usage, seen_at=time.now())
    asked = len(instagram.calls())
    assert results.read(account.pk, time.now()) == "put off"
    assert len(instagram.calls()) == asked


def test_a_lost_key_and_a_lost_account_ask_nobody(account, time, instagram):  # noqa: F811
    InstagramAccount.objects.update(access_token=Sealed("gAAAAother"))
    assert results.read(account.pk, time.now()) == "no key"
    InstagramAccount.objects.update(status="disconnected")
    assert results.read(account.pk, time.now()) == "not connected"
    assert instagram.calls() == []


def test_each_account_is_handed_out_once_when_it_is_due(account, time):  # noqa: F811
    queued = []
    InstagramAccount.objects.update(results_at=time.now() + timedelta(minutes=1))
    assert results.hand_out(queued.append, time.now()) == 0
    later = time.now() + timedelta(minutes=2)
    assert results.hand_out(queued.append, later) == 1 and queued == [account.pk]
    assert results.hand_out(queued.append, later) == 0
    assert results.hand_out(queued.append, later + timedelta(minutes=11)) == 1  # the task was lost


def test_the_slow_cluster_comes_for_it(account, time, monkeypatch):  # noqa: F811
    InstagramAccount.objects.update(results_at=clock.now())
    queued, cluster = [], SlowCluster()
    monkeypatch.setattr("scheduler.tasks.dispatch_results", queued.append)
    monkeypatch.setattr(cluster.child, "start", lambda: queued.append("started"))
    cluster.see_to_it()
    assert queued == [account.pk, "started"]


# --- Best times ---------------------------------------------------------------------------------------------
@pytest.fixture
def shop(make_account):
    return make_account(**SHOP)


@pytest.fixture
def posted(shop, make_post):
    """Make posts that were live: each (days ago, hour in São Paulo, reactions)."""

    def posted(*rows, **fields):
        for days, hour, reactions in rows:
            at = (MONDAY - timedelta(days=days)).replace(hour=hour + 3)
            post = make_post(account=shop, media=0, media_urls=["https://example.com/a.jpg"])
            live = {"status": "published", "published_at": at, "reactions": reactions, "instagram_media_id": post.pk}
            ScheduledPost.objects.filter(pk=post.pk).update(**live | fields)

    return posted


# Mondays at 9 with few, Thursdays at 18 with many.
TEN = [(7 * week, 9, 10 + week) for week in range(1, 6)] + [(7 * week + 4, 18, 90 + week) for week in range(5)]


def test_the_hour_of_the_week_that_did_better_than_usual_is_best(shop, posted):
    posted(*TEN)
    assert best_times([shop], MONDAY) == {shop.pk: [BestTime(3, 18, 10)]}


def test_nine_posts_say_nothing(shop, posted):
    posted(*TEN[:9])
    assert best_times([shop], MONDAY) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"reactions": None},
        {"media_type": "STORY"},
        {"published_at": MONDAY - timedelta(days=91)},
        {"published_at": MONDAY - timedelta(hours=23)},
    ],
)
def test_posts_that_cannot_be_compared_do_not_count(shop, posted, fields):
    posted(*TEN[:9])
    posted(TEN[9], **fields)
    assert best_times([shop], MONDAY) == {}


def test_one_lucky_post_makes_no_best_time(shop, posted):
    posted(*TEN, (2, 20, 5000))
    assert best_times([shop], MONDAY)[shop.pk] == [BestTime(3, 18, 11)]


def test_the_same_everywhere_is_no_best_time(shop, posted):
    posted(*[(days, hour, 50) for days, hour, _count in TEN])
    assert best_times([shop], MONDAY) == {}


def test_a_click_fills_in_the_next_such_hour(shop, posted):
    posted(*TEN)
    (picks,) = time_picks.picks_by_account([shop], MONDAY).values()
    best = [pick for pick in picks if pick["words"].startswith("Best of 10 posts")]
    assert [(pick["day"], pick["clock"], pick["zone"]) for pick in best] == [
        ("2026-11-26", "18:00", "America/Sao_Paulo")
    ]


def test_another_persons_posts_say_nothing(posted, make_account, charlie):
    posted(*TEN)
    assert time_picks.picks_by_account([make_account(owner=charlie)], MONDAY) == {}
