"""A post's history says what changed, from what to what, in the reader's words."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from scheduler.lib import clock, differences
from scheduler.models import PostChange, PostIdea, ScheduledPost
from scheduler.services import ideas, post_actions, working_copies
from scheduler.services.change_words import changes_of
from scheduler.services.post_facts import facts_of

Act = PostChange.Act


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def planned(make_post):
    at = (clock.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    return make_post(at=at, now=clock.now())


def said(post, **changes):
    """What the form of a kept post says, with changes."""
    wall = post.planned_wall
    time = {"day": wall.strftime("%Y-%m-%d"), "clock": wall.strftime("%H:%M")} if wall else {}
    kept = {
        "account": post.instagram_account_id,
        "media_type": post.media_type,
        "media": [place.asset_id for place in post.media.all()],
        "caption": post.caption,
        "timezone": post.timezone,
        "version": post.version,
        "act": "save",
    }
    return kept | time | changes


@pytest.fixture
def edit(alice_in):
    """Save a post's form with changes; returns what the newest line of its history says."""

    def save(post, **changes):
        answer = alice_in.post(reverse("post-edit", args=[post.pk]), said(fresh(post), **changes))
        assert answer.status_code == 302, answer.text
        newest = post.changes.first()
        return told(newest) if newest else []

    return save


@pytest.fixture
def autosave(alice_in):
    def send(post, **changes):
        answer = alice_in.post(f"{reverse('post-autosave')}?post={post.pk}", said(fresh(post), **changes))
        assert answer.status_code == 200, answer.text

    return send


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


def told(act):
    return [(one.name, one.before, one.after, one.told) for one in changes_of(act)]


# --- Two texts ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Bread", "Butter", ("Bread", "Butter")),
        ("", "Bread", ("", "Bread")),
        ("One\ntwo", "One", ("One ↵ two", "One")),
        ("a" * 100 + "x" + "b" * 200, "a" * 100 + "y", (f"…{'a' * 24}x{'b' * 95}…", f"…{'a' * 24}y")),
        ("same" * 100, "same" * 100 + "!", ("…" + ("same" * 100)[-24:], "…" + ("same" * 100)[-24:] + "!")),
    ],
)
def test_long_texts_are_shown_from_where_they_differ(before, after, shown):
    assert differences.around(before, after) == shown


def test_what_came_back_did_not_change():
    first, second = {"a": [1, 2], "b": [1, 2]}, {"a": [2, 1], "c": [5, 6]}
    assert differences.joined(first, second) == {"b": [1, 2], "c": [5, 6]}


def test_a_text_that_changed_past_what_is_kept_still_counts_as_changed():
    short, long = differences.kept_text("a" * 50, 40), differences.kept_text("a" * 60, 40)
    assert short != long
    assert differences.shown_text(short) == differences.shown_text(long) == "a" * 40 + "…"


# --- Edits --------------------------------------------------------------------------------------------------
def test_another_caption_is_told_from_and_to(edit, planned):
    assert edit(planned, caption="Warm bread") == [("Caption", "Fresh bread", "Warm bread", "")]
    assert planned.changes.get().act == Act.APPLIED


def test_another_time_alone_is_a_move(edit, planned):
    later = planned.planned_wall + timedelta(hours=3)
    ((name, before, after, _),) = edit(planned, day=later.strftime("%Y-%m-%d"), clock=later.strftime("%H:%M"))
    assert name == "Time" and before and after and before != after
    assert planned.changes.get().act == Act.MOVED


def test_another_account_is_told_by_its_name(edit, planned, make_account):
    ((name, before, after, _),) = edit(planned, account=make_account().pk)
    assert (name, before, after) == ("Account", "@alice.bakery1", "@alice.bakery2")


def test_files_that_came_and_went_are_named(edit, planned, make_picture):
    new = make_picture()
    assert edit(planned, media=[new.pk]) == [
        ("Files added", "", "", "photo-2.jpg"),
        ("Files removed", "", "", "photo-1.jpg"),
    ]


def test_another_order_is_told(edit, make_post):
    post = make_post(media=3, scheduled=False, media_type="CAROUSEL")
    first, second, third = [place.asset_id for place in post.media.all()]
    places = {f"place_{third}": 1, f"place_{first}": 2, f"place_{second}": 3}
    assert edit(post, **places) == [("Order of the files", "", "", "photo-3.jpg, photo-1.jpg, photo-2.jpg")]


def test_alt_text_and_people_are_told_of_their_picture(edit, planned):
    pk = planned.media.get().asset_id
    changes = edit(planned, **{f"alt_{pk}": "A loaf", f"tags_{pk}": "charlie 0.5 0.5"})
    assert changes == [
        ("Alt text of photo-1.jpg", "", "A loaf", ""),
        ("People on photo-1.jpg", "", "@charlie", ""),
    ]


def test_options_of_a_reel_are_told_in_words(edit, make_post, make_picture):
    post = make_post(media=0, scheduled=False, media_type="REELS", options={"share_to_feed": True})
    post.media.create(asset=make_picture(kind="video"), position=0)
    changes = edit(post, cover_at="1.5", trial_reel="on")
    assert changes == [
        ("Cover", "", "at 1.5 s", ""),
        ("Also show the reel in the feed", "Yes", "No", ""),
        ("Trial reel", "No", "Yes", ""),
    ]


def test_a_place_is_told_by_name_and_number(edit, planned):
    changes = edit(planned, location_id="123", location_name="123 Padaria Real")
    assert changes == [("Location", "", "Padaria Real (123)", "")]


def test_a_save_that_changes_nothing_is_no_line(edit, planned):
    assert edit(planned) == []
    assert not planned.changes.exists()


def test_what_is_saved_by_itself_is_one_line_from_first_to_last(autosave, make_post):
    post = make_post(scheduled=False)
    autosave(post, caption="Fresh bread a")
    autosave(post, caption="Fresh bread and butter", first_comment="Hello")
    assert told(post.changes.get()) == [
        ("Caption", "Fresh bread", "Fresh bread and butter", ""),
        ("First comment", "", "Hello", ""),
    ]


def test_what_was_typed_and_taken_back_is_no_line(autosave, make_post):
    post = make_post(scheduled=False)
    autosave(post, caption="Stale bread")
    autosave(post, caption="Fresh bread")
    assert not post.changes.exists()


def test_an_older_line_without_details_is_left_as_it_is(autosave, make_post, alice):
    post = make_post(scheduled=False)
    PostChange.note(post, Act.EDITED, alice, clock.now())
    autosave(post, caption="Warm bread")
    assert [told(act) for act in post.changes.order_by("pk")] == [[], [("Caption", "Fresh bread", "Warm bread", "")]]


def test_an_applied_copy_says_what_it_changed(autosave, edit, planned):
    autosave(planned, caption="Warm bread", copy_at="")
    assert not planned.changes.exists()
    assert edit(planned, caption="Warm bread") == [("Caption", "Fresh bread", "Warm bread", "")]


def test_the_words_of_a_copy_thrown_away_stay_readable(autosave, planned, alice):
    autosave(planned, caption="Stale bread", copy_at="")
    working_copies.drop(fresh(planned), alice, clock.now())
    assert told(planned.changes.get()) == [("Caption that was not applied", "", "", "Stale bread")]


# --- Other acts ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("act", [post_actions.cancel, post_actions.unschedule])
def test_leaving_the_line_tells_when_it_was_planned(planned, alice, act):
    act(planned, alice, clock.now())
    ((name, _, _, words),) = told(planned.changes.get())
    assert name == "It was planned for" and words.startswith("Tomorrow, ")


def test_scheduling_tells_for_when(planned, alice):
    post_actions.unschedule(planned, alice, clock.now())
    post_actions.schedule(planned, alice, clock.now())
    ((name, _, _, words),) = told(planned.changes.first())
    assert name == "Planned for" and words.startswith("Tomorrow, ")


def test_a_copy_names_the_post_it_was_made_of(planned, alice):
    copy = post_actions.duplicate(planned, alice, clock.now())
    assert told(copy.changes.get()) == [("Copied from", "", "", "Fresh bread")]


def test_a_released_post_tells_why_it_was_held(planned, alice):
    ScheduledPost.objects.filter(pk=planned.pk).hold("missed")
    post_actions.release(fresh(planned), alice, clock.now())
    ((name, _, _, words),) = told(planned.changes.get())
    assert (name, words) == ("It was held because", "The time passed while our publishing was stopped.")


def test_a_missed_post_tells_why_it_is_held(planned):
    PostChange.note(planned, Act.HELD, None, clock.now(), reason="missed")
    assert told(planned.changes.get())[0][0] == "Reason"


def test_another_cover_is_told_also_under_the_same_name(make_post, make_picture):
    post = make_post(media=0, scheduled=False, media_type="REELS", cover=make_picture())
    before = facts_of(post)
    post.cover = make_picture()
    changed = differences.between(before, facts_of(post))
    assert told(PostChange(act=Act.EDITED, details={"changed": changed})) == [
        ("Cover", "photo-1.jpg", "photo-2.jpg", "")
    ]
    assert changed["cover"][0][0] != changed["cover"][1][0]


def test_a_post_made_of_an_idea_says_so(alice):
    idea = PostIdea.objects.create(user=alice, title="Sourdough")
    post = ideas.make_post(idea, alice, clock.now())
    assert told(post.changes.get()) == [("Made of the idea", "", "", "Sourdough")]


# --- On the page --------------------------------------------------------------------------------------------
def test_the_posts_page_tells_it_in_both_languages(alice_in, alice, edit, planned):
    edit(planned, caption="Warm bread")
    page = alice_in.get(f"/posts/{planned.pk}/").text
    assert "<dt>Caption</dt>" in page
    assert '<del dir="auto">Fresh bread</del>' in page and '<ins dir="auto">Warm bread</ins>' in page
    with translation.override("pt-br"):
        assert told(planned.changes.get())[0][0] == "Legenda"


def test_words_of_a_post_cannot_become_markup(alice_in, edit, planned):
    edit(planned, caption="<script>alert(1)</script>")
    edit(planned, caption="Bread")
    assert "<script>alert" not in alice_in.get(f"/posts/{planned.pk}/").text


def test_an_address_keeps_its_secrets(make_post):
    post = make_post(media=0, media_urls=["https://me:word@files.example/a/bread.jpg?signature=secret"])
    assert [item["name"] for item in facts_of(post)["media"]] == ["files.example/…/bread.jpg"]
    assert "secret" not in json.dumps(facts_of(post)) and "word" not in json.dumps(facts_of(post))


def test_one_line_stays_small_whatever_is_written(make_post):
    post = make_post(media=10, caption="ç" * 50_000, first_comment="b" * 50_000, notes="c" * 50_000)
    tags = [{"username": "x" * 30, "x": 0.5, "y": 0.5} for _ in range(20)]
    post.media.update(alt_text="d" * 1000, options={"user_tags": tags})
    changed = differences.between({}, facts_of(post))
    assert len(json.dumps(changed, ensure_ascii=False)) < 30_000


def test_a_long_history_costs_no_more_queries(alice_in, alice, planned, edit):
    edit(planned, caption="One")
    with CaptureQueriesContext(connection) as few:
        alice_in.get(f"/posts/{planned.pk}/")
    for word in ("Two", "Three", "Four"):
        edit(planned, caption=word)
    with CaptureQueriesContext(connection) as many:
        alice_in.get(f"/posts/{planned.pk}/")
    assert len(many) == len(few)
