"""Many posts at once: each on its own, what stays says why, and one Undo takes all of it back."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from scheduler.forms.bulk import read_picks
from scheduler.lib import clock
from scheduler.models import PostChange, ScheduledPost, Status, Undo, WrongState
from scheduler.services import bulk, post_actions, undoing
from scheduler.services.moves import Wish

pytestmark = pytest.mark.django_db
SP, NY = "America/Sao_Paulo", "America/New_York"
HTMX = {"hx-request": "true", "hx-current-url": "http://testserver/posts/"}


@pytest.fixture
def three(make_post, noon):
    """Three posts in line for the evenings of three days."""
    return [make_post(at=noon + timedelta(days=day, hours=6), now=noon, caption=f"Bread {day}") for day in (1, 2, 3)]


@pytest.fixture
def ahead(make_post):
    """Two posts in line by the clock that the pages read."""
    now = clock.now()
    return [make_post(at=now + timedelta(days=days), now=now) for days in (2, 3)]


@pytest.fixture
def ask(client, alice):
    client.force_login(alice)

    def send(act, posts, *, headers=HTMX, **more):
        said = {"act": act, "post": [f"{post.pk}.{post.version}" for post in posts]} | more
        return client.post("/posts/bulk/", said, headers=headers)

    return send


def picks_of(posts):
    return {post.pk: post.version for post in posts}


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


def said(answer):
    """Return the toast of an answer."""
    return json.loads(answer.headers["HX-Trigger"])["toast"]


# --- What is picked -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "picks"),
    [
        (["3.2", "4.1"], {3: 2, 4: 1}),
        (["3.2 4.1", "5"], {3: 2, 4: 1, 5: None}),
        (["3.2", "3.2"], {3: 2}),
        (["", "x", "-1", "0.1", "\0", "1e9", "9" * 19], {}),
        (["7.x"], {7: None}),
    ],
)
def test_boxes_name_each_post_once(words, picks):
    assert read_picks(words) == picks


def test_more_than_two_hundred_are_too_many(alice):
    with pytest.raises(WrongState, match="At most 200 posts at a time"):
        bulk.picked(alice, dict.fromkeys(range(1, 202)))


def test_other_peoples_posts_are_as_if_not_named(three, charlie, noon):
    with pytest.raises(WrongState, match="not here any more"):
        bulk.delete(charlie, picks_of(three), noon)
    assert ScheduledPost.objects.filter(deleted_at=None).count() == 3


# --- Moving ---------------------------------------------------------------------------------------------------
def test_all_go_so_many_days_on(three, alice, noon):
    came = bulk.move(alice, picks_of(three), Wish(SP, later=10), noon)
    assert [fresh(post).scheduled_for - post.scheduled_for for post in three] == [timedelta(days=10)] * 3
    assert came.words == "3 posts moved."


def test_each_goes_to_the_day_at_its_own_time(make_post, alice, noon):
    posts = [make_post(at=noon + timedelta(days=1, hours=hour), now=noon) for hour in (1, 5)]
    bulk.move(alice, picks_of(posts), Wish(SP, day=date(2026, 12, 1)), noon)
    assert [fresh(post).scheduled_for for post in posts] == [
        datetime(2026, 12, 1, 13, tzinfo=UTC),
        datetime(2026, 12, 1, 17, tzinfo=UTC),
    ]


def test_days_are_added_to_the_wall_clock(make_post, alice):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    posts = []
    for wall in ("2026-03-07 02:30", "2026-03-07 18:30"):
        post = make_post(scheduled=False)
        post.plan(datetime.fromisoformat(wall), NY)
        post.save()
        posts.append(post)
    came = bulk.move(alice, picks_of(posts), Wish(SP, later=1), now)
    assert [f"{fresh(post).planned_wall:%H:%M}" for post in posts] == ["03:30", "18:30"]
    assert "The clock goes forward at the time of 1" in came.words


def test_drafts_stay_drafts_and_the_answer_says_so(make_post, three, alice, noon):
    draft = make_post(at=noon + timedelta(days=4), scheduled=False)
    came = bulk.move(alice, picks_of([*three, draft]), Wish(SP, later=1), noon)
    assert fresh(draft).status == Status.DRAFT
    assert came.words == "4 posts moved. 1 is a draft and won't go out until you schedule it."


def test_full_days_move_on_together(make_post, alice, noon, settings):
    """The last goes first, so no post meets the ones that are about to leave its day."""
    settings.INSTAGRAM_DAILY_POST_LIMIT = 2
    posts = [make_post(at=noon + timedelta(hours=12 * number), now=noon) for number in range(1, 7)]
    for days in (1, -1):
        came = bulk.move(alice, {post.pk: None for post in posts}, Wish(SP, later=days), noon)
        assert (len(came.posts), came.refused) == (6, {})


def test_what_would_pass_instagrams_limit_stays(make_post, alice, noon, settings):
    settings.INSTAGRAM_DAILY_POST_LIMIT = 2
    posts = [make_post(at=noon + timedelta(days=day), now=noon, caption=f"Bread {day}") for day in (1, 2, 3)]
    came = bulk.move(alice, picks_of(posts), Wish(SP, day=date(2026, 12, 1)), noon)
    assert came.words == "2 posts moved. 1 could not: over Instagram's limit for 24 hours (“Bread 3”)."


def test_what_cannot_move_says_why_and_stops_nobody(make_post, three, alice, noon):
    soon = make_post(at=noon + timedelta(seconds=59), now=noon, caption="Soon")
    live = make_post(at=noon + timedelta(days=1), now=noon, caption="Live")
    rows = ScheduledPost.objects
    rows.filter(pk=live.pk).update(status="published", published_at=noon, wake_at=None, next_attempt_at=None)
    came = bulk.move(alice, {post.pk: None for post in [*three, soon, live]}, Wish(SP, later=1), noon)
    assert came.words == "3 posts moved. 2 could not: already published (“Live”); going out now (“Soon”)."


def test_a_time_that_has_passed_is_refused(three, alice, noon):
    came = bulk.move(alice, picks_of(three), Wish(SP, later=-3), noon)
    told = "1 post moved. 2 could not: the new time has passed (“Bread 1”, “Bread 2”)."
    assert came.words == told


def test_a_post_that_somebody_changed_stays(three, alice, noon):
    picks = picks_of(three)
    post_actions.unschedule(three[1], alice, noon)
    came = bulk.move(alice, picks, Wish(SP, later=1), noon)
    assert came.words == "2 posts moved. 1 could not: changed in the meantime (“Bread 2”)."


def test_many_for_one_reason_are_counted(make_post, alice, noon):
    posts = [make_post(scheduled=False, caption=f"A very long title of a post, number {n}") for n in range(5)]
    came = bulk.move(alice, picks_of(posts), Wish(SP, later=1), noon)
    name = f"“{'A very long title of a post, number'[:29].rstrip()}…”"
    assert came.words == f"Nothing changed. 5 could not: no time yet ({name}, {name}, {name} and 2 more)."
    assert came.undo is None


# --- The other acts -------------------------------------------------------------------------------------------
def test_all_become_drafts_again(three, alice, noon):
    came = bulk.unschedule(alice, picks_of(three), noon)
    assert {fresh(post).status for post in three} == {Status.DRAFT}
    assert came.words == "3 posts are drafts again."


def test_copies_are_drafts_without_a_time(three, alice, noon):
    bulk.duplicate(alice, picks_of(three), noon)
    copies = ScheduledPost.objects.exclude(pk__in=[post.pk for post in three])
    assert {(copy.status, copy.scheduled_for) for copy in copies} == {("draft", None)}
    assert copies.count() == 3


def test_what_is_going_out_is_not_deleted(three, alice, noon):
    ScheduledPost.objects.filter(pk=three[0].pk).update(status="publishing")
    came = bulk.delete(alice, picks_of(three), noon)
    assert came.words == "2 posts deleted. 1 could not: going out now (“Bread 1”)."
    assert ScheduledPost.objects.for_user(alice).get() == three[0]


@pytest.mark.parametrize("act", ["move", "unschedule", "duplicate", "delete"])
def test_one_undo_takes_all_of_it_back(three, alice, noon, act):
    def state():
        return list(ScheduledPost.objects.for_user(alice).values_list("pk", "status", "scheduled_for").order_by("pk"))

    before, more = state(), [Wish(SP, later=5)] if act == "move" else []
    came = getattr(bulk, act)(alice, picks_of(three), *more, noon)
    assert state() != before
    back = undoing.take_back(alice, came.undo.token, noon)
    assert (state(), back.words) == (before, "Undone." if act == "duplicate" else "3 posts are back.")


def test_the_history_tells_of_each(three, alice, noon):
    bulk.move(alice, picks_of(three), Wish(SP, later=5), noon)
    assert PostChange.objects.filter(act=PostChange.Act.MOVED).count() == 3


@pytest.mark.parametrize(("act", "most"), [("move", 10), ("unschedule", 8), ("duplicate", 8), ("delete", 8)])
def test_each_post_costs_few_queries(three, alice, noon, act, most):
    def queries(posts):
        more = [Wish(SP, later=5)] if act == "move" else []
        with CaptureQueriesContext(connection) as asked:
            came = getattr(bulk, act)(alice, picks_of(posts), *more, noon)
        assert len(came.posts) == len(posts)
        return len(asked)

    assert queries(three[1:]) - queries(three[:1]) <= most


# --- Pages ----------------------------------------------------------------------------------------------------
def test_the_page_moves_by_days(ask, ahead):
    answer = ask("move", ahead, how="by", days="2", direction="later")
    assert (answer.status_code, said(answer)["text"]) == (204, "2 posts moved.")
    assert Undo.objects.get().act == "moved"


@pytest.mark.parametrize("act", ["move", "delete"])
def test_what_is_large_is_asked_first(ask, three, act):
    answer = ask(act, three)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#sheet-body")
    assert f"{act.capitalize()} 3 posts" in answer.text
    assert not Undo.objects.exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"how": "by", "days": ""}, "Say by how many days."),
        ({"how": "by", "days": "0"}, "greater than or equal to 1"),
        ({"how": "by", "days": "\0"}, "Enter a whole number"),
        ({"how": "to", "date": ""}, "Choose a day."),
        ({"how": "to", "date": "1999-01-01"}, "Choose a year from 2000 to 2099."),
        ({"how": "x"}, "Move 3 posts"),
    ],
)
def test_a_wish_that_says_nothing_is_asked_again(ask, three, more, told):
    answer = ask("move", three, **more)
    assert answer.status_code == 422
    assert told in answer.text


@pytest.mark.parametrize(
    ("said_of_posts", "told"),
    [
        ({}, "Select at least one post first."),
        ({"post": ["", "\0", "x", "9" * 400]}, "Select at least one post first."),
        ({"post": "999999"}, "These posts are not here any more."),
        ({"post": " ".join(map(str, range(1, 5000)))}, "At most 200 posts at a time. Select fewer."),
    ],
)
@pytest.mark.parametrize("act", ["move", "unschedule", "duplicate", "delete"])
def test_nonsense_is_answered_with_a_sentence(client, alice, act, said_of_posts, told):
    client.force_login(alice)
    answer = client.post("/posts/bulk/", {"act": act} | said_of_posts, headers=HTMX)
    assert (answer.status_code, said(answer)["text"]) == (422, told)


def test_an_unknown_act_is_answered_with_a_sentence(ask, three):
    assert said(ask("publish", three))["text"] == "Choose what to do with the selected posts."


def test_without_scripts_the_act_leads_back_and_can_be_undone(ask, client, ahead):
    answer = ask("unschedule", ahead, headers={}, next="/posts/?tab=scheduled")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/posts/?tab=scheduled")
    listed = client.get("/posts/?tab=drafts").text
    assert "2 posts are drafts again." in listed
    undo = re.search(r'action="(/moves/[^/]+/undo/)"', listed)
    back = client.post(undo[1], {"next": "/posts/"})
    assert back.headers["Location"] == "/posts/"
    assert {fresh(post).status for post in ahead} == {"scheduled"}


def test_without_scripts_deleting_asks_on_a_page(ask, three):
    answer = ask("delete", three, headers={}, next="javascript:alert(1)")
    assert "Delete 3 posts?" in answer.text
    assert "javascript:alert" not in answer.text
    assert ask("delete", three, headers={}, sure="1").status_code == 302
    assert not ScheduledPost.objects.filter(deleted_at=None).exists()


@pytest.mark.parametrize("path", ["/posts/", "/calendar/?view=list"])
def test_each_row_has_a_box_with_its_version(client, alice, ahead, path):
    client.force_login(alice)
    post, listed = ahead[0], client.get(path).text
    assert f'value="{post.pk}.{post.version}" form="bulk"' in listed
    assert 'aria-label="Select Fresh bread"' in listed


def test_a_list_that_was_loaded_page_by_page_stays_as_long(ask, make_post):
    now = clock.now()
    posts = [make_post(at=now + timedelta(days=1, minutes=n), now=now, media=0, scheduled=False) for n in range(120)]
    calendar = {"hx-request": "true", "hx-current-url": "http://testserver/calendar/?view=list"}
    answer = ask("duplicate", posts[:1], rows="100", headers=calendar)
    assert answer.text.count('class="list-row"') == 100
    assert "page=3" in answer.text


def test_the_words_are_portuguese_too(three, alice, noon):
    with translation.override("pt-br"):
        came = bulk.move(alice, picks_of(three), Wish(SP, later=-3), noon)
        assert came.words == "1 publicação movida. 2 não puderam: o novo horário já passou (“Bread 1”, “Bread 2”)."
