"""What every page shares: signing in is asked, strangers see nothing, the frame, health, proxies, zone, language."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from scheduler.lib import clock
from scheduler.middleware import ProxyMiddleware
from scheduler.models import Notification, ProcessorPass

PAGES = ("post-list", "post-create", "account-list", "activity", "notification-list", "settings", "password")
OF_A_POST = ("post-detail", "post-edit")
ACTS = (
    "schedule",
    "publish-now",
    "retry",
    "release",
    "cancel",
    "unschedule",
    "duplicate",
    "delete",
    "there",
    "not-there",
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_who_signed_in(client, alice, name):
    client.force_login(alice)
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_to_sign_in(client, db, name):
    assert client.get(reverse(name)).headers["Location"].startswith("/login/?next=/")


@pytest.mark.parametrize("name", OF_A_POST)
def test_a_post_of_somebody_else_does_not_exist(client, charlie, make_post, name):
    client.force_login(charlie)
    assert client.get(reverse(name, args=[make_post().pk])).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_an_act_on_a_strangers_post_does_nothing(client, charlie, make_post, act):
    client.force_login(charlie)
    assert client.post(reverse(f"post-{act}", args=[make_post().pk])).status_code == 404


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_a_post_request(client, alice, make_post, act):
    client.force_login(alice)
    assert client.get(reverse(f"post-{act}", args=[make_post().pk])).status_code == 405


@pytest.mark.parametrize("act", ACTS)
def test_an_act_asks_to_sign_in(client, make_post, act):
    assert client.post(reverse(f"post-{act}", args=[make_post().pk])).status_code == 302


@pytest.mark.parametrize("name", ["post-list", "activity", "account-list", "notification-list"])
def test_a_list_takes_no_post_request(client, alice, name):
    client.force_login(alice)
    assert client.post(reverse(name)).status_code == 405


def test_home_leads_to_the_calendar(client, alice):
    client.force_login(alice)
    assert client.get("/").headers["Location"] == "/calendar/"


def test_the_frame_shows_the_sandbox(client, alice, settings):
    client.force_login(alice)
    assert "sandbox-badge" in client.get("/posts/").text
    settings.INSTAGRAM_SANDBOX = False
    assert "sandbox-badge" not in client.get("/posts/").text


def test_the_frame_says_that_publishing_is_stopped(client, alice):
    client.force_login(alice)
    ProcessorPass.note("cluster", clock.now() - timedelta(hours=2))
    assert "Publishing has been stopped since" in client.get("/posts/").text


def test_the_frame_is_quiet_while_publishing_runs(client, alice):
    client.force_login(alice)
    ProcessorPass.note("cluster", clock.now())
    assert "Publishing is stopped" not in client.get("/posts/").text


def test_pages_ask_for_nothing_inline(client, alice):
    client.force_login(alice)
    policy = client.get("/posts/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(("theme", "expected"), [("system", "system"), ("dark", "dark"), ("light", "light")])
def test_the_server_draws_the_theme(client, alice, theme, expected):
    alice.theme = theme
    alice.save()
    client.force_login(alice)
    assert f'data-theme="{expected}"' in client.get("/posts/").text


def test_times_are_shown_in_the_persons_zone(client, alice):
    client.force_login(alice)
    assert "(GMT-3)" in client.get("/posts/").text


def test_the_zone_of_one_request_does_not_leak_into_the_next(client, alice):
    client.force_login(alice)
    client.get("/posts/")
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_persons_language_beats_the_browsers(client, alice):
    alice.language = "en"
    alice.save()
    client.force_login(alice)
    assert '<html lang="en"' in client.get("/posts/", headers={"accept-language": "pt-BR"}).text


def test_without_a_choice_the_browsers_language_counts(client, alice):
    client.force_login(alice)
    assert '<html lang="pt-br"' in client.get("/posts/", headers={"accept-language": "pt-BR"}).text


def test_live_answers_without_a_cookie(client, db):
    answer = client.get("/health/live/")
    assert (answer.status_code, answer.json(), answer.cookies) == (200, {"status": "ok"}, {})


def test_ready_is_503_before_the_first_look(client, db):
    assert client.get("/health/ready/").status_code == 503


@pytest.mark.parametrize(("kind", "ago", "status"), [
    ("cluster", timedelta(seconds=5), 200),
    ("cluster", timedelta(minutes=5), 503),
    ("cron", timedelta(minutes=5), 200),
    ("cron", timedelta(hours=1), 503),
])  # fmt: skip
def test_ready_follows_the_last_look(client, db, kind, ago, status):
    ProcessorPass.note(kind, clock.now() - ago)
    answer = client.get("/health/ready/")
    assert (answer.status_code, answer.json()["mode"]) == (status, kind)


def test_pages_of_a_person_are_not_kept_by_the_browser(client, alice):
    client.force_login(alice)
    assert "no-store" in client.get("/posts/").headers["Cache-Control"]


def test_a_browser_finds_the_mark_without_looking(client, db):
    assert client.get("/favicon.ico").headers["Location"].endswith("mark.svg")


def test_robots_may_fetch_the_media_only(client, db):
    assert client.get("/robots.txt").text == "User-agent: *\nAllow: /m/\nDisallow: /\n"


def test_privacy_is_open_to_everybody(client, db):
    assert client.get("/privacy/").status_code == 200


def test_an_address_that_leads_nowhere_says_so_in_the_look(client, db):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_a_server_error_has_a_page(client, db):
    assert "The server had a problem" in render_to_string("500.html")


def seen_by(meta):
    seen = {}

    def look(request):
        seen.update(address=request.META["REMOTE_ADDR"], scheme=request.scheme, host=request.META["HTTP_HOST"])

    ProxyMiddleware(look)(RequestFactory(headers={"host": "inside"}).get("/", **meta))
    return seen


FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.7, 10.0.0.2",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "posts.example.com",
}


@override_settings(TRUSTED_PROXIES=["10.0.0.0/8"])
def test_a_trusted_proxy_is_believed_up_to_the_first_stranger():
    seen = seen_by({"REMOTE_ADDR": "10.0.0.1"} | FORWARDED)
    assert seen == {"address": "203.0.113.7", "scheme": "https", "host": "posts.example.com"}


@override_settings(TRUSTED_PROXIES=["10.0.0.0/8"])
def test_anybody_elses_forwarded_headers_are_dropped():
    assert seen_by({"REMOTE_ADDR": "203.0.113.9"} | FORWARDED) == {
        "address": "203.0.113.9",
        "scheme": "http",
        "host": "inside",
    }


def test_a_notice_is_marked_in_the_frame_and_read_once(client, alice, make_account):
    account = make_account()
    Notification.objects.create(
        user=alice, kind="TOKEN_EXPIRED", cause="account:1", account=account, created_at=clock.now()
    )
    client.force_login(alice)
    assert "nav__dot" in client.get("/posts/").text
    assert "Reconnect it" in client.get("/notifications/").text
    assert client.post("/notifications/read/").headers["Location"] == "/notifications/"
    assert "nav__dot" not in client.get("/posts/").text


def test_admin_opens_for_staff_and_shows_no_token(admin_client, make_account):
    account = make_account(token="IGAA-the-secret-token")
    page = admin_client.get(reverse("admin:scheduler_instagramaccount_change", args=[account.pk])).text
    assert "IGAA" not in page
    assert str(account.access_token.ciphertext) not in page


@pytest.mark.parametrize("model", [
    "user", "instagramaccount", "scheduledpost", "publishinglog", "postchange", "mediaasset", "rendition",
    "postidea", "notification", "processorpass", "ratewindow", "oauthstate",
])  # fmt: skip
def test_every_list_of_the_admin_opens(admin_client, model):
    assert admin_client.get(reverse(f"admin:scheduler_{model}_changelist")).status_code == 200


def test_the_log_is_read_only_for_staff(admin_client):
    assert admin_client.get(reverse("admin:scheduler_publishinglog_add")).status_code == 403
