"""Writing a post in the browser: every button, with and without what it needs."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from scheduler.lib import clock
from scheduler.models import InstagramAccount, PostChange, ScheduledPost, Status
from tests.test_forms import picture


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def tomorrow():
    at = clock.now() + timedelta(days=1)
    return {"day": at.strftime("%Y-%m-%d"), "clock": at.strftime("%H:%M"), "timezone": "UTC"}


@pytest.fixture
def no_worker(monkeypatch):
    monkeypatch.setattr("scheduler.services.post_actions.publish_inline", lambda post: None)


def write(browser, path="/posts/new/", **words):
    return browser.post(path, {"timezone": "UTC", "act": "draft"} | words)


def test_the_empty_form_opens_with_the_persons_zone(alice_in):
    assert 'value="America/Sao_Paulo"' in alice_in.get("/posts/new/").text


def test_a_single_account_is_chosen_already(alice_in, make_account):
    account = make_account()
    assert f'<option value="{account.pk}" selected>' in alice_in.get("/posts/new/").text


def test_the_calendar_may_give_a_day_along(alice_in):
    assert 'value="2027-01-05"' in alice_in.get("/posts/new/?day=2027-01-05").text


def test_a_draft_is_saved_and_opened(alice_in):
    answer = write(alice_in, caption="Bread")
    post = ScheduledPost.objects.get()
    assert answer.headers["Location"] == f"/posts/{post.pk}/"
    assert (post.caption, post.status) == ("Bread", Status.DRAFT)
    assert post.changes.get().act == PostChange.Act.CREATED


def test_a_phones_png_is_scheduled(alice_in, make_account, tomorrow):
    write(alice_in, act="schedule", account=make_account().pk, uploads=picture(), caption="Bread", **tomorrow)
    post = ScheduledPost.objects.get()
    assert post.status == Status.SCHEDULED
    assert post.media.get().asset.rendition("publish").content_type == "image/jpeg"


def test_publish_now_puts_it_at_the_head_of_the_line(alice_in, make_account, no_worker):
    write(alice_in, act="now", account=make_account().pk, uploads=picture())
    post = ScheduledPost.objects.get()
    assert post.status == Status.SCHEDULED
    assert post.next_attempt_at <= clock.now()


def test_a_refused_form_makes_nothing_and_loses_nothing(alice_in, tomorrow):
    answer = write(alice_in, act="schedule", uploads=picture(), caption="Long words", **tomorrow)
    assert answer.status_code == 422
    assert not ScheduledPost.objects.exists()
    assert "Choose the account this post goes to." in answer.text
    assert "Long words" in answer.text
    assert re.search(r'name="media" value="\d+"', answer.text)


def test_the_media_of_a_refused_form_go_with_the_next_try(alice_in, make_account, tomorrow):
    refused = write(alice_in, act="schedule", uploads=picture(), **tomorrow).text
    media = re.search(r'name="media" value="(\d+)"', refused).group(1)
    write(alice_in, act="schedule", account=make_account().pk, media=media, **tomorrow)
    assert str(ScheduledPost.objects.get().media.get().asset_id) == media


def test_htmx_is_refused_with_the_form_alone(alice_in):
    answer = alice_in.post("/posts/new/", {"act": "schedule", "timezone": "UTC"}, headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert answer.text.lstrip().startswith('<form class="stack" id="post-form"')


def test_somebody_elses_account_cannot_be_chosen(alice_in, charlie, make_account):
    theirs = make_account(owner=charlie)
    answer = write(alice_in, account=theirs.pk)
    assert answer.status_code == 422
    assert not ScheduledPost.objects.exists()


def test_a_changing_clock_is_said_on_the_next_page(alice_in):
    year = timezone.now().year + 1
    answer = alice_in.post(
        "/posts/new/",
        {"act": "draft", "timezone": "America/New_York", "day": second_sunday_of_march(year), "clock": "02:30"},
        follow=True,
    )
    assert "the clock goes forward" in answer.text


def second_sunday_of_march(year):
    first = timezone.datetime(year, 3, 1)
    return f"{year}-03-{(6 - first.weekday()) % 7 + 8:02}"


@pytest.fixture
def post(make_post):
    return make_post(at=clock.now() + timedelta(days=1), now=clock.now())


def edit_path(post):
    return reverse("post-edit", args=[post.pk])


def words_of(post):
    return {
        "account": post.instagram_account_id,
        "media": post.media.get().asset_id,
        "caption": post.caption,
        "day": post.planned_day.isoformat(),
        "clock": post.planned_time.strftime("%H:%M"),
        "version": post.version,
        "act": "save",
    }


def test_a_draft_whose_type_was_guessed_grows_into_a_carousel(alice_in, make_post):
    draft = make_post(status=Status.DRAFT)
    assert chosen_type(alice_in, draft) == ""


def test_a_type_that_somebody_chose_stays_chosen(alice_in, make_post):
    draft = make_post(status=Status.DRAFT, media_type="STORY")
    assert chosen_type(alice_in, draft) == "STORY"


def chosen_type(browser, draft):
    return re.search(r'name="media_type" value="(\w*)"[^>]* checked', browser.get(edit_path(draft)).text).group(1)


def test_the_form_of_a_kept_post_shows_it(alice_in, post):
    page = alice_in.get(edit_path(post)).text
    assert "Fresh bread" in page
    assert f'name="media" value="{post.media.get().asset_id}"' in page


def test_an_edit_is_kept_and_written_down(alice_in, post):
    write(alice_in, edit_path(post), **words_of(post) | {"caption": "Warm bread"})
    post.refresh_from_db()
    assert (post.caption, post.status) == ("Warm bread", Status.SCHEDULED)
    assert post.changes.filter(act=PostChange.Act.APPLIED).exists()


def test_an_edit_of_an_older_version_is_refused_and_shown_again(alice_in, post):
    answer = write(alice_in, edit_path(post), **words_of(post) | {"version": post.version - 1, "caption": "Mine"})
    assert answer.status_code == 409
    assert "This post was changed elsewhere in the meantime." in answer.text
    assert "Mine" in answer.text
    assert f'name="version" value="{post.version}"' in answer.text


@pytest.mark.parametrize(("fields", "words"), [
    ({"status": "published", "published_at": clock.now(), "wake_at": None}, "Published posts can&#x27;t be changed."),
    ({"status": "publishing"}, "This post is going out now and can&#x27;t be changed."),
])  # fmt: skip
def test_a_post_that_went_out_is_not_edited(alice_in, post, fields, words):
    ScheduledPost.objects.filter(pk=post.pk).update(**fields)
    for answer in (alice_in.get(edit_path(post)), write(alice_in, edit_path(post), caption="Late")):
        assert answer.status_code == 409
        assert words in answer.text


def test_a_post_of_a_broken_account_is_scheduled_on_hold(alice_in, make_account, tomorrow):
    account = make_account()
    InstagramAccount.objects.update(status="token_expired")
    write(alice_in, act="schedule", account=account.pk, uploads=picture(), **tomorrow)
    assert ScheduledPost.objects.get().hold_reason == ScheduledPost.HoldReason.RECONNECT


def test_without_an_account_the_form_leads_to_one(alice_in):
    assert "Connect an Instagram professional account to start publishing." in alice_in.get("/posts/new/").text


@pytest.fixture
def silent(make_account):
    """An account whose owner did not allow comments."""
    return make_account(permissions=["instagram_business_basic", "instagram_business_content_publish"])


SILENCE = "doesn&#x27;t allow comments. Reconnect and leave every option on."


def test_a_first_comment_the_connection_cannot_write_is_closed_with_the_reason(alice_in, silent):
    page = alice_in.get("/posts/new/").text
    assert SILENCE in page
    assert re.search(r'<textarea[^>]* name="first_comment"[^>]* disabled', page) or re.search(
        r'<textarea name="first_comment"[^>]* disabled', page
    )


def test_a_first_comment_the_connection_cannot_write_is_refused(alice_in, silent):
    answer = write(alice_in, account=silent.pk, first_comment="Open until eight")
    assert answer.status_code == 422
    assert SILENCE in answer.text
    assert "disabled" not in re.search(r'<textarea name="first_comment"[^>]*>', answer.text).group()


def test_an_account_of_unknown_permissions_may_comment(alice_in, make_account):
    assert write(alice_in, account=make_account().pk, first_comment="Open until eight").status_code == 302


def test_a_video_stays_a_video_when_it_is_saved_again(alice_in, make_post):
    post = make_post(scheduled=False, media_type="VIDEO", media=0)
    page = alice_in.get(f"/posts/{post.pk}/edit/").text
    assert re.search(r'value="VIDEO"[^>]* checked', page)
    write(alice_in, f"/posts/{post.pk}/edit/", media_type="VIDEO", caption="New words", version=post.version)
    post.refresh_from_db()
    assert (post.media_type, post.caption) == ("VIDEO", "New words")
