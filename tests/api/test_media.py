"""Files as a program brings them: in one go or in pieces; and the library as a program sees it."""

import base64
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from scheduler.lib import clock
from scheduler.models import MediaAsset, Upload
from scheduler.services import uploads
from tests.api.conftest import BASE, problem_of

pytestmark = pytest.mark.django_db
MEDIA = f"{BASE}media/"
UPLOADS = f"{MEDIA}uploads/"
PIECE = "application/offset+octet-stream"


def jpeg(colour="navy"):
    kept = io.BytesIO()
    Image.new("RGB", (640, 640), colour).save(kept, "JPEG")
    return kept.getvalue()


def picture(name="loaf.jpg", colour="navy"):
    return SimpleUploadedFile(name, jpeg(colour), "image/jpeg")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    """What is on its way, and what arrived, is kept in a folder of the test."""
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path


# --- In one go ----------------------------------------------------------------------------------------------
def test_a_file_becomes_an_asset_that_a_post_takes(api):
    told = api.post(MEDIA, {"file": picture()})
    assert (told.status_code, told.json()["kind"], told.json()["is_used"]) == (201, "image", False)
    made = api.ask("post", "scheduled-posts/", {"media_assets": [told.json()["id"]]})
    assert made.json()["media_assets"] == [MediaAsset.objects.get().pk]
    assert api.get(told["Location"]).json() == told.json() | {"is_used": True}


def test_what_is_no_picture_is_refused_with_the_pages_sentence(api):
    answer = api.post(MEDIA, {"file": SimpleUploadedFile("a.jpg", b"<html>")})
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and answer.json()["error"]["fields"]["file"]


def test_nothing_is_no_file(api):
    assert problem_of(api.post(MEDIA, {}), 400) == "VALIDATION_FAILED"


def test_another_kind_of_body_is_told_which_is_right(api):
    answer = api.ask("post", "media/", {"file": "loaf.jpg"})
    assert problem_of(answer, 415) == "UNSUPPORTED_MEDIA_TYPE"
    assert "multipart/form-data" in answer.json()["error"]["message"]


def test_one_key_takes_one_file(api):
    colours = ("navy", "navy", "teal")
    first, again, other = (
        api.post(MEDIA, {"file": picture(colour=colour)}, headers={"idempotency_key": "a"}) for colour in colours
    )
    assert (first.status_code, again.json()) == (201, first.json()) and MediaAsset.objects.count() == 1
    assert problem_of(other, 422) == "KEY_REUSED"  # although it is as long as the first


# --- In pieces ----------------------------------------------------------------------------------------------
@pytest.fixture
def begin(api):
    """Begin an upload; returns the answer."""

    def begin(size, name="pão.jpg", **headers):
        words = {"upload_length": str(size), "tus_resumable": "1.0.0"}
        if name:
            words["upload_metadata"] = f"filename {base64.b64encode(name.encode()).decode()}"
        return api.post(UPLOADS, headers=words | headers)

    return begin


def send(program, where, at, piece, kind=PIECE):
    return program.patch(where, piece, content_type=kind, headers={"upload_offset": str(at)})


def test_a_file_comes_in_pieces(api, begin):
    whole = jpeg()
    begun = begin(len(whole))
    where = begun["Location"]
    assert (begun.status_code, begun["Upload-Offset"], begun.json()["url"]) == (201, "0", where)
    first = send(api, where, 0, whole[:1000])
    assert (first.status_code, first["Upload-Offset"], first.content) == (204, "1000", b"")
    assert api.head(where)["Upload-Offset"] == "1000"
    assert send(api, where, 1000, whole[1000:]).status_code == 204
    told, asset = api.get(where).json(), MediaAsset.objects.get()
    assert (told["asset"], told["arrived"], told["problem"]) == (asset.pk, len(whole), "")
    assert asset.original_name == "pão.jpg"


def test_a_piece_sent_twice_is_told_where_it_goes_on(api, begin):
    whole = jpeg()
    where = begin(len(whole))["Location"]
    send(api, where, 0, whole[:1000])
    again = send(api, where, 0, whole[:1000])
    assert problem_of(again, 409) == "OUT_OF_STEP" and again["Upload-Offset"] == "1000"


def test_the_last_piece_sent_twice_is_no_mistake(api, begin):
    whole = jpeg()
    where = begin(len(whole))["Location"]
    assert [send(api, where, 0, whole).status_code for _ in range(2)] == [204, 204]
    assert MediaAsset.objects.count() == 1


def test_what_is_no_picture_is_refused_at_its_end(api, begin):
    where = begin(6)["Location"]
    answer = send(api, where, 0, b"<html>")
    assert problem_of(answer, 400) == "VALIDATION_FAILED"
    (told,) = answer.json()["error"]["fields"]["file"]
    kept = api.get(where).json()
    assert (kept["asset"], kept["problem_code"], kept["problem"]) == (None, told["code"], told["message"])


@pytest.mark.parametrize("length", ["", "0", "-1", "ten", "9" * 18, "9" * 30])
def test_a_length_that_none_can_have_is_refused(begin, length):
    answer = begin(length)
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and "Upload-Length" in answer.json()["error"]["fields"]
    assert not Upload.objects.exists()


def test_a_name_that_cannot_be_read_is_refused(begin):
    answer = begin(10, name="", upload_metadata="filename loaf.jpg")
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and "Upload-Metadata" in answer.json()["error"]["fields"]


def test_a_file_needs_no_name(begin):
    assert begin(10, name="").json()["name"] == "upload"


def test_a_piece_of_another_kind_or_too_long_is_refused(api, begin):
    where = begin(10)["Location"]
    assert problem_of(send(api, where, 0, b"{}", "application/json"), 415) == "UNSUPPORTED_MEDIA_TYPE"
    assert problem_of(send(api, where, 0, b"x" * 11), 413) == "TOO_LARGE"
    assert problem_of(api.patch(where, b"x", content_type=PIECE), 400) == "VALIDATION_FAILED"
    assert api.head(where)["Upload-Offset"] == "0"


def test_a_piece_without_its_length_is_refused(api, begin):
    where = begin(10)["Location"]
    sent = {"upload_offset": "0", "transfer_encoding": "chunked"}
    answer = api.generic("PATCH", where, b"", content_type=PIECE, headers=sent)
    assert problem_of(answer, 411) == "LENGTH_REQUIRED"


def test_another_request_with_the_file_is_waited_for(api, begin):
    where = begin(10)["Location"]
    Upload.objects.update(busy_until=clock.now() + timedelta(minutes=1))
    answer = send(api, where, 0, b"x")
    assert problem_of(answer, 423) == "UPLOAD_BUSY" and answer["Retry-After"] == "1"


def test_too_many_files_at_once_are_refused(begin, monkeypatch):
    monkeypatch.setattr(uploads, "UNDER_WAY_AT_MOST", 1)
    assert begin(10).status_code == 201
    assert problem_of(begin(10), 409) == "TOO_MANY_UPLOADS"


def test_a_full_disk_is_told(api, begin, monkeypatch):
    where = begin(10)["Location"]
    monkeypatch.setattr(uploads, "_write", lambda *_: (_ for _ in ()).throw(uploads.NoRoom()))
    assert problem_of(send(api, where, 0, b"x"), 507) == "NOT_KEPT"


def test_a_dropped_upload_is_gone(api, begin):
    where = begin(10)["Location"]
    assert api.delete(where).status_code == 204
    assert problem_of(send(api, where, 0, b"x"), 404) == "NOT_FOUND" and problem_of(api.get(where), 404)


def test_one_key_begins_one_upload(begin):
    first, second = (begin(10, idempotency_key="a") for _ in range(2))
    assert first["Location"] == second["Location"] and Upload.objects.count() == 1
    assert problem_of(begin(11, idempotency_key="a"), 422) == "KEY_REUSED"


def test_a_stranger_sends_nothing_to_alices_upload(begin, program, charlie):
    where, other = begin(10)["Location"], program(owner=charlie)
    assert [problem_of(one, 404) for one in (other.get(where), other.delete(where), send(other, where, 0, b"x"))]
    assert Upload.objects.get().arrived == 0


# --- The library --------------------------------------------------------------------------------------------
@pytest.fixture
def library(api):
    """Three pictures of Alice's, the first one in a post."""
    ids = [api.post(MEDIA, {"file": picture(f"{name}.jpg", name)}).json()["id"] for name in ("navy", "red", "olive")]
    api.ask("post", "scheduled-posts/", {"media_assets": ids[:1]})
    return dict(zip(("navy", "red", "olive"), ids, strict=True))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["olive", "red", "navy"]),
        ("search=RED", ["red"]),
        ("kind=video", []),
        ("use=used", ["navy"]),
        ("use=unused", ["olive", "red"]),
        ("use=deleted", []),
        ("kind=image&page_size=2", ["olive", "red"]),
        ("cursor=", ["olive", "red", "navy"]),
    ],
)
def test_the_library_is_narrowed(api, library, query, names):
    told = api.ask("get", f"media/?{query}").json()
    assert [one["original_name"].removesuffix(".jpg") for one in told["results"]] == names


def test_a_list_asks_four_queries_however_long_it_is(api, library, django_assert_max_num_queries):
    api.ask("get", "media/")
    with django_assert_max_num_queries(5):
        assert len(api.ask("get", "media/").json()["results"]) == 3


def test_what_is_deleted_stays_in_its_posts_and_comes_back(api, library):
    where = f"media/{library['navy']}/"
    gone = api.ask("delete", where)
    assert gone.status_code == 200 and gone.json()["planned"] == 0 and "navy.jpg" in gone.json()["message"]
    assert [one["id"] for one in api.ask("get", "media/?use=deleted").json()["results"]] == [library["navy"]]
    assert api.ask("get", where).json()["deleted_at"]
    assert api.ask("get", "scheduled-posts/").json()["results"][0]["media_assets"] == [library["navy"]]
    assert api.ask("post", f"{where}restore/").json()["deleted_at"] is None


def test_the_same_file_here_again_keeps_the_old_one_deleted(api, library):
    where = f"media/{library['red']}/"
    api.ask("delete", where)
    api.post(MEDIA, {"file": picture("red.jpg", "red")})
    assert problem_of(api.ask("post", f"{where}restore/"), 409) == "FILE_IS_HERE"


def test_a_thumbnail_opens(api, library):
    told = api.ask("get", f"media/{library['red']}/").json()
    assert Client().get(told["thumbnail_url"]).status_code == 200


# --- The description ----------------------------------------------------------------------------------------
def test_the_schema_describes_every_address(db):
    answer = Client().get("/api/schema/")
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    assert {"/api/v1/social/media/", "/api/v1/social/scheduled-posts/{id}/"} <= set(told["paths"])


def test_the_docs_open_without_anything_inline(db):
    page = Client().get("/api/docs/")
    assert page.status_code == 200 and "<style" not in page.text and "style=" not in page.text
