"""The plan as a calendar program reads it, under a secret address of its person's own."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar

from scheduler.lib.redaction import redact
from scheduler.models import CalendarFeed, HoldReason, ScheduledPost, User
from scheduler.models.fields import vault
from scheduler.services import calendar_feed
from scheduler.services.keys import rotate_keys

pytestmark = pytest.mark.django_db
SITE = "https://pauta.example"
TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now(settings):
    settings.PUBLIC_BASE_URL = SITE
    with time_machine.travel(TODAY, tick=False):
        yield TODAY


@pytest.fixture
def feed(alice, now):
    return CalendarFeed.make(alice, "en", now)


@pytest.fixture
def read(feed):
    """Ask for the feed as a calendar program does, without a cookie; the answer, or what stands in it."""

    def read(address=None, **more):
        answer = Browser().get((address or feed.address()).removeprefix(SITE), **more)
        assert not answer.cookies
        return answer

    return read


@pytest.fixture
def events(read):
    return lambda: {str(one["summary"]): one for one in Calendar.from_ical(read().content).walk("VEVENT")}


@pytest.fixture
def only(events):
    def only():
        (event,) = events().values()
        return event

    return only


@pytest.fixture
def account(make_account):
    return make_account(instagram_username="padaria.aurora")


# --- What stands in it ------------------------------------------------------------------------------------------
def test_a_planned_post_is_an_event_at_its_instant(only, make_post, account, now):
    post = make_post(account=account, at=now + timedelta(days=2), caption="Pão de queijo\nsai às 9")
    event = only()
    assert event["summary"] == "Scheduled: Pão de queijo · @padaria.aurora"
    assert event["dtstart"].dt == post.scheduled_for
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(minutes=15)
    assert event["uid"] == f"post-{post.pk}@pauta.example"
    assert event["description"] == f"Pão de queijo\nsai às 9\n\nIn Pauta: {SITE}/posts/{post.pk}/"
    assert (event["url"], event["status"], event["transp"]) == (
        f"{SITE}/posts/{post.pk}/",
        "CONFIRMED",
        "TRANSPARENT",
    )


def test_this_is_what_goes_over_the_wire(read, make_post, account, now):
    """One golden case, looked at by hand: line ends, folding at 75 octets, escapes, UTC."""
    caption = "Café, pão; e bolo 🥐🥐🥐 de milho verde com cobertura de chocolate\nlinha \\ 2"
    post = make_post(account=account, at=now + timedelta(days=1), caption=caption)
    ScheduledPost.objects.filter(pk=post.pk).update(updated_at=now, version=3)
    assert read().content.decode() == (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//Pauta//Calendar feed//EN\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "NAME:Pauta\r\n"
        "X-WR-CALNAME:Pauta\r\n"
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n"
        "X-PUBLISHED-TTL:PT1H\r\n"
        "X-WR-TIMEZONE:America/Sao_Paulo\r\n"
        "BEGIN:VEVENT\r\n"
        "SUMMARY:Scheduled: Café\\, pão\\; e bolo 🥐🥐🥐 de milho verde com c\r\n"
        " obertura de cho… · @padaria.aurora\r\n"
        "DTSTART:20261123T120000Z\r\n"
        "DTEND:20261123T121500Z\r\n"
        "DTSTAMP:20261122T120000Z\r\n"
        f"UID:post-{post.pk}@pauta.example\r\n"
        "SEQUENCE:3\r\n"
        "DESCRIPTION:Café\\, pão\\; e bolo 🥐🥐🥐 de milho verde com cobertur\r\n"
        f" a de chocolate\\nlinha \\\\ 2\\n\\nIn Pauta: https://pauta.example/posts/{post.pk}/\r\n"
        "LAST-MODIFIED:20261122T120000Z\r\n"
        "STATUS:CONFIRMED\r\n"
        "TRANSP:TRANSPARENT\r\n"
        f"URL:https://pauta.example/posts/{post.pk}/\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


def test_no_line_is_longer_than_75_octets_and_no_sign_is_cut(read, make_post, account, now):
    make_post(account=account, at=now + timedelta(days=1), caption="🥐" * 60 + "ã" * 200 + "家" * 300)
    lines = read().content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)


@pytest.mark.parametrize(
    "caption",
    [
        "One\r\ntwo\rthree\nfour",
        "END:VEVENT\nBEGIN:VEVENT\nSUMMARY:made up",
        'comma, semicolon; colon: backslash \\ quote " n\\n',
        "bell \x07 nul-free \x1f separator\u2028line\u2029paragraph\x85next\x0bup\x0cdown",
        "👩‍👩‍👧‍👦 🇧🇷 e\u0301 العربية",
        "  spaces at both ends  ",
        '=?utf-8?q?no_mail?= {"json": [1]} %0A',
    ],
)
def test_any_caption_comes_back_as_it_was(only, make_post, account, now, caption):
    post = make_post(account=account, at=now + timedelta(days=1), caption=caption)
    words = calendar_feed._plain(caption).strip()
    assert only()["description"] == f"{words}\n\nIn Pauta: {SITE}/posts/{post.pk}/"


@pytest.mark.parametrize(
    ("fields", "summary", "status"),
    [
        ({"status": "draft"}, "Draft: Bread", "TENTATIVE"),
        ({"status": "publishing"}, "Publishing: Bread", "CONFIRMED"),
        ({"status": "failed"}, "Failed: Bread", "TENTATIVE"),
        ({"hold_reason": HoldReason.PAUSED}, "On hold: Bread", "TENTATIVE"),
        ({"blockers": [{"code": "MEDIA_MISSING", "facts": {}}]}, "At risk: Bread", "TENTATIVE"),
    ],
)
def test_each_state_has_its_word(only, make_post, account, now, fields, summary, status):
    post = make_post(account=account, at=now + timedelta(days=1), caption="Bread")
    ScheduledPost.objects.filter(pk=post.pk).update(**fields)
    event = only()
    assert (event["summary"], event["status"]) == (f"{summary} · @padaria.aurora", status)


def test_a_live_post_stands_where_it_went_out_with_its_link(only, make_post, account, now):
    post = make_post(account=account, at=now - timedelta(days=1), caption="Bread")
    live = now - timedelta(hours=20)
    link = "https://www.instagram.com/p/abc/"
    ScheduledPost.objects.filter(pk=post.pk).update(status="published", published_at=live, permalink=link)
    event = only()
    assert (event["summary"], event["dtstart"].dt) == ("Published: Bread · @padaria.aurora", live)
    assert event["description"].endswith(f"On Instagram: {link}")


@pytest.mark.parametrize("fields", [{"status": "cancelled"}, {"deleted_at": TODAY}, {"user": None}])
def test_what_is_off_gone_or_somebody_elses_is_not_there(events, make_post, account, charlie, now, fields):
    post = make_post(account=account, at=now + timedelta(days=1))
    fields = fields if "user" not in fields else {"user": charlie}
    ScheduledPost.objects.filter(pk=post.pk).update(**fields)
    assert events() == {}


def test_a_draft_without_a_time_is_not_there(events, make_post, account):
    make_post(account=account)
    assert events() == {}


@pytest.mark.parametrize(("days", "there"), [(-31, False), (-29, True), (364, True), (366, False)])
def test_it_reaches_a_month_back_and_a_year_ahead(events, make_post, account, now, days, there):
    make_post(account=account, at=now + timedelta(days=days))
    assert len(events()) == there


@pytest.mark.parametrize(
    ("wall", "utc"),
    [
        ("2027-03-14T01:30", "2027-03-14T06:30Z"),
        ("2027-03-14T02:30", "2027-03-14T07:30Z"),  # skipped: the clock says 3:30
        ("2027-03-14T03:30", "2027-03-14T07:30Z"),
        ("2026-11-01T01:30", "2026-11-01T05:30Z"),  # twice: the first
    ],
)
def test_clocks_that_change_move_nothing(only, make_post, account, now, wall, utc):
    post = make_post(account=account, at=now + timedelta(days=1))
    post.plan(datetime.fromisoformat(wall), "America/New_York")
    ScheduledPost.objects.filter(pk=post.pk).update(scheduled_for=post.scheduled_for)
    start = only()["dtstart"]
    assert start.dt == datetime.fromisoformat(utc)
    assert start.to_ical().decode() == utc.replace("-", "").replace(":", "").replace("Z", "00Z")


def test_an_edit_is_newer_and_the_same_event(only, make_post, account, now):
    post = make_post(account=account, at=now + timedelta(days=1))
    before = only()
    later = now + timedelta(hours=1)
    post.caption = "Other words"
    post.save_content(now=later)
    after = only()
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt == later == after["dtstamp"].dt


def test_it_speaks_the_persons_language(events, make_post, account, alice, now):
    make_post(account=account, at=now + timedelta(days=1), caption="Pão")
    User.objects.filter(pk=alice.pk).update(language="pt-br")
    assert list(events()) == ["Agendada: Pão · @padaria.aurora"]


def test_who_follows_the_browser_gets_the_language_it_was_made_in(events, make_post, account, alice, now):
    make_post(account=account, at=now + timedelta(days=1), caption="Pão")
    CalendarFeed.objects.filter(user=alice).update(language="pt-br")
    assert list(events()) == ["Agendada: Pão · @padaria.aurora"]


# --- One account ------------------------------------------------------------------------------------------------
def test_it_narrows_to_one_account(feed, read, make_post, make_account, now):
    one, other = make_account(), make_account()
    for account in (one, other):
        make_post(account=account, at=now + timedelta(days=1))
    calendar = Calendar.from_ical(read(f"{feed.address()}?account={one.pk}").content)
    assert calendar["x-wr-calname"] == f"Pauta · {one}"
    assert [str(event["summary"]).endswith(str(one)) for event in calendar.walk("VEVENT")] == [True]


@pytest.mark.parametrize("which", ["theirs", "no number", "0"])
def test_another_persons_account_does_not_exist(feed, read, make_account, charlie, which):
    number = make_account(owner=charlie).pk if which == "theirs" else which
    assert read(f"{feed.address()}?account={number}").status_code == 404


# --- The address ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("secret", ["x", "a" * 43, "%00", "%ff%fe", "ação", "x" * 3000])
def test_an_unknown_secret_is_not_found(read, secret):
    answer = read(f"{SITE}/calendar/feed/{secret}.ics")
    assert answer.status_code == 404


def test_a_new_address_ends_the_old_one_at_once(feed, read, alice, now):
    old = feed.address()
    new = CalendarFeed.make(alice, "en", now).address()
    assert (read(old).status_code, read(new).status_code) == (404, 200)


def test_who_may_not_sign_in_any_more_has_no_feed(feed, read, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert read().status_code == 404


def test_the_database_alone_does_not_give_it_away(feed):
    secret = feed.address().rpartition("/")[2].removesuffix(".ics")
    row = CalendarFeed.objects.values().get()
    assert secret not in repr(row) and secret not in row["secret"].ciphertext and row["digest"] != secret
    assert len(secret) >= 43


def test_new_keys_open_it_too(feed, settings):
    from cryptography.fernet import Fernet

    address, old = feed.address(), list(settings.FERNET_KEYS)
    settings.FERNET_KEYS = [Fernet.generate_key().decode(), *old]
    rotate_keys()
    settings.FERNET_KEYS = settings.FERNET_KEYS[:1]
    assert CalendarFeed.objects.get().address() == address


@pytest.mark.parametrize(
    "line",
    [
        "Not Found: {}",
        '"GET {} HTTP/1.1" 200 1234',
        "Internal Server Error: {}?account=3",
        "{{'PATH_INFO': '{}'}}",
        "http://127.0.0.1:8000{}",
    ],
)
def test_no_log_tells_it(feed, line):
    path = feed.address().removeprefix(SITE)
    told = redact(line.format(path))
    assert path not in told and "/calendar/feed/[hidden]" in told
    assert path.rpartition("/")[2].removesuffix(".ics") not in told


def test_no_log_of_a_request_tells_an_address_that_was_nearly_right(read, feed, caplog, capsys):
    path = feed.address().removeprefix(SITE).replace(".ics", "x.ics")
    import logging

    from scheduler.lib.redaction import SecretsFilter

    assert read(path).status_code == 404
    for record in caplog.records:
        SecretsFilter().filter(record)
        assert path not in logging.Formatter().format(record)


def test_search_machines_keep_out(read):
    answer = read()
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"


def test_a_form_is_not_taken(feed):
    assert Browser().post(feed.address().removeprefix(SITE)).status_code == 405


# --- What it costs ----------------------------------------------------------------------------------------------
def test_what_is_known_is_not_sent_again(read, make_post, account, now):
    make_post(account=account, at=now + timedelta(days=1))
    etag = read()["ETag"]
    answer = read(headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert answer["X-Robots-Tag"] == "noindex, nofollow" and "Content-Type" not in answer


@pytest.mark.parametrize(
    "change",
    [
        {"caption": "Other words"},
        {"status": "draft"},
        {"hold_reason": HoldReason.PAUSED},
        {"scheduled_for": TODAY + timedelta(days=3)},
        {"deleted_at": TODAY},
    ],
)
def test_a_change_of_anything_that_is_told_is_sent(read, make_post, account, now, change):
    post = make_post(account=account, at=now + timedelta(days=1))
    etag = read()["ETag"]
    ScheduledPost.objects.filter(pk=post.pk).update(**change)
    assert read(headers={"If-None-Match": etag}).status_code == 200


def test_the_same_plan_is_the_same_file(read, make_post, account, now):
    make_post(account=account, at=now + timedelta(days=1))
    first = read()
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        second = read()
    assert (first.content, first["ETag"]) == (second.content, second["ETag"])


def test_it_costs_the_same_queries_for_one_post_and_for_many(
    read, make_post, account, now, django_assert_num_queries
):
    make_post(account=account, at=now + timedelta(days=1))
    with django_assert_num_queries(4):
        read()
    for hour in range(20):
        make_post(account=account, at=now + timedelta(days=1, hours=hour))
    with django_assert_num_queries(4):
        read()


def test_the_farthest_posts_are_left_out_when_there_are_too_many(events, make_post, account, now, monkeypatch):
    monkeypatch.setattr(calendar_feed, "MOST_PAST", 1)
    monkeypatch.setattr(calendar_feed, "MOST_AHEAD", 2)
    for days in (-5, -2, 1, 3, 9):
        make_post(account=account, at=now + timedelta(days=days), caption=f"{days}")
    assert [re.search(r": (-?\d+) ", name)[1] for name in events()] == ["-2", "1", "3"]


# --- Its page ---------------------------------------------------------------------------------------------------
@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


def test_settings_lead_to_it(alice_in):
    assert reverse("feed") in alice_in.get("/settings/").text


def test_without_an_address_one_can_be_made(alice_in, alice):
    page = alice_in.get(reverse("feed")).text
    assert "The feed is off" in page and "/calendar/feed/" not in page
    answer = alice_in.post(reverse("feed"), {"act": "make"}, follow=True)
    assert "Your calendar feed is on." in answer.text
    assert CalendarFeed.of(alice).address() in answer.text


def test_the_address_is_shown_again_and_kept_by_nobody(alice_in, feed):
    answer = alice_in.get(reverse("feed"))
    assert feed.address() in answer.text and f"webcal://{feed.address().removeprefix('https://')}" in answer.text
    assert "no-store" in answer["Cache-Control"]


def test_a_new_one_takes_the_old_ones_place(alice_in, feed):
    old = feed.address()
    answer = alice_in.post(reverse("feed"), {"act": "make"}, follow=True)
    assert "The old one is dead." in answer.text and old not in answer.text
    assert CalendarFeed.objects.count() == 1


def test_it_is_turned_off(alice_in, alice, feed, read):
    answer = alice_in.post(reverse("feed"), {"act": "off"}, follow=True)
    assert "Your calendar feed is off." in answer.text
    assert CalendarFeed.of(alice) is None and read().status_code == 404


def test_an_act_that_nobody_offers_turns_nothing_off(alice_in, alice, feed):
    assert alice_in.post(reverse("feed"), {"act": "nonsense"}).status_code == 400
    assert CalendarFeed.of(alice) is not None


def test_each_of_several_accounts_has_an_address(alice_in, feed, make_account):
    accounts = [make_account(), make_account()]
    page = alice_in.get(reverse("feed")).text
    assert all(f"{feed.address()}?account={account.pk}" in page for account in accounts)


def test_an_address_that_google_cannot_reach_is_said_to_be_one(alice_in, feed, settings):
    words = "Google Calendar can't reach it"
    assert words not in alice_in.get(reverse("feed")).text
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    assert words in alice_in.get(reverse("feed")).text


def test_a_lost_key_is_said_and_a_new_address_helps(alice_in, alice, feed, settings):
    from cryptography.fernet import Fernet

    settings.FERNET_KEYS = [Fernet.generate_key().decode()]
    page = alice_in.get(reverse("feed")).text
    assert "The address can't be shown." in page
    alice_in.post(reverse("feed"), {"act": "make"})
    assert CalendarFeed.of(alice).address() in alice_in.get(reverse("feed")).text


def test_a_stranger_sees_only_the_own(client, charlie, feed):
    client.force_login(charlie)
    assert feed.address() not in client.get(reverse("feed")).text


def test_a_secret_is_sealed_by_the_vault(feed):
    assert vault().open(feed.secret) in feed.address()
