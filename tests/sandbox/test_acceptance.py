"""The acceptance checks (a)–(j) of the fact sheet's section 10, on both hosts where both have them."""

from datetime import timedelta

import pytest
import requests

from scheduler.sandbox import errors
from scheduler.sandbox.models import Control, PublishCall, Token
from scheduler.sandbox.models.login import BASIC, PUBLISH, SCOPES
from tests.sandbox.world import API_URL, authorize_address, code_of, pair, refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

REDIRECT = "http://testserver/accounts/callback/instagram/"


@pytest.fixture(params=["graph.instagram.com", "graph.facebook.com"])
def token(request, sandbox, bakery):
    """Return a token of the bakery, of one family after the other; the host follows from it."""
    return sandbox.token_for(bakery) if request.param == "graph.instagram.com" else sandbox.page_token_for()


@pytest.fixture
def instagram_token(sandbox, bakery):
    return sandbox.token_for(bakery)


def exchange(sandbox, settings, code, /, **changes):
    """Exchange a code as the product does."""
    fields = {
        "client_id": settings.INSTAGRAM_APP_ID,
        "client_secret": settings.INSTAGRAM_APP_SECRET,
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT,
        "code": code,
    } | changes
    return sandbox.session.post(f"{API_URL}/oauth/access_token", data=fields, timeout=5)


def published(sandbox, bakery, token, **fields):
    """Make, finish and publish one container; return (status of the publish, the media as read back)."""
    container = sandbox.ready(bakery, token, **fields)
    answer = sandbox.publish(bakery, token, container)
    fields = "id,media_type,media_product_type,permalink,caption,timestamp,children{id,media_type}"
    return sandbox.call("GET", f"v26.0/{answer.json()['id']}", token, params={"fields": fields}).json()


# (a) the happy path per post type
def test_a_photo_goes_live(sandbox, bakery, token):
    media = published(sandbox, bakery, token, caption="Pão #fresco")
    assert (media["media_type"], media["media_product_type"]) == ("IMAGE", "FEED")
    assert media["caption"] == "Pão #fresco"


def test_a_reel_goes_live(sandbox, bakery, token):
    media = published(sandbox, bakery, token, media_type="REELS", video_url=sandbox.host_film())
    assert (media["media_type"], media["media_product_type"]) == ("VIDEO", "REELS")


def test_a_picture_story_goes_live_without_its_caption(sandbox, bakery, token):
    url = sandbox.host_picture(width=1080, height=1920)
    media = published(sandbox, bakery, token, media_type="STORIES", image_url=url, caption="lost")
    assert media["media_product_type"] == "STORY"
    assert "caption" not in media


def test_a_video_story_goes_live(sandbox, bakery, token):
    media = published(sandbox, bakery, token, media_type="STORIES", video_url=sandbox.host_film())
    assert (media["media_type"], media["media_product_type"]) == ("VIDEO", "STORY")


def test_a_carousel_goes_live_in_the_order_of_its_children(sandbox, bakery, token):
    first = sandbox.ready(bakery, token, is_carousel_item=True, media_type="VIDEO", video_url=sandbox.host_film())
    second = sandbox.ready(bakery, token, is_carousel_item=True)
    media = published(sandbox, bakery, token, media_type="CAROUSEL", children=[first, second], caption="Two")
    assert media["media_type"] == "CAROUSEL_ALBUM"
    assert [item["media_type"] for item in media["children"]["data"]] == ["VIDEO", "IMAGE"]
    assert len(sandbox.published()) == 1


# (b) denial
def test_a_denial_comes_back_with_its_reason_and_state(sandbox):
    callback = sandbox.deny(authorize_address())
    assert callback == (
        f"{REDIRECT}?error=access_denied&error_reason=user_denied"
        "&error_description=The+user+denied+your+request&state=s3cr3t"
    )


# (c) token expiry and the refresh window
def test_a_login_ends_in_a_token_for_sixty_days(sandbox, bakery, settings):
    short = exchange(sandbox, settings, code_of(sandbox.allow(authorize_address(), bakery))).json()["data"][0]
    params = {"grant_type": "ig_exchange_token", "client_secret": settings.INSTAGRAM_APP_SECRET}
    long = sandbox.call("GET", "access_token", params=params | {"access_token": short["access_token"]}).json()
    assert 5_183_000 < long["expires_in"] < 5_184_000
    assert sandbox.call("GET", "v26.0/me", long["access_token"]).json()["id"] == bakery.app_scoped_id


def test_a_short_lived_token_dies_after_an_hour(sandbox, bakery):
    short = sandbox.token_for(bakery, long=False)
    sandbox.advance(timedelta(hours=1))
    assert refusal(sandbox.call("GET", "v26.0/me", short)) == (190, 463)


@pytest.mark.parametrize(
    ("age", "status"), [(timedelta(hours=23), 403), (timedelta(hours=24), 200), (timedelta(days=59), 200)]
)
def test_a_token_is_refreshed_between_a_day_and_sixty_days(sandbox, instagram_token, age, status):
    sandbox.advance(age)
    params = {"grant_type": "ig_refresh_token", "access_token": instagram_token}
    assert sandbox.call("GET", "refresh_access_token", params=params).status_code == status


def test_an_expired_token_cannot_be_refreshed(sandbox, instagram_token):
    sandbox.advance(timedelta(days=60))
    params = {"grant_type": "ig_refresh_token", "access_token": instagram_token}
    assert refusal(sandbox.call("GET", "refresh_access_token", params=params)) == (190, 463)


def test_a_refreshed_token_lives_sixty_days_from_the_refresh(sandbox, instagram_token):
    sandbox.advance(timedelta(days=40))
    params = {"grant_type": "ig_refresh_token", "access_token": instagram_token}
    fresh = sandbox.call("GET", "refresh_access_token", params=params).json()
    sandbox.advance(timedelta(days=59))
    assert sandbox.call("GET", "v26.0/me", fresh["access_token"]).status_code == 200


# (d) a carousel with one failing child
def test_a_carousel_with_a_failing_child_cannot_be_published(sandbox, bakery, token):
    good = sandbox.ready(bakery, token, is_carousel_item=True)
    url = sandbox.web.serve("https://cdn.example/bad.mp4", b"\0\0\0\x18ftypmp42 broken", "video/mp4")
    bad = sandbox.make(bakery, token, is_carousel_item=True, media_type="VIDEO", video_url=url).json()["id"]
    read = sandbox.call("GET", bad, token, params={"fields": "status_code,status"}).json()
    assert read["status_code"] == "ERROR"
    assert "2207076" in read["status"]
    parent = sandbox.make(bakery, token, media_type="CAROUSEL", children=[good, bad]).json()["id"]
    told = sandbox.call("GET", parent, token, params={"fields": "status_code,status"}).json()
    assert told["status_code"] == "ERROR"
    assert "2207082" in told["status"]
    assert sandbox.publish(bakery, token, parent).status_code == 400
    assert sandbox.published() == []


# (e) a time-out after publishing: exactly one post
def test_a_publish_that_timed_out_is_live_exactly_once(sandbox, bakery, token):
    container = sandbox.ready(bakery, token)
    sandbox.next_call(named="published-then-slow")
    with pytest.raises(requests.ReadTimeout):
        sandbox.publish(bakery, token, container)
    state = sandbox.call("GET", container, token, params={"fields": "status_code"}).json()
    assert state["status_code"] == "PUBLISHED"
    assert refusal(sandbox.publish(bakery, token, container)) == (9007, 2207027)
    assert len(sandbox.published(bakery)) == 1
    outcomes = [(call.outcome, call.told) for call in sandbox.publish_calls(container)]
    assert outcomes == [(PublishCall.Outcome.PUBLISHED, "slow"), (PublishCall.Outcome.REFUSED, "")]


# (f) quota and throttle recovery
def test_the_quota_is_counted_at_publish_and_frees_itself_after_a_day(sandbox, bakery, token):
    sandbox.set(quota_total=2)
    for _time in range(2):
        assert sandbox.publish(bakery, token, sandbox.ready(bakery, token)).status_code == 200
    third = sandbox.ready(bakery, token)
    assert refusal(sandbox.publish(bakery, token, third)) == (9, 2207042)
    path, params = f"v26.0/{bakery.user_id}/content_publishing_limit", {"fields": "quota_usage,config"}
    told = sandbox.call("GET", path, token, params=params).json()["data"][0]
    assert told == {"quota_usage": 2, "config": {"quota_total": 2, "quota_duration": 86400}}
    sandbox.advance(timedelta(hours=23, minutes=59))
    assert refusal(sandbox.publish(bakery, token, third)) == (9, 2207042)
    sandbox.advance(timedelta(minutes=2))
    assert sandbox.publish(bakery, token, sandbox.ready(bakery, token)).status_code == 200


def test_a_throttle_tells_its_minutes_grows_and_ends(sandbox, bakery, token):
    sandbox.next_call(named="throttled")
    first, second = (sandbox.call("GET", bakery.user_id, token) for _time in range(2))
    assert refusal(first) == (80002, None)
    assert '"estimated_time_to_regain_access": 5' in first.headers["x-business-use-case-usage"]
    assert first.headers["x-app-usage"] < second.headers["x-app-usage"]
    sandbox.advance(timedelta(minutes=5))
    assert sandbox.call("GET", bakery.user_id, token).status_code == 200


# (g) the 100/33 outage
def test_reads_fail_with_100_33_for_a_while_although_publishing_works(sandbox, bakery, token):
    container = sandbox.ready(bakery, token)
    sandbox.next_call(named="reads-fail")
    for _time in range(3):
        assert refusal(sandbox.call("GET", container, token)) == (100, 33)
    assert sandbox.publish(bakery, token, container).status_code == 200
    sandbox.advance(timedelta(minutes=2))
    assert sandbox.call("GET", container, token).json() == {"id": container}


# (h) an expired container
def test_a_container_expires_after_a_day_and_a_new_one_publishes(sandbox, bakery, token):
    old = sandbox.ready(bakery, token)
    sandbox.advance(timedelta(hours=24))
    state = sandbox.call("GET", old, token, params={"fields": "status_code"}).json()
    assert state["status_code"] == "EXPIRED"
    assert refusal(sandbox.publish(bakery, token, old)) == pair(errors.CONTAINER_GONE)
    assert sandbox.publish(bakery, token, sandbox.ready(bakery, token)).status_code == 200


# (i) a story of 60.0 s
def test_a_story_of_sixty_seconds_is_refused_when_published(sandbox, bakery, token):
    url = sandbox.host_film(seconds=60)
    container = sandbox.ready(bakery, token, media_type="STORIES", video_url=url)
    assert refusal(sandbox.publish(bakery, token, container)) == (-1, 2207085)
    assert sandbox.published() == []


def test_a_story_just_below_sixty_seconds_goes_live(sandbox, bakery, token):
    url = sandbox.host_film(seconds=59.75)
    container = sandbox.ready(bakery, token, media_type="STORIES", video_url=url)
    assert sandbox.publish(bakery, token, container).status_code == 200


# (j) the first comment
def test_a_comment_whose_answer_was_lost_is_found_in_the_list(sandbox, bakery, token):
    media = sandbox.publish(bakery, token, sandbox.ready(bakery, token)).json()["id"]
    sandbox.next_call(named="comment-then-dropped")
    with pytest.raises(requests.ConnectionError):
        sandbox.call("POST", f"v26.0/{media}/comments", token, data={"message": "#first"})
    params = {"fields": "id,text,username"}
    found = sandbox.call("GET", f"v26.0/{media}/comments", token, params=params).json()["data"]
    assert [(comment["text"], comment["username"]) for comment in found] == [("#first", "padaria.aurora")]


def test_a_comment_with_fields_is_written_and_answered_with_an_error(sandbox, bakery, token):
    media = sandbox.publish(bakery, token, sandbox.ready(bakery, token)).json()["id"]
    answer = sandbox.call("POST", f"v26.0/{media}/comments", token, data={"message": "once", "fields": "id"})
    assert refusal(answer) == (20, 1772107)
    assert [comment.text for comment in sandbox.comments(sandbox.published()[0])] == ["once"]


# Accounts that cannot publish
def test_a_personal_account_signs_in_and_cannot_publish(sandbox):
    joana = sandbox.profile("joana.pessoal")
    token = sandbox.token_for(joana)
    told = sandbox.call("GET", "v26.0/me", token, params={"fields": "username,account_type"}).json()
    assert told["account_type"] == "PERSONAL"
    answer = sandbox.publish(joana, token, "17900000000000001")
    assert refusal(answer) == (10, None)
    assert "not an Instagram Business" in answer.json()["error"]["message"]


def test_a_restricted_account_is_told_so(sandbox):
    restricted = sandbox.profile("conta.restrita")
    answer = sandbox.make(restricted, sandbox.token_for(restricted), image_url=sandbox.host_picture())
    assert refusal(answer) == (25, 2207050)


def test_without_the_publish_permission_nothing_can_be_made(sandbox, bakery, settings):
    callback = sandbox.allow(authorize_address(), bakery, without=(PUBLISH,))
    told = exchange(sandbox, settings, code_of(callback)).json()["data"][0]
    assert PUBLISH not in told["permissions"]
    answer = sandbox.make(bakery, told["access_token"], image_url=sandbox.host_picture())
    assert (answer.status_code, refusal(answer)) == (403, (10, None))


def test_tokens_and_codes_are_stored_as_digests_only(sandbox, bakery, instagram_token):
    assert not Token.objects.filter(digest=instagram_token).exists()
    sandbox.call("GET", "v26.0/me", params={"access_token": instagram_token})
    assert instagram_token not in str([call.params for call in sandbox.calls()])


def test_the_shapes_of_the_token_answer_are_switchable(sandbox, bakery, settings):
    sandbox.set(token_shape=Control.TokenShape.FLAT)
    told = exchange(sandbox, settings, code_of(sandbox.allow(authorize_address(), bakery))).json()
    assert told["user_id"] == int(bakery.app_scoped_id)
    assert told["permissions"] == list(SCOPES[:3])
    assert BASIC in told["permissions"]
