"""Media in an S3-compatible bucket: a small server of the tests' own, and one that nobody reaches."""

import os
import socket

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from moto.server import ThreadedMotoServer

from config import env
from scheduler.lib import clock
from scheduler.lib.bucket import Bucket
from scheduler.lib.framing import Frame
from scheduler.lib.stored import Unreachable
from scheduler.models import MediaAsset, Rendition
from scheduler.services import covers, media_intake, purging, storage_check
from scheduler.services.purging import KEPT_FOR
from scheduler.services.renditions import frame_picture
from tests.media import corpus

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server():
    """Run a small S3 on a free port; its address without a scheme."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "{}:{}".format(*server.get_host_and_port())
    server.stop()


def keep_in(settings, monkeypatch, host, bucket="media"):
    monkeypatch.setitem(os.environ, "MEDIA_STORAGE_URL", f"s3://KEY:S3NT1NEL%2F%2Bsecret@{host}/{bucket}?tls=0")
    settings.STORAGES = settings.STORAGES | {"default": env.media_storage("MEDIA_STORAGE_URL")}


@pytest.fixture
def bucket(server, settings, monkeypatch):
    """Keep media in an empty bucket; its objects by name."""
    keep_in(settings, monkeypatch, server)
    made = default_storage.connection.create_bucket(Bucket="media")
    yield made.objects
    made.objects.all().delete()
    made.delete()


@pytest.fixture
def nobody_answers(settings, monkeypatch):
    """Keep media where no server listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        keep_in(settings, monkeypatch, f"127.0.0.1:{taken.getsockname()[1]}")
        yield


def names(bucket):
    return sorted(one.key for one in bucket.all())


# --- What is kept there -------------------------------------------------------------------------------------
def test_an_upload_and_what_is_made_of_it_are_kept_in_the_bucket(take, bucket, media_folder):
    asset = take(corpus.jpeg())
    kept = {asset.file.name, *asset.renditions.values_list("file", flat=True)}
    assert set(names(bucket)) == kept and len(kept) == 3
    assert not media_folder.exists()


def test_a_file_is_given_out_whole_and_in_parts(take, bucket, client):
    made = take(corpus.jpeg()).rendition("publish")
    whole = b"".join(client.get(made.path).streaming_content)
    part = client.get(made.path, headers={"Range": "bytes=10-19"})
    assert len(whole) == made.size_bytes
    assert (part.status_code, b"".join(part.streaming_content)) == (206, whole[10:20])
    assert client.head(made.path).headers["Content-Length"] == str(made.size_bytes)


def test_a_part_is_read_without_what_lies_before_it(bucket, monkeypatch):
    data = bytes(range(256)) * 400
    name, asked = default_storage.save("film.mp4", ContentFile(data)), []
    real = Bucket.read_from
    monkeypatch.setattr(Bucket, "read_from", lambda *words: asked.append(words[2]) or real(*words))
    with default_storage.open(name) as file:
        file.seek(102_000)
        assert file.read(3) == data[102_000:102_003]
        assert (file.tell(), file.read(), file.read(1)) == (102_003, data[102_003:], b"")
    assert asked == [102_000]


def test_a_shape_is_drawn_from_there(take, bucket):
    made = frame_picture(take(corpus.jpeg()), Frame.read({"shape": "1:1", "how": "crop"}))
    assert made.width == made.height and made.file.name in names(bucket)


def test_a_videos_frames_are_drawn_from_there(take, bucket):
    film = take(corpus.film(4.0), "oven.mp4")
    assert covers.strip_of(film, clock.now()).file.name in names(bucket)
    assert film.rendition("publish").file.open("rb").read() == corpus.film(4.0)


def test_what_is_purged_leaves_the_bucket(take, bucket, noon):
    asset = take(corpus.jpeg())
    MediaAsset.objects.filter(pk=asset.pk).update(deleted_at=noon - 2 * KEPT_FOR)
    assert purging.purge(noon) == 1
    assert names(bucket) == [] and not Rendition.objects.exists()


def test_two_people_with_the_same_file_do_not_share_an_object(take, bucket, charlie, noon):
    theirs = take(corpus.jpeg(), user=charlie)
    mine = take(corpus.jpeg())
    assert mine.file.name != theirs.file.name


@pytest.fixture
def sent_twice_at_once(take, monkeypatch):
    """Upload a file while the same file is being looked at, before either is in the bucket; the two assets."""
    look, inner = media_intake._prepare, []

    def look_slowly(path, folder):
        prepared = look(path, folder)
        if not inner:
            inner.append(None)
            inner[0] = take(corpus.jpeg())
        return prepared

    monkeypatch.setattr(media_intake, "_prepare", look_slowly)
    monkeypatch.setattr(Bucket, "exists", lambda *_: False)  # each asked before the other had written
    return take(corpus.jpeg()), inner[0]


def test_a_file_sent_twice_at_once_stays_in_the_bucket(bucket, sent_twice_at_once):
    first, second = sent_twice_at_once
    assert first == second
    kept = {first.file.name, *first.renditions.values_list("file", flat=True)}
    assert kept == set(names(bucket))


# --- When it is away ----------------------------------------------------------------------------------------
def test_an_upload_is_refused_in_a_sentence_and_nothing_is_kept(nobody_answers, refusal_of):
    assert refusal_of(corpus.jpeg()).code == "NOT_KEPT"
    assert not MediaAsset.objects.exists()


def test_a_file_asked_for_meanwhile_is_asked_for_again_later(nobody_answers, client, make_picture):
    made = make_picture().renditions.get()
    for ask in (client.get, client.head):
        answer = ask(made.path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "no-store" in answer.headers["Cache-Control"]


def test_a_file_that_the_bucket_does_not_have_is_not_found(bucket, client, make_picture):
    assert client.get(make_picture().renditions.get().path).status_code == 404


def test_wrong_keys_and_buckets_are_told_without_the_key(server, settings, monkeypatch, caplog):
    keep_in(settings, monkeypatch, server, bucket="nowhere")
    with pytest.raises(Unreachable, match="NoSuchBucket") as refused:
        default_storage.save("a.txt", ContentFile(b"a"))
    assert refused.value.__cause__ is None
    assert "NoSuchBucket" in storage_check.trouble()
    assert "S3NT1NEL" not in f"{refused.value!r} {caplog.text} {storage_check.trouble()}"


def test_what_is_deleted_later_costs_a_line_in_the_log(nobody_answers, make_picture, noon, caplog):
    asset = make_picture()
    MediaAsset.objects.filter(pk=asset.pk).update(deleted_at=noon - 2 * KEPT_FOR)
    assert purging.purge(noon) == 1
    assert "could not be removed" in caplog.text


def test_the_start_says_whether_it_works(bucket):
    assert storage_check.trouble() == ""
    assert names(bucket) == []


def test_the_start_says_what_does_not(nobody_answers):
    assert "MEDIA_STORAGE_URL" in storage_check.trouble()


# --- The address --------------------------------------------------------------------------------------------
def options_of(monkeypatch, address):
    monkeypatch.setitem(os.environ, "MEDIA_STORAGE_URL", address)
    return env.media_storage("MEDIA_STORAGE_URL")["OPTIONS"]


def test_an_address_names_server_bucket_folder_and_keys(monkeypatch):
    told = options_of(monkeypatch, "s3://KEY:a%2Fb@r2.example.com:9000/media/pauta/one?region=auto")
    assert told["endpoint_url"] == "https://r2.example.com:9000"
    assert (told["bucket_name"], told["location"], told["region_name"]) == ("media", "pauta/one", "auto")
    assert (told["access_key"], told["secret_key"], told["addressing_style"]) == ("KEY", "a/b", "path")


def test_amazons_own_buckets_are_addressed_its_way(monkeypatch):
    assert options_of(monkeypatch, "s3://K:S@s3.sa-east-1.amazonaws.com/m")["addressing_style"] == "auto"


@pytest.mark.parametrize(
    "address",
    [
        "bucket",
        "https://KEY:S3NT1NEL@host/bucket",
        "s3://host/bucket",
        "s3://KEY@host/bucket",
        "s3://KEY:S3NT1NEL@host",
        "s3://KEY:S3NT1NEL@host/",
        "s3://KEY:S3NT1NEL@host:port/bucket",
        "s3://KEY:S3NT1NEL@host/bucket?tls=perhaps",
        "s3://KEY:S3NT1NEL@host/bucket?acl=public",
        "s3://KEY:S3NT1NEL@host/bucket?region",
    ],
)
def test_another_address_is_refused_without_its_key(monkeypatch, address):
    monkeypatch.setitem(os.environ, "MEDIA_STORAGE_URL", address)
    with pytest.raises(ImproperlyConfigured, match="MEDIA_STORAGE_URL is not understood") as refused:
        env.media_storage("MEDIA_STORAGE_URL")
    assert "S3NT1NEL" not in str(refused.value) and refused.value.__cause__ is None


def test_without_an_address_a_folder_keeps_them(monkeypatch):
    monkeypatch.setitem(os.environ, "MEDIA_STORAGE_URL", "")
    assert env.media_storage("MEDIA_STORAGE_URL")["BACKEND"].endswith("FileSystemStorage")
