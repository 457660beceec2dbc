"""Uploaded media are given out under a signed address: whole, in parts, without a cookie, with their true type."""

from pathlib import Path

import pytest

from scheduler.models import Rendition
from tests.media import corpus

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(take):
    return take(corpus.film(), "film.mp4").rendition("publish")


@pytest.fixture
def body():
    return corpus.film()


@pytest.fixture
def ask(client, film):
    """Ask for the film; headers by name, such as range="bytes=0-9"."""

    def get(method="get", path=film.path, **headers):
        return getattr(client, method)(path, headers=headers)

    return get


def test_the_whole_file_comes_with_its_true_type_and_length(ask, body):
    answer = ask()
    assert (answer.status_code, answer["Content-Type"]) == (200, "video/mp4")
    assert (answer["Content-Length"], answer["Accept-Ranges"]) == (str(len(body)), "bytes")
    assert answer.getvalue() == body


def test_it_may_be_kept_for_ever_and_is_never_guessed_at(ask):
    answer = ask()
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_cookie_is_set_or_looked_at(ask, client, alice):
    client.force_login(alice)
    answer = ask()
    assert not answer.cookies
    assert "cookie" not in answer.get("Vary", "").lower()


def test_nothing_is_compressed(ask, body):
    answer = ask(accept_encoding="gzip, deflate")
    assert "Content-Encoding" not in answer
    assert answer.getvalue() == body


def test_head_tells_the_same_without_the_bytes(ask, body):
    answer = ask("head", range="bytes=0-9")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Length"] == str(len(body))


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(ask, method):
    assert ask(method).status_code == 405


PARTS = {
    "bytes=0-0": slice(0, 1),
    "bytes=0-9": slice(0, 10),
    "bytes=10-": slice(10, None),
    "bytes=0-": slice(0, None),
    "bytes=5-99999999": slice(5, None),
    "bytes=-5": slice(-5, None),
    "bytes=-99999999": slice(0, None),
}


@pytest.mark.parametrize(("range_", "part"), PARTS.items(), ids=PARTS)
def test_the_asked_part_is_sent(ask, body, range_, part):
    answer = ask(range=range_)
    first, last, _step = part.indices(len(body))
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last - 1}/{len(body)}"
    assert answer["Content-Length"] == str(last - first)
    assert answer.getvalue() == body[part]


@pytest.mark.parametrize("range_", ["bytes=99999999-", "bytes=99999999-100000000", "bytes=-0", "bytes=9-5"])
def test_a_part_outside_the_file_is_refused(ask, body, range_):
    answer = ask(range=range_)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(body)}")


@pytest.mark.parametrize("range_", ["bytes=0-1,4-5", "bytes=-", "bytes=a-b", "items=0-5", "bytes", "bytes=--5", ""])
def test_what_is_not_one_part_gets_the_whole(ask, body, range_):
    answer = ask(range=range_)
    assert answer.status_code == 200 and "Content-Range" not in answer
    assert answer.getvalue() == body


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_part_of_the_same_file_is_sent_on(ask, header):
    assert ask(range="bytes=0-9", if_range=ask()[header]).status_code == 206


@pytest.mark.parametrize("known", ['"another"', "Sat, 01 Jan 2000 00:00:00 GMT", "nonsense"])
def test_a_part_of_another_file_becomes_the_whole(ask, known):
    assert ask(range="bytes=0-9", if_range=known).status_code == 200


def test_what_the_browser_has_is_not_sent_again(ask):
    answer = ask(if_none_match=ask()["ETag"])
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_strangers_token_leads_nowhere(ask, film):
    token = film.path.split("/")[2]
    other = film.path.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b"))
    assert ask(path=other).status_code == 404


@pytest.mark.parametrize("token", ["", "~", "{key}", "{pk}", "{pk}~", "{pk}~{key}", "-1~x", "1e3~x", "٣~x", "9" * 40])
def test_what_is_no_token_leads_nowhere(ask, film, token):
    assert ask(path=f"/m/{token.format(pk=film.pk, key=film.key)}/publish.mp4").status_code == 404


def test_an_address_leads_nowhere_when_its_number_is_another_files(ask, film):
    address = film.path
    Rendition.objects.filter(pk=film.pk).update(key="0" * 32)
    assert ask(path=address).status_code == 404


@pytest.mark.parametrize("name", ["publish.mov", "publish.jpg", "poster.mp4", "publish", "publish.mp4.html"])
def test_another_name_leads_nowhere(ask, film, name):
    assert ask(path=film.path.replace("publish.mp4", name)).status_code == 404


@pytest.mark.parametrize("part", [None, "bytes=0-9"])
def test_a_file_that_lost_its_end_is_not_given_out_by_halves(ask, film, part):
    with Path(film.file.path).open("r+b") as file:
        file.truncate(film.size_bytes - 1)
    assert ask(**{"range": part} if part else {}).status_code == 404


def test_a_file_that_is_gone_is_not_found(ask, film):
    film.file.storage.delete(film.file.name)
    assert ask().status_code == 404


@pytest.mark.parametrize(
    ("purpose", "content_type"),
    [("publish", "image/jpeg"), ("thumbnail", "image/webp")],
    ids=["publish", "thumbnail"],
)
def test_pictures_have_their_type_too(client, take, purpose, content_type):
    answer = client.get(take(corpus.jpeg()).rendition(purpose).path)
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)


def test_a_part_costs_one_query(ask, django_assert_num_queries):
    with django_assert_num_queries(1):
        ask(range="bytes=0-9")
    assert Rendition.objects.count() == 3


@pytest.mark.parametrize("method", ["get", "head"])
def test_head_and_get_agree_that_a_file_is_gone(ask, film, method):
    film.file.storage.delete(film.file.name)
    assert ask(method).status_code == 404
