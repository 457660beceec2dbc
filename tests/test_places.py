"""The place of a post: found by name behind a Page, by its page's number elsewhere."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from scheduler.forms.posts import PostForm
from scheduler.lib import clock
from scheduler.lib.sealing import Sealed
from scheduler.models import ApiLimit, InstagramAccount, ScheduledPost
from scheduler.models.fields import vault
from scheduler.services import places
from tests.publishing.conftest import instagram  # noqa: F401 - fixture
from tests.test_forms import NOW, fill  # noqa: F401 - fixture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
PARK = "400000000000001"


@pytest.fixture
def by_page(instagram, make_account):  # noqa: F811
    """An account behind a Page, with its person's token."""
    person = instagram.person("marina")
    token = instagram.facebook_token_for(person)
    return make_account(login=InstagramAccount.Login.FACEBOOK, facebook_user_token=vault().seal(token))


@pytest.fixture
def by_instagram(make_account):
    return make_account()


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (PARK, PARK),
        (f"  {PARK} ", PARK),
        (f"https://www.facebook.com/{PARK}", PARK),
        (f"https://m.facebook.com/{PARK}/?locale=pt_BR", PARK),
        (f"facebook.com/pages/Central-Park/{PARK}", PARK),
        (f"https://www.facebook.com/profile.php?id={PARK}&sk=about", PARK),
        (f"https://www.facebook.com/p/Central-Park-{PARK}/", PARK),
        ("https://www.facebook.com/centralparknyc", ""),
        (f"https://facebook.com.evil.example/{PARK}", ""),
        (f"https://evil.example/{PARK}", ""),
        ("Central Park", ""),
        ("", ""),
        ("-5", ""),
    ],
)
def test_a_number_is_found_in_what_people_paste(words, number):
    assert places.number_in(words) == number


def test_a_name_finds_places_with_their_towns(by_page):
    found = places.find(by_page, "parque")
    assert [place.words for place in found.places] == ["Parque Ibirapuera · São Paulo, Brazil"]
    assert found.trouble == ""


def test_a_pasted_address_is_looked_up(by_page):
    found = places.find(by_page, f"https://www.facebook.com/{PARK}")
    assert ([place.name for place in found.places], found.number) == (["Central Park"], PARK)


def test_a_page_that_is_not_on_the_map_is_told(by_page):
    assert not places.find(by_page, "400000000000005").places[0].is_on_map


@pytest.mark.parametrize(
    ("words", "trouble"),
    [("999999999999", "Facebook shows no page with this number."), ("parque", "")],
)
def test_what_is_not_there_is_told(by_page, words, trouble):
    assert places.find(by_page, words).trouble == trouble


def test_an_app_that_may_not_search_is_told_what_else_to_do(by_page, instagram):  # noqa: F811
    instagram.set(allows_page_search=False)
    assert places.find(by_page, "parque").trouble.startswith("Meta doesn't allow this app to search for places.")


def test_an_account_by_instagram_asks_nobody(by_instagram, instagram):  # noqa: F811
    found = places.find(by_instagram, "parque")
    assert "can't search for places" in found.trouble
    assert instagram.calls() == []


@pytest.mark.parametrize("limit", [{"paused_until": timedelta(minutes=9), "reason": "RATE_LIMITED"}, {"usage": 95}])
def test_nothing_is_asked_while_instagram_wants_a_pause(by_page, instagram, limit):  # noqa: F811
    now = clock.now()
    until = now + limit["paused_until"] if "paused_until" in limit else None
    ApiLimit.objects.create(
        scope="app:facebook",
        usage_percent=limit.get("usage", 0),
        seen_at=now,
        paused_until=until,
        reason=limit.get("reason", ""),
    )
    asked = len(instagram.calls())
    assert "pause" in places.find(by_page, "parque").trouble
    assert len(instagram.calls()) == asked


def test_many_searches_of_one_person_have_to_wait(by_page, instagram, monkeypatch):  # noqa: F811
    monkeypatch.setattr(places, "RATE", "1/h")
    assert places.find(by_page, "parque").places
    asked = len(instagram.calls())
    assert places.find(by_page, "parque").trouble.startswith("Those were many searches at once.")
    assert len(instagram.calls()) == asked


def test_a_limit_that_the_search_meets_is_kept_for_all(by_page, instagram):  # noqa: F811
    instagram.next_call("pages", code=4)
    assert places.find(by_page, "parque").trouble != ""
    assert ApiLimit.objects.get(scope="app:facebook").is_paused(clock.now())


def test_a_lost_key_is_named(by_page):
    InstagramAccount.objects.filter(pk=by_page.pk).update(facebook_user_token=Sealed("gAAAAother"))
    by_page.refresh_from_db()
    assert "FERNET_KEY" in places.find(by_page, "parque").trouble


def test_the_page_offers_what_was_found_and_keeps_nothing(client, alice, by_page):
    client.force_login(alice)
    answer = client.get("/posts/places/", {"account": by_page.pk, "place_words": "parque"})
    assert "Parque Ibirapuera" in answer.text and 'data-place="400000000000002"' in answer.text
    assert not ScheduledPost.objects.exists()


def test_another_persons_account_does_not_exist(client, charlie, by_page, instagram):  # noqa: F811
    asked = len(instagram.calls())
    client.force_login(charlie)
    assert client.get("/posts/places/", {"account": by_page.pk, "place_words": "parque"}).status_code == 404
    assert len(instagram.calls()) == asked


@pytest.mark.parametrize("words", ["", "p", " p ", "\0"])
def test_too_few_letters_ask_nobody(client, alice, by_page, instagram, words):  # noqa: F811
    asked = len(instagram.calls())
    client.force_login(alice)
    assert client.get("/posts/places/", {"account": by_page.pk, "place_words": words}).content == b""
    assert len(instagram.calls()) == asked


@pytest.mark.parametrize("number", ["", "0", "abc", "1" * 40])
def test_no_such_account_is_no_crash(client, alice, number):
    client.force_login(alice)
    assert client.get("/posts/places/", {"account": number, "place_words": "parque"}).status_code in {200, 404}


def test_a_strangers_browser_is_sent_to_sign_in(db):
    assert Browser().get("/posts/places/").status_code == 302


# --- The form -----------------------------------------------------------------------------------------------
def test_the_name_is_kept_beside_the_number(fill):  # noqa: F811
    kept = fill(location_id=PARK, location_name=f"{PARK} Central Park · New York").save().options
    assert (kept["location_id"], kept["location_name"]) == (PARK, "Central Park · New York")


def test_an_address_is_kept_as_its_number(fill):  # noqa: F811
    kept = fill(location_id=f"https://www.facebook.com/p/Central-Park-{PARK}/").save().options
    assert kept["location_id"] == PARK


def test_a_name_that_came_with_another_number_is_not_kept(fill):  # noqa: F811
    assert "location_name" not in fill(location_id="77777", location_name=f"{PARK} Central Park").save().options


def test_the_form_shows_again_what_was_kept(fill, alice):  # noqa: F811
    post = fill(location_id=PARK, location_name=f"{PARK} Central Park").save()
    assert PostForm(user=alice, now=NOW, post=post)["location_name"].value() == f"{PARK} Central Park"


def test_words_without_a_number_say_what_is_wanted(fill):  # noqa: F811
    told = "A place is the number or the address of its Facebook page, with the number in it."
    assert fill(location_id="Rua 1").errors["location_id"] == [told]
