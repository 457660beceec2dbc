"""The fields of POST /media: what is empty or forbidden is left out, what is sent has the wire's form."""

import pytest

from scheduler.instagram import capabilities, containers, limits
from scheduler.instagram.capabilities import FACEBOOK, INSTAGRAM, LOGINS, Places

TAG = {"username": "ana", "x": 0.5, "y": 0.8}
PICTURE, VIDEO = containers.picture("https://x/a.jpg"), containers.video("https://x/v.mp4")


def photo(**wishes):
    return containers.container("IMAGE", INSTAGRAM, PICTURE, wishes)


def reel(**wishes):
    return containers.container("REELS", INSTAGRAM, VIDEO, wishes)


def child(source, **wishes):
    kind = "IMAGE" if source is PICTURE else "VIDEO"
    return containers.container(kind, INSTAGRAM, source, wishes, child=True)


def test_a_photo_has_no_media_type():
    assert photo() == {"image_url": "https://x/a.jpg"}


def test_a_photo_carries_all_its_options():
    wishes = {"caption": "Hi", "alt_text": "Bread", "user_tags": [TAG], "location_id": "7"}
    assert photo(**wishes, collaborators=["@bia", " caio "]) == PICTURE | wishes | {"collaborators": ["bia", "caio"]}


@pytest.mark.parametrize("media_type", ["REELS", "VIDEO"])
def test_a_single_video_is_a_reel(media_type):
    fields = containers.container(media_type, INSTAGRAM, VIDEO, {})
    assert fields == {"media_type": "REELS", "video_url": "https://x/v.mp4"}


def test_a_reel_tags_people_without_a_place():
    assert reel(user_tags=[TAG])["user_tags"] == [{"username": "ana"}]


@pytest.mark.parametrize("place", [{}, {"x": 0.5}, {"y": 0.5}, {"x": 0.5, "y": None}])
def test_a_tag_on_a_photo_without_its_place_is_not_sent(place):
    assert photo(user_tags=[{"username": "ana"} | place]) == PICTURE


@pytest.mark.parametrize("source", [PICTURE, VIDEO])
def test_a_story_tags_people_with_a_place_or_without(source):
    fields = containers.container("STORY", INSTAGRAM, source, {"user_tags": [TAG, {"username": "bia", "x": 0.1}]})
    assert fields["user_tags"] == [TAG, {"username": "bia"}]


def test_the_first_frame_and_not_in_the_feed_are_values():
    fields = reel(thumb_offset=0, share_to_feed=False)
    assert (fields["thumb_offset"], fields["share_to_feed"]) == (0, False)


@pytest.mark.parametrize("nonsense", [{"thumb_offset": "1"}, {"thumb_offset": -1}, {"share_to_feed": "yes"}])
def test_what_is_no_time_and_no_yes_or_no_is_not_sent(nonsense):
    assert reel(**nonsense) == reel()


def test_a_cover_wins_over_a_frame():
    fields = reel(cover_url="c", thumb_offset=1500)
    assert fields["cover_url"] == "c" and "thumb_offset" not in fields


def test_without_a_cover_the_frame_stays():
    assert reel(cover_url="", thumb_offset=1500)["thumb_offset"] == 1500


@pytest.mark.parametrize("strategy", ["MANUAL", "SS_PERFORMANCE"])
def test_a_trial_reel_says_how_it_ends(strategy):
    fields = reel(trial_params=containers.trial(strategy))
    assert fields["trial_params"] == {"graduation_strategy": strategy}


def test_a_trial_of_the_first_version_ends_by_hand():
    assert containers.trial(True) == {"graduation_strategy": "MANUAL"}


@pytest.mark.parametrize("strategy", ["", None, False, "SOMEDAY", 1])
def test_what_is_no_trial_is_not_sent(strategy):
    assert reel(trial_params=containers.trial(strategy)) == reel()


@pytest.mark.parametrize("source", [PICTURE, VIDEO])
def test_a_story_is_a_picture_or_a_video(source):
    assert containers.container("STORY", INSTAGRAM, source, {}) == {"media_type": "STORIES"} | source


def test_a_carousels_picture_keeps_alt_text_and_places():
    fields = child(PICTURE, alt_text="Bread", user_tags=[TAG])
    assert fields == PICTURE | {"is_carousel_item": True, "alt_text": "Bread", "user_tags": [TAG]}


def test_a_carousels_video_has_neither_but_a_frame():
    fields = child(VIDEO, alt_text="Bread", user_tags=[TAG], thumb_offset=10)
    assert fields == VIDEO | {
        "media_type": "VIDEO",
        "is_carousel_item": True,
        "user_tags": [{"username": "ana"}],
        "thumb_offset": 10,
    }


def test_a_carousel_names_its_children_in_order():
    wishes = {"caption": "Two", "collaborators": ["bia"], "user_tags": [TAG]}
    fields = containers.container("CAROUSEL", INSTAGRAM, containers.children(["2", "1"]), wishes)
    assert fields == {"media_type": "CAROUSEL", "children": ["2", "1"], "caption": "Two", "collaborators": ["bia"]}


def test_a_tagged_name_loses_its_at_sign():
    assert photo(user_tags=[TAG | {"username": " @ana"}])["user_tags"] == [TAG]


def test_names_that_are_empty_are_no_names():
    assert photo(collaborators=["", " @ "], user_tags=[{"username": " ", "x": 0, "y": 0}, {}]) == PICTURE


def test_a_tag_in_the_corner_has_a_place():
    corner = {"username": "ana", "x": 0, "y": 0}
    assert photo(user_tags=[corner])["user_tags"] == [corner]


def test_the_callers_tags_are_not_changed():
    tag = {"username": "@ana", "x": 0.1, "y": 0.2}
    photo(user_tags=[tag])
    assert tag["username"] == "@ana"


@pytest.mark.parametrize("name", sorted(capabilities.allowed("REELS", INSTAGRAM)))
@pytest.mark.parametrize("empty", ["", None, [], {}])
def test_an_empty_option_is_left_out(name, empty):
    assert reel(**{name: empty}) == reel()


def test_what_nobody_knows_is_not_sent():
    assert photo(scheduled_publish_time=1, trial_reel="MANUAL", title="x") == PICTURE


# --- The table itself ----------------------------------------------------------------------------------------
def test_only_facebook_login_sends_bytes():
    assert [login for login in LOGINS if capabilities.may_upload(login)] == [FACEBOOK]


@pytest.mark.parametrize("nobody", ["", "threads"])
def test_a_login_that_does_not_exist_may_send_nothing(nobody):
    assert capabilities.allowed("IMAGE", nobody) == frozenset()
    assert capabilities.allowed("BOX", INSTAGRAM) == frozenset()


def test_an_option_is_known_by_a_posts_name_and_by_the_wires():
    assert capabilities.is_allowed("trial_reel", "REELS", FACEBOOK)
    assert capabilities.is_allowed("trial_params", "REELS", FACEBOOK)
    assert not capabilities.is_allowed("trial_reel", "IMAGE", FACEBOOK)


@pytest.mark.parametrize(
    ("media_type", "is_video", "places"),
    [
        ("IMAGE", False, Places.NEEDED),
        ("REELS", True, Places.NEVER),
        ("VIDEO", True, Places.NEVER),
        ("STORY", False, Places.OPTIONAL),
        ("STORY", True, Places.OPTIONAL),
    ],
)
def test_where_a_tagged_person_has_a_place(media_type, is_video, places):
    assert capabilities.tag_places(media_type, is_video=is_video) is places


def test_the_numbers_are_the_ones_of_the_one_place():
    assert capabilities.most("caption") == limits.CAPTION_CHARS
    assert capabilities.most("collaborators") == limits.COLLABORATORS
    assert capabilities.most("audio_name") is None
