"""Posts as a program writes them: by the rules of the page, and never over somebody's head."""

from datetime import timedelta

import pytest

from scheduler.models import PostChange, PublishingLog, ScheduledPost
from tests.api.conftest import problem_of

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
POSTS = "scheduled-posts/"
SOON = "2026-11-23T15:30:00Z"


@pytest.fixture(autouse=True)
def at_noon(today):
    return today


@pytest.fixture
def whole(make_account, make_picture):
    """Return all that a post needs to be scheduled."""
    return {
        "instagram_account": make_account().pk,
        "caption": "Fresh bread",
        "media_assets": [make_picture().pk],
        "scheduled_for": SOON,
        "status": "scheduled",
    }


@pytest.fixture
def post(api, whole):
    return api.ask("post", POSTS, whole).json()


def fields_of(answer):
    assert problem_of(answer, 400) == "VALIDATION_FAILED"
    told = answer.json()["error"]["fields"]
    return {name: [one["code"] for one in problems] for name, problems in told.items()}


def test_a_post_is_made_and_stands_in_line(api, whole):
    answer = api.ask("post", POSTS, whole)
    told = answer.json()
    assert (answer.status_code, told["status"], told["scheduled_for"]) == (201, "scheduled", SOON)
    assert told["timezone"] == "America/Sao_Paulo" and answer["ETag"] == f'"{told["version"]}"'
    assert api.ask("get", answer["Location"]).json() == told


def test_a_draft_needs_nothing(api):
    told = api.ask("post", POSTS, {}).json()
    assert (told["status"], told["media_type"], told["scheduled_for"]) == ("draft", "IMAGE", None)


def test_everything_that_was_said_comes_back(api, whole, make_picture):
    said = whole | {
        "media_assets": [make_picture().pk, make_picture().pk],
        "alt_texts": ["A loaf", "A roll"],
        "user_tags": [{"username": "maria", "x": 0.5, "y": 0.25, "item": 1}],
        "collaborators": ["joao"],
        "location_id": "123456",
        "first_comment": "Come by",
        "notes": "Ask Maria",
        "timezone": "Europe/Lisbon",
    }
    told = api.ask("post", POSTS, said).json()
    assert {name: told[name] for name in said} == said and told["media_type"] == "CAROUSEL"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"caption": "x" * 2201}, "caption", "CAPTION_TOO_LONG"),
        ({"caption": "#a " * 31}, "caption", "TOO_MANY_HASHTAGS"),
        ({"caption": 5 * [1]}, "caption", "INVALID"),
        ({"media_assets": []}, "media_urls", "MEDIA_MISSING"),
        ({"media_urls": ["http://127.0.0.1/a.jpg"]}, "media_urls", None),
        ({"instagram_account": None}, "instagram_account", "ACCOUNT_MISSING"),
        ({"instagram_account": 999}, "instagram_account", "INVALID_CHOICE"),
        ({"scheduled_for": "2026-11-22T11:00:00Z"}, "scheduled_for", None),
        ({"scheduled_for": None}, "scheduled_for", None),
        ({"scheduled_for": "1999-01-01T00:00:00Z"}, "scheduled_for", "TIME_FAR"),
        ({"scheduled_for": "soon"}, "scheduled_for", "INVALID"),
        ({"timezone": "Mars/Crater"}, "timezone", None),
        ({"media_type": "GIF"}, "media_type", "INVALID_CHOICE"),
        ({"media_assets": [10**30]}, "media_assets.0", "MAX_VALUE"),
        ({"media_assets": [987654]}, "media_assets", "FILE_MISSING"),
        ({"status": "published"}, "status", "INVALID_CHOICE"),
        ({"caption": "a\0b"}, "caption", None),
    ],
)
def test_what_the_page_refuses_is_refused_by_name(api, whole, change, field, code):
    found = fields_of(api.ask("post", POSTS, whole | change))
    assert field in found and (code is None or code in found[field]), found
    assert not ScheduledPost.objects.exists()


def test_a_strangers_file_and_account_are_not_there(api, charlie, whole, make_picture, make_account):
    theirs = {"media_assets": [make_picture(owner=charlie).pk], "instagram_account": make_account(owner=charlie).pk}
    assert set(fields_of(api.ask("post", POSTS, whole | theirs))) >= {"media_assets", "instagram_account"}


def test_a_time_that_the_clock_shows_twice_is_asked_back(api, whole):
    twice = {"scheduled_for": "2027-10-31T01:30:00Z", "timezone": "Europe/Lisbon"}
    assert "scheduled_for" in fields_of(api.ask("post", POSTS, whole | twice))
    assert api.ask("post", POSTS, whole | twice | {"timezone": "UTC"}).status_code == 201


@pytest.mark.parametrize("body", ["", "nonsense", "[1]", '{"caption": "\\ud800"}', "NaN", "[" * 100_000])
def test_a_body_that_is_none_is_refused(api, body):
    answer = api.ask("post", POSTS, body)
    assert answer.status_code in {201} if body == "" else problem_of(answer, 400)


def test_another_kind_of_body_is_refused(api):
    answer = api.post("/api/v1/social/scheduled-posts/", {"caption": "x"})
    assert problem_of(answer, 415) == "UNSUPPORTED_MEDIA_TYPE"


# --- Changes ------------------------------------------------------------------------------------------------
def test_a_change_touches_only_what_is_named(api, post):
    told = api.ask("patch", f"{POSTS}{post['id']}/", {"caption": "Rye bread"}).json()
    apart = {"caption", "version", "updated_at"}
    assert told["caption"] == "Rye bread" and told["version"] > post["version"]
    assert {k: v for k, v in told.items() if k not in apart} == {k: v for k, v in post.items() if k not in apart}
    assert PostChange.objects.first().act == "applied"


def test_a_change_of_a_scheduled_post_is_checked_whole(api, post):
    assert "caption" in fields_of(api.ask("patch", f"{POSTS}{post['id']}/", {"caption": "x" * 2201}))


def test_a_new_time_moves_it(api, post):
    told = api.ask("patch", f"{POSTS}{post['id']}/", {"scheduled_for": "2026-11-25T09:00:00-03:00"}).json()
    assert (told["scheduled_for"], told["status"]) == ("2026-11-25T12:00:00Z", "scheduled")


def test_a_draft_is_scheduled_and_taken_back(api, post):
    address = f"{POSTS}{post['id']}/"
    assert api.ask("patch", address, {"status": "draft"}).json()["status"] == "draft"
    assert api.ask("patch", address, {"status": "scheduled"}).json()["status"] == "scheduled"


def test_an_old_version_is_told_how_the_post_stands(api, post):
    address = f"{POSTS}{post['id']}/"
    api.ask("patch", address, {"caption": "First"})
    for status, asked, headers in [(409, {"version": post["version"]}, {}), (412, {}, {"if_match": '"1"'})]:
        answer = api.ask("patch", address, asked | {"caption": "Second"}, **headers)
        assert answer.status_code == status and answer.json()["error"]["code"] == "STALE"
        assert answer.json()["current"]["caption"] == "First"
    fresh = api.ask("get", address)
    assert api.ask("patch", address, {"caption": "Second"}, if_match=fresh["ETag"]).status_code == 200


@pytest.mark.parametrize("status", ["published", "publishing"])
def test_what_is_going_out_or_live_is_not_changed(api, post, noon, status):
    ScheduledPost.objects.update(status=status, published_at=noon if status == "published" else None)
    answer = api.ask("patch", f"{POSTS}{post['id']}/", {"caption": "Late"})
    assert answer.status_code == 409 and answer.json()["error"]["code"].startswith("LOCKED")
    assert answer.json()["current"]["status"] == status


def test_a_live_post_is_deleted_here_only(api, post, noon):
    ScheduledPost.objects.update(status="published", published_at=noon, permalink="https://www.instagram.com/p/x/")
    told = api.ask("delete", f"{POSTS}{post['id']}/").json()
    assert told["is_live"] and "stays on Instagram" in told["message"]
    assert api.ask("get", f"{POSTS}{post['id']}/").status_code == 404


# --- Acts ---------------------------------------------------------------------------------------------------
def test_a_post_is_called_off_once(api, post):
    assert api.ask("post", f"{POSTS}{post['id']}/cancel/").json()["status"] == "cancelled"
    answer = api.ask("post", f"{POSTS}{post['id']}/cancel/")
    assert answer.status_code == 409 and answer.json()["current"]["status"] == "cancelled"


def test_a_failed_post_is_tried_again_and_no_other(api, post, monkeypatch):
    monkeypatch.setattr("scheduler.services.post_actions.publish_inline", lambda post: None)
    assert api.ask("post", f"{POSTS}{post['id']}/retry/").status_code == 409
    ScheduledPost.objects.update(status="failed", last_error="CONNECTION_ERROR")
    answer = api.ask("post", f"{POSTS}{post['id']}/retry/")
    assert (answer.status_code, answer.json()["status"]) == (200, "scheduled")


def test_publish_now_sends_it(api, post, noon, monkeypatch):
    sent = []
    monkeypatch.setattr("scheduler.services.post_actions.publish_inline", lambda post: sent.append(post.pk))
    answer = api.ask("post", f"{POSTS}{post['id']}/publish-now/")
    assert (answer.status_code, sent) == (200, [post["id"]])
    assert answer.json()["scheduled_for"] == "2026-11-22T12:00:00Z"


def test_a_log_is_told_line_by_line(api, post, noon):
    PublishingLog.decide(ScheduledPost.objects.get(), "retry", noon, error_code="RATE_LIMITED")
    (line,) = api.ask("get", f"{POSTS}{post['id']}/logs/").json()["results"]
    assert (line["status"], line["error_code"]) == ("retry", "RATE_LIMITED")


def test_a_held_post_says_why(api, post, noon):
    ScheduledPost.objects.update(hold_reason="paused", updated_at=noon + timedelta(minutes=1))
    told = api.ask("get", f"{POSTS}{post['id']}/").json()
    assert (told["display_status"], told["hold_reason"]) == ("on_hold", "paused")
