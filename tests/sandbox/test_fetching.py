"""What is fetched, how, and what bad hosts and bad files lead to."""

import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from scheduler.sandbox import errors, fetching
from scheduler.sandbox.models import FetchedFile
from tests.sandbox.pictures import film, heavy_picture, picture
from tests.sandbox.world import pair, refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

URL = "https://cdn.example/a.jpg"
FILM = "https://cdn.example/v.mp4"
real_session = fetching.fetching_session


def film_status(sandbox, bakery, token, **fields):
    """Make a reel and return its first status."""
    sandbox.instant()
    made = sandbox.make(bakery, token, **{"media_type": "REELS", "video_url": FILM} | fields)
    assert made.status_code == 200, made.text
    params = {"fields": "status_code,status"}
    return sandbox.call("GET", made.json()["id"], token, params=params).json()


def test_a_picture_is_fetched_as_metas_crawler_does(sandbox, bakery, token):
    sandbox.make(bakery, token, image_url=sandbox.host_picture())
    headers = sandbox.web.passed[-1].headers
    assert headers["User-Agent"].startswith("facebookexternalhit/1.1 (+http://www.facebook.com/")
    assert headers["Range"] == "bytes=0-"
    assert "Cookie" not in headers


def test_exactly_the_fetched_bytes_are_kept(sandbox, bakery, token):
    data = picture(1080, 1350)
    sandbox.make(bakery, token, image_url=sandbox.web.serve(URL, data))
    kept = FetchedFile.objects.get()
    assert (bytes(kept.data), kept.width, kept.height) == (data, 1080, 1350)


@pytest.mark.parametrize(("width", "height"), [(1080, 1350), (1910, 1000), (1080, 1080), (200, 200)])
def test_shapes_from_four_by_five_to_one_point_nine_one_pass(sandbox, bakery, token, width, height):
    url = sandbox.host_picture(width=width, height=height)
    assert sandbox.make(bakery, token, image_url=url).status_code == 200


@pytest.mark.parametrize(("width", "height"), [(1080, 1351), (1911, 1000), (1080, 1920)])
def test_other_shapes_are_refused(sandbox, bakery, token, width, height):
    url = sandbox.host_picture(width=width, height=height)
    answer = sandbox.make(bakery, token, image_url=url)
    assert refusal(answer) == (36003, 2207009)
    assert sandbox.containers().count() == 0


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "MPO"])
def test_only_a_plain_jpeg_is_a_picture(sandbox, bakery, token, form):
    url = sandbox.web.serve(URL, picture(form=form), f"image/{form.lower()}")
    assert refusal(sandbox.make(bakery, token, image_url=url)) == (36001, 2207005)


def test_a_film_as_a_picture_is_refused(sandbox, bakery, token):
    url = sandbox.web.serve(URL, film(), "video/mp4")
    assert refusal(sandbox.make(bakery, token, image_url=url)) == (36001, 2207005)


def test_a_picture_above_eight_mebibytes_is_refused(sandbox, bakery, token):
    url = sandbox.web.serve(URL, heavy_picture(fetching.IMAGE_BYTES))
    assert refusal(sandbox.make(bakery, token, image_url=url)) == (36000, 2207004)


@pytest.mark.parametrize(
    "bad",
    [
        {"status": 404},
        {"status": 403},
        {"status": 302, "Location": "https://cdn.example/b.jpg"},
        {"content_type": "text/html"},
        {"content_type": "application/octet-stream"},
        {"body": b"<html>Sign in</html>"},
        {"body": picture()[:2000]},
        {"error": requests.ConnectionError("refused")},
    ],
    ids=str,
)
def test_a_picture_that_cannot_be_had_is_a_9004_that_is_not_transient(sandbox, bakery, token, bad):
    url = sandbox.web.serve(URL, **{"body": picture()} | bad)
    answer = sandbox.make(bakery, token, image_url=url)
    assert refusal(answer) == (9004, 2207052)
    assert answer.json()["error"]["is_transient"] is False


def test_a_slow_host_is_a_minus_two(sandbox, bakery, token):
    url = sandbox.web.serve(URL, b"", error=requests.ReadTimeout("slow"))
    assert refusal(sandbox.make(bakery, token, image_url=url)) == (-2, 2207003)


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ("User-agent: *\nDisallow: /", 400),
        ("User-agent: facebookexternalhit\nDisallow: /a.jpg", 400),
        ("User-agent: *\nDisallow: /\nAllow: /a.jpg", 400),
        ("User-agent: *\nAllow: /a.jpg\nDisallow: /", 200),
        ("User-agent: Googlebot\nDisallow: /", 200),
    ],
)
def test_robots_txt_is_honoured(sandbox, bakery, token, rules, status):
    sandbox.web.serve("https://cdn.example/robots.txt", rules.encode(), "text/plain")
    answer = sandbox.make(bakery, token, image_url=sandbox.host_picture())
    assert answer.status_code == status
    if status == 400:
        assert "robots.txt" in answer.json()["error"]["error_user_msg"]


def test_a_film_is_fetched_when_its_container_is_first_read(sandbox, bakery, token):
    made = sandbox.make(bakery, token, media_type="REELS", video_url=sandbox.host_film()).json()["id"]
    assert sandbox.web.passed == []
    sandbox.call("GET", made, token)
    assert [call.url for call in sandbox.web.passed][-1] == FILM
    sandbox.call("GET", made, token)
    assert [call.url for call in sandbox.web.passed].count(FILM) == 1


def test_publishing_never_fetches(sandbox, bakery, token):
    made = sandbox.make(bakery, token, media_type="REELS", video_url=sandbox.host_film()).json()["id"]
    assert refusal(sandbox.publish(bakery, token, made)) == (9007, 2207027)
    assert sandbox.web.passed == []


def test_a_film_takes_its_time(sandbox, bakery, token):
    sandbox.set(delay_video_s=5, delay_video_s_per_mb=0)
    made = sandbox.make(bakery, token, media_type="REELS", video_url=sandbox.host_film()).json()["id"]
    params = {"fields": "status_code"}
    assert sandbox.call("GET", made, token, params=params).json()["status_code"] == "IN_PROGRESS"
    sandbox.advance(timedelta(seconds=6))
    assert sandbox.call("GET", made, token, params=params).json()["status_code"] == "FINISHED"


@pytest.mark.parametrize(
    ("look", "subcode"),
    [
        ({"seconds": 2}, 2207026),
        ({"fps": 15}, 2207026),
        ({"codec": "mpeg4"}, 2207026),
        ({"form": "matroska"}, 2207026),
        ({"pixels": "yuv444p"}, 2207026),
        ({"width": 2000, "height": 200, "seconds": 3}, 2207026),
    ],
    ids=str,
)
def test_a_film_that_does_not_fit_ends_as_an_error_in_the_status(sandbox, bakery, token, look, subcode):
    sandbox.host_film(**look)
    told = film_status(sandbox, bakery, token)
    assert told["status_code"] == "ERROR"
    assert told["status"] == f"Error: Media upload has failed with error code {subcode}"


def test_hevc_is_a_film_too(sandbox, bakery, token):
    sandbox.host_film(codec="libx265")
    assert film_status(sandbox, bakery, token)["status_code"] == "FINISHED"


@pytest.mark.parametrize(
    ("host", "subcode"),
    [
        ({"ranges": False}, 2207077),
        ({"content_type": "application/octet-stream"}, 2207053),
        ({"content_type": "text/html"}, 2207052),
        ({"status": 404}, 2207052),
        ({"error": requests.ReadTimeout("slow")}, 2207003),
        ({"body": b"\0\0\0\x18ftypmp42" + b"\0" * 400}, 2207076),
    ],
    ids=str,
)
def test_a_bad_host_of_a_film_shows_in_the_status(sandbox, bakery, token, host, subcode):
    sandbox.web.serve(FILM, **{"body": film(), "content_type": "video/mp4"} | host)
    assert str(subcode) in film_status(sandbox, bakery, token)["status"]


def test_a_cover_time_outside_the_film_shows_in_the_status(sandbox, bakery, token):
    sandbox.host_film(seconds=4)
    assert "2207057" in film_status(sandbox, bakery, token, thumb_offset=4000)["status"]


def test_a_cover_picture_wins_over_the_films_own_frame(sandbox, bakery, token):
    sandbox.host_film()
    cover = picture(1080, 1920)
    film_status(sandbox, bakery, token, cover_url=sandbox.web.serve(URL, cover))
    assert bytes(FetchedFile.objects.get().data) == cover


def test_a_still_of_the_film_is_kept(sandbox, bakery, token):
    sandbox.host_film()
    film_status(sandbox, bakery, token, thumb_offset=1500)
    assert bytes(FetchedFile.objects.get().data).startswith(b"\xff\xd8\xff")


def test_without_a_free_slot_a_picture_is_fetched_at_a_later_read(sandbox, bakery, token):
    sandbox.instant()
    with fetching.slot(), fetching.slot():
        made = sandbox.make(bakery, token, image_url=sandbox.host_picture()).json()["id"]
        busy = sandbox.call("GET", made, token, params={"fields": "status_code"}).json()
    free = sandbox.call("GET", made, token, params={"fields": "status_code"}).json()
    assert (busy["status_code"], free["status_code"]) == ("IN_PROGRESS", "FINISHED")


def test_the_four_hundred_and_first_container_of_a_day_is_refused(sandbox, bakery, token):
    url = sandbox.host_picture(width=400, height=400)
    first = sandbox.make(bakery, token, image_url=url).json()["id"]
    row = sandbox.containers().get(graph_id=first)
    sandbox.containers().bulk_create(
        type(row)(profile=bakery, media_type="IMAGE", created_at=row.created_at) for _copy in range(399)
    )
    assert refusal(sandbox.make(bakery, token, image_url=url)) == pair(errors.QUOTA_REACHED)
    sandbox.advance(timedelta(hours=24, minutes=1))
    assert sandbox.make(bakery, token, image_url=url).status_code == 200


@contextmanager
def raw_server(answer):
    """Serve one socket server on this machine; `answer(connection)` deals with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def run():
            for _connection in range(2):
                try:
                    connection, _address = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    answer(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/a.jpg"
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda connection: None, (9004, 2207052)),
        (
            lambda connection: connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 90000\r\n\r\n\xff\xd8\xff"
            ),
            (9004, 2207052),
        ),
        (lambda connection: threading.Event().wait(0.7), (-2, 2207003)),
    ],
    ids=["dropped", "truncated", "silent"],
)
def test_real_sockets_that_fail(sandbox, bakery, token, monkeypatch, answer, expected):
    session = requests.Session()
    session.trust_env = False
    monkeypatch.setattr(fetching, "fetching_session", lambda: session)
    monkeypatch.setattr(fetching, "READ_S", 0.3)
    with raw_server(answer) as url:
        assert refusal(sandbox.make(bakery, token, image_url=url)) == expected


@contextmanager
def picture_server():
    """Serve one picture on this machine; give its address and the list of what was asked."""
    data, asked = picture(), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404 if self.path == "/robots.txt" else 200)
            self.send_header("Content-Type", "image/jpeg")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize("path", ["/a.jpg", "/robots.txt"])
def test_what_only_this_machine_may_reach_is_not_asked(sandbox, bakery, token, monkeypatch, path):
    monkeypatch.setattr(fetching, "fetching_session", real_session)
    with picture_server() as (origin, asked):
        assert refusal(sandbox.make(bakery, token, image_url=origin + path)) == (9004, 2207052)
    assert asked == []


def test_this_installations_own_address_may_be_a_private_one(sandbox, bakery, token, monkeypatch, settings):
    monkeypatch.setattr(fetching, "fetching_session", real_session)
    with picture_server() as (origin, asked):
        settings.PUBLIC_BASE_URL = origin
        assert sandbox.make(bakery, token, image_url=f"{origin}/a.jpg").status_code == 200
    assert asked == ["/robots.txt", "/a.jpg"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:5432/a.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/a.jpg",
        "http://2130706433/a.jpg",
        "http://localhost/a.jpg",
        "http://user@cdn.example/a.jpg",
    ],
)
def test_no_form_of_a_private_address_gets_through(url):
    with pytest.raises(requests.RequestException):
        real_session().get(url, timeout=2)
