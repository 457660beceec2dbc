"""Files that come in pieces: each where the last one ended, whatever breaks off, once and only for their owner."""

import base64
import errno
import io
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from scheduler.instagram import limits
from scheduler.lib import clock
from scheduler.models import MediaAsset, Upload
from scheduler.services import purging, uploads
from tests.test_forms import picture

PICTURE = picture().read()
SIZE = len(PICTURE)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """What is on its way gathers in a folder of the test."""
    settings.DATA_DIR = tmp_path


@pytest.fixture
def alice_in(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def begin(alice_in):
    """Begin an upload in the browser; returns the answer."""

    def begin(size=SIZE, name="praça.png"):
        named = f"filename {base64.b64encode(name.encode()).decode()}"
        return alice_in.post("/media/uploads/", headers={"Upload-Length": str(size), "Upload-Metadata": named})

    return begin


@pytest.fixture
def send(alice_in):
    """Send a piece from byte `at` on; returns the answer."""

    def send(address, at, piece, content_type="application/offset+octet-stream"):
        return alice_in.patch(address, piece, content_type=content_type, headers={"Upload-Offset": str(at)})

    return send


def offset(answer):
    return int(answer.headers["Upload-Offset"])


@pytest.fixture
def parts(tmp_path):
    """Return the files of what is on its way."""
    return lambda: sorted((tmp_path / "uploads").glob("*.part"))


class BrokenBody:
    """A body whose line breaks after its bytes."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def read(self, size):
        piece = self.data.read(size)
        if not piece:
            raise OSError("the line broke")
        return piece


# --- A file arrives -----------------------------------------------------------------------------------------
def test_a_file_in_one_piece_is_taken_in(begin, send, parts):
    address = begin().headers["Location"]
    answer = send(address, 0, PICTURE)
    asset = MediaAsset.objects.get()
    assert answer.json() == {"asset": asset.pk}
    assert (asset.original_name, asset.kind) == ("praça.png", "image")
    assert parts() == []


def test_a_file_in_pieces_is_the_same_file(begin, send):
    address, half = begin().headers["Location"], SIZE // 2
    answer = send(address, 0, PICTURE[:half])
    assert (answer.status_code, offset(answer)) == (204, half)
    send(address, half, PICTURE[half:])
    with MediaAsset.objects.get().file.open("rb") as kept:
        assert kept.read() == PICTURE


def test_the_server_says_how_far_a_file_came(begin, send, alice_in):
    address = begin().headers["Location"]
    send(address, 0, PICTURE[:100])
    answer = alice_in.head(address)
    assert (offset(answer), answer.headers["Upload-Length"]) == (100, str(SIZE))
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_piece_that_broke_off_counts_as_far_as_it_came(begin, send):
    address = begin().headers["Location"]
    upload = Upload.objects.get()
    uploads.add(upload, 0, BrokenBody(PICTURE[:300]), SIZE, clock.now)
    assert Upload.objects.get().arrived == 300
    assert send(address, 300, PICTURE[300:]).json() == {"asset": MediaAsset.objects.get().pk}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_told_and_the_file_goes_on_when_there_is_room(begin, send, parts):
    address = begin().headers["Location"]
    send(address, 0, PICTURE[:100])
    (part,) = parts()
    aside = part.rename(part.with_suffix(".aside"))
    part.symlink_to("/dev/full")
    answer = send(address, 100, PICTURE[100:])
    assert answer.status_code == 507 and "storage is full" in answer.json()["problem"]
    assert Upload.objects.get().arrived == 100
    aside.replace(part)
    assert send(address, 100, PICTURE[100:]).json() == {"asset": MediaAsset.objects.get().pk}


def test_what_a_disk_took_before_it_was_full_counts(begin, send, monkeypatch):
    address = begin().headers["Location"]
    opened, room = uploads._opened, [300]

    @contextmanager
    def filling(upload):
        with opened(upload) as file:
            disk = Mock(wraps=file)
            disk.write = lambda piece: write(file, piece)
            yield disk

    def write(file, piece):
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        took = file.write(piece[: room[0]])
        room[0] -= took
        return took

    monkeypatch.setattr(uploads, "_opened", filling)
    monkeypatch.setattr(uploads, "READ_BYTES", 200)
    assert send(address, 0, PICTURE).status_code == 507
    assert Upload.objects.get().arrived == 300
    monkeypatch.undo()
    assert send(address, 300, PICTURE[300:]).json() == {"asset": MediaAsset.objects.get().pk}
    with MediaAsset.objects.get().file.open("rb") as kept:
        assert kept.read() == PICTURE


def test_a_file_that_finds_no_room_at_all_is_told_so(begin, monkeypatch):
    monkeypatch.setattr(Path, "touch", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    answer = begin()
    assert answer.status_code == 507 and "storage is full" in answer.json()["problem"]
    assert Upload.objects.count() == 0


def test_a_piece_sent_twice_is_written_once(begin, send):
    address = begin().headers["Location"]
    send(address, 0, PICTURE[:100])
    answer = send(address, 0, PICTURE[:100])
    assert (answer.status_code, offset(answer)) == (409, 100)


def test_a_gap_is_refused(begin, send):
    address = begin().headers["Location"]
    assert send(address, 50, PICTURE[50:]).status_code == 409
    assert Upload.objects.get().arrived == 0


def test_more_than_was_said_is_refused(begin, send, parts):
    address = begin(size=10).headers["Location"]
    assert send(address, 0, PICTURE).status_code == 413
    assert parts()[0].stat().st_size == 0


def test_an_answer_that_got_lost_is_given_again(begin, send):
    address = begin().headers["Location"]
    first = send(address, 0, PICTURE).json()
    assert send(address, SIZE, b"").json() == first
    assert MediaAsset.objects.count() == 1


def test_a_worker_that_died_while_it_looked_inside_is_followed_by_another(begin, send, monkeypatch):
    address = begin().headers["Location"]
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "take_upload", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            send(address, 0, PICTURE)
    assert send(address, SIZE, b"").json() == {"asset": MediaAsset.objects.get().pk}


def test_two_requests_never_write_at_once(begin, send):
    address = begin().headers["Location"]
    now = clock.now()
    assert Upload.objects.get().take(now, now + uploads.LEASE)
    assert send(address, 0, PICTURE).status_code == 423
    Upload.objects.update(busy_until=now - timedelta(seconds=1))  # the one that had it died
    assert send(address, 0, PICTURE).status_code == 200


class SlowBody(io.BytesIO):
    """A body that takes a minute for each of its pieces, and tells how long its upload is held meanwhile."""

    def __init__(self, data):
        super().__init__(data)
        self.at, self.held = clock.now(), []

    def read(self, size):
        self.held.append(Upload.objects.get().busy_until - self.at)
        self.at += timedelta(minutes=1)
        return super().read(100)


def test_a_slow_line_keeps_its_upload_for_as_long_as_it_takes(begin):
    begin()
    body = SlowBody(PICTURE)
    uploads.add(Upload.objects.get(), 0, body, SIZE, lambda: body.at)
    assert len(body.held) > 5 and min(body.held) >= timedelta(0)
    assert MediaAsset.objects.exists()


def test_the_same_file_twice_is_one_asset(begin, send):
    for _twice in range(2):
        answer = send(begin().headers["Location"], 0, PICTURE)
    assert answer.json() == {"asset": MediaAsset.objects.get().pk}


# --- Refusals -----------------------------------------------------------------------------------------------
def test_what_is_no_picture_is_refused_with_its_sentence_each_time(begin, send, parts):
    address = begin(size=9).headers["Location"]
    answers = [send(address, 0, b"not a pic"), send(address, 9, b"")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["problem"].startswith("This is not a picture or video.")
    assert parts() == []


@pytest.mark.parametrize(
    ("size", "words"), [(0, "This file is empty."), (limits.UPLOAD_BYTES + 1, "This file is larger than 500 MB.")]
)
def test_what_can_never_fit_is_refused_before_a_byte_is_sent(begin, size, words):
    answer = begin(size=size)
    assert answer.status_code == 422 and answer.json()["problem"].startswith(words)
    assert not Upload.objects.exists()


def test_a_person_has_so_many_on_the_way_at_once(begin, monkeypatch):
    monkeypatch.setattr(uploads, "UNDER_WAY_AT_MOST", 2)
    assert [begin().status_code for _one in range(3)] == [201, 201, 429]


def test_a_person_has_so_many_bytes_on_the_way_at_once(begin, monkeypatch):
    monkeypatch.setattr(uploads, "BYTES_UNDER_WAY_AT_MOST", 2 * SIZE)
    assert [begin().status_code for _one in range(3)] == [201, 201, 429]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\0b", "", "x" * 400, "C:\\photo.png", "..", "a/.."])
def test_a_name_is_only_a_name(begin, send, name):
    assert send(begin(name=name).headers["Location"], 0, PICTURE).status_code == 200
    kept = MediaAsset.objects.get().original_name
    assert "/" not in kept and "\0" not in kept and 0 < len(kept) <= 255


@pytest.mark.parametrize("metadata", ["", "filename", "filename %%%", "filename /w==", "other eA==", ",,,"])
def test_a_name_that_cannot_be_read_is_none(alice_in, metadata):
    answer = alice_in.post("/media/uploads/", headers={"Upload-Length": "10", "Upload-Metadata": metadata})
    assert answer.status_code == 201
    assert Upload.objects.get().name == "upload"


@pytest.mark.parametrize("length", ["", "x", "-1", "1e3", "9" * 30])
def test_a_length_that_is_none_is_refused(alice_in, length):
    assert alice_in.post("/media/uploads/", headers={"Upload-Length": length}).status_code == 422


@pytest.mark.parametrize(("at", "kind", "status"), [
    ("x", "application/offset+octet-stream", 400), ("-1", "application/offset+octet-stream", 400),
    ("9" * 40, "application/offset+octet-stream", 409), ("0", "text/plain", 415),
])  # fmt: skip
def test_a_piece_that_is_none_is_refused(begin, send, at, kind, status):
    assert send(begin().headers["Location"], at, PICTURE, kind).status_code == status


# --- Whose ---------------------------------------------------------------------------------------------------
def test_a_strangers_upload_does_not_exist(begin, client, charlie):
    address = begin().headers["Location"]
    client.force_login(charlie)
    answers = [client.head(address), client.patch(address, b"x"), client.delete(address)]
    assert {answer.status_code for answer in answers} == {404}


def test_an_upload_that_is_taken_away_leaves_nothing(begin, send, alice_in, parts):
    address = begin().headers["Location"]
    send(address, 0, PICTURE[:10])
    assert alice_in.delete(address).status_code == 204
    assert parts() == [] and not Upload.objects.exists()


def test_what_nobody_went_on_with_is_swept_after_a_day(begin, send, parts):
    old = begin().headers["Location"]
    send(old, 0, PICTURE[:10])
    Upload.objects.update(touched_at=clock.now() - timedelta(hours=25))
    begin()
    purging.sweep_uploads(clock.now())
    assert Upload.objects.count() == len(parts()) == 1


class DroppedMeanwhile(io.BytesIO):
    """A body whose upload is taken away while it comes."""

    def read(self, _size):
        Upload.objects.all().first().forget()
        return self.getvalue()


def test_an_upload_that_is_taken_away_while_its_last_piece_comes_leaves_nothing(begin, parts):
    begin()
    with pytest.raises(uploads.OutOfStep):
        uploads.add(Upload.objects.get(), 0, DroppedMeanwhile(PICTURE), SIZE, clock.now)
    assert parts() == [] and not Upload.objects.exists() and not MediaAsset.objects.exists()


class HeldTooLong(io.BytesIO):
    """A body that hangs until its hold has run out and another request brought the same file."""

    def read(self, size):
        if self.tell() == 0:
            Upload.objects.update(busy_until=clock.now() - timedelta(seconds=1))
            uploads.add(Upload.objects.get(), 0, io.BytesIO(PICTURE), SIZE, clock.now)
        return super().read(size)


def test_a_request_that_hung_takes_nothing_from_the_one_that_followed(begin):
    begin()
    late = Upload.objects.get()
    with pytest.raises(uploads.OutOfStep):
        uploads.add(late, 0, HeldTooLong(PICTURE), SIZE, clock.now)
    upload = Upload.objects.get()
    assert (upload.asset, upload.problem, upload.arrived) == (MediaAsset.objects.get(), "", SIZE)


def test_an_upload_whose_bytes_are_gone_is_begun_anew(begin, send, alice_in, parts):
    address = begin().headers["Location"]
    send(address, 0, PICTURE[:100])
    parts()[0].unlink()
    assert send(address, 100, PICTURE[100:]).status_code == 404
    assert alice_in.head(address).status_code == 404


# --- Its tile -------------------------------------------------------------------------------------------------
def test_a_file_has_its_tile(alice_in, make_picture):
    asset = make_picture()
    assert f'name="media" value="{asset.pk}"' in alice_in.get(f"/posts/tile/?asset={asset.pk}").text


def test_a_strangers_file_has_no_tile(alice_in, make_picture, charlie):
    assert alice_in.get(f"/posts/tile/?asset={make_picture(owner=charlie).pk}").status_code == 404


@pytest.mark.parametrize("number", ["", "x", "9" * 30])
def test_a_number_that_is_none_has_no_tile(alice_in, number):
    assert alice_in.get(f"/posts/tile/?asset={number}").status_code == 404
