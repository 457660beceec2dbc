"""The cast: Alice owns, Charlie is a stranger, `make_post` makes rows, `noon` is now."""

import itertools
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connections
from hypothesis import HealthCheck, settings

from scheduler.lib import safe_fetch, safe_post
from scheduler.models import InstagramAccount, MediaAsset, PostMedia, Rendition, ScheduledPost, User
from scheduler.models.fields import vault
from tests.installation import tables

# A page is fifty files, and each would wait 40 ms for the browser's word that it got the headers.
WSGIRequestHandler.disable_nagle_algorithm = True
# A machine with other work is no finding: no test here is timed.
settings.register_profile("pauta", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pauta")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings):
    """Start from the tables that the run's processes share; Django then finds every migration done."""
    if any(connection.vendor != "sqlite" for connection in connections.all()):
        return False
    for connection in connections.all():
        facts = connection.settings_dict
        shutil.copy(tables() / Path(facts["NAME"]).name, facts["TEST"]["NAME"])
    return True


@pytest.fixture(autouse=True)
def no_outside_network(monkeypatch):
    """Let no address that a post or a webhook names be asked; a test that wants an answer puts a web in its place."""

    def nobody_answers(address, *_, **__):
        raise safe_fetch.Refused("ADDRESS_UNREACHABLE")

    monkeypatch.setattr(safe_fetch, "fetch", nobody_answers)
    monkeypatch.setattr(safe_post, "send", nobody_answers)


@pytest.fixture(scope="session")
def common_window(browser):
    """A window for one test after the other: it has every script and style sheet already."""
    shown = StaticFilesHandler.serve

    def serve(self, request):
        answer = shown(self, request)
        answer.headers["Cache-Control"] = "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch, browser.new_context() as context:
        patch.setattr(StaticFilesHandler, "serve", serve)
        context.new_page()
        yield context


@pytest.fixture
def window(request, live_server):
    """A browser's window without cookies or anything that a page kept."""
    if request.node.get_closest_marker("own_window"):
        yield request.getfixturevalue("context")
        return
    common = request.getfixturevalue("common_window")
    yield common
    common.set_offline(False)
    common.clear_cookies()
    blank, *others = common.pages
    for page in others:
        page.close()
    kept = {"origin": live_server.url, "storageTypes": "local_storage,indexeddb,cache_storage,service_workers"}
    common.new_cdp_session(blank).send("Storage.clearDataForOrigin", kept)


@pytest.fixture
def noon():
    return NOON


@pytest.fixture
def alice(db):
    return User.objects.create_user("alice", password="alice's password", timezone="America/Sao_Paulo")


@pytest.fixture
def charlie(db):
    return User.objects.create_user("charlie", password="charlie's password")


@pytest.fixture
def make_account(alice):
    numbers = itertools.count(1)

    def make(*, owner=None, token="IGAAalice-token", **fields):
        number = next(numbers)
        facts = {"instagram_user_id": f"1784140000000{number:04}", "instagram_username": f"alice.bakery{number}"}
        facts |= {"token_expires_at": NOON + timedelta(days=3650), "account_type": "BUSINESS"}
        return InstagramAccount.objects.create(
            user=owner or alice, access_token=vault().seal(token), **facts | fields
        )

    return make


@pytest.fixture
def make_picture(alice):
    """Make an asset row with a publishable rendition; no file is read in the tests that use it."""
    numbers = itertools.count(1)

    def make(*, owner=None, kind="image"):
        number = next(numbers)
        size = {"width": 1080, "height": 1350, "size_bytes": 1000}
        kind_fields = {"content_type": "image/jpeg"} if kind == "image" else {"content_type": "video/mp4"}
        asset = MediaAsset.objects.create(
            user=owner or alice,
            kind=kind,
            sha256=f"{number:064}",
            original_name=f"photo-{number}.jpg",
            file=f"originals/{number}",
            duration_ms=None if kind == "image" else 5000,
            **size,
            **kind_fields,
        )
        Rendition.objects.create(
            asset=asset, purpose="publish", sha256=f"{number:064}", file=f"renditions/{number}", **size, **kind_fields
        )
        return asset

    return make


@pytest.fixture
def make_post(make_account, make_picture):
    accounts = {}

    def make(*, at=None, now=NOON, account=None, owner=None, media=1, scheduled=True, **fields):
        """Make a post planned for `at` (aware), in line unless `scheduled` is False."""
        if account is None:
            account = accounts.setdefault(owner, None) or make_account(owner=owner)
            accounts[owner] = account
        post = ScheduledPost(user=account.user, instagram_account=account, **{"caption": "Fresh bread"} | fields)
        post.timezone = "America/Sao_Paulo"
        if at is not None:
            post.plan(at.astimezone(UTC).replace(tzinfo=None), "UTC")
        post.save()
        for position in range(media):
            PostMedia.objects.create(post=post, asset=make_picture(owner=account.user), position=position)
        if at is not None and scheduled:
            post.schedule(now=min(now, at - timedelta(minutes=2)))
        return post

    return make
