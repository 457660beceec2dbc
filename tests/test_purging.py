"""What was deleted from the library goes for good after 30 days, unless something still names it."""

from datetime import timedelta

import pytest

from scheduler import tasks
from scheduler.lib import clock
from scheduler.models import MediaAsset, PostIdea, ScheduledPost, Upload
from scheduler.services import library
from scheduler.services.purging import purge
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
