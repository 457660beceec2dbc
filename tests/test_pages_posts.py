"""The lists of posts, the page of one, its acts, and the history."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduler.lib import clock
from scheduler.models import InstagramAccount, PostChange, PublishingLog, ScheduledPost, Status
from scheduler.services import post_lists

HTMX = {"hx-request": "true"}


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def no_worker(monkeypatch):
    """Nobody publishes: what is to go out at once stays in line."""
    monkeypatch.setattr("scheduler.services.post_actions.publish_inline", lambda post: None)


def stand(post, **fields):
    ScheduledPost.objects.filter(pk=post.pk).update(**fields)
    post.refresh_from_db()
    return post


@pytest.fixture
def waiting(make_post, now):
    return make_post(at=now + timedelta(days=1), now=now)


@pytest.fixture
def failed(waiting, now):
    return stand(waiting, status="failed", last_error="INSTAGRAM_DOWN", failed_at=now, wake_at=None)


def test_a_failed_post_is_not_told_to_change_a_time_that_a_new_try_does_not_need(alice_in, failed, now):
    stand(failed, scheduled_for=now - timedelta(hours=1), next_attempt_at=None)
    assert "That time has passed" not in alice_in.get(f"/posts/{failed.pk}/").text


def test_the_page_names_what_goes_along_with_a_post(alice_in, waiting):
    stand(waiting, media_type="REELS", options={"audio_name": "Oven", "share_to_feed": False})
    waiting.media.update(options={"user_tags": [{"username": "joana"}, {"username": "joana"}]})
    words = alice_in.get(f"/posts/{waiting.pk}/").text
    assert "<dd>@joana </dd>" in words
    assert "Oven" in words and "With the reels only, not in the feed" in words


@pytest.fixture
def live(waiting, now):
    return stand(
        waiting, status="published", published_at=now, permalink="https://www.instagram.com/p/abc/", wake_at=None
    )


@pytest.fixture
def unknown(waiting, now):
    """Sent, and nobody can read how it ended."""
    return stand(
        waiting,
        status="publishing",
        container_id="1789",
        publish_intent_at=now,
        unconfirmed_at=now,
        needs_person_at=now,
        next_attempt_at=now,
    )


def page_of(browser, post, **options):
    return browser.get(reverse("post-detail", args=[post.pk]), **options)


# --- Lists ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "tab"), [
    ("waiting", "scheduled"), ("failed", "attention"), ("live", "published"), ("unknown", "attention"),
])  # fmt: skip
def test_a_post_stands_on_its_tab_and_on_no_other(alice_in, request, name, tab):
    post = request.getfixturevalue(name)
    for other in post_lists.TABS:
        assert (f"row-{post.pk}" in alice_in.get(f"/posts/?tab={other}").text) is (other == tab)


def test_a_held_post_needs_attention(alice_in, waiting):
    stand(waiting, hold_reason="missed", wake_at=None)
    page = alice_in.get("/posts/?tab=attention").text
    assert "The time passed while our publishing was stopped." in page


def test_the_longest_stuck_post_comes_first(alice_in, waiting, make_post, now):
    older = make_post(at=now + timedelta(minutes=1), now=now)
    stand(waiting, hold_reason="missed", wake_at=None, scheduled_for=now)
    stand(older, hold_reason="missed", wake_at=None, scheduled_for=now - timedelta(days=1))
    page = alice_in.get("/posts/?tab=attention").text
    assert page.index(f'"row-{older.pk}"') < page.index(f'"row-{waiting.pk}"')


def test_a_held_post_of_a_reconnected_account_asks_for_its_release(alice_in, waiting):
    stand(waiting, hold_reason="reconnect", wake_at=None)
    page = page_of(alice_in, waiting).text
    assert "is connected again. Release this post and it goes back in line." in page
    assert reverse("post-release", args=[waiting.pk]) in page


def test_publish_now_waits_for_the_reconnect(alice_in, waiting):
    stand(waiting, hold_reason="reconnect", wake_at=None)
    InstagramAccount.objects.update(status="token_expired")
    assert 'id="act-publish-now"' not in page_of(alice_in, waiting).text


def test_a_draft_stands_among_the_drafts(alice_in, make_post):
    post = make_post()
    assert f"row-{post.pk}" in alice_in.get("/posts/?tab=drafts").text


@pytest.mark.parametrize(("tab", "words"), [
    ("scheduled", "Nothing planned yet"), ("drafts", "No drafts"), ("attention", "Nothing needs you right now."),
    ("published", "Nothing published yet"),
])  # fmt: skip
def test_an_empty_tab_says_so(alice_in, tab, words):
    assert words in alice_in.get(f"/posts/?tab={tab}").text


def test_an_unknown_tab_is_the_first_one(alice_in, waiting):
    assert f"row-{waiting.pk}" in alice_in.get("/posts/?tab=nonsense").text


def test_the_list_is_narrowed_to_an_account(alice_in, make_account, make_post, now):
    one, other = (make_post(account=make_account(), at=now + timedelta(days=1), now=now) for _ in range(2))
    page = alice_in.get(f"/posts/?account={one.instagram_account_id}").text
    assert (f"row-{one.pk}" in page, f"row-{other.pk}" in page) == (True, False)


def test_somebody_elses_account_narrows_nothing(client, charlie, waiting):
    client.force_login(charlie)
    assert client.get(f"/posts/?account={waiting.instagram_account_id}").status_code == 404


def test_htmx_gets_only_the_list(alice_in, waiting):
    answer = alice_in.get("/posts/", headers=HTMX)
    assert answer.text.lstrip().startswith('<div class="stack" id="post-list"')
    assert "HX-Request" in answer.headers["Vary"]


def test_the_list_looks_again_faster_while_something_is_due(alice_in, make_post, now):
    assert 'data-poll-s="30"' in alice_in.get("/posts/").text
    make_post(at=now + timedelta(seconds=90), now=now)
    assert 'data-poll-s="5"' in alice_in.get("/posts/").text


def test_a_page_holds_fifty(alice_in, make_account, make_post, now):
    account = make_account()
    for hours in range(51):
        make_post(
            account=account, at=now + timedelta(hours=2 + hours), now=now, media=0, media_urls=["https://x/a.jpg"]
        )
    assert alice_in.get("/posts/").text.count('class="post-row"') == 50
    assert alice_in.get("/posts/?page=2").text.count('class="post-row"') == 1


@pytest.mark.parametrize("path", ["/posts/", "/activity/"])
def test_a_list_costs_the_same_queries_for_one_and_twenty(
    alice_in, make_account, make_post, now, path, django_assert_num_queries
):
    account = make_account()

    def add(count):
        for _ in range(count):
            post = make_post(account=account, at=now + timedelta(days=1), now=now)
            PublishingLog.start(post, "create_container", now)

    add(1)
    with CaptureQueriesContext(connection) as few:
        alice_in.get(path)
    add(19)
    with django_assert_num_queries(len(few)):
        alice_in.get(path)


# --- The page of one ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "words"), [
    ("waiting", "Goes out tomorrow"),
    ("failed", "Instagram had a problem on its side."),
    ("live", "View on Instagram"),
    ("unknown", "Look at the profile, then say what you see."),
])  # fmt: skip
def test_the_page_says_how_the_post_stands(alice_in, request, name, words):
    assert words in page_of(alice_in, request.getfixturevalue(name)).text


def test_a_live_post_without_a_link_says_so(alice_in, live):
    stand(live, permalink="")
    assert "Its link is unknown. Look at the profile." in page_of(alice_in, live).text


def test_a_post_whose_account_lapses_first_is_at_risk(alice_in, waiting, now):
    waiting.instagram_account.token_expires_at = now + timedelta(hours=1)
    waiting.instagram_account.save()
    page = page_of(alice_in, waiting).text
    assert "At risk" in page
    assert "needs a new sign-in by" in page


def test_a_post_at_risk_is_not_promised_to_go_out(alice_in, waiting, now):
    waiting.instagram_account.token_expires_at = now - timedelta(hours=1)
    waiting.instagram_account.save()
    page = page_of(alice_in, waiting).text
    assert "and goes out only if you reconnect before." in page
    assert "ended." in page
    assert "Goes out" not in page


def test_a_post_of_a_broken_account_offers_to_reconnect_and_come_back(alice_in, waiting):
    waiting.instagram_account.mark("token_expired", "TOKEN_EXPIRED")
    stand(waiting, hold_reason="reconnect", wake_at=None)
    back = f"next=%2Fposts%2F{waiting.pk}%2F"
    assert f"?account={waiting.instagram_account_id}&amp;{back}" in page_of(alice_in, waiting).text


def test_the_story_tells_steps_and_people_in_words(alice_in, alice, waiting, now):
    PostChange.note(waiting, PostChange.Act.SCHEDULED, alice, now)
    line = PublishingLog.start(waiting, "create_container", now)
    line.close("container_created", now, api_endpoint="/v26.0/1/media", http_status=200, duration_ms=812)
    page = page_of(alice_in, waiting).text
    assert "Sent the media to Instagram" in page
    assert "alice" in page
    assert "/v26.0/1/media" in page


def sent_item(post, at, outcome="container_created"):
    line = PublishingLog.start(post, "create_container", at, request={"is_carousel_item": True})
    line.close(outcome, at, error_code="" if outcome != "error" else "INSTAGRAM_DOWN")


def test_a_carousels_story_says_which_item_was_sent(alice_in, make_post, now):
    post = make_post(at=now + timedelta(days=1), now=now, media=2, media_type="CAROUSEL")
    for second, outcome in enumerate(["container_created", "error", "container_created"]):
        sent_item(post, now + timedelta(seconds=second), outcome)
    page = page_of(alice_in, post).text
    assert page.count("Sent item 1 of 2 to Instagram") == 1
    assert page.count("Sent item 2 of 2 to Instagram") == 2  # refused, then taken


def test_a_carousels_story_says_when_it_was_sent_whole(alice_in, make_post, now):
    post = make_post(at=now + timedelta(days=1), now=now, media=2, media_type="CAROUSEL")
    line = PublishingLog.start(post, "create_container", now, request={"media_type": "CAROUSEL"})
    line.close("container_created", now)
    assert "Sent the whole carousel to Instagram" in page_of(alice_in, post).text


def test_items_of_a_carousel_made_anew_are_counted_anew(alice_in, make_post, now):
    post = make_post(at=now + timedelta(days=1), now=now, media=2, media_type="CAROUSEL")
    for second in range(4):
        sent_item(post, now + timedelta(seconds=second))
    assert page_of(alice_in, post).text.count("Sent item 1 of 2 to Instagram") == 2


def test_a_carousel_can_be_turned_with_the_mouse(alice_in, make_post, now):
    post = make_post(at=now + timedelta(days=1), now=now, media=2, media_type="CAROUSEL")
    assert 'data-behaviour="carousel"' in page_of(alice_in, post).text
    assert 'data-behaviour="carousel"' not in page_of(alice_in, make_post(at=now + timedelta(days=1), now=now)).text


@pytest.mark.parametrize(
    ("kind", "told"),
    [("IMAGE", "Instagram can&#x27;t use this image"), ("REELS", "Instagram couldn&#x27;t use this video")],
)
def test_a_refused_format_is_told_of_what_the_post_holds(alice_in, failed, kind, told):
    assert told in page_of(alice_in, stand(failed, media_type=kind, last_error="VIDEO_REFUSED")).text


def test_quiet_looks_at_one_container_are_one_moment(alice_in, waiting, now):
    for second in range(5):
        line = PublishingLog.start(waiting, "read_container", now + timedelta(seconds=second))
        line.close("processing", now + timedelta(seconds=second))
    page = page_of(alice_in, waiting).text
    assert page.count("Looked whether Instagram is done with it") == 1
    assert "5 looks" in page


def test_what_instagram_said_cannot_become_markup(alice_in, waiting, now):
    line = PublishingLog.start(waiting, "create_container", now)
    line.close("error", now, error_message="<script>alert(1)</script>", response_data={"a": "<img src=x>"})
    page = page_of(alice_in, waiting).text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_htmx_gets_only_the_live_part(alice_in, waiting):
    answer = page_of(alice_in, waiting, headers=HTMX)
    assert answer.text.lstrip().startswith('<div class="stack" id="post-live"')


def test_the_page_looks_again_fast_while_it_goes_out(alice_in, waiting, now):
    assert 'data-poll-s="30"' in page_of(alice_in, waiting).text
    stand(waiting, status="publishing", next_attempt_at=now, wake_at=now)
    assert 'data-poll-s="3"' in page_of(alice_in, waiting).text


def offers_of(page):
    return {word for word in ("edit", "publish-now") if f'id="act-{word}"' in page}


def test_what_would_come_too_late_is_not_offered(alice_in, waiting, now):
    assert offers_of(page_of(alice_in, waiting).text) == {"edit", "publish-now"}
    stand(waiting, next_attempt_at=now, wake_at=now)
    page = page_of(alice_in, waiting).text
    assert "It is on its way to Instagram." in page and offers_of(page) == set()
    assert 'data-status="publishing"' in page and 'data-announce="Publishing"' in page and 'data-poll-s="3"' in page


def test_what_is_on_its_way_has_no_checklist(alice_in, waiting, now):
    stand(waiting, caption="")
    assert 'id="findings-title"' in page_of(alice_in, waiting).text
    stand(waiting, next_attempt_at=now, wake_at=now)
    assert 'id="findings-title"' not in page_of(alice_in, waiting).text


def test_a_post_that_nobody_takes_can_be_changed(alice_in, waiting, now):
    stand(waiting, next_attempt_at=now - timedelta(minutes=3), wake_at=now - timedelta(minutes=3))
    assert offers_of(page_of(alice_in, waiting).text) == {"edit", "publish-now"}


def test_the_page_costs_a_fixed_number_of_queries(alice_in, make_post, now, django_assert_num_queries):
    post = make_post(media=1, media_type="CAROUSEL")
    PublishingLog.start(post, "create_container", now)
    with CaptureQueriesContext(connection) as few:
        page_of(alice_in, post)
    rich = make_post(media=10, media_type="CAROUSEL")
    for _ in range(20):
        PublishingLog.start(rich, "create_container", now)
    with django_assert_num_queries(len(few)):
        page_of(alice_in, rich)


# --- Acts ---------------------------------------------------------------------------------------------------
def act(browser, post, name, **options):
    return browser.post(reverse(f"post-{name}", args=[post.pk]), **options)


@pytest.mark.parametrize(("name", "start", "status"), [
    ("unschedule", "waiting", Status.DRAFT),
    ("cancel", "waiting", Status.CANCELLED),
    ("publish-now", "waiting", Status.SCHEDULED),
    ("retry", "failed", Status.SCHEDULED),
    ("there", "unknown", Status.PUBLISHED),
    ("not-there", "unknown", Status.SCHEDULED),
])  # fmt: skip
def test_an_act_changes_the_post_and_comes_back_to_it(alice_in, no_worker, request, name, start, status):
    post = request.getfixturevalue(start)
    answer = act(alice_in, post, name)
    post.refresh_from_db()
    assert answer.headers["Location"] == f"/posts/{post.pk}/"
    assert post.status == status


@pytest.mark.parametrize(("name", "start"), [
    ("retry", "waiting"), ("publish-now", "live"), ("cancel", "live"), ("unschedule", "live"), ("there", "waiting"),
    ("not-there", "live"), ("schedule", "live"), ("release", "waiting"), ("delete", "unknown"),
])  # fmt: skip
def test_an_act_in_the_wrong_state_is_refused_with_a_sentence(alice_in, no_worker, request, name, start):
    post = request.getfixturevalue(start)
    before = ScheduledPost.objects.filter(pk=post.pk).values().get()
    answer = act(alice_in, post, name)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert ScheduledPost.objects.filter(pk=post.pk).values().get() == before


def test_htmx_gets_the_live_part_and_a_toast(alice_in, waiting):
    answer = act(alice_in, waiting, "unschedule", headers=HTMX)
    assert answer.text.lstrip().startswith('<div class="stack" id="post-live"')
    assert "It is a draft again." in answer.headers["HX-Trigger"]


def test_htmx_is_refused_with_the_live_part(alice_in, live):
    answer = act(alice_in, live, "cancel", headers=HTMX)
    assert answer.status_code == 409
    assert answer.text.lstrip().startswith('<div class="stack" id="post-live"')


def test_a_complete_draft_is_scheduled_from_its_page(alice_in, make_post, now):
    post = make_post(at=now + timedelta(days=1), scheduled=False)
    assert "Schedule for" in page_of(alice_in, post).text
    act(alice_in, post, "schedule")
    post.refresh_from_db()
    assert post.status == Status.SCHEDULED


def test_a_held_post_goes_on_when_released(alice_in, waiting):
    stand(waiting, hold_reason="missed", wake_at=None)
    act(alice_in, waiting, "release")
    waiting.refresh_from_db()
    assert waiting.hold_reason == ""


def test_a_copy_opens_as_a_draft_without_a_time(alice_in, live):
    answer = act(alice_in, live, "duplicate")
    copy = ScheduledPost.objects.exclude(pk=live.pk).get()
    assert answer.headers["Location"] == f"/posts/{copy.pk}/edit/"
    assert (copy.status, copy.scheduled_for, copy.caption) == (Status.DRAFT, None, live.caption)


def test_a_deleted_post_is_gone_from_every_page(alice_in, waiting):
    assert act(alice_in, waiting, "delete").headers["Location"] == "/posts/"
    assert page_of(alice_in, waiting).status_code == 404


# --- History ------------------------------------------------------------------------------------------------
@pytest.fixture
def lines(waiting, now):
    for status in ("success", "error", "retry"):
        line = PublishingLog.start(waiting, "publish_container", now)
        line.close(status, now, error_code="INSTAGRAM_DOWN" if status == "error" else "")
    return waiting


@pytest.mark.parametrize(("query", "rows"), [("", 3), ("?result=error", 1), ("?result=nonsense", 3)])
def test_the_history_is_narrowed_by_result(alice_in, lines, query, rows):
    assert alice_in.get(f"/activity/{query}").text.count('class="log-row"') == rows


def test_the_history_is_narrowed_by_account(alice_in, lines, make_account):
    assert "log-row" not in alice_in.get(f"/activity/?account={make_account().pk}").text


def test_the_history_is_ones_own(client, charlie, lines):
    client.force_login(charlie)
    assert "log-row" not in client.get("/activity/").text


# --- Searching ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("words", "found"), [
    ("rye", ["Rye loaf"]), ("LOAF rye", ["Rye loaf"]), ("loaf", ["Rye loaf", "Oat loaf"]),
    ("", ["Rye loaf", "Oat loaf"]), ("\0 rye \0", ["Rye loaf"]), ("100%", []),
])  # fmt: skip
def test_words_of_a_caption_find_posts(alice_in, make_post, words, found):
    for caption in ("Rye loaf", "Oat loaf"):
        make_post(caption=caption)
    page = alice_in.get("/posts/", {"tab": "drafts", "q": words}).text
    assert [caption for caption in ("Rye loaf", "Oat loaf") if caption in page] == found


def test_a_search_goes_along_to_the_other_tabs_and_counts_there(alice_in, make_post):
    make_post(caption="Rye loaf")
    page = alice_in.get("/posts/?q=rye").text
    assert 'href="?tab=drafts&amp;q=rye"' in page
    assert "No post here says “rye”" in page
    assert "The numbers beside the tabs say where some do." in page
    assert "beside the tabs" not in alice_in.get("/posts/?q=wheat").text
    assert 'Drafts <span class="tab__count">1</span>' in page


def test_a_page_without_posts_offers_no_search(alice_in):
    assert 'id="post-q"' not in alice_in.get("/posts/").text


def test_the_pages_of_a_day_lead_to_each_other(alice_in, make_post, now):
    day = (now + timedelta(days=2)).date()
    for _n in range(51):
        make_post(at=now + timedelta(days=2), now=now, media=0, scheduled=False)
    page = alice_in.get(f"/calendar/day/{day}/?tz=UTC").text
    after = html.unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])
    assert alice_in.get(f"/calendar/day/{day}/{after}").text.count('class="day-posts__row"') == 1
