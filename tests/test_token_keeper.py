"""Connections are kept alive: renewed in time, found broken before a post needs them, and never by Meta's hiccup."""

from datetime import timedelta

import pytest
from django.urls import reverse

from scheduler.instagram.oauth import LongToken
from scheduler.lib import clock
from scheduler.lib.sealing import Sealed
from scheduler.models import Delivery, HoldReason, InstagramAccount, Notification, ScheduledPost, Webhook
from scheduler.models.webhook import Event
from scheduler.services import endings, token_keeper
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor
from scheduler.services.words import notice
from scheduler.slow_cluster import SlowCluster
from tests.publishing.conftest import account, connect_page, instagram, page_account, plan, time  # noqa: F401

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
DAY = timedelta(days=1)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


@pytest.fixture
def old(account, time):  # noqa: F811
    """Return how old the token of Alice's account shall be, in days."""

    def old(days):
        issued = time.now()
        account.token_issued_at, account.keep_at = issued, issued
        account.token_expires_at = issued + 60 * DAY
        account.save()
        time.passes(days=days)
        return fresh(account)

    return old


# --- Renewing -----------------------------------------------------------------------------------------------
def test_a_token_of_thirty_days_is_renewed(old, time, instagram):  # noqa: F811
    before, now = old(30), time.now()
    assert token_keeper.keep(before.pk, now) == "good"
    after = fresh(before)
    assert after.token() != before.token() and after.token_issued_at == now
    assert after.token_expires_at > now + 59 * DAY
    assert token_keeper.keep(before.pk, time.now()) == "good" and fresh(before).token() == after.token()


@pytest.mark.parametrize("days", [0, 2, 29])
def test_a_younger_one_is_only_looked_at(old, time, days):  # noqa: F811
    before, now = old(days), time.now()
    assert token_keeper.keep(before.pk, now) == "good"
    after = fresh(before)
    assert after.token() == before.token()
    assert after.quota_checked_at == now and after.keep_at == now + DAY


def test_one_that_is_short_from_the_start_is_renewed_after_a_day(old, time):  # noqa: F811
    row = old(2)
    InstagramAccount.objects.update(token_expires_at=time.now() + 3 * DAY)
    token_keeper.keep(row.pk, time.now())
    assert fresh(row).token_expires_at > time.now() + 59 * DAY


@pytest.mark.parametrize(
    "play",
    [
        {"code": 190},
        {"code": 1},
        {"code": 2, "http_status": 503},
        {"play": "html"},
        {"play": "drop"},
        {"play": "empty"},
    ],
)
def test_a_renewal_that_fails_leaves_the_token_as_it_is(old, time, instagram, play):  # noqa: F811
    before = old(31)
    instagram.next_call("oauth", play.pop("play", "error"), **play)
    token_keeper.keep(before.pk, time.now())
    after = fresh(before)
    assert after.can_publish and after.token() == before.token() and after.renewal_error
    assert not Notification.objects.exists()
    time.passes(days=1)
    token_keeper.keep(before.pk, time.now())
    assert fresh(before).token() != before.token() and fresh(before).renewal_error == ""


def test_who_signed_in_meanwhile_keeps_the_newer_token(old, time, monkeypatch):  # noqa: F811
    row = old(31)

    def refresh(_login, _token):
        InstagramAccount.objects.get(pk=row.pk).connect("IGAAnewer", 5_000_000, [], time.now())
        return LongToken("IGAAolder")

    monkeypatch.setattr("scheduler.instagram.oauth.InstagramLogin.refresh", refresh)
    token_keeper.keep(row.pk, time.now())
    assert fresh(row).token() == "IGAAnewer" and fresh(row).keep_failures == 0


def test_a_lost_key_asks_nobody_and_forgets_nothing(old, time, instagram):  # noqa: F811
    row, lost = old(31), Sealed("gAAAAother")
    InstagramAccount.objects.update(access_token=lost)
    asked = len(instagram.calls())
    assert token_keeper.keep(row.pk, time.now()) == "no key"
    assert len(instagram.calls()) == asked and fresh(row).access_token == lost and fresh(row).can_publish


# --- A bad token --------------------------------------------------------------------------------------------
def keep_until(account, time, looks):  # noqa: F811
    ended = []
    for _look in range(looks):
        time.comes(fresh(account).keep_at)
        ended.append(token_keeper.keep(account.pk, time.now()))
    return ended


def test_three_refusals_in_a_row_hold_what_is_planned_once(old, plan, time, alice, instagram):  # noqa: F811
    row = old(2)
    Webhook(user=alice, url="https://a.example/", events=Event.values, created_at=time.now()).renew_secret(time.now())
    post = plan(ahead=timedelta(days=3))
    instagram.profile().end_sessions(460)
    began = time.now()
    assert keep_until(row, time, 3) == ["TOKEN_EXPIRED", "TOKEN_EXPIRED", "broken"]
    assert timedelta(minutes=30) < time.now() - began < timedelta(hours=1)
    broken = fresh(row)
    assert (broken.status, broken.status_reason, broken.keep_at) == ("token_expired", "TOKEN_EXPIRED", None)
    assert fresh(post).hold_reason == HoldReason.RECONNECT
    assert [told.kind for told in Notification.objects.all()] == ["TOKEN_EXPIRED"]
    assert sorted(Delivery.objects.values_list("event", flat=True)) == ["account.needs_reconnect", "post.held"]
    assert token_keeper.keep(row.pk, time.now()) == "not connected"
    assert Notification.objects.count() == 1


def test_a_look_that_goes_well_counts_anew(old, time, instagram):  # noqa: F811
    row = old(2)
    for _round in range(3):
        instagram.next_call("any", code=190, times=2)
        assert keep_until(row, time, 3) == ["TOKEN_EXPIRED", "TOKEN_EXPIRED", "good"]
    assert fresh(row).can_publish and not Notification.objects.exists()


@pytest.mark.parametrize(
    "play",
    [
        {"code": 1},
        {"code": 2},
        {"code": 10},
        {"code": 100, "subcode": 33},
        {"code": 999},
        {"http_status": 500},
        {"play": "html"},
        {"play": "truncated"},
        {"play": "drop"},
    ],
)
def test_metas_trouble_breaks_nothing_however_long(old, plan, time, instagram, play):  # noqa: F811
    row, post = old(2), plan(ahead=timedelta(days=20))
    instagram.next_call("any", play.pop("play", "error"), for_time=timedelta(days=2), **play)
    keep_until(row, time, 8)
    assert fresh(row).can_publish and fresh(row).keep_failures == 0 and fresh(post).hold_reason == ""
    assert not Notification.objects.exists()


def test_while_a_limit_lasts_nothing_is_asked(old, time, instagram):  # noqa: F811
    row = old(2)
    instagram.next_call("any", code=4)
    token_keeper.keep(row.pk, time.now())
    asked = len(instagram.calls())
    assert token_keeper.keep(row.pk, time.now()) == "put off" and len(instagram.calls()) == asked


def test_after_its_end_one_refusal_is_enough(old, time):  # noqa: F811
    row = old(61)
    assert token_keeper.keep(row.pk, time.now()) == "broken"
    assert not fresh(row).can_publish


def test_one_account_that_stumbles_keeps_no_other_from_being_kept(old, time, make_account, monkeypatch):  # noqa: F811
    row, queued = old(31), []
    broken = make_account(keep_at=time.now() - 40 * DAY)
    assert token_keeper.hand_out(queued.append, time.now()) == 2 and queued == [broken.pk, row.pk]
    token_keeper.keep(broken.pk, time.now())
    assert token_keeper.keep(row.pk, time.now()) == "good"


# --- Facebook -----------------------------------------------------------------------------------------------
def test_both_clocks_of_facebook_are_read(page_account, time):  # noqa: F811
    page_account.facebook_user_token = page_account.access_token
    InstagramAccount.objects.update(token_expires_at=None, data_access_expires_at=None, keep_at=time.now())
    assert token_keeper.keep(page_account.pk, time.now()) == "good"


def test_a_facebook_connection_that_ends_is_warned_of_because_nothing_renews_it(page_account, time):  # noqa: F811
    InstagramAccount.objects.update(data_access_expires_at=time.now() + 10 * DAY, keep_at=time.now())
    token_keeper.keep(page_account.pk, time.now())
    assert [told.kind for told in Notification.objects.open()] == ["TOKEN_ENDS_FORTNIGHT"]


# --- Warning ------------------------------------------------------------------------------------------------
@pytest.fixture
def stuck(old, instagram):  # noqa: F811
    """An account that can't be renewed."""
    instagram.next_call("oauth", code=190, for_time=timedelta(days=90))
    return old(31)


def test_each_mark_is_told_once_and_the_one_before_is_done(stuck, time):  # noqa: F811
    ends, told = stuck.token_expires_at, {}
    for left in (20, 14.1, 13.9, 13, 7.1, 6.9, 3, 0.9, 0.5):
        time.comes(ends - left * DAY)
        token_keeper.keep(stuck.pk, time.now())
        told[left] = [one.kind for one in Notification.objects.open()]
    assert told[20] == told[14.1] == []
    assert told[13.9] == told[13] == told[7.1] == ["TOKEN_ENDS_FORTNIGHT"]
    assert told[6.9] == told[3] == ["TOKEN_ENDS_WEEK"]
    assert told[0.9] == told[0.5] == ["TOKEN_ENDS_DAY"]
    assert Notification.objects.count() == 3


def test_a_renewal_that_works_after_all_takes_the_warning_back(stuck, time, instagram):  # noqa: F811
    time.comes(stuck.token_expires_at - 10 * DAY)
    token_keeper.keep(stuck.pk, time.now())
    instagram.clear_script()
    time.passes(days=1)
    token_keeper.keep(stuck.pk, time.now())
    assert not Notification.objects.open().exists()
    assert notice(Notification.objects.get()) == "The connection to @padaria.aurora was about to end."


def test_the_notice_tells_how_many_posts_are_planned_after_the_end(stuck, plan, time):  # noqa: F811
    left = stuck.token_expires_at - time.now()
    plan(ahead=left - DAY)
    for days in (1, 2):
        plan(ahead=left + days * DAY)
    time.comes(stuck.token_expires_at - 6 * DAY)
    token_keeper.keep(stuck.pk, time.now())
    assert "2 posts are planned after that." in notice(Notification.objects.get())
    ScheduledPost.objects.all().delete()
    assert "Nothing is planned after that." in notice(Notification.objects.get())


# --- On every page ------------------------------------------------------------------------------------------
@pytest.fixture
def alices(client, alice):
    client.force_login(alice)
    return client


def ends_in(account, **by):  # noqa: F811
    InstagramAccount.objects.filter(pk=account.pk).update(token_expires_at=clock.now() + timedelta(**by))


@pytest.mark.parametrize("days", [13, 6, 2])
def test_every_page_says_so_until_it_is_hidden_for_a_week(account, alices, alice, days):  # noqa: F811
    ends_in(account, days=days)
    assert "needs a new sign-in by" in alices.get("/posts/").text
    answer = alices.post(reverse("account-hide-ending", args=[account.pk]), {"next": "/ideas/"})
    assert answer["Location"] == "/ideas/"
    assert "needs a new sign-in by" not in alices.get("/ideas/").text
    assert "needs a new sign-in by" in alices.get("/accounts/").text  # its card
    assert len(endings.of(alice, clock.now() + timedelta(days=7, minutes=1))) == 1


def test_on_the_last_day_nothing_hides_it(account, alices):  # noqa: F811
    ends_in(account, hours=20)
    alices.post(reverse("account-hide-ending", args=[account.pk]))
    page = alices.get("/posts/").text
    assert "needs a new sign-in by" in page and "Hide for a week" not in page


def test_a_connection_that_lasts_is_not_spoken_of(account, alices):  # noqa: F811
    ends_in(account, days=15)
    assert "needs a new sign-in" not in alices.get("/posts/").text


# --- Who comes for it ---------------------------------------------------------------------------------------
def test_a_new_connection_is_looked_after_at_once(account, time):  # noqa: F811
    now = time.now()
    account.connect("IGAAtoken", 5_000_000, [], now)
    assert fresh(account).keep_at == now + timedelta(minutes=1)


# --- Comments -----------------------------------------------------------------------------------------------
def test_meta_is_asked_once_to_tell_of_comments(old, time, instagram):  # noqa: F811
    row = old(2)
    for _day in range(2):
        token_keeper.keep(row.pk, time.now())
        time.passes(days=1)
    assert instagram.profile().webhook_fields == ["comments", "live_comments"]
    assert len(instagram.recorded_requests("subscribed_apps")) == 1


def test_a_page_is_asked_about_by_its_account(page_account, time, instagram):  # noqa: F811
    token_keeper.keep(page_account.pk, time.now())
    assert fresh(page_account).hears_comments_at
    assert instagram.profile("estudio.lume").webhook_fields


@pytest.mark.parametrize("play", [{"code": 100}, {"code": 190}, {"code": 10}, {"play": "html"}, {"play": "drop"}])
def test_where_that_is_refused_nothing_is_broken(old, time, instagram, play):  # noqa: F811
    row = old(2)
    instagram.next_call("me", play.pop("play", "error"), **play)
    assert token_keeper.keep(row.pk, time.now()) == "good"
    assert fresh(row).can_publish and fresh(row).hears_comments_at is None
    time.passes(days=1)
    token_keeper.keep(row.pk, time.now())
    assert fresh(row).hears_comments_at


def test_who_gave_no_permission_for_comments_is_not_asked_about(old, time, instagram):  # noqa: F811
    row = old(2)
    InstagramAccount.objects.update(permissions=["instagram_business_basic"])
    token_keeper.keep(row.pk, time.now())
    assert not instagram.profile().webhook_fields


def test_the_slow_cluster_comes_for_it(account, monkeypatch):  # noqa: F811
    InstagramAccount.objects.update(keep_at=clock.now())
    queued, cluster = [], SlowCluster()
    monkeypatch.setattr("scheduler.tasks.dispatch_keeping", queued.append)
    monkeypatch.setattr(cluster.child, "start", lambda: queued.append("started"))
    cluster.see_to_it()
    assert queued == [account.pk, "started"]


def test_without_workers_a_pass_comes_for_it_when_nothing_else_is_due(old, time, plan):  # noqa: F811
    row, post = old(31), plan(ahead=timedelta(minutes=2))
    time.passes(minutes=3)
    ScheduledPostProcessor(now=time.now, sleep=lambda _s: time.passes(seconds=1)).process_pending_posts()
    assert fresh(row).token_issued_at > row.token_issued_at
    assert fresh(post).status in {"published", "publishing"}
