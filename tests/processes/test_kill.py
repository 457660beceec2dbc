"""kill -9 of a real worker at every failpoint: whatever dies, the post is live exactly once.

Counted in the simulated Instagram's own database, never in our rows.
"""

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("stage")]

SCENARIOS = {
    "photo": {"media_type": "IMAGE"},
    "carousel": {"media_type": "CAROUSEL", "items": 3},
    "photo with a first comment": {"media_type": "IMAGE", "first_comment": "More in our profile"},
    "story": {"media_type": "STORY"},
    "reel whose bytes are sent": {"media_type": "REELS", "film": True},
    "carousel whose film is sent": {"media_type": "CAROUSEL", "items": 2, "film": True},
    "photo given by address": {"media_type": "IMAGE", "by_address": True},
}


def names(events):
    """Return each failpoint of a trace with the number of its pass: name, name#2, …"""
    seen, found = {}, []
    for event in events:
        if event not in {"HTTP", "COMMIT"}:
            seen[event] = seen.get(event, 0) + 1
            found.append(event if seen[event] == 1 else f"{event}#{seen[event]}")
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_request_and_commit_stands_between_two_failpoints(stage, scenario):
    events = stage.trace(post=stage.plan(**SCENARIOS[scenario]))
    assert "HTTP" in events and "COMMIT" in events
    for position, event in enumerate(events):
        if event in {"HTTP", "COMMIT"}:
            before, after = events[position - 1], events[position + 1]
            assert before.startswith("before-") and after == before.replace("before-", "after-", 1), events[
                position - 3 : position + 3
            ]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_worker_killed_anywhere_leaves_one_live_post(stage, scenario):
    deadly = names(stage.trace(post=stage.plan(**SCENARIOS[scenario])))
    wrong = {}
    for failpoint in deadly:
        post = stage.plan(**SCENARIOS[scenario])
        ended = stage.work(post=post, failpoint=failpoint)
        facts = stage.recover(post=post)
        right = facts | {"status": "published", "live": 1, "claimed": "", "open_lines": 0}
        right |= {"comments": 1} if "first_comment" in SCENARIOS[scenario] else {}
        if ended != {"signal": 9} or facts != right:
            wrong[failpoint] = (ended, facts)
    assert not wrong
    assert len(deadly) > 20


def test_a_second_death_at_the_same_place_changes_nothing(stage):
    for failpoint in ("before-publish_container", "after-publish_container", "before-commit-store-publish_container"):
        post = stage.plan()
        assert stage.work(post=post, failpoint=failpoint) == {"signal": 9}
        stage.work(post=post, failpoint="after-commit-store-read_container")
        assert stage.recover(post=post)["live"] == 1


def test_many_workers_and_cron_calls_at_one_instant_publish_once(stage):
    for _ in range(3):
        post = stage.plan()
        stage.race(post=post, workers=6)
        stage.pass_time(seconds=61)
        facts = stage.recover(post=post)
        assert (facts["status"], facts["live"]) == ("published", 1)
