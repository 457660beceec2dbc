"""Where a picture or film was taken goes no further than the person's own upload."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from scheduler.models import MediaAsset, ScheduledPost, Status
from scheduler.sandbox import uploads
from scheduler.sandbox.models import FetchedFile
from tests.media import corpus

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
PLACE = "-23.5505-046.6333/"


@pytest.fixture
def write(client, alice):
    """Write a post with one file as Alice does, in her browser; return it, a draft."""
    client.force_login(alice)

    def write(name, data, account):
        words = {"account": account.pk, "act": "draft", "timezone": "UTC", "media_type": "", "caption": "Pão"}
        answer = client.post("/posts/new/", words | {"uploads": SimpleUploadedFile(name, data)})
        assert answer.status_code == 302
        return ScheduledPost.objects.get()

    return write


def sent(post, work, time):
    """Publish a draft at once."""
    post.publish_now(now=time.now())
    assert work(post).status == Status.PUBLISHED


def test_a_pictures_place_stays_here(write, work, time, account):
    photo = corpus.turned_with_place()
    assert Image.open(io.BytesIO(photo)).getexif().get_ifd(0x8825)
    sent(write("bread.jpg", photo, account), work, time)
    fetched = bytes(FetchedFile.objects.get().data)
    image = Image.open(io.BytesIO(fetched))
    assert not image.getexif() and "exif" not in image.info and "xmp" not in image.info
    assert b"Secret Maker" not in fetched and b"Exif" not in fetched
    assert image.height > image.width  # as it was held, without the word that turned it


def test_no_file_that_an_address_of_ours_shows_has_the_place(write, client, account):
    write("bread.jpg", corpus.turned_with_place(), account)
    for made in MediaAsset.objects.get().renditions.all():
        shown = b"".join(client.get(made.path).streaming_content)
        assert b"Secret Maker" not in shown and b"Exif" not in shown


def test_a_films_place_stays_here(write, work, time, page_account, monkeypatch):
    film, arrived, forget = corpus.film(form="mov", place=PLACE), [], uploads.forget
    assert PLACE.encode() in film

    def forget_later(container_id):
        arrived.append(uploads.read(container_id))
        forget(container_id)

    monkeypatch.setattr(uploads, "forget", forget_later)
    sent(write("oven.mov", film, page_account), work, time)
    [came] = arrived
    assert len(came) > 1000 and PLACE.encode() not in came
