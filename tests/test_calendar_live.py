"""What a calendar asks for over and over: nothing while nothing changed, else the days that look different."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheduler.lib import clock, spans
from scheduler.models import InstagramAccount, PostMedia, Rendition, ScheduledPost, Status
from scheduler.services import pausing, post_actions
from scheduler.services.calendar_changes import LOOK_AGAIN_AFTER, mark_of
from tests.test_calendar import SP, day_of

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ahead():
    """Noon in São Paulo, three days from now."""
    return (clock.now() + timedelta(days=3)).replace(hour=15, minute=0, second=0, microsecond=0)


@pytest.fixture
def bread(make_post, ahead):
    return make_post(at=ahead, now=clock.now(), caption="Fresh bread")


class Watched:
    """A page of the calendar that looks for changes as the browser does."""

    def __init__(self, client, **said):
        self.client, self.said, self.since = client, said, ""
        self.page = client.get(reverse("calendar"), said).content.decode()
        self.seen = "".join(re.findall(r'data-digest="([^"]*)"', self.page))
        self.rows = self.page.count('class="list-row"')

    def ask(self):
        """Look for changes; return the answer, and remember its mark."""
        looked_at = {"since": self.since, "seen": self.seen, "rows": self.rows}
        answer = self.client.get(reverse("calendar-changes"), self.said | looked_at, **HTMX)
        self.since = answer.headers.get("Change-Id", self.since)
        return answer


@pytest.fixture
def watch(client, alice, bread, ahead):
    """Open a view that stands still: its first look found nothing new."""
    client.force_login(alice)

    def watch(**said):
        page = Watched(client, date=str(day_of(ahead)), **said)
        assert page.ask().status_code == 204
        return page

    return watch


def days_in(answer):
    return re.findall(r'id="day-([\d-]+)"', answer.content.decode())


# --- Nothing new ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
def test_nothing_new_is_a_204_without_a_word(watch, view):
    answer = watch(view=view).ask()
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("view", ["month", "list"])
def test_nothing_new_costs_two_queries_beside_the_person_and_the_accounts(watch, view):
    page = watch(view=view)
    with CaptureQueriesContext(connection) as queries:
        page.ask()
    tables = [re.findall(r'FROM "(\w+)"', one["sql"])[-1] for one in queries]
    assert tables == [
        "django_session",
        "scheduler_user",
        "scheduler_instagramaccount",
        "scheduler_scheduledpost",
        "scheduler_postmedia",
    ]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
def test_a_look_reads_the_posts_in_view_alone(watch, alice):
    page = watch(view="month")
    with CaptureQueriesContext(connection) as queries:
        page.ask()
    asked = next(one["sql"] for one in queries if 'FROM "scheduler_scheduledpost"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "post_calendar (user_id=? AND scheduled_for>? AND scheduled_for<?)" in plan


def test_an_answer_is_kept_by_nobody(watch):
    assert "no-store" in watch(view="month").ask().headers["Cache-Control"]


# --- Every change is seen ---------------------------------------------------------------------------------------
def published(post):
    ScheduledPost.objects.filter(pk=post.pk).update(
        status="published", published_at=clock.now(), next_attempt_at=None, wake_at=None
    )


def failed(post):
    ScheduledPost.objects.filter(pk=post.pk).update(status="failed", failed_at=clock.now(), wake_at=None)


def taken_by_a_worker(post):
    ScheduledPost.objects.filter(pk=post.pk).update(status="publishing")


def unconfirmed(post):
    ScheduledPost.objects.filter(pk=post.pk).update(
        status="publishing",
        container_id="1",
        publish_intent_at=clock.now(),
        unconfirmed_at=clock.now(),
    )


def held(post):
    ScheduledPost.objects.filter(pk=post.pk).hold("missed")


def found_unfit(post):
    ScheduledPost.objects.filter(pk=post.pk).update(blockers=[{"code": "MEDIA_MISSING"}])


def moved(post):
    post.plan((post.scheduled_for + timedelta(hours=1)).replace(tzinfo=None), "UTC")
    post.move(now=clock.now())


def rewritten(post):
    post.caption = "Stale bread"
    post.save_content(now=clock.now())


def taken_back_to_drafts(post):
    post.unschedule(now=clock.now())


def called_off(post):
    post.cancel(now=clock.now())


def deleted(post):
    post_actions.delete(post, post.user, clock.now())


def copied(post):
    twin = post.duplicate()
    twin.plan(post.planned_wall, post.timezone)
    twin.save_content(now=clock.now())


def account_paused(post):
    pausing.pause_account(post.instagram_account, post.user, clock.now())


def account_lost(post):
    InstagramAccount.objects.filter(pk=post.instagram_account_id).update(status="token_expired")


def account_ends_first(post):
    InstagramAccount.objects.filter(pk=post.instagram_account_id).update(token_expires_at=clock.now())


def account_renamed(post):
    InstagramAccount.objects.filter(pk=post.instagram_account_id).update(instagram_username="alice.bread")


def picture_drawn(post):
    place = post.media.get()
    known = place.asset.renditions.get()
    known.pk, known.key, known.purpose = None, "k" * 32, Rendition.Purpose.THUMBNAIL
    known.save()


def picture_fetched(post):
    picture_drawn(post)
    place = post.media.get()
    post.media.all().delete()
    PostMedia.objects.create(post=post, asset=place.asset)


CHANGES = [
    published,
    failed,
    taken_by_a_worker,
    unconfirmed,
    held,
    found_unfit,
    moved,
    rewritten,
    taken_back_to_drafts,
    called_off,
    deleted,
    copied,
    account_paused,
    account_lost,
    account_ends_first,
    account_renamed,
    picture_drawn,
    picture_fetched,
]


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_change_is_seen(watch, bread, view, change):
    page = watch(view=view)
    change(ScheduledPost.objects.get(pk=bread.pk))
    assert page.ask().status_code == 200


def test_the_answer_is_the_day_that_changed_and_no_other(watch, bread, make_post, ahead):
    make_post(at=ahead + timedelta(days=1), now=clock.now(), account=bread.instagram_account)
    page = watch(view="month")
    published(bread)
    answer = page.ask()
    assert days_in(answer) == [str(day_of(ahead))]
    assert 'hx-swap-oob="true"' in answer.content.decode()
    assert 'data-status="published"' in answer.content.decode()


def test_a_post_that_moved_changes_both_days(watch, bread, ahead):
    page = watch(view="month")
    bread.plan((ahead - timedelta(days=1)).replace(tzinfo=None), "UTC")
    bread.move(now=clock.now())
    assert days_in(page.ask()) == [str(day_of(ahead - timedelta(days=1))), str(day_of(ahead))]


def test_two_posts_that_trade_places_are_seen(make_post, alice, ahead):
    first, second = (make_post(at=ahead, now=clock.now()) for _ in range(2))
    ScheduledPost.objects.filter(pk=first.pk).update(hold_reason="missed")
    now = clock.now()

    def mark():
        return mark_of(alice, ahead, None, [], now)

    before = mark()
    ScheduledPost.objects.filter(pk=first.pk).update(hold_reason="")
    ScheduledPost.objects.filter(pk=second.pk).update(hold_reason="missed")
    assert mark() != before


def test_what_is_not_in_view_changes_nothing(watch, make_post, bread, charlie, ahead):
    page = watch(view="month")
    make_post(
        at=ahead + timedelta(days=90), now=clock.now(), media=0, account=bread.instagram_account, scheduled=False
    )
    make_post(at=ahead, now=clock.now(), media=0, owner=charlie, scheduled=False)
    assert page.ask().status_code == 204


def test_what_the_filters_leave_out_changes_nothing(watch, bread):
    page = watch(view="month", q="cake")
    published(bread)
    assert page.ask().status_code == 204


def test_what_came_to_fit_the_filters_is_seen(watch, bread):
    page = watch(view="month", status="published")
    published(bread)
    assert 'data-status="published"' in page.ask().content.decode()


def test_a_change_that_no_count_tells_is_seen_after_a_while(alice, noon):
    span = spans.month(noon.date(), 0, SP)
    marks = {
        mark_of(alice, span.starts[0], span.starts[-1], [], noon + late) for late in (timedelta(0), LOOK_AGAIN_AFTER)
    }
    assert len(marks) == 2


# --- What is drawn anew -----------------------------------------------------------------------------------------
def test_after_a_look_the_same_change_is_not_drawn_again(watch, bread):
    page = watch(view="month")
    published(bread)
    answer = page.ask().content.decode()
    digest = re.search(r'data-digest="([^"]*)"', answer)[1]
    day = re.search(r'id="day-([\d-]+)"', answer)[1]
    old = re.search(rf'id="day-{day}"[^>]*data-digest="([^"]*)"', page.page)[1]
    page.seen = page.seen.replace(old, digest, 1) if page.seen.count(old) == 1 else page.seen
    page.since = ""
    assert page.ask().status_code == 204


def test_a_page_that_says_nothing_gets_the_whole_view(client, alice, bread):
    client.force_login(alice)
    answer = client.get(reverse("calendar-changes"), {"view": "month"}, **HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#calendar")


def test_at_midnight_the_whole_view_is_drawn_anew(watch):
    page = watch(view="month")
    page.seen, page.since = f"200101{page.seen[6:]}", ""
    answer = page.ask()
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#calendar", "innerHTML")


def test_days_that_the_page_does_not_tell_are_all_drawn(watch):
    page = watch(view="month")
    page.seen, page.since = page.seen[:-12], ""
    assert len(days_in(page.ask())) == 42


@pytest.mark.parametrize("nonsense", ["x", "\0", "x" * 5000, "261124", "æ" * 300])
def test_nonsense_is_answered_with_what_there_is(watch, nonsense):
    page = watch(view="month")
    page.seen = page.since = nonsense
    assert page.ask().status_code == 200


def test_a_list_stays_as_long_as_it_was(watch, make_post, bread, ahead):
    for minute in range(1, 60):
        make_post(
            at=ahead + timedelta(minutes=minute),
            now=clock.now(),
            media=0,
            account=bread.instagram_account,
            scheduled=False,
        )
    page = watch(view="list")
    assert page.rows == 50
    more = page.client.get(reverse("calendar"), page.said | {"page": 2}, **HTMX).content.decode()
    page.seen += re.search(r'data-digest="([^"]*)"', more)[1]
    page.rows += more.count('class="list-row"')
    page.since = ""
    assert page.ask().status_code == 204
    published(bread)
    assert page.ask().content.decode().count('class="list-row"') == 60


def test_a_list_that_goes_on_further_is_drawn_anew(watch, make_post, bread, ahead):
    facts = {"now": clock.now(), "media": 0, "account": bread.instagram_account, "scheduled": False}
    for minute in range(1, 50):
        make_post(at=ahead + timedelta(minutes=minute), **facts)
    page = watch(view="list")
    make_post(at=ahead + timedelta(hours=2), **facts)
    assert b"cal-list__more" in page.ask().content


# --- Fetched ahead ----------------------------------------------------------------------------------------------
def test_only_what_is_fetched_ahead_may_be_kept_and_for_half_a_minute(client, alice, bread):
    client.force_login(alice)
    kept = client.get(reverse("calendar"), HTTP_HX_PRELOADED="true", **HTMX).headers
    assert set(kept["Cache-Control"].split(", ")) == {"private", "max-age=30"}
    assert {"HX-Request", "Cookie"} <= set(kept["Vary"].split(", "))
    assert "no-store" in client.get(reverse("calendar"), **HTMX).headers["Cache-Control"]


# --- Who asks ---------------------------------------------------------------------------------------------------
def test_a_session_that_ended_leads_to_the_login(client):
    answer = client.get(reverse("calendar-changes"), **HTMX)
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("login"))


def test_nobody_sees_a_strangers_posts(client, charlie, bread, ahead):
    client.force_login(charlie)
    answer = client.get(reverse("calendar-changes"), {"date": str(day_of(ahead)), "tz": SP}, **HTMX)
    assert "Fresh bread" not in answer.content.decode()


def test_a_page_says_where_to_ask_and_what_time_it_is_there(client, alice, bread):
    client.force_login(alice)
    page = client.get(reverse("calendar"), {"tz": "Asia/Tokyo", "view": "month"}).content.decode()
    address, now = (re.search(rf'data-{name}="([^"]*)"', page)[1] for name in ("changes", "now"))
    assert address == "/calendar/changes/?tz=Asia%2FTokyo"
    there = datetime.fromisoformat(now).replace(tzinfo=UTC) - timedelta(hours=9)
    assert abs(there - clock.now()) < timedelta(minutes=1)


def test_statuses_are_those_that_the_tests_write():
    assert {"published", "failed", "publishing"} <= set(Status.values)
