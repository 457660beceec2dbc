"""Answers that never arrive, over real sockets: the post is live exactly once, and we come to know it."""

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("stage")]

STORIES = {
    "the answer is dropped after the work": {"play": "drop", "after_work": True},
    "the connection is dropped before the work": {"play": "drop", "after_work": False},
    "a 500 after the work": {"play": "server_error", "after_work": True},
    "an HTML page after the work": {"play": "html", "after_work": True},
    "half an answer after the work": {"play": "truncated", "after_work": True},
    "no JSON after the work": {"play": "not_json", "after_work": True},
    "an empty answer after the work": {"play": "empty", "after_work": True},
    "code 1 before the work": {"play": "error", "code": 1},
    "code 2 after the work": {"play": "error", "code": 2, "after_work": True},
    "-1/2207001 before the work": {"play": "error", "code": -1, "subcode": 2207001},
    "4/2207051 although it is live": {"play": "error", "code": 4, "subcode": 2207051, "after_work": True},
    "4/2207051 and it is not live": {"play": "error", "code": 4, "subcode": 2207051},
    "9007 once after FINISHED": {"play": "error", "code": 9007, "subcode": 2207027},
}


@pytest.mark.parametrize("told", STORIES)
def test_an_unheard_publish_is_found_out_and_not_repeated(stage, told):
    post = stage.plan()
    stage.fault(kind="publish", remaining=1, **STORIES[told])
    facts = stage.recover(post=post)
    assert (facts["status"], facts["live"], facts["containers"]) == ("published", 1, 1), facts["story"]
    assert facts["media_id_is_right"] and facts["permalink"]


@pytest.mark.parametrize("kind", ["create", "status", "quota", "list", "read_media"])
@pytest.mark.parametrize("after_work", [False, True], ids=["before", "after"])
def test_a_drop_anywhere_else_costs_at_most_time(stage, kind, after_work):
    post = stage.plan()
    if kind == "list":
        stage.fault(kind="publish", remaining=1, play="drop", after_work=True)
    stage.fault(kind=kind, remaining=1, play="drop", after_work=after_work)
    facts = stage.recover(post=post)
    assert (facts["status"], facts["live"]) == ("published", 1), facts["story"]


def test_a_comment_that_was_written_unheard_is_not_written_again(stage):
    post = stage.plan(first_comment="More in our profile")
    stage.fault(kind="comment", remaining=1, play="drop", after_work=True)
    facts = stage.recover(post=post)
    assert (facts["live"], facts["comments"]) == (1, 1)


UPLOADS = {
    "cut in the middle of a piece": {"play": "cut", "after_bytes": 15_000},
    "cut before the first byte": {"play": "cut", "after_bytes": 0},
    "dropped before the work": {"play": "drop", "after_work": False},
    "dropped after the work": {"play": "drop", "after_work": True},
    "a 500 after the work": {"play": "server_error", "after_work": True},
    "half an answer after the work": {"play": "truncated", "after_work": True},
}


@pytest.mark.parametrize("told", UPLOADS)
def test_an_upload_that_is_broken_off_goes_on_in_the_same_container(stage, told):
    post = stage.plan(media_type="REELS", film=True)
    stage.fault(kind="upload", remaining=1, **UPLOADS[told])
    facts = stage.recover(post=post)
    assert (facts["status"], facts["live"], facts["made"]) == ("published", 1, 1), facts["story"]


def test_it_goes_on_at_the_byte_that_arrived_last(stage):
    post = stage.plan(media_type="REELS", film=True)
    stage.fault(kind="upload", remaining=1, play="cut", after_bytes=15_000)
    assert stage.recover(post=post)["offsets"][:2] == [0, 15_000]


@pytest.mark.parametrize("byte", [1, 20_000, 50_000])
def test_a_worker_that_dies_while_it_sends_leaves_what_arrived(stage, byte):
    post = stage.plan(media_type="REELS", film=True)
    assert stage.work(post=post, dies_at_byte=byte) == {"signal": 9}
    facts = stage.recover(post=post)
    assert (facts["status"], facts["live"], facts["made"]) == ("published", 1, 1), facts["story"]


def test_a_slow_line_needs_several_requests_and_no_error(stage):
    post = stage.plan(media_type="REELS", film=True)
    stage.work(post=post, late_at_byte=33_000, pretend_dead=False)
    facts = stage.recover(post=post)
    assert (facts["status"], facts["live"], facts["made"]) == ("published", 1, 1), facts["story"]
    assert facts["offsets"][0] == 0 and 0 < facts["offsets"][1] <= 50_000 and len(facts["offsets"]) == 2
    assert not any(line.startswith("upload error") for line in facts["story"])
