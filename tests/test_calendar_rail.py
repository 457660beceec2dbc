"""What waits beside the calendar for a day: drafts without a time, ideas, and their way onto a day and back."""

import re
from datetime import time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduler.lib import clock
from scheduler.models import PostIdea, PostingSlot, Rendition, ScheduledPost, Tag, Undo, WrongState
from scheduler.services import ideas, undoing
from scheduler.services.moves import MoveRefused, Wish
from scheduler.services.waiting import FEW, waiting
from tests.test_calendar import SP

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/calendar/?view=month"}


@pytest.fixture
def make_draft(make_post):
    def make(caption="Fresh bread", **fields):
        return make_post(scheduled=False, caption=caption, **{"media": 0} | fields)

    return make


@pytest.fixture
def make_idea(alice):
    def make(title="Bread at night", *, owner=None, **fields):
        return PostIdea.objects.create(user=owner or alice, title=title, **fields)

    return make


@pytest.fixture
def signed_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def rail(signed_in):
    """The titles of the drafts and of the ideas that the rail shows."""

    def rail(**said):
        page = signed_in.get(reverse("calendar-rail"), said, **HTMX).content.decode()
        parts = page.split('id="rail-ideas"')
        return [re.findall(r"data-title>([^<]*)<", part) for part in parts]

    return rail


def soon():
    return (clock.now() + timedelta(days=3)).date()


# --- What waits -------------------------------------------------------------------------------------------------
def test_drafts_without_a_time_and_unused_ideas_wait(rail, make_draft, make_idea, noon):
    make_draft("Without a day")
    make_draft("With a day", at=noon)
    make_idea("New")
    make_idea("Begun", status="in_work")
    make_idea("Used", status="used")
    assert rail() == [["Without a day"], ["Begun", "New"]]


def test_what_is_deleted_or_somebody_elses_does_not_wait(rail, make_draft, make_idea, charlie, noon):
    make_draft("Deleted").delete_softly(now=noon)
    make_draft("Theirs", owner=charlie)
    make_idea("Theirs", owner=charlie)
    assert rail() == [[], []]


def test_the_newest_are_shown_until_all_are_asked_for(rail, make_draft, make_idea):
    for number in range(FEW + 2):
        make_draft(f"Draft {number}")
        make_idea(f"Idea {number}")
    shown = rail()
    assert [len(part) for part in shown] == [FEW, FEW]
    assert [part[0] for part in shown] == [f"Draft {FEW + 1}", f"Idea {FEW + 1}"]
    assert [len(part) for part in rail(all=1)] == [FEW + 2, FEW + 2]


def test_all_are_offered_where_there_are_more(signed_in, make_idea):
    for number in range(FEW + 1):
        make_idea(f"Idea {number}")
    address = reverse("calendar-rail")
    assert b"Show all" in signed_in.get(address).content
    assert b"Show all" not in signed_in.get(address, {"all": 1}).content


def test_every_word_of_a_search_stands_in_what_is_shown(rail, make_draft, make_idea, alice):
    make_draft("Fresh bread at seven")
    make_draft("Fresh cake")
    tagged = make_idea("Something else")
    tagged.tags.add(Tag.objects.create(user=alice, name="bread and fresh air"))
    make_idea("Fresh air")
    assert rail(q=" fresh  bread ") == [["Fresh bread at seven"], ["Something else"]]


@pytest.mark.parametrize("words", ["\0", "%", "'", "x" * 5000])
def test_nonsense_finds_nothing_and_breaks_nothing(rail, make_draft, words):
    make_draft()
    assert rail(q=words)[1] == []


def test_an_empty_rail_says_so(signed_in):
    page = signed_in.get(reverse("calendar-rail")).content.decode()
    assert "Every draft has its day." in page
    assert "No idea waits." in page
    searched = signed_in.get(reverse("calendar-rail"), {"q": "cake"}).content.decode()
    assert "No draft has these words." in searched


def test_as_many_queries_for_many_as_for_few(signed_in, make_draft, make_idea, make_picture):
    def ask():
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(reverse("calendar-rail"))
        return len(queries)

    make_draft(media=1)
    make_idea().media.add(make_picture())
    few = ask()
    for number in range(10):
        make_draft(f"Draft {number}", media=1)
        make_idea(f"Idea {number}").media.add(make_picture())
    assert (ask(), few) == (few, 7)


def test_an_idea_shows_its_first_picture(alice, make_idea, make_picture):
    idea = make_idea()
    small = []
    for number in range(2):
        asset = make_picture()
        known = asset.renditions.get()
        known.pk, known.key, known.purpose = None, str(number) * 32, Rendition.Purpose.THUMBNAIL
        known.save()
        idea.media.add(asset)
        small.append(known)
    (card,) = waiting(alice, []).ideas
    assert card.picture == small[0].path


def test_the_rail_costs_the_month_no_query(signed_in, make_draft, make_idea):
    make_draft()
    make_idea()
    with CaptureQueriesContext(connection) as queries:
        page = signed_in.get(reverse("calendar"), {"view": "month"}).content.decode()
    assert len(queries) <= 6
    assert "Fresh bread" not in page


@pytest.mark.parametrize(("cookie", "is_open"), [("closed", False), ("open", True), ("", True), ("x", True)])
def test_a_rail_that_was_closed_comes_closed(signed_in, cookie, is_open):
    signed_in.cookies["rail"] = cookie
    page = signed_in.get(reverse("calendar")).content.decode()
    assert (re.search(r'id="rail"[^>]*? open\s', page) is not None) == is_open


# --- A draft gets a day -----------------------------------------------------------------------------------------
def drop_draft(client, post, day, **said):
    return client.post(
        reverse("post-move", args=[post.pk]), {"date": str(day), "tz": SP, "version": post.version} | said, **HTMX
    )


def test_a_dropped_draft_gets_nine_oclock_and_stays_a_draft(signed_in, make_draft):
    post = make_draft()
    answer = drop_draft(signed_in, post, soon())
    post.refresh_from_db()
    assert (post.status, post.planned_day, post.planned_time) == ("draft", soon(), time(9))
    assert f'id="day-{soon()}"' in answer.content.decode()


def test_a_dropped_draft_gets_the_next_free_slot_of_the_day(signed_in, make_draft, make_account):
    account = make_account(timezone=SP)
    PostingSlot.objects.create(account=account, weekday=soon().weekday(), at=time(18, 30))
    post = make_draft(account=account)
    drop_draft(signed_in, post, soon())
    post.refresh_from_db()
    assert post.planned_time == time(18, 30)


def test_undo_takes_a_drafts_day_away_again(signed_in, make_draft, alice):
    post = make_draft()
    drop_draft(signed_in, post, soon())
    answer = signed_in.post(reverse("undo", args=[Undo.objects.get().token]), **HTMX)
    post.refresh_from_db()
    assert (answer.status_code, post.status, post.scheduled_for) == (200, "draft", None)
    assert f'id="day-{soon()}"' in answer.content.decode()


# --- An idea gets a day -----------------------------------------------------------------------------------------
def drop_idea(client, idea, day=None, **said):
    return client.post(reverse("idea-plan", args=[idea.pk]), {"date": str(day or soon()), "tz": SP} | said, **HTMX)


def test_a_dropped_idea_becomes_a_draft_on_that_day(signed_in, make_idea, make_picture):
    idea = make_idea(notes="Before anybody wakes")
    idea.media.add(make_picture())
    answer = drop_idea(signed_in, idea)
    post, idea = ScheduledPost.objects.get(), PostIdea.objects.get()
    assert (post.status, post.planned_day, post.planned_time) == ("draft", soon(), time(9))
    assert (post.post_idea, post.caption, post.media.count()) == (idea, "Before anybody wakes", 1)
    assert idea.status == "used"
    assert f'id="day-{soon()}"' in answer.content.decode()
    assert "Now a draft, planned for" in answer.headers["HX-Trigger"]


def test_a_named_time_is_kept(signed_in, make_idea):
    drop_idea(signed_in, make_idea(), time="17:15")
    assert ScheduledPost.objects.get().planned_time == time(17, 15)


@pytest.mark.parametrize("status", ["new", "in_work"])
def test_undo_makes_it_an_idea_again(signed_in, make_idea, status):
    idea = make_idea(status=status)
    drop_idea(signed_in, idea)
    answer = signed_in.post(reverse("undo", args=[Undo.objects.get().token]), **HTMX)
    idea.refresh_from_db()
    assert idea.status == status
    assert not ScheduledPost.objects.filter(deleted_at=None).exists()
    assert f'id="day-{soon()}"' in answer.content.decode()


def test_a_draft_that_was_worked_on_since_stays(alice, make_idea):
    idea, now = make_idea(), clock.now()
    planned = ideas.plan(idea, Wish(SP, soon()), alice, now)
    planned.post.caption = "Written since"
    planned.post.save_content(now=now)
    came = undoing.take_back(alice, planned.undo.token, now)
    idea.refresh_from_db()
    assert (came.posts, idea.status, ScheduledPost.objects.get().deleted_at) == ([], "used", None)


def test_a_draft_whose_idea_is_gone_stays(alice, make_idea):
    planned = ideas.plan(make_idea(), Wish(SP, soon()), alice, clock.now())
    ideas.throw_away(PostIdea.objects.get())
    back = undoing.take_back(alice, planned.undo.token, clock.now())
    assert back.words == "The idea was deleted meanwhile, so the draft stays."
    assert ScheduledPost.objects.for_user(alice).exists()


def test_a_drop_that_is_sent_twice_makes_one_post(signed_in, make_idea):
    idea = make_idea()
    drop_idea(signed_in, idea)
    answer = drop_idea(signed_in, idea)
    assert (answer.status_code, ScheduledPost.objects.count()) == (422, 1)
    assert b"A post was made of this idea already." in answer.content


def test_a_refused_drop_leaves_the_idea_as_it_was(alice, make_idea):
    idea, now = make_idea(), clock.now()
    with pytest.raises(MoveRefused):
        ideas.plan(idea, Wish(SP, (now - timedelta(days=2)).date()), alice, now)
    idea.refresh_from_db()
    assert (idea.status, ScheduledPost.objects.exists(), Undo.objects.exists()) == ("new", False, False)


def test_a_race_for_an_idea_is_won_once(alice, make_idea):
    idea, now = make_idea(), clock.now()
    stale = PostIdea.objects.get(pk=idea.pk)
    ideas.plan(idea, Wish(SP, soon()), alice, now)
    with pytest.raises(WrongState):
        ideas.plan(stale, Wish(SP, soon()), alice, now)


@pytest.mark.parametrize("said", [{"date": ""}, {"date": "x"}, {"date": "2000-01-01"}, {"time": "25:00"}])
def test_a_day_that_is_none_asks_again(signed_in, make_idea, said):
    answer = drop_idea(signed_in, make_idea(), **said)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#sheet-body")
    assert not ScheduledPost.objects.exists()


def test_the_page_asks_for_a_day_without_scripts_too(signed_in, make_idea):
    idea = make_idea()
    address = reverse("idea-plan", args=[idea.pk])
    assert b"Plan this idea" in signed_in.get(address).content
    answer = signed_in.post(address, {"date": str(soon())}, follow=True)
    assert b"Now a draft, planned for" in answer.content


def test_htmx_gets_the_form_into_the_sheet(signed_in, make_idea):
    answer = signed_in.get(reverse("idea-plan", args=[make_idea().pk]), **HTMX)
    assert answer.headers["HX-Retarget"] == "#sheet-body"
    assert b"<html" not in answer.content


def test_a_strangers_idea_does_not_exist(signed_in, make_idea, charlie):
    assert drop_idea(signed_in, make_idea(owner=charlie)).status_code == 404
