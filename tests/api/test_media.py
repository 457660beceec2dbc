"""Files as a program brings them, and the description of it all."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from scheduler.models import MediaAsset
from tests.api.conftest import problem_of

pytestmark = pytest.mark.django_db
MEDIA = "/api/v1/social/media/"


def picture():
    kept = io.BytesIO()
    Image.new("RGB", (640, 640), "navy").save(kept, "JPEG")
    return SimpleUploadedFile("loaf.jpg", kept.getvalue(), "image/jpeg")


def test_a_file_becomes_an_asset_that_a_post_takes(api, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    told = api.post(MEDIA, {"file": picture()})
    assert (told.status_code, told.json()["kind"]) == (201, "image")
    made = api.ask("post", "scheduled-posts/", {"media_assets": [told.json()["id"]]})
    assert made.json()["media_assets"] == [MediaAsset.objects.get().pk]


def test_what_is_no_picture_is_refused_with_the_pages_sentence(api):
    answer = api.post(MEDIA, {"file": SimpleUploadedFile("a.jpg", b"<html>")})
    assert problem_of(answer, 400) == "VALIDATION_FAILED" and answer.json()["error"]["fields"]["file"]


def test_nothing_is_no_file(api):
    assert problem_of(api.post(MEDIA, {}), 400) == "VALIDATION_FAILED"


def test_the_schema_describes_every_address(db):
    answer = Client().get("/api/schema/")
    told = answer.json()
    assert told["openapi"] == "3.1.0"
    assert {"/api/v1/social/media/", "/api/v1/social/scheduled-posts/{id}/"} <= set(told["paths"])


def test_the_docs_open_without_anything_inline(db):
    page = Client().get("/api/docs/")
    assert page.status_code == 200 and "<style" not in page.text and "style=" not in page.text
