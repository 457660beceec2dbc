"""What goes wrong, and what it comes to: retries, holds, failures, waiting; never a second publish."""

from datetime import timedelta

import pytest

from scheduler.models import HoldReason, InstagramAccount, Notification, ScheduledPost, Status
from scheduler.services import side_work
from tests.publishing.conftest import connect, status, steps
from tests.publishing.files import own_picture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

TEMPORARY = {"code": 2}


def attempts(post):
    return list(post.logs.filter(status="retry").order_by("pk").values_list("next_attempt_at", "finished_at"))


def test_a_temporary_error_is_tried_after_1_5_and_15_minutes_then_fails(plan, work, instagram):
    instagram.next_call("create", code=2, times=50)
    post = work(plan(ahead=timedelta(seconds=61)))
    waits = [round((at - written).total_seconds() / 60) for at, written in attempts(post)]
    assert waits == [1, 5, 15] or waits == [1, 5, 16]
    assert (post.status, post.last_error, post.retry_count) == (Status.FAILED, "INSTAGRAM_DOWN", 3)
    assert not instagram.published()


def test_a_temporary_error_that_passes_ends_in_one_publish(plan, work, instagram):
    instagram.next_call("create", code=2, times=5)
    post = work(plan(ahead=timedelta(seconds=61)))
    assert post.status == Status.PUBLISHED and len(instagram.published()) == 1
    assert post.scheduled_for < post.published_at  # the owner's wish is kept


def test_a_failure_tells_the_owner_once(plan, work, instagram, alice):
    instagram.next_call("create", code=36003, subcode=2207009)
    post = work(plan())
    assert (post.status, post.last_error) == (Status.FAILED, "IMAGE_SHAPE")
    assert list(Notification.objects.for_user(alice).values_list("kind", "post_id")) == [("IMAGE_SHAPE", post.pk)]


def test_content_that_instagram_refuses_is_not_tried_again(plan, work, instagram):
    instagram.next_call("create", code=36004, subcode=2207010, times=9)
    post = work(plan())
    assert (post.last_error, len(instagram.calls("create"))) == ("CAPTION_TOO_LONG", 1)


def test_a_dead_token_marks_the_account_holds_its_posts_and_tells_once(plan, work, instagram, account, alice):
    first, second = plan(), plan(ahead=timedelta(hours=2))
    instagram.next_call("any", code=190, subcode=463, times=99)
    work(first)
    for post in (first, second):
        post.refresh_from_db()
        assert (post.status, post.hold_reason, post.wake_at) == (Status.SCHEDULED, HoldReason.RECONNECT, None)
    account.refresh_from_db()
    assert (account.status, first.last_error) == (InstagramAccount.Status.TOKEN_EXPIRED, "TOKEN_EXPIRED")
    assert list(Notification.objects.for_user(alice).values_list("kind", flat=True)) == ["TOKEN_EXPIRED"]


def test_a_restricted_account_is_held_not_failed(plan, work, instagram, account):
    instagram.next_call("publish", code=25, subcode=2207050)
    post = work(plan())
    account.refresh_from_db()
    assert (post.hold_reason, account.status) == (HoldReason.RESTRICTED, InstagramAccount.Status.ERROR)


def test_a_released_post_goes_out_after_a_reconnect(plan, work, instagram, account, time):
    instagram.next_call("publish", code=190, subcode=460)
    post = work(plan())
    account.connect(account.token(), 5_000_000, [], time.now())
    post.refresh_from_db()
    post.release(now=time.now())
    assert work(post).status == Status.PUBLISHED and len(instagram.published()) == 1


def test_a_disconnected_accounts_post_is_held_at_its_time(plan, work, account):
    post = plan()
    account.disconnect()
    assert work(post).hold_reason == HoldReason.DISCONNECTED


def test_a_picture_that_cannot_be_fetched_is_offered_again_within_the_attempt(plan, work, instagram):
    instagram.next_call("create", code=9004, subcode=2207052, times=3)
    post = work(plan(ahead=timedelta(seconds=61)))
    assert post.status == Status.PUBLISHED and post.retry_count == 0


def test_a_container_that_fails_before_the_publish_is_built_anew(plan, work, instagram):
    instagram.next_call("create", "outcome", outcome="expired")
    post = work(plan())
    assert (post.status, len(instagram.published())) == (Status.PUBLISHED, 1)
    assert len(instagram.calls("create")) == 2


def test_a_carousel_with_a_bad_item_says_so(plan, work, instagram):
    instagram.next_call("create", code=36001, subcode=2207005)
    post = work(plan(media_type="CAROUSEL", media=3))
    assert (post.status, post.last_error) == (Status.FAILED, "IMAGE_FORMAT")
    assert not instagram.published()


def test_processing_that_does_not_end_is_looked_at_again_with_the_same_container(plan, work, instagram):
    instagram.set(delay_image_s=150)
    post = work(plan(ahead=timedelta(seconds=61)))
    assert ("decision", "retry", "PROCESSING_TIMEOUT") in steps(post)
    assert (post.status, len(instagram.calls("create"))) == (Status.PUBLISHED, 1)


def test_a_rate_limit_waits_and_is_no_failed_try(plan, work, instagram):
    instagram.next_call("create", code=4)
    post = work(plan(ahead=timedelta(seconds=61)))
    ((at, written),) = attempts(post)
    assert at - written >= timedelta(minutes=15)
    assert (post.status, post.retry_count) == (Status.PUBLISHED, 0)


# --- Quota ------------------------------------------------------------------------------------------------------
def fill_quota(account, alice, now, count=25):
    for number in range(count):
        ScheduledPost.objects.create(
            user=alice,
            instagram_account=account,
            status="published",
            published_at=now - timedelta(hours=20) + timedelta(minutes=number),
        )


def test_a_full_quota_moves_the_attempt_to_the_first_free_time(plan, work, account, alice, time, instagram):
    fill_quota(account, alice, time.now())
    post, planned = plan(), None
    work(post, until=lambda post: post.wait_reason == "QUOTA_REACHED")
    planned = post.next_attempt_at
    assert timedelta(hours=3, minutes=50) < planned - post.scheduled_for < timedelta(hours=4)
    assert not instagram.publish_calls()
    assert work(post).status == Status.PUBLISHED and post.published_at >= planned


def test_instagrams_own_lower_quota_counts(plan, work, account, alice, time, instagram):
    fill_quota(account, alice, time.now(), count=10)
    instagram.set(quota_total=10)
    assert work(plan(), until=lambda post: post.wait_reason).wait_reason == "QUOTA_REACHED"


def test_a_refusal_for_quota_is_no_failure(plan, work, instagram):
    instagram.next_call("publish", code=9, subcode=2207042)
    post = work(plan())
    assert (post.status, len(instagram.published())) == (Status.PUBLISHED, 1)
    assert ("decision", "retry", "QUOTA_REACHED") in steps(post)


def test_the_25th_of_two_at_once_is_the_last(plan, work, account, alice, time, instagram):
    fill_quota(account, alice, time.now(), count=24)
    one, other = plan(), plan()
    work(one, until=status("published"))
    work(other, until=lambda post: post.wait_reason)
    assert len(instagram.published()) == 1


# --- Unclear answers --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fault",
    [
        {"play": "drop", "after_work": True},
        {"play": "slow", "seconds": 60, "after_work": True},
        {"play": "error", "code": 4, "subcode": 2207051, "after_work": True},
        {"play": "error", "code": 1, "after_work": True},
        {"play": "error", "code": -1, "subcode": 2207001, "after_work": True},
        {"play": "html", "after_work": True},
    ],
)
def test_a_publish_that_worked_unheard_is_not_repeated(plan, work, instagram, fault):
    instagram.next_call("publish", **fault)
    post = work(plan())
    (live,) = instagram.published()
    assert (post.status, post.instagram_media_id) == (Status.PUBLISHED, live.graph_id)
    assert len(instagram.publish_calls()) == 1


def test_while_we_do_not_know_the_screen_says_so(plan, work, instagram):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    assert post.display_status == "unconfirmed"


def test_a_publish_that_did_not_work_is_sent_again_with_the_same_container(plan, work, instagram):
    instagram.next_call("publish", "drop")
    post = work(plan())
    assert post.status == Status.PUBLISHED
    assert len({call.creation_id for call in instagram.publish_calls()}) == 1


def test_the_same_container_is_sent_again_only_after_it_has_settled(plan, work, instagram, time):
    instagram.next_call("publish", "drop")
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    doubtful_since = post.publish_intent_at
    work(post, until=status("published"))
    assert post.published_at - doubtful_since >= timedelta(seconds=30)


def test_a_blocked_action_waits_an_hour_before_the_same_container_goes_again(plan, work, instagram):
    instagram.next_call("publish", code=4, subcode=2207051)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    doubtful_since = post.publish_intent_at
    work(post, until=status("published"))
    assert post.published_at - doubtful_since >= timedelta(hours=1)
    assert len(instagram.published()) == 1


def test_an_outage_on_reads_decides_nothing(plan, work, instagram, alice):
    instagram.next_call("publish", "drop", after_work=True)
    instagram.next_call("status", code=100, subcode=33, times=5)
    post = plan()
    work(post, until=lambda post: post.unconfirmed_at)
    assert work(post).status == Status.PUBLISHED
    assert len(instagram.published()) == 1


def test_after_15_unreadable_minutes_a_person_is_asked_once(plan, work, instagram, alice):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    instagram.next_call("status", code=100, subcode=33, times=999)
    work(post, until=lambda post: post.needs_person_at)
    assert post.needs_person_at - post.unconfirmed_at >= timedelta(minutes=15)
    assert (post.display_status, post.can_be_confirmed) == ("needs_check", True)
    assert Notification.objects.for_user(alice).get().kind == "PUBLISH_UNCONFIRMED"


def test_a_container_that_ran_out_after_the_call_has_failed_for_good(plan, work, instagram):
    instagram.next_call("publish", "drop")
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    instagram.containers().update(outcome="expired")
    work(post)
    assert (post.status, post.last_error) == (Status.FAILED, "CONTAINER_EXPIRED")
    assert len(instagram.calls("create")) == 1


def test_a_video_refused_at_the_last_moment_is_checked_and_not_sent_again(plan, work, instagram):
    instagram.next_call("publish", code=-1, subcode=2207085, times=9)
    film = instagram.host_film()
    post = work(plan(media_type="STORY", media_urls=[film], ahead=timedelta(minutes=12)))
    assert (post.status, post.last_error) == (Status.FAILED, "VIDEO_REFUSED")
    assert len(instagram.publish_calls()) == 1


def test_a_token_that_dies_while_we_do_not_know_marks_the_account(plan, work, instagram, account):
    instagram.next_call("publish", "drop", after_work=True)
    post, other = work(plan(), until=lambda post: post.unconfirmed_at), plan(ahead=timedelta(hours=2))
    instagram.next_call("status", code=190, subcode=463, times=999)
    work(post, until=lambda post: post.needs_person_at)
    account.refresh_from_db()
    other.refresh_from_db()
    assert account.status == InstagramAccount.Status.TOKEN_EXPIRED
    assert (post.status, other.hold_reason) == (Status.PUBLISHING, HoldReason.RECONNECT)


def test_one_accounts_trouble_does_not_hold_up_another(plan, work, instagram, alice, time):
    other = connect(instagram, alice, time, "estudio.lume")
    stuck, free = plan(), plan(whose=other)
    instagram.next_call("publish", "drop", account=instagram.profile("padaria.aurora"))
    work(stuck, until=lambda post: post.unconfirmed_at)
    assert work(free).status == Status.PUBLISHED


# --- Side work --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["read_media", "comment", "comments"])
def test_side_work_that_fails_changes_nothing_about_the_publish(plan, work, instagram, kind):
    instagram.next_call(kind, code=100, times=99)
    post = work(plan(first_comment="More"))
    assert (post.status, len(instagram.published())) == (Status.PUBLISHED, 1)
    assert len(instagram.publish_calls()) == 1


def test_a_first_comment_that_cannot_be_added_is_said(plan, work, instagram, alice):
    instagram.next_call("comment", code=200, times=99)
    post = work(plan(first_comment="More"))
    assert (post.status, post.first_comment_error) == (Status.PUBLISHED, "FIRST_COMMENT_FAILED")
    assert Notification.objects.for_user(alice).get().kind == "FIRST_COMMENT_FAILED"


def said_about_the_comment(post, owner):
    told = Notification.objects.for_user(owner).filter(kind="FIRST_COMMENT_FAILED").count()
    return post.first_comment_error, told, post.wake_at


NOT_ADDED = ("FIRST_COMMENT_FAILED", 1, None)


def test_a_comment_is_not_left_out_silently_when_the_live_post_is_not_found(plan, work, instagram, alice):
    instagram.next_call("publish", "drop", after_work=True)
    post = plan(first_comment="More")
    work(post, until=status("published"))
    instagram.next_call("list", code=100, times=99)
    assert said_about_the_comment(work(post), alice) == NOT_ADDED


def test_a_comment_is_not_left_out_silently_when_the_search_ends_the_token(plan, work, instagram, alice):
    instagram.next_call("publish", "drop", after_work=True)
    post = plan(first_comment="More")
    work(post, until=status("published"))
    instagram.next_call("list", code=190, subcode=463)
    assert said_about_the_comment(work(post), alice) == NOT_ADDED


def test_a_comment_is_not_left_out_silently_when_the_account_is_lost_first(plan, work, account, alice):
    post = plan(first_comment="More")
    work(post, until=status("published"))
    account.mark("token_expired", "TOKEN_EXPIRED")
    assert said_about_the_comment(work(post), alice) == NOT_ADDED


def test_a_comment_is_not_left_out_silently_by_a_mistake_of_ours(plan, work, alice, monkeypatch):
    post = plan(first_comment="More")
    work(post, until=status("published"))
    monkeypatch.setattr(side_work, "advance", mistaken)
    with pytest.raises(ZeroDivisionError):
        work(post)
    post.refresh_from_db()
    assert said_about_the_comment(post, alice) == NOT_ADDED


def mistaken(talk):
    raise ZeroDivisionError


def test_the_link_of_a_carousel_is_found_though_one_file_was_never_fetched(plan, work, instagram):
    instagram.next_call("publish", "drop", after_work=True)
    addresses = [instagram.host_picture("one.jpg"), instagram.host_picture("two.jpg")]
    post = plan(media_type="CAROUSEL", media_urls=addresses)
    post.media.create(asset=own_picture(post.user), source_url=addresses[0])
    assert work(post).permalink


def test_two_posts_that_look_alike_leave_the_link_unknown(plan, work, instagram, time, account):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(), until=status("published"))
    twin = instagram.ready(
        instagram.profile(), account.token(), image_url=instagram.host_picture(), caption=post.caption
    )
    instagram.publish(instagram.profile(), account.token(), twin)
    work(post)
    assert (post.status, post.instagram_media_id, post.permalink) == (Status.PUBLISHED, "", "")
