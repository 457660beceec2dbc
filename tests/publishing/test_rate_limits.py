"""Instagram's call limits: a limited app or account is left alone, what waits says so, and goes out in turn."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.models import ApiLimit, InstagramAccount, Notification, ScheduledPost, Status
from scheduler.services import rate_limits
from scheduler.services.account_cards import cards_of
from tests.publishing.conftest import connect, status, steps

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
SOON = timedelta(seconds=70)


@pytest.fixture
def other(instagram, alice, time):
    return connect(instagram, alice, time, "estudio.lume")


def scope(name):
    return ApiLimit.objects.get(scope=name)


def account_limit(account):
    return scope(f"account:{account.instagram_user_id}")


def limited(plan, work, instagram, **fault):
    """Let the first call about a post meet a limit; return the post, put off."""
    instagram.next_call("create", **{"code": 80002} | fault)
    return work(plan(ahead=SOON), until=lambda post: post.wait_reason)


# --- Which scope, and how long ----------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [4, 341])
def test_a_limit_of_the_app_pauses_the_app(plan, work, instagram, code):
    limited(plan, work, instagram, code=code)
    assert list(ApiLimit.objects.filter(pauses=1).values_list("scope", "reason")) == [
        ("app:instagram", "RATE_LIMITED")
    ]


@pytest.mark.parametrize("code", [17, 32, 613, 80001, 80002, 80006])
def test_every_other_limit_pauses_the_account(plan, work, instagram, account, code):
    limited(plan, work, instagram, code=code)
    paused = ApiLimit.objects.get(pauses=1)
    assert paused.scope == f"account:{account.instagram_user_id}"


def test_an_answer_429_without_words_pauses_the_account(plan, work, instagram, account, monkeypatch):
    instagram.next_call("create", code=613, http_status=429)
    work(plan(ahead=SOON), until=lambda post: post.wait_reason)
    assert account_limit(account).pauses == 1


def test_a_pause_lasts_a_quarter_of_an_hour_and_a_little(plan, work, instagram, account, time):
    limited(plan, work, instagram)
    left = account_limit(account).paused_until - time.now()
    assert QUARTER - MINUTE < left <= QUARTER * 1.1


def test_a_pause_lasts_as_long_as_instagram_says(plan, work, instagram, account, time):
    instagram.next_call("create", code=80002, for_time=timedelta(minutes=50))
    work(plan(ahead=SOON), until=lambda post: post.wait_reason)
    assert account_limit(account).paused_until - time.now() >= timedelta(minutes=48)


def test_each_pause_in_a_row_is_twice_as_long_up_to_a_day(plan, work, instagram, account):
    instagram.next_call("any", code=17, times=9)
    post = work(plan(ahead=SOON), until=status("published"))
    waits = [
        (line.next_attempt_at - line.finished_at) / QUARTER
        for line in post.logs.filter(status="retry").order_by("pk")
    ]
    for wait, times in zip(waits, [1, 2, 4, 8, 16, 32, 64, 96, 96], strict=True):
        assert times * 0.99 <= wait <= times * 1.1


def test_a_success_ends_the_row_of_pauses(plan, work, instagram, account):
    work(limited(plan, work, instagram), until=status("published"))
    limit = account_limit(account)
    assert (limit.pauses, limit.paused_until, limit.reason) == (0, None, "")


def test_refusals_of_calls_that_were_on_their_way_begin_no_longer_pause(plan, work, instagram, account, time, noon):
    limits = rate_limits.Limits(account, is_known=True)
    news = [rate_limits.News(rate_limits.account_scope(account), pause="RATE_LIMITED")]
    rate_limits.write(limits, news, time.now())
    first = account_limit(account).paused_until
    rate_limits.write(limits, news, time.now())
    assert (account_limit(account).paused_until, account_limit(account).pauses) == (first, 1)


# --- Who waits --------------------------------------------------------------------------------------------------
def test_a_paused_accounts_posts_are_not_attempted(plan, work, instagram, service, time):
    limited(plan, work, instagram)
    late = [plan(ahead=timedelta(minutes=2 + number)) for number in range(3)]
    before = len(instagram.calls())
    time.passes(minutes=8)
    for post in late:
        service.publish_post(post)
        post.refresh_from_db()
    assert len(instagram.calls()) == before
    assert {(post.status, post.wait_reason, post.retry_count) for post in late} == {("scheduled", "RATE_LIMITED", 0)}


def test_posts_in_line_are_moved_when_the_pause_begins(plan, work, instagram, account):
    waiting = plan(ahead=timedelta(minutes=5))
    limited(plan, work, instagram)
    waiting.refresh_from_db()
    assert waiting.wait_reason == "RATE_LIMITED"
    assert waiting.next_attempt_at > account_limit(account).paused_until
    assert waiting.scheduled_for < waiting.next_attempt_at  # the owner's wish is kept
    assert steps(waiting) == [("decision", "retry", "RATE_LIMITED")]


def test_what_waited_goes_out_one_after_the_other(plan, work, instagram, account):
    waiting = [plan(ahead=timedelta(minutes=3)) for _ in range(4)]
    first = limited(plan, work, instagram)
    times = sorted(post.next_attempt_at for post in ScheduledPost.objects.all())
    assert first.next_attempt_at == times[0] == account_limit(account).paused_until
    assert all(later - earlier >= rate_limits.SPACING for earlier, later in pairwise(times))
    for post in waiting:
        assert work(post, until=status("published")).wait_reason == ""


def test_a_post_planned_for_after_the_pause_keeps_its_time(plan, work, instagram):
    later = plan(ahead=timedelta(hours=2))
    limited(plan, work, instagram)
    later.refresh_from_db()
    assert (later.wait_reason, later.next_attempt_at) == ("", later.scheduled_for)


def test_a_post_whose_preparation_falls_into_the_pause_keeps_its_time(plan, work, instagram, account):
    film = instagram.host_film()
    later = plan(ahead=timedelta(minutes=20), media_type="REELS", media_urls=[film])
    limited(plan, work, instagram)
    later.refresh_from_db()
    assert later.wake_at > account_limit(account).paused_until
    assert (later.wait_reason, later.next_attempt_at) == ("", later.scheduled_for)


def test_a_limited_account_does_not_hold_up_another(plan, work, instagram, other):
    limited(plan, work, instagram, account=instagram.profile("padaria.aurora"))
    assert work(plan(whose=other, ahead=SOON)).published_at is not None


def test_a_limited_app_holds_up_all_its_accounts(plan, work, instagram, other, service):
    limited(plan, work, instagram, code=4)
    before = len(instagram.calls())
    post = work(plan(whose=other, ahead=SOON), until=lambda post: post.wait_reason)
    assert (post.wait_reason, len(instagram.calls())) == ("RATE_LIMITED", before)


def test_a_limited_app_does_not_hold_up_the_other_logins_accounts(plan, work, instagram, page_account):
    limited(plan, work, instagram, code=4)
    assert work(plan(whose=page_account, ahead=SOON)).status == Status.PUBLISHED


def test_two_people_with_one_account_wait_together(plan, work, instagram, charlie, time):
    theirs = connect(instagram, charlie, time, "padaria.aurora")
    limited(plan, work, instagram)
    before = len(instagram.calls())
    post = work(plan(whose=theirs, ahead=SOON), until=lambda post: post.wait_reason)
    assert (post.wait_reason, len(instagram.calls())) == ("RATE_LIMITED", before)


def test_nobody_is_told_of_what_passes_by_itself(plan, work, instagram, alice):
    limited(plan, work, instagram)
    assert not Notification.objects.for_user(alice).exists()


# --- After the publish call -------------------------------------------------------------------------------------
def test_while_limited_an_unclear_publish_is_not_asked_about_every_minute(plan, work, instagram, time):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(ahead=SOON), until=lambda post: post.unconfirmed_at)
    before = len(instagram.calls("status"))
    instagram.next_call("status", code=80002, times=1)
    work(post, until=status("published"))
    assert len(instagram.calls("status")) == before + 2
    assert len(instagram.published()) == len(instagram.publish_calls()) == 1


def test_a_long_limit_ends_in_a_question_to_a_person(plan, work, instagram, alice):
    instagram.next_call("publish", "drop", after_work=True)
    post = work(plan(ahead=SOON), until=lambda post: post.unconfirmed_at)
    instagram.next_call("status", code=80002, for_time=timedelta(hours=5))
    work(post, until=lambda post: post.needs_person_at)
    assert post.needs_person_at - post.unconfirmed_at <= timedelta(minutes=20)
    assert Notification.objects.for_user(alice).get().kind == "PUBLISH_UNCONFIRMED"


def test_a_limit_at_the_publish_call_keeps_the_container(plan, work, instagram):
    instagram.next_call("publish", code=4)
    post = work(plan(ahead=SOON), until=status("published"))
    assert (len(instagram.calls("create")), post.wait_reason) == (1, "")


def test_link_and_comment_wait_and_lose_no_try(plan, work, instagram, time):
    instagram.next_call("read_media", code=80002)
    post = work(plan(ahead=SOON, first_comment="More"), until=lambda post: post.published_at)
    work(post, until=lambda post: len(instagram.calls("read_media")) == 1)
    assert post.side_work_tries == 0 and post.wake_at - time.now() > timedelta(minutes=14)
    assert work(post).first_comment_id and post.permalink


# --- Posting slowed down (4/2207051) ----------------------------------------------------------------------------
@pytest.fixture
def slowed(plan, work, instagram):
    waiting = plan(ahead=timedelta(minutes=5))
    instagram.next_call("publish", code=4, subcode=2207051)
    post = work(plan(ahead=SOON), until=lambda post: post.unconfirmed_at)
    waiting.refresh_from_db()
    return post, waiting


def test_a_blocked_action_stops_the_accounts_queue_for_an_hour(slowed, account, time):
    _post, waiting = slowed
    assert waiting.wait_reason == "POSTING_SLOWED"
    assert waiting.next_attempt_at - time.now() >= timedelta(minutes=59)


def test_a_blocked_action_is_told_once_and_settled_by_a_publish(slowed, work, alice):
    post, waiting = slowed
    told = Notification.objects.for_user(alice).filter(kind="POSTING_SLOWED")
    assert told.open().count() == 1
    work(post, until=status("published"))
    work(waiting, until=status("published"))
    assert (told.count(), told.open().count()) == (1, 0)


def test_a_blocked_post_is_looked_for_all_the_same(slowed, work, instagram):
    post, _waiting = slowed
    before = len(instagram.calls("status"))
    work(post, until=lambda post: len(instagram.calls("status")) > before)


def test_a_second_block_doubles_the_pause(slowed, work, instagram, account):
    post, _waiting = slowed
    instagram.next_call("publish", code=4, subcode=2207051)
    first = post.publish_intent_at
    work(post, until=lambda post: post.publish_calls == 2)
    second = post.publish_intent_at
    assert second - first >= timedelta(hours=1)
    work(post, until=status("published"))
    assert post.published_at - second >= timedelta(hours=2)
    assert len({call.creation_id for call in instagram.publish_calls()}) == 1


# --- Usage ------------------------------------------------------------------------------------------------------
def used(account, time, percent):
    ApiLimit.objects.update_or_create(
        scope=f"account:{account.instagram_user_id}", defaults={"usage_percent": percent, "seen_at": time.now()}
    )


def test_the_figure_is_kept_when_it_says_something(plan, work, instagram, account):
    instagram.set(usage_percent=80)
    work(plan(ahead=SOON))
    assert account_limit(account).usage_percent == scope("app:instagram").usage_percent == 80


def test_a_low_figure_is_not_written(plan, work, instagram):
    instagram.set(usage_percent=74)
    work(plan(ahead=SOON))
    assert not ApiLimit.objects.exists()


def test_a_figure_that_fell_is_written(plan, work, instagram, account, time):
    used(account, time, 80)
    instagram.set(usage_percent=10)
    work(plan(ahead=SOON))
    assert account_limit(account).usage_percent == 10


def test_from_75_percent_looks_are_further_apart(plan, work, instagram, time):
    def looks(percent):
        instagram.set(usage_percent=percent, delay_image_s=20)
        instagram.clear_script()
        before = len(instagram.calls("status"))
        work(plan(ahead=SOON), until=status("published"))
        return len(instagram.calls("status")) - before

    assert looks(80) < looks(0)


def test_from_90_percent_only_publishing_goes_on(plan, work, instagram, account, time):
    instagram.set(usage_percent=92)
    used(account, time, 92)
    post = work(plan(ahead=SOON, first_comment="More"), until=lambda post: post.published_at)
    time.comes(post.wake_at)
    work(post, until=lambda post: post.wake_at - time.now() > timedelta(minutes=10))
    kinds = {call.kind for call in instagram.calls()}
    assert kinds == {"create", "status", "publish"}


def test_what_waited_for_the_figure_to_fall_is_done_later(plan, work, instagram, account, time):
    instagram.set(usage_percent=92)
    post = work(plan(ahead=SOON, first_comment="More"), until=lambda post: post.published_at)
    instagram.set(usage_percent=5)
    assert work(post).permalink and post.first_comment_id


def test_at_100_percent_the_next_posts_wait_without_a_refusal(plan, work, instagram, account):
    second = plan(ahead=timedelta(minutes=4))
    instagram.set(usage_percent=100)
    work(plan(ahead=SOON), until=lambda post: post.container_id)
    second.refresh_from_db()
    assert second.wait_reason == "RATE_LIMITED" and account_limit(account).pauses == 1


@pytest.mark.parametrize("header", ["", "nonsense", "[]", '{"a": 1}', '{"call_count": "x"}', '{"call_count": -5}'])
def test_a_header_of_the_wrong_kind_does_no_harm(plan, work, instagram, header, monkeypatch):
    from scheduler.sandbox import playing

    names = ("X-App-Usage", "X-Business-Use-Case-Usage")
    monkeypatch.setattr(playing, "usage_headers", lambda *_: dict.fromkeys(names, header))
    assert work(plan(ahead=SOON)).status == Status.PUBLISHED


LOUD = '{"call_count": 999999999999, "total_time": 100}'
HUGE = '{"1": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 99999999999}]}'


@pytest.mark.parametrize(("app", "business"), [(LOUD, "{}"), ("{}", HUGE), (LOUD, HUGE)])
def test_a_figure_that_stays_full_while_nothing_is_refused_holds_no_post_for_long(
    plan, work, instagram, app, business, monkeypatch
):
    from scheduler.sandbox import playing

    headers = {"X-App-Usage": app, "X-Business-Use-Case-Usage": business}
    monkeypatch.setattr(playing, "usage_headers", lambda *_: headers)
    for post in [plan(ahead=SOON), plan(ahead=SOON)]:
        work(post, until=status("published"))
        assert post.published_at - post.scheduled_for < timedelta(hours=12)


def test_a_container_is_not_polled_for_ever(plan, work, instagram):
    instagram.next_call("create", "outcome", outcome="stuck")
    film = instagram.host_film()
    post = work(plan(media_type="REELS", media_urls=[film], ahead=timedelta(minutes=12)))
    assert (post.status, post.last_error) == (Status.FAILED, "PROCESSING_TIMEOUT")
    assert len(instagram.calls("status")) <= 100


# --- The owner's to solve ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("code", "subcode"), [(368, None), (25, 2207050), (190, 459)])
@pytest.mark.parametrize("kind", ["create", "publish", "read_media"])
def test_a_restriction_pauses_the_account_once(plan, work, instagram, account, alice, kind, code, subcode):
    waiting = plan(ahead=timedelta(minutes=5))
    instagram.next_call(kind, code=code, subcode=subcode, times=99)
    work(plan(ahead=SOON))
    before = len(instagram.calls())
    assert work(waiting).hold_reason == "restricted"
    account.refresh_from_db()
    assert account.status == InstagramAccount.Status.ERROR
    assert len(instagram.calls()) == before
    assert list(Notification.objects.for_user(alice).values_list("kind", flat=True)) == ["ACCOUNT_RESTRICTED"]


# --- What it costs ----------------------------------------------------------------------------------------------
def test_while_nothing_is_limited_no_query_asks_for_limits(plan, service, time):
    post = plan(ahead=SOON)
    time.comes(post.wake_at)
    with CaptureQueriesContext(connection) as queries:
        service.publish_post(post)
    own = [query["sql"] for query in queries if '"scheduler_apilimit"' in query["sql"]]
    assert len(own) == 1 and own[0].startswith("SELECT") and '"scheduler_scheduledpost"' in own[0]


# --- What the accounts page says --------------------------------------------------------------------------------
def test_the_card_says_until_when_and_how_many_wait(plan, work, instagram, account, alice, time, other):
    plan(ahead=timedelta(minutes=5))
    limited(plan, work, instagram)
    mine, free = (next(c for c in cards_of(alice, time.now()) if c.account == one) for one in (account, other))
    assert (mine.limited_until, mine.waiting) == (account_limit(account).paused_until, 2)
    assert (free.limited_until, free.waiting) == (None, 0)


def test_a_limit_of_the_app_stands_on_every_card(plan, work, instagram, alice, time, other):
    limited(plan, work, instagram, code=4)
    assert all(card.limited_until for card in cards_of(alice, time.now()))


def test_a_pause_that_is_over_is_not_shown(plan, work, instagram, alice, time):
    limited(plan, work, instagram)
    time.passes(hours=1)
    assert cards_of(alice, time.now())[0].limited_until is None
