"""A program that speaks with the API: `api.get("scheduled-posts/")`, with a token of Alice's or another's."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from scheduler.models import ApiToken
from scheduler.models.api_token import Scope

BASE = "/api/v1/social/"


class Program(Client):
    """Sends JSON below the API's base with a token, no cookie, and no CSRF token."""

    def __init__(self, secret=None, **headers):
        known = {"authorization": f"Bearer {secret}"} if secret else {}
        super().__init__(enforce_csrf_checks=True, headers=known | headers)

    def ask(self, method, path, body=None, **headers):
        """Ask for an address below the base, or for a whole one."""
        path = path if path.startswith(("/", "http")) else BASE + path
        sent = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self, method)(path, headers=headers, **sent)


@pytest.fixture
def today(noon):
    """Let it be noon."""
    with time_machine.travel(noon, tick=False) as clock:
        yield clock


@pytest.fixture
def program(alice, noon):
    """Make a program that has a token of somebody's."""

    def program(*scopes, owner=None, lasts=timedelta(days=3650), **headers):
        token, secret = ApiToken.make(owner or alice, "test", list(scopes or Scope.values), noon, lasts=lasts)
        made = Program(secret, **headers)
        made.token, made.secret = token, secret
        return made

    return program


@pytest.fixture
def api(program):
    """Return a program of Alice's that may do everything."""
    return program()


def problem_of(answer, status):
    """Return the code of an error of the contract's shape."""
    assert answer.status_code == status, answer.text
    assert answer["Content-Type"] == "application/json"
    told = answer.json()["error"]
    assert set(told) == {"code", "message", "fields"} and told["message"]
    return told["code"]
