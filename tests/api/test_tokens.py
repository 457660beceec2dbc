"""API tokens: many to a person, shown once, kept as a hash, and each opens only what it says."""

import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from scheduler.lib.redaction import redact
from scheduler.models import ApiToken, api_token
from tests.api.conftest import Program, problem_of

pytestmark = pytest.mark.django_db
PAGE = "/settings/tokens/"
SECRET = re.compile(r"pauta_[\w-]{43}")


@pytest.fixture
def alice_in(client, alice, today):
    client.force_login(alice)
    return client


def test_a_new_token_is_shown_once_and_works(alice_in):
    page = alice_in.post(PAGE, {"name": "Script", "scopes": ["read"], "days": "30"})
    (secret,) = set(SECRET.findall(page.text))
    assert Program(secret).ask("get", "scheduled-posts/").status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert secret not in alice_in.get(PAGE).text and secret[:12] in alice_in.get(PAGE).text


def test_only_its_hash_is_kept(program):
    secret = program().secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM scheduler_apitoken")
        row = " ".join(map(str, cursor.fetchone()))
    assert secret not in row and secret[12:] not in row


def test_no_log_line_shows_one(program):
    secret = program().secret
    assert secret not in redact(f"a header {secret} somewhere") and secret not in redact(f"Bearer {secret}")


def test_a_token_lasts_as_long_as_was_asked_for(alice_in, noon):
    alice_in.post(PAGE, {"name": "A month", "scopes": ["read"], "days": "30"})
    alice_in.post(PAGE, {"name": "For ever", "scopes": ["read", "write"], "days": ""})
    ends = dict(ApiToken.objects.values_list("name", "expires_at"))
    assert ends == {"A month": noon + timedelta(days=30), "For ever": None}


@pytest.mark.parametrize("fields", [{"scopes": ["read"]}, {"name": "x"}, {"name": "x", "scopes": ["rule"]}])
def test_a_token_needs_a_name_and_a_scope(alice_in, fields):
    assert alice_in.post(PAGE, {"days": "30"} | fields).status_code == 422
    assert not ApiToken.objects.exists()


def test_more_than_fit_are_refused(alice_in, program, monkeypatch):
    monkeypatch.setattr("scheduler.views.api_tokens.MOST", 1)
    program()
    answer = alice_in.post(PAGE, {"name": "One more", "scopes": ["read"], "days": ""})
    assert answer.status_code == 422 and "At most 1 tokens fit" in answer.text


def test_a_revoked_token_opens_nothing(alice_in, api):
    alice_in.post(reverse("token-revoke", args=[api.token.pk]))
    assert problem_of(api.ask("get", "scheduled-posts/"), 401) == "UNAUTHORIZED"
    assert api.secret[:12] not in alice_in.get(PAGE).text


def test_a_token_whose_time_ended_opens_nothing(program, today, noon):
    short = program(lasts=timedelta(days=1))
    assert short.ask("get", "scheduled-posts/").status_code == 200
    today.move_to(noon + timedelta(days=1))
    assert problem_of(short.ask("get", "scheduled-posts/"), 401) == "UNAUTHORIZED"


def test_a_token_of_somebody_who_left_opens_nothing(api, alice):
    alice.is_active = False
    alice.save()
    assert problem_of(api.ask("get", "scheduled-posts/"), 401) == "UNAUTHORIZED"


@pytest.mark.parametrize("told", ["Bearer", "Bearer ", "Bearer x", "Bearer \0", "Bearer señha", "Bearer a b"])
def test_what_is_no_token_opens_nothing(db, told):
    answer = Program(authorization=told).ask("get", "scheduled-posts/")
    assert problem_of(answer, 401) == "UNAUTHORIZED" and answer["WWW-Authenticate"] == "Bearer"


def test_its_last_use_is_written_at_most_once_a_minute(api, today, noon):
    for minutes, seen in [(0, 0), (0.5, 0), (1, 1), (1.9, 1), (2, 2)]:
        today.move_to(noon + timedelta(minutes=minutes))
        api.ask("get", "instagram/accounts/")
        assert ApiToken.objects.get().last_used_at == noon + timedelta(minutes=seen)


def test_the_page_tells_when_each_was_used(alice_in, api):
    assert "Never used" in alice_in.get(PAGE).text
    api.ask("get", "instagram/accounts/")
    assert "Last used" in alice_in.get(PAGE).text


def test_a_command_prints_a_token_alone(alice, capsys):
    call_command("api_token", "alice", "--name", "cron", "--scope", "read", "--days", "7")
    secret = capsys.readouterr().out.strip()
    token = ApiToken.objects.get()
    assert (token.name, token.scopes, token.digest) == ("cron", ["read"], api_token._digest(secret))
    assert token.expires_at - token.made_at == timedelta(days=7)


def test_the_command_gives_everything_unless_told(alice, capsys):
    call_command("api_token", "alice")
    assert ApiToken.objects.get().scopes == ["read", "write", "publish"]


@pytest.mark.parametrize("words", [["nobody"], ["alice", "--days", "0"]])
def test_the_command_refuses_what_makes_no_sense(alice, words):
    with pytest.raises(CommandError):
        call_command("api_token", *words)
