"""While an account or everything is paused nothing goes out, and nothing goes out in a burst when it ends."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.instagram.client import Client
from scheduler.models import HoldReason, InstagramAccount, PostChange, ScheduledPost, Status, User, WrongState
from scheduler.services import accounts, events, pausing, post_actions, post_lists, verdicts
from scheduler.services.claims import Claim
from scheduler.services.instagram_publish_service import Outcome
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor
from scheduler.services.shell_facts import facts_of
from tests.publishing.conftest import connect, status
from tests.publishing.threads import on_disk, together  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
real = pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])
LATER = timedelta(hours=3)


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


def nobody(post_id):
    raise AssertionError("nothing is to be queued")


@pytest.fixture(params=["account", "everything"])
def pause(request, account, alice, time):
    """Pause the account, or everything: what holds of one holds of the other."""
    if request.param == "everything":
        return lambda: pausing.pause_everything(User.objects.get(pk=alice.pk), time.now())
    return lambda: pausing.pause_account(InstagramAccount.objects.get(pk=account.pk), alice, time.now())


@pytest.fixture
def resume(account, alice, time):
    """End every pause there is."""

    def resume():
        both = pausing.resume_account(InstagramAccount.objects.get(pk=account.pk), alice, time.now())
        rest = pausing.resume_everything(User.objects.get(pk=alice.pk), time.now())
        return both.going + rest.going, both.passed + rest.passed

    return resume


@pytest.fixture
def process(service, time):
    """One pass in the foreground, as cron and `manage.py process_posts` do it."""
    processor = ScheduledPostProcessor(service, now=time.now, sleep=lambda s: time.passes(seconds=s))
    return processor.process_pending_posts


# --- Nothing goes out -------------------------------------------------------------------------------------------
def test_a_planned_post_stays_scheduled_and_is_shown_on_hold(plan, pause):
    post = plan()
    pause()
    assert (fresh(post).status, fresh(post).display_status) == (Status.SCHEDULED, "on_hold")
    assert fresh(post).hold_reason == HoldReason.PAUSED


def test_nothing_is_asked_of_instagram_while_it_lasts(plan, pause, time, process, instagram):
    post = plan()
    pause()
    time.comes(post.scheduled_for + timedelta(minutes=1))
    assert process().outcomes == {}
    assert not instagram.calls("create") and not instagram.publish_calls()


def test_what_is_planned_later_waits_too(plan, pause, time, process, instagram):
    pause()
    post = plan()
    time.comes(post.scheduled_for)
    process()
    assert fresh(post).hold_reason == HoldReason.PAUSED
    assert not instagram.publish_calls()


def test_a_claim_is_refused_whatever_the_row_says(plan, pause, time):
    """A post that slipped into the line as the pause began is held as soon as a worker looks at it."""
    post, other = plan(), plan(ahead=LATER)
    line = ScheduledPost.objects.filter(pk__in=[post.pk, other.pk])
    before = {row.pk: row.wake_at for row in line}
    pause()
    for pk, wake_at in before.items():
        ScheduledPost.objects.filter(pk=pk).update(hold_reason="", wake_at=wake_at)
    time.comes(post.scheduled_for)
    assert Claim.take(post.pk, time.now) is None
    assert {row.hold_reason for row in line.all()} == {HoldReason.PAUSED}
    assert not ScheduledPost.objects.filter(wake_at__isnull=False).exists()


def test_a_worker_on_its_way_to_the_publish_call_does_not_send_it(plan, pause, service, time, instagram):
    post = plan()
    create = Client.create_container

    def watched(client, *words):
        answer = create(client, *words)
        pause()
        return answer

    time.comes(post.scheduled_for)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create_container", watched)
        assert service.publish_post(post) is Outcome.LOST
    assert not instagram.publish_calls()
    assert (fresh(post).status, fresh(post).hold_reason) == (Status.SCHEDULED, HoldReason.PAUSED)


def test_a_post_in_its_publish_call_finishes(plan, pause, service, time, instagram, work):
    post = plan(first_comment="Bom dia")
    send = Client.publish_container

    def watched(client, *words):
        pause()
        return send(client, *words)

    time.comes(post.scheduled_for)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "publish_container", watched)
        assert service.publish_post(post) is Outcome.PUBLISHED
    done = work(post)  # link and first comment belong to it
    assert (done.status, bool(done.permalink), bool(done.first_comment_id)) == (Status.PUBLISHED, True, True)


def test_one_whose_end_is_not_known_is_still_looked_for(plan, pause, work, instagram):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    pause()
    assert work(post, until=status("published")).status == Status.PUBLISHED
    assert len(instagram.published()) == 1


def test_one_that_is_known_not_to_be_out_is_not_sent_again(plan, pause, work, instagram, resume, alice, time):
    instagram.next_call("publish", "drop")
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    pause()
    work(post)
    assert fresh(post).hold_reason == HoldReason.PAUSED
    assert not instagram.published()
    resume()
    post_actions.release(fresh(post), alice, time.now())
    work(fresh(post), until=status("published"))
    assert len({call.creation_id for call in instagram.publish_calls()}) == 1


def test_the_next_try_of_one_that_met_trouble_waits(plan, pause, work, instagram, time):
    instagram.next_call("create", code=2, times=50)
    post = work(plan(), until=lambda post: post.retry_count)
    pause()
    assert (fresh(post).wake_at, fresh(post).hold_reason) == (None, HoldReason.PAUSED)


@real
def test_a_pause_and_seven_workers_at_one_instant_agree(on_disk, plan, pause, service, time, instagram):  # noqa: F811
    """Either the publish call was sent first, or nothing is ever sent."""
    post = plan()
    time.comes(post.scheduled_for)
    jobs = [lambda: service.publish_post(post)] * 7
    together(*jobs, pause)
    seen, sent = fresh(post), len(instagram.publish_calls())
    assert (seen.status, seen.hold_reason, sent) in [
        (Status.PUBLISHED, HoldReason.NONE, 1),
        (Status.SCHEDULED, HoldReason.PAUSED, 0),
    ]


# --- Somebody else's, and the other account's -------------------------------------------------------------------
def test_another_account_goes_on(plan, account, alice, time, process, instagram):
    other = connect(instagram, alice, time, "estudio.lume")
    plan(), plan(whose=other)
    pausing.pause_account(account, alice, time.now())
    time.passes(minutes=2)
    process()
    assert [post.instagram_account for post in ScheduledPost.objects.filter(status="published")] == [other]


def test_another_persons_posts_go_on(plan, alice, charlie, time, process, instagram):
    theirs = connect(instagram, charlie, time, "estudio.lume")
    post = plan()
    ScheduledPost.objects.filter(pk=post.pk).update(user=charlie, instagram_account=theirs)
    pausing.pause_everything(alice, time.now())
    time.passes(minutes=2)
    process()
    assert fresh(post).status == Status.PUBLISHED


# --- Its end ----------------------------------------------------------------------------------------------------
def test_what_is_still_to_come_goes_out_by_itself(plan, pause, resume, time, work, instagram):
    post = plan(ahead=LATER)
    pause()
    time.passes(hours=1)
    assert resume() == (1, 0)
    assert work(fresh(post), until=status("published")).published_at >= post.scheduled_for
    assert len(instagram.published()) == 1


def test_it_wakes_as_early_as_a_video_needs(plan, pause, resume):
    post = plan(ahead=LATER)
    pause()
    resume()
    assert fresh(post).wake_at == post.scheduled_for - timedelta(minutes=10)
    assert fresh(post).check_at == post.scheduled_for - timedelta(hours=1)


def test_what_is_due_in_a_moment_wakes_at_once(plan, pause, resume, time):
    post = plan()
    pause()
    resume()
    assert abs(fresh(post).wake_at - time.now()) < timedelta(seconds=5)


def test_what_passed_meanwhile_does_not_go_out_in_a_burst(plan, pause, resume, time, process, instagram):
    posts = [plan() for _ in range(5)]
    pause()
    time.passes(hours=1)
    assert resume() == (0, 5)
    process()
    assert {fresh(post).hold_reason for post in posts} == {HoldReason.PASSED}
    assert not instagram.publish_calls()


def test_what_passed_needs_a_person_only_after_the_end(plan, pause, resume, time, alice):
    plan()
    pause()
    time.passes(hours=1)
    assert (facts_of(alice, time.now()).attention, post_lists.tab_counts(alice, None)["scheduled"]) == (0, 1)
    resume()
    assert (facts_of(alice, time.now()).attention, post_lists.tab_counts(alice, None)["scheduled"]) == (1, 0)


def test_what_passed_goes_when_it_is_released(plan, pause, resume, time, alice, work):
    post = plan()
    pause()
    time.passes(hours=1)
    resume()
    post_actions.release(fresh(post), alice, time.now())
    assert work(fresh(post), until=status("published")).status == Status.PUBLISHED


def test_what_passed_goes_with_the_others_of_its_account(plan, pause, resume, time, account, alice):
    plan(), plan()
    pause()
    time.passes(hours=1)
    resume()
    account.refresh_from_db()
    alice.refresh_from_db()
    assert accounts.release(account, alice, "now", time.now()) == 2


@pytest.mark.parametrize("write", [ScheduledPost.save_content, ScheduledPost.move])
def test_what_passed_goes_when_it_is_moved(plan, pause, resume, time, work, write):
    post = plan()
    pause()
    time.passes(hours=1)
    resume()
    moved = fresh(post)
    moved.plan((time.now() + LATER).replace(tzinfo=None), "UTC")
    write(moved, now=time.now())
    assert (moved.hold_reason, moved.wake_at is not None) == (HoldReason.NONE, True)
    assert work(moved, until=status("published")).published_at >= moved.scheduled_for


@real
@pytest.mark.parametrize("write", [ScheduledPost.save_content, ScheduledPost.move])
def test_what_passed_and_is_moved_in_a_second_pause_waits_for_its_end(plan, pause, resume, time, write):
    post = plan()
    pause()
    time.passes(hours=1)
    resume()
    pause()
    moved = fresh(post)
    moved.plan((time.now() + LATER).replace(tzinfo=None), "UTC")
    write(moved, now=time.now())
    assert (moved.hold_reason, moved.wake_at) == (HoldReason.PAUSED, None)
    assert resume() == (1, 0)


@pytest.mark.parametrize("write", [ScheduledPost.save_content, ScheduledPost.move])
def test_what_is_moved_while_it_lasts_goes_on_with_the_end(plan, pause, resume, time, write):
    post = plan()
    pause()
    moved = fresh(post)
    moved.plan((time.now() + LATER).replace(tzinfo=None), "UTC")
    write(moved, now=time.now())
    assert fresh(post).hold_reason == HoldReason.PAUSED
    time.passes(hours=1)
    assert resume() == (1, 0)


@pytest.mark.parametrize("write", [ScheduledPost.save_content, ScheduledPost.move])
def test_a_save_that_meets_the_end_of_a_pause_is_refused(plan, pause, resume, time, write):
    """Otherwise the row would keep the look of its old time."""
    post = plan(ahead=LATER)
    pause()
    seen = fresh(post)
    resume()
    seen.plan((time.now() + timedelta(hours=1)).replace(tzinfo=None), "UTC")
    with pytest.raises(WrongState):
        write(seen, now=time.now())


def test_an_account_paused_by_itself_stays_so_when_everything_goes_on(plan, account, alice, time):
    post = plan(ahead=LATER)
    pausing.pause_account(account, alice, time.now())
    pausing.pause_everything(alice, time.now())
    assert pausing.resume_everything(alice, time.now()).going == 0
    assert fresh(post).hold_reason == HoldReason.PAUSED
    assert pausing.resume_account(account, alice, time.now()).going == 1


def test_a_second_pause_keeps_the_time_of_the_first(account, alice, time):
    pausing.pause_account(account, alice, time.now())
    since = account.paused_at
    time.passes(hours=1)
    pausing.pause_account(account, alice, time.now())
    assert account.paused_at == since


def test_a_pause_that_was_broken_off_is_made_whole_by_the_next(plan, account, alice, time):
    post = plan()
    InstagramAccount.objects.filter(pk=account.pk).update(paused_at=time.now())
    assert pausing.pause_account(account, alice, time.now()) == 1
    assert fresh(post).hold_reason == HoldReason.PAUSED


def test_a_broken_account_is_not_cured_by_resuming(plan, pause, resume, account, alice, time):
    post = plan(ahead=LATER)
    pause()
    accounts.disconnect(account, alice, time.now())
    resume()
    assert fresh(post).hold_reason == HoldReason.DISCONNECTED


# --- What people press meanwhile --------------------------------------------------------------------------------
def refused(act, post, alice, **more):
    alice.refresh_from_db()
    with pytest.raises(WrongState) as refusal:
        act(fresh(post), alice, **more)
    return refusal.value.code


def test_publish_now_says_why_not(plan, pause, alice, time):
    post = plan(ahead=LATER)
    pause()
    assert refused(post_actions.publish_now, post, alice, now=time.now(), dispatch=nobody) == "PAUSED"
    assert fresh(post).scheduled_for == post.scheduled_for


def test_trying_again_says_why_not(plan, pause, alice, time):
    post = plan()
    ScheduledPost.objects.filter(pk=post.pk).update(status="failed", failed_at=time.now(), wake_at=None)
    pause()
    assert refused(post_actions.retry, post, alice, now=time.now(), dispatch=nobody) == "PAUSED"
    assert fresh(post).status == Status.FAILED


def test_a_release_says_why_not(plan, pause, alice, time):
    post = plan()
    pause()
    assert refused(post_actions.release, post, alice, now=time.now()) == "PAUSED"


def test_a_release_of_the_whole_account_does_nothing(plan, pause, account, alice, time):
    post = plan()
    ScheduledPost.objects.filter(pk=post.pk).hold(HoldReason.MISSED)
    pause()
    account.refresh_from_db()
    alice.refresh_from_db()
    assert accounts.release(account, alice, "now", time.now()) == 0


def test_not_there_waits_for_the_end(plan, pause, work, instagram, alice, time):
    instagram.next_call("publish", "drop")
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    instagram.next_call("status", code=100, subcode=33, times=99)
    work(post, until=lambda post: post.needs_person_at)
    pause()
    alice.refresh_from_db()
    post_actions.confirm_not_there(fresh(post), alice, time.now(), nobody)
    assert (fresh(post).status, fresh(post).hold_reason) == (Status.SCHEDULED, HoldReason.PAUSED)
    assert fresh(post).wake_at is None


def test_failures_are_not_tried_again_by_themselves(plan, pause, resume, service, time):
    post = plan()
    ScheduledPost.objects.filter(pk=post.pk).update(
        status="failed", failed_at=time.now(), last_error="INSTAGRAM_DOWN", wake_at=None
    )
    pause()
    processor = ScheduledPostProcessor(service, now=time.now)
    assert processor.retry_failed_posts() == 0
    resume()
    assert processor.retry_failed_posts() == 1


def test_a_post_can_be_scheduled_unscheduled_and_cancelled(plan, pause, alice, time):
    post = plan(ahead=LATER)
    pause()
    post_actions.unschedule(fresh(post), alice, time.now())
    assert fresh(post).display_status == "draft"
    post_actions.schedule(fresh(post), alice, time.now())
    assert fresh(post).display_status == "on_hold"
    post_actions.cancel(fresh(post), alice, time.now())
    assert fresh(post).display_status == "cancelled"


# --- What is told, and what it costs ----------------------------------------------------------------------------
def test_each_post_tells_of_it_in_its_history(plan, pause, resume, alice):
    post = plan(ahead=LATER)
    pause()
    resume()
    lines = PostChange.objects.filter(post=post).order_by("pk")
    assert [(line.act, line.details, line.user) for line in lines] == [
        ("held", {"reason": "paused"}, alice),
        ("released", {"reason": "paused"}, alice),
    ]


def test_it_costs_the_same_for_one_post_and_for_many(plan, account, alice, time):
    def cost(act):
        with CaptureQueriesContext(
            connection,
        ) as told:
            act(account, alice, time.now())
        return len(told)

    plan(ahead=LATER)
    few = [cost(pausing.pause_account), cost(pausing.resume_account)]
    for _ in range(19):
        plan(ahead=LATER)
    assert [cost(pausing.pause_account), cost(pausing.resume_account)] == few


def test_the_question_of_a_claim_reads_two_rows_by_their_keys(plan, time):
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in SQLite's words")
    post = plan()
    with CaptureQueriesContext(connection) as told:
        time.comes(post.scheduled_for)
        assert Claim.take(post.pk, time.now)
    claim = next(one["sql"] for one in told if one["sql"].startswith("UPDATE") and "paused_at" in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {claim}")
        steps = " / ".join(row[3] for row in cursor.fetchall())
    assert "SCAN" not in steps
    assert steps.count("USING INTEGER PRIMARY KEY (rowid=?)") == 3


def test_a_pause_leaves_nothing_in_the_line_to_be_read_in_vain(plan, pause, time):
    for _ in range(3):
        plan()
    pause()
    time.passes(hours=1)
    assert ScheduledPost.objects.next_wake() is None
    assert not ScheduledPost.objects.due(time.now()).exists()
    assert not ScheduledPost.objects.due_for_check(time.now()).exists()


def test_a_missed_post_of_a_paused_account_is_not_told_as_an_outage(plan, pause, service, time):
    post = plan()
    pause()
    time.passes(hours=5)
    assert ScheduledPostProcessor(service, now=time.now).process_pending_posts(nobody).held == 0
    assert fresh(post).hold_reason == HoldReason.PAUSED


def test_an_account_that_breaks_meanwhile_holds_what_the_pause_held(plan, pause, account, time):
    post = plan()
    pause()
    verdicts.hold_posts_of(account, HoldReason.RECONNECT, time.now(), events.listeners())
    assert fresh(post).hold_reason == HoldReason.RECONNECT
