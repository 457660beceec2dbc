"""What a purge of originals must know: a video that needed no change goes out as the very file it came as."""

import pytest

from scheduler.models import Rendition
from tests.media.corpus import film


@pytest.mark.django_db
@pytest.mark.parametrize("is_ready", [True, False])
def test_a_video_goes_out_as_its_original_only_when_it_needed_no_change(take, is_ready):
    asset = take(film(index_in_front=is_ready), "oven.mp4")
    publish = asset.rendition(Rendition.Purpose.PUBLISH)
    assert (publish.file.name == asset.file.name, publish.recipe) == (
        (True, "") if is_ready else (False, "faststart")
    )


@pytest.mark.django_db
def test_a_file_that_two_rows_name_is_there_for_both(take):
    asset = take(film(index_in_front=True), "oven.mp4")
    shared = Rendition.objects.filter(file=asset.file.name)
    assert [made.purpose for made in shared] == ["publish"]
    assert shared.get().file.open("rb").read() == asset.file.open("rb").read()
