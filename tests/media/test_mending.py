"""Videos that Instagram would refuse as they are: made anew on the slow queue, never twice at once."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import av
import pytest
from django.core.management import call_command

from scheduler.lib import clock, videos
from scheduler.models import MediaAsset, ProcessorPass, Rendition
from scheduler.models.media import MediaState
from scheduler.services import film_mending, mending
from tests.media import corpus

MINUTE = timedelta(minutes=1)


@pytest.fixture
def odd_film(take):
    """A film in a codec that Instagram does not read, just uploaded."""
    return take(corpus.film(codec="mpeg4"), "odd.mp4")


def mended(asset):
    """Make the video ready; returns it as it stands then."""
    film_mending.mend(asset.pk, clock.now)
    asset = MediaAsset.objects.get(pk=asset.pk)
    assert asset.state == MediaState.READY
    return asset


MENDABLE = {
    "an MPEG-4 part 2 video": lambda: corpus.film(codec="mpeg4"),
    "a video in 4:4:4": lambda: corpus.film(pixels="yuv444p"),
    "a video of 12 frames a second": lambda: corpus.film(fps=12),
    "a video of 120 frames a second": lambda: corpus.film(fps=120),
    "a video wider than 1920 pixels": lambda: corpus.film(3.0, fps=23, size=(2160, 240), sound=""),
    "a video with MP3 sound": lambda: corpus.film(sound="libmp3lame"),
    "a slow odd video with sound": lambda: corpus.film(fps=23, codec="mpeg4"),
}


@pytest.mark.parametrize("make", MENDABLE.values(), ids=MENDABLE)
def test_what_can_be_mended_becomes_what_instagram_takes(take, make):
    made = mended(take(make(), "odd.mp4")).rendition(Rendition.Purpose.PUBLISH)
    film = videos.read_film(_path(made), widest=1920)
    assert (film.codec, film.pixel_format, film.sound_codec in {"", "aac"}) == ("h264", "yuv420p", True)
    assert 22.9 <= film.fps <= 60.1


def _path(made):
    return Path(made.file.path)


def test_an_odd_film_waits_and_has_nothing_to_send_yet(odd_film):
    assert (odd_film.state, odd_film.rendition(Rendition.Purpose.PUBLISH)) == (MediaState.WAITING, None)


def test_a_good_film_is_ready_at_once(take):
    assert take(corpus.film(), "good.mp4").state == MediaState.READY


def test_the_index_of_a_mended_film_stands_in_front(odd_film):
    assert videos.index_is_in_front(_path(mended(odd_film).rendition(Rendition.Purpose.PUBLISH)))


def test_a_film_on_its_side_is_made_upright(take):
    lying = corpus.film_on_its_side()
    asset = take(lying, "lying.mp4")
    MediaAsset.objects.filter(pk=asset.pk).update(state=MediaState.WAITING)
    asset.renditions.filter(purpose=Rendition.Purpose.PUBLISH).delete()
    made = mended(asset).rendition(Rendition.Purpose.PUBLISH)
    with av.open(BytesIO(made.file.read())) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (144, 256)


def test_a_film_of_too_many_bytes_is_made_smaller(take, monkeypatch):
    monkeypatch.setattr("scheduler.instagram.limits.VIDEO_BYTES", 1_000)
    assert take(corpus.film(), "large.mp4").state == MediaState.WAITING


def test_a_film_of_too_many_bits_a_second_is_made_smaller(take, monkeypatch):
    data = corpus.film()
    monkeypatch.setattr("scheduler.instagram.limits.VIDEO_BITS_S", len(data) * 8 // 5)  # it lasts four seconds
    assert take(data, "dense.mp4").state == MediaState.WAITING


def test_a_call_of_cron_makes_one_video_ready_where_no_cluster_runs(odd_film, capsys):
    call_command("process_posts")
    odd_film.refresh_from_db()
    assert odd_film.state == MediaState.READY
    assert f"video {odd_film.pk}: ready" in capsys.readouterr().out


def test_a_call_of_cron_leaves_videos_to_the_cluster_that_runs(odd_film):
    ProcessorPass.note("cluster", clock.now())
    call_command("process_posts")
    odd_film.refresh_from_db()
    assert odd_film.state == MediaState.WAITING


def test_a_result_that_is_still_too_large_is_none(odd_film, monkeypatch):
    monkeypatch.setattr("scheduler.instagram.limits.VIDEO_BYTES", 100)
    assert film_mending.mend(odd_film.pk, clock.now) == "failed"


def test_a_film_has_one_worker_at_a_time(odd_film):
    now = clock.now()
    assert odd_film.take("one", now, now + MINUTE)
    assert film_mending.mend(odd_film.pk, clock.now) == "taken"


def test_a_film_whose_worker_died_is_taken_up_again(odd_film):
    now = clock.now()
    odd_film.take("dead", now - 5 * MINUTE, now - MINUTE)
    assert mended(odd_film).progress == 100


def test_a_worker_given_up_for_dead_writes_nothing(odd_film, monkeypatch):
    def be_overtaken(_source, target, _wish, tell):
        MediaAsset.objects.filter(pk=odd_film.pk).update(worked_by="another")
        target.write_bytes(corpus.film())

    monkeypatch.setattr("scheduler.lib.transcoding.transcode", be_overtaken)
    assert film_mending.mend(odd_film.pk, clock.now) == "superseded"
    assert odd_film.rendition(Rendition.Purpose.PUBLISH) is None


def test_a_film_that_kills_its_workers_is_given_up(odd_film):
    MediaAsset.objects.filter(pk=odd_film.pk).update(tries=film_mending.TRIES)
    assert film_mending.mend(odd_film.pk, clock.now) == "failed"


def test_a_failed_film_uploaded_again_is_tried_again(odd_film, take):
    MediaAsset.objects.filter(pk=odd_film.pk).update(state=MediaState.FAILED, failure="NOT_MENDED")
    assert take(corpus.film(codec="mpeg4"), "odd.mp4").state == MediaState.WAITING


def test_progress_is_written_on_the_way(odd_film, monkeypatch):
    seen = []
    monkeypatch.setattr(film_mending, "TELL_EVERY_S", 0.0)
    monkeypatch.setattr(film_mending.Turn, "store", lambda self, **fields: seen.append(fields.get("progress")))
    film_mending.mend(odd_film.pk, clock.now)
    assert 50 in seen


def test_a_waiting_film_is_queued_once_in_two_minutes(odd_film):
    queued, now = [], clock.now()
    mending.hand_out(queued.append, now)
    mending.hand_out(queued.append, now + MINUTE)
    assert queued == [odd_film.pk]


def test_a_task_that_was_lost_is_queued_again(odd_film):
    queued, now = [], clock.now()
    mending.hand_out(queued.append, now)
    mending.hand_out(queued.append, now + 3 * MINUTE)
    assert queued == [odd_film.pk] * 2


def test_a_tile_follows_a_film_until_it_is_ready(client, alice, odd_film):
    client.force_login(alice)
    assert b'hx-trigger="every 2s"' in client.get(f"/posts/film/?asset={odd_film.pk}").content
    mended(odd_film)
    answer = client.get(f"/posts/film/?asset={odd_film.pk}")
    assert b"hx-trigger" not in answer.content and b"The video is ready." in answer.content


def test_a_film_that_failed_says_so_on_its_tile(client, alice, odd_film):
    client.force_login(alice)
    MediaAsset.objects.filter(pk=odd_film.pk).update(state=MediaState.FAILED, failure="NOT_MENDED")
    assert "could not be made ready" in client.get(f"/posts/tile/?asset={odd_film.pk}").content.decode()


def test_another_person_sees_nothing_of_a_film(client, charlie, odd_film):
    client.force_login(charlie)
    assert client.get(f"/posts/film/?asset={odd_film.pk}").status_code == 404
