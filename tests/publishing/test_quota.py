"""Never more than 25 posts of an account in any 24 hours, whoever published them, and nobody's post lost by it."""

from datetime import timedelta

import pytest

from scheduler.models import InstagramAccount, ScheduledPost, Status
from scheduler.services import account_cards, quota
from tests.publishing.conftest import connect, status, steps

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


@pytest.fixture
def bakery(make_account):
    return make_account()


@pytest.fixture
def went_out(alice, bakery):
    """Make posts that were published at these times."""

    def went_out(*times, account=None, **fields):
        account = account or bakery
        facts = {"user": account.user, "instagram_account": account, "status": "published"}
        return [ScheduledPost.objects.create(**facts, published_at=at, **fields) for at in times]

    return went_out


# --- The ceiling ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ours", "told", "ceiling"),
    [(25, None, 25), (25, 100, 25), (25, 50, 25), (25, 10, 10), (25, 0, 0), (5, 50, 5), (99, 50, 25), (99, 99, 25)],
)
def test_the_lowest_of_all_limits_counts(bakery, settings, ours, told, ceiling):
    settings.INSTAGRAM_DAILY_POST_LIMIT = ours
    bakery.quota_total = told
    assert quota.limit_of(bakery) == ceiling


# --- The count --------------------------------------------------------------------------------------------------
def test_a_post_counts_for_exactly_a_day(bakery, went_out, noon):
    went_out(noon)
    assert quota.used(bakery, noon + DAY - SECOND) == 1
    assert quota.used(bakery, noon + DAY) == 0


def test_the_window_rolls_over_midnight(bakery, went_out, noon):
    evening = noon + timedelta(hours=11)
    went_out(*[evening] * 25)
    assert quota.used(bakery, evening + timedelta(hours=2)) == 25


def test_another_accounts_posts_do_not_count(bakery, make_account, went_out, noon):
    went_out(noon, noon, account=make_account())
    assert quota.used(bakery, noon) == 0


def test_a_publish_whose_end_is_not_known_counts(bakery, make_post, noon):
    post = make_post(account=bakery, at=noon)
    sent = {"status": "publishing", "container_id": "1", "publish_intent_at": noon - timedelta(hours=30)}
    ScheduledPost.objects.filter(pk=post.pk).update(**sent)
    assert quota.used(bakery, noon) == 1
    assert quota.used(bakery, noon, besides=post) == 0


def test_what_was_deleted_here_still_counts(bakery, went_out, noon):
    went_out(noon)[0].delete_softly(now=noon)
    assert quota.used(bakery, noon) == 1


@pytest.mark.parametrize("state", ["draft", "failed", "cancelled"])
def test_what_never_went_out_does_not_count(bakery, make_post, noon, state):
    ScheduledPost.objects.filter(pk=make_post(account=bakery, at=noon).pk).update(status=state)
    assert quota.used(bakery, noon) == 0


def test_posts_made_elsewhere_count_as_instagram_told(bakery, went_out, noon):
    bakery.keep_quota(20, 50, noon)
    went_out(noon + timedelta(minutes=1), noon + timedelta(minutes=2))
    assert quota.used(bakery, noon + timedelta(minutes=3)) == 22


def test_our_own_count_stands_when_instagram_tells_less(bakery, went_out, noon):
    went_out(*[noon - timedelta(hours=1)] * 5)
    bakery.keep_quota(0, 50, noon)
    assert quota.used(bakery, noon) == 5


def test_what_instagram_told_a_day_ago_is_forgotten(bakery, noon):
    bakery.keep_quota(25, 50, noon)
    assert quota.used(bakery, noon + DAY) == 0


def test_an_account_that_two_people_connected_has_one_quota(bakery, make_account, charlie, went_out, noon):
    same = make_account(owner=charlie, instagram_user_id=bakery.instagram_user_id)
    went_out(*[noon] * 20)
    went_out(*[noon] * 5, account=same)
    assert quota.used(bakery, noon) == quota.used(same, noon) == 25
    assert quota.first_free_time(same, noon) == noon + DAY + SECOND


def test_counting_costs_two_queries_at_most(bakery, went_out, noon, django_assert_max_num_queries):
    bakery.keep_quota(3, 50, noon)
    went_out(*[noon] * 30)
    with django_assert_max_num_queries(2):
        quota.used(bakery, noon)


# --- The next free time -----------------------------------------------------------------------------------------
def test_room_comes_a_day_after_the_oldest_of_the_last_25(bakery, went_out, noon):
    times = [noon - timedelta(minutes=number) for number in range(30)]
    went_out(*times)
    free = quota.first_free_time(bakery, noon)
    assert free == times[24] + DAY + SECOND
    assert quota.used(bakery, free) == 24 and quota.used(bakery, free - 2 * SECOND) == 25


def test_with_a_lower_limit_room_comes_later(bakery, went_out, noon):
    times = [noon - timedelta(minutes=number) for number in range(25)]
    went_out(*times)
    bakery.quota_total = 10
    assert quota.first_free_time(bakery, noon) == times[9] + DAY + SECOND


@pytest.mark.parametrize("total", [0, 10])
def test_when_nobody_can_say_we_look_again_in_an_hour(bakery, noon, total):
    bakery.keep_quota(10, total, noon)
    assert quota.first_free_time(bakery, noon) == noon + timedelta(hours=1)


# --- In the publishing ------------------------------------------------------------------------------------------
@pytest.fixture
def full(account, went_out, time):
    """Fill the account's day: the oldest of 25 went out 23 h 50 min ago."""
    return went_out(*[time.now() - DAY + timedelta(minutes=10 + number) for number in range(25)], account=account)


def test_a_full_day_moves_the_attempt_and_keeps_the_wish(full, plan, work, time):
    post = plan()
    wish = post.scheduled_for
    work(post, until=lambda post: post.wait_reason)
    assert (post.status, post.wait_reason, post.scheduled_for) == (Status.SCHEDULED, "QUOTA_REACHED", wish)
    assert post.next_attempt_at == full[0].published_at + DAY + SECOND
    assert post.retry_count == 0


def test_a_moved_post_goes_out_when_there_is_room(full, plan, work, instagram):
    post = work(plan(), until=status("published"))
    assert post.published_at >= full[0].published_at + DAY and post.wait_reason == ""
    assert len(instagram.published()) == 1


def test_never_26_in_any_day(full, plan, work, time, account):
    posts = [plan() for _ in range(4)]
    for post in posts:
        work(post, until=status("published"))
    times = sorted(ScheduledPost.objects.values_list("published_at", flat=True))
    assert all(later - earlier >= DAY for earlier, later in zip(times, times[25:], strict=False))


def test_posts_that_wait_for_room_make_no_containers_meanwhile(full, plan, work, instagram, time, service):
    posts = [plan() for _ in range(3)]
    for post in posts:
        work(post, until=lambda post: post.wait_reason)
    made = len(instagram.calls("create"))
    time.comes(posts[0].next_attempt_at)
    for post in posts:
        service.publish_post(post)
    # One goes out with a container of its own; the others are moved on before anything is prepared.
    assert len(instagram.calls("create")) == made + 1
    assert len(instagram.published()) == 1


def test_a_lower_limit_of_instagram_is_learned_while_preparing(plan, work, instagram, account, went_out, time):
    instagram.set(quota_total=3)
    went_out(*[time.now() - timedelta(hours=1)] * 3, account=account)
    work(plan(), until=lambda post: post.wait_reason)
    account.refresh_from_db()
    assert account.quota_total == 3 and not instagram.publish_calls()


def test_a_quota_that_cannot_be_read_stops_nothing(plan, work, instagram):
    instagram.next_call("quota", "html", times=9)
    assert work(plan()).status == Status.PUBLISHED


def test_the_quota_is_read_at_most_every_ten_minutes(plan, work, instagram, time):
    for _ in range(3):
        work(plan(ahead=timedelta(seconds=70)), until=status("published"))
    assert len(instagram.calls("quota")) == 1


def test_the_reason_is_in_the_log(full, plan, work):
    post = work(plan(), until=lambda post: post.wait_reason)
    assert steps(post)[-1] == ("decision", "retry", "QUOTA_REACHED")
    assert post.logs.first().next_attempt_at == post.next_attempt_at


def test_an_unclear_publish_is_sent_again_although_the_day_is_full(plan, work, instagram, went_out, account, time):
    instagram.next_call("publish", "drop")
    post = work(plan(), until=lambda post: post.unconfirmed_at)
    went_out(*[time.now()] * 25, account=account)
    work(post, until=status("published"))
    assert len({call.creation_id for call in instagram.publish_calls()}) == 1


def test_a_publish_refused_for_quota_goes_out_later_with_the_same_container(plan, work, instagram):
    instagram.next_call("publish", code=9, subcode=2207042)
    work(plan(), until=status("published"))
    assert len(instagram.publish_calls()) == 2
    assert len({call.creation_id for call in instagram.publish_calls()}) == len(instagram.calls("create")) == 1


def test_a_container_that_runs_out_while_it_waits_for_room_is_made_anew(plan, work, instagram):
    instagram.next_call("publish", code=9, subcode=2207042, times=26)  # an hour each
    assert work(plan(), until=status("published")).status == Status.PUBLISHED
    assert (len(instagram.calls("create")), len(instagram.published())) == (2, 1)


def test_two_peoples_posts_share_the_day(full, instagram, charlie, time, work, plan, account):
    theirs = connect(instagram, charlie, time, "padaria.aurora")
    assert InstagramAccount.objects.filter(instagram_user_id=account.instagram_user_id).count() == 2
    post = plan(whose=theirs)
    assert work(post, until=lambda post: post.wait_reason).wait_reason == "QUOTA_REACHED"


def test_a_card_counts_what_another_person_published(account, plan, work, instagram, time, charlie):
    theirs = connect(instagram, charlie, time, account.instagram_username)
    work(plan())
    (card,) = account_cards.cards_of(charlie, time.now())
    assert (card.account, card.used) == (theirs, 1)
