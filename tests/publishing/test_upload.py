"""Videos of accounts behind a Page: their bytes are sent, and go on after whatever broke them off."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import count, cycle, repeat
from pathlib import Path
from unittest.mock import patch

import pytest
import requests
from django.core.files.storage import FileSystemStorage

from scheduler.instagram import limits
from scheduler.instagram.client import Client
from scheduler.instagram.errors import Step, error_from_exception
from scheduler.lib import failpoints
from scheduler.lib.stored import Unreachable
from scheduler.models import PostMedia, ScheduledPost, Status
from scheduler.sandbox import uploads
from scheduler.services import uploading
from tests.publishing.conftest import status, steps
from tests.publishing.files import own_film, own_picture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

PIECE = 20_000
PADDING = 90_000


class Death(BaseException):
    """SIGKILL, as seen from inside: nothing of ours catches it."""


@pytest.fixture(autouse=True)
def short_requests(monkeypatch):
    """Send no more than a piece with one request, as if the line were slow; a small film then needs several."""
    monkeypatch.setattr(uploading, "AT_ONCE", PIECE)
    monkeypatch.setattr(uploading, "PIECE", PIECE)


@pytest.fixture
def film(alice):
    return own_film(alice, padding=PADDING)


@pytest.fixture
def size(film):
    return film.size_bytes


@pytest.fixture
def received(monkeypatch):
    """Return a list of the files that arrived in the sandbox as a whole, as the processing read them."""
    files, read = [], uploads.read
    monkeypatch.setattr(uploads, "read", lambda container_id: files.append(read(container_id)) or files[-1])
    return files


@pytest.fixture
def line_up(page_account, alice, time, film):
    """Put a post with these files in line."""

    def line_up(*files, media_type="REELS", whose=None):
        post = ScheduledPost(user=alice, instagram_account=whose or page_account, media_type=media_type)
        post.plan((time.now() + timedelta(minutes=12)).astimezone(UTC).replace(tzinfo=None), "UTC")
        post.save()
        for position, asset in enumerate(files or [film]):
            PostMedia.objects.create(post=post, asset=asset, position=position)
        post.schedule(now=time.now())
        return post

    return line_up


def offsets(instagram):
    """Return where each request of an upload began."""
    return [int(call.params["offset"]) for call in instagram.calls("upload")]


def whole(size):
    return list(range(0, size, PIECE))


# --- Every type -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("media_type", ["REELS", "VIDEO", "STORY"])
def test_a_videos_bytes_are_sent_and_it_goes_out(media_type, line_up, work, instagram, film, size, received):
    post = work(line_up(media_type=media_type))
    (live,) = instagram.published()
    assert (post.status, post.instagram_media_id) == (Status.PUBLISHED, live.graph_id)
    assert received == [film.file.open("rb").read()]
    assert offsets(instagram) == whole(size)
    (sent,) = instagram.recorded_requests("/media", "graph.facebook.com")
    assert sent["upload_type"] == "resumable" and "video_url" not in sent


def test_a_carousel_fills_each_of_its_videos(line_up, work, instagram, alice, film, received):
    other = own_film(alice, seconds=5)
    post = work(line_up(film, own_picture(alice), other, media_type="CAROUSEL"))
    (live,) = instagram.published()
    assert (post.status, live.children.count()) == (Status.PUBLISHED, 3)
    assert received == [film.file.open("rb").read(), other.file.open("rb").read()]
    assert not any(child.get("upload_uri") for child in post.child_containers)


def test_instagram_login_lets_instagram_fetch(line_up, work, instagram, account):
    work(line_up(whose=account))
    (sent,) = instagram.recorded_requests("/media")
    assert "video_url" in sent and not instagram.calls("upload")


def test_an_address_we_have_no_file_of_is_fetched_by_instagram(plan, work, instagram, page_account):
    gone = "https://cdn.example/gone.mp4"
    work(plan(whose=page_account, media_type="REELS", media_urls=[gone]), until=status("failed"))
    sent = instagram.recorded_requests("/media")
    assert not instagram.calls("upload")
    assert all(one.get("video_url") == gone for one in sent)


# --- Request by request ----------------------------------------------------------------------------------------
def test_every_piece_is_a_request_with_its_line(line_up, work, size):
    told = [step for step, _status, _code in steps(work(line_up()))]
    assert told.count("upload") == len(whole(size))


def test_the_claim_is_renewed_before_every_piece(line_up, work, time, size):
    leases = []

    def watch(name):
        if name == "before-upload":
            leases.append(ScheduledPost.objects.get().lease_until - time.now())
            time.passes(seconds=4)

    failpoints.WATCHERS.append(watch)
    try:
        work(line_up())
    finally:
        failpoints.WATCHERS.remove(watch)
    assert len(leases) == len(whole(size))
    assert min(leases) > timedelta(seconds=59)


def test_a_pass_ends_in_time_and_the_next_goes_on(line_up, service, time, instagram, size, monkeypatch):
    monkeypatch.setattr(uploading, "PASS", timedelta(seconds=5))
    post = line_up()
    time.comes(post.wake_at)

    def slow(name):
        if name == "before-upload":
            time.passes(seconds=6)

    failpoints.WATCHERS.append(slow)
    try:
        service.publish_post(post)
    finally:
        failpoints.WATCHERS.remove(slow)
    post.refresh_from_db()
    assert offsets(instagram) == [0]
    assert (post.claimed_by, post.upload_uri != "", post.wake_at <= time.now()) == ("", True, True)
    service.publish_post(post)
    assert offsets(instagram) == whole(size)


@pytest.mark.parametrize(("media_type", "files"), [("REELS", 1), ("STORY", 1), ("CAROUSEL", 2)])
def test_a_slow_line_takes_nothing_of_the_processings_time(
    media_type, files, line_up, work, instagram, time, alice, film
):
    row = [film, own_film(alice, seconds=5, padding=PADDING)][:files]
    instagram.set(delay_video_s=25 * 60)
    tries = count()

    def slow(name):
        if name == "before-upload" and next(tries) < 5 * files:
            time.passes(minutes=10)  # 50 in all for each file: far past the post's time

    failpoints.WATCHERS.append(slow)
    try:
        post = work(line_up(*row, media_type=media_type))
    finally:
        failpoints.WATCHERS.remove(slow)
    assert (post.status, post.retry_count) == (Status.PUBLISHED, 0)
    assert not post.logs.filter(error_code="PROCESSING_TIMEOUT").exists()


def test_on_a_good_line_one_request_brings_everything(monkeypatch, line_up, work, instagram):
    monkeypatch.setattr(uploading, "AT_ONCE", limits.VIDEO_BYTES)
    post = work(line_up())
    assert (post.status, offsets(instagram)) == (Status.PUBLISHED, [0])


def test_a_person_who_changes_the_post_ends_the_upload(line_up, work, instagram, time, received):
    post = line_up()

    def change(name):
        if name == "after-upload" and len(instagram.calls("upload")) == 2:
            fresh = ScheduledPost.objects.get()
            fresh.caption = "Other words"
            fresh.save_content(now=time.now())

    failpoints.WATCHERS.append(change)
    try:
        work(post)
    finally:
        failpoints.WATCHERS.remove(change)
    (live,) = instagram.published()
    assert live.caption == "Other words" and len(received) == 1
    assert instagram.containers().count() == 2


# --- Broken off -------------------------------------------------------------------------------------------------
def test_it_goes_on_at_the_byte_that_arrived_last(line_up, work, instagram, size, film, received):
    instagram.next_call(kind="upload", play="cut", after_bytes=7_000)
    post = work(line_up())
    assert post.status == Status.PUBLISHED
    assert offsets(instagram)[:2] == [0, 7_000]
    assert received == [film.file.open("rb").read()]
    assert instagram.containers().count() == 1


TROUBLE = {
    "dropped before the work": {"play": "drop"},
    "dropped after the work": {"play": "drop", "after_work": True},
    "a 500": {"play": "server_error"},
    "HTML after the work": {"play": "html", "after_work": True},
    "no JSON after the work": {"play": "not_json", "after_work": True},
    "half an answer after the work": {"play": "truncated", "after_work": True},
    "an empty answer": {"play": "empty"},
    "refused, try again": {"play": "error", "code": 2},
    "cut at once": {"play": "cut", "after_bytes": 0},
}


@pytest.mark.parametrize("told", TROUBLE)
@pytest.mark.parametrize("which", [0, 2, "last"])
def test_one_trouble_costs_no_new_container(told, which, line_up, work, instagram, size, film, received):
    number = len(whole(size)) - 1 if which == "last" else which

    def strike(name):
        if name == "before-upload" and len(instagram.calls("upload")) == number:
            instagram.next_call(kind="upload", **TROUBLE[told])

    failpoints.WATCHERS.append(strike)
    try:
        post = work(line_up())
    finally:
        failpoints.WATCHERS.remove(strike)
    assert (post.status, len(instagram.published()), instagram.containers().count()) == (Status.PUBLISHED, 1, 1)
    assert received == [film.file.open("rb").read()]


def test_an_upload_that_is_complete_is_not_sent_again(line_up, work, instagram, size, service):
    """The answer to the last piece is lost: how far the container is tells that nothing is missing."""
    last = len(whole(size)) - 1

    def strike(name):
        if name == "before-upload" and len(instagram.calls("upload")) == last:
            instagram.next_call(kind="upload", play="drop", after_work=True)

    failpoints.WATCHERS.append(strike)
    try:
        work(line_up())
    finally:
        failpoints.WATCHERS.remove(strike)
    assert offsets(instagram) == whole(size)


def test_while_the_host_is_away_the_container_waits_for_its_rest(line_up, work, instagram, size, time):
    instagram.next_call(kind="upload", play="drop", for_time=timedelta(minutes=3))
    post = work(line_up())
    assert (post.status, instagram.containers().count()) == (Status.PUBLISHED, 1)


def test_a_host_that_stays_away_fails_the_post_in_the_end(line_up, work, instagram, time):
    instagram.next_call(kind="upload", play="drop", for_time=timedelta(days=2))
    post = line_up()
    time.comes(post.scheduled_for)
    work(post, until=status("failed"))
    assert (post.status, post.last_error) == (Status.FAILED, "CONNECTION_ERROR")
    assert not instagram.published()


def test_a_clear_no_builds_a_new_container(line_up, work, instagram):
    instagram.next_call(kind="upload", play="error", code=100, times=2)
    post = work(line_up())
    assert (post.status, instagram.containers().count()) == (Status.PUBLISHED, 2)


def test_a_container_that_fails_meanwhile_is_built_anew(line_up, work, instagram):
    instagram.next_call(kind="upload", play="drop")
    instagram.next_call(kind="status", play="outcome", outcome="error", subcode=2207053)
    post = work(line_up())
    assert (post.status, instagram.containers().count()) == (Status.PUBLISHED, 2)


def test_a_token_that_ended_meanwhile_holds_the_account(line_up, work, instagram, page_account):
    instagram.next_call(kind="any", play="error", code=190, subcode=463, for_time=timedelta(days=1))
    post = work(line_up())
    assert (post.status, post.hold_reason) == (Status.SCHEDULED, "reconnect")


@pytest.mark.parametrize(
    "place",
    [
        "before-commit-open-upload",
        "before-upload",
        "after-upload",
        "before-commit-store-upload",
        "after-commit-store-upload",
        "before-commit-store-create_container",
        "after-commit-store-create_container",
    ],
)
@pytest.mark.parametrize("which", [1, 3])
def test_a_worker_that_dies_leaves_an_upload_that_goes_on(
    place, which, line_up, work, time, instagram, film, received
):
    post, passes = line_up(), []

    def die(name):
        passes.append(name)
        if name == place and passes.count(place) == which:
            raise Death

    failpoints.WATCHERS.append(die)
    try:
        work(post)
    except Death:
        time.passes(seconds=61)
    finally:
        failpoints.WATCHERS.remove(die)
    post = work(post)
    assert (post.status, len(instagram.published())) == (Status.PUBLISHED, 1)
    assert received == [film.file.open("rb").read()]


# --- Answers that do not fit --------------------------------------------------------------------------------------
@pytest.fixture
def counted(monkeypatch, time):
    """Let Instagram count what arrived as `told` says, whatever was sent; a request takes a minute."""

    def counted(told):
        monkeypatch.setattr(uploading, "PASS", timedelta(minutes=5))
        real, told = Client.read_container, iter(told)

        def read(client, container_id, *, upload=False):
            state = real(client, container_id, upload=upload)
            return replace(state, received=next(told), is_uploaded=False) if upload else state

        def upload(client, uri, film, **words):
            asked.append(words["offset"])
            time.passes(minutes=1)
            return False

        monkeypatch.setattr(Client, "read_container", read)
        monkeypatch.setattr(Client, "upload", upload)
        return asked

    asked = []
    return counted


def test_an_upload_that_never_comes_to_its_end_fails(line_up, work, counted, instagram):
    asked = counted(count(1))
    post = work(line_up(), until=status("failed"))
    assert (post.last_error, post.container_id != "") == ("CONNECTION_ERROR", True)
    assert len(asked) < 200 and instagram.containers().count() == 1 and not instagram.published()


def test_a_count_that_goes_backward_is_followed_but_not_for_ever(line_up, work, counted, size):
    asked = counted(cycle([50_000, 20_000, 0]))
    post = work(line_up(), until=status("failed"))
    assert post.last_error == "CONNECTION_ERROR"
    assert set(asked) <= {0, 20_000, 50_000} and len(asked) < 100


def test_a_count_that_goes_backward_once_costs_those_bytes_only(line_up, work, instagram, size, film, received):
    instagram.next_call(kind="upload", play="cut", after_bytes=7_000)
    real, told = Client.read_container, iter([3_000])

    def read(client, container_id, *, upload=False):
        state = real(client, container_id, upload=upload)
        return replace(state, received=next(told, state.received)) if upload else state

    with patch.object(Client, "read_container", read):
        post = work(line_up())
    assert (post.status, received) == (Status.PUBLISHED, [film.file.open("rb").read()])


def test_more_bytes_than_there_are_means_all_of_them(line_up, work, counted, time, size):
    asked = counted(repeat(size + 1))
    post = line_up()
    post = work(post, until=lambda post: asked and not post.upload_uri)
    assert asked == [0]


# --- Who is told what -------------------------------------------------------------------------------------------
def test_an_address_that_is_not_metas_is_sent_nothing(line_up, work, instagram, monkeypatch):
    real = Client.create_container

    def lied_to(client, user_id, fields):
        made = real(client, user_id, fields)
        return type(made)(made.container_id, "https://evil.example/ig-api-upload/v26.0/1")

    monkeypatch.setattr(Client, "create_container", lied_to)
    post = work(line_up(), until=status("failed"))
    assert (post.last_error, instagram.calls("upload")) == ("APP_ERROR", [])
    assert not any("evil" in request.url for request in instagram.web.passed)


def test_where_only_little_comes_through_it_is_sent_in_pieces(line_up, work, instagram, monkeypatch, size):
    """Something between us and Meta may drop every long request, and what it has of it."""
    monkeypatch.setattr(uploading, "AT_ONCE", limits.VIDEO_BYTES)
    real = Client.upload

    def narrow(client, uri, film, *, offset, length, size):
        if length > PIECE:
            raise error_from_exception(Step.UPLOAD, requests.ConnectionError("reset"))
        return real(client, uri, film, offset=offset, length=length, size=size)

    monkeypatch.setattr(Client, "upload", narrow)
    post = work(line_up())
    assert (post.status, offsets(instagram)) == (Status.PUBLISHED, whole(size))


# --- Our own storage --------------------------------------------------------------------------------------------
def test_a_video_that_cannot_be_read_for_a_while_goes_out_later(
    line_up, work, instagram, film, monkeypatch, received
):
    real, tries = FileSystemStorage._open, count(1)

    def away_twice(storage, name, mode="rb"):
        if next(tries) <= 2:
            raise Unreachable("The bucket did not answer")
        return real(storage, name, mode)

    post = line_up()
    monkeypatch.setattr(FileSystemStorage, "_open", away_twice)
    post = work(post)
    assert (post.status, len(instagram.published())) == (Status.PUBLISHED, 1)
    assert next(tries) > 3 and len(received) == 1


def test_a_video_that_is_gone_for_good_fails_with_a_sentence(line_up, work, instagram, film):
    post = line_up()
    film.file.storage.delete(film.renditions.get().file.name)
    post = work(post)
    assert (post.status, post.last_error) == (Status.FAILED, "MEDIA_NOT_FETCHED")
    assert instagram.published() == []


def test_a_video_that_lost_its_end_is_never_sent_by_halves(line_up, work, instagram, film, size, received):
    with Path(film.rendition("publish").file.path).open("r+b") as file:
        file.truncate(size - 1)
    post = work(line_up(), until=status("failed"))
    assert (post.last_error, received, instagram.published()) == ("MEDIA_NOT_FETCHED", [], [])
