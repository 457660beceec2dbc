"""What people do to a post while workers do theirs: now, again, there, not there, called off, twice."""

from datetime import UTC, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse

from scheduler.instagram.client import Client
from scheduler.lib import clock
from scheduler.lib.sealing import Sealed
from scheduler.models import (
    HoldReason,
    InstagramAccount,
    Notification,
    PostChange,
    ProcessorPass,
    ScheduledPost,
    Status,
    WrongState,
)
from scheduler.services import accounts, instagram_publish_service, post_actions, scheduled_post_processor
from scheduler.services.claims import Claim
from scheduler.services.instagram_publish_service import Outcome
from tests.publishing.conftest import status, steps
from tests.publishing.threads import on_disk, together  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
real = pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


@pytest.fixture
def cluster(time):
    """A cluster's beat looked just now; return what is queued for its workers."""
    ProcessorPass.note("cluster", clock.now())
    return []


@pytest.fixture
def later(plan):
    """Return a post for next week."""
    return plan(ahead=timedelta(days=7))


@pytest.fixture
def failed(later):
    ScheduledPost.objects.update(status="failed", last_error="IMAGE_SHAPE", failed_at=clock.now(), wake_at=None)
    return fresh(later)


# --- Publish now ------------------------------------------------------------------------------------------------
def test_with_a_living_cluster_a_worker_is_asked(later, alice, cluster, instagram):
    post_actions.publish_now(later, alice, clock.now(), cluster.append)
    assert cluster == [later.pk]
    assert fresh(later).next_attempt_at <= clock.now() and not instagram.calls()


def test_without_a_cluster_it_is_done_at_once(later, alice, instagram):
    queued = []
    post_actions.publish_now(later, alice, clock.now(), queued.append)
    assert (queued, fresh(later).status, len(instagram.published())) == ([], Status.PUBLISHED, 1)


def test_a_cluster_that_died_is_not_relied_on(later, alice, instagram):
    ProcessorPass.note("cluster", clock.now() - timedelta(seconds=30))
    post_actions.publish_now(later, alice, clock.now(), bool)
    assert fresh(later).status == Status.PUBLISHED


def test_without_a_cluster_a_failure_ends_in_the_row_and_not_in_a_crash(later, alice, instagram):
    instagram.next_call("create", code=36003, subcode=2207009)
    post_actions.publish_now(later, alice, clock.now(), bool)
    assert (fresh(later).status, fresh(later).last_error) == (Status.FAILED, "IMAGE_SHAPE")


def test_a_container_that_is_ready_is_used(plan, alice, time, service, instagram):
    post = plan()
    time.comes(post.wake_at)
    service.publish_post(post)
    ready = fresh(post).container_id
    post_actions.publish_now(fresh(post), alice, clock.now(), bool)
    assert [call.creation_id for call in instagram.publish_calls()] == [ready]
    assert len(instagram.calls("create")) == 1


def test_publish_now_while_a_worker_prepares_is_one_publish(plan, alice, time, service, instagram, work, cluster):
    post = plan()
    time.comes(post.wake_at)
    create = Client.create_container

    def meanwhile(client, *words):
        post_actions.publish_now(fresh(post), alice, time.now(), cluster.append)
        return create(client, *words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create_container", meanwhile)
        assert service.publish_post(post) is Outcome.LOST
    work(post, until=status("published"))
    assert len(instagram.publish_calls()) == 1


def test_publish_now_once_more_changes_nothing(later, alice, time, cluster):
    queued = []
    post_actions.publish_now(later, alice, time.now(), queued.append)
    first = fresh(later).version
    post_actions.publish_now(fresh(later), alice, time.now() + timedelta(seconds=1), queued.append)
    assert (fresh(later).version, queued) == (first, [later.pk, later.pk])
    assert later.changes.filter(act="publish_now").count() == 1


def test_publish_now_does_not_wait_for_a_worker_that_died(plan, alice, time, work, cluster):
    post = plan()
    time.comes(post.wake_at)
    Claim.take(post.pk, time.now)
    post_actions.publish_now(fresh(post), alice, time.now(), cluster.append)
    asked = time.now()
    assert work(post, until=status("published")).published_at - asked < timedelta(seconds=5)


@real
def test_two_clicks_at_one_instant_publish_once(on_disk, later, alice, instagram):  # noqa: F811
    click = lambda: post_actions.publish_now(fresh(later), alice, clock.now(), bool)  # noqa: E731
    together(click, click, click)
    assert (fresh(later).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


@pytest.mark.parametrize("act", [post_actions.publish_now, post_actions.retry])
@pytest.mark.parametrize("state", [InstagramAccount.Status.TOKEN_EXPIRED, InstagramAccount.Status.DISCONNECTED])
def test_an_account_that_cannot_publish_is_said_and_nothing_changed(failed, alice, act, state, instagram):
    InstagramAccount.objects.update(status=state)
    before = fresh(failed)
    with pytest.raises(WrongState, match="Reconnect @padaria"):
        act(before, alice, clock.now(), bool)
    assert (fresh(failed).status, fresh(failed).version) == (Status.FAILED, failed.version)
    assert not instagram.calls() and not failed.changes.exists()


def test_a_lost_key_is_said_with_its_cure(later, client, alice):
    InstagramAccount.objects.update(access_token=Sealed("gAAAA-not-ours"))
    client.force_login(alice)
    answer = client.post(reverse("post-publish-now", args=[later.pk]))
    assert answer.status_code == 409 and "FERNET_KEY is missing" in answer.text
    assert fresh(later).claimed_by == ""


def test_a_queue_that_is_away_does_not_lose_the_click(later, client, alice, cluster, monkeypatch):
    monkeypatch.setattr("scheduler.tasks.async_task", lambda *args, **words: 1 / 0)
    client.force_login(alice)
    assert client.post(reverse("post-publish-now", args=[later.pk])).status_code == 302
    assert ScheduledPost.objects.due(clock.now()).get() == later


@pytest.mark.parametrize("state", ["ERROR", "EXPIRED"])
@pytest.mark.parametrize("act", [post_actions.publish_now, post_actions.retry])
def test_a_container_that_went_bad_is_made_anew_when_somebody_says_so(failed, alice, act, state, instagram):
    bad = {"container_id": "178", "container_status": state, "publish_calls": 1}
    ScheduledPost.objects.filter(pk=failed.pk).update(**bad)
    act(fresh(failed), alice, clock.now(), bool)
    assert fresh(failed).status == Status.PUBLISHED and len(instagram.published()) == 1


# --- Again ------------------------------------------------------------------------------------------------------
def test_a_retry_goes_out_at_once_and_keeps_the_wish(failed, alice, instagram):
    post_actions.retry(failed, alice, clock.now(), bool)
    post = fresh(failed)
    assert (post.status, post.last_error, post.retry_count) == (Status.PUBLISHED, "", 0)
    assert post.scheduled_for > clock.now() + timedelta(days=6)
    assert len(instagram.published()) == 1


def test_a_retry_settles_the_notice_and_is_written_down(failed, alice, cluster):
    Notification.objects.create(
        user=alice, kind="IMAGE_SHAPE", cause=f"post:{failed.pk}", post=failed, created_at=clock.now()
    )
    post_actions.retry(failed, alice, clock.now(), cluster.append)
    assert not Notification.objects.open().exists()
    assert (failed.changes.get().act, failed.changes.get().user) == (PostChange.Act.RETRY, alice)


def test_a_second_retry_is_refused(failed, alice, cluster):
    one, other = fresh(failed), fresh(failed)
    post_actions.retry(one, alice, clock.now(), cluster.append)
    with pytest.raises(WrongState):
        post_actions.retry(other, alice, clock.now(), cluster.append)
    assert cluster == [failed.pk]


def test_a_retry_after_a_publish_call_reads_the_container_first(plan, work, alice, instagram):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    cleared = {"publish_intent_at": None, "unconfirmed_at": None, "claimed_by": "", "lease_until": None}
    ScheduledPost.objects.update(status="failed", last_error="INSTAGRAM_DOWN", wake_at=None, **cleared)
    post_actions.retry(fresh(post), alice, clock.now(), bool)
    assert (fresh(post).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


def rewrite(post, alice):
    post.caption = "Pão de ontem"
    post.save_content(now=clock.now())


def schedule_later(post, alice):
    post.plan(clock.now().replace(tzinfo=None) + timedelta(hours=2), "UTC")
    post_actions.schedule(post, alice, clock.now())


def take_back_and_schedule(post, alice):
    post_actions.unschedule(post, alice, clock.now())
    schedule_later(post, alice)


@pytest.fixture
def failed_after_call(plan, work, instagram):
    """A post that failed although a publish call was sent for it; with `after_work` it is live."""

    def failed_after_call(**dropped):
        instagram.next_call("publish", "drop", **dropped)
        post = work(plan(), until=lambda post: post.unconfirmed_at)
        cleared = {"publish_intent_at": None, "unconfirmed_at": None, "claimed_by": "", "lease_until": None}
        ScheduledPost.objects.update(status="failed", last_error="PUBLISH_FAILED", wake_at=None, **cleared)
        return fresh(post)

    return failed_after_call


@pytest.mark.parametrize("change", [rewrite, schedule_later, take_back_and_schedule])
def test_what_was_sent_before_a_change_is_read_before_anything_new_goes_out(
    failed_after_call, work, alice, instagram, change
):
    """Instagram may have published it after we gave up: then that is the post, and no second one is made."""
    post = failed_after_call(after_work=True)
    change(post, alice)
    if post.status == Status.FAILED:
        post_actions.retry(post, alice, clock.now(), bool)
    post = work(fresh(post))
    assert (post.status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


def test_a_changed_post_goes_out_when_what_was_sent_before_is_not_live(failed_after_call, work, alice, instagram):
    post = failed_after_call()
    rewrite(post, alice)
    post_actions.retry(post, alice, clock.now(), bool)
    post = work(fresh(post))
    sent = [call.creation_id for call in instagram.publish_calls()]
    assert (post.status, len(sent), len(set(sent)), post.called_containers) == (Status.PUBLISHED, 2, 2, [])


def test_nothing_new_goes_out_while_what_was_sent_before_cannot_be_read(failed_after_call, work, alice, instagram):
    post = failed_after_call(after_work=True)
    schedule_later(post, alice)
    instagram.next_call("status", code=2, times=999)
    post = work(fresh(post))
    assert (post.status, len(instagram.publish_calls())) == (Status.FAILED, 1)


# --- There, not there -------------------------------------------------------------------------------------------
@pytest.fixture
def unreadable(plan, work, instagram, time):
    """Drop the answer to a publish call, and let a quarter of an hour pass in which nothing can be read."""

    def unreadable(**dropped):
        instagram.next_call("publish", "drop", **dropped)
        post = work(plan(), until=lambda post: post.unconfirmed_at)
        instagram.next_call("status", code=100, subcode=33, times=999)
        work(post, until=lambda post: post.unreadable_since)
        time.passes(minutes=15)
        return work(post, until=lambda post: post.needs_person_at)

    return unreadable


@pytest.fixture
def asked(unreadable):
    """Return a post that is live, that nothing can be read of, and whose owner is asked about it."""
    return unreadable(after_work=True)


@pytest.fixture
def not_live(unreadable):
    """Return such a post that never went live."""
    return unreadable()


def test_there_finishes_it_and_finds_the_link(asked, alice, time, work, instagram):
    post_actions.confirm_there(asked, alice, time.now())
    instagram.clear_script()
    post, (live,) = work(asked), instagram.published()
    assert (post.status, post.permalink, post.published_at) == (Status.PUBLISHED, live.permalink, asked.published_at)
    assert len(instagram.publish_calls()) == 1
    assert not Notification.objects.open().exists()


def test_there_is_published_at_the_moment_of_the_call(asked, alice, time):
    sent = asked.publish_intent_at
    post_actions.confirm_there(asked, alice, time.now())
    assert fresh(asked).published_at == sent


def test_there_counts_also_when_the_page_was_loaded_before_the_call(asked, alice, time):
    asked.publish_intent_at = None
    post_actions.confirm_there(asked, alice, time.now())
    assert fresh(asked).published_at is not None


def test_not_there_builds_it_anew_and_sends_it_once(not_live, alice, time, work, instagram, cluster):
    instagram.clear_script()
    post_actions.confirm_not_there(not_live, alice, time.now(), cluster.append)
    post = work(not_live, until=status("published"))
    assert len(instagram.published()) == 1
    assert len({call.creation_id for call in instagram.publish_calls()}) == 2
    assert post.changes.filter(act=PostChange.Act.NOT_THERE, user=alice).exists()


@pytest.mark.parametrize("act", ["there", "not_there"])
def test_nobody_is_believed_who_was_not_asked(plan, work, instagram, alice, time, act):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    with pytest.raises(WrongState, match="settled already"):
        say(act, post, alice, time)
    assert fresh(post).status == Status.PUBLISHING


@pytest.mark.parametrize("act", ["there", "not_there"])
@pytest.mark.parametrize("state", ["draft", "scheduled", "failed", "published", "cancelled"])
def test_there_is_nothing_to_say_about_other_posts(later, alice, time, act, state):
    ScheduledPost.objects.update(status=state, published_at=clock.now())
    with pytest.raises(WrongState):
        say(act, fresh(later), alice, time)
    assert fresh(later).status == state


def say(act, post, who, time, queue=bool):
    if act == "there":
        post_actions.confirm_there(post, who, time.now())
    else:
        post_actions.confirm_not_there(post, who, time.now(), queue)


@pytest.mark.parametrize("act", ["there", "not_there"])
def test_a_worker_that_found_out_first_wins(asked, alice, time, service, instagram, act):
    seen = fresh(asked)
    instagram.clear_script()
    time.comes(asked.wake_at)
    assert service.publish_post(asked) is Outcome.PUBLISHED
    with pytest.raises(WrongState, match="settled already"):
        say(act, seen, alice, time)
    assert (fresh(asked).status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


@pytest.mark.parametrize("act", ["there", "not_there"])
def test_while_a_worker_is_finding_out_the_person_is_told_to_wait(asked, alice, time, service, instagram, act):
    instagram.clear_script()
    time.comes(asked.wake_at)
    read, told = Client.read_container, []

    def meanwhile(client, container_id):
        state = read(client, container_id)
        with pytest.raises(WrongState) as refusal:
            say(act, fresh(asked), alice, time, told.append)
        told.append(refusal.value.code)
        return state

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "read_container", meanwhile)
        assert service.publish_post(asked) is Outcome.PUBLISHED
    assert told == ["BUSY"] and len(instagram.publish_calls()) == 1


def test_a_worker_that_died_while_finding_out_does_not_silence_the_person(asked, alice, time):
    time.comes(asked.wake_at)
    Claim.take(asked.pk, time.now)
    time.passes(seconds=61)
    post_actions.confirm_there(fresh(asked), alice, time.now())
    assert fresh(asked).status == Status.PUBLISHED
    assert not any(status == "started" for _step, status, _code in steps(asked))


def test_what_can_be_read_again_is_no_persons_question_any_more(asked, time, service, instagram):
    instagram.clear_script()
    instagram.containers().update(outcome="stuck")
    time.comes(asked.wake_at)
    service.publish_post(asked)
    assert not fresh(asked).can_be_confirmed and fresh(asked).wake_at


def test_the_second_answer_is_refused(asked, alice, time):
    one, other = fresh(asked), fresh(asked)
    post_actions.confirm_there(one, alice, time.now())
    with pytest.raises(WrongState, match="settled already"):
        post_actions.confirm_not_there(other, alice, time.now(), bool)
    assert fresh(asked).status == Status.PUBLISHED


@real
def test_two_opposite_answers_at_one_instant_are_one(on_disk, asked, alice, time):  # noqa: F811
    answers = together(
        lambda: say("there", fresh(asked), alice, time),
        lambda: say("not_there", fresh(asked), alice, time, lambda pk: None),
    )
    assert len([answer for answer in answers if isinstance(answer, WrongState)]) == 1


# --- Called off -------------------------------------------------------------------------------------------------
@pytest.fixture
def prepared(plan, time, service):
    post = plan()
    time.comes(post.wake_at)
    service.publish_post(post)
    assert fresh(post).container_status == "FINISHED"
    return fresh(post)


@pytest.mark.parametrize("act", ["cancel", "unschedule", "delete"])
def test_what_is_called_off_never_shows_its_container(prepared, alice, time, act, service, instagram):
    getattr(post_actions, act)(prepared, alice, time.now())
    time.passes(minutes=5)
    assert service.publish_post(prepared) is Outcome.NOT_TAKEN
    assert fresh(prepared).container_id == "" and not instagram.publish_calls()


def test_what_is_scheduled_again_gets_a_new_container(prepared, alice, time, work, instagram):
    post_actions.cancel(prepared, alice, time.now())
    prepared.plan((time.now() + timedelta(hours=1)).replace(tzinfo=None), "UTC")
    post_actions.schedule(prepared, alice, time.now())
    work(prepared, until=status("published"))
    assert len(instagram.calls("create")) == 2 and len(instagram.published()) == 1


def test_a_move_while_a_worker_prepares_throws_its_container_away(plan, time, service, instagram, work):
    post = plan()
    time.comes(post.wake_at)
    create = Client.create_container

    def meanwhile(client, *words):
        answer = create(client, *words)
        mine = fresh(post)
        mine.plan((time.now() + timedelta(days=2)).replace(tzinfo=None), "UTC")
        mine.schedule(now=time.now())
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "create_container", meanwhile)
        assert service.publish_post(post) is Outcome.LOST
    assert fresh(post).container_id == ""
    assert work(post).status == Status.PUBLISHED and len(instagram.published()) == 1


def test_a_cancel_comes_too_late_once_it_goes_out(prepared, alice, time):
    time.comes(prepared.scheduled_for)
    seen = fresh(prepared)
    Claim.take(prepared.pk, time.now)
    with pytest.raises(WrongState):
        post_actions.cancel(seen, alice, time.now())
    assert fresh(prepared).status == Status.PUBLISHING


@real
def test_a_cancel_and_a_worker_at_one_instant_agree(on_disk, prepared, alice, time, service, instagram):  # noqa: F811
    time.comes(prepared.scheduled_for)
    worked, cancelled = together(
        lambda: service.publish_post(prepared), lambda: post_actions.cancel(fresh(prepared), alice, time.now())
    )
    if isinstance(cancelled, WrongState):
        assert (worked, fresh(prepared).status, len(instagram.published())) == ("published", Status.PUBLISHED, 1)
    else:
        assert (fresh(prepared).status, instagram.published()) == (Status.CANCELLED, [])


def edit(post, time):
    post.caption = "Rewritten in the last second"
    post.save_content(now=time.now())


def move(post, time):
    post.plan((time.now() + timedelta(days=1)).astimezone(UTC).replace(tzinfo=None), "UTC")
    post.schedule(now=time.now())


@real
@pytest.mark.parametrize("act", [edit, move])
def test_a_change_and_a_worker_at_one_instant_agree(on_disk, prepared, time, service, instagram, act):  # noqa: F811
    time.comes(prepared.scheduled_for)
    mine = fresh(prepared)
    worked, changed = together(lambda: service.publish_post(prepared), lambda: act(mine, time))
    assert worked == "published" or not isinstance(changed, WrongState)
    # Whoever came first: what is live is what the post says, never the old words under the new.
    captions = [live.caption for live in instagram.published()]
    assert captions == [fresh(prepared).caption] * (fresh(prepared).status == Status.PUBLISHED)


@real
def test_a_disconnect_and_a_worker_at_one_instant_agree(on_disk, prepared, alice, time, service, instagram):  # noqa: F811
    time.comes(prepared.scheduled_for)
    account = fresh(prepared).instagram_account
    together(lambda: service.publish_post(prepared), lambda: accounts.disconnect(account, alice, time.now()))
    post = fresh(prepared)
    assert not post.instagram_account.access_token
    if instagram.published():
        assert post.status == Status.PUBLISHED or (post.status == Status.PUBLISHING and post.publish_intent_at)
    else:
        assert (post.status, post.hold_reason) == (Status.SCHEDULED, "disconnected")
    assert len(instagram.published()) <= 1


# --- By the pages -----------------------------------------------------------------------------------------------
ACTS = ["publish-now", "retry", "cancel", "unschedule", "there", "not-there", "release", "schedule", "delete"]


@pytest.mark.parametrize("act", ACTS)
def test_strangers_cannot_do_any_of_it(later, charlie, act, instagram):
    stranger = Browser()
    stranger.force_login(charlie)
    assert stranger.post(reverse(f"post-{act}", args=[later.pk])).status_code == 404
    assert Browser().post(reverse(f"post-{act}", args=[later.pk])).status_code == 302
    assert fresh(later).version == later.version and not instagram.calls()


@pytest.mark.parametrize("act", ACTS)
def test_a_link_cannot_do_any_of_it(later, client, alice, act):
    client.force_login(alice)
    assert client.get(reverse(f"post-{act}", args=[later.pk])).status_code == 405


@pytest.mark.parametrize("act", ACTS)
def test_another_site_cannot_do_any_of_it(later, alice, act):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(reverse(f"post-{act}", args=[later.pk])).status_code == 403
    assert fresh(later).version == later.version


def test_a_second_click_is_told_how_it_stands(later, client, alice, instagram, monkeypatch):
    monkeypatch.setattr(instagram_publish_service, "SIDE_WORK_DELAY", timedelta(0))
    client.force_login(alice)
    click = reverse("post-publish-now", args=[later.pk])
    assert client.post(click).status_code == 302
    again = client.post(click)
    assert again.status_code == 409 and len(instagram.publish_calls()) == 1


def test_a_post_that_is_held_at_that_moment_is_taken_from_its_worker(prepared, time):
    Claim.take(prepared.pk, time.now)
    InstagramAccount.objects.update(status="token_expired")
    fresh(prepared).publish_now(now=time.now())
    held = fresh(prepared)
    assert (held.hold_reason, held.claimed_by, held.wake_at) == (HoldReason.RECONNECT, "", None)


def test_a_held_post_is_published_now_when_somebody_says_so(later, alice, instagram):
    ScheduledPost.objects.all().hold(HoldReason.MISSED)
    post_actions.publish_now(fresh(later), alice, clock.now(), bool)
    assert (fresh(later).hold_reason, fresh(later).status) == ("", Status.PUBLISHED)


def test_the_browser_does_not_wait_for_ever(later, alice, instagram, time, monkeypatch):
    instagram.set(delay_image_s=900)
    now = [clock.now()]
    monkeypatch.setattr(
        post_actions,
        "publish_inline",
        lambda post: scheduled_post_processor.publish_inline(
            post, now=lambda: now[0], sleep=lambda s: now.__setitem__(0, now[0] + timedelta(seconds=s))
        ),
    )
    post_actions.publish_now(later, alice, now[0], bool)
    assert fresh(later).status == Status.PUBLISHING and fresh(later).wake_at
