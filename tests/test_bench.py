"""The benchmark measures what it says: its arithmetic, its crowd of rows, its instant Instagram."""

from datetime import timedelta

import pytest
from django.db import connection

from scheduler.bench import measures
from scheduler.bench.calendar_month import DAYS, POSTS, Nodes, crowded_month
from scheduler.bench.cast import Cast
from scheduler.bench.figures import Figure, machine, percentile, table
from scheduler.bench.many_rows import PLANNED_EVERY, add_rows
from scheduler.lib import clock
from scheduler.models import ScheduledPost, Status

everywhere = pytest.mark.django_db(databases=["default", "sandbox"])
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="the benchmark makes its rows on SQLite")


@pytest.fixture
def cast(db, settings, tmp_path) -> Cast:
    """The benchmark's own people, with their files in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path
    return Cast()


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.0, 1)])
def test_percentiles_are_values_that_were_measured(share: float, value: int) -> None:
    assert percentile(range(1, 101), share) == value


def test_the_table_says_which_limit_was_missed() -> None:
    text = table([Figure("late", 0.5, "s", 1.0), Figure("slow", 2.0, "s", 1.0), Figure("told", 3.0, "MB")])
    late, slow, told = text.splitlines()[2:]
    assert "MISSED" in slow
    assert "MISSED" not in late + told
    assert len({len(line) for line in text.splitlines()}) == 1


def test_the_machine_is_told_in_one_line() -> None:
    assert "cores" in machine()
    assert "\n" not in machine()


@everywhere
def test_an_instant_instagram_publishes_every_post(cast: Cast) -> None:
    (figure,) = measures.own_time(cast)
    assert figure.value > 0
    assert figure.unit == "ms"


@on_sqlite
@everywhere
def test_added_rows_are_live_or_planned_and_never_due(cast: Cast) -> None:
    add_rows(100, cast.accounts)
    counts = {status: ScheduledPost.objects.filter(status=status).count() for status in Status.values}
    assert counts[Status.PUBLISHED] == 100 - 100 // PLANNED_EVERY
    assert counts[Status.SCHEDULED] == 100 // PLANNED_EVERY
    assert not ScheduledPost.objects.due(clock.now() + timedelta(hours=1)).exists()


@on_sqlite
@everywhere
def test_claims_are_measured_on_posts_that_are_due(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"DUE": 5, "ROUNDS": 2, "FEW": 50, "MANY": 100}.items():
        monkeypatch.setattr(measures, name, value)
    (figure,) = measures.due_claims(cast)
    assert figure.unit == "×"
    assert ScheduledPost.objects.count() == 100


@on_sqlite
@pytest.mark.django_db
def test_waiting_posts_are_found_by_their_index_and_not_by_reading_all() -> None:
    assert "post_wake" in ScheduledPost.objects.due(clock.now()).explain()
    planned = ScheduledPost.objects.filter(wake_at__isnull=False).order_by("wake_at")
    assert "post_wake" in planned.explain()


def test_the_elements_of_a_page_are_counted() -> None:
    assert Nodes("<p>One <b>and<br>two</b></p>").count == 3


@everywhere
def test_a_crowded_month_lies_within_its_month(cast: Cast) -> None:
    month = crowded_month(cast)
    days = set(ScheduledPost.objects.values_list("planned_day", flat=True))
    assert ScheduledPost.objects.filter(media__isnull=False).count() == POSTS
    assert min(days) == month and max(days) <= month + timedelta(days=DAYS)
