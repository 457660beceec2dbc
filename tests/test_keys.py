"""The keys: what they are is told, they can be turned off, and weeks begin with the day that a person wants."""

import re

import pytest

from scheduler.models import User


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


def settings_of(user, **changes):
    kept = {"timezone": user.timezone, "language": user.language, "theme": user.theme, "has_shortcuts": "on"}
    return {name: value for name, value in (kept | changes).items() if value is not None}


def first_weekday_on(page):
    return re.search(r'columnheader" aria-label="(\w+)', page.content.decode())[1]


def test_the_keys_are_told_on_a_page_of_their_own(alice_in):
    assert "Pick it up" in alice_in.get("/keys/").content.decode()


def test_over_the_page_they_come_without_its_frame(alice_in):
    answer = alice_in.get("/keys/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#sheet-body"
    assert "sheet:open" in answer.headers["HX-Trigger-After-Settle"]
    assert "<html" not in answer.content.decode()


def test_who_picks_up_a_first_post_is_told_only_how_to_carry_it(alice_in):
    said = alice_in.get("/keys/?first", headers={"HX-Request": "true"}).content.decode()
    assert "Drop it" in said and "New post" not in said


def test_the_keys_can_be_turned_off(alice_in, alice):
    assert 'data-behaviour="shortcuts"' in alice_in.get("/posts/").content.decode()
    alice_in.post("/settings/", settings_of(alice, has_shortcuts=None))
    assert 'data-behaviour="shortcuts"' not in alice_in.get("/posts/").content.decode()


def test_a_week_begins_as_usual_in_the_language(alice_in):
    assert first_weekday_on(alice_in.get("/calendar/?view=month")) == "Sunday"


@pytest.mark.parametrize(("number", "name"), [("0", "Sunday"), ("1", "Monday"), ("6", "Saturday")])
def test_a_week_begins_with_the_day_that_the_person_wants(alice_in, alice, number, name):
    alice_in.post("/settings/", settings_of(alice, first_weekday=number))
    assert first_weekday_on(alice_in.get("/calendar/?view=month")) == name


def test_a_day_that_no_week_begins_with_is_refused(alice_in, alice):
    answer = alice_in.post("/settings/", settings_of(alice, first_weekday="9"))
    assert answer.status_code == 422
    assert User.objects.get().first_weekday == ""
