"""Whether media can be kept and read where they are to be: asked at the start, when that is not a folder."""

import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _


def trouble() -> str:
    """Write a small file, read it and take it away; return what is wrong and what to do, "" when nothing is."""
    if isinstance(default_storage, FileSystemStorage):
        return ""
    word = secrets.token_bytes(16)
    try:
        name = default_storage.save("check/written-at-the-start", ContentFile(word))
        with default_storage.open(name) as file:
            read = file.read()
        default_storage.delete(name)
    except OSError as problem:
        told = _(
            "Uploads can't be kept: %(problem)s. Look at MEDIA_STORAGE_URL: host, bucket, keys, and what they may do."
        )
        return told % {"problem": problem}
    return (
        "" if read == word else _("The bucket gave back something else than was written. Look at MEDIA_STORAGE_URL.")
    )
