"""Connecting through Facebook Login: dialog, Pages, picker, and everything that can go wrong on the way."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone, translation

from scheduler import tasks
from scheduler.instagram.facebook_login import FacebookLogin
from scheduler.lib import clock
from scheduler.models import InstagramAccount, Notification, OAuthState, PendingConnection, ScheduledPost
from scheduler.models.pending_connection import LIFETIME
from scheduler.sandbox.models import FacebookToken, Grant, Page, PageRole, Token
from scheduler.services import accounts, connecting, facebook_connecting, instagram_connecting, notices
from scheduler.services.advice import advice_for
from scheduler.services.when import day_date

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

START, SESSION = "/accounts/connect/facebook/", "a-session"
OLD_OR_USED = "This sign-in is too old or was used already. Nothing was changed. Connect again."
DOWN = "Facebook did not answer. Nothing was changed. Connect again in a few minutes."
OFICINA = "oficina.prado"
NEW_KEY = "6Rk0DMi0qzE1iC0hVgOYsHBcPCWW4HkEXPvKZ1Y5EHI="


@pytest.fixture
def alice_in(client, alice, instagram):
    """Return Alice's browser, signed in."""
    client.force_login(alice)
    return client


@pytest.fixture
def marina(instagram):
    """Return somebody with many Pages."""
    return instagram.person("marina")


@pytest.fixture
def rafael(instagram):
    """Return somebody who may publish to @oficina.prado only: two Pages were left to him, one without its rights."""
    person = instagram.person("rafael")
    PageRole.objects.filter(person=person, page=instagram.page("Rádio Litoral")).update(is_lost=True)
    PageRole.objects.filter(person=person, page=instagram.page("Clube de Corrida")).update(is_lost=True)
    return person


def ask(browser, start=START):
    """Press Connect; return the dialog's address."""
    return browser.get(start).headers["Location"]


def back(browser, callback):
    """Open the address Facebook sends the person to; return the page they end on."""
    address = urlsplit(callback)
    return browser.get(f"{address.path}?{address.query}", follow=True)


def said(page):
    return page.text.replace("&#x27;", "'").replace("&quot;", '"')


def begin(user, account=None):
    return facebook_connecting.start_facebook_login(user, SESSION, account)


def finish(user, callback):
    query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    return facebook_connecting.finish_facebook_login(user, SESSION, query)


def connect(user, instagram, person, account=None, **unticked):
    return finish(user, instagram.allow_facebook(begin(user, account), person, **unticked))


def picker_of(answer):
    """Return the picker's address, as the last redirect named it."""
    return answer.redirect_chain[-1][0]


# --- One account ------------------------------------------------------------------------------------------------
def test_allowing_connects_the_only_account(alice_in, instagram, rafael, alice):
    page = back(alice_in, instagram.allow_facebook(ask(alice_in), rafael))
    account = InstagramAccount.objects.for_user(alice).get()
    assert "@oficina.prado is connected." in page.text
    profile, home = instagram.profile(OFICINA), instagram.page("Oficina Prado")
    assert (account.login, account.instagram_user_id) == ("facebook", profile.user_id)
    assert (account.facebook_page_id, account.facebook_page_name) == (home.graph_id, "Oficina Prado")
    assert account.facebook_user_id == rafael.graph_id
    assert account.can_publish and account.timezone == alice.timezone


def test_page_and_user_token_are_kept_apart_and_sealed(alice, instagram, rafael):
    account = connect(alice, instagram, rafael).account
    page_token, user_token = FacebookToken.find(account.token()), FacebookToken.find(account.user_token())
    assert page_token.page == instagram.page("Oficina Prado") and user_token.page is None
    assert user_token.is_long and page_token.expires_at is None
    assert account.access_token.ciphertext.startswith("gAAAA")
    assert account.facebook_user_token.ciphertext.startswith("gAAAA")


def test_both_clocks_are_kept_and_data_access_is_the_one_that_ends_it(alice, instagram, rafael):
    account, now = connect(alice, instagram, rafael).account, clock.now()
    assert timedelta(days=59) < account.token_expires_at - now <= timedelta(days=60)
    assert timedelta(days=89) < account.data_access_expires_at - now <= timedelta(days=90)
    assert account.ends_at == account.data_access_expires_at


def test_the_persons_return_to_where_they_were(alice_in, instagram, rafael):
    page = back(alice_in, instagram.allow_facebook(ask(alice_in, f"{START}?next=/posts/new/"), rafael))
    assert page.redirect_chain == [("/posts/new/#main", 302)]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/" + "x" * 400]
)
def test_nobody_is_led_elsewhere(alice_in, instagram, rafael, elsewhere):
    address = ask(alice_in, f"{START}?{urlencode({'next': elsewhere})}")
    assert (
        back(alice_in, instagram.allow_facebook(address, rafael))
        .redirect_chain[0][0]
        .startswith("/accounts/#account-")
    )


def test_comments_need_the_right_to_moderate(alice, instagram, rafael):
    PageRole.objects.filter(person=rafael).update(tasks=["CREATE_CONTENT"])
    account = connect(alice, instagram, rafael).account
    assert account.can_publish and not account.can_comment


def test_without_the_permission_for_comments_an_account_can_still_publish(alice, instagram, rafael):
    account = connect(alice, instagram, rafael, without=("instagram_manage_comments",)).account
    assert account.can_publish and not account.can_comment


# --- Publishing through it --------------------------------------------------------------------------------------
@pytest.mark.parametrize("start", [START, f"{START}?next=/posts/"])
def test_the_tail_that_facebook_sends_along_ends_with_the_first_page(alice_in, instagram, rafael, start):
    page = back(alice_in, instagram.allow_facebook(ask(alice_in, start), rafael))
    address, mark, place = page.redirect_chain[-1][0].partition("#")
    assert address in start + "/accounts/" and mark and f'id="{place}"' in page.text


@pytest.fixture
def account(alice, instagram, rafael):
    return connect(alice, instagram, rafael).account


def test_an_account_behind_a_page_publishes_with_its_first_comment(account, plan, work, instagram):
    post = work(plan(first_comment="More at the shop"))
    assert post.status == "published" and post.permalink and post.first_comment_id
    live = instagram.published(instagram.profile(OFICINA))
    assert len(live) == 1 and len(instagram.comments(live[0])) == 1


def test_only_the_pages_token_publishes(account, plan, work, instagram):
    work(plan())
    hosts = {call.host for call in instagram.calls() if call.path.endswith(("media", "media_publish"))}
    assert hosts == {"graph.facebook.com"}
    assert instagram.publish_calls()


def test_a_page_that_facebook_wants_authorized_says_so(alice_in, account, plan, work):
    Page.objects.filter(graph_id=account.facebook_page_id).update(needs_authorization=True)
    post = work(plan())
    account.refresh_from_db()
    assert (post.hold_reason, account.status_reason) == ("restricted", "PAGE_AUTHORIZATION")
    for address in (f"/posts/{post.pk}/", "/accounts/", "/notifications/"):
        text = said(alice_in.get(address))
        assert "Complete its publishing authorization" in text and "give permission to publish" not in text
    assert advice_for(post, clock.now()).helps == "reconnect"


def test_a_role_on_the_page_that_was_lost_says_who_can_help(account, plan, work, rafael):
    PageRole.objects.filter(person=rafael).update(is_lost=True)
    post = work(plan())
    assert "Ask somebody with full control of it" in advice_for(post, clock.now()).why


def test_the_quota_is_read_through_facebook(account, plan, work):
    work(plan())
    account.refresh_from_db()
    assert account.quota_checked_at and account.quota_total


@pytest.mark.parametrize(("code", "subcode"), [(10, None), (200, None), (100, 33)])
def test_a_read_that_the_pages_token_is_refused_is_asked_with_the_users(
    account, plan, work, instagram, code, subcode
):
    instagram.next_call("status", code=code, subcode=subcode)
    post = work(plan())
    account.refresh_from_db()
    assert post.status == "published" and account.can_publish
    assert len(instagram.published()) == 1


def test_a_publish_call_is_never_asked_with_the_other_token(account, plan, work, instagram):
    instagram.next_call("publish", code=200)
    post = work(plan())
    assert len(instagram.publish_calls()) == 1
    assert post.hold_reason == "permission"


def test_a_users_token_that_ran_out_ends_nothing(account, plan, work, instagram):
    FacebookToken.objects.filter(page=None).update(killed_subcode=463)
    instagram.next_call("status", code=200)
    post = work(plan(), until=lambda post: post.hold_reason)
    account.refresh_from_db()
    assert (post.hold_reason, account.status_reason) == ("permission", "PERMISSION_DENIED")


# --- Nothing to connect, by cause -------------------------------------------------------------------------------
def test_denying_changes_nothing(alice_in, instagram):
    page = back(alice_in, instagram.deny_facebook(ask(alice_in)))
    assert "You didn't allow the connection, so nothing was changed." in said(page)
    assert not InstagramAccount.objects.exists() and not FacebookToken.objects.exists()


@pytest.mark.parametrize(
    "trouble", [{"error": "server_error"}, {"error_code": "1349187", "error_message": "App off"}]
)
def test_a_dialog_that_broke_off_is_not_taken_for_a_no(alice, instagram, trouble):
    state = parse_qs(urlsplit(begin(alice)).query)["state"][0]
    told = facebook_connecting.finish_facebook_login(alice, SESSION, {"state": state, **trouble})
    assert told.problem.startswith("Facebook stopped the sign-in.")


UNTICKED = {
    "instagram_basic": "seeing the Instagram account",
    "instagram_content_publish": "publishing posts",
    "pages_show_list": "seeing the list of Pages",
    "pages_read_engagement": "reading the Pages",
}


@pytest.mark.parametrize("name", UNTICKED)
def test_a_needed_permission_that_was_unticked_is_named_in_plain_words(alice, instagram, rafael, name):
    told = connect(alice, instagram, rafael, without=(name,))
    assert f"Missing: {UNTICKED[name]}." in told.problem and "leave every option on" in told.problem
    assert not InstagramAccount.objects.exists() and not PendingConnection.objects.exists()


def test_a_page_that_was_ticked_off_is_said(alice, instagram, rafael):
    told = connect(alice, instagram, rafael, without_pages=(instagram.page("Oficina Prado"),))
    assert told.problem.startswith("No Facebook Page was ticked.")


def test_an_account_that_was_ticked_off_is_said_with_its_page(alice, instagram, rafael):
    told = connect(alice, instagram, rafael, without_accounts=(instagram.profile(OFICINA),))
    assert told.problem.startswith("Oficina Prado: This Page has no Instagram professional account, or")


def test_a_person_without_any_page_is_told_of_the_other_way(alice, instagram, rafael, monkeypatch):
    monkeypatch.setattr(FacebookLogin, "find_pages", lambda login, token, **words: [])
    told = connect(alice, instagram, rafael)
    assert told.problem.startswith("Facebook knows no Page that you manage.")
    assert "connect with Instagram" in told.problem


def test_a_page_on_which_one_may_not_publish_is_said(alice, instagram, rafael):
    PageRole.objects.filter(person=rafael).update(tasks=["ANALYZE"])
    told = connect(alice, instagram, rafael)
    assert told.problem.startswith("Oficina Prado: You may not publish on this Page.")
    assert not InstagramAccount.objects.exists()


def test_a_role_that_was_lost_meanwhile_is_said(alice, instagram, rafael, monkeypatch):
    monkeypatch.setattr(FacebookLogin, "read_page_token", lambda login, page_id, token: "")
    assert connect(alice, instagram, rafael).problem.startswith("You may not publish on this Page.")
    assert not InstagramAccount.objects.exists()


# --- State and code ---------------------------------------------------------------------------------------------
def test_a_state_is_good_once(alice_in, instagram, rafael):
    callback = instagram.allow_facebook(ask(alice_in), rafael)
    back(alice_in, callback)
    assert OLD_OR_USED in said(back(alice_in, callback))
    assert InstagramAccount.objects.get().can_publish


def test_somebody_elses_state_is_worth_nothing(alice_in, instagram, rafael, charlie):
    theirs = Browser()
    theirs.force_login(charlie)
    callback = instagram.allow_facebook(ask(alice_in), rafael)
    assert OLD_OR_USED in said(back(theirs, callback))
    assert not InstagramAccount.objects.exists()


def test_another_browser_of_the_same_person_is_another_session(alice_in, instagram, rafael, alice):
    other = Browser()
    other.force_login(alice)
    assert OLD_OR_USED in said(back(other, instagram.allow_facebook(ask(alice_in), rafael)))
    assert not InstagramAccount.objects.exists()


def test_a_state_of_one_login_does_not_end_the_other(alice, instagram, rafael):
    callback = instagram.allow_facebook(begin(alice), rafael)
    query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    assert instagram_connecting.finish_instagram_login(alice, SESSION, query).problem == OLD_OR_USED
    state = parse_qs(urlsplit(instagram_connecting.start_instagram_login(alice, SESSION)).query)["state"][0]
    assert facebook_connecting.finish_facebook_login(alice, SESSION, query | {"state": state}).problem == OLD_OR_USED


def test_a_state_lasts_a_quarter_of_an_hour(alice, instagram, rafael, monkeypatch):
    callback, began = instagram.allow_facebook(begin(alice), rafael), clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=16))
    assert finish(alice, callback).problem == OLD_OR_USED


def test_a_code_that_was_used_before_changes_nothing(alice, instagram, rafael):
    callback = instagram.allow_facebook(begin(alice), rafael)
    finish(alice, callback)
    code = parse_qs(urlsplit(callback).query)["code"][0]
    state = parse_qs(urlsplit(begin(alice)).query)["state"][0]
    told = facebook_connecting.finish_facebook_login(alice, SESSION, {"state": state, "code": code})
    assert told.problem.startswith("Facebook refused this sign-in")
    assert InstagramAccount.objects.count() == 1


@pytest.mark.parametrize("code", ["", "#_=_"])
def test_an_answer_without_a_code_changes_nothing(alice, instagram, code):
    state = parse_qs(urlsplit(begin(alice)).query)["state"][0]
    told = facebook_connecting.finish_facebook_login(alice, SESSION, {"state": state, "code": code})
    assert "had no code in it" in told.problem


def test_a_wrong_app_secret_is_the_operators_to_mend(alice, instagram, rafael, monkeypatch):
    callback, real = instagram.allow_facebook(begin(alice), rafael), facebook_connecting.facebook_login

    def wrong():
        login = real()
        login._app_secret = "not-it"
        return login

    monkeypatch.setattr(facebook_connecting, "facebook_login", wrong)
    assert "must check the app id and secret" in finish(alice, callback).problem


CALLS = ["exchange_code", "exchange_for_long_lived", "inspect", "read_permissions", "find_pages", "read_page_token"]
OUTAGES = {
    "dropped": {"play": "drop"},
    "slow": {"play": "slow", "seconds": 60},
    "down": {"play": "server_error"},
    "a page instead": {"play": "html"},
    "half an answer": {"play": "truncated"},
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("outage", OUTAGES)
def test_when_facebook_is_down_nothing_is_changed(alice, instagram, rafael, monkeypatch, call, outage):
    real = getattr(FacebookLogin, call)

    def just_now(*words, **more):
        instagram.next_call("any", **OUTAGES[outage])
        return real(*words, **more)

    monkeypatch.setattr(FacebookLogin, call, just_now)
    assert connect(alice, instagram, rafael).problem == DOWN
    assert not InstagramAccount.objects.exists() and not PendingConnection.objects.exists()


def test_a_token_that_is_dead_at_once_changes_nothing(alice, instagram, rafael, monkeypatch):
    real = FacebookLogin.inspect

    def killed(login, token):
        FacebookToken.objects.update(killed_subcode=458)
        return real(login, token)

    monkeypatch.setattr(FacebookLogin, "inspect", killed)
    assert connect(alice, instagram, rafael).problem
    assert not InstagramAccount.objects.exists()


def test_a_malformed_key_is_said_before_the_code_is_spent(alice_in, instagram, rafael, settings):
    callback = instagram.allow_facebook(ask(alice_in), rafael)
    settings.FERNET_KEYS = ["short"]
    assert "FERNET_KEY is missing" in said(back(alice_in, callback))
    assert not FacebookToken.objects.exists()


# --- The picker -------------------------------------------------------------------------------------------------
@pytest.fixture
def picker(alice_in, instagram, marina):
    """Return the picker's page after Marina's sign-in."""
    return back(alice_in, instagram.allow_facebook(ask(alice_in), marina))


BAKERY, STUDIO, BOOKS, ATELIER = "padaria.aurora", "estudio.lume", "livraria.maresia", "atelie.ipe"


def test_several_accounts_are_shown_to_pick_from(picker):
    assert picker.status_code == 200 and picker_of(picker).startswith(START)
    for words in ("@padaria.aurora", "@estudio.lume", "Page Padaria Aurora", "Bazar da Praça"):
        assert words in picker.text
    assert not InstagramAccount.objects.exists()


def test_accounts_of_a_business_are_among_them(picker):
    assert "@livraria.maresia" in picker.text and "@atelie.ipe" in picker.text


def test_without_the_permission_for_businesses_the_others_are_found_all_the_same(alice, instagram, marina):
    pending = connect(alice, instagram, marina, without=("business_management",)).pending
    names = {choice.username for choice in facebook_connecting.choices_in(pending) if choice.can_pick}
    assert names == {BAKERY, STUDIO}


def test_an_account_behind_a_businesss_page_publishes(alice, instagram, marina, plan, work):
    pending = connect(alice, instagram, marina).pending
    (account,) = facebook_connecting.pick(pending, [instagram.profile(BOOKS).user_id]).accounts
    assert work(plan(whose=account)).status == "published"


def test_a_businesss_page_without_the_permission_for_its_ads_says_what_helps(alice_in, instagram, marina):
    text = said(back(alice_in, instagram.allow_facebook(ask(alice_in), marina, without=("ads_read",))))
    assert text.count("Facebook also asks for the permission to read the ads.") == 2
    assert text.count('type="checkbox"') == 2


def test_pages_of_businesses_that_are_missing_are_told(alice_in, picker, instagram, marina):
    assert "Pages that belong to a business" not in picker.text
    page = back(alice_in, instagram.allow_facebook(ask(alice_in), marina, without=("business_management",)))
    assert "Pages that belong to a business are missing" in page.text


def test_an_account_that_is_left_unticked_later_is_told_as_lost(alice_in, alice, instagram, marina, picker):
    bakery, studio = instagram.profile(BAKERY), instagram.profile(STUDIO)
    alice_in.post(picker_of(picker), {"account": [bakery.user_id, studio.user_id]})
    page = back(alice_in, instagram.allow_facebook(ask(alice_in), marina, without_accounts=(bakery,)))
    assert "@padaria.aurora was left unticked at Facebook" in page.text and "@estudio.lume was" not in page.text
    page = back(
        alice_in, instagram.allow_facebook(ask(alice_in), marina, without_pages=(instagram.page("Estúdio Lume"),))
    )
    assert "@estudio.lume was left unticked at Facebook" in page.text and "@padaria.aurora was" not in page.text


def test_what_somebody_else_connected_is_none_of_a_persons_unticking(alice, charlie, instagram, rafael, marina):
    connect(alice, instagram, rafael)
    assert connect(charlie, instagram, rafael, without_accounts=(instagram.profile(OFICINA),)).left_out == []
    assert connect(alice, instagram, marina).left_out == []


def test_nothing_is_ticked_beforehand(picker):
    assert 'type="checkbox"' in picker.text and not re.search(r'type="checkbox"[^>]*checked', picker.text)


def test_what_cannot_be_picked_has_no_box_and_a_reason(picker, instagram):
    assert (
        said(picker).count("This Page has no Instagram professional account, or the account was left unticked.") == 2
    )
    assert picker.text.count('type="checkbox"') == 4


def test_a_missing_right_is_shown_beside_what_can_be_picked(alice_in, instagram, marina):
    page = instagram.page("Estúdio Lume")
    PageRole.objects.filter(person=marina, page=page).update(tasks=["ANALYZE", "MODERATE"])
    text = said(back(alice_in, instagram.allow_facebook(ask(alice_in), marina)))
    assert "You may not publish on this Page." in text and text.count('type="checkbox"') == 3


def test_what_is_picked_is_connected_and_nothing_else(alice_in, picker, instagram):
    ids = [instagram.profile(name).user_id for name in (BAKERY, ATELIER)]
    page = alice_in.post(picker_of(picker), {"account": ids}, follow=True)
    assert page.redirect_chain[0][0].startswith("/accounts/#account-")
    connected = InstagramAccount.objects.all()
    assert {account.instagram_username for account in connected} == {BAKERY, ATELIER}
    assert all(
        FacebookToken.find(account.token()).page.profile.username == account.instagram_username
        for account in connected
    )
    assert "Connected: @atelie.ipe, @padaria.aurora." in page.text


def test_nothing_picked_asks_again(alice_in, picker):
    page = alice_in.post(picker_of(picker), {})
    assert page.status_code == 422 and "Tick at least one account." in page.text
    assert PendingConnection.objects.exists()


def test_a_pick_is_good_once(alice_in, picker, instagram):
    ids = [instagram.profile(BAKERY).user_id]
    alice_in.post(picker_of(picker), {"account": ids})
    page = alice_in.post(picker_of(picker), {"account": [instagram.profile(STUDIO).user_id]}, follow=True)
    assert OLD_OR_USED in said(page)
    assert InstagramAccount.objects.count() == 1 and not PendingConnection.objects.exists()


def test_connecting_none_forgets_the_token(alice_in, picker):
    page = alice_in.post(picker_of(picker), {"cancel": "1"}, follow=True)
    assert page.redirect_chain == [("/accounts/#main", 302)]
    assert not PendingConnection.objects.exists() and not InstagramAccount.objects.exists()


def test_what_was_not_offered_cannot_be_picked(alice_in, picker, instagram, marina):
    strangers = [instagram.profile(OFICINA).user_id, "", "no-such-id", "1' OR 1=1"]
    page = alice_in.post(picker_of(picker), {"account": strangers}, follow=True)
    assert not InstagramAccount.objects.exists() and picker_of(page) == picker_of(picker)


def test_what_cannot_be_picked_is_not_connected_by_its_id_either(alice_in, instagram, marina):
    PageRole.objects.filter(person=marina, page=instagram.page("Estúdio Lume")).update(tasks=["ANALYZE"])
    picker = back(alice_in, instagram.allow_facebook(ask(alice_in), marina))
    alice_in.post(picker_of(picker), {"account": [instagram.profile(STUDIO).user_id]})
    assert not InstagramAccount.objects.exists()


def test_a_stranger_cannot_use_a_picker(picker, charlie, instagram):
    theirs = Browser()
    theirs.force_login(charlie)
    for page in (
        theirs.get(picker_of(picker), follow=True),
        theirs.post(picker_of(picker), {"account": [instagram.profile(BAKERY).user_id]}, follow=True),
    ):
        assert OLD_OR_USED in said(page) and "@padaria.aurora" not in page.text
    assert not InstagramAccount.objects.exists() and PendingConnection.objects.exists()


def test_another_browser_of_the_same_person_cannot_use_a_picker(picker, alice, instagram):
    other = Browser()
    other.force_login(alice)
    other.post(picker_of(picker), {"account": [instagram.profile(BAKERY).user_id]})
    assert not InstagramAccount.objects.exists()


def test_who_is_not_signed_in_is_asked_to(picker):
    assert Browser().get(picker_of(picker)).headers["Location"].startswith("/login/")


def test_a_picker_lasts_a_quarter_of_an_hour_and_its_token_is_forgotten(alice_in, picker, monkeypatch):
    began = clock.now()
    monkeypatch.setattr(clock, "now", lambda: began + LIFETIME + timedelta(seconds=1))
    assert OLD_OR_USED in said(alice_in.get(picker_of(picker), follow=True))
    assert not PendingConnection.objects.exists()


def test_a_picker_that_nobody_comes_back_to_is_forgotten_within_a_minute(picker):
    PendingConnection.objects.update(created_at=clock.now() - LIFETIME)
    tasks.process_pending_posts()
    assert not PendingConnection.objects.exists()


def test_when_facebook_is_down_at_the_pick_one_can_pick_again(alice_in, picker, instagram):
    ids = {"account": [instagram.profile(BAKERY).user_id]}
    instagram.next_call("any", "server_error")
    page = alice_in.post(picker_of(picker), ids, follow=True)
    assert f"@padaria.aurora: {DOWN}" in said(page) and picker_of(page) == picker_of(picker)
    assert "@padaria.aurora is connected." in alice_in.post(picker_of(picker), ids, follow=True).text


def test_one_that_fails_does_not_keep_the_others_out(alice_in, picker, instagram):
    ids = {"account": [instagram.profile(name).user_id for name in (BAKERY, STUDIO)]}
    instagram.next_call("any", "server_error")
    page = said(alice_in.post(picker_of(picker), ids, follow=True))
    assert InstagramAccount.objects.count() == 1 and DOWN in page and "is connected." in page


def test_a_picker_leads_back_to_where_one_was(alice_in, instagram, marina):
    picker = back(alice_in, instagram.allow_facebook(ask(alice_in, f"{START}?next=/posts/new/"), marina))
    page = alice_in.post(picker_of(picker), {"account": [instagram.profile(BAKERY).user_id]}, follow=True)
    assert page.redirect_chain == [("/posts/new/#main", 302)]


def test_what_is_connected_already_is_said_in_the_picker(alice_in, alice, instagram, marina, time):
    finish_by_instagram(alice, instagram, BAKERY)
    assert "Connected already." in back(alice_in, instagram.allow_facebook(ask(alice_in), marina)).text


def test_the_key_at_hand_was_lost_meanwhile(alice_in, picker, instagram, settings):
    settings.FERNET_KEYS = [NEW_KEY]
    page = alice_in.post(picker_of(picker), {"account": [instagram.profile(BAKERY).user_id]}, follow=True)
    assert "FERNET_KEY is missing" in said(page) and not InstagramAccount.objects.exists()


def test_a_change_of_keys_takes_an_open_picker_along(alice_in, picker, instagram, settings):
    settings.FERNET_KEYS = [NEW_KEY, *settings.FERNET_KEYS]
    call_command("rotate_keys")
    settings.FERNET_KEYS = [NEW_KEY]
    alice_in.post(picker_of(picker), {"account": [instagram.profile(BAKERY).user_id]})
    assert InstagramAccount.objects.get().can_publish


# --- Reconnecting, and changing the login -----------------------------------------------------------------------
def finish_by_instagram(user, instagram, username, account=None):
    address = instagram_connecting.start_instagram_login(user, SESSION, account)
    callback = instagram.allow(address, instagram.profile(username))
    query = {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}
    return instagram_connecting.finish_instagram_login(user, SESSION, query).account


def test_a_reconnect_picks_by_itself_and_heals(alice_in, account, instagram, rafael, time):
    account.mark("token_expired", "TOKEN_EXPIRED")
    notices.tell_about_account(account, "TOKEN_EXPIRED", time.now())
    PageRole.objects.filter(person=rafael).update(is_lost=False)  # there are others again
    back(alice_in, instagram.allow_facebook(ask(alice_in, f"{START}?account={account.pk}"), rafael))
    healed = InstagramAccount.objects.get()
    assert (healed.pk, healed.can_publish) == (account.pk, True)
    assert not Notification.objects.open().exists()


def test_a_reconnect_with_somebody_else_changes_nothing(alice, account, instagram, marina):
    sealed = account.access_token
    told = connect(alice, instagram, marina, account)
    assert (
        told.problem.startswith("Facebook showed @")
        and "and 1 more, but not @oficina.prado. Nothing was changed." in told.problem
    )
    account.refresh_from_db()
    assert account.access_token == sealed and not PendingConnection.objects.exists()
    assert InstagramAccount.objects.count() == 1


def test_a_reconnect_without_the_right_changes_nothing(alice, account, instagram, rafael):
    sealed = account.access_token
    PageRole.objects.filter(person=rafael, is_lost=False).update(tasks=["ANALYZE"])
    assert "You may not publish on this Page." in connect(alice, instagram, rafael, account).problem
    account.refresh_from_db()
    assert account.access_token == sealed


def test_a_strangers_account_is_not_reconnected(account, charlie):
    theirs = Browser()
    theirs.force_login(charlie)
    assert theirs.get(f"{START}?account={account.pk}").status_code == 404


def test_facebook_takes_over_what_came_by_instagram(alice, instagram, rafael):
    first = finish_by_instagram(alice, instagram, OFICINA)
    old = first.token()
    account = connect(alice, instagram, rafael).account
    assert (account.pk, account.login, account.app_scoped_id) == (first.pk, "facebook", "")
    assert account.account_type == first.account_type
    assert Token.find(old).killed_subcode is not None


def test_instagram_takes_over_what_came_by_facebook(alice, instagram, account):
    again = finish_by_instagram(alice, instagram, OFICINA, account)
    assert (again.pk, again.login) == (account.pk, "instagram")
    kept = (again.facebook_page_id, again.facebook_page_name, again.facebook_user_id, again.data_access_expires_at)
    assert kept == ("", "", "", None) and not again.facebook_user_token
    assert not Grant.objects.exists()
    assert again.ends_at == again.token_expires_at


def test_a_change_of_login_prepares_the_posts_anew(alice, instagram, account, plan, work):
    post = work(plan(), until=lambda post: post.container_id)
    finish_by_instagram(alice, instagram, OFICINA, account)
    post.refresh_from_db()
    assert (post.container_id, post.claimed_by) == ("", "")
    assert work(post).status == "published" and len(instagram.published()) == 1


def test_a_reconnect_by_the_same_login_keeps_what_was_prepared(alice, instagram, account, plan, work, rafael):
    post = work(plan(), until=lambda post: post.container_id)
    connect(alice, instagram, rafael, account)
    post.refresh_from_db()
    assert post.container_id


def test_two_answers_at_one_instant_make_one_account(alice, instagram, rafael, monkeypatch):
    """The second finds no row when it looks, and one when it writes."""
    others, look_up = [], connecting._known
    callbacks = [instagram.allow_facebook(begin(alice), rafael) for _number in range(2)]

    def overtaken(*words):
        seen = look_up(*words)
        if not others:
            others.append(True)
            others.append(finish(alice, callbacks[1]))
        return seen

    monkeypatch.setattr(connecting, "_known", overtaken)
    first = finish(alice, callbacks[0])
    assert first.account == others[1].account == InstagramAccount.objects.get()


# --- Disconnecting ----------------------------------------------------------------------------------------------
def test_a_disconnect_takes_the_permission_back(account, alice, time):
    accounts.disconnect(account, alice, time.now())
    assert not Grant.objects.exists()
    assert not account.access_token and not account.facebook_user_token
    assert account.data_access_expires_at is None


def test_a_disconnect_leaves_the_other_pages_of_the_person_alone(alice_in, picker, instagram, alice, time):
    ids = [instagram.profile(name).user_id for name in (BAKERY, STUDIO)]
    alice_in.post(picker_of(picker), {"account": ids})
    accounts.disconnect(InstagramAccount.objects.get(instagram_username=BAKERY), alice, time.now())
    assert Grant.objects.exists()
    accounts.disconnect(InstagramAccount.objects.get(instagram_username=STUDIO), alice, time.now())
    assert not Grant.objects.exists()


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_disconnect_works_while_facebook_is_down(account, alice, time, instagram, outage):
    instagram.next_call("any", times=9, **OUTAGES[outage])
    accounts.disconnect(account, alice, time.now())
    assert InstagramAccount.objects.get().status == InstagramAccount.Status.DISCONNECTED


# --- What may be connected how ----------------------------------------------------------------------------------
def test_both_ways_are_offered_in_the_sandbox(alice_in):
    page = alice_in.get("/accounts/").text
    assert "Connect with Instagram" in page and "Connect with Facebook" in page


@pytest.mark.parametrize(("missing", "shown"), [("FACEBOOK", "Instagram"), ("INSTAGRAM", "Facebook")])
def test_a_way_that_is_not_set_up_is_not_offered(alice_in, settings, missing, shown):
    setattr(settings, f"{missing}_APP_SECRET", "")
    page = alice_in.get("/accounts/").text
    assert f"Connect with {shown}" in page and f"Connect with {missing.title()}" not in page


def test_a_way_that_is_not_set_up_says_what_is_missing(alice_in, settings):
    settings.FACEBOOK_APP_ID = ""
    page = alice_in.get(START, follow=True)
    assert "FACEBOOK_APP_ID and FACEBOOK_APP_SECRET" in page.text and not OAuthState.objects.exists()


def test_without_any_app_the_page_says_whose_it_is_to_set_up(alice_in, settings):
    settings.FACEBOOK_APP_ID = settings.INSTAGRAM_APP_ID = ""
    page = alice_in.get("/accounts/").text
    assert "Connecting is not set up here yet." in page and "Connect with" not in page


def test_a_card_says_by_which_login_and_page(alice_in, account):
    page = alice_in.get("/accounts/").text
    assert "Facebook, Page Oficina Prado" in page
    assert f"{START}?account={account.pk}" in page


def test_a_card_leads_to_the_way_that_is_left(alice_in, account, settings):
    settings.FACEBOOK_APP_ID = ""
    assert f"/accounts/connect/instagram/?account={account.pk}" in alice_in.get("/accounts/").text


def test_a_card_warns_before_the_access_to_data_ends(alice_in, account, plan):
    soon = clock.now() + timedelta(days=3)
    InstagramAccount.objects.update(data_access_expires_at=soon)
    ScheduledPost.objects.filter(pk=plan(ahead=timedelta(days=5), whose=account).pk)
    assert "1 post is planned after that." in alice_in.get("/accounts/").text


def test_a_users_token_that_ends_first_warns_nobody(alice_in, account, plan):
    InstagramAccount.objects.update(token_expires_at=clock.now() + timedelta(days=3))
    plan(ahead=timedelta(days=5), whose=account)
    assert "planned after that" not in alice_in.get("/accounts/").text


RENEWALS = [
    (60, 90, 60, "Nothing renews a Facebook sign-in by itself: reconnect by {}."),
    (10, 40, 10, "Nothing renews a Facebook sign-in by itself: reconnect by {}."),
    (-1, 29, -1, "The Facebook sign-in ended on {}. Reconnect:"),
    (None, 90, 90, "Nothing renews a Facebook sign-in by itself: reconnect by {}."),
    (60, None, 60, "Nothing renews a Facebook sign-in by itself: reconnect by {}."),
    (60, 30, 30, "Nothing renews a Facebook sign-in by itself: reconnect by {}."),
]


def days_ahead(days):
    return None if days is None else clock.now() + timedelta(days=days)


@pytest.mark.parametrize(("token", "data", "first", "words"), RENEWALS)
def test_a_card_says_when_to_sign_in_with_facebook_again(alice_in, account, token, data, first, words):
    InstagramAccount.objects.update(token_expires_at=days_ahead(token), data_access_expires_at=days_ahead(data))
    text = alice_in.get("/accounts/").text
    with timezone.override(account.user.timezone):  # the page's clock: by night the day is another one than in UTC
        assert words.format(day_date(days_ahead(first))) in text
        assert day_date(InstagramAccount.objects.get().ends_at) in text  # until when it can publish
    assert ("data-soon" in text) is (first < 14)


@pytest.mark.parametrize(
    "facts",
    [
        {"login": "instagram"},
        {"token_expires_at": None, "data_access_expires_at": None},
        {"status": "token_expired"},
        {"data_access_expires_at": timedelta(days=3)},  # the banner says that
    ],
)
def test_a_card_that_has_nothing_to_say_of_it_is_silent(alice_in, account, facts):
    given = {name: clock.now() + value if isinstance(value, timedelta) else value for name, value in facts.items()}
    InstagramAccount.objects.update(**given)
    assert "renewal" not in alice_in.get("/accounts/").text


def test_a_card_does_not_count_to_nought(alice_in, account):
    InstagramAccount.objects.update(data_access_expires_at=days_ahead(3))
    text = alice_in.get("/accounts/").text
    assert "Nothing is planned after that." in text and "0 posts" not in text


@pytest.mark.parametrize("ends", [(60, 90), (-1, 29), (10, 3)])
def test_no_sentence_in_portuguese_ends_twice(alice_in, alice, account, ends):
    type(alice).objects.update(language="pt-br")
    token, data = (days_ahead(days) for days in ends)
    InstagramAccount.objects.update(token_expires_at=token, data_access_expires_at=data)
    with translation.override("en"):  # the page's language ends with it
        text = alice_in.get("/accounts/").text
    assert ".." not in re.sub(r"<[^>]+>", "", text)
    assert "de novo login" in text or "login do Facebook" in text
