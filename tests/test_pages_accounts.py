"""The accounts page: cards, connecting over the sandbox's consent page, disconnecting, releasing."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from scheduler.instagram import client as instagram_client
from scheduler.lib import clock
from scheduler.models import InstagramAccount, OAuthState, ScheduledPost
from tests.sandbox.world import Sandbox

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


def test_without_an_account_the_page_says_how_to_begin(alice_in):
    page = alice_in.get("/accounts/").text
    assert "Connect an Instagram professional account to start publishing." in page
    assert "Personal accounts can't be connected" in page


def test_a_card_says_how_much_room_is_left(alice_in, make_account):
    make_account(quota_usage=21, quota_total=50, quota_checked_at=clock.now())
    page = alice_in.get("/accounts/").text
    assert "21 of 25 posts in 24 h" in page
    assert 'data-level="near"' in page


def test_a_card_names_the_next_post(alice_in, make_post):
    make_post(at=clock.now() + timedelta(days=1), now=clock.now())
    assert "Tomorrow" in alice_in.get("/accounts/").text


def test_a_card_warns_of_posts_after_the_sign_in_ends(alice_in, make_account, make_post):
    account = make_account(token_expires_at=clock.now() + timedelta(days=3))
    make_post(account=account, at=clock.now() + timedelta(days=5), now=clock.now())
    assert "1 post is planned after that." in alice_in.get("/accounts/").text


def test_a_broken_connection_is_said_with_the_act_that_helps(alice_in, make_account):
    account = make_account(status="token_expired", status_reason="TOKEN_EXPIRED")
    page = alice_in.get("/accounts/").text
    assert "Reconnect needed" in page
    assert f"/accounts/connect/instagram/?account={account.pk}" in page


def test_somebody_elses_account_is_not_there(client, charlie, make_account):
    account = make_account()
    client.force_login(charlie)
    assert account.instagram_username not in client.get("/accounts/").text
    assert client.get(f"/accounts/connect/instagram/?account={account.pk}").status_code == 404
    assert client.post(reverse("account-disconnect", args=[account.pk])).status_code == 404
    assert client.post(reverse("account-release", args=[account.pk])).status_code == 404


def test_many_accounts_cost_no_more_queries(alice_in, make_account, make_post, django_assert_max_num_queries):
    for _ in range(2):
        make_post(account=make_account(), at=clock.now() + timedelta(days=1), now=clock.now())
    with django_assert_max_num_queries(8) as few:
        alice_in.get("/accounts/")
    for _ in range(10):
        make_post(account=make_account(), at=clock.now() + timedelta(days=1), now=clock.now())
    with django_assert_max_num_queries(len(few)):
        alice_in.get("/accounts/")


def test_connecting_leads_to_the_consent_page(alice_in):
    answer = alice_in.get("/accounts/connect/instagram/")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["redirect_uri"] == ["http://testserver/accounts/callback/instagram/"]
    assert OAuthState.objects.count() == 1


def test_connecting_is_a_get_link(alice_in):
    assert alice_in.post("/accounts/connect/instagram/").status_code == 405


@pytest.fixture
def instagram(db, monkeypatch):
    world = Sandbox()
    monkeypatch.setattr(instagram_client, "shared_session", lambda: world.session)
    return world


def come_back(browser, instagram, profile, start="/accounts/connect/instagram/", **options):
    """Pass the consent page and open the address it sends the person back to."""
    asked = browser.get(start).headers["Location"]
    callback = urlsplit(instagram.allow(asked, profile, **options))
    return browser.get(f"{callback.path}?{callback.query}", follow=True)


def test_allowing_connects_the_account(alice_in, instagram):
    answer = come_back(alice_in, instagram, instagram.profile("padaria.aurora"))
    assert answer.redirect_chain[0][0].startswith("/accounts/#account-")
    assert "@padaria.aurora is connected." in answer.text
    assert InstagramAccount.objects.get().can_publish


def test_a_reconnect_leads_back_to_where_one_was(alice_in, instagram):
    profile = instagram.profile("padaria.aurora")
    come_back(alice_in, instagram, profile)
    start = f"/accounts/connect/instagram/?account={InstagramAccount.objects.get().pk}&next=/posts/"
    assert come_back(alice_in, instagram, profile, start).redirect_chain == [("/posts/#main", 302)]


def test_a_personal_account_is_told_what_to_do(alice_in, instagram):
    answer = come_back(alice_in, instagram, instagram.profile("joana.pessoal"))
    assert "Personal accounts can&#x27;t be connected." in answer.text
    assert not InstagramAccount.objects.exists()


def test_a_denied_consent_changes_nothing(alice_in):
    state = parse_qs(urlsplit(alice_in.get("/accounts/connect/instagram/").headers["Location"]).query)["state"][0]
    answer = alice_in.get(f"/accounts/callback/instagram/?error=access_denied&state={state}", follow=True)
    assert not InstagramAccount.objects.exists()
    assert "You didn&#x27;t allow the connection, so nothing was changed." in answer.text


def test_an_answer_nobody_asked_for_changes_nothing(alice_in):
    answer = alice_in.get("/accounts/callback/instagram/?code=abc&state=made-up", follow=True)
    assert "This sign-in is too old or was used already." in answer.text


def test_disconnecting_says_first_how_many_posts_it_holds(alice_in, make_post):
    post = make_post(at=clock.now() + timedelta(days=1), now=clock.now())
    page = alice_in.get(reverse("account-disconnect", args=[post.instagram_account_id])).text
    assert "1 planned post goes on hold" in page


def test_disconnecting_holds_the_posts(alice_in, make_post, monkeypatch):
    monkeypatch.setattr("scheduler.services.revoking.instagram_login", SilentLogin)
    post = make_post(at=clock.now() + timedelta(days=1), now=clock.now())
    answer = alice_in.post(reverse("account-disconnect", args=[post.instagram_account_id]), follow=True)
    post.refresh_from_db()
    assert post.hold_reason == ScheduledPost.HoldReason.DISCONNECTED
    assert "1 post is on hold." in answer.text


class SilentLogin:
    """Revokes without a word."""

    def revoke(self, token):
        return None


def test_held_posts_go_again_when_released(alice_in, make_post):
    post = make_post(at=clock.now() + timedelta(days=1), now=clock.now())
    ScheduledPost.objects.filter(pk=post.pk).update(hold_reason="reconnect", wake_at=None)
    assert "Release 1 post" in alice_in.get("/accounts/").text
    alice_in.post(reverse("account-release", args=[post.instagram_account_id]), {"choice": "leave"})
    post.refresh_from_db()
    assert post.hold_reason == ""


def test_only_late_posts_on_hold_wait_for_a_choice(alice_in, make_post):
    post = make_post(at=clock.now() + timedelta(days=1), now=clock.now())
    past = clock.now() - timedelta(hours=1)
    ScheduledPost.objects.filter(pk=post.pk).update(hold_reason="missed", wake_at=None, scheduled_for=past)
    page = alice_in.get("/accounts/").text
    assert 'value="leave" required>' in page
    assert "Release 1 post" not in page


def test_nothing_is_released_while_the_account_is_broken(alice_in, make_post):
    post = make_post(at=clock.now() + timedelta(days=1), now=clock.now())
    InstagramAccount.objects.update(status="token_expired")
    ScheduledPost.objects.filter(pk=post.pk).update(hold_reason="reconnect", wake_at=None)
    answer = alice_in.post(reverse("account-release", args=[post.instagram_account_id]))
    assert answer.status_code == 409
    assert "Reconnect @" in answer.text
