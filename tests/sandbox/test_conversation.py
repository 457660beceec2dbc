"""Comments, replies, insights and deleting, on both hosts where both have them."""

import pytest

from scheduler.sandbox import errors
from scheduler.sandbox.models.facebook import FACEBOOK_SCOPES, IG_CONTENTS
from tests.sandbox.world import pair, refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture(params=["graph.instagram.com", "graph.facebook.com"])
def token(request, sandbox, bakery):
    return sandbox.token_for(bakery) if request.param == "graph.instagram.com" else sandbox.page_token_for()


@pytest.fixture
def photo(sandbox, bakery, token):
    return sandbox.publish(bakery, token, sandbox.ready(bakery, token)).json()["id"]


@pytest.fixture
def story(sandbox, bakery, token):
    url = sandbox.host_picture(width=1080, height=1920)
    made = sandbox.ready(bakery, token, media_type="STORIES", image_url=url)
    return sandbox.publish(bakery, token, made).json()["id"]


@pytest.fixture
def comment(sandbox, token, photo):
    return sandbox.call("POST", f"{photo}/comments", token, data={"message": "First"}).json()["id"]


def listed(sandbox, token, photo, fields="id,text,hidden"):
    return sandbox.call("GET", f"{photo}/comments", token, params={"fields": fields}).json()["data"]


def test_replies_are_listed_only_inside_what_they_answer(sandbox, token, photo, comment):
    sandbox.call("POST", f"{comment}/replies", token, data={"message": "Second"})
    (row,) = listed(sandbox, token, photo, "text,replies{text,parent_id}")
    (reply,) = row["replies"]["data"]
    assert (row["text"], reply["text"], reply["parent_id"]) == ("First", "Second", comment)


def test_a_comment_is_hidden_and_deleted(sandbox, token, photo, comment):
    assert sandbox.call("POST", comment, token, data={"hide": "true"}).json() == {"success": True}
    assert listed(sandbox, token, photo)[0]["hidden"] is True
    assert sandbox.call("DELETE", comment, token).json() == {"success": True}
    assert listed(sandbox, token, photo) == []


def test_a_reply_with_fields_is_written_too(sandbox, token, comment):
    answer = sandbox.call("POST", f"{comment}/replies", token, data={"message": "Once", "fields": "id"})
    assert refusal(answer) == (20, 1772107)
    assert len(sandbox.comments(sandbox.published()[0])) == 2


def test_comments_that_were_turned_off_are_refused(sandbox, token, photo):
    assert sandbox.call("POST", photo, token, data={"comment_enabled": "false"}).json() == {"success": True}
    told = sandbox.call("GET", photo, token, params={"fields": "is_comment_enabled"}).json()
    assert told["is_comment_enabled"] is False
    assert refusal(sandbox.call("POST", f"{photo}/comments", token, data={"message": "a"})) == (10, None)


def insights(sandbox, token, node, **params):
    return sandbox.call("GET", f"{node}/insights", token, params=params)


def test_one_metric_that_does_not_fit_fails_the_entire_call(sandbox, token, photo):
    assert insights(sandbox, token, photo, metric="reach,likes").status_code == 200
    for metric in ("reach,replies", "reach,impressions", "reach,facebook_views", "reach,plays"):
        assert refusal(insights(sandbox, token, photo, metric=metric)) == pair(errors.UNKNOWN), metric


def test_totals_are_facebooks_only(sandbox, token, photo):
    is_facebook = token.startswith("EAA")
    assert (insights(sandbox, token, photo, metric="total_views").status_code == 200) is is_facebook


def test_missing_numbers_are_an_empty_list(sandbox, token, photo):
    sandbox.set(insights_missing=True)
    assert insights(sandbox, token, photo, metric="reach").json() == {"data": []}


def test_a_story_with_few_viewers_says_so(sandbox, token, story):
    assert insights(sandbox, token, story, metric="replies,navigation").status_code == 200
    sandbox.set(few_viewers=True)
    assert refusal(insights(sandbox, token, story, metric="reach")) == pair(errors.FEW_VIEWERS)


@pytest.mark.parametrize(
    ("params", "works"),
    [
        ({"metric": "reach", "period": "day", "breakdown": "follow_type"}, True),
        ({"metric": "follower_demographics", "period": "lifetime", "breakdown": "city"}, True),
        ({"metric": "reach", "period": "day", "breakdown": "city"}, False),
        ({"metric": "reach", "period": "week"}, False),
        ({"metric": "follower_demographics", "period": "day"}, False),
    ],
)
def test_an_accounts_metrics_have_their_period_and_breakdowns(sandbox, bakery, token, params, works):
    assert (insights(sandbox, token, bakery.user_id, **params).status_code == 200) is works


def test_a_small_account_has_no_follower_numbers(sandbox):
    small = sandbox.profile("conta.restrita")
    answer = insights(sandbox, sandbox.token_for(small), small.user_id, metric="follower_count", period="day")
    assert refusal(answer) == (10, None)


def test_deleting_is_facebooks_only(sandbox, token, photo):
    answer = sandbox.call("DELETE", photo, token)
    if token.startswith("EAA"):
        assert answer.json() == {"success": True, "deleted_id": photo}
        assert refusal(sandbox.call("GET", photo, token)) == (100, 33)
    else:
        assert refusal(answer) == (2500, None)


def test_deleting_needs_its_permission(sandbox, bakery, page_token):
    photo = sandbox.publish(bakery, page_token, sandbox.ready(bakery, page_token)).json()["id"]
    less = sandbox.page_token_for(permissions=tuple(set(FACEBOOK_SCOPES) - {IG_CONTENTS}))
    assert refusal(sandbox.facebook("DELETE", photo, less)) == (10, None)


def test_an_item_of_a_carousel_cannot_be_deleted(sandbox, bakery, page_token):
    items = [sandbox.ready(bakery, page_token, is_carousel_item=True) for _item in range(2)]
    parent = sandbox.ready(bakery, page_token, media_type="CAROUSEL", children=items)
    album = sandbox.publish(bakery, page_token, parent).json()["id"]
    children = sandbox.facebook("GET", f"{album}/children", page_token).json()["data"]
    assert refusal(sandbox.facebook("DELETE", children[0]["id"], page_token)) == (-1, 2207073)
    assert sandbox.facebook("DELETE", album, page_token).status_code == 200


def test_a_deleted_post_still_counts_for_the_day(sandbox, bakery, page_token):
    photo = sandbox.publish(bakery, page_token, sandbox.ready(bakery, page_token)).json()["id"]
    sandbox.facebook("DELETE", photo, page_token)
    told = sandbox.facebook("GET", f"{bakery.user_id}/content_publishing_limit", page_token).json()
    assert told == {"data": [{"quota_usage": 1}]}
