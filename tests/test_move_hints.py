"""While a time is chosen, what speaks against it is said; a post that was moved can go back from its own page."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import pytest

from scheduler.lib import clock, zones
from scheduler.models import ScheduledPost

pytestmark = pytest.mark.django_db
SP = "America/Sao_Paulo"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def bread(make_post):
    """A scheduled post at noon in São Paulo, in three days."""
    at = (clock.now() + timedelta(days=3)).replace(hour=15, minute=0, second=0, microsecond=0)
    return make_post(at=at, now=clock.now(), media=1, caption="Fresh bread")


@pytest.fixture
def hints(client, alice, bread):
    client.force_login(alice)

    def ask(at, **said):
        wall = at if at.tzinfo is None else zones.to_wall(at, SP)
        words = {"date": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}", "tz": SP} | said
        return client.get(f"/posts/{bread.pk}/move/hints/?{urlencode(words)}", headers=HTMX).content.decode()

    return ask


def when_of(post):
    return ScheduledPost.objects.get(pk=post.pk).scheduled_for


def test_a_time_against_which_nothing_speaks_is_met_with_silence(hints, bread):
    assert "<p" not in hints(bread.scheduled_for + timedelta(days=1))


def test_a_post_close_by_is_said_before_the_move(hints, bread, make_post):
    make_post(
        account=bread.instagram_account,
        at=bread.scheduled_for + timedelta(days=1, minutes=5),
        now=clock.now(),
        media=1,
        caption="Lamp",
    )
    assert "5 min" in hints(bread.scheduled_for + timedelta(days=1))


def test_a_time_that_has_passed_is_said_to_stop_it(hints):
    said = hints(clock.now() - timedelta(days=1))
    assert "That time has passed" in said and "data-stops" in said


def test_a_time_that_the_clock_skips_is_said(hints):
    days = (date(clock.now().year + 1, 3, 1) + timedelta(days=number) for number in range(31))
    walls = (datetime.combine(day, time(2, 30)) for day in days)
    skipped = next(wall for wall in walls if zones.resolve(wall, "America/New_York").kind == "gap")
    assert "The clock goes forward" in hints(skipped, tz="America/New_York")


@pytest.mark.parametrize("said", [{"date": ""}, {"date": "tomorrow"}, {"time": "25:99"}, {"tz": "Mars/Base"}])
def test_what_is_no_time_yet_is_left_to_the_form(hints, bread, said):
    assert "Traceback" not in hints(bread.scheduled_for + timedelta(days=1), **said)


def test_nothing_is_written_by_asking(hints, bread):
    before = when_of(bread)
    hints(bread.scheduled_for + timedelta(days=1))
    assert when_of(bread) == before


def test_nobody_hears_of_anothers_post(client, django_user_model, bread):
    client.force_login(django_user_model.objects.create_user("charlie"))
    assert client.get(f"/posts/{bread.pk}/move/hints/").status_code == 404


# --- Back from the post's own page ----------------------------------------------------------------------------
@pytest.fixture
def moved(client, alice, bread):
    client.force_login(alice)
    client.post(f"/posts/{bread.pk}/move/", {"date": str((bread.scheduled_for + timedelta(days=2)).date()), "tz": SP})
    return ScheduledPost.objects.get(pk=bread.pk)


def test_a_moved_post_offers_the_way_back_on_its_page(client, bread, moved):
    assert "Move back to" in client.get(f"/posts/{bread.pk}/").content.decode()
    said = {"pick": bread.scheduled_for.isoformat(), "version": moved.version, "next": f"/posts/{bread.pk}/"}
    answer = client.post(f"/posts/{bread.pk}/move/", said)
    assert answer["Location"] == f"/posts/{bread.pk}/"
    assert when_of(bread) == bread.scheduled_for


def test_the_way_back_is_gone_when_that_time_has_passed(client, bread, moved, monkeypatch):
    later = bread.scheduled_for + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Move back to" not in client.get(f"/posts/{bread.pk}/").content.decode()


def test_the_way_back_is_gone_after_something_else_was_done(client, bread, moved):
    client.post(f"/posts/{bread.pk}/unschedule/")
    assert "Move back to" not in client.get(f"/posts/{bread.pk}/").content.decode()


def test_nobody_is_sent_to_another_site(client, bread, moved):
    said = {"pick": bread.scheduled_for.isoformat(), "version": moved.version, "next": "https://evil.example/"}
    assert client.post(f"/posts/{bread.pk}/move/", said)["Location"].startswith("/calendar/")
