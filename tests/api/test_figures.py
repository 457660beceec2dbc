"""The calendar and the figures as a program reads them."""

from datetime import timedelta

import pytest

from scheduler.models import ScheduledPost
from tests.api.conftest import problem_of

pytestmark = pytest.mark.django_db
CALENDAR, STATS = "scheduled-posts/calendar/", "scheduled-posts/stats/"


@pytest.fixture(autouse=True)
def at_noon(today):
    return today


def test_posts_stand_under_their_local_days(api, make_post, noon):
    late = make_post(at=noon + timedelta(hours=14))  # 02:00 UTC on the 23rd, 23:00 in São Paulo on the 22nd
    make_post(at=noon + timedelta(days=3))
    told = api.ask("get", f"{CALENDAR}?start=2026-11-22&end=2026-11-22").json()
    (day,) = told["days"]
    assert (told["timezone"], day["day"], day["count"]) == ("America/Sao_Paulo", "2026-11-22", 1)
    assert day["counts"] == {"scheduled": 1} and [post["id"] for post in day["posts"]] == [late.pk]
    assert api.ask("get", f"{CALENDAR}?start=2026-11-22&end=2026-11-22&timezone=UTC").json()["days"] == []


@pytest.mark.parametrize("asked", [
    "", "start=2026-11-22", "start=x&end=y", "start=2026-11-22&end=2026-11-21", "start=2026-01-01&end=2026-12-31",
    "start=0001-01-01&end=0001-01-02", "start=9999-12-31&end=9999-12-31",
    "start=2026-11-22&end=2026-11-22&timezone=x",
])  # fmt: skip
def test_days_that_make_no_sense_are_named(api, asked):
    assert problem_of(api.ask("get", f"{CALENDAR}?{asked}"), 400) == "VALIDATION_FAILED"


@pytest.mark.parametrize("posts", [1, 20])
def test_a_calendar_takes_as_many_queries_however_full(api, make_post, noon, django_assert_num_queries, posts):
    for number in range(posts):
        make_post(at=noon + timedelta(hours=number))
    api.ask("get", STATS)
    with django_assert_num_queries(4):  # who, how often, the posts, their media
        api.ask("get", f"{CALENDAR}?start=2026-11-22&end=2026-11-30")


def test_figures_tell_how_it_goes(api, make_post, noon, charlie):
    first = make_post(at=noon + timedelta(hours=3))
    live, failed = make_post(), make_post()
    went = {"status": "published", "scheduled_for": noon, "published_at": noon - timedelta(seconds=-4)}
    ScheduledPost.objects.filter(pk=live.pk).update(**went)
    ScheduledPost.objects.filter(pk=failed.pk).update(status="failed", failed_at=noon)
    make_post(owner=charlie)
    told = api.ask("get", STATS).json()
    assert {name: number for name, number in told["by_status"].items() if number} == {
        "scheduled": 1,
        "published": 1,
        "failed": 1,
    }
    assert told["next_post"]["id"] == first.pk
    assert told["last_30_days"] == {"published": 1, "failed": 1, "success_rate": 0.5, "median_lateness_s": 4.0}
    assert [(one["quota_used"], one["quota_limit"]) for one in told["accounts"]] == [(1, 25)]


def test_without_posts_nothing_is_made_up(api):
    told = api.ask("get", STATS).json()
    assert told["next_post"] is None and told["last_30_days"]["success_rate"] is None
