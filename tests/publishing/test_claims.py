"""Who may work on a post: one worker at a time, only while its claim lasts, never over a person's word."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError

from scheduler.instagram.client import Client
from scheduler.lib.sealing import KeyProblem, Sealed
from scheduler.models import ClaimLost, HoldReason, InstagramAccount, PublishingLog, ScheduledPost, Status
from scheduler.services import events, notices, verdicts
from scheduler.services.claims import BUSY_ACCOUNT, LEASE, Claim
from scheduler.services.instagram_publish_service import InstagramPublishService, Outcome
from scheduler.services.preparation import Preparation
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor
from tests.publishing.conftest import connect, status, steps
from tests.publishing.threads import on_disk, together  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
real = pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])


class Bug(Exception):
    """Something in our own code that nobody thought of."""


def bug(*args, **words):
    raise Bug("nobody thought of this")


@pytest.fixture
def due(plan, time):
    """Put posts in line and let their time come; `one` by default."""

    def due(count=1, **words):
        posts = [plan(**words) for _ in range(count)]
        time.comes(posts[-1].scheduled_for)
        return posts if count > 1 else posts[0]

    return due


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


# --- Many at once -----------------------------------------------------------------------------------------------
@real
def test_eight_workers_at_one_instant_publish_once(on_disk, due, service, instagram):  # noqa: F811
    post = due()
    outcomes = together(*[lambda: service.publish_post(post)] * 8)
    assert sorted(outcomes) == [Outcome.NOT_TAKEN] * 7 + [Outcome.PUBLISHED]
    assert (fresh(post).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


@real
def test_only_one_post_of_an_account_is_claimed_for_publishing(on_disk, due, time):  # noqa: F811
    posts = due(5)
    claims = together(*[lambda pk=post.pk: Claim.take(pk, time.now) for post in posts])
    assert len([claim for claim in claims if claim]) == 1
    in_flight = ScheduledPost.objects.filter(status=Status.PUBLISHING).exclude(claimed_by="")
    assert in_flight.count() == 1


@real
def test_posts_of_two_accounts_go_out_side_by_side(on_disk, due, time, instagram, alice):  # noqa: F811
    other = connect(instagram, alice, time, "estudio.lume")
    posts = [due(), due(whose=other)]
    claims = together(*[lambda pk=post.pk: Claim.take(pk, time.now) for post in posts])
    assert all(claims)


def test_a_post_that_finds_its_account_busy_is_looked_at_a_second_later(due, time):
    one, other = due(2)
    assert Claim.take(one.pk, time.now)
    assert Claim.take(other.pk, time.now) is None
    assert timedelta(0) < fresh(other).wake_at - time.now() <= BUSY_ACCOUNT
    assert fresh(other).status == Status.SCHEDULED


def test_a_post_of_a_lost_worker_does_not_block_its_account_for_ever(due, time, work, instagram):
    lost, other = due(2)
    Claim.take(lost.pk, time.now)
    time.comes(fresh(lost).wake_at)
    work(lost, until=status("published"))
    work(other, until=status("published"))
    assert len(instagram.published()) == 2


# --- A claim and its lease --------------------------------------------------------------------------------------
def test_a_claim_holds_until_its_lease_ends(due, time):
    post = due()
    assert Claim.take(post.pk, time.now)
    time.passes(seconds=LEASE.total_seconds() - 1)
    assert Claim.take(post.pk, time.now) is None
    time.passes(seconds=2)
    assert Claim.take(post.pk, time.now).took_over


def test_a_claimed_post_is_looked_at_when_its_lease_ends(due, time):
    post = due()
    Claim.take(post.pk, time.now)
    assert fresh(post).wake_at == fresh(post).lease_until
    assert not ScheduledPost.objects.due(time.now() + timedelta(seconds=59)).exists()
    assert ScheduledPost.objects.due(time.now() + timedelta(seconds=61)).exists()


def test_a_worker_that_was_given_up_for_dead_can_write_nothing(due, time):
    post = due()
    late = Claim.take(post.pk, time.now)
    time.passes(seconds=61)
    successor = Claim.take(post.pk, time.now)
    for act in (late.store, late.renew, late.release):
        with pytest.raises(ClaimLost):
            act(caption="Old words")
    assert (fresh(post).claimed_by, fresh(post).caption) == (successor.owner, post.caption)


def test_the_lease_begins_anew_before_each_request(due, service, time, monkeypatch):
    left, post = [], due()
    send = Client._call

    def watched(client, *words, **more):
        left.append(fresh(post).lease_until - time.now())
        time.passes(seconds=35)
        return send(client, *words, **more)

    monkeypatch.setattr(Client, "_call", watched)
    assert service.publish_post(post) is Outcome.PUBLISHED
    assert len(left) == 4 and min(left) > timedelta(seconds=59)


def test_each_claim_has_a_name_of_its_own(due, time):
    post = due()
    first = Claim.take(post.pk, time.now).owner
    time.passes(seconds=61)
    assert Claim.take(post.pk, time.now).owner != first


def test_a_claim_costs_three_queries(due, time, django_assert_max_num_queries):
    post = due()
    # A savepoint, of a test's transaction, around the UPDATE.
    with django_assert_max_num_queries(5):
        assert Claim.take(post.pk, time.now)


@pytest.mark.parametrize("state", ["draft", "failed", "cancelled"])
def test_what_is_not_in_line_is_not_claimed(due, time, state):
    post = due()
    ScheduledPost.objects.filter(pk=post.pk).update(status=state)
    assert Claim.take(post.pk, time.now) is None


def test_a_held_post_is_not_claimed(due, time):
    post = due()
    ScheduledPost.objects.filter(pk=post.pk).hold(HoldReason.PAUSED)
    assert Claim.take(post.pk, time.now) is None


def test_a_deleted_post_is_not_claimed(due, time):
    post = due()
    post.delete_softly(now=time.now())
    assert Claim.take(post.pk, time.now) is None


def test_a_task_that_comes_late_does_not_touch_a_post_that_moved_away(plan, service, instagram):
    post = plan(ahead=timedelta(days=3))
    assert service.publish_post(post) is Outcome.NOT_TAKEN
    assert not instagram.calls("create")


# --- A person between two requests ------------------------------------------------------------------------------
def while_creating(patch, act):
    """Let `act` happen while Instagram fetches the media."""
    create = Client.create_container

    def watched(client, *words):
        answer = create(client, *words)
        act()
        return answer

    patch.setattr(Client, "create_container", watched)


@pytest.fixture
def preparing(plan, time):
    post = plan()
    time.comes(post.wake_at)
    return post


def test_an_edit_during_preparation_wins(preparing, service, time, work, instagram):
    def edit():
        mine = fresh(preparing)
        mine.caption = "Other words"
        mine.save_content(now=time.now())

    with pytest.MonkeyPatch.context() as patch:
        while_creating(patch, edit)
        assert service.publish_post(preparing) is Outcome.LOST
    assert fresh(preparing).container_id == ""
    work(preparing)
    assert [media.caption for media in instagram.published()] == ["Other words"]


@pytest.mark.parametrize("act", ["cancel", "unschedule", "delete_softly"])
def test_what_is_called_off_during_preparation_stays_so(preparing, service, time, act, instagram):
    with pytest.MonkeyPatch.context() as patch:
        while_creating(patch, lambda: getattr(fresh(preparing), act)(now=time.now()))
        assert service.publish_post(preparing) is Outcome.LOST
    post = fresh(preparing)
    assert (post.wake_at, post.container_id, post.claimed_by) == (None, "", "")
    assert not instagram.published()


def test_a_request_whose_post_was_taken_away_does_not_run_for_ever_in_the_log(preparing, service, time):
    with pytest.MonkeyPatch.context() as patch:
        while_creating(patch, lambda: fresh(preparing).cancel(now=time.now()))
        service.publish_post(preparing)
    assert not PublishingLog.objects.open().exists()


def test_what_a_lost_worker_left_open_on_a_changed_post_is_closed_with_a_later_look(preparing, service, time):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create_container", lambda *words: (_ for _ in ()).throw(OperationalError))
        with pytest.raises(OperationalError):
            service.publish_post(preparing)
    fresh(preparing).cancel(now=time.now())
    for seconds, still_open in ((10, 1), (60, 0)):
        time.passes(seconds=seconds)
        ScheduledPostProcessor(now=time.now).process_pending_posts(print)
        assert PublishingLog.objects.open().count() == still_open


def test_the_open_line_of_a_living_worker_is_left_alone(preparing, time):
    claim = Claim.take(preparing.pk, time.now)
    PublishingLog.start(claim.post, "create_container", time.now() - timedelta(minutes=5))
    assert PublishingLog.objects.close_abandoned(time.now(), older_than=LEASE) == 0


def test_a_disconnect_during_preparation_holds_the_post(preparing, service, account, time):
    def disconnect():
        account.disconnect()
        verdicts.hold_posts_of(account, HoldReason.DISCONNECTED, time.now(), events.listeners())

    with pytest.MonkeyPatch.context() as patch:
        while_creating(patch, disconnect)
        assert service.publish_post(preparing) is Outcome.LOST
    assert fresh(preparing).hold_reason == HoldReason.DISCONNECTED


def test_a_post_that_becomes_a_draft_just_after_the_claim_is_left_alone(preparing, time, monkeypatch):
    update = Claim._update

    def then_edited(seen, owner, now):
        taken = update(seen, owner, now)
        fresh(preparing).unschedule(now=now)
        return taken

    monkeypatch.setattr(Claim, "_update", staticmethod(then_edited))
    assert Claim.take(preparing.pk, time.now) is None


# --- Trouble found while preparing ------------------------------------------------------------------------------
def test_a_dead_token_is_noticed_while_preparing(preparing, service, instagram, account):
    instagram.next_call("any", code=190, subcode=463, times=9)
    assert service.publish_post(preparing) is Outcome.GOING_ON
    account.refresh_from_db()
    assert account.status == InstagramAccount.Status.TOKEN_EXPIRED
    assert (fresh(preparing).hold_reason, fresh(preparing).claimed_by) == (HoldReason.RECONNECT, "")


# --- Bugs of our own --------------------------------------------------------------------------------------------
def test_a_bug_before_the_publish_call_fails_the_post_and_is_heard(due, service, monkeypatch, instagram):
    post = due()
    monkeypatch.setattr(Preparation, "advance", bug)
    with pytest.raises(Bug):
        service.publish_post(post)
    assert (fresh(post).status, fresh(post).last_error) == (Status.FAILED, "APP_ERROR")
    assert fresh(post).claimed_by == "" and not instagram.published()
    assert not PublishingLog.objects.open().exists()


BUGS_AFTER_THE_CALL = {
    "storing the answer": (PublishingLog, "close"),
    "settling the notices": (notices, "settle_post"),
}


@pytest.mark.parametrize("place", BUGS_AFTER_THE_CALL)
def test_a_bug_after_the_publish_call_neither_repeats_it_nor_leaves_it(due, service, work, instagram, place):
    post = due()
    with pytest.MonkeyPatch.context() as patch:
        target, name = BUGS_AFTER_THE_CALL[place]
        publish = Client.publish_container

        def then_broken(client, *words):
            answer = publish(client, *words)
            patch.setattr(target, name, bug)
            return answer

        patch.setattr(Client, "publish_container", then_broken)
        with pytest.raises(Bug):
            service.publish_post(post)
    left = fresh(post)
    assert (left.status, left.claimed_by) == (Status.PUBLISHING, "") and left.wake_at
    work(post)
    assert (fresh(post).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


def test_a_bug_while_the_intent_is_written_sends_nothing(due, service, instagram):
    post = due()
    start = PublishingLog.start.__func__

    def broken(cls, post, step, now, **words):
        return bug() if step == "publish_container" else start(cls, post, step, now, **words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PublishingLog, "start", classmethod(broken))
        with pytest.raises(Bug):
            service.publish_post(post)
    assert not instagram.publish_calls()
    assert (fresh(post).status, fresh(post).last_error) == (Status.FAILED, "APP_ERROR")


def test_a_bug_in_the_verdict_leaves_nothing_half_done(due, service, instagram, work):
    instagram.next_call("create", code=2)
    post = due()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PublishingLog, "decide", classmethod(bug))
        with pytest.raises(Bug):
            service.publish_post(post)
    work(post)
    assert fresh(post).claimed_by == "" and len(instagram.published()) <= 1
    assert fresh(post).status in {Status.PUBLISHED, Status.FAILED}


def test_a_bug_in_side_work_leaves_the_publish_alone(due, service, time, work, instagram, monkeypatch):
    post = work(due(), until=status("published"))
    time.comes(post.wake_at)
    monkeypatch.setattr(Client, "read_media", bug)
    with pytest.raises(Bug):
        service.publish_post(post)
    assert (fresh(post).status, fresh(post).wake_at, fresh(post).claimed_by) == (Status.PUBLISHED, None, "")
    assert len(instagram.publish_calls()) == 1


def test_a_bug_in_a_post_that_somebody_took_over_touches_nothing(due, service, time):
    post = due()

    def taken_over(self):
        ScheduledPost.objects.filter(pk=post.pk).update(claimed_by="another")
        raise Bug

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Preparation, "advance", taken_over)
        with pytest.raises(Bug):
            service.publish_post(post)
    assert (fresh(post).status, fresh(post).claimed_by) == (Status.PUBLISHING, "another")


# --- Answers nobody expects -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "subcode"), [(9004, 2207052), (-2, 2207020), (24, 2207008), (36000, 2207004), (9007, 2207027)]
)
def test_after_a_publish_call_no_new_container_is_built_by_itself(due, work, instagram, code, subcode):
    instagram.next_call("publish", code=code, subcode=subcode)
    post = work(due())
    assert len(instagram.calls("create")) == 1
    assert len(instagram.published()) == (post.status == Status.PUBLISHED)


def test_an_id_that_another_post_has_is_left_out(due, service, work, instagram, monkeypatch):
    first, second = due(2)
    work(first, until=status("published"))
    monkeypatch.setattr(Client, "publish_container", lambda *words: fresh(first).instagram_media_id)
    assert service.publish_post(second) is Outcome.PUBLISHED
    assert (fresh(second).status, fresh(second).instagram_media_id) == (Status.PUBLISHED, "")


# --- Keys and databases -----------------------------------------------------------------------------------------
def test_a_token_that_cannot_be_opened_lets_the_post_go_and_says_so(due, service, account, time):
    post = due()
    InstagramAccount.objects.update(access_token=Sealed("gAAAA-not-ours"))
    with pytest.raises(KeyProblem, match="FERNET_KEY"):
        service.publish_post(post)
    left = fresh(post)
    assert (left.claimed_by, left.last_error) == ("", "")
    assert timedelta(0) < left.wake_at - time.now() <= timedelta(minutes=1)


def test_a_post_goes_out_once_the_key_is_back(due, service, account, work, instagram):
    post, sealed = due(), account.access_token
    InstagramAccount.objects.update(access_token=Sealed("gAAAA-not-ours"))
    with pytest.raises(KeyProblem):
        service.publish_post(post)
    InstagramAccount.objects.update(access_token=sealed)
    assert work(post).status == Status.PUBLISHED and len(instagram.published()) == 1


def test_a_lost_key_and_a_lost_claim_at_once_are_no_further_trouble(due, time):
    post = due()

    def no_key(account):
        ScheduledPost.objects.filter(pk=post.pk).update(claimed_by="another")
        raise KeyProblem

    with pytest.raises(KeyProblem):
        InstagramPublishService(client_for=no_key, clock=time.now).publish_post(post)


@pytest.mark.parametrize("trouble", [OperationalError("locked"), InterfaceError("closed")])
def test_a_database_that_goes_away_leaves_the_lease_to_run_out(due, service, work, instagram, trouble):
    post = due()

    def away(self):
        raise trouble

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Preparation, "advance", away)
        with pytest.raises(type(trouble)):
            service.publish_post(post)
    assert fresh(post).claimed_by and fresh(post).wake_at == fresh(post).lease_until
    assert work(post).status == Status.PUBLISHED and len(instagram.published()) == 1


def test_a_database_that_goes_away_after_the_publish_call_repeats_nothing(due, service, work, instagram):
    post = due()
    with pytest.MonkeyPatch.context() as patch:
        publish = Client.publish_container

        def then_away(client, *words):
            answer = publish(client, *words)

            def away(*args, **more):
                raise OperationalError("the disk is full")

            patch.setattr(Claim, "store", away)
            return answer

        patch.setattr(Client, "publish_container", then_away)
        with pytest.raises(OperationalError):
            service.publish_post(post)
    assert fresh(post).is_unresolved and fresh(post).claimed_by
    work(post)
    assert (fresh(post).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)
    assert ("publish_container", "error", "WORKER_LOST") in steps(post)
