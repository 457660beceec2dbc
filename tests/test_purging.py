"""What was deleted from the library goes for good after 30 days, unless something still names it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scheduler import tasks
from scheduler.lib import clock
from scheduler.lib.framing import Frame
from scheduler.models import MediaAsset, PostIdea, Rendition, ScheduledPost, Upload
from scheduler.services import covers, library, purging
from scheduler.services.media_intake import take_upload
from scheduler.services.purging import purge, sweep_renditions
from scheduler.services.renditions import frame_picture
from tests.media import corpus
from tests.test_library import bread, draft  # noqa: F401  (fixtures are found by their names)

pytestmark = pytest.mark.django_db
DAYS_AGO_29, DAYS_AGO_31 = timedelta(days=29), timedelta(days=31)


@pytest.fixture
def gone(bread):  # noqa: F811
    library.put_away(bread, clock.now() - DAYS_AGO_31)
    return bread


def exists(asset):
    return MediaAsset.objects.filter(pk=asset.pk).exists()


def test_rows_and_files_go_after_thirty_days(gone):
    files = [gone.file, *(made.file for made in gone.renditions.all())]
    assert purge(clock.now()) == 1
    assert not exists(gone)
    assert not any(file.storage.exists(file.name) for file in files)


def test_a_day_before_it_can_still_be_taken_back(bread):  # noqa: F811
    library.put_away(bread, clock.now() - DAYS_AGO_29)
    assert purge(clock.now()) == 0
    assert library.put_back(bread)


def test_what_is_not_deleted_stays_however_old(bread):  # noqa: F811
    assert purge(clock.now() + timedelta(days=400)) == 0


@pytest.mark.parametrize("fields", [{}, {"deleted_at": clock.now()}])
def test_what_a_post_has_stays(gone, draft, fields):  # noqa: F811
    draft(gone, **fields)
    assert purge(clock.now()) == 0
    assert gone.file.storage.exists(gone.file.name)


def test_what_a_cover_shows_stays(gone, draft):  # noqa: F811
    draft(cover=gone)
    assert purge(clock.now()) == 0


def test_what_an_idea_has_stays(gone, alice):
    PostIdea.objects.create(user=alice, title="Sweet").media.add(gone)
    assert purge(clock.now()) == 0
    assert exists(gone)


def test_what_a_working_copy_has_stays(gone, draft):  # noqa: F811
    post = draft()
    copy = {"fields": {"media": [str(gone.pk)]}, "at": "", "version": 0, "user": post.user_id}
    ScheduledPost.objects.filter(pk=post.pk).update(working_copy=copy)
    assert purge(clock.now()) == 0


def test_a_file_that_another_row_names_stays(gone, alice):
    again = MediaAsset.objects.get(pk=gone.pk)
    again.pk, again.deleted_at = None, None
    again.save()
    assert purge(clock.now()) == 1
    assert again.file.storage.exists(again.file.name)


def test_a_file_that_cannot_be_removed_stops_nothing(gone, monkeypatch):
    def refuse(name):
        raise PermissionError(name)

    monkeypatch.setattr(gone.file.storage, "delete", refuse)
    assert purge(clock.now()) == 1
    assert not exists(gone)


def test_the_recurring_task_takes_both_away(gone, alice):
    old = clock.now() - timedelta(hours=25)
    Upload.objects.create(user=alice, name="a.png", size_bytes=9, touched_at=old)
    tasks.process_pending_posts()
    assert not exists(gone)
    assert not Upload.objects.exists()


def test_media_that_working_copies_hold_do_not_hold_up_the_rest(draft, alice, make_picture, monkeypatch):  # noqa: F811
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    held, free = [make_picture() for _each in range(3)], make_picture()
    for age, asset in enumerate([*held, free]):
        library.put_away(asset, clock.now() - timedelta(days=60 - age))
    copy = {"fields": {"media": [str(asset.pk) for asset in held]}, "at": "", "version": 0, "user": alice.pk}
    ScheduledPost.objects.filter(pk=draft().pk).update(working_copy=copy)
    assert purge(clock.now()) == 1
    assert not exists(free) and all(exists(asset) for asset in held)


# --- What was drawn for a post ------------------------------------------------------------------------------
SQUARE = {"shape": "1:1", "how": "crop"}


@pytest.fixture
def square(bread):  # noqa: F811
    """Bread in another shape, as the preview draws it."""
    return frame_picture(bread, Frame.read(SQUARE))


def later(**by):
    return clock.now() + timedelta(**by)


def is_there(made):
    return Rendition.objects.filter(pk=made.pk).exists() and made.file.storage.exists(made.file.name)


def test_a_shape_that_was_only_tried_goes_after_a_day(bread, square):  # noqa: F811
    own = list(bread.renditions.filter(recipe=""))
    assert sweep_renditions(later(hours=23)) == 0 and is_there(square)
    assert sweep_renditions(later(hours=25)) == 2  # with its thumbnail
    assert not Rendition.objects.filter(pk=square.pk).exists()
    assert not square.file.storage.exists(square.file.name)
    assert all(is_there(made) for made in own)


@pytest.mark.parametrize("fields", [{}, {"deleted_at": clock.now()}, {"status": "cancelled"}])
def test_a_shape_that_a_post_has_stays(bread, square, draft, fields):  # noqa: F811
    post = draft(bread)
    post.media.update(framing=square_frame().kept())
    ScheduledPost.objects.filter(pk=post.pk).update(**fields)
    assert sweep_renditions(later(days=2)) == 0 and is_there(square)


def square_frame():
    return Frame.read(SQUARE)


def test_a_shape_that_changes_not_applied_want_stays(bread, square, draft, alice):  # noqa: F811
    copy = {"fields": {"media": [str(bread.pk)]}, "at": "", "version": 0, "user": alice.pk}
    ScheduledPost.objects.filter(pk=draft().pk).update(working_copy=copy)
    assert sweep_renditions(later(days=2)) == 0 and is_there(square)


def test_a_shape_that_is_shown_no_more_goes_at_the_next_look(bread, square, draft):  # noqa: F811
    post = draft(bread)
    post.media.update(framing=square_frame().kept())
    assert sweep_renditions(later(days=2)) == 0
    post.media.update(framing={})
    assert sweep_renditions(later(days=3)) == 0  # not looked at again so soon
    assert sweep_renditions(later(days=10)) == 2


def test_a_shape_that_is_taken_up_again_stays_for_another_day(bread, square):  # noqa: F811
    bread.renditions.filter(recipe=square.recipe).update(look_again_at=later(minutes=1))
    assert frame_picture(bread, square_frame()) == square
    assert sweep_renditions(later(minutes=2)) == 0 and is_there(square)


@pytest.mark.parametrize("purpose", Rendition.Purpose.values[:2])
def test_a_shape_taken_up_while_it_is_swept_keeps_its_thumbnail_too(bread, square, monkeypatch, purpose):  # noqa: F811
    """A form may take it up after the sweep found it due: neither of the two files may go without the other."""
    seen = purging._sweep
    part = bread.renditions.filter(recipe=square.recipe, purpose=purpose)

    def taken_up_first(*found):
        part.update(look_again_at=later(days=1, hours=1))
        return seen(*found)

    monkeypatch.setattr(purging, "_sweep", taken_up_first)
    assert sweep_renditions(later(days=1)) == 0
    assert bread.renditions.filter(recipe=square.recipe).count() == 2


def test_a_shape_that_was_swept_is_drawn_again_with_its_thumbnail(bread, square):  # noqa: F811
    assert sweep_renditions(later(days=2)) == 2
    again = frame_picture(bread, square_frame())
    assert again != square and is_there(again) and bread.rendition("thumbnail", square_frame())


def test_a_frame_of_a_reel_stays_while_it_is_the_cover(draft, alice):  # noqa: F811
    film = take_upload(alice, SimpleUploadedFile("oven.mp4", corpus.film(4.0)))
    chosen, tried, strip = (
        covers.still_at(film, 1500),
        covers.still_at(film, 2500),
        covers.strip_of(film, clock.now()),
    )
    draft(film, media_type="REELS", options={"thumb_offset": 1500})
    assert sweep_renditions(later(days=2)) == 2
    assert is_there(chosen) and is_there(strip) and not is_there(tried)


def test_the_clusters_minute_sweeps_too(bread, square):  # noqa: F811
    bread.renditions.filter(recipe=square.recipe).update(look_again_at=clock.now())
    tasks.process_pending_posts()
    assert not is_there(square)
