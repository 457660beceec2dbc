"""Each thing that happens to a post is written down for the webhooks where it happens, and nothing else is."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.models import Delivery, HoldReason, InstagramAccount, ScheduledPost, Status, User, Webhook
from scheduler.models.fields import vault
from scheduler.models.webhook import Event
from scheduler.services import accounts, event_bodies, events, pausing, post_actions, verdicts
from scheduler.services.claims import Claim, committing
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor
from tests.publishing.conftest import connect

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def listen(alice, time):
    """Make a webhook of somebody."""

    def listen(owner=None, told=Event.values, **fields):
        facts = {"url": "https://shop.example/", "secret": vault().seal("whsec_x"), "created_at": time.now()}
        return Webhook.objects.create(user=owner or alice, events=list(told), **facts | fields)

    return listen


def told():
    """Return what was written down, the oldest first: (event, post or account, its state and reason)."""
    return [_short(json.loads(one.body)) for one in Delivery.objects.order_by("pk")]


def _short(body):
    post, account = body["data"].get("post"), body["data"]["account"]
    if post:
        return body["type"], post["id"], post["status"], post["last_error"] or post["hold_reason"]
    return body["type"], account["id"], account["status"], account["status_reason"]


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


# --- What is told -----------------------------------------------------------------------------------------------
def test_a_published_post_is_told_once(listen, plan, work):
    listen()
    post = work(plan(first_comment="More"))
    assert told() == [("post.published", post.pk, "published", "")]


def test_one_that_was_published_unheard_is_told_too(listen, plan, work, instagram):
    listen()
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan())
    assert told() == [("post.published", post.pk, "published", "")]


def test_one_that_a_person_found_is_told_too(listen, plan, work, instagram, alice, time):
    listen()
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    instagram.next_call("status", code=100, subcode=33, times=999)
    work(post, until=lambda post: post.needs_person_at)
    post_actions.confirm_there(fresh(post), alice, time.now())
    assert told() == [("post.published", post.pk, "published", "")]


def test_a_failed_post_is_told_with_its_reason(listen, plan, work, instagram):
    listen()
    instagram.next_call("create", code=100, subcode=2207028)
    post = work(plan())
    assert post.status == Status.FAILED
    assert told() == [("post.failed", post.pk, "failed", post.last_error)]


def test_a_broken_connection_is_told_once_with_all_that_it_holds(listen, plan, work, instagram, account):
    listen()
    instagram.next_call("any", code=190, subcode=463)
    later, post = plan(ahead=timedelta(days=2)), plan()
    work(post)
    assert sorted(told()) == [
        ("account.needs_reconnect", account.pk, "token_expired", "TOKEN_EXPIRED"),
        ("post.held", later.pk, "scheduled", "reconnect"),
        ("post.held", post.pk, "scheduled", "TOKEN_EXPIRED"),
    ]


def test_an_account_that_is_limited_needs_no_new_sign_in(listen, plan, work, instagram):
    listen()
    instagram.next_call("any", code=25, subcode=2207050)
    work(plan())
    assert {one[0] for one in told()} == {"post.held"}


def test_a_disconnect_tells_what_it_holds(listen, plan, account, alice, time):
    listen()
    post = plan()
    accounts.disconnect(account, alice, time.now())
    assert told() == [("post.held", post.pk, "scheduled", HoldReason.DISCONNECTED)]


@pytest.mark.parametrize("everything", [False, True])
def test_a_pause_tells_each_post_that_it_holds(listen, plan, account, alice, time, everything):
    listen()
    posts = [plan(), plan()]
    if everything:
        pausing.pause_everything(User.objects.get(pk=alice.pk), time.now())
    else:
        pausing.pause_account(InstagramAccount.objects.get(pk=account.pk), alice, time.now())
    assert told() == [("post.held", post.pk, "scheduled", "paused") for post in posts]


def test_what_is_on_hold_is_not_told_again_for_a_worse_reason(listen, plan, account, alice, time):
    plan()
    pausing.pause_account(account, alice, time.now())
    listen()
    accounts.disconnect(InstagramAccount.objects.get(pk=account.pk), alice, time.now())
    assert told() == []


def test_a_worker_that_meets_a_broken_account_tells_it(listen, plan, account, service, time):
    post = plan()
    listen()
    InstagramAccount.objects.update(status="error")
    time.comes(post.scheduled_for)
    service.publish_post(post)
    assert told() == [("post.held", post.pk, "scheduled", "restricted")]


def test_what_a_worker_keeps_back_for_a_pause_is_told(listen, plan, time):
    post = plan()
    time.comes(post.scheduled_for)
    claim = Claim.take(post.pk, time.now)
    listen()
    verdicts.hold_for_pause(claim)
    assert told() == [("post.held", post.pk, "scheduled", "paused")]


def test_missed_posts_are_told_to_each_owner_alone(listen, plan, charlie, instagram, time, service):
    other = connect(instagram, charlie, time, "estudio.lume")
    mine, theirs = plan(), plan(whose=other)
    ScheduledPost.objects.filter(pk=theirs.pk).update(user=charlie)
    hooks = {listen().pk: mine.pk, listen(charlie).pk: theirs.pk}
    time.passes(hours=5)
    ScheduledPostProcessor(service, now=time.now).process_pending_posts(print)
    heard = {one.webhook_id: json.loads(one.body)["data"]["post"]["id"] for one in Delivery.objects.all()}
    assert heard == hooks


# --- Who hears it -----------------------------------------------------------------------------------------------
def test_only_who_chose_the_event_and_is_on_hears_it(listen, plan, account, alice, charlie, time):
    hears = [listen().pk, listen(told=[Event.HELD]).pk]
    listen(told=[Event.FAILED]), listen(charlie), listen(off_reason="person")
    plan()
    accounts.disconnect(account, alice, time.now())
    rows = Delivery.objects.order_by("webhook")
    assert [one.webhook_id for one in rows] == hears
    assert len({(one.event_id, one.body) for one in rows}) == 1  # one event, however many hear of it
    assert {one.user_id for one in rows} == {alice.pk}


def test_what_is_rolled_back_was_never_told(listen, plan, time):
    listen()
    post = plan()
    time.comes(post.scheduled_for)
    claim = Claim.take(post.pk, time.now)
    with pytest.raises(ZeroDivisionError), committing("x"):
        verdicts.fail(claim, "PUBLISH_FAILED")
        assert told()
        raise ZeroDivisionError
    assert told() == []


# --- What it says -----------------------------------------------------------------------------------------------
def test_a_body_has_no_secret_and_no_note(listen, plan, work, account):
    listen()
    work(plan(notes="Between us"))
    body = Delivery.objects.get().body
    assert "Between us" not in body
    assert account.token() not in body and account.access_token.ciphertext not in body


@pytest.mark.parametrize("caption", ["nul \0 here", "\ud83d alone", "🥐 pão \u2028", "</script>"])
def test_no_caption_keeps_an_event_from_being_told(caption, time):
    post = ScheduledPost(caption=caption, user_id=1, pk=7)
    said = event_bodies.body("evt_1", "post.failed", time.now(), {"post": {"caption": post.caption}})
    assert said.isascii() and "\0" not in said
    assert json.loads(said)["data"]["post"]["caption"] == caption


# --- What it costs ----------------------------------------------------------------------------------------------
def cost(act, events_of, monkeypatch=None):
    with CaptureQueriesContext(connection) as asked:
        act()
    return [one["sql"] for one in asked if any(name in one["sql"] for name in events_of)]


TABLES = ("scheduler_webhook", "scheduler_delivery")


@pytest.mark.parametrize("trouble", [None, {"code": 100, "subcode": 2207028}, {"code": 190, "subcode": 463}])
def test_without_a_webhook_a_transition_costs_one_query_more(plan, work, service, instagram, time, trouble):
    if trouble:
        instagram.next_call("any", **trouble)
    post, asked = plan(), []
    plan(ahead=timedelta(days=2))
    for _ in range(30):
        post.refresh_from_db()
        if post.wake_at is None or post.status == Status.PUBLISHED:
            break
        time.comes(post.wake_at)
        asked += cost(lambda: service.publish_post(post), TABLES)
    assert post.status in {Status.PUBLISHED, Status.FAILED} or post.hold_reason
    assert len(asked) == 1


def test_a_pause_of_many_costs_a_fixed_number_of_queries(listen, plan, account, alice, time):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            pausing.pause_account(InstagramAccount.objects.get(pk=account.pk), alice, time.now())
        pausing.resume_account(InstagramAccount.objects.get(pk=account.pk), alice, time.now())
        return len(asked)

    plan()
    without = queries()
    listen()
    few = queries()
    assert few - without <= 4
    for _ in range(5):
        plan()
    assert queries() - few <= 5  # one row a post and webhook is written, and nothing is read again


def test_events_of_many_posts_are_written_in_one_piece(listen, plan, account, alice, time):
    listen(), listen()
    for _ in range(3):
        plan()
    with CaptureQueriesContext(connection) as asked:
        events.listeners(alice.pk).hear_of_posts(
            Event.HELD, ScheduledPost.objects.values_list("pk", flat=True), time.now()
        )
    assert len([one for one in asked if "INSERT" in one["sql"]]) == 1
    assert Delivery.objects.count() == 6
