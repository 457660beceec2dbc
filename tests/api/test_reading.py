"""Accounts and posts as a program reads them."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.api import base
from scheduler.models import InstagramAccount, ScheduledPost
from tests.api.conftest import problem_of

pytestmark = pytest.mark.django_db
LAW = {
    "id", "instagram_account", "post_idea", "caption", "media_type", "media_urls", "scheduled_for", "status",
    "retry_count", "last_error", "timezone", "version", "display_status", "hold_reason", "can_retry", "permalink",
    "instagram_media_id", "published_at", "created_at", "updated_at", "alt_texts", "user_tags", "location_id",
    "collaborators", "cover_url", "thumb_offset", "share_to_feed", "audio_name", "first_comment", "trial_reel",
}  # fmt: skip


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [post["id"] for post in answer.json()["results"]]


def test_a_post_tells_all_that_the_contract_says(api, make_post, noon):
    post = make_post(at=noon + timedelta(days=1))
    told = api.ask("get", f"scheduled-posts/{post.pk}/").json()
    assert set(told) >= LAW
    assert (told["scheduled_for"], told["status"], told["version"]) == (
        "2026-11-23T12:00:00Z",
        "scheduled",
        post.version,
    )
    assert told["media_assets"] == [post.media.get().asset_id] and told["alt_texts"] == [""]


def test_a_post_names_its_version_in_a_header(api, make_post):
    post = make_post()
    assert api.ask("get", f"scheduled-posts/{post.pk}/")["ETag"] == f'"{post.version}"'


@pytest.mark.parametrize("posts", [1, 50])
def test_a_list_takes_five_queries_however_long(api, make_post, noon, posts):
    for number in range(posts):
        make_post(at=noon + timedelta(hours=number), media=2)
    api.ask("get", "scheduled-posts/")
    with CaptureQueriesContext(connection) as queries:
        answer = api.ask("get", "scheduled-posts/")
    assert len(answer.json()["results"]) == posts
    # Who asks, how often, how many there are, the posts with their accounts, their media.
    assert len(queries) == 5, [query["sql"] for query in queries]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("status=draft", "d"),
        ("status=draft,cancelled", "cd"),
        ("status=draft&status=cancelled", "cd"),
        ("media_type=STORY", "s"),
        ("search=rye", "d"),
        ("search=rye+bread", "d"),
        ("scheduled_after=2026-11-24T00:00:00Z", "s"),
        ("scheduled_before=2026-11-24T00:00:00Z", "c"),
        ("ordering=id", "dcs"),
        ("ordering=-scheduled_for", "scd"),
        ("ordering=scheduled_for", "csd"),
        ("account={other}", ""),
        ("account={own}", "scd"),
    ],
)  # fmt: skip
def test_a_list_is_narrowed_and_ordered(api, make_post, make_account, noon, asked, found):
    posts = {
        "d": make_post(caption="Rye bread"),
        "c": make_post(at=noon + timedelta(days=1), status="cancelled", scheduled=False, caption="Rolls"),
        "s": make_post(at=noon + timedelta(days=2), media_type="STORY", caption="Rolls"),
    }
    own, other = posts["d"].instagram_account_id, make_account().pk
    came = ids(api.ask("get", f"scheduled-posts/?{asked.format(own=own, other=other)}"))
    names = {post.pk: name for name, post in posts.items()}
    words = "".join(names[pk] for pk in came)
    assert (words if "ordering" in asked else "".join(sorted(words))) == (
        found if "ordering" in asked else "".join(sorted(found))
    )


@pytest.mark.parametrize("asked", [
    "status=gone", "account=x", "account=0", f"account={10**30}", "media_type=GIF", "scheduled_after=tomorrow",
    "ordering=caption", "search=%00", f"search={'x' * 201}",
    "status=", "account=", "media_type=,", "scheduled_before=", "ordering=", "search=", "page=", "page_size=",
])  # fmt: skip
def test_a_filter_that_makes_no_sense_is_named(api, asked):
    answer = api.ask("get", f"scheduled-posts/?{asked}")
    assert problem_of(answer, 400) == "VALIDATION_FAILED"
    assert {name.partition(".")[0] for name in answer.json()["error"]["fields"]} == {asked.partition("=")[0]}


def test_a_day_without_a_zone_is_the_persons(api, make_post):
    late = make_post(at=datetime(2026, 11, 24, 2, 30, tzinfo=UTC))  # 23:30 in São Paulo on the 23rd
    assert ids(api.ask("get", "scheduled-posts/?scheduled_before=2026-11-24T00:00:00")) == [late.pk]
    assert ids(api.ask("get", "scheduled-posts/?scheduled_before=2026-11-24T00:00:00Z")) == []


def test_pages_follow_one_another(api, make_post):
    posts = [make_post().pk for _ in range(5)]
    first = api.ask("get", "scheduled-posts/?page_size=2&ordering=id").json()
    assert (first["count"], first["previous"]) == (5, None)
    second = api.ask("get", first["next"]).json()
    third = api.ask("get", second["next"]).json()
    assert [post["id"] for page in (first, second, third) for post in page["results"]] == posts
    assert third["next"] is None and third["previous"]


def test_a_cursor_meets_each_post_once_though_others_come(api, make_post):
    posts = [make_post().pk for _ in range(5)]
    page = api.ask("get", "scheduled-posts/?cursor=&page_size=2").json()
    seen = [post["id"] for post in page["results"]]
    make_post()
    while page["next"]:
        page = api.ask("get", page["next"]).json()
        seen += [post["id"] for post in page["results"]]
    assert seen == posts[::-1] and page["count"] is None


def test_a_page_that_is_not_there_is_not_found(api):
    assert problem_of(api.ask("get", "scheduled-posts/?page=9"), 404) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("page=x", "page"),
        (f"page={10**30}", "page"),
        ("page=0", "page"),
        ("page_size=201", "page_size"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%ff", "cursor"),
        ("cursor=cD1hYmM=", "cursor"),  # p=abc
        (f"cursor={b64encode(b'p=' + b'9' * 30).decode()}", "cursor"),
        ("cursor=&page=2", "page"),
        ("cursor=&ordering=id", "ordering"),
        ("stauts=failed", "stauts"),
    ],
)
def test_an_address_that_asks_for_nonsense_is_told_where(api, asked, field):
    answer = api.ask("get", f"scheduled-posts/?{asked}")
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and [*answer.json()["error"]["fields"]] == [field]


def test_a_deleted_post_is_gone(api, make_post, noon):
    post = make_post()
    post.delete_softly(now=noon)
    assert ids(api.ask("get", "scheduled-posts/")) == []
    assert problem_of(api.ask("get", f"scheduled-posts/{post.pk}/"), 404) == "NOT_FOUND"


# --- Accounts -----------------------------------------------------------------------------------------------
def test_accounts_are_told_without_their_tokens(api, make_account):
    account = make_account()
    told = api.ask("get", "instagram/accounts/").json()["results"]
    assert [one["instagram_username"] for one in told] == [account.instagram_username]
    assert api.ask("get", f"instagram/accounts/{account.pk}/").json() == told[0]
    assert told[0]["daily_limit"] == 25 and "token" not in " ".join(told[0]).replace("token_expired", "")


def test_a_disconnect_holds_what_is_planned(api, make_post, noon, today):
    post = make_post(at=noon + timedelta(days=1))
    answer = api.ask("post", f"instagram/accounts/{post.instagram_account_id}/disconnect/")
    assert answer.json()["held"] == 1 and answer.json()["account"]["status"] == "disconnected"
    assert InstagramAccount.objects.get().can_publish is False
    assert ScheduledPost.objects.get().hold_reason == "disconnected"


def test_a_long_list_is_counted_once_a_minute(api, make_post, monkeypatch, today):
    caches["memory"].clear()
    monkeypatch.setattr(base, "LONG_LIST", 2)
    make_post()
    assert [count_of(api), make_post() and count_of(api)] == [1, 2]
    make_post()
    assert [count_of(api), count_of(api, "&status=draft"), count_of(api, "&cursor=")] == [2, 3, None]
    today.shift(base.COUNT_KEPT_S + 1)
    assert count_of(api) == 3


def count_of(api, asked=""):
    """Return how many posts a list says there are."""
    return api.ask("get", f"scheduled-posts/?page_size=1{asked}").json()["count"]
