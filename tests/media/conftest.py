"""Uploads for the tests of media: each test's files land in a folder of its own."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scheduler.services.media_intake import take_upload
from scheduler.services.media_refusals import MediaRefused


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def take(alice):
    """Upload bytes as Alice, or as somebody else; return the asset."""

    def upload(data: bytes, name: str = "photo.jpg", *, user=None):
        return take_upload(user or alice, SimpleUploadedFile(name, data))

    return upload


@pytest.fixture
def refusal_of(take):
    """Upload bytes that must be refused; return the refusal."""

    def upload(data: bytes, name: str = "photo.jpg") -> MediaRefused:
        with pytest.raises(MediaRefused) as caught:
            take(data, name)
        return caught.value

    return upload
