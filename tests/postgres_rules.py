"""What only a real PostgreSQL can tell; test_postgres.py starts one and runs this there, with other tests."""

import re
from datetime import timedelta
from itertools import count

import pytest
from django.core.management import call_command
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import CheckConstraint

from scheduler.instagram.client import Client, CreatedContainer
from scheduler.models import ScheduledPost, Status
from scheduler.services import quota
from scheduler.services.claims import Claim
from scheduler.services.instagram_publish_service import InstagramPublishService, Outcome
from tests.publishing.conftest import (  # noqa: F401 - fixtures
    account,
    instagram,
    plan,
    service,
    time,
    work,
)
from tests.publishing.threads import on_disk, together  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
real = pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])

AT = "2026-11-22T12:00Z"
# One row that each constraint must refuse, told as the fields of a planned post.
REFUSED = {
    "post_status_known": {"status": "live"},
    "planned_post_has_account_and_time": {"next_attempt_at": None},
    "published_post_has_its_time": {"status": "published"},
    "publish_call_has_a_container": {"status": "publishing", "publish_intent_at": AT},
    "publish_call_only_while_publishing": {"publish_intent_at": AT, "container_id": "1"},
    "unconfirmed_means_a_call_was_sent": {"status": "publishing", "unconfirmed_at": AT},
    "claim_has_a_lease": {"claimed_by": "somebody"},
    "claim_only_on_live_posts": {"status": "draft", "claimed_by": "somebody", "lease_until": AT},
    "hold_only_before_publishing": {"status": "publishing", "hold_reason": "missed"},
    "media_id_means_published": {"instagram_media_id": "1"},
}
# One row that may be there once and not twice.
ONCE = {
    "one_publish_in_flight_per_account": {"status": "publishing", "claimed_by": "x", "lease_until": AT},
    "container_belongs_to_one_post": {"container_id": "1"},
    "draft_saved_once": {"draft_key": "x"},
    "live_media_belongs_to_one_post": {"status": "published", "published_at": AT, "instagram_media_id": "1"},
}


def test_this_is_postgresql():
    assert connection.vendor == "postgresql"


def test_the_models_and_the_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("length", [1, 7, 42])
def test_a_calendar_compares_the_posts_in_view_alone(make_post, alice, noon, length):
    for day in range(40):
        make_post(at=noon + timedelta(days=100 + day), now=noon, media=0, scheduled=False)
    make_post(at=noon, now=noon, media=0, scheduled=False)
    start = noon.replace(hour=0)
    starts = [start + timedelta(hours=number) for number in range(24 * length + 1)]
    shown = ScheduledPost.objects.for_user(alice).first_of_each(starts, 3, ("id",))
    assert [(post.period, post.in_period) for post in shown] == [(12, 1)]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN ANALYZE {shown.raw_query}", shown.params)
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert sum(int(rows) for rows in re.findall(r"Removed by Join Filter: (\d+)", plan)) < len(starts)


def test_every_constraint_has_its_case():
    checks = {one.name for one in ScheduledPost._meta.constraints if isinstance(one, CheckConstraint)}
    assert checks == set(REFUSED)
    assert {one.name for one in ScheduledPost._meta.constraints} - checks == set(ONCE)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused(make_post, noon, name):
    post = make_post(at=noon)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ScheduledPost.objects.filter(pk=post.pk).update(**REFUSED[name])


@pytest.mark.parametrize("name", ONCE)
def test_what_may_be_once_is_refused_twice(make_post, noon, name):
    one, other = make_post(at=noon), make_post(at=noon)
    ScheduledPost.objects.filter(pk=one.pk).update(**ONCE[name])
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ScheduledPost.objects.filter(pk=other.pk).update(**ONCE[name])


# --- Real concurrency -------------------------------------------------------------------------------------------
@real
def test_8_workers_on_5_posts_of_one_account_have_one_in_flight(make_post, noon):
    posts = [make_post(at=noon) for _ in range(5)]
    clock = lambda: noon  # noqa: E731
    claims = together(*[lambda pk=posts[n % 5].pk: Claim.take(pk, clock) for n in range(8)])
    assert len([claim for claim in claims if isinstance(claim, Claim)]) == 1
    assert not [claim for claim in claims if isinstance(claim, Exception)]
    assert ScheduledPost.objects.filter(status=Status.PUBLISHING).exclude(claimed_by="").count() == 1


@real
def test_8_workers_on_5_posts_of_5_accounts_claim_each_once(make_account, make_post, noon):
    posts = [make_post(at=noon, account=make_account()) for _ in range(5)]
    clock = lambda: noon  # noqa: E731
    claims = together(*[lambda pk=posts[n % 5].pk: Claim.take(pk, clock) for n in range(8)])
    taken = [claim for claim in claims if claim]
    assert sorted(claim.post.pk for claim in taken) == [post.pk for post in posts]
    assert {post.claimed_by for post in ScheduledPost.objects.all()} == {claim.owner for claim in taken}


@real
def test_8_workers_publish_5_posts_once_each(on_disk, plan, time, instagram, service):  # noqa: F811
    posts = [plan() for _ in range(5)]
    time.comes(posts[-1].scheduled_for)

    def worker():
        for _ in range(3):
            for post in posts:
                service.publish_post(post)

    assert together(*[worker] * 8) == [None] * 8
    for post in posts:
        # What found its account busy in every round goes out with the next look.
        service.publish_post(post)
    assert len(instagram.publish_calls()) == len(instagram.published()) == 5


# --- Many rows --------------------------------------------------------------------------------------------------
@pytest.fixture
def many(make_account, make_picture, noon):
    """Return an account among 10,000 posts that went out long ago and a hundred that wait."""
    bakery, minutes = make_account(), count()

    def row(**fields):
        return ScheduledPost(user=bakery.user, instagram_account=bakery, **fields)

    old = [
        row(status="published", published_at=noon - timedelta(minutes=10 * next(minutes)), scheduled_for=noon)
        for _ in range(10_000)
    ]
    later = [noon + timedelta(minutes=number) for number in range(100)]
    waiting = [row(status="scheduled", scheduled_for=at, next_attempt_at=at, wake_at=at) for at in later]
    ScheduledPost.objects.bulk_create(old + waiting, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE scheduler_scheduledpost")
    return bakery


def test_the_looks_of_every_second_read_the_small_index(many, noon):
    posts = ScheduledPost.objects.all()
    assert "post_wake" in posts.due(noon)[:200].explain()
    assert "post_wake" in posts.filter(wake_at__isnull=False).order_by("wake_at")[:1].explain()
    missed = posts.missed(last_pass=noon - timedelta(hours=9), now=noon, patience=timedelta(minutes=30))
    assert "Seq Scan" not in missed.explain()


def test_the_looks_are_right_among_many_rows(many, noon):
    assert ScheduledPost.objects.due(noon + timedelta(minutes=9)).count() == 10
    assert ScheduledPost.objects.next_wake() == noon
    missed = ScheduledPost.objects.missed(
        last_pass=noon, now=noon + timedelta(minutes=40), patience=timedelta(minutes=30)
    )
    assert missed.count() == 10


def test_the_quota_is_counted_by_its_index(many, noon):
    # One post every ten minutes: the 25th before now went out 4 h ago.
    assert quota.used(many, noon) == 144
    assert quota.first_free_time(many, noon) == noon + timedelta(hours=20, seconds=1)
    recent = ScheduledPost.objects.of_the_same_profile(many).filter(published_at__gt=noon - timedelta(hours=24))
    assert "post_quota" in recent.explain()


# --- What SQLite lets pass --------------------------------------------------------------------------------------
def test_an_id_that_does_not_fit_its_column_fails_the_post_and_not_the_worker(plan, time, service):  # noqa: F811
    post = plan()
    time.comes(post.scheduled_for)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create_container", lambda *words: CreatedContainer("1" * 60))
        with pytest.raises(DataError):
            service.publish_post(post)
    post.refresh_from_db()
    assert (post.status, post.last_error, post.claimed_by) == (Status.FAILED, "APP_ERROR", "")


def test_a_media_id_that_does_not_fit_is_looked_for_and_nothing_is_repeated(plan, time, work, instagram):  # noqa: F811
    post = plan()
    time.comes(post.scheduled_for)
    publish = Client.publish_container
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "publish_container", lambda *words: publish(*words) + "0" * 60)
        with pytest.raises(DataError):
            InstagramPublishService(clock=time.now).publish_post(post)
    work(post)
    assert (post.status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)
    assert post.permalink


def test_an_answer_with_what_no_database_stores_is_stored_without_it(plan, instagram, time, service):  # noqa: F811
    instagram.next_call("create", code=100, message="bad \0 news")
    post = plan()
    time.comes(post.scheduled_for)
    assert service.publish_post(post) is Outcome.GOING_ON
    assert "news" in post.logs.filter(step="create_container").get().error_message


@pytest.mark.parametrize("word", ["\0", "x" * 5000, "é\0é"])
def test_addresses_hold_what_they_like(client, alice, word):
    client.force_login(alice)
    for path in ("/accounts/connect/instagram/", "/accounts/callback/instagram/"):
        answer = client.get(path, {"next": word, "state": word, "code": word})
        assert answer.status_code == 302
