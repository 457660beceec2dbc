"""The processor: it hands out what is due, holds what was missed, and works by itself where no worker can run."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django_q.models import Schedule
from redis.exceptions import ConnectionError as QueueTrouble

from scheduler import tasks
from scheduler.lib.sealing import KeyProblem, Sealed
from scheduler.management.commands import qcluster
from scheduler.models import (
    HoldReason,
    InstagramAccount,
    Notification,
    PostChange,
    ProcessorPass,
    ScheduledPost,
    Status,
)
from scheduler.models.post_queryset import DISPATCH_GRACE
from scheduler.services import accounts, health
from scheduler.services.claims import Claim
from scheduler.services.dispatch_watch import DispatchWatch
from scheduler.services.instagram_publish_service import InstagramPublishService, Outcome
from scheduler.services.scheduled_post_processor import (
    BATCH,
    INLINE_BUDGET,
    ScheduledPostProcessor,
    publish_inline,
    work_through,
)
from tests.publishing.conftest import connect, status

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def processor(time):
    """Look afresh at each call, as if the last look's time had not been kept in memory."""

    def make(**words):
        return ScheduledPostProcessor(
            now=time.now, sleep=lambda seconds: time.passes(seconds=seconds), kind="cluster", **words
        )

    return make


@pytest.fixture
def queue(processor):
    """Look once; return the ids that were queued."""

    def look():
        queued = []
        processor().process_pending_posts(queued.append)
        return queued

    return look


@pytest.fixture
def running(time):
    """A processor looked just now."""
    ProcessorPass.note("cluster", time.now())


@pytest.fixture
def lume(instagram, alice, time):
    return connect(instagram, alice, time, "estudio.lume")


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


# --- Handing out ------------------------------------------------------------------------------------------------
def test_nothing_is_handed_out_before_its_time(plan, queue):
    plan(ahead=timedelta(minutes=30))
    assert queue() == []


def test_a_due_post_is_handed_out_once(plan, queue, time):
    post = plan()
    time.comes(post.wake_at)
    assert (queue(), queue()) == ([post.pk], [])


def test_a_task_that_was_lost_is_queued_again_after_a_while(plan, queue, time):
    post = plan()
    time.comes(post.wake_at)
    queue()
    time.passes(seconds=DISPATCH_GRACE.total_seconds() - 1)
    assert queue() == []
    time.passes(seconds=2)
    assert queue() == [post.pk]


def test_the_longest_waiting_comes_first(plan, queue, time, lume):
    later, sooner = plan(ahead=timedelta(minutes=3)), plan(whose=lume)
    time.comes(later.scheduled_for)
    assert queue() == [sooner.pk, later.pk]


def test_of_the_posts_going_out_each_account_gets_one_worker(plan, queue, time, lume):
    first, _second, other = plan(), plan(), plan(whose=lume)
    time.comes(other.scheduled_for)
    assert queue() == [first.pk, other.pk]


def test_posts_that_are_only_prepared_do_not_wait_for_each_other(plan, queue, time):
    posts = [plan(), plan()]
    time.comes(posts[-1].wake_at)
    assert queue() == [post.pk for post in posts]


def test_a_worker_that_was_lost_is_followed_within_a_minute(plan, queue, time, service):
    post = plan()
    time.comes(post.scheduled_for)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InstagramPublishService, "_work", lambda *args: (_ for _ in ()).throw(OperationalError))
        with pytest.raises(OperationalError):
            service.publish_post(post)
    assert queue() == []
    time.passes(seconds=61)
    assert queue() == [post.pk]


def test_held_failed_and_deleted_posts_are_left_alone(plan, queue, time):
    held, failed, deleted = plan(), plan(), plan()
    ScheduledPost.objects.filter(pk=held.pk).hold(HoldReason.PAUSED)
    ScheduledPost.objects.filter(pk=failed.pk).update(status="failed")
    deleted.delete_softly(now=time.now())
    time.passes(minutes=3)
    assert queue() == []


def test_a_post_that_moves_away_while_it_is_handed_out_keeps_its_new_time(plan, processor, time):
    post = plan()
    time.comes(post.wake_at)
    rows = ScheduledPost.objects.filter(pk=post.pk)
    rows.update(wake_at=time.now() + timedelta(days=1))
    assert rows.dispatched(time.now()) == 0


def test_one_look_costs_the_same_for_1_and_50_due_posts(plan, queue, time, running, django_assert_max_num_queries):
    time.comes(plan().wake_at)
    with django_assert_max_num_queries(12) as few:
        assert len(queue()) == 1
    for _ in range(50):
        last = plan()
    time.comes(last.wake_at)
    with django_assert_max_num_queries(len(few)):
        assert len(queue()) >= 50


def test_more_than_a_batch_is_handed_out_with_the_next_looks(plan, time, processor, monkeypatch):
    monkeypatch.setattr("scheduler.services.scheduled_post_processor.BATCH", 3)
    posts, queued = [plan() for _ in range(5)], []
    time.comes(posts[-1].wake_at)
    processor().process_pending_posts(queued.append)
    assert len(queued) == 3 < BATCH
    processor().process_pending_posts(queued.append)
    assert sorted(queued) == [post.pk for post in posts]


# --- A queued task ----------------------------------------------------------------------------------------------
def test_a_task_goes_on_with_the_next_posts_of_its_account(plan, service, time, instagram, lume):
    posts = [plan(), plan(), plan()]
    other = plan(whose=lume)
    time.comes(other.scheduled_for)
    assert work_through(service, posts[0].pk, time.now) == "published"
    assert {fresh(post).status for post in posts} == {Status.PUBLISHED}
    assert fresh(other).status == Status.SCHEDULED


def test_a_post_in_trouble_does_not_hold_up_the_others_of_its_account(plan, service, time, instagram):
    refused, good = plan(), plan()
    time.comes(good.scheduled_for)
    instagram.next_call("create", code=36003, subcode=2207009)
    work_through(service, refused.pk, time.now)
    assert (fresh(refused).status, fresh(good).status) == (Status.FAILED, Status.PUBLISHED)


def test_a_post_that_instagram_still_processes_does_not_hold_up_the_others(plan, service, time, instagram):
    posts = [plan(), plan()]
    time.comes(posts[-1].scheduled_for)
    instagram.set(delay_image_s=20)
    work_through(service, posts[0].pk, time.now)
    assert [fresh(post).container_status for post in posts] == ["IN_PROGRESS"] * 2


def test_a_post_that_another_worker_has_does_not_end_a_task(plan, service, time, instagram):
    first, held_by_another, last = plan(), plan(), plan()
    time.comes(last.scheduled_for - timedelta(seconds=30))
    Claim.take(held_by_another.pk, time.now)
    time.comes(last.scheduled_for)
    work_through(service, first.pk, time.now)
    assert (fresh(held_by_another).status, fresh(last).status) == (Status.SCHEDULED, Status.PUBLISHED)


def test_a_task_ends_when_its_time_is_over(plan, time, instagram):
    posts = [plan() for _ in range(4)]
    time.comes(posts[-1].scheduled_for)

    class Slow(InstagramPublishService):
        def publish_post(self, post):
            time.passes(seconds=11)
            return super().publish_post(post)

    work_through(Slow(clock=time.now), posts[0].pk, time.now)
    assert len(instagram.published()) == 2


def test_a_task_whose_post_is_gone_does_nothing(service, time):
    assert work_through(service, 999_999, time.now) == "not taken"


def test_a_task_says_what_its_post_came_to(plan, time, monkeypatch):
    post = plan()
    time.comes(post.scheduled_for)
    monkeypatch.setattr(tasks, "InstagramPublishService", lambda: InstagramPublishService(clock=time.now))
    assert tasks.publish_post(post.pk) == "published"


# --- Without workers --------------------------------------------------------------------------------------------
def test_inline_publishes_what_is_due(plan, processor, time, instagram, running):
    posts = [plan(), plan()]
    time.comes(posts[-1].scheduled_for)
    report = processor().process_pending_posts()
    assert (report.outcomes, report.left_over) == ({"published": 2, "done": 2}, 0)
    assert len(instagram.published()) == 2


def test_inline_waits_for_instagram_within_its_budget(plan, processor, time, instagram, running):
    instagram.set(delay_image_s=8)
    post = plan()
    time.comes(post.scheduled_for)
    processor().process_pending_posts()
    assert fresh(post).status == Status.PUBLISHED


def test_inline_ends_within_its_budget(plan, time, running):
    posts = [plan() for _ in range(6)]
    time.comes(posts[-1].scheduled_for)
    begun = time.now()

    class Slow(InstagramPublishService):
        def publish_post(self, post):
            time.passes(seconds=10)
            return super().publish_post(post)

    slow = ScheduledPostProcessor(Slow(clock=time.now), now=time.now, sleep=lambda s: time.passes(seconds=s))
    report = slow.process_pending_posts()
    assert time.now() - begun < INLINE_BUDGET + timedelta(seconds=10)
    assert report.left_over >= 3


def test_what_is_left_over_goes_on_with_the_next_pass(plan, time, processor, instagram, running, monkeypatch):
    instagram.set(delay_image_s=40)
    post = plan()
    time.comes(post.scheduled_for)
    processor().process_pending_posts()
    assert fresh(post).status == Status.PUBLISHING
    time.passes(seconds=30)
    processor().process_pending_posts()
    assert (fresh(post).status, len(instagram.calls("create"))) == (Status.PUBLISHED, 1)


def test_inline_does_not_wait_when_nothing_comes(plan, time, running):
    plan(ahead=timedelta(hours=1))
    naps = []
    ScheduledPostProcessor(now=time.now, sleep=naps.append).process_pending_posts()
    assert naps == []


def test_inline_goes_on_when_one_accounts_token_cannot_be_opened(plan, processor, time, instagram, lume, running):
    locked, free = plan(), plan(whose=lume)
    InstagramAccount.objects.exclude(pk=lume.pk).update(access_token=Sealed("gAAAA-not-ours"))
    time.comes(free.scheduled_for)
    with pytest.raises(KeyProblem):
        processor().process_pending_posts()
    assert (fresh(locked).status, fresh(free).status) == (Status.PUBLISHING, Status.PUBLISHED)


def test_one_post_carried_through_is_not_asked_about_more_often_than_instagram_likes(plan, time, instagram):
    instagram.set(delay_image_s=12)
    post = plan(ahead=timedelta(days=1))
    post.publish_now(now=time.now())
    publish_inline(post, now=time.now, sleep=lambda seconds: time.passes(seconds=seconds))
    assert fresh(post).status == Status.PUBLISHED
    assert len(instagram.calls("status")) <= 7


def test_one_post_carried_through_gives_instagram_time_to_fetch_again(plan, time, instagram):
    instagram.next_call("create", code=9004, subcode=2207052, times=1)
    post = plan(ahead=timedelta(days=1))
    begun = time.now()
    post.publish_now(now=begun)
    publish_inline(post, now=time.now, sleep=lambda seconds: time.passes(seconds=seconds))
    assert fresh(post).status == Status.PUBLISHED and time.now() - begun >= timedelta(seconds=5)


def test_one_post_carried_through_ends_within_its_budget(plan, time, instagram):
    instagram.set(delay_image_s=600)
    post = plan(ahead=timedelta(days=1))
    begun = time.now()
    post.publish_now(now=begun)
    publish_inline(post, now=time.now, sleep=lambda seconds: time.passes(seconds=seconds))
    assert time.now() - begun <= INLINE_BUDGET + timedelta(seconds=1)
    assert fresh(post).status == Status.PUBLISHING


# --- Missed -----------------------------------------------------------------------------------------------------
def outage(time, *, minutes):
    """Nothing looks for a while, and then something does."""
    time.passes(minutes=minutes)


def test_what_was_missed_is_held_and_not_fired_in_a_burst(plan, processor, queue, time, running, instagram):
    posts = [plan(), plan()]
    outage(time, minutes=40)
    assert queue() == []
    for post in posts:
        assert (fresh(post).hold_reason, fresh(post).wake_at) == (HoldReason.MISSED, None)
    assert not instagram.calls("create")


def test_a_little_late_is_published_late(plan, queue, time, running):
    post = plan()
    outage(time, minutes=31)
    assert queue() == [post.pk]


def test_the_patience_can_be_set(plan, queue, time, running, settings):
    settings.MISSED_AFTER_MINUTES = 120
    post = plan()
    outage(time, minutes=100)
    assert queue() == [post.pk]


def test_a_late_post_that_somebody_looked_at_is_published(plan, queue, time):
    post = plan()
    time.passes(minutes=3)
    ProcessorPass.note("cron", time.now())
    outage(time, minutes=90)
    assert queue() == [post.pk]


def test_a_post_that_waited_in_a_long_line_is_not_missed(plan, queue, time):
    post = plan()
    time.passes(minutes=90)
    ProcessorPass.note("cluster", time.now() - timedelta(seconds=6))
    assert queue() == [post.pk]


@pytest.mark.parametrize("reason", ["QUOTA_REACHED", "RATE_LIMITED", "INSTAGRAM_DOWN"])
def test_a_time_that_was_moved_is_measured_from_where_it_was_moved_to(plan, queue, time, running, reason):
    post = plan()
    time.passes(minutes=3)
    moved = time.now() + timedelta(hours=5)
    ScheduledPost.objects.filter(pk=post.pk).update(next_attempt_at=moved, wake_at=moved, wait_reason=reason)
    outage(time, minutes=310)
    assert queue() == [post.pk]


def test_what_was_missed_before_the_very_first_look_is_held(plan, queue, time):
    post = plan()
    outage(time, minutes=40)
    queue()
    assert fresh(post).hold_reason == HoldReason.MISSED


def test_each_accounts_owner_is_told_once(plan, queue, time, running, alice, lume):
    for whose in (None, None, lume):
        plan(whose=whose)
    outage(time, minutes=40)
    queue()
    told = Notification.objects.for_user(alice).values_list("kind", "account__instagram_username")
    assert sorted(told) == [("MISSED", "estudio.lume"), ("MISSED", "padaria.aurora")]


def test_a_second_outage_is_told_again(plan, queue, time, running, alice, account):
    plan()
    outage(time, minutes=40)
    queue()
    accounts.release(account, alice, "now", time.now())
    plan()
    outage(time, minutes=40)
    queue()
    assert Notification.objects.for_user(alice).filter(kind="MISSED").count() == 2
    assert Notification.objects.for_user(alice).open().filter(kind="MISSED").count() == 1


def test_a_missed_post_says_so_in_its_history(plan, queue, time, running):
    post = plan()
    outage(time, minutes=40)
    queue()
    assert post.changes.get().act == PostChange.Act.HELD


def test_holding_costs_the_same_for_1_and_50_missed_posts(plan, queue, time, running, django_assert_max_num_queries):
    plan()
    outage(time, minutes=40)
    with django_assert_max_num_queries(25) as few:
        queue()
    Notification.objects.all().delete()
    for _ in range(50):
        plan()
    outage(time, minutes=40)
    with django_assert_max_num_queries(len(few)):
        queue()
    assert ScheduledPost.objects.filter(hold_reason="missed").count() == 51


def test_a_released_missed_post_goes_out(plan, queue, work, time, running, instagram):
    post = plan()
    outage(time, minutes=40)
    queue()
    post = fresh(post)
    post.release(now=time.now())
    assert work(post).status == Status.PUBLISHED


# --- Failed -----------------------------------------------------------------------------------------------------
@pytest.fixture
def failed(plan, time):
    """Make a post that failed."""

    def failed(name="INSTAGRAM_DOWN", *, ago=timedelta(hours=1), **fields):
        post = plan()
        facts = {"status": "failed", "last_error": name, "failed_at": time.now() - ago, "wake_at": None}
        ScheduledPost.objects.filter(pk=post.pk).update(**facts | fields)
        return fresh(post)

    return failed


@pytest.mark.parametrize("name", ["CONNECTION_ERROR", "INSTAGRAM_DOWN", "PROCESSING_TIMEOUT", "RATE_LIMITED"])
def test_a_transient_failure_is_tried_again_and_published(failed, processor, work, instagram, name):
    post = failed(name)
    assert processor().retry_failed_posts() == 1
    assert work(post).status == Status.PUBLISHED and len(instagram.published()) == 1


@pytest.mark.parametrize(
    "name", ["IMAGE_SHAPE", "CAPTION_TOO_LONG", "PUBLISH_FAILED", "CONTAINER_EXPIRED", "APP_ERROR"]
)
def test_what_another_try_cannot_help_stays_failed(failed, processor, name):
    failed(name)
    assert processor().retry_failed_posts() == 0


def test_an_old_failure_is_left_alone(failed, processor):
    failed(ago=timedelta(hours=25))
    assert processor().retry_failed_posts() == 0


def test_a_deleted_failure_is_left_alone(failed, processor, time):
    failed().delete_softly(now=time.now())
    assert processor().retry_failed_posts() == 0


def test_a_failure_of_a_disconnected_account_is_left_alone(failed, processor, account):
    post = failed()
    account.disconnect()
    assert processor().retry_failed_posts() == 0
    assert fresh(post).status == Status.FAILED


def test_a_container_that_went_bad_after_a_publish_call_is_a_persons_to_try_again(failed, processor, time):
    sent = {"container_id": "178", "container_status": "ERROR", "publish_calls": 1}
    failed("MEDIA_NOT_FETCHED", **sent)
    assert processor().retry_failed_posts() == 0


def test_a_container_that_was_sent_once_is_read_before_it_is_sent_again(plan, processor, work, time, instagram):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    gone_wrong = {"status": "failed", "last_error": "INSTAGRAM_DOWN", "failed_at": time.now(), "wake_at": None}
    cleared = {"publish_intent_at": None, "unconfirmed_at": None}
    ScheduledPost.objects.filter(pk=post.pk).update(**gone_wrong | cleared)
    assert processor().retry_failed_posts() == 1
    work(post)
    assert (fresh(post).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


def test_trying_again_is_written_down_and_settles_the_notice(plan, processor, work, instagram, alice):
    instagram.next_call("create", code=2, times=9)
    post = work(plan(ahead=timedelta(seconds=61)))
    assert Notification.objects.for_user(alice).open().exists()
    instagram.clear_script()
    assert processor().retry_failed_posts() == 1
    assert not Notification.objects.for_user(alice).open().exists()
    assert post.changes.get().act == PostChange.Act.RETRY and post.changes.get().user is None


def test_a_post_is_tried_again_by_itself_three_times_and_then_waits_for_a_person(failed, processor, time, alice):
    post = failed()
    for _ in range(5):
        processor().retry_failed_posts()
        time.passes(hours=20)
        again = {"status": "failed", "last_error": "INSTAGRAM_DOWN", "failed_at": time.now(), "wake_at": None}
        ScheduledPost.objects.filter(pk=post.pk).update(**again)
    assert post.changes.filter(act=PostChange.Act.RETRY).count() == 3
    PostChange.note(post, PostChange.Act.SCHEDULED, alice, time.now())
    assert processor().retry_failed_posts() == 1


# --- Is anybody looking -----------------------------------------------------------------------------------------
def test_each_look_is_noted(queue, time):
    queue()
    assert ProcessorPass.objects.get().at == pytest.approx(time.now(), abs=timedelta(seconds=1))


def test_looks_in_quick_succession_are_not_all_written_down(time, django_assert_num_queries):
    steady = ScheduledPostProcessor(now=time.now)
    steady.process_pending_posts(print)
    with django_assert_num_queries(1):
        steady.process_pending_posts(print)


def test_a_clock_that_was_set_back_is_noted_all_the_same(time, noon):
    times = iter([noon, noon, noon - timedelta(hours=1), noon - timedelta(hours=1)])
    steady = ScheduledPostProcessor(now=lambda: next(times))
    steady.process_pending_posts(print)
    steady.process_pending_posts(print)
    assert ProcessorPass.objects.get().at == noon - timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "age_s", "ok"),
    [("cluster", 59, True), ("cluster", 61, False), ("cron", 19 * 60, True), ("cron", 21 * 60, False)],
)
def test_ready_is_who_looked_lately(db, noon, kind, age_s, ok):
    ProcessorPass.note(kind, noon - timedelta(seconds=age_s))
    assert health.readiness(noon) == health.Readiness(ok, kind, noon - timedelta(seconds=age_s))


def test_before_the_first_look_nothing_is_ready(db, noon):
    assert health.readiness(noon) == health.Readiness(False, "", None)


def test_a_dead_cluster_beside_a_living_cron_is_ready(db, noon):
    ProcessorPass.note("cluster", noon - timedelta(hours=3))
    ProcessorPass.note("cron", noon - timedelta(minutes=4))
    assert health.readiness(noon).mode == "cron"


def test_readiness_costs_one_query(db, noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        health.readiness(noon)


@pytest.mark.parametrize(("age_s", "lives"), [(0, True), (20, True), (21, False)])
def test_a_cluster_lives_when_its_beat_looked_lately(db, noon, age_s, lives):
    ProcessorPass.note("cluster", noon - timedelta(seconds=age_s))
    assert health.cluster_lives(noon) is lives


def test_cron_alone_is_no_cluster(db, noon):
    ProcessorPass.note("cron", noon)
    assert not health.cluster_lives(noon)


# --- The beat ---------------------------------------------------------------------------------------------------
@pytest.fixture
def beats(monkeypatch):
    """Let the beat beat a few times; return how long it slept after each."""

    def beats(count):
        naps, left = [], [count]

        def more():
            left[0] -= 1
            return left[0] >= 0

        monkeypatch.setattr(qcluster.time, "sleep", naps.append)
        qcluster.beat(while_true=more, start_anew=pytest.fail)
        return naps

    return beats


@pytest.fixture
def watch(time):
    """A watch over posts that nobody comes for."""
    return DispatchWatch(lambda post_id: None, time.now)


def test_posts_that_nobody_takes_for_long_call_for_other_workers(plan, watch, time):
    watch.dispatch(plan().pk)
    assert not watch.nobody_works()
    time.passes(seconds=26)
    assert watch.nobody_works()
    watch.forget()
    assert not watch.nobody_works()


def test_a_post_that_somebody_looked_at_is_no_sign_of_trouble(plan, watch, time, service):
    post = plan()
    time.comes(post.wake_at)
    watch.dispatch(post.pk)
    service.publish_post(post)
    time.passes(seconds=26)
    assert not watch.nobody_works()


def test_a_long_line_behind_a_busy_worker_is_no_sign_of_trouble(plan, watch, time):
    taken, waiting = plan(), plan()
    time.comes(taken.wake_at)
    watch.dispatch(waiting.pk)
    time.passes(seconds=26)
    assert Claim.take(taken.pk, time.now)
    assert not watch.nobody_works()


def test_a_queue_that_is_away_is_no_sign_of_trouble(plan, time):
    def dispatch(post_id):
        raise QueueTrouble("no redis")

    watch = DispatchWatch(dispatch, time.now)
    with pytest.raises(QueueTrouble):
        watch.dispatch(plan().pk)
    time.passes(seconds=26)
    assert not watch.nobody_works()


@pytest.mark.parametrize("trouble", [OperationalError("locked"), QueueTrouble("no redis")])
def test_the_beat_survives_a_database_and_a_queue_that_go_away(beats, monkeypatch, trouble, caplog):
    monkeypatch.setattr(qcluster.connections, "close_all", lambda: None)  # the test's own would go with them
    looks = []

    def look(self, *dispatch):
        looks.append(dispatch)
        if len(looks) == 2:
            raise trouble

    monkeypatch.setattr(ScheduledPostProcessor, "process_pending_posts", look)
    naps = beats(3)
    assert len(looks) == 3
    assert naps[1] == qcluster.AFTER_TROUBLE_S
    assert len(caplog.records) == 1


def test_the_beat_wakes_when_the_next_post_is_due(plan, beats, time, monkeypatch):
    post = plan()
    ScheduledPost.objects.update(wake_at=time.now() + timedelta(seconds=0.45))
    queued = []
    monkeypatch.setattr(tasks, "dispatch", queued.append)
    (nap,) = beats(1)
    assert 0.02 <= nap <= 0.45 and queued == []
    ScheduledPost.objects.update(wake_at=time.now())
    beats(1)
    assert queued == [post.pk]


def test_the_beat_is_never_asleep_for_long(plan, beats):
    plan(ahead=timedelta(days=1))
    assert beats(1) == [qcluster.LONGEST_NAP_S]


# --- The queue's own tables -------------------------------------------------------------------------------------
def test_the_recurring_task_exists_once(db):
    tasks.keep_schedules()
    tasks.keep_schedules()
    assert Schedule.objects.get().func == "scheduler.tasks.process_pending_posts"


def test_two_clusters_that_started_at_once_leave_one_recurring_task(db):
    tasks.keep_schedules()
    Schedule.objects.create(name=tasks.SAFETY_NET, func="scheduler.tasks.process_pending_posts")
    tasks.keep_schedules()
    assert Schedule.objects.get().minutes == 1


def test_a_queue_that_is_away_does_not_undo_what_was_asked(
    plan, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def away(post_id):
        raise QueueTrouble("no redis")

    monkeypatch.setattr(tasks, "dispatch", away)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.publish_soon(plan().pk)  # the row is the queue: the next look finds it
    assert "no redis" in caplog.text


def test_the_safety_net_says_what_it_did(plan, monkeypatch, time):
    post = plan()
    ScheduledPost.objects.update(wake_at=time.now())
    queued = []
    monkeypatch.setattr(tasks, "dispatch", queued.append)
    assert (tasks.process_pending_posts(), queued) == ("1 queued, 0 held", [post.pk])


def test_a_pass_counts_each_outcome(plan, processor, time, running, instagram):
    good, refused = plan(), plan()
    time.comes(good.scheduled_for)
    instagram.next_call("create", code=36003, subcode=2207009)
    report = processor().process_pending_posts()
    assert report.outcomes[Outcome.PUBLISHED] == report.outcomes[Outcome.GOING_ON] == 1
    assert {fresh(good).status, fresh(refused).status} == {Status.PUBLISHED, Status.FAILED}


def test_the_first_post_of_a_burst_does_not_make_the_others_wait(plan, queue, time, service, work):
    posts = [plan(), plan(), plan()]
    time.comes(posts[-1].scheduled_for)
    for pk in queue():
        work_through(service, pk, time.now)
    assert all(status("published")(fresh(post)) for post in posts)
