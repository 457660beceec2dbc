"""Wall time + zone is what a person means; both clock changes and the month edges."""

from datetime import UTC, datetime

import pytest

from scheduler.lib.zones import is_zone, resolve, round_up, to_wall


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "instant", "meant", "kind"),
    [
        ("America/Sao_Paulo", "2026-11-22T18:30", "2026-11-22T21:30", "2026-11-22T18:30", "plain"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30", "2026-03-08T03:30", "gap"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T01:30", "twice"),
        ("America/Santiago", "2026-09-06T00:30", "2026-09-06T04:30", "2026-09-06T01:30", "gap"),
        ("Europe/Lisbon", "2028-02-29T12:00", "2028-02-29T12:00", "2028-02-29T12:00", "plain"),
        ("Pacific/Kiritimati", "2026-12-31T23:30", "2026-12-31T09:30", "2026-12-31T23:30", "plain"),
    ],
)
def test_a_wall_time_becomes_the_instant_people_mean(zone, wall, instant, meant, kind):
    assert resolve(datetime.fromisoformat(wall), zone) == (utc(instant), datetime.fromisoformat(meant), kind)


def test_the_way_back_gives_the_wall_time():
    assert to_wall(utc("2026-11-22T21:30"), "America/Sao_Paulo") == datetime(2026, 11, 22, 18, 30)  # noqa: DTZ001


def test_rounding_goes_up_to_the_next_step():
    assert round_up(utc("2026-11-22T21:31:00.5"), 5) == utc("2026-11-22T21:35")


def test_only_iana_zones_count():
    assert is_zone("America/Sao_Paulo") and not is_zone("Brasilia") and not is_zone("localtime")
