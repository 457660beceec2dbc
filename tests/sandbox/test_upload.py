"""Resumable uploads to rupload.facebook.com."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests

from scheduler.sandbox import uploads
from tests.sandbox.pictures import film
from tests.sandbox.world import FACEBOOK_URL, RUPLOAD_URL, refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
VIDEO_STATUS = {"fields": "status_code,status,video_status"}


@pytest.fixture
def started(sandbox, bakery, page_token):
    """Make a reel whose bytes are to be sent; return (container id, uri)."""
    sandbox.instant()
    told = sandbox.make(bakery, page_token, media_type="REELS", upload_type="resumable").json()
    return told["id"], told["uri"]


def send(sandbox, uri, token, data, offset=0, size=None, **headers):
    words = {"Authorization": f"OAuth {token}", "offset": str(offset), "file_size": str(size or len(data))} | headers
    return sandbox.session.post(uri, data=data, headers=words, timeout=5)


def phases(sandbox, container, token):
    return sandbox.facebook("GET", container, token, params=VIDEO_STATUS).json()["video_status"]


def trouble(answer):
    return answer.json()["debug_info"]


def test_the_answer_names_where_the_bytes_go(started):
    container, uri = started
    assert uri == f"{RUPLOAD_URL}/ig-api-upload/v26.0/{container}"


def test_an_uploaded_reel_goes_live(sandbox, bakery, page_token, started):
    container, uri = started
    assert send(sandbox, uri, page_token, film()).json() == {"success": True, "message": "Upload successful."}
    told = sandbox.facebook("GET", container, page_token, params=VIDEO_STATUS).json()
    assert told["status_code"] == "FINISHED"
    assert told["video_status"]["uploading_phase"]["bytes_transferred"] == len(film())
    assert sandbox.publish(bakery, page_token, container).status_code == 200


@pytest.mark.parametrize(
    "fields", [{"media_type": "STORIES"}, {"media_type": "VIDEO", "is_carousel_item": True}], ids=str
)
def test_stories_and_carousel_videos_can_be_uploaded_too(sandbox, bakery, page_token, fields):
    sandbox.instant()
    told = sandbox.make(bakery, page_token, upload_type="resumable", **fields).json()
    send(sandbox, told["uri"], page_token, film())
    state = sandbox.facebook("GET", told["id"], page_token, params={"fields": "status_code"}).json()
    assert state["status_code"] == "FINISHED"


def test_the_unversioned_address_works(sandbox, page_token, started):
    _container, uri = started
    assert send(sandbox, uri.replace("/v26.0", ""), page_token, film()).status_code == 200


def test_nothing_is_uploaded_before_the_first_byte(sandbox, page_token, started):
    container, _uri = started
    told = phases(sandbox, container, page_token)
    assert told == {
        "uploading_phase": {"status": "not_started", "bytes_transferred": 0},
        "processing_phase": {"status": "not_started"},
    }


def test_an_upload_that_broke_goes_on_where_it_stopped(sandbox, page_token, started):
    container, uri = started
    data = film()
    sandbox.next_call(named="upload-cut", after_bytes=1000)
    with pytest.raises(requests.ConnectionError):
        send(sandbox, uri, page_token, data)
    told = phases(sandbox, container, page_token)["uploading_phase"]
    assert (told["status"], told["bytes_transferred"]) == ("in_progress", 1000)
    assert send(sandbox, uri, page_token, data[1000:], offset=1000, size=len(data)).status_code == 200
    assert phases(sandbox, container, page_token)["uploading_phase"]["status"] == "complete"


def test_a_body_that_ends_early_is_kept_and_may_go_on(sandbox, page_token, started):
    container, uri = started
    told = trouble(send(sandbox, uri, page_token, film()[:500], size=len(film())))
    assert (told["type"], told["retriable"]) == ("PartialRequestError", True)
    assert uploads.arrived(container) == 500


@pytest.mark.parametrize(
    ("offset", "size", "kind"),
    [(5, None, "OffsetInvalidError"), (0, 1000, "ProcessingFailedError"), (0, 400_000_000, "ProcessingFailedError")],
)
def test_a_wrong_offset_or_size_is_refused(sandbox, page_token, started, offset, size, kind):
    told = trouble(send(sandbox, started[1], page_token, film(), offset=offset, size=size))
    assert (told["type"], told["retriable"]) == (kind, False)


def test_the_size_stays_the_same_in_every_request(sandbox, page_token, started):
    send(sandbox, started[1], page_token, film()[:500], size=len(film()))
    answer = send(sandbox, started[1], page_token, film()[500:], offset=500, size=len(film()) + 1)
    assert "file_size" in trouble(answer)["message"]


@pytest.mark.parametrize("missing", ["offset", "file_size"])
def test_headers_are_required(sandbox, page_token, started, missing):
    assert send(sandbox, started[1], page_token, film(), **{missing: ""}).status_code == 400


def test_a_second_complete_upload_is_refused(sandbox, page_token, started):
    send(sandbox, started[1], page_token, film())
    assert trouble(send(sandbox, started[1], page_token, film()))["retriable"] is False


def test_instagrams_tokens_are_unauthorized(sandbox, token, started):
    answer = send(sandbox, started[1], token, film())
    assert (answer.status_code, "unauthorized user request" in trouble(answer)["message"]) == (400, True)


@pytest.mark.parametrize("header", ["Bearer {}", "{}", ""])
def test_the_token_comes_as_oauth(sandbox, page_token, started, header):
    answer = send(sandbox, started[1], page_token, film(), Authorization=header.format(page_token))
    assert "unauthorized" in trouble(answer)["message"]


def test_another_accounts_container_takes_no_bytes(sandbox, started):
    other = sandbox.page_token_for(sandbox.page("Estúdio Lume"))
    assert "unauthorized" in trouble(send(sandbox, started[1], other, film()))["message"]


def test_a_container_with_an_address_takes_no_bytes(sandbox, bakery, page_token):
    made = sandbox.make(bakery, page_token, media_type="REELS", video_url=sandbox.host_film()).json()
    assert made.keys() == {"id"}
    answer = send(sandbox, f"{RUPLOAD_URL}/ig-api-upload/v26.0/{made['id']}", page_token, film())
    assert answer.status_code == 400


def test_an_expired_container_takes_no_bytes(sandbox, page_token, started):
    sandbox.advance(timedelta(hours=24))
    assert trouble(send(sandbox, started[1], page_token, film()))["retriable"] is False


def test_the_video_can_be_pulled_from_an_address(sandbox, page_token, started):
    container, uri = started
    headers = {"Authorization": f"OAuth {page_token}", "file_url": sandbox.host_film()}
    assert sandbox.session.post(uri, headers=headers, timeout=5).json()["success"] is True
    state = sandbox.facebook("GET", container, page_token, params=VIDEO_STATUS).json()
    assert state["status_code"] == "FINISHED"


def test_an_uploaded_film_is_judged_as_every_other(sandbox, page_token, started):
    container, uri = started
    send(sandbox, uri, page_token, film(fps=15))
    told = sandbox.facebook("GET", container, page_token, params=VIDEO_STATUS).json()
    assert (told["status_code"], "2207026" in told["status"]) == ("ERROR", True)
    assert told["video_status"]["processing_phase"]["errors"]


def test_an_upload_without_its_end_is_not_publishable(sandbox, bakery, page_token, started):
    send(sandbox, started[1], page_token, film()[:500], size=len(film()))
    assert refusal(sandbox.publish(bakery, page_token, started[0])) == (9007, 2207027)


def test_an_upload_can_be_refused_by_the_script(sandbox, page_token, started):
    sandbox.next_call(named="upload-refused")
    told = trouble(send(sandbox, started[1], page_token, film()))
    assert told["retriable"] is True
    assert send(sandbox, started[1], page_token, film()).status_code == 200


@pytest.mark.parametrize("wrong", [{"upload_type": "RESUMABLE"}, {"video_url": "https://cdn.example/v.mp4"}], ids=str)
def test_upload_type_is_one_word_and_excludes_an_address(sandbox, bakery, page_token, wrong):
    fields = {"media_type": "REELS", "upload_type": "resumable"} | wrong
    assert refusal(sandbox.make(bakery, page_token, **fields)) == (100, None)


def test_instagram_login_has_no_uploads(sandbox, bakery, token):
    assert refusal(sandbox.make(bakery, token, media_type="REELS", upload_type="resumable")) == (100, None)


def test_the_journal_keeps_the_headers_of_an_upload(sandbox, page_token, started):
    send(sandbox, started[1], page_token, film())
    (params,) = sandbox.recorded_requests(started[0], host="rupload.facebook.com")
    assert params == {"offset": "0", "file_size": str(len(film()))}


def test_bytes_are_gone_once_they_were_processed(sandbox, page_token, started):
    send(sandbox, started[1], page_token, film())
    phases(sandbox, started[0], page_token)
    assert uploads.arrived(started[0]) == 0


def test_large_bodies_pass_without_a_session(client, sandbox, page_token, started):
    headers = {"HTTP_AUTHORIZATION": f"OAuth {page_token}", "HTTP_OFFSET": "0", "HTTP_FILE_SIZE": "2000000"}
    path = urlsplit(started[1]).path
    answer = client.post(path, b"x" * 2_000_000, content_type="application/octet-stream", **headers)
    assert answer.status_code == 200
    assert client.post(urlsplit(FACEBOOK_URL).path + "/me/media", b"x" * 2_000_000, "text/plain").status_code == 413
