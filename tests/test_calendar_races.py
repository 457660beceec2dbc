"""Two hands on one post, or one idea, at the same instant: one of them wins, and the other is told."""

from datetime import date, timedelta

import pytest

from scheduler.models import PostIdea, ScheduledPost, Undo, WrongState
from scheduler.services import bulk, ideas, moves, post_actions, undoable, undoing
from scheduler.services.moves import Wish
from tests.publishing.threads import on_disk, together  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "sandbox"]),
    pytest.mark.usefixtures("on_disk"),
]
FIRST, SECOND = (Wish("UTC", day=date(2026, 12, day)) for day in (1, 2))


@pytest.fixture
def bread(make_post, noon):
    return make_post(at=noon + timedelta(days=3), now=noon)


def loaded(row):
    return type(row).objects.get(pk=row.pk)


def race(*acts):
    """Do both at one instant; return how each ended, "done" or the code of its refusal."""

    def told(act):
        try:
            act()
        except WrongState as refused:
            return refused.code
        return "done"

    return sorted(map(str, together(*(lambda act=act: told(act) for act in acts))))


def test_two_moves_of_one_version_are_one(bread, alice, noon):
    def job(post, wish):
        return lambda: moves.move(post, wish, alice, noon, version=bread.version)

    jobs = [job(loaded(bread), wish) for wish in (FIRST, SECOND)]
    assert (race(*jobs), Undo.objects.count()) == (["STALE", "done"], 1)


def test_two_clicks_on_undo_are_one(bread, alice, noon):
    moved = moves.move(bread, FIRST, alice, noon)
    assert race(*[lambda: undoing.take_back(alice, moved.undo.token, noon)] * 2) == ["UNDO_GONE", "done"]
    assert loaded(bread).scheduled_for == moved.before


def test_an_undo_and_another_move_leave_one_of_them(bread, alice, noon):
    moved = moves.move(bread, FIRST, alice, noon)
    post = loaded(bread)
    race(lambda: undoing.take_back(alice, moved.undo.token, noon), lambda: moves.move(post, SECOND, alice, noon))
    assert loaded(bread).version == moved.post.version + 1


def test_a_deleted_post_does_not_go_out(bread, alice, noon, monkeypatch):
    monkeypatch.setattr(post_actions.health, "cluster_lives", lambda _now: True)
    one, other = loaded(bread), loaded(bread)
    ended = race(
        lambda: undoable.delete(one, alice, noon),
        lambda: post_actions.publish_now(other, alice, noon, dispatch=lambda _pk: None),
    )
    post = loaded(bread)
    assert (ended, post.deleted_at is not None) == (["STALE", "done"], post.wake_at is None)


def test_an_idea_that_is_dropped_twice_is_one_post(alice, noon):
    idea = PostIdea.objects.create(user=alice, title="Sourdough")

    def job(idea, wish):
        return lambda: ideas.plan(idea, wish, alice, noon)

    jobs = [job(loaded(idea), wish) for wish in (FIRST, SECOND)]
    assert (race(*jobs), ScheduledPost.objects.count()) == (["IDEA_USED", "done"], 1)


def test_two_bulk_moves_move_each_post_once(make_post, alice, noon):
    posts = [make_post(at=noon + timedelta(days=3, hours=n), now=noon, media=0, scheduled=False) for n in range(6)]
    picks = {post.pk: post.version for post in posts}
    came = together(*[lambda: bulk.move(alice, picks, Wish("UTC", later=1), noon)] * 2)
    assert sum(len(one.posts) for one in came) == 6
    assert all(loaded(post).scheduled_for == post.scheduled_for + timedelta(days=1) for post in posts)
