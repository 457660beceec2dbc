"""Connecting over the consent page, reconnecting, releasing and disconnecting, with everything that can go wrong."""

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client as Browser

from scheduler.instagram.client import Client
from scheduler.instagram.oauth import InstagramLogin
from scheduler.lib import clock
from scheduler.lib.sealing import Sealed
from scheduler.models import (
    HoldReason,
    InstagramAccount,
    Notification,
    OAuthState,
    PostChange,
    ScheduledPost,
    Status,
)
from scheduler.models.oauth_state import LIFETIME
from scheduler.sandbox.models import Token
from scheduler.services import accounts, connecting, instagram_connecting, notices
from scheduler.services.instagram_publish_service import InstagramPublishService
from tests.publishing.conftest import connect, status

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

START, CALLBACK = "/accounts/connect/instagram/", "/accounts/callback/instagram/"
OLD_OR_USED = "This sign-in is too old or was used already. Nothing was changed. Connect again."
SESSION = "a-session"


@pytest.fixture
def alice_in(client, alice, instagram):
    """Return Alice's browser, signed in."""
    client.force_login(alice)
    return client


@pytest.fixture
def bakery(instagram):
    return instagram.profile("padaria.aurora")


def ask(browser, start=START):
    """Press Connect; return the consent page's address."""
    return browser.get(start).headers["Location"]


def back(browser, callback):
    """Open the address Instagram sends the person to; return the page they end on."""
    address = urlsplit(callback)
    return browser.get(f"{address.path}?{address.query}", follow=True)


def said(page):
    """Return the page's text as a person reads it."""
    return page.text.replace("&#x27;", "'")


def finish(user, callback, session=SESSION):
    """End a connection by the service."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    return instagram_connecting.finish_instagram_login(user, session, query)


def begin(user, account=None, session=SESSION):
    return instagram_connecting.start_instagram_login(user, session, account)


# --- Connecting -------------------------------------------------------------------------------------------------
def test_allowing_connects_the_account(alice_in, instagram, bakery, alice):
    page = back(alice_in, instagram.allow(ask(alice_in), bakery))
    account = InstagramAccount.objects.for_user(alice).get()
    assert "@padaria.aurora is connected." in page.text
    assert (account.instagram_user_id, account.app_scoped_id) == (bakery.user_id, bakery.app_scoped_id)
    assert account.can_publish and account.timezone == alice.timezone
    assert timedelta(days=59) < account.token_expires_at - clock.now() <= timedelta(days=60)


def test_the_account_that_comes_in_can_publish(instagram, alice, bakery, time):
    account = finish(alice, instagram.allow(begin(alice), bakery)).account
    post = ScheduledPost(user=alice, instagram_account=account, media_urls=[instagram.host_picture()])
    post.save()
    post.publish_now(now=time.now())
    InstagramPublishService(clock=time.now).publish_post(post)
    assert len(instagram.published(bakery)) == 1


@pytest.mark.parametrize("shape", ["wrapped", "flat"])
def test_both_shapes_of_the_token_answer_are_understood(instagram, alice, bakery, shape):
    instagram.set(token_shape=shape)
    account = finish(alice, instagram.allow(begin(alice), bakery)).account
    assert account.permissions == [
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
    ]
    assert account.instagram_user_id == bakery.user_id


def test_the_kept_token_is_the_long_lived_one(instagram, alice, bakery):
    account = finish(alice, instagram.allow(begin(alice), bakery)).account
    assert Token.find(account.token()).is_long


def test_denying_changes_nothing(alice_in, instagram):
    page = back(alice_in, instagram.deny(ask(alice_in)))
    assert "You didn't allow the connection, so nothing was changed." in said(page)
    assert not InstagramAccount.objects.exists() and not Token.objects.exists()


def test_a_denied_answer_is_used_up_too(alice_in, instagram):
    callback = instagram.deny(ask(alice_in))
    back(alice_in, callback)
    assert OLD_OR_USED in said(back(alice_in, callback))


def test_without_the_permission_to_publish_nothing_is_connected(alice_in, instagram, bakery):
    callback = instagram.allow(ask(alice_in), bakery, without=("instagram_business_content_publish",))
    assert "Connect again and leave every option on." in said(back(alice_in, callback))
    assert not InstagramAccount.objects.exists()


def test_without_the_permission_for_comments_an_account_can_still_publish(instagram, alice, bakery):
    callback = instagram.allow(begin(alice), bakery, without=("instagram_business_manage_comments",))
    assert finish(alice, callback).account.can_publish


def test_a_personal_account_is_told_what_to_do(alice_in, instagram):
    callback = instagram.allow(ask(alice_in), instagram.profile("joana.pessoal"))
    assert "Switch to a professional account in the Instagram app" in said(back(alice_in, callback))
    assert not InstagramAccount.objects.exists()


def test_the_person_returns_to_where_they_were(alice_in, instagram, bakery):
    page = back(alice_in, instagram.allow(ask(alice_in, f"{START}?next=/posts/new/"), bakery))
    assert page.redirect_chain == [("/posts/new/#main", 302)]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/" + "x" * 400, "/\0", "/\n/evil"]
)
def test_nobody_is_led_elsewhere(alice_in, instagram, bakery, elsewhere):
    address = ask(alice_in, f"{START}?{urlencode({'next': elsewhere})}")
    assert OAuthState.objects.get().return_to == ""
    assert back(alice_in, instagram.allow(address, bakery)).redirect_chain[0][0].startswith("/accounts/#account-")


# --- The state --------------------------------------------------------------------------------------------------
def test_only_the_hash_of_a_state_is_kept(alice_in):
    state = parse_qs(urlsplit(ask(alice_in)).query)["state"][0]
    assert len(state) >= 32
    assert state not in str(OAuthState.objects.values().get())


def test_a_state_is_good_once(alice_in, instagram, bakery):
    callback = instagram.allow(ask(alice_in), bakery)
    back(alice_in, callback)
    assert OLD_OR_USED in said(back(alice_in, callback))
    assert InstagramAccount.objects.get().can_publish


def test_somebody_elses_state_is_worth_nothing(alice_in, instagram, bakery, charlie):
    theirs = Browser()
    theirs.force_login(charlie)
    callback = instagram.allow(ask(alice_in), bakery)
    assert OLD_OR_USED in said(back(theirs, callback))
    assert not InstagramAccount.objects.exists()
    back(alice_in, callback)  # and the attempt did not use it up
    assert InstagramAccount.objects.get().can_publish


def test_another_browser_of_the_same_person_is_another_session(alice_in, instagram, bakery, alice):
    other = Browser()
    other.force_login(alice)
    assert OLD_OR_USED in said(back(other, instagram.allow(ask(alice_in), bakery)))
    assert not InstagramAccount.objects.exists()


def test_a_stranger_is_asked_to_sign_in(instagram, alice_in, bakery):
    answer = back(Browser(), instagram.allow(ask(alice_in), bakery))
    assert answer.redirect_chain[0][0].startswith("/login/")
    assert not InstagramAccount.objects.exists()


def test_a_state_lasts_a_quarter_of_an_hour(instagram, alice, bakery, monkeypatch):
    old, older = begin(alice), begin(alice)
    codes = [instagram.allow(old, bakery), instagram.allow(older, bakery)]
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + LIFETIME - timedelta(seconds=5))
    assert finish(alice, codes[0]).account
    monkeypatch.setattr(clock, "now", lambda: began + LIFETIME + timedelta(seconds=5))
    assert finish(alice, codes[1]).problem == OLD_OR_USED


@pytest.mark.parametrize("state", ["", "made-up", "\0", "é" * 500])
def test_a_state_nobody_gave_is_worth_nothing(instagram, alice, state):
    query = {"code": "AQD", "state": state}
    assert instagram_connecting.finish_instagram_login(alice, SESSION, query).problem == OLD_OR_USED
    assert not instagram.calls()


def test_old_states_are_swept_away(instagram, alice, monkeypatch):
    begin(alice)
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(days=2))
    begin(alice)
    assert OAuthState.objects.count() == 1


# --- The code ---------------------------------------------------------------------------------------------------
def test_an_answer_without_a_code_changes_nothing(instagram, alice):
    state = parse_qs(urlsplit(begin(alice)).query)["state"][0]
    told = instagram_connecting.finish_instagram_login(alice, SESSION, {"state": state})
    assert told.problem.startswith("The answer of Instagram had no code in it.")


def test_a_code_that_was_used_before_changes_nothing(instagram, alice, bakery):
    callback = instagram.allow(begin(alice), bakery)
    finish(alice, callback)
    code = parse_qs(urlsplit(callback).query)["code"][0]
    state = parse_qs(urlsplit(begin(alice)).query)["state"][0]
    told = instagram_connecting.finish_instagram_login(alice, SESSION, {"state": state, "code": code})
    assert told.problem.startswith("Instagram refused this sign-in")
    assert InstagramAccount.objects.count() == 1


@pytest.mark.parametrize("tail", ["#_", "%23_"])
def test_the_tail_behind_a_code_does_no_harm(instagram, alice, bakery, tail):
    callback = instagram.allow(begin(alice), bakery)
    query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    query["code"] = query["code"].removesuffix("#_") + tail
    assert instagram_connecting.finish_instagram_login(alice, SESSION, query).account


def test_a_wrong_app_secret_is_the_operators_to_mend(instagram, alice, bakery, monkeypatch):
    callback = instagram.allow(begin(alice), bakery)
    real = instagram_connecting.instagram_login

    def wrong():
        login = real()
        login._app_secret = "not-it"
        return login

    monkeypatch.setattr(instagram_connecting, "instagram_login", wrong)
    assert "must check the app id and secret" in finish(alice, callback).problem


CALLS = {
    "the code": (InstagramLogin, "exchange_code", "oauth"),
    "the long token": (InstagramLogin, "exchange_for_long_lived", "oauth"),
    "the profile": (instagram_connecting, "client_for_token", "me"),
}
OUTAGES = {
    "dropped": {"play": "drop"},
    "slow": {"play": "slow", "seconds": 60},
    "down": {"play": "server_error"},
    "a page instead": {"play": "html"},
    "half an answer": {"play": "truncated"},
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("outage", OUTAGES)
def test_when_instagram_is_down_nothing_is_changed(instagram, alice, bakery, monkeypatch, call, outage):
    target, name, kind = CALLS[call]
    real = getattr(target, name)

    def just_now(*words):
        instagram.next_call(kind, **OUTAGES[outage])
        return real(*words)

    monkeypatch.setattr(target, name, just_now)
    told = finish(alice, instagram.allow(begin(alice), bakery))
    assert told.problem == "Instagram did not answer. Nothing was changed. Connect again in a few minutes."
    assert not InstagramAccount.objects.exists()


def test_a_malformed_key_is_said_before_the_code_is_spent(alice_in, instagram, bakery, settings):
    callback = instagram.allow(ask(alice_in), bakery)
    settings.FERNET_KEYS = ["short"]
    assert "FERNET_KEY is missing" in said(back(alice_in, callback))
    assert not InstagramAccount.objects.exists() and not Token.objects.exists()


# --- Reconnecting -----------------------------------------------------------------------------------------------
@pytest.fixture
def broken(account, plan, time, instagram):
    """Return the account after its token died, with one held post for tomorrow."""
    plan(ahead=timedelta(days=1))
    account.mark("token_expired", "TOKEN_EXPIRED")
    ScheduledPost.objects.all().hold(HoldReason.RECONNECT)
    notices.tell_about_account(account, "TOKEN_EXPIRED", time.now())
    return account


def test_a_reconnect_heals_the_account_and_settles_its_notice(alice_in, instagram, bakery, broken, alice):
    back(alice_in, instagram.allow(ask(alice_in, f"{START}?account={broken.pk}"), bakery))
    account = InstagramAccount.objects.get()
    assert (account.pk, account.can_publish, account.status_reason) == (broken.pk, True, "")
    assert not Notification.objects.open().exists()


def test_a_reconnect_asks_instagram_for_a_fresh_sign_in(alice_in, broken):
    assert "force_reauth=true" in ask(alice_in, f"{START}?account={broken.pk}")


def test_a_reconnect_with_the_wrong_account_changes_nothing(alice_in, instagram, broken):
    sealed = broken.access_token
    callback = instagram.allow(ask(alice_in, f"{START}?account={broken.pk}"), instagram.profile("estudio.lume"))
    page = said(back(alice_in, callback))
    assert "You signed in as @estudio.lume, but this is @padaria.aurora. Nothing was changed." in page
    account = InstagramAccount.objects.get()
    assert (account.access_token, account.status) == (sealed, InstagramAccount.Status.TOKEN_EXPIRED)
    assert Notification.objects.open().count() == 1


def test_connecting_what_is_connected_renews_it(instagram, alice, bakery):
    first = finish(alice, instagram.allow(begin(alice), bakery)).account
    again = finish(alice, instagram.allow(begin(alice), bakery)).account
    assert first.pk == again.pk and InstagramAccount.objects.count() == 1
    assert first.token() != again.token()


def test_a_renamed_account_is_still_the_same(instagram, alice, bakery):
    first = finish(alice, instagram.allow(begin(alice), bakery)).account
    bakery.username = "padaria.nova"
    bakery.save()
    again = finish(alice, instagram.allow(begin(alice), bakery)).account
    assert (again.pk, again.instagram_username) == (first.pk, "padaria.nova")


def test_the_accounts_zone_survives_a_reconnect(instagram, alice, bakery):
    first = finish(alice, instagram.allow(begin(alice), bakery)).account
    InstagramAccount.objects.filter(pk=first.pk).update(timezone="Asia/Tokyo")
    assert finish(alice, instagram.allow(begin(alice), bakery)).account.timezone == "Asia/Tokyo"


# --- The same account, two people -------------------------------------------------------------------------------
@pytest.fixture
def shared(instagram, alice, charlie, bakery):
    """Return the bakery's account as Alice and as Charlie connected it."""
    return [finish(who, instagram.allow(begin(who), bakery)).account for who in (alice, charlie)]


def test_two_people_may_connect_the_same_account(shared, alice, charlie):
    assert [account.user for account in shared] == [alice, charlie]
    assert all(account.can_publish for account in shared)


def test_one_persons_disconnect_does_not_cut_off_the_other(shared, charlie, instagram):
    accounts.disconnect(shared[1], charlie, clock.now())
    assert Token.find(shared[0].token()).killed_subcode is None


def test_the_last_ones_disconnect_takes_the_permission_back(shared, alice, charlie):
    token = shared[0].token()
    accounts.disconnect(shared[1], charlie, clock.now())
    accounts.disconnect(shared[0], alice, clock.now())
    assert Token.find(token).killed_subcode == 458


def test_one_persons_reconnect_leaves_the_others_account_alone(shared, instagram, charlie, bakery):
    before = InstagramAccount.objects.filter(pk=shared[0].pk).values().get()
    finish(charlie, instagram.allow(begin(charlie, shared[1]), bakery))
    assert InstagramAccount.objects.filter(pk=shared[0].pk).values().get() == before


# --- Releasing --------------------------------------------------------------------------------------------------
@pytest.fixture
def held(account, plan, time):
    """Return four held posts: three whose time has passed, one for tomorrow."""
    posts = [plan(ahead=timedelta(minutes=2 + number)) for number in range(3)] + [plan(ahead=timedelta(days=1))]
    ScheduledPost.objects.all().hold(HoldReason.RECONNECT)
    time.passes(hours=1)
    return [ScheduledPost.objects.get(pk=post.pk) for post in posts]


def test_released_now_the_past_ones_go_out_a_quarter_of_an_hour_apart(held, account, alice, time):
    now = time.now()
    assert accounts.release(account, alice, "now", now) == 4
    posts = [ScheduledPost.objects.get(pk=post.pk) for post in held]
    assert [post.next_attempt_at - now for post in posts[:3]] == [timedelta(minutes=15 * n) for n in range(3)]
    assert posts[3].next_attempt_at == posts[3].scheduled_for == held[3].scheduled_for


def test_a_released_past_post_is_prepared_ahead_like_any_other(held, account, alice, time):
    now = time.now()
    accounts.release(account, alice, "now", now)
    second = ScheduledPost.objects.get(pk=held[1].pk)
    assert second.wake_at == second.next_attempt_at - timedelta(minutes=1)
    assert second.updated_at == now


def test_released_otherwise_the_past_ones_stay(held, account, alice, time):
    assert accounts.release(account, alice, "leave", time.now()) == 1
    assert [ScheduledPost.objects.get(pk=post.pk).hold_reason for post in held] == [HoldReason.RECONNECT] * 3 + [""]


def test_released_posts_keep_the_wish_of_their_owner(held, account, alice, time):
    accounts.release(account, alice, "now", time.now())
    assert ScheduledPost.objects.get(pk=held[0].pk).scheduled_for == held[0].scheduled_for


def test_all_released_posts_go_out_once_each(held, account, alice, time, work, instagram):
    accounts.release(account, alice, "now", time.now())
    for post in held[:3]:
        work(post, until=status("published"))
    assert len(instagram.published()) == 3


def test_a_release_is_in_each_posts_history(held, account, alice, time):
    accounts.release(account, alice, "now", time.now())
    assert {post.changes.get().act for post in held} == {PostChange.Act.RELEASED}


def test_a_paused_post_is_not_released_with_the_others(held, account, alice, time):
    ScheduledPost.objects.filter(pk=held[0].pk).update(hold_reason=HoldReason.PAUSED)
    assert accounts.release(account, alice, "now", time.now()) == 3


def test_nothing_is_released_while_the_account_cannot_publish(held, account, alice, time):
    account.mark("token_expired", "TOKEN_EXPIRED")
    assert accounts.release(account, alice, "now", time.now()) == 0


def test_a_post_that_changes_at_that_moment_does_not_stop_the_release(held, account, alice, time, monkeypatch):
    rows = accounts.held_posts(account)
    held[0].cancel(now=time.now())
    monkeypatch.setattr(accounts, "held_posts", lambda account: rows)
    assert accounts.release(account, alice, "now", time.now()) == 3
    assert ScheduledPost.objects.get(pk=held[0].pk).status == Status.CANCELLED


# --- Disconnecting ----------------------------------------------------------------------------------------------
def test_a_disconnect_holds_revokes_and_forgets(account, plan, alice, time, instagram):
    post, token = plan(), account.token()
    assert accounts.disconnect(account, alice, time.now()) == 1
    account.refresh_from_db()
    post.refresh_from_db()
    assert (account.access_token, account.status) == (Sealed(""), InstagramAccount.Status.DISCONNECTED)
    assert (post.hold_reason, post.wake_at) == (HoldReason.DISCONNECTED, None)
    assert Token.find(token).killed_subcode == 458


def test_a_lost_key_keeps_nobody_from_disconnecting(account, alice, time):
    InstagramAccount.objects.update(access_token=Sealed("gAAAA-not-ours"))
    account.refresh_from_db()
    accounts.disconnect(account, alice, time.now())
    account.refresh_from_db()
    assert (account.access_token, account.status) == (Sealed(""), InstagramAccount.Status.DISCONNECTED)


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_instagram_that_does_not_answer_keeps_nobody_from_disconnecting(account, alice, time, instagram, outage):
    instagram.next_call("any", **OUTAGES[outage])
    accounts.disconnect(account, alice, time.now())
    assert not InstagramAccount.objects.get().access_token


def test_a_disconnected_account_can_come_back(account, alice, time, instagram, bakery, plan, work):
    post = plan(ahead=timedelta(days=1))
    accounts.disconnect(account, alice, time.now())
    finish(alice, instagram.allow(begin(alice), bakery))
    account.refresh_from_db()
    assert accounts.release(account, alice, "leave", time.now()) == 1
    assert work(post).status == Status.PUBLISHED


def test_two_disconnects_are_one(account, alice, time, instagram):
    accounts.disconnect(account, alice, time.now())
    account.refresh_from_db()
    assert accounts.disconnect(account, alice, time.now()) == 0
    assert len([call for call in instagram.calls() if call.method == "DELETE"]) == 1


def test_an_error_of_another_worker_does_not_bring_a_disconnected_account_back(account, alice, time):
    stale = InstagramAccount.objects.get()
    accounts.disconnect(account, alice, time.now())
    stale.mark("token_expired", "TOKEN_EXPIRED")
    assert InstagramAccount.objects.get().status == InstagramAccount.Status.DISCONNECTED


def test_a_worker_in_the_middle_of_it_brings_no_token_back(
    account, alice, time, plan, service, instagram, monkeypatch
):
    post = plan()
    time.comes(post.wake_at)

    read_quota = Client.read_quota

    def meanwhile(client, user_id):
        accounts.disconnect(InstagramAccount.objects.get(), alice, time.now())
        return read_quota(client, user_id)

    monkeypatch.setattr(Client, "read_quota", meanwhile)
    service.publish_post(post)
    row = InstagramAccount.objects.get()
    assert (row.status, row.access_token) == (InstagramAccount.Status.DISCONNECTED, Sealed(""))
    assert not instagram.published()


def test_an_unclear_publish_of_a_disconnected_account_becomes_a_persons_question(
    account, alice, time, plan, work, instagram
):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    accounts.disconnect(account, alice, time.now())
    work(post)
    assert post.can_be_confirmed and post.wake_at is None
    assert Notification.objects.for_user(alice).open().get().kind == "PUBLISH_UNCONFIRMED"


def test_after_a_reconnect_an_unclear_publish_is_looked_into_again(
    account, alice, time, plan, work, instagram, bakery
):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    accounts.disconnect(account, alice, time.now())
    work(post)
    finish(alice, instagram.allow(begin(alice), bakery))
    post.refresh_from_db()
    assert post.wake_at is not None
    work(post)
    assert (post.status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1)


def test_connect_by_hand_is_what_the_other_tests_use(instagram, alice, time, bakery):
    by_hand = connect(instagram, alice, time, "padaria.aurora")
    assert by_hand.pk == finish(alice, instagram.allow(begin(alice), bakery)).account.pk


def test_two_answers_at_one_instant_make_one_account(alice, bakery, instagram, monkeypatch):
    """The second finds no row when it looks, and one when it writes."""
    others = []
    callbacks = [
        instagram.allow(instagram_connecting.start_instagram_login(alice, SESSION), bakery) for _number in range(2)
    ]
    look_up = connecting._known

    def overtaken(*words):
        seen = look_up(*words)
        if not others:
            others.append(True)
            others.append(finish(alice, callbacks[1]))
        return seen

    monkeypatch.setattr(connecting, "_known", overtaken)
    first = finish(alice, callbacks[0])
    assert first.account == others[1].account == InstagramAccount.objects.get()
    assert not first.problem


def test_a_name_of_any_length_fits(account, time):
    account.name, account.facebook_page_name = "ã" * 500, "é" * 500
    account.connect("IGAA-long", 3600, [], time.now())
    account.full_clean(exclude=["access_token", "facebook_user_token"])
    assert (len(account.name), len(account.facebook_page_name)) == (120, 0)
