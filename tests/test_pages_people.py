"""Signing in and out, the first person, and settings."""

import pytest
from django.urls import reverse

from scheduler.models import User
from scheduler.services import first_person

LOGIN = {"username": "alice", "password": "alice's password"}


def test_signing_in_leads_to_where_one_was_going(client, alice):
    answer = client.post("/login/", LOGIN | {"next": "/accounts/"})
    assert answer.headers["Location"] == "/accounts/"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_signing_in_never_leads_away(client, alice, address):
    assert client.post("/login/", LOGIN | {"next": address}).headers["Location"] == "/"


def test_a_wrong_password_is_told(client, alice):
    assert client.post("/login/", LOGIN | {"password": "no"}).status_code == 422


def test_too_many_tries_have_to_wait(client, alice, settings):
    settings.LOGIN_RATE = "3/min"
    for _ in range(3):
        client.post("/login/", LOGIN | {"password": "no"})
    answer = client.post("/login/", LOGIN)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "That was tried too often" in answer.text


def test_a_try_for_another_name_need_not_wait(client, alice, settings):
    settings.LOGIN_RATE = "1/min"
    client.post("/login/", {"username": "somebody", "password": "no"})
    assert client.post("/login/", LOGIN).status_code == 302


def test_the_right_password_forgets_the_tries(client, alice, settings):
    settings.LOGIN_RATE = "2/min"
    for _ in range(4):
        assert client.post("/login/", LOGIN).status_code == 302


def test_a_part_asked_for_after_the_session_ended_reloads_the_page(client, alice):
    answer = client.get("/login/?next=/posts/", headers={"hx-request": "true"})
    assert answer.headers["HX-Redirect"] == "/login/"


def test_who_signs_in_again_comes_back_to_the_page_that_was_open(client, alice):
    here = "/calendar/?date=2026-12-01&view=week"
    asks = {"hx-request": "true", "hx-current-url": f"http://testserver{here}"}
    door = client.get("/login/?next=/posts/1/move/", headers=asks).headers["HX-Redirect"]
    shown = client.get(door)
    assert client.post("/login/", LOGIN | {"next": shown.context["next"]}).headers["Location"] == here


def test_signing_out_is_a_post_request(client, alice):
    client.force_login(alice)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"


@pytest.fixture
def first(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return {
        "code": first_person.setup_code(),
        "username": "ana",
        "password1": "long enough for us",
        "password2": "long enough for us",
        "timezone": "America/Sao_Paulo",
    }


def test_before_anybody_exists_signing_in_leads_to_the_set_up(client, db):
    assert client.get("/login/").headers["Location"] == "/setup/"


def test_the_first_person_may_do_everything(client, db, first):
    assert client.post("/setup/", first).headers["Location"] == "/accounts/"
    person = User.objects.get()
    assert (person.username, person.is_superuser, person.timezone) == ("ana", True, "America/Sao_Paulo")
    assert client.get("/posts/").status_code == 200


def test_there_is_no_set_up_once_somebody_exists(client, alice, first):
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", first).status_code == 404


def test_a_wrong_code_makes_nobody(client, db, first):
    assert client.post("/setup/", first | {"code": "AAAA-BBBB-CCCC"}).status_code == 422
    assert not User.objects.exists()


def test_a_code_cannot_be_guessed_by_trying(client, db, first, settings):
    settings.LOGIN_RATE = "2/min"
    answers = [client.post("/setup/", first | {"code": "no"}).status_code for _ in range(3)]
    assert answers == [422, 422, 429]
    assert client.post("/setup/", first).status_code == 429


def test_the_code_is_one_code_however_it_is_written(first):
    assert first_person.check_code(first["code"].lower().replace("-", " "))


def test_the_code_ends_with_the_first_person(client, db, first, tmp_path):
    client.post("/setup/", first)
    assert not (tmp_path / "secrets" / first_person.NAME).exists()


def test_settings_are_kept(client, alice):
    client.force_login(alice)
    answer = client.post("/settings/", {"timezone": "Asia/Tokyo", "language": "pt-br", "theme": "dark"})
    alice.refresh_from_db()
    assert answer.headers["Location"] == "/settings/"
    assert (alice.timezone, alice.language, alice.theme) == ("Asia/Tokyo", "pt-br", "dark")


def test_a_new_language_speaks_at_once(client, alice):
    client.force_login(alice)
    choice = {"timezone": "Asia/Tokyo", "language": "pt-br", "theme": "system"}
    answer = client.post("/settings/", choice, follow=True)
    assert [str(told) for told in answer.context["messages"]] == ["Salvo."]


def test_a_zone_that_is_none_is_refused(client, alice):
    client.force_login(alice)
    answer = client.post("/settings/", {"timezone": "Mars/Olympus", "language": "", "theme": "system"})
    assert answer.status_code == 422
    assert "No zone has this name" in answer.text


def test_a_changed_password_keeps_one_signed_in(client, alice):
    client.force_login(alice)
    new = {
        "old_password": LOGIN["password"],
        "new_password1": "quite another one",
        "new_password2": "quite another one",
    }
    assert client.post(reverse("password"), new).headers["Location"] == "/settings/"
    assert client.get("/settings/").status_code == 200


def test_the_name_is_still_there_for_the_next_try(client, alice, settings):
    settings.LOGIN_RATE = "1/min"
    client.post("/login/", LOGIN | {"password": "no"})
    assert 'value="alice"' in client.post("/login/", LOGIN | {"password": "no"}).text


def test_the_privacy_page_leads_back_not_to_itself(client, db):
    page = client.get("/privacy/").text
    assert 'href="/privacy/"' not in page
    assert '<a href="/">Back to Pauta</a>' in page
