"""The fields of POST /media: what is empty is left out, what a type forbids cannot be said."""

import inspect

import pytest

from scheduler.instagram import containers

TAG = {"username": "ana", "x": 0.5, "y": 0.8}


def test_a_photo_has_no_media_type():
    assert containers.photo(image_url="https://x/a.jpg") == {"image_url": "https://x/a.jpg"}


def test_a_photo_carries_all_its_options():
    fields = containers.photo(
        image_url="https://x/a.jpg",
        caption="Hi",
        alt_text="Bread",
        user_tags=[TAG],
        location_id="7",
        collaborators=["@bia", " caio "],
    )
    assert fields == {
        "image_url": "https://x/a.jpg",
        "caption": "Hi",
        "alt_text": "Bread",
        "user_tags": [TAG],
        "location_id": "7",
        "collaborators": ["bia", "caio"],
    }


def test_a_single_video_is_a_reel():
    assert containers.reel(video_url="https://x/v.mp4") == {"media_type": "REELS", "video_url": "https://x/v.mp4"}


def test_a_reel_tags_people_without_a_place():
    assert containers.reel(video_url="v", user_tags=[TAG])["user_tags"] == [{"username": "ana"}]


def test_the_first_frame_and_not_in_the_feed_are_values():
    fields = containers.reel(video_url="v", thumb_offset=0, share_to_feed=False)
    assert (fields["thumb_offset"], fields["share_to_feed"]) == (0, False)


def test_a_cover_wins_over_a_frame():
    fields = containers.reel(video_url="v", cover_url="c", thumb_offset=1500)
    assert fields["cover_url"] == "c" and "thumb_offset" not in fields


def test_a_trial_reel_says_how_it_ends():
    trial = {"graduation_strategy": "MANUAL"}
    assert containers.reel(video_url="v", trial_params=trial)["trial_params"] == trial


@pytest.mark.parametrize("media", [{"image_url": "a"}, {"video_url": "v"}])
def test_a_story_is_a_picture_or_a_video(media):
    assert containers.story(**media) == {"media_type": "STORIES"} | media


def test_a_carousels_picture_keeps_alt_text_and_places():
    fields = containers.carousel_child(image_url="a", alt_text="Bread", user_tags=[TAG])
    assert fields == {"image_url": "a", "is_carousel_item": True, "alt_text": "Bread", "user_tags": [TAG]}


def test_a_carousels_video_has_neither():
    fields = containers.carousel_child(video_url="v", alt_text="Bread", user_tags=[TAG], thumb_offset=10)
    assert fields == {
        "media_type": "VIDEO",
        "video_url": "v",
        "is_carousel_item": True,
        "user_tags": [{"username": "ana"}],
        "thumb_offset": 10,
    }


def test_a_carousel_names_its_children_in_order():
    fields = containers.carousel(children=["2", "1"], caption="Two", collaborators=["bia"])
    assert fields == {"media_type": "CAROUSEL", "children": ["2", "1"], "caption": "Two", "collaborators": ["bia"]}


def test_a_tagged_name_loses_its_at_sign():
    assert containers.photo(image_url="a", user_tags=[TAG | {"username": " @ana"}])["user_tags"] == [TAG]


def test_names_that_are_empty_are_no_names():
    fields = containers.photo(image_url="a", collaborators=["", " @ "], user_tags=[{"username": " "}])
    assert fields == {"image_url": "a"}


def test_the_callers_tags_are_not_changed():
    tag = {"username": "@ana", "x": 0.1, "y": 0.2}
    containers.photo(image_url="a", user_tags=[tag])
    assert tag["username"] == "@ana"


@pytest.mark.parametrize(
    "empty", [{"caption": ""}, {"alt_text": ""}, {"user_tags": []}, {"location_id": ""}, {"collaborators": []}]
)
def test_an_empty_option_is_left_out(empty):
    assert containers.photo(image_url="a", **empty) == {"image_url": "a"}


def test_an_empty_trial_is_none():
    assert "trial_params" not in containers.reel(video_url="v", trial_params={})


@pytest.mark.parametrize(
    ("builder", "forbidden"),
    [
        (containers.photo, {"video_url", "cover_url", "thumb_offset", "share_to_feed", "audio_name", "trial_params"}),
        (containers.reel, {"image_url", "alt_text", "is_carousel_item"}),
        (containers.story, {"caption", "alt_text", "collaborators", "location_id"}),
        (containers.carousel_child, {"caption", "location_id", "collaborators"}),
        (containers.carousel, {"user_tags", "alt_text", "image_url", "video_url"}),
    ],
)
def test_what_a_type_forbids_is_no_parameter_of_its_builder(builder, forbidden):
    assert not forbidden & set(inspect.signature(builder).parameters)
