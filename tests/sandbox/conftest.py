"""The sandbox's own tests: a fresh sandbox, one account and its token."""

import pytest

from scheduler.sandbox import fetching
from scheduler.sandbox.models import Profile
from tests.sandbox.world import Sandbox


@pytest.fixture
def sandbox(db, settings, monkeypatch) -> Sandbox:
    """Return a sandbox whose media fetching stays in this process."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET = "990000000000002", "sandbox-facebook-app-secret"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    world = Sandbox()
    monkeypatch.setattr(fetching, "fetching_session", lambda: world.session)
    return world


@pytest.fixture
def bakery(sandbox) -> Profile:
    """Return a business account."""
    return sandbox.profile("padaria.aurora")


@pytest.fixture
def token(sandbox, bakery) -> str:
    """Return a long-lived token of the bakery with every permission."""
    return sandbox.token_for(bakery)


@pytest.fixture
def page_token(sandbox) -> str:
    """Return a Page token of the bakery's Page with every permission."""
    return sandbox.page_token_for()
