"""The queue of what is told outside: every way in which a receiver, a worker or a person can come between."""

import json
import logging
from contextlib import contextmanager
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import transaction

from scheduler import slow_cluster
from scheduler.lib import clock, failpoints, safe_post
from scheduler.lib.safe_post import send
from scheduler.lib.sealing import Sealed
from scheduler.lib.signing import signature
from scheduler.models import Delivery, Notification, ScheduledPost, Webhook
from scheduler.models.fields import vault
from scheduler.models.webhook import TEST_EVENT, Event
from scheduler.services import deliveries, events, keys, notices, webhook_sender
from scheduler.services.deliveries import BACKOFF, LEASE, TRIES
from scheduler.services.scheduled_post_processor import PassReport, ScheduledPostProcessor
from scheduler.slow_cluster import SlowCluster
from tests.publishing.threads import on_disk, together  # noqa: F401 - a fixture
from tests.test_indexes import by_sqlites_words
from tests.test_safe_fetch import internet  # noqa: F401 - a fixture
from tests.test_safe_post import Receiver, receiver  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
real = pytest.mark.django_db(transaction=True, databases=["default", "sandbox"])
SECRET = "whsec_of-alice"


class Time:
    """A clock that goes on only when it is told to; it begins with the machine's."""

    def __init__(self):
        self.at = clock.now()

    def now(self):
        return self.at

    def passes(self, **by):
        self.at += timedelta(**by)


@pytest.fixture
def time():
    return Time()


@pytest.fixture(autouse=True)
def trusted(receiver, monkeypatch):  # noqa: F811
    """Let the receiver on this machine be one that may be sent to."""
    monkeypatch.setattr(webhook_sender, "trusted_origins", lambda: [receiver.origin])
    monkeypatch.setattr(safe_post, "send", send)


@pytest.fixture
def webhook(alice, receiver, time):  # noqa: F811
    return Webhook.objects.create(
        user=alice,
        url=receiver.address,
        events=Event.values,
        secret=vault().seal(SECRET),
        created_at=time.now(),
    )


@pytest.fixture
def queue(time):
    return webhook_sender.queue(time.now)


@pytest.fixture
def tell(webhook, make_post, time):
    """Let a post fail as far as the webhook knows; return what is on its way."""

    def tell(event=Event.FAILED):
        tell_of(make_post(), time, event)
        return Delivery.objects.latest("pk")

    return tell


def tell_of(post, time, event=Event.FAILED):
    with transaction.atomic():
        events.hear_of_post(event, post, time.now())


@contextmanager
def dying_at(name):
    """Let the worker end at a place as if it was killed: nothing that follows is done."""

    class Killed(BaseException):
        pass

    def watch(passed):
        if passed == name:
            raise Killed

    failpoints.WATCHERS.append(watch)
    try:
        with pytest.raises(Killed):
            yield
    finally:
        failpoints.WATCHERS.remove(watch)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# --- It arrives -------------------------------------------------------------------------------------------------
def test_what_is_told_arrives_signed(tell, queue, receiver, time):  # noqa: F811
    delivery = tell()
    assert queue.deliver(delivery.pk)
    [(headers, body)] = receiver.got
    assert body.decode() == delivery.body
    assert headers["Pauta-Signature"] == signature(body, [SECRET], int(time.now().timestamp()))
    told = [headers[name] for name in ("Pauta-Event", "Pauta-Delivery", "Content-Type")]
    assert told == ["post.failed", str(delivery.pk), "application/json"]
    assert json.loads(body)["id"] == delivery.event_id


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_kind_of_success_is_one(tell, queue, receiver, status):  # noqa: F811
    receiver.says(status)
    delivery = tell()
    queue.deliver(delivery.pk)
    done = fresh(delivery)
    assert (done.state, done.answer_code, done.due_at, done.attempts) == ("delivered", status, None, 1)
    assert not queue.deliver(delivery.pk) and not queue.deliver_next()


def test_during_a_rotation_both_secrets_sign(tell, queue, receiver, webhook, time):  # noqa: F811
    new = webhook.renew_secret(time.now())
    queue.deliver(tell().pk)
    time.passes(hours=25)
    queue.deliver(tell().pk)
    (first, body), (second, other) = receiver.got
    at = int(time.now().timestamp())
    assert first["Pauta-Signature"] == signature(body, [new, SECRET], at - 25 * 3600)
    assert second["Pauta-Signature"] == signature(other, [new], at)


def test_a_secret_is_opened_with_the_new_key_after_a_rotation_of_keys(webhook, settings, time):
    settings.FERNET_KEYS = [Fernet.generate_key().decode(), *settings.FERNET_KEYS]
    new = webhook.renew_secret(time.now())
    keys.rotate_keys()
    settings.FERNET_KEYS = settings.FERNET_KEYS[:1]
    assert fresh(webhook).secrets(time.now()) == [new, SECRET]


# --- It does not ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 500, 502])
def test_another_status_is_tried_again_after_the_back_off(tell, queue, receiver, time, status):  # noqa: F811
    receiver.says(status, b"no", Location="http://169.254.169.254/")
    delivery, waits = tell(), []
    while queue.deliver(delivery.pk):
        row = fresh(delivery)
        waits.append(row.due_at and row.due_at - time.now())
        time.at = row.due_at or time.at
    assert waits == [*BACKOFF, None]
    row = fresh(delivery)
    assert (row.state, row.attempts, row.answer_code, row.answer) == ("given_up", TRIES, status, "no")
    assert row.error == ("REDIRECT" if status < 400 else "STATUS")
    assert len({body for _headers, body in receiver.got}) == 1 and len(receiver.got) == TRIES


def test_each_try_is_signed_with_its_own_time(tell, queue, receiver, time):  # noqa: F811
    receiver.says(500)
    delivery = tell()
    queue.deliver(delivery.pk)
    time.passes(minutes=2)
    queue.deliver(delivery.pk)
    (first, _), (second, _) = receiver.got
    assert first["Pauta-Signature"] != second["Pauta-Signature"]
    assert first["Pauta-Delivery"] == second["Pauta-Delivery"]


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (429, "1800", timedelta(minutes=30)),
        (503, "1800", timedelta(minutes=30)),
        (503, "5", BACKOFF[0]),
        (429, "9999999", timedelta(hours=24)),
        (500, "1800", BACKOFF[0]),
        (429, "whenever", BACKOFF[0]),
    ],
)
def test_a_receiver_may_ask_for_time(tell, queue, receiver, time, status, said, wait):  # noqa: F811
    receiver.says(status, Retry_After=said)
    delivery = tell()
    queue.deliver(delivery.pk)
    assert fresh(delivery).due_at == time.now() + wait


def test_a_receiver_that_hangs_is_tried_again(tell, queue, receiver):  # noqa: F811
    delivery = tell()
    with receiver.hangs():
        queue.deliver(delivery.pk, within_s=0.3)
    row = fresh(delivery)
    assert (row.state, row.error, row.answer_code) == ("waiting", "ADDRESS_SLOW", None)
    assert row.duration_ms >= 300


@pytest.mark.parametrize("said", [b"", b"\0\0\0\0", b"HTTP/9 abc\r\n\r\n"])
def test_garbage_and_a_closed_line_are_tried_again(tell, queue, receiver, said):  # noqa: F811
    receiver.writes(said)
    delivery = tell()
    queue.deliver(delivery.pk)
    row = fresh(delivery)
    assert (row.state, row.error, row.answer_code) == ("waiting", "ADDRESS_UNREACHABLE", None)


def test_an_answer_with_what_no_database_stores_is_kept_without_it(tell, queue, receiver):  # noqa: F811
    receiver.says(500, b"bad \0 \xff news" + b"x" * 9000)
    delivery = tell()
    queue.deliver(delivery.pk)
    assert fresh(delivery).answer.startswith("bad  \ufffd news")
    assert len(fresh(delivery).answer) == webhook_sender.ANSWER_CHARS


INSIDE = ["127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "10.0.0.8", "fd00::1"]


@pytest.mark.parametrize("ip", INSIDE)
def test_a_name_that_leads_inside_gets_nothing(tell, queue, webhook, internet, ip):  # noqa: F811
    internet.names["hook.example"] = [ip]
    Webhook.objects.update(url="https://hook.example/x")
    delivery = tell()
    queue.deliver(delivery.pk)
    assert (fresh(delivery).state, fresh(delivery).error) == ("waiting", "ADDRESS_PRIVATE")
    assert not internet.reached


def test_a_redirect_inside_is_not_followed(tell, queue, receiver):  # noqa: F811
    receiver.says(302, Location=receiver.origin + "/inside")
    delivery = tell()
    queue.deliver(delivery.pk)
    assert fresh(delivery).error == "REDIRECT" and len(receiver.got) == 1


def test_a_lost_key_costs_no_try(tell, queue, webhook, time, caplog):
    Webhook.objects.update(secret=Sealed("gAAAA-of-another-key"))
    delivery = tell()
    with caplog.at_level(logging.ERROR):
        queue.deliver(delivery.pk)
    row = fresh(delivery)
    assert (row.state, row.error, row.attempts) == ("waiting", "KEY_PROBLEM", 0)
    assert row.due_at == time.now() + webhook_sender.KEY_PROBLEM_WAIT
    assert fresh(webhook).failures == 0 and "FERNET_KEY" in caplog.text


def test_a_mistake_of_our_own_is_not_hidden_and_not_the_end(tell, queue, webhook, monkeypatch):
    delivery = tell()
    monkeypatch.setattr(webhook_sender, "signature", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        queue.deliver(delivery.pk)
    assert (fresh(delivery).error, fresh(delivery).state, fresh(delivery).claimed_by) == ("APP_ERROR", "waiting", "")
    assert fresh(webhook).failures == 0


# --- Somebody comes between -------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["after-send-delivery", "before-commit-keep-delivery"])
def test_a_worker_that_dies_after_sending_leads_to_the_same_once_more(tell, queue, receiver, time, place):  # noqa: F811
    delivery = tell()
    with dying_at(place):
        queue.deliver(delivery.pk)
    assert not queue.deliver(delivery.pk)  # its claim still holds
    time.passes(seconds=LEASE.total_seconds() + 1)
    assert queue.deliver_next()
    (first, body), (second, again) = receiver.got
    assert (first["Pauta-Delivery"], body) == (second["Pauta-Delivery"], again)
    assert fresh(delivery).state == "delivered"


@pytest.mark.parametrize("place", ["before-commit-take-delivery", "after-commit-take-delivery"])
def test_a_worker_that_dies_before_sending_loses_nothing(tell, queue, receiver, time, place):  # noqa: F811
    delivery = tell()
    with dying_at(place):
        queue.deliver(delivery.pk)
    time.passes(seconds=LEASE.total_seconds() + 1)
    assert queue.deliver_next() and len(receiver.got) == 1
    assert fresh(delivery).state == "delivered"


def test_what_kills_every_worker_is_given_up(tell, queue, receiver, time):  # noqa: F811
    delivery = tell()
    for _ in range(TRIES):
        with dying_at("after-send-delivery"):
            queue.deliver(delivery.pk)
        time.passes(seconds=LEASE.total_seconds() + 1)
    assert queue.deliver_next() and not queue.deliver_next()
    assert (fresh(delivery).state, fresh(delivery).error) == ("given_up", "WORKER_LOST")
    assert len(receiver.got) == TRIES


def test_a_worker_that_was_given_up_for_dead_writes_nothing_over(tell, queue, time):
    delivery, other, slow = tell(), webhook_sender.queue(time.now), []

    def sent_twice(*words, **options):
        if not slow:
            slow.append("the first")
            time.passes(seconds=LEASE.total_seconds() + 1)
            assert other.deliver(delivery.pk)
            return webhook_sender.safe_post.Answer(500)
        return webhook_sender.safe_post.Answer(200)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhook_sender.safe_post, "send", sent_twice)
        queue.deliver(delivery.pk)
    assert (fresh(delivery).state, fresh(delivery).answer_code) == ("delivered", 200)


@real
def test_two_workers_at_once_send_it_once(on_disk, tell, time, receiver):  # noqa: F811
    delivery = tell()
    jobs = [lambda: webhook_sender.queue(time.now).deliver(delivery.pk)] * 8
    assert sorted(together(*jobs)) == [False] * 7 + [True]
    assert len(receiver.got) == 1


@real
def test_a_receiver_that_hangs_keeps_no_other_waiting(on_disk, alice, tell, webhook, queue, receiver, monkeypatch):  # noqa: F811
    slow = Receiver()
    other = Webhook.objects.create(
        user=alice, url=slow.address, secret=webhook.secret, events=Event.values, created_at=webhook.created_at
    )
    monkeypatch.setattr(webhook_sender, "trusted_origins", lambda: [receiver.origin, slow.origin])
    for _ in range(12):
        tell()
    try:
        with slow.hangs():
            for _look in range(12):
                queue.see_to_it()
                [thread.join(30) for hook, thread in queue._under_way.values() if hook == webhook.pk]
            assert not Delivery.objects.filter(webhook=webhook, state="waiting").exists()
            busy = {hook for hook, _thread in queue._under_way.values()}
            assert other.pk in busy and len(slow.got) == 1
    finally:
        queue.stop()
        slow.close()


def deleting(monkeypatch, act):
    """Do something while the receiver answers."""
    send = webhook_sender.safe_post.send

    def sent(*words, **options):
        answer = send(*words, **options)
        act()
        return answer

    monkeypatch.setattr(webhook_sender.safe_post, "send", sent)


@pytest.mark.parametrize("status", [200, 410, 500])
def test_a_webhook_that_is_deleted_meanwhile_is_gone(tell, queue, webhook, receiver, monkeypatch, status):  # noqa: F811
    delivery = tell()
    receiver.says(status)
    deleting(monkeypatch, webhook.forget)
    assert queue.deliver(delivery.pk)
    assert not Delivery.objects.exists() and not Notification.objects.exists()


@real
def test_a_webhook_that_is_deleted_while_it_is_told_undoes_nothing(on_disk, webhook, make_post, time):  # noqa: F811
    post = make_post()
    for _each in range(5):
        jobs = [lambda: tell_of(post, time), webhook.forget, lambda: tell_of(post, time)]
        assert together(*jobs) == [None] * 3
        assert not Delivery.objects.exists()
        webhook.pk = None
        webhook.save()


def test_a_post_that_is_deleted_meanwhile_changes_nothing(tell, queue, receiver):  # noqa: F811
    delivery = tell()
    ScheduledPost.objects.all().delete()
    assert queue.deliver(delivery.pk)
    assert json.loads(receiver.got[0][1])["data"]["post"]["caption"] == "Fresh bread"


# --- Off ----------------------------------------------------------------------------------------------------------
def test_410_switches_it_off_and_says_so(tell, queue, webhook, receiver):  # noqa: F811
    receiver.says(410)
    delivery, waiting = tell(), tell()
    queue.deliver(delivery.pk)
    assert fresh(delivery).state == "given_up"
    assert fresh(webhook).off_reason == "gone"
    assert Notification.objects.get().kind == "WEBHOOK_GONE"
    queue.deliver(waiting.pk)
    assert (fresh(waiting).state, fresh(waiting).error) == ("given_up", "WEBHOOK_OFF")
    assert len(receiver.got) == 1


def test_an_off_webhook_is_told_nothing(webhook, tell):
    webhook.switch_off(Webhook.Off.PERSON)
    with pytest.raises(Delivery.DoesNotExist):
        tell()


def test_three_days_of_failing_switch_it_off_once(tell, queue, webhook, receiver, time):  # noqa: F811
    receiver.says(500)
    for _day in range(5):
        delivery = tell()
        while queue.deliver(delivery.pk):
            time.at = fresh(delivery).due_at or time.at
        time.passes(hours=10)
        if not fresh(webhook).is_on:
            break
    assert fresh(webhook).off_reason == "failing"
    assert fresh(webhook).failing_since <= time.now() - timedelta(days=3)
    assert [one.kind for one in Notification.objects.all()] == ["WEBHOOK_FAILING"]


def test_a_bad_day_does_not(tell, queue, webhook, receiver, time):  # noqa: F811
    receiver.says(500)
    delivery = tell()
    while queue.deliver(delivery.pk):
        time.at = fresh(delivery).due_at or time.at
    time.passes(days=9)
    queue.deliver(tell().pk)
    assert fresh(webhook).is_on and fresh(webhook).failures == TRIES + 1


def test_one_success_makes_up_for_all(tell, queue, webhook, receiver):  # noqa: F811
    Webhook.objects.update(failures=9, failing_since=webhook.created_at)
    queue.deliver(tell().pk)
    assert (fresh(webhook).failures, fresh(webhook).failing_since) == (0, None)


def test_switched_on_again_the_notice_is_settled_and_the_count_begins_anew(webhook, time):
    webhook.switch_off(Webhook.Off.FAILING)
    notices.tell_about_webhook(webhook, time.now())
    webhook.switch_on()
    notices.settle_webhook(webhook, time.now())
    assert fresh(webhook).is_on and not Notification.objects.open().exists()


# --- A test, again, and the end ---------------------------------------------------------------------------------
def test_a_test_is_sent_once_even_while_it_is_off(webhook, queue, receiver, time):  # noqa: F811
    webhook.switch_off(Webhook.Off.PERSON)
    receiver.says(500)
    events.send_test(webhook, time.now())
    delivery = Delivery.objects.get()
    assert delivery.event == TEST_EVENT
    queue.deliver(delivery.pk)
    assert fresh(delivery).state == "given_up"
    assert len(receiver.got) == 1 and fresh(webhook).failures == 0


def test_sent_again_it_has_the_same_ids_and_all_its_tries(tell, queue, receiver, time):  # noqa: F811
    receiver.says(500)
    delivery = tell()
    Delivery.objects.update(attempts=TRIES - 1)
    queue.deliver(delivery.pk)
    assert fresh(delivery).state == "given_up"
    receiver.says(200)
    assert Delivery.objects.send_again(time.now()) == 1
    assert queue.deliver_next() and fresh(delivery).state == "delivered"
    assert len({(headers["Pauta-Delivery"], body) for headers, body in receiver.got}) == 1


def test_what_is_just_being_sent_is_not_put_back(tell, queue, time):
    delivery = tell()
    assert queue._take(delivery.pk)
    assert Delivery.objects.send_again(time.now()) == 0


def test_after_thirty_days_what_ended_goes_and_what_waits_stays(tell, queue, time):
    ended, waiting = tell(), tell()
    queue.deliver(ended.pk)
    assert deliveries.purge(time.now() + timedelta(days=30)) == 0
    assert deliveries.purge(time.now() + timedelta(days=30, seconds=1)) == 1
    assert list(Delivery.objects.all()) == [waiting]


# --- Who sees to it ---------------------------------------------------------------------------------------------
def test_without_a_cluster_a_pass_sends_what_is_due(tell, receiver, time):  # noqa: F811
    one, other = tell(), tell()
    report = ScheduledPostProcessor(now=time.now, kind="cron").process_pending_posts()
    assert report.deliveries == 2 and len(receiver.got) == 2
    assert {fresh(one).state, fresh(other).state} == {"delivered"}


def test_near_the_end_of_a_pass_nothing_is_sent_any_more(tell, receiver, time):  # noqa: F811
    tell()
    processor = ScheduledPostProcessor(now=time.now)
    assert not processor._deliver_one(time.now() + timedelta(seconds=4), PassReport())
    assert processor._deliver_one(time.now() + timedelta(seconds=5), PassReport())
    assert len(receiver.got) == 1


def test_the_slow_cluster_comes_for_what_is_due_and_for_nothing_else(tell, queue, monkeypatch):
    started, cluster = [], SlowCluster()
    monkeypatch.setattr(cluster.child, "start", lambda: started.append(1))
    delivery = tell()
    Delivery.objects.update(due_at=clock.now() + timedelta(hours=1))
    cluster.see_to_it()
    assert not started
    Delivery.objects.update(due_at=clock.now())
    cluster._look_at = 0.0
    cluster.see_to_it()
    assert started == [1] and fresh(delivery).attempts == 0


@real
def test_the_slow_cluster_sends_what_is_due(on_disk, tell, receiver):  # noqa: F811
    one = tell()
    looks = iter(range(30))
    slow_cluster.work_until_idle(while_true=lambda: fresh(one).state == "waiting" and next(looks, None) is not None)
    assert fresh(one).state == "delivered" and len(receiver.got) == 1


@by_sqlites_words
def test_what_is_due_is_found_by_its_index(time):
    assert "delivery_due (due_at<?)" in Delivery.objects.due(time.now()).explain()
