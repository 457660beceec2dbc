"""kill -9 at every line between a transition and a receiver's answer: what happened is told, and nothing else is."""

import json

import pytest

from tests.processes.test_kill import names
from tests.test_safe_post import receiver  # noqa: F401 - a fixture

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("stage")]
# Every place that a sender passes.
SENDING = [
    "before-commit-take-delivery",
    "after-commit-take-delivery",
    "after-send-delivery",
    "before-commit-keep-delivery",
    "after-commit-keep-delivery",
]


@pytest.fixture
def listening(stage, receiver):  # noqa: F811
    stage.listen(address=receiver.address)
    yield receiver
    stage.stop_listening()


def ids_heard(receiver):  # noqa: F811
    return [json.loads(body)["id"] for _headers, body in receiver.got]


def test_a_worker_killed_anywhere_leaves_one_event_of_a_published_post(stage, listening):
    deadly = [place for place in names(stage.trace(post=stage.plan())) if "publish" in place]
    assert len(deadly) >= 6
    for failpoint in deadly:
        post = stage.plan()
        assert stage.work(post=post, failpoint=failpoint) == {"signal": 9}
        stage.recover(post=post)
        assert [row["event"] for row in stage.told(post=post)] == ["post.published"], failpoint


@pytest.mark.parametrize("failpoint", SENDING)
def test_a_sender_killed_anywhere_leads_to_the_same_event_at_least_once(stage, listening, failpoint):
    post = stage.plan()
    stage.work(post=post)
    [row] = stage.told(post=post)
    listening.got.clear()
    assert stage.deliver(failpoint=failpoint) == {"signal": 9}
    assert stage.deliver() == {"code": 0}
    heard = [one for one in ids_heard(listening) if one == row["event_id"]]
    assert 1 <= len(heard) <= 2
    assert stage.told(post=post) == [row | {"state": "delivered"}]
