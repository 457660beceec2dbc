"""media_publish: what it refuses, and that a container becomes one post."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connections
from django.test.utils import CaptureQueriesContext

from scheduler.sandbox.models import Control, Media, PublishCall
from tests.sandbox.world import refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


def test_a_container_in_progress_is_not_available(sandbox, bakery, token):
    sandbox.set(delay_image_s=5)
    container = sandbox.make(bakery, token, image_url=sandbox.host_picture()).json()["id"]
    answer = sandbox.publish(bakery, token, container)
    assert refusal(answer) == (9007, 2207027)
    assert answer.json()["error"]["message"] == "Media ID is not available"
    sandbox.advance(timedelta(seconds=6))
    assert sandbox.publish(bakery, token, container).status_code == 200


@pytest.mark.parametrize("creation_id", ["17900000000000001", "not-an-id"])
def test_an_unknown_container_does_not_exist(sandbox, bakery, token, creation_id):
    assert refusal(sandbox.publish(bakery, token, creation_id)) == (24, 2207008)


def test_a_container_of_another_account_does_not_exist(sandbox, bakery, token):
    container = sandbox.ready(bakery, token)
    studio = sandbox.profile("estudio.lume")
    assert refusal(sandbox.publish(studio, sandbox.token_for(studio), container)) == (24, 2207008)


def test_without_a_creation_id_it_is_a_100(sandbox, token):
    assert refusal(sandbox.call("POST", "me/media_publish", token)) == (100, None)


def test_a_child_cannot_be_published_alone(sandbox, bakery, token):
    child = sandbox.ready(bakery, token, is_carousel_item=True)
    assert refusal(sandbox.publish(bakery, token, child)) == (100, 2207089)


def test_a_standalone_video_is_made_and_refused_when_published(sandbox, bakery, token):
    video = sandbox.ready(bakery, token, media_type="VIDEO", video_url=sandbox.host_film())
    assert refusal(sandbox.publish(bakery, token, video)) == (100, 2207089)


def test_a_parent_made_too_early_ends_in_2207082(sandbox, bakery, token):
    sandbox.instant()
    url = sandbox.host_film()
    fields = {"is_carousel_item": True, "media_type": "VIDEO", "video_url": url}
    unread = [sandbox.make(bakery, token, **fields).json()["id"] for _child in range(2)]
    parent = sandbox.make(bakery, token, media_type="CAROUSEL", children=unread).json()["id"]
    assert "2207082" in sandbox.call("GET", parent, token, params={"fields": "status"}).json()["status"]


def test_a_parent_of_unknown_children_is_refused(sandbox, bakery, token):
    single = sandbox.ready(bakery, token)
    answer = sandbox.make(bakery, token, media_type="CAROUSEL", children=[single, "17900000000000001"])
    assert refusal(answer) == (24, 2207006)


def test_children_can_serve_a_second_parent(sandbox, bakery, token):
    children = [sandbox.ready(bakery, token, is_carousel_item=True) for _child in range(2)]
    fields = {"media_type": "CAROUSEL", "children": children}
    sandbox.make(bakery, token, **fields)
    parent = sandbox.ready(bakery, token, **fields)
    assert sandbox.publish(bakery, token, parent).status_code == 200


@pytest.mark.parametrize(
    ("rule", "expected"),
    [(Control.SecondPublish.NOT_READY, (9007, 2207027)), (Control.SecondPublish.GONE, (24, 2207008))],
)
def test_a_second_publish_is_refused_and_makes_no_second_post(sandbox, bakery, token, rule, expected):
    container = sandbox.ready(bakery, token)
    sandbox.set(second_publish=rule)
    sandbox.publish(bakery, token, container)
    assert refusal(sandbox.publish(bakery, token, container)) == expected
    assert len(sandbox.published()) == 1
    outcomes = [call.outcome for call in sandbox.publish_calls(container)]
    assert outcomes == [PublishCall.Outcome.PUBLISHED, PublishCall.Outcome.REFUSED]


def test_the_database_itself_refuses_a_second_post_of_a_container(sandbox, bakery, token):
    sandbox.publish(bakery, token, sandbox.ready(bakery, token))
    first = sandbox.published()[0]
    facts = {"media_type": "IMAGE", "product_type": "FEED", "published_at": first.published_at}
    with pytest.raises(IntegrityError):
        Media.objects.create(profile=bakery, container=first.container, **facts)


def test_every_arrival_is_a_line_with_its_time(sandbox, bakery, token):
    container = sandbox.ready(bakery, token)
    sandbox.publish(bakery, token, "17900000000000001")
    sandbox.publish(bakery, token, container)
    refused, done = sandbox.publish_calls()
    assert (refused.outcome, refused.code, refused.subcode) == ("refused", 24, 2207008)
    assert (done.outcome, done.media) == ("published", sandbox.published()[0])
    assert refused.arrived_at < done.arrived_at


def test_a_carousel_counts_once(sandbox, bakery, token):
    children = [sandbox.ready(bakery, token, is_carousel_item=True) for _child in range(3)]
    sandbox.publish(bakery, token, sandbox.ready(bakery, token, media_type="CAROUSEL", children=children))
    usage = sandbox.call("GET", "me/content_publishing_limit", token).json()["data"][0]["quota_usage"]
    assert usage == 1


def test_a_refused_publish_uses_no_quota(sandbox, bakery, token):
    sandbox.publish(bakery, token, "17900000000000001")
    assert bakery.published_since(sandbox.now() - timedelta(hours=24)) == 0


def test_publishing_takes_few_queries(sandbox, bakery, token):
    container = sandbox.ready(bakery, token)
    with CaptureQueriesContext(connections["sandbox"]) as queries:
        sandbox.publish(bakery, token, container)
    # clock, token, script · savepoint, container, quota, update, three inserts, release
    assert len(queries) <= 11
