"""What the post form understands and refuses, without a page around it."""

import io
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from PIL import Image

from scheduler.forms.fields import NamesField, TagsField, ZoneField, offered_zones
from scheduler.forms.posts import PostForm
from scheduler.models import MediaType, Stale, Status, WrongState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EMPTY = {"timezone": "UTC", "act": "draft"}


def picture(name="praça.png", size=(1080, 1080), colour="#d9a066"):
    """A small PNG, as a phone gives it."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), content_type="image/png")


@pytest.fixture
def fill(alice):
    """Fill the form in as Alice and check it; `files` are uploads, `post` the one she edits."""

    def fill(*, files=(), post=None, now=NOW, **words):
        data = QueryDict(mutable=True)
        for name, value in (EMPTY | words).items():
            data.setlist(name, value if isinstance(value, list) else [value])
        form = PostForm(data, MultiValueDict({"uploads": list(files)}), user=alice, now=now, post=post)
        form.is_valid()
        return form

    return fill


@pytest.fixture
def ready(make_account):
    """What a post needs to go out, beside its picture."""
    return {"account": make_account().pk, "day": "2026-11-23", "clock": "09:30", "act": "schedule"}


# --- Drafts -------------------------------------------------------------------------------------------------
def test_a_draft_saves_with_nothing_in_it(fill):
    post = fill().save()
    assert (post.status, post.scheduled_for, post.media_type) == (Status.DRAFT, None, MediaType.IMAGE)


def test_a_draft_may_break_the_rules_of_instagram(fill):
    assert fill(caption="#a " * 40).errors == {}


def test_a_draft_keeps_its_time(fill):
    post = fill(day="2026-11-23", clock="09:30", timezone="America/Sao_Paulo").save()
    assert post.scheduled_for == datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def test_half_a_time_is_none(fill):
    assert "clock" in fill(day="2026-11-23").errors


def test_line_ends_are_counted_once(fill):
    assert fill(caption="one\r\ntwo").cleaned_data["caption"] == "one\ntwo"


# --- What keeps a post from going out -----------------------------------------------------------------------
@pytest.mark.parametrize(("changes", "field"), [
    ({"account": ""}, "account"),
    ({"day": ""}, "day"),
    ({"clock": ""}, "clock"),
    ({"day": "2026-11-22", "clock": "12:00"}, "clock"),
    ({"caption": "a" * 2201}, "caption"),
    ({"caption": "😀" * 1101}, "caption"),
    ({"caption": "#a " * 31}, "caption"),
    ({"caption": "@a " * 21}, "caption"),
    ({"media_type": "CAROUSEL"}, "uploads"),
    ({"media_type": "REELS"}, "uploads"),
    ({"timezone": "Mars/Olympus"}, "timezone"),
    ({"location_id": "Rua 1"}, "location_id"),
    ({"collaborators": "a, b, c, d"}, "collaborators"),
    ({"cover_at": "-1"}, "cover_at"),
])  # fmt: skip
def test_it_is_refused_at_its_field(fill, ready, changes, field):
    assert set(fill(files=[picture()], **ready | changes).errors) == {field}


def test_a_post_without_a_picture_does_not_go_out(fill, ready):
    assert fill(**ready).errors["uploads"] == ["Add a picture or a video first."]


def test_too_many_characters_are_told_in_words(fill, ready):
    form = fill(files=[picture()], caption="a" * 2212, **ready)
    assert form.errors["caption"] == ["12 characters over."]


def test_a_time_that_passed_names_the_first_one_left(fill, ready):
    form = fill(files=[picture()], **ready | {"day": "2026-11-22", "clock": "11:00"})
    assert form.errors["clock"] == ["That time has passed. Pick a time after 12:01 PM."]


def test_a_story_needs_no_caption_rules(fill, ready):
    assert fill(files=[picture()], media_type="STORY", caption="a" * 3000, **ready).errors == {}


def test_a_picture_that_is_too_tall_is_named(fill, ready):
    form = fill(files=[picture("tall.png", size=(400, 1600))], **ready)
    assert "tall.png is too tall or too wide" in form.errors["uploads"][0]


# --- Media --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("count", "kind"), [(1, MediaType.IMAGE), (2, MediaType.CAROUSEL)])
def test_the_type_follows_the_media(fill, ready, count, kind):
    pictures = [picture(f"{n}.png", colour=f"#{n}0{n}0{n}0") for n in range(1, count + 1)]
    assert fill(files=pictures, **ready).save().media_type == kind


def test_a_video_alone_makes_a_reel(fill, ready, make_picture):
    film = make_picture(kind="video")
    assert fill(media=[str(film.pk)], **ready).cleaned_data["media_type"] == MediaType.REELS


def test_a_refused_form_keeps_the_files_it_took(fill, ready, alice):
    form = fill(files=[picture()], **ready | {"account": ""})
    assert [item.asset for item in form.items] == list(alice.media_assets.all())


def test_a_file_that_is_no_picture_is_refused_and_the_others_stay(fill, ready):
    form = fill(files=[SimpleUploadedFile("notes.png", b"not a picture"), picture()], **ready)
    assert form.errors["uploads"][0].startswith("notes.png: ")
    assert len(form.items) == 1


def test_another_persons_media_are_not_there(fill, ready, make_picture, charlie):
    theirs = make_picture(owner=charlie)
    assert fill(media=[str(theirs.pk)], **ready).items == []


def test_media_go_in_the_order_of_their_places(fill, ready, make_picture):
    one, two = make_picture(), make_picture()
    post = fill(
        media=[str(one.pk), str(two.pk)],
        **{f"place_{one.pk}": "2", f"place_{two.pk}": "1", f"alt_{two.pk}": "A loaf"},
        **ready,
    ).save()
    assert [(place.asset, place.alt_text) for place in post.media.all()] == [(two, "A loaf"), (one, "")]


def test_a_removed_picture_goes(fill, make_post):
    post = make_post(media=2)
    ids = [str(place.asset_id) for place in post.media.all()]
    fill(post=post, media=ids, **{f"remove_{ids[0]}": "on"}).save()
    assert [str(place.asset_id) for place in post.media.all()] == [ids[1]]


def test_a_file_chosen_twice_is_one_picture(fill, ready):
    assert len(fill(files=[picture("a.png"), picture("b.png")], **ready).items) == 1


# --- Options ------------------------------------------------------------------------------------------------
def test_options_are_kept_as_the_wire_names_them(fill):
    post = fill(
        media_type="REELS",
        share_to_feed="on",
        trial_reel="on",
        audio_name="Samba",
        cover_at="2.5",
        location_id="7640348500",
        collaborators="@ana, bia",
    ).save()
    assert post.options == {
        "share_to_feed": True,
        "trial_reel": True,
        "audio_name": "Samba",
        "thumb_offset": 2500,
        "location_id": "7640348500",
        "collaborators": ["ana", "bia"],
    }


def test_a_reel_that_stays_out_of_the_feed_says_so(fill):
    assert fill(media_type="REELS").save().options["share_to_feed"] is False


def test_a_photo_has_no_reel_options(fill):
    assert fill(media_type="IMAGE", audio_name="Samba", share_to_feed="on").save().options == {}


def test_what_the_form_does_not_show_is_kept(fill, make_post):
    post = make_post(options={"cover_url": "https://example.com/c.jpg"})
    assert fill(post=post, media_type="REELS").save().options["cover_url"] == "https://example.com/c.jpg"


def test_a_kept_post_is_shown_as_it_was_written(alice, make_post):
    post = make_post(options={"collaborators": ["ana", "bia"], "thumb_offset": 2500})
    form = PostForm(user=alice, now=NOW, post=post)
    assert form["collaborators"].value() == "ana, bia"
    assert form["cover_at"].value() == 2.5


def test_notes_are_kept(fill):
    assert fill(notes="Ask Maria for the recipe").save().notes == "Ask Maria for the recipe"


# --- People on a picture ------------------------------------------------------------------------------------
MARIA = {"username": "maria", "x": 0.5, "y": 0.3}


def tags_of(post):
    return [place.options.get("user_tags") for place in post.media.all()]


def test_each_picture_has_its_own_people(fill, make_picture):
    one, other = make_picture(), make_picture()
    post = fill(media=[str(one.pk), str(other.pk)], **{f"tags_{other.pk}": "@maria 0.5 0,3\nana"}).save()
    assert tags_of(post) == [None, [MARIA, {"username": "ana"}]]


def test_people_of_a_whole_post_are_shown_at_its_first_picture(alice, make_post):
    post = make_post(options={"user_tags": [MARIA]}, media=2)
    assert [item.tags_shown for item in PostForm(user=alice, now=NOW, post=post).items] == ["maria 0.5 0.3", ""]


def test_people_of_a_whole_post_move_to_its_first_picture(fill, make_post):
    post = make_post(options={"user_tags": [MARIA]})
    saved = fill(post=post, media=[str(post.media.get().asset_id)]).save()
    assert (tags_of(saved), saved.options) == ([[MARIA]], {})


def test_people_taken_off_are_gone(fill, make_post):
    post = make_post(options={"user_tags": [MARIA]})
    asset = post.media.get().asset_id
    saved = fill(post=post, media=[str(asset)], **{f"tags_{asset}": " "}).save()
    assert (tags_of(saved), saved.options) == ([None], {})


def test_people_of_a_post_whose_files_are_elsewhere_stay(fill, make_post):
    post = make_post(options={"user_tags": [MARIA]}, media=0, media_urls=["https://example.com/a.jpg"])
    assert fill(post=post).save().options == {"user_tags": [MARIA]}


def test_a_line_that_is_not_understood_names_its_picture_and_stays(fill, make_picture):
    asset = make_picture()
    form = fill(media=[str(asset.pk)], **{f"tags_{asset.pk}": "maria 2 0.5"})
    assert form.errors["__all__"][0].startswith(f"{asset.original_name}: “maria 2 0.5” is not understood.")
    assert (form.items[0].tags_shown, bool(form.items[0].tags_problem)) == ("maria 2 0.5", True)


def test_a_line_without_a_word_tags_nobody(fill, make_picture):
    asset = make_picture()
    assert tags_of(fill(media=[str(asset.pk)], **{f"tags_{asset.pk}": ";\n; ;\nmaria 0.5 0.3"}).save()) == [[MARIA]]


def test_a_line_of_a_picture_that_goes_is_not_read(fill, make_picture):
    asset = make_picture()
    words = {f"tags_{asset.pk}": "maria 2 0.5", f"remove_{asset.pk}": "on"}
    assert fill(media=[str(asset.pk)], **words).errors == {}


def test_people_without_a_place_keep_a_picture_back(fill, ready, make_picture):
    asset = make_picture()
    errors = fill(**ready | {"media": [str(asset.pk)], f"tags_{asset.pk}": "maria"}).errors
    assert errors["__all__"] == ["Say where @maria is on the picture: two numbers from 0 to 1."]


@pytest.mark.parametrize(("text", "names"), [
    ("", []), ("@ana", ["ana"]), ("ana, bia", ["ana", "bia"]), ("ana\n@bia ana", ["ana", "bia"]),
])  # fmt: skip
def test_names_are_read_as_people_write_them(text, names):
    assert NamesField(max_names=3, required=False).clean(text) == names


@pytest.mark.parametrize(("text", "tags"), [
    ("", []),
    ("@maria", [{"username": "maria"}]),
    ("maria 0.5 0.25\n\njoão", [{"username": "maria", "x": 0.5, "y": 0.25}, {"username": "joão"}]),
    ("maria 0,5 0,25", [{"username": "maria", "x": 0.5, "y": 0.25}]),
])  # fmt: skip
def test_tags_are_read_as_people_write_them(text, tags):
    assert TagsField(required=False).clean(text) == tags


@pytest.mark.parametrize("text", ["maria 0.5", "maria x y", "maria 1.2 0", "maria 0 0 0"])
def test_a_tag_that_is_not_understood_is_named(text):
    with pytest.raises(Exception, match=text):
        TagsField().clean(text)


def test_a_zone_may_be_written_with_a_space():
    assert ZoneField().clean("America/Sao Paulo") == "America/Sao_Paulo"


def test_only_zones_worth_choosing_are_suggested():
    zones = offered_zones()
    assert {"UTC", "America/Sao_Paulo", "Asia/Kolkata"} <= set(zones)
    assert not any(zone.startswith(("Etc/", "US/")) for zone in zones)


# --- Clocks that change -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("day", "clock", "sentence"), [
    ("2027-03-14", "02:30", "2:30 AM doesn't exist on Sun, Mar 14: the clock goes forward. Using 3:30 AM."),
    ("2027-11-07", "01:30", "1:30 AM happens twice on Sun, Nov 7. Using the first (GMT-4)."),
    ("2027-11-08", "01:30", ""),
])  # fmt: skip
def test_a_changing_clock_is_told(fill, day, clock, sentence):
    form = fill(day=day, clock=clock, timezone="America/New_York")
    assert form.moment_sentence() == sentence


def test_a_skipped_time_is_planned_where_the_clock_lands(fill):
    post = fill(day="2027-03-14", clock="02:30", timezone="America/New_York").save()
    assert (post.planned_day, post.planned_time) == (date(2027, 3, 14), time(3, 30))


# --- A post that waits already ------------------------------------------------------------------------------
@pytest.fixture
def waiting(make_post):
    return make_post(at=NOW + timedelta(days=1), now=NOW)


@pytest.fixture
def as_it_is(waiting):
    """The words of the form as the page shows them for the post that waits."""
    return {
        "account": waiting.instagram_account_id,
        "media": [str(waiting.media.get().asset_id)],
        "caption": waiting.caption,
        "day": "2026-11-23",
        "clock": "12:00",
        "version": waiting.version,
        "act": "save",
    }


def test_its_caption_changes_and_it_waits_on(fill, waiting, as_it_is):
    post = fill(post=waiting, **as_it_is | {"caption": "Warm bread"}).save()
    assert (post.caption, post.status) == ("Warm bread", Status.SCHEDULED)


def test_its_time_moves(fill, waiting, as_it_is):
    post = fill(post=waiting, **as_it_is | {"clock": "15:00"}).save()
    assert post.next_attempt_at == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_it_must_stay_fit_to_go_out(fill, waiting, as_it_is):
    assert set(fill(post=waiting, **as_it_is | {"account": ""}).errors) == {"account"}


def test_somebody_elses_change_is_not_overwritten(fill, waiting, as_it_is):
    form = fill(post=waiting, **as_it_is | {"version": waiting.version - 1})
    with pytest.raises(Stale):
        form.save()


def test_in_its_last_minute_it_is_not_moved(fill, waiting, as_it_is):
    late = NOW + timedelta(days=1) - timedelta(seconds=30)
    form = fill(post=waiting, now=late, **as_it_is | {"clock": "15:00"})
    with pytest.raises(WrongState, match="going out now"):
        form.save()


def test_a_held_post_is_edited_though_its_time_has_passed(fill, waiting, as_it_is):
    type(waiting).objects.filter(pk=waiting.pk).update(hold_reason="missed", wake_at=None)
    waiting.refresh_from_db()
    late = NOW + timedelta(days=3)
    assert fill(post=waiting, now=late, **as_it_is | {"caption": "Better words"}).errors == {}


# --- The shape of a picture -----------------------------------------------------------------------------------
def framed(asset, shape="4:5", fit="crop", **words):
    """What the fields of one picture say."""
    return {"media": [str(asset.pk)]} | {
        f"{name}_{asset.pk}": word for name, word in {"shape": shape, "fit": fit, **words}.items()
    }


@pytest.fixture
def ribbon(fill):
    """A picture that is too wide for Instagram."""
    return fill(files=[picture("ribbon.png", size=(2400, 900))]).save().media.get().asset


def test_a_picture_that_is_too_wide_can_go_out_in_a_frame(fill, ready, ribbon):
    assert "uploads" in fill(media=[str(ribbon.pk)], **ready).errors
    form = fill(**framed(ribbon), **ready)
    assert form.errors == {}
    made = form.save().media.get().rendition("publish")
    assert (made.width, made.height) == (720, 900)


def test_a_frame_is_kept_by_the_post_and_not_by_the_picture(fill, ribbon):
    first, second = fill(**framed(ribbon)).save(), fill(media=[str(ribbon.pk)]).save()
    assert first.media.get().frame.shape == "4:5" and second.media.get().frame is None


def test_a_duplicate_keeps_the_shape(fill, ribbon):
    post = fill(**framed(ribbon, "1:1", "blur")).save()
    assert post.duplicate().media.get().frame == post.media.get().frame


def test_numbers_that_are_none_count_as_the_middle(fill, ribbon):
    post = fill(**framed(ribbon, "1:1", x="far left", zoom="")).save()
    assert post.media.get().frame.recipe == "crop 1:1 0.500 0.500 1.00"


def test_a_shape_that_there_is_none_of_leaves_the_picture_as_it_is(fill, ribbon):
    assert fill(**framed(ribbon, "3:7")).save().media.get().frame is None


def test_a_picture_whose_file_is_gone_says_so_and_the_draft_stays(fill, ribbon):
    ribbon.file.storage.delete(ribbon.file.name)
    form = fill(**framed(ribbon))
    assert "ribbon.png can no longer be read" in form.errors["uploads"][0]
    assert form.items[0].frame is None
