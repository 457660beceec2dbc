"""Tokens are sealed with rotation; a wrong key stops with the cure and damages nothing."""

import logging

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from scheduler.lib.redaction import SecretsFilter, redact, redact_data
from scheduler.lib.sealing import KeyProblem, Sealed, Vault
from scheduler.models import InstagramAccount
from scheduler.models.fields import vault
from scheduler.services.keys import check_keys

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SENTINEL = "IGAAsentinel0123456789"


def test_what_was_sealed_opens_again():
    assert Vault([OLD]).open(Vault([OLD]).seal("secret")) == "secret"


def test_nothing_stays_nothing():
    assert not Vault([OLD]).seal("")
    assert Vault([OLD]).open(Sealed("")) == ""


def test_an_old_key_still_opens_beside_a_new_one():
    assert Vault([NEW, OLD]).open(Vault([OLD]).seal("secret")) == "secret"


def test_rotation_seals_with_the_first_key():
    rotated = Vault([NEW, OLD]).rotate(Vault([OLD]).seal("secret"))
    assert Vault([NEW]).open(rotated) == "secret"


def test_a_wrong_key_names_the_cure():
    with pytest.raises(KeyProblem, match="Put the old key back"):
        Vault([NEW]).open(Vault([OLD]).seal("secret"))


@pytest.mark.parametrize("keys", [[], ["short"], ["x" * 44 + "é"]])
def test_a_malformed_key_names_the_cure(keys):
    with pytest.raises(KeyProblem, match="FERNET_KEY"):
        Vault(keys)


def test_a_sealed_value_shows_nothing():
    sealed = Vault([OLD]).seal(SENTINEL)
    assert {repr(sealed), str(sealed), f"{sealed}"} == {"<sealed>"}


@pytest.mark.parametrize(
    "text",
    [
        f"GET /me?access_token={SENTINEL}&fields=id",
        f"Authorization: Bearer {SENTINEL}",
        f"Authorization: OAuth {SENTINEL}",
        f'{{"access_token": "{SENTINEL}"}}',
        f"token {SENTINEL} alone",
        f"https://x/?client_secret={SENTINEL}",
    ],
)
def test_a_token_is_masked_in_any_text(text):
    assert SENTINEL not in redact(text)


def test_an_error_code_is_not_a_secret():
    assert redact_data({"error": {"code": 190, "message": "code: 190"}})["error"] == {
        "code": 190,
        "message": "code: 190",
    }


def test_a_secret_is_masked_at_any_depth():
    assert SENTINEL not in str(redact_data({"a": [{"access_token": SENTINEL}], "b": ({"x": f"Bearer {SENTINEL}"},)}))


def test_a_traceback_is_masked_in_the_log():
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "went wrong with %s", (SENTINEL,), None)
    try:
        raise ValueError(f"access_token={SENTINEL}")
    except ValueError:
        import sys

        record.exc_info = sys.exc_info()
    SecretsFilter().filter(record)
    assert SENTINEL not in logging.Formatter().format(record)


@pytest.fixture
def account(make_account):
    return make_account(token=SENTINEL)


def test_the_row_holds_no_plain_token(account, django_assert_num_queries):
    row = InstagramAccount.objects.filter(pk=account.pk).extra(select={"raw": "access_token"}).values("raw").get()
    assert SENTINEL not in row["raw"]


def test_a_plain_token_is_refused_by_the_field(account):
    account.access_token = SENTINEL
    with pytest.raises(TypeError):
        account.save()


def test_rotate_keys_reseals_every_row(account, settings):
    settings.FERNET_KEYS = [NEW, *settings.FERNET_KEYS]
    call_command("rotate_keys")
    account.refresh_from_db()
    assert Vault([NEW]).open(account.access_token) == SENTINEL


@pytest.mark.parametrize("command", ["rotate_keys", "process_posts", "qcluster"])
def test_a_lost_key_stops_every_command_and_changes_no_row(account, settings, command):
    before = account.access_token.ciphertext
    settings.FERNET_KEYS = [NEW]
    with pytest.raises(CommandError, match="Put the old key back"):
        call_command(command)
    assert InstagramAccount.objects.get(pk=account.pk).access_token.ciphertext == before


def test_a_good_key_passes_the_check(account):
    check_keys()
    assert vault().open(account.access_token) == SENTINEL
