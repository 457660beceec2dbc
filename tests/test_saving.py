"""What is written saves itself: drafts as they are, posts in line as a copy that counts only once it is applied."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from scheduler.lib import clock
from scheduler.models import MediaAsset, Notification, PostChange, ScheduledPost, Status
from scheduler.services import checks, words, working_copies

KEY = str(uuid4())


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def autosave(alice_in):
    """Send the form as it stands, as the browser does by itself."""

    def send(post=None, **said):
        address = "/posts/autosave/" + (f"?post={post.pk}" if post else "")
        return alice_in.post(address, {"timezone": "UTC"} | said)

    return send


@pytest.fixture
def planned(make_post):
    """A post in line for tomorrow."""
    return make_post(at=clock.now() + timedelta(days=1), caption="Fresh bread")


def said(post, **changes):
    """What the form of a kept post says, with changes."""
    wall = post.planned_wall
    return {
        "account": post.instagram_account_id,
        "media": post.media.get().asset_id,
        "caption": post.caption,
        "day": wall.strftime("%Y-%m-%d"),
        "clock": wall.strftime("%H:%M"),
        "timezone": post.timezone,
        "version": post.version,
        "copy_at": working_copies.at_of(post),
    } | changes


def fresh(post):
    return ScheduledPost.objects.get(pk=post.pk)


# --- Drafts -------------------------------------------------------------------------------------------------
def test_the_first_words_make_a_draft(autosave):
    answer = autosave(caption="Bread", draft_key=KEY)
    post = ScheduledPost.objects.get()
    assert (post.caption, post.status) == ("Bread", Status.DRAFT)
    told = answer.json()
    assert told["said"].startswith("Saved: ")
    assert (told["post"], told["version"], told["edit"]) == (post.pk, post.version, f"/posts/{post.pk}/edit/")


def test_an_untouched_form_makes_nothing(autosave):
    assert autosave(draft_key=KEY, caption="  ").status_code == 204
    assert not ScheduledPost.objects.exists()


def test_two_quick_saves_are_one_draft(autosave):
    autosave(caption="Bre", draft_key=KEY)
    autosave(caption="Bread", draft_key=KEY)
    assert ScheduledPost.objects.get().caption == "Bread"


def test_a_form_that_is_sent_after_it_saved_itself_is_the_same_post(alice_in, autosave):
    autosave(caption="Bre", draft_key=KEY)
    alice_in.post("/posts/new/", {"timezone": "UTC", "act": "draft", "caption": "Bread", "draft_key": KEY})
    assert ScheduledPost.objects.get().caption == "Bread"


def test_a_form_that_is_sent_twice_is_one_post(alice_in):
    for _twice in range(2):
        alice_in.post("/posts/new/", {"timezone": "UTC", "act": "draft", "caption": "Bread", "draft_key": KEY})
    assert ScheduledPost.objects.count() == 1


def test_the_same_key_of_another_person_is_another_draft(autosave, client, charlie):
    autosave(caption="Alice's", draft_key=KEY)
    client.force_login(charlie)
    client.post("/posts/autosave/", {"timezone": "UTC", "caption": "Charlie's", "draft_key": KEY})
    assert set(ScheduledPost.objects.values_list("user__username", "caption")) == {
        ("alice", "Alice's"),
        ("charlie", "Charlie's"),
    }


def test_a_draft_deleted_elsewhere_does_not_come_back(autosave):
    autosave(caption="Bread", draft_key=KEY)
    ScheduledPost.objects.update(deleted_at=clock.now())
    answer = autosave(caption="Bread and butter", draft_key=KEY)
    assert answer.status_code == 409
    assert "in another tab" in answer.json()["problem"]


def test_a_form_of_a_draft_deleted_elsewhere_keeps_its_words_and_makes_a_new_post(alice_in, autosave):
    autosave(caption="Bread", draft_key=KEY)
    ScheduledPost.objects.update(deleted_at=clock.now())
    words = {"timezone": "UTC", "act": "draft", "caption": "Bread and butter"}
    answer = alice_in.post("/posts/new/", words | {"draft_key": KEY})
    assert answer.status_code == 409
    assert "This draft was deleted in another tab." in answer.text and "Bread and butter</textarea>" in answer.text
    key = answer.context["form"].draft_key
    assert alice_in.post("/posts/new/", words | {"draft_key": key}).status_code == 302
    assert ScheduledPost.objects.get(deleted_at=None).caption == "Bread and butter"


@pytest.mark.parametrize("key", ["", "x", "../../etc", "A" * 36, "0" * 37])
def test_a_key_that_is_none_is_nobodys(autosave, key):
    autosave(caption="One", draft_key=key)
    autosave(caption="Two", draft_key=key)
    assert ScheduledPost.objects.filter(draft_key=None).count() == 2


def test_what_cannot_be_read_is_said_and_the_draft_stays(autosave, make_post):
    post = make_post(caption="Bread")
    answer = autosave(post, caption="Butter", timezone="Mars/Olympus")
    assert answer.status_code == 422
    assert answer.json()["problem"].startswith("No zone has this name.")
    assert fresh(post).caption == "Bread"


def test_a_draft_that_somebody_else_changed_is_not_written_over(autosave, make_post):
    post = make_post(caption="Bread")
    answer = autosave(post, caption="Butter", version=post.version + 1)
    assert (answer.status_code, answer.json()["version"]) == (409, post.version)
    assert fresh(post).caption == "Bread"
    assert autosave(post, caption="Butter", version=answer.json()["version"]).status_code == 200
    assert fresh(post).caption == "Butter"


def test_each_answer_names_the_version_that_is_next(autosave, make_post):
    post = make_post(media=0)
    told = autosave(post, caption="One", version=post.version).json()
    assert autosave(post, caption="Two", version=told["version"]).status_code == 200
    assert fresh(post).caption == "Two"


def test_many_saves_are_one_line_of_the_history(autosave, make_post, alice):
    post = make_post(media=0)
    for caption in ("A", "AB", "ABC"):
        autosave(post, caption=caption)
    assert [change.act for change in post.changes.all()] == ["edited"]


def test_a_post_that_is_live_is_not_changed(autosave, make_post):
    post = make_post(caption="Live")
    ScheduledPost.objects.update(status="published", published_at=clock.now())
    answer = autosave(post, caption="Changed")
    assert (answer.status_code, fresh(post).caption) == (409, "Live")


def test_a_strangers_post_does_not_exist(autosave, charlie, make_post):
    assert autosave(make_post(owner=charlie), caption="Mine").status_code == 404


# --- Posts in line ------------------------------------------------------------------------------------------
def test_what_goes_out_does_not_change_by_itself(autosave, planned):
    before = ScheduledPost.objects.values().get()
    answer = autosave(planned, **said(planned, caption="Stale bread"))
    after = ScheduledPost.objects.values().get()
    assert "Not applied yet." in answer.json()["said"]
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"working_copy"}


def test_the_form_shows_the_copy_and_says_so(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Stale bread"))
    page = alice_in.get(f"/posts/{planned.pk}/edit/").text
    assert "Stale bread" in page and "You are changing a copy" in page


def test_the_version_that_goes_out_can_still_be_looked_at(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Stale bread"))
    page = alice_in.get(f"/posts/{planned.pk}/edit/?latest=1").text
    assert "Fresh bread" in page and "Stale bread" not in page


def test_the_posts_page_says_that_changes_wait(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Stale bread"))
    page = alice_in.get(f"/posts/{planned.pk}/").text
    assert "There are changes that are not applied." in page


def test_the_list_says_that_changes_wait(alice_in, autosave, planned):
    assert "Changes not applied" not in alice_in.get("/posts/").text
    autosave(planned, **said(planned, caption="Stale bread"))
    assert "Changes not applied" in alice_in.get("/posts/").text


def test_applied_changes_count_and_leave_no_copy(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Better bread"))
    alice_in.post(f"/posts/{planned.pk}/edit/", said(fresh(planned), caption="Better bread", act="save"))
    post = fresh(planned)
    assert (post.caption, post.working_copy, post.status) == ("Better bread", None, Status.SCHEDULED)


def test_discarded_changes_are_gone(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Stale bread"))
    alice_in.post(f"/posts/{planned.pk}/edit/", {"act": "discard"})
    post = fresh(planned)
    assert (post.caption, post.working_copy) == ("Fresh bread", None)
    assert post.changes.first().act == PostChange.Act.DISCARDED


def test_without_a_browsers_help_changes_are_kept_by_a_button(alice_in, planned):
    alice_in.post(f"/posts/{planned.pk}/edit/", said(planned, caption="Later", act="keep"))
    post = fresh(planned)
    assert post.caption == "Fresh bread"
    assert working_copies.fields_of(post)["caption"] == "Later"


def test_a_copy_may_have_every_mistake(autosave, planned):
    autosave(planned, **said(planned, timezone="Mars/Olympus", day="2020-01-01", caption="x" * 5000))
    assert working_copies.fields_of(fresh(planned))["timezone"] == "Mars/Olympus"


def test_the_older_of_two_tabs_does_not_win(autosave, planned):
    autosave(planned, **said(planned, caption="First tab"))
    answer = autosave(planned, **said(planned, caption="Second tab"))
    assert answer.status_code == 409
    assert working_copies.fields_of(fresh(planned))["caption"] == "First tab"
    told = answer.json()
    autosave(planned, **said(planned, caption="Second tab") | {"copy_at": told["copy_at"]})
    assert working_copies.fields_of(fresh(planned))["caption"] == "Second tab"


def test_a_copy_of_a_version_that_was_moved_is_not_applied_unseen(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Better bread"))
    ScheduledPost.objects.update(version=planned.version + 1)
    page = alice_in.get(f"/posts/{planned.pk}/edit/").text
    assert f'name="version" value="{planned.version}"' in page
    answer = alice_in.post(f"/posts/{planned.pk}/edit/", said(planned, caption="Better bread", act="save"))
    assert answer.status_code == 409
    assert fresh(planned).caption == "Fresh bread"


@pytest.fixture
def changed_elsewhere(alice_in, planned):
    """What the form of an older tab says of a post that another tab changed meanwhile."""
    older = said(planned, caption="Older tab")
    alice_in.post(f"/posts/{planned.pk}/edit/", said(planned, caption="Newer tab", act="save"))
    return older


def test_an_older_tab_that_saves_itself_learns_that_the_post_was_changed(autosave, planned, changed_elsewhere):
    answer = autosave(planned, **changed_elsewhere)
    assert (answer.status_code, fresh(planned).working_copy) == (409, None)
    again = changed_elsewhere | {"version": answer.json()["version"]}
    assert autosave(planned, **again).status_code == 200
    assert working_copies.fields_of(fresh(planned))["caption"] == "Older tab"


def test_a_save_that_arrives_after_its_words_were_applied_leaves_no_copy(alice_in, autosave, planned):
    words = said(planned, caption="Better bread")
    alice_in.post(f"/posts/{planned.pk}/edit/", words | {"act": "save"})
    autosave(planned, **words)
    assert fresh(planned).working_copy is None


def test_an_older_form_is_shown_again_with_its_words(alice_in, planned, changed_elsewhere):
    answer = alice_in.post(f"/posts/{planned.pk}/edit/", changed_elsewhere | {"act": "keep"})
    assert answer.status_code == 409
    assert "Older tab</textarea>" in answer.text and "This post was changed elsewhere in the meantime." in answer.text
    assert (fresh(planned).caption, fresh(planned).working_copy) == ("Newer tab", None)


def test_each_save_of_a_copy_names_the_version_that_its_words_were_written_for(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Better"))
    ScheduledPost.objects.update(version=planned.version + 1)
    told = autosave(planned, **said(fresh(planned), caption="Better bread", version=planned.version)).json()
    assert told["version"] == planned.version
    words = said(fresh(planned), caption="Better bread", version=told["version"], act="save")
    assert alice_in.post(f"/posts/{planned.pk}/edit/", words).status_code == 409


def test_a_copy_holds_no_nul_which_postgresql_refuses(autosave, planned):
    autosave(planned, **said(planned, caption="Fresh\0 bread", **{"no\0te": "x"}))
    assert "\\u0000" not in json.dumps(fresh(planned).working_copy)
    assert working_copies.fields_of(fresh(planned))["caption"] == "Fresh bread"


def test_a_post_that_went_out_meanwhile_keeps_no_copy_and_says_so(autosave, planned):
    ScheduledPost.objects.update(status="published", published_at=clock.now(), wake_at=None)
    answer = autosave(planned, **said(planned, caption="Too late"))
    assert answer.status_code == 409 and "version" not in answer.json()


def test_changes_that_came_too_late_make_a_new_post(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Too late"))
    ScheduledPost.objects.update(status="published", published_at=clock.now(), wake_at=None)
    assert "were not applied before it went out" in alice_in.get(f"/posts/{planned.pk}/").text
    MediaAsset.objects.update(deleted_at=clock.now())  # its picture left the library meanwhile
    alice_in.post(reverse("post-new-from-changes", args=[planned.pk]))
    draft = ScheduledPost.objects.get(status="draft")
    assert (draft.caption, draft.media.count()) == ("Too late", 1)
    assert fresh(planned).working_copy is None


def test_a_new_post_needs_changes_to_be_made_of(alice_in, planned):
    alice_in.post(reverse("post-new-from-changes", args=[planned.pk]))
    assert ScheduledPost.objects.count() == 1


def test_two_clicks_at_once_make_one_new_post(alice_in, autosave, planned, monkeypatch):
    autosave(planned, **said(planned, caption="Too late"))
    ScheduledPost.objects.update(status="published", published_at=clock.now(), wake_at=None)
    address, drop = reverse("post-new-from-changes", args=[planned.pk]), working_copies.drop

    def drop_after_another_click(post, *who_and_when):
        monkeypatch.setattr(working_copies, "drop", drop)
        alice_in.post(address)
        return drop(post, *who_and_when)

    monkeypatch.setattr(working_copies, "drop", drop_after_another_click)
    alice_in.post(address)
    assert ScheduledPost.objects.filter(status="draft").count() == 1


# --- Before its time ----------------------------------------------------------------------------------------
def look_over(post, before):
    """Look the post over so long before its time, if that is due then."""
    at = post.next_attempt_at - before
    return checks.run_if_due(post.pk, lambda: at)


def test_ten_minutes_before_its_time_the_owner_is_told_once(autosave, planned, alice):
    autosave(planned, **said(planned, caption="Better bread"))
    for before in (timedelta(hours=1), timedelta(minutes=10), timedelta(minutes=5)):
        assert look_over(planned, before)
    told = Notification.objects.get(kind="NOT_APPLIED")
    assert told.user == alice and told.created_at == planned.next_attempt_at - timedelta(minutes=10)
    assert "are not applied. It goes out at" in words.notice(told)


def test_a_copy_kept_between_two_looks_is_told_in_time(autosave, planned):
    assert look_over(planned, timedelta(hours=1))
    assert fresh(planned).check_at == planned.next_attempt_at - timedelta(minutes=5)
    ScheduledPost.objects.filter(pk=planned.pk).update(check_at=planned.next_attempt_at - timedelta(minutes=5))
    autosave(planned, **said(planned, caption="Better bread"))
    assert fresh(planned).check_at <= planned.next_attempt_at - timedelta(minutes=10)


def test_without_a_copy_nobody_looks_ten_minutes_before(planned):
    assert look_over(planned, timedelta(hours=1))
    assert not look_over(planned, timedelta(minutes=10))


def test_applying_ends_the_notice(alice_in, autosave, planned):
    autosave(planned, **said(planned, caption="Better bread"))
    look_over(planned, timedelta(minutes=10))
    alice_in.post(f"/posts/{planned.pk}/edit/", said(fresh(planned), caption="Better bread", act="save"))
    assert Notification.objects.get(kind="NOT_APPLIED").settled_at is not None
