"""`Idempotency-Key` on a POST: the same key and body get the same answer, and the work is done once."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from scheduler.api.problems import Refusal, Replay
from scheduler.lib import clock
from scheduler.models import ApiAnswer, User

KEY_CHARS = 255
KEY_FORM = re.compile(r"[!-~]+")
FORM = "multipart/form-data"
KEPT_HEADERS = ("ETag", "Location")


def take_key(request: Request, heeded: Iterable[str] = ()) -> ApiAnswer | None:
    """Take the key that a request names; None when it names none. Raises Replay, or Refusal for a key in use.

    heeded: headers that say, beside the body, what is to be done.
    """
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return None
    if len(key) > KEY_CHARS or not KEY_FORM.fullmatch(key):
        told = _("An Idempotency-Key has 1 to %(n)s characters: letters without accents, digits and signs, no space.")
        raise Refusal(400, "KEY_FORM", told % {"n": KEY_CHARS})
    fingerprint = _fingerprint(request, heeded)
    row, is_ours = ApiAnswer.take(cast(User, request.user), key, fingerprint, clock.now())
    if is_ours:
        return row
    if row.fingerprint != fingerprint:
        raise Refusal(422, "KEY_REUSED", _("This Idempotency-Key was sent with another body. Make a new key."))
    if row.status is None:
        told = _("The first call with this Idempotency-Key is still being worked on. Ask again in a second.")
        raise Refusal(409, "KEY_IN_USE", told, headers={"Retry-After": "1"})
    raise Replay(row.status, row.body, row.headers | {"Idempotency-Replayed": "true"})


def _fingerprint(request: Request, heeded: Iterable[str]) -> str:
    """Return what tells a call from another. Raises ParseError or UnsupportedMediaType for a form that is none."""
    kind = (request.content_type or "").partition(";")[0]
    told = [request.get_full_path(), kind, *(request.headers.get(name, "") for name in heeded)]
    digest = hashlib.sha256(b"\0".join(word.encode() for word in told))
    takes_forms = any(parser.media_type == kind == FORM for parser in request.parsers)
    for piece in _pieces(request) if takes_forms else [request.body]:
        digest.update(b"\0" + piece)
    return digest.hexdigest()


def _pieces(request: Request) -> Iterator[bytes]:
    """Yield what a form says; its own bytes differ each time by the line between its parts."""
    for name in sorted(request.data):
        for value in request.data.getlist(name):
            yield name.encode()
            if isinstance(value, UploadedFile):
                yield (value.name or "").encode()
                yield from value.chunks()
                value.seek(0)
            else:
                yield str(value).encode()


def keep_answer(row: ApiAnswer, answer: Response) -> None:
    """Keep what was answered; a mistake of ours may be tried again with the same key."""
    if answer.status_code >= 500 or answer.status_code == 429:
        row.give_back()
        return
    body = json.loads(json.dumps(answer.data, cls=JSONEncoder))
    row.keep(answer.status_code, body, {name: answer[name] for name in KEPT_HEADERS if name in answer})
