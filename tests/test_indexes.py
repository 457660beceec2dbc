"""The questions of every pass and every page find their rows by an index, also without statistics."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.models import ScheduledPost
from scheduler.services import preflight_time, quota
from scheduler.services.media_row import pieces_of
from scheduler.services.preflight_case import Case
from scheduler.services.shell_facts import facts_of

pytestmark = pytest.mark.django_db
by_sqlites_words = pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")


@by_sqlites_words
def test_what_waits_for_its_account_is_found_by_account_state_and_time(make_account, noon):
    plan = ScheduledPost.objects.waiting_to_go_out(make_account().pk, noon).explain()
    assert "post_line (instagram_account_id=? AND status=? AND next_attempt_at<?)" in plan


@by_sqlites_words
def test_failures_of_the_last_day_are_found_by_their_time(noon):
    plan = ScheduledPost.objects.with_transient_failure(noon - timedelta(hours=24)).explain()
    assert "post_failed (failed_at>?)" in plan


@by_sqlites_words
def test_the_quota_reads_only_the_last_day(make_account, noon):
    plan = ScheduledPost.objects.counted_against_quota(make_account(), noon - quota.WINDOW).explain()
    assert "post_quota (instagram_account_id=? AND published_at>?)" in plan
    assert "post_line (instagram_account_id=? AND status=?)" in plan


@by_sqlites_words
def test_what_needs_a_person_is_found_by_state(alice, noon, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        facts_of(alice, noon)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        plan = [row[3] for row in cursor.fetchall()]
    assert sum("post_lists (user_id=? AND status=?" in line for line in plan) == 2, plan
    assert sum("post_held (user_id=? AND status=?" in line for line in plan) == 1, plan
    assert not any("SCAN" in line for line in plan), plan


def test_what_every_page_says_costs_one_query(alice, noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert facts_of(alice, noon).attention == 0


@by_sqlites_words
def test_a_post_meets_its_neighbours_by_their_times(make_post, noon):
    post = make_post(at=noon + timedelta(days=1), now=noon)
    with CaptureQueriesContext(connection) as asked:
        case = Case(post, post.instagram_account, pieces_of(post), noon, post.next_attempt_at, preflight_time.STORED)
        list(preflight_time.look(case))
    questions = [one["sql"] for one in asked if "next_attempt_at" in one["sql"] and "published_at" in one["sql"]]
    with connection.cursor() as cursor:
        plans = []
        for sql in questions:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plans.append(" ".join(row[3] for row in cursor.fetchall()))
    # Room, spacing and repetition: what went out by its hour, what waits by state and hour.
    assert (
        len([plan for plan in plans if "(instagram_account_id=? AND published_at>? AND published_at<?)" in plan]) == 3
    )
    assert len([plan for plan in plans if "status=? AND next_attempt_at>? AND next_attempt_at<?)" in plan]) == 3
