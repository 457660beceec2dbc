"""The menu of a post on the calendar: what its state allows, done there, with the way back."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.lib import clock
from scheduler.models import HoldReason, ScheduledPost, Status

pytestmark = pytest.mark.django_db


@pytest.fixture
def ahead():
    """Noon in São Paulo, three days from now."""
    return (clock.now() + timedelta(days=3)).replace(hour=15, minute=0, second=0, microsecond=0)


@pytest.fixture
def bread(make_post, ahead):
    return make_post(at=ahead, now=clock.now(), media=1, caption="Fresh bread")


@pytest.fixture
def menu(client, alice):
    client.force_login(alice)
    return lambda post: client.get(f"/posts/{post.pk}/menu/").content.decode()


@pytest.fixture
def act(client, alice, ahead):
    """Do something to a post from the month on which it stands, or from another page of the calendar."""
    client.force_login(alice)

    def act(post, name, page="", **said):
        here = f"http://testserver{page or f'/calendar/?view=month&date={ahead.date()}'}"
        return client.post(f"/posts/{post.pk}/{name}/", said, headers={"HX-Request": "true", "HX-Current-URL": here})

    return act


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def words_in(html):
    offered = ("Move to…", "Next free slot", "Tomorrow, same time", "Next week, same time", "Duplicate", "Unschedule")
    return [word for word in (*offered, "Publish now", "Cancel post", "Delete") if word in html]


def test_a_scheduled_post_offers_everything(menu, bread):
    assert len(words_in(menu(bread))) == 9


def test_a_published_post_says_why_it_stays(menu, bread):
    ScheduledPost.objects.update(status=Status.PUBLISHED, published_at=clock.now())
    html = menu(fresh(bread))
    assert "Published posts can&#x27;t be moved." in html and 'aria-disabled="true"' in html
    assert "Tomorrow" not in html and "Unschedule" not in html and "Publish now" not in html


def test_a_draft_without_a_time_is_offered_no_tomorrow(menu, make_post):
    html = menu(make_post(scheduled=False, at=None))
    assert "Tomorrow" not in html and "Unschedule" not in html


def test_nobody_sees_the_menu_of_anothers_post(client, bread, django_user_model):
    client.force_login(django_user_model.objects.create_user("charlie"))
    assert client.get(f"/posts/{bread.pk}/menu/").status_code == 404


@pytest.mark.parametrize(
    ("name", "status"), [("unschedule", Status.DRAFT), ("cancel", Status.CANCELLED)], ids=["unschedule", "cancel"]
)
def test_a_post_taken_out_of_line_goes_back_in(act, client, bread, name, status):
    answer = act(bread, name)
    assert fresh(bread).status == status
    assert f'id="day-{(bread.scheduled_for - timedelta(hours=3)).date()}"' in answer.content.decode()
    client.post(toast(answer)["undo"], headers={"HX-Request": "true"})
    assert (fresh(bread).status, fresh(bread).scheduled_for) == (Status.SCHEDULED, bread.scheduled_for)


def test_a_deleted_post_comes_back(act, client, bread):
    answer = act(bread, "delete")
    assert toast(answer)["text"] == "Deleted."
    assert not ScheduledPost.objects.for_user(bread.user).exists()
    client.post(toast(answer)["undo"], headers={"HX-Request": "true"})
    assert fresh(bread).status == Status.SCHEDULED


def test_a_copy_is_a_draft_and_goes_away_again(act, client, bread):
    answer = act(bread, "duplicate")
    assert list(ScheduledPost.objects.exclude(pk=bread.pk).values_list("status", flat=True)) == [Status.DRAFT]
    client.post(toast(answer)["undo"], headers={"HX-Request": "true"})
    assert not ScheduledPost.objects.for_user(bread.user).exclude(pk=bread.pk).exists()


@pytest.mark.parametrize(("to", "days"), [("tomorrow", 1), ("week", 7)])
def test_a_quick_pick_keeps_the_time_of_day(act, bread, to, days):
    answer = act(bread, "move", to=to, version=bread.version)
    assert fresh(bread).scheduled_for == bread.scheduled_for + timedelta(days=days)
    assert "undo" in toast(answer)


def test_a_post_that_went_out_meanwhile_says_so_and_is_drawn_as_it_is(act, bread):
    ScheduledPost.objects.update(status=Status.PUBLISHED, published_at=clock.now())
    answer = act(bread, "cancel")
    assert answer.status_code == 409
    assert 'data-status="published"' in answer.content.decode()
    assert "undo" not in toast(answer)


def test_the_list_draws_itself_anew(act, bread, ahead):
    answer = act(bread, "unschedule", page=f"/calendar/?view=list&date={ahead.date()}")
    assert answer.headers["HX-Retarget"] == "#calendar"
    assert 'data-status="draft"' in answer.content.decode()


def test_the_page_of_a_day_hears_that_posts_changed(act, bread, ahead):
    answer = act(bread, "unschedule", page=f"/calendar/day/{ahead.date()}/")
    assert answer.status_code == 204
    assert "posts:changed" in json.loads(answer.headers["HX-Trigger"])


def test_what_failed_and_is_cancelled_comes_back_failed(act, client, bread):
    ScheduledPost.objects.update(status=Status.FAILED, last_error="boom")
    client.post(toast(act(fresh(bread), "cancel"))["undo"], headers={"HX-Request": "true"})
    assert (fresh(bread).status, fresh(bread).last_error) == (Status.FAILED, "boom")


def test_a_held_post_stays_held_when_it_moves_to_tomorrow(act, bread):
    ScheduledPost.objects.update(hold_reason=HoldReason.PAUSED)
    assert "stays on hold" in toast(act(bread, "move", to="tomorrow"))["text"]


def test_an_act_asks_the_database_little(act, bread):
    with CaptureQueriesContext(connection) as asked:
        act(bread, "unschedule")
    assert len(asked) <= 24


# --- From the post's own page ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["unschedule", "cancel"])
def test_the_posts_own_page_offers_the_way_back(act, client, bread, name):
    answer = act(bread, name, page=f"/posts/{bread.pk}/")
    client.post(toast(answer)["undo"], headers={"HX-Request": "true"})
    assert fresh(bread).status == Status.SCHEDULED


def test_after_a_delete_the_next_page_offers_the_way_back(client, alice, bread):
    client.force_login(alice)
    html = client.post(f"/posts/{bread.pk}/delete/", follow=True).content.decode()
    way_back = re.search(r'action="(/moves/[^"]+/undo/)"', html)[1]
    assert client.post(way_back, {"next": "/posts/"})["Location"] == "/posts/"
    assert fresh(bread).status == Status.SCHEDULED


# --- A drop on today after its time --------------------------------------------------------------------------
def test_a_time_that_passed_today_is_asked_about_and_never_changed(act, bread, monkeypatch):
    late = bread.scheduled_for - timedelta(days=1) + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: late)
    answer = act(bread, "move", date=str((late - timedelta(hours=3)).date()), tz="America/Sao_Paulo")
    html = answer.content.decode()
    assert answer.status_code == 422 and "has passed today" in html and "Publish now" in html
    assert fresh(bread).scheduled_for == bread.scheduled_for
