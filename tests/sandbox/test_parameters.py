"""The parameter matrix of POST /media, and what Instagram says to each breach of it."""

import json

import pytest

from scheduler.sandbox import errors
from scheduler.sandbox.errors import GraphError
from scheduler.sandbox.graph.parameters import read_wish
from tests.sandbox.world import pair

IMAGE = {"image_url": "https://cdn.example/a.jpg"}
VIDEO = {"video_url": "https://cdn.example/v.mp4"}
KINDS = {
    "image": IMAGE,
    "reel": {"media_type": "REELS", **VIDEO},
    "story image": {"media_type": "STORIES", **IMAGE},
    "story video": {"media_type": "STORIES", **VIDEO},
    "child image": {**IMAGE, "is_carousel_item": True},
    "child video": {"media_type": "VIDEO", **VIDEO, "is_carousel_item": "true"},
    "carousel": {"media_type": "CAROUSEL", "children": ["17900000000000001", "17900000000000002"]},
}
TAG = {"username": "demo.friend"}
PLACED = TAG | {"x": 0.5, "y": 0.8}


def refused(*, facebook=False, **params):
    """Return (code, subcode) of the refusal."""
    with pytest.raises(GraphError) as caught:
        read_wish(params, facebook=facebook)
    return pair(caught.value.problem)


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_is_accepted_with_what_it_requires(kind):
    wish = read_wish(KINDS[kind])
    assert wish.is_video == ("video" in kind or kind == "reel")
    assert wish.is_child == kind.startswith("child")


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("image", {"caption": "a", "alt_text": "b", "user_tags": [PLACED], "location_id": "400000000000001"}),
        ("image", {"collaborators": ["demo.friend"], "is_ai_generated": True, "media_type": "IMAGE"}),
        ("reel", {"caption": "a", "share_to_feed": "false", "cover_url": IMAGE["image_url"]}),
        ("reel", {"thumb_offset": 1500, "audio_name": "Oven", "user_tags": [TAG], "collaborators": "a,b,c"}),
        ("reel", {"trial_params": {"graduation_strategy": "MANUAL"}}),
        ("story image", {"user_tags": [TAG], "caption": "ignored"}),
        ("story image", {"user_tags": [PLACED]}),
        ("story video", {"user_tags": [TAG]}),
        ("child image", {"alt_text": "a", "user_tags": [PLACED]}),
        ("child video", {"thumb_offset": "0", "user_tags": [TAG]}),
        ("carousel", {"caption": "a", "location_id": "400000000000001", "collaborators": ["demo.friend"]}),
    ],
)
def test_what_a_type_may_carry_is_accepted(kind, extra):
    read_wish(KINDS[kind] | extra)


@pytest.mark.parametrize(
    ("kind", "names"),
    {
        "image": "video_url cover_url thumb_offset share_to_feed audio_name trial_params children",
        "reel": "image_url alt_text children",
        "story image": "cover_url thumb_offset share_to_feed audio_name trial_params collaborators alt_text",
        "story video": "location_id children",
        "child image": "caption location_id collaborators is_ai_generated video_url cover_url",
        "child video": "caption location_id collaborators is_ai_generated alt_text cover_url image_url",
        "carousel": "user_tags alt_text image_url video_url cover_url thumb_offset audio_name trial_params",
    }.items(),
)
def test_what_a_type_forbids_is_a_100(kind, names):
    for name in names.split():
        assert refused(**(KINDS[kind] | {name: "x"})) == (100, None), name


@pytest.mark.parametrize("media_type", ["PHOTO", "reel", "STORY", "ALBUM"])
def test_an_unknown_media_type_has_its_own_subcode(media_type):
    assert refused(media_type=media_type, **IMAGE) == (100, 2207023)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"media_type": "REELS"},
        {"media_type": "STORIES"},
        {"media_type": "STORIES", **IMAGE, **VIDEO},
        {"media_type": "VIDEO", "is_carousel_item": True},
        {"media_type": "REELS", **VIDEO, "is_carousel_item": True},
        {"media_type": "STORIES", **IMAGE, "is_carousel_item": True},
        {**IMAGE, "is_carousel_item": "perhaps"},
    ],
)
def test_missing_and_contradictory_media_are_a_100(params):
    assert refused(**params) == (100, None)


@pytest.mark.parametrize("url", ["ftp://cdn.example/a.jpg", "https://cdn.example/pão.jpg", "a.jpg"])
def test_an_address_nobody_can_fetch_is_refused_at_once(url):
    assert refused(image_url=url) == pair(errors.NOT_FETCHED)


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a" * 2201, (36004, 2207010)),
        ("😀" * 1101, (36004, 2207010)),
        ("#a " * 31, (36004, 2207010)),
        ("@demo.friend " * 21, (100, 2207040)),
    ],
)
def test_a_caption_beyond_its_limits_is_refused(caption, expected):
    assert refused(**IMAGE, caption=caption) == expected


@pytest.mark.parametrize("caption", ["a" * 2200, "😀" * 1100, "#a " * 30, "@a " * 20, "a@b.example " * 40])
def test_a_caption_within_its_limits_passes(caption):
    assert read_wish(IMAGE | {"caption": caption}).caption == caption


@pytest.mark.parametrize("count", [0, 1, 11])
def test_a_carousel_has_two_to_ten_children(count):
    children = [f"179000000000000{number:02}" for number in range(count)]
    assert refused(media_type="CAROUSEL", children=children) == (100, 2207028)


@pytest.mark.parametrize("children", ["1,2", '["1","2"]', ["1", "2"], [1, 2]])
def test_children_come_as_json_or_with_commas(children):
    assert read_wish({"media_type": "CAROUSEL", "children": children}).options["children"] == ["1", "2"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([TAG], (100, None)),
        ([PLACED | {"x": 1.5}], (100, None)),
        ([PLACED | {"username": "@demo.friend"}], (110, 2207018)),
        ([PLACED | {"username": "private.person"}], (110, 2207018)),
        ([PLACED | {"username": "with space"}], (110, 2207018)),
        ([PLACED] * 21, (100, 2207040)),
        (["demo.friend"], (100, None)),
        ("[{not json", (100, None)),
        ({"username": "a"}, (100, None)),
    ],
)
def test_user_tags_on_a_picture(tags, expected):
    assert refused(**IMAGE, user_tags=tags) == expected


def test_user_tags_may_come_as_json_text():
    assert read_wish(IMAGE | {"user_tags": json.dumps([PLACED])}).options["user_tags"] == [PLACED]


def test_user_tags_on_a_reel_have_no_place():
    assert refused(**KINDS["reel"], user_tags=[PLACED]) == (100, None)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"collaborators": ["a", "b", "c", "d"]}, (100, None)),
        ({"collaborators": ["@demo.friend"]}, (110, 2207018)),
        ({"alt_text": "a" * 1001}, (100, None)),
        ({"thumb_offset": -1}, (1, 2207057)),
        ({"thumb_offset": "soon"}, (100, None)),
        ({"trial_params": {"graduation_strategy": "NEVER"}}, (100, None)),
        ({"trial_params": "MANUAL"}, (100, None)),
    ],
)
def test_options_beyond_their_limits(extra, expected):
    base = KINDS["image"] if "alt_text" in extra else KINDS["reel"]
    assert refused(**base, **extra) == expected


def test_a_place_that_is_none_is_named():
    with pytest.raises(GraphError) as caught:
        read_wish(IMAGE | {"location_id": "central park"})
    assert caught.value.problem.message == "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID"


def test_unknown_parameters_are_ignored():
    assert "scheduled_publish_time" not in read_wish(IMAGE | {"scheduled_publish_time": 1}).options


# --- What only one login may say ------------------------------------------------------------------------
FACEBOOK_ONLY = {
    "upload_type": ("reel", "resumable"),
    "product_tags": ("image", [{"product_id": "7001", "x": 0.1, "y": 0.2}]),
    "audio_configuration": ("reel", {"audio_id": "1", "audio_volume": 100, "video_volume": 0}),
    "is_paid_partnership": ("image", True),
    "branded_content_sponsor_ids": ("carousel", ["17841400000000001"]),
    "poll_attachment": ("image", {"options": ["a", "b"]}),
    "is_comment_prompt_used": ("reel", True),
}


@pytest.mark.parametrize("name", FACEBOOK_ONLY)
def test_some_parameters_are_facebooks_only(name):
    kind, value = FACEBOOK_ONLY[name]
    params = KINDS[kind] | {name: value}
    if name == "upload_type":
        del params["video_url"]
    assert name in read_wish(params, facebook=True).options
    assert refused(**params) == (100, None)


@pytest.mark.parametrize("kind", ["story image", "story video", "child image", "child video"])
@pytest.mark.parametrize("name", ["is_paid_partnership", "poll_attachment", "is_comment_prompt_used"])
def test_labels_and_add_ons_are_for_whole_posts(kind, name):
    assert refused(facebook=True, **KINDS[kind], **{name: FACEBOOK_ONLY[name][1]}) == (100, None)


@pytest.mark.parametrize("kind", ["image", "story image", "child image", "child video", "carousel"])
def test_audio_is_configured_on_reels_only(kind):
    assert refused(facebook=True, **KINDS[kind], audio_configuration={"audio_id": "1"}) == (100, None)


@pytest.mark.parametrize(
    ("kind", "extra", "expected"),
    [
        ("reel", {"audio_configuration": {"audio_volume": 50}}, (100, None)),
        ("reel", {"audio_configuration": {"audio_id": "1", "audio_volume": 101}}, (100, None)),
        ("image", {"poll_attachment": {"options": ["a"]}}, (100, None)),
        ("image", {"poll_attachment": {"options": ["a", "b"]}, "is_comment_prompt_used": True}, (100, None)),
        ("image", {"is_poll_duration_extended": True}, (100, None)),
        ("image", {"branded_content_sponsor_ids": ["1", "2", "3"]}, (100, None)),
        ("reel", {"product_tags": [{"product_id": "7001", "x": 0.1, "y": 0.2}]}, (100, 2207035)),
        ("image", {"product_tags": [{"product_id": "7001"}]}, (100, 2207036)),
        ("image", {"product_tags": [{"product_id": "shoe", "x": 0.1, "y": 0.2}]}, (100, 2207037)),
        ("image", {"product_tags": [{"product_id": "7001", "x": 0, "y": 0}] * 6}, (100, None)),
        ("reel", {"upload_type": "resumable"}, (100, None)),
        ("image", {"upload_type": "resumable"}, (100, None)),
        ("reel", {"cover_url": "ftp://cdn.example/a.jpg"}, (9004, 2207052)),
    ],
)
def test_facebooks_options_have_their_limits_too(kind, extra, expected):
    assert refused(facebook=True, **KINDS[kind], **extra) == expected


def test_a_story_may_be_labelled_as_made_by_a_machine():
    assert read_wish(KINDS["story image"] | {"is_ai_generated": True}).options["is_ai_generated"] is True


@pytest.mark.django_db(databases=["default", "sandbox"])
@pytest.mark.parametrize(("place", "status"), [("400000000000001", 200), ("400000000000005", 400), ("99999", 400)])
def test_a_place_is_a_page_with_a_location(sandbox, bakery, token, place, status):
    answer = sandbox.make(bakery, token, image_url=sandbox.host_picture(), location_id=place)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["message"] == errors.LOCATION.message


@pytest.mark.django_db(databases=["default", "sandbox"])
def test_every_parameter_is_written_down_as_it_arrived(sandbox, bakery, token):
    fields = {
        "image_url": sandbox.host_picture(),
        "caption": "a" * 2200,
        "user_tags": [PLACED],
        "unheard_of": {"a": [1]},
    }
    sandbox.make(bakery, token, **fields)
    assert sandbox.recorded_requests("/media") == [fields]
    assert sandbox.recorded_requests("/media", host="graph.facebook.com") == []
