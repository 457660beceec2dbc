"""The publishing cast: `instagram` is the sandbox, over HTTP without a socket; `time` moves for both sides."""

from datetime import UTC, timedelta

import pytest

from scheduler.instagram import client
from scheduler.lib import clock
from scheduler.models import InstagramAccount, ScheduledPost
from scheduler.models.fields import vault
from scheduler.sandbox import fetching
from scheduler.services.instagram_publish_service import InstagramPublishService
from tests.sandbox.world import Sandbox

MOST_PASSES = 80


class Time:
    """The clock of our side and of Instagram's, moved together."""

    def __init__(self, instagram):
        self.skew, self.instagram = timedelta(0), instagram

    def now(self):
        return clock.now() + self.skew

    def passes(self, **by):
        self.skew += timedelta(**by)
        self.instagram.set(clock_offset_s=self.skew.total_seconds())

    def comes(self, at):
        self.passes(seconds=max(0, (at - self.now()).total_seconds() + 0.01))


@pytest.fixture
def instagram(db, monkeypatch):
    world = Sandbox()
    monkeypatch.setattr(fetching, "fetching_session", lambda: world.session)
    monkeypatch.setattr(client, "shared_session", lambda: world.session)
    world.instant()
    world.host_picture()
    return world


@pytest.fixture
def time(instagram):
    return Time(instagram)


@pytest.fixture
def account(instagram, alice, time):
    return connect(instagram, alice, time, "padaria.aurora")


def connect(instagram, owner, time, username):
    """Connect a sandbox profile without the pages."""
    profile = instagram.profile(username)
    row = InstagramAccount(
        user=owner,
        instagram_user_id=profile.user_id,
        app_scoped_id=profile.app_scoped_id,
        instagram_username=profile.username,
        account_type="BUSINESS",
    )
    row.access_token = vault().seal(instagram.token_for(profile))
    row.token_expires_at = time.now() + timedelta(days=60)
    row.save()
    return row


@pytest.fixture
def page_account(instagram, alice, time):
    return connect_page(instagram, alice, time)


def connect_page(instagram, owner, time, name="Estúdio Lume", person=None):
    """Connect the account behind a Page of a sandbox person without the pages."""
    page = instagram.page(name)
    row = InstagramAccount(
        user=owner,
        login=InstagramAccount.Login.FACEBOOK,
        instagram_user_id=page.profile.user_id,
        instagram_username=page.profile.username,
        account_type="BUSINESS",
        facebook_page_id=page.graph_id,
        facebook_page_name=page.name,
    )
    row.access_token = vault().seal(instagram.page_token_for(page, person))
    row.token_expires_at = time.now() + timedelta(days=60)
    row.save()
    return row


@pytest.fixture
def plan(instagram, account, alice, time):
    """Put a post in line for two minutes from now (or `ahead`)."""

    def plan(*, ahead=timedelta(minutes=2), whose=None, media=1, **fields):
        kind = {"caption": "Pão fresquinho #pão", "media_urls": [instagram.host_picture()] * media}
        post = ScheduledPost(user=alice, instagram_account=whose or account, **kind | fields)
        post.plan((time.now() + ahead).astimezone(UTC).replace(tzinfo=None), "UTC")
        post.save()
        post.schedule(now=time.now())
        return post

    return plan


@pytest.fixture
def service(time):
    return InstagramPublishService(clock=time.now)


@pytest.fixture
def work(service, time):
    """Let the workers go on, moving the clock to each next look, until `until(post)` or nothing is left."""

    def work(post, *, until=lambda post: False):
        for _ in range(MOST_PASSES):
            post.refresh_from_db()
            if until(post) or post.wake_at is None:
                return post
            time.comes(post.wake_at)
            service.publish_post(post)
        raise AssertionError(f"{post} does not come to rest: {post.last_error}")

    return work


def steps(post):
    """Return the log of a post as (step, status, error code), the oldest first."""
    return [(line.step, line.status, line.error_code) for line in post.logs.order_by("pk")]


def status(name):
    return lambda post: post.status == name
