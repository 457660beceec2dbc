"""Pausing on the pages: the buttons, the banner on every page, what is refused meanwhile and how to go on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from scheduler.lib import clock
from scheduler.models import HoldReason, ScheduledPost
from scheduler.services import pausing

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=2)


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def waiting(make_post):
    now = clock.now()
    return make_post(at=now + timedelta(hours=3), now=now)


@pytest.fixture
def account(waiting):
    return waiting.instagram_account


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_an_account_is_paused_and_resumed_from_its_card(alice_in, account, waiting):
    assert "Pause" in alice_in.get("/accounts/").text
    answer = alice_in.post(reverse("account-pause", args=[account.pk]), follow=True)
    assert f"@{account.instagram_username} is paused. 1 planned post waits." in answer.text
    assert fresh(waiting).hold_reason == HoldReason.PAUSED
    answer = alice_in.post(reverse("account-resume", args=[account.pk]), follow=True)
    assert f"@{account.instagram_username} goes on." in answer.text
    assert fresh(waiting).hold_reason == HoldReason.NONE


def test_everything_is_paused_and_resumed_from_the_posts(alice_in, alice, waiting):
    assert reverse("everything-pause") in alice_in.get("/posts/").text
    answer = alice_in.post(reverse("everything-pause"), {"next": "/posts/"}, follow=True)
    assert "Everything is paused. 1 planned post waits." in answer.text
    assert reverse("everything-pause") not in answer.text
    answer = alice_in.post(reverse("everything-resume"), {"next": "/ideas/"})
    assert answer["Location"] == "/ideas/"
    assert fresh(alice).paused_at is None


def test_another_site_is_not_gone_to(alice_in, waiting):
    answer = alice_in.post(reverse("everything-pause"), {"next": "https://example.org/"})
    assert answer["Location"] == "/posts/"


@pytest.mark.parametrize("path", ["/posts/", "/ideas/", "/accounts/", "/settings/", "/activity/", "/posts/new/"])
def test_every_page_says_that_everything_is_paused_and_offers_to_go_on(alice_in, alice, path):
    pausing.pause_everything(alice, clock.now())
    page = alice_in.get(path).text
    assert "Everything has been paused since" in page
    assert reverse("everything-resume") in page and f'name="next" value="{path}"' in page


def test_every_page_names_the_one_paused_account(alice_in, alice, account):
    pausing.pause_account(account, alice, clock.now())
    page = alice_in.get("/ideas/").text
    assert f"@{account.instagram_username} has been paused since" in page
    assert reverse("account-resume", args=[account.pk]) in page


def test_several_paused_accounts_are_one_banner(alice_in, alice, account, make_account):
    other = make_account()
    for one in (account, other):
        pausing.pause_account(one, alice, clock.now())
    page = alice_in.get("/ideas/").text
    assert "2 accounts are paused:" in page and f"{account}, {other}" in page


def test_without_a_pause_nothing_is_said(alice_in, waiting):
    assert "paused" not in alice_in.get("/ideas/").text


def test_a_strangers_account_is_not_paused(client, charlie, account):
    client.force_login(charlie)
    for act in ("account-pause", "account-resume"):
        assert client.post(reverse(act, args=[account.pk])).status_code == 404
    assert fresh(account).paused_at is None


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_publish_now_says_why_not_and_offers_to_go_on(alice_in, alice, account, waiting, headers):
    pausing.pause_account(account, alice, clock.now())
    answer = alice_in.post(reverse("post-publish-now", args=[waiting.pk]), headers=headers)
    assert answer.status_code == 409
    assert f"@{account.instagram_username} is paused. Resume it first." in answer.text
    assert reverse("account-resume", args=[account.pk]) in answer.text
    assert f'name="next" value="/posts/{waiting.pk}/"' in answer.text


def test_a_posts_page_says_that_it_goes_out_after_the_pause(alice_in, alice, waiting):
    pausing.pause_everything(alice, clock.now())
    page = alice_in.get(f"/posts/{waiting.pk}/").text
    assert "Publishing is paused." in page
    assert "goes out only if you resume before" in page
    assert 'id="act-resume"' in page


def test_a_posts_page_says_that_its_time_passed(alice_in, alice, waiting):
    pausing.pause_everything(alice, clock.now() - LONG_AGO)
    ScheduledPost.objects.filter(pk=waiting.pk).update(next_attempt_at=clock.now() - timedelta(hours=1))
    assert "After you resume, it stays on hold" in alice_in.get(f"/posts/{waiting.pk}/").text
    answer = alice_in.post(reverse("everything-resume"), follow=True)
    assert "The time of 1 post passed meanwhile: it stays on hold." in answer.text
    assert 'href="/posts/?tab=attention"' in answer.text
    page = alice_in.get(f"/posts/{waiting.pk}/").text
    assert "The time passed while publishing was paused." in page and 'id="act-publish-now"' in page


def test_a_card_of_a_paused_account_says_what_waits(alice_in, alice, account):
    pausing.pause_account(account, alice, clock.now())
    page = alice_in.get("/accounts/").text
    assert "Paused since" in page and "1 planned post waits." in page
    assert "None while paused" in page


def test_what_is_held_is_released_only_after_the_pause(alice_in, alice, account, waiting):
    ScheduledPost.objects.filter(pk=waiting.pk).hold(HoldReason.MISSED)
    pausing.pause_everything(alice, clock.now())
    assert "Resume, then let it go again." in alice_in.get("/accounts/").text
    answer = alice_in.post(reverse("account-release", args=[account.pk]), {"choice": "now"})
    assert answer.status_code == 409
    assert "Everything is paused. Resume first." in answer.text
    assert fresh(waiting).hold_reason == HoldReason.MISSED


def test_a_disconnect_counts_what_a_pause_holds(alice_in, alice, account):
    pausing.pause_account(account, alice, clock.now())
    page = alice_in.get(reverse("account-disconnect", args=[account.pk])).text
    assert "1 planned post goes on hold." in page


def test_resuming_one_account_says_that_everything_is_still_paused(alice_in, alice, account):
    pausing.pause_account(account, alice, clock.now())
    pausing.pause_everything(alice, clock.now())
    answer = alice_in.post(reverse("account-resume", args=[account.pk]), follow=True)
    assert "is not paused by itself any more, but everything is." in answer.text


def test_the_acts_are_posts(alice_in, account):
    for address in (reverse("everything-pause"), reverse("account-pause", args=[account.pk])):
        assert alice_in.get(address).status_code == 405
