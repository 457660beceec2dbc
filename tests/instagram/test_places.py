"""Looking for places: what is asked, what is understood, what may go wrong; the token shows nowhere."""

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import pytest

from scheduler.instagram.errors import InstagramError
from scheduler.instagram.places import Place, PlaceSearch
from tests.instagram.scripted import SENTINEL, VERSION, graph_error

SECRET = "sentinel-app-secret-91c2"
PARK = {"id": "400000000000001", "name": "Central Park"}
ON_MAP = {"city": "New York", "country": "United States", "latitude": 40.7, "longitude": -73.9}


@pytest.fixture
def search(wire):
    return PlaceSearch(
        graph_url="http://facebook.test/graph/",
        version=VERSION,
        token=SENTINEL,
        app_secret=SECRET,
        session=wire.session,
    )


def test_a_search_asks_with_the_proof_and_the_token_in_the_header(search, wire):
    wire.will_answer({"data": []})
    assert search.find("central park & café") == []
    address = urlsplit(wire.asked[0].url)
    words = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert address.path == f"/graph/{VERSION}/pages/search"
    assert words["q"] == "central park & café"
    assert words["appsecret_proof"] == hmac.new(SECRET.encode(), SENTINEL.encode(), hashlib.sha256).hexdigest()
    assert wire.asked[0].headers["Authorization"] == f"Bearer {SENTINEL}"
    assert SENTINEL not in wire.asked[0].url and SENTINEL not in str(search.last_exchange)


def test_only_what_is_on_the_map_is_found(search, wire):
    nowhere = {"id": "400000000000005", "name": "Nowhere"}
    halfway = nowhere | {"id": "6", "location": {"city": "Rome", "latitude": 41.9}}
    wire.will_answer({"data": [nowhere, PARK | {"location": ON_MAP}, halfway]})
    assert search.find("park") == [Place("400000000000001", "Central Park", "New York, United States")]


@pytest.mark.parametrize(
    "row",
    [
        {"name": "No number", "location": ON_MAP},
        {"id": "12", "location": ON_MAP},
        {"id": "central-park", "name": "Words for a number", "location": ON_MAP},
        {"id": "12", "name": "A list for a place", "location": [1, 2]},
        {"id": ["12"], "name": {"a": 1}, "location": ON_MAP},
        "no row at all",
    ],
)
def test_nonsense_is_no_place(search, wire, row):
    wire.will_answer({"data": [row]})
    assert search.find("park") == []


def test_an_answer_without_a_list_is_not_an_empty_one(search, wire):
    wire.will_answer({"success": True})
    with pytest.raises(InstagramError):
        search.find("park")


def test_a_page_is_read_by_its_number(search, wire):
    wire.will_answer(PARK | {"location": ON_MAP})
    assert search.read("400000000000001").words == "Central Park · New York, United States"
    assert urlsplit(wire.asked[0].url).path == f"/graph/{VERSION}/400000000000001"


def test_a_page_without_a_point_on_the_map_says_so(search, wire):
    wire.will_answer(PARK)
    assert not search.read("400000000000001").is_on_map


def test_a_number_can_lead_nowhere_else(search, wire):
    wire.will_answer(PARK)
    search.read("../me/accounts")
    assert urlsplit(wire.asked[0].url).path == f"/graph/{VERSION}/..%2Fme%2Faccounts"


def test_an_app_without_the_feature_is_refused(search, wire):
    wire.will_answer(graph_error(10, message="(#10) Page Public Metadata Access"), status=403)
    with pytest.raises(InstagramError) as refused:
        search.find("park")
    assert refused.value.name == "PERMISSION_DENIED"
