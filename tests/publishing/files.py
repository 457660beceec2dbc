"""Pictures and films of a person, with their files, as an upload would leave them; nothing is looked into."""

import hashlib

from django.core.files.base import ContentFile

from scheduler.models import MediaAsset, Rendition
from tests.sandbox.pictures import film, picture


def own_picture(owner, **look):
    """Return a picture whose publishable file is itself."""
    look = {"width": 1080, "height": 1080} | look
    size = {name: look[name] for name in ("width", "height")}
    return _own(owner, MediaAsset.Kind.IMAGE, "image/jpeg", "bread.jpg", picture(**look), **size)


def own_film(owner, *, padding=0, **look):
    """Return a film whose publishable file is itself. padding: bytes at its end that mean nothing."""
    data = film(**look)
    if padding:
        data += (padding + 8).to_bytes(4, "big") + b"free" + bytes(padding)
    return _own(owner, MediaAsset.Kind.VIDEO, "video/mp4", "oven.mp4", data, width=144, height=256, duration_ms=4000)


def _own(owner, kind, content_type, name, data, **facts):
    digest = hashlib.sha256(data).hexdigest()
    facts |= {"content_type": content_type, "size_bytes": len(data), "sha256": digest}
    asset = MediaAsset(user=owner, kind=kind, original_name=name, **facts)
    asset.file.save(name, ContentFile(data))
    facts.pop("duration_ms", None)
    made = Rendition(asset=asset, purpose=Rendition.Purpose.PUBLISH, **facts)
    made.file.save(name, ContentFile(data))
    return asset
