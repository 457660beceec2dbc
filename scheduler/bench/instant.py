"""An Instagram that answers at once, without a socket: what then remains is our own time."""

import io
import itertools
import json
from typing import Any

import requests
from django.conf import settings
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from scheduler.instagram.client import Client
from scheduler.models import InstagramAccount


class InstantAdapter(BaseAdapter):
    """Say yes to everything a publish asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = itertools.count(17_900_000_000_000_000)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Return the answer to one request."""
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 200, request, request.url or ""
        answer.headers["Content-Type"] = "application/json"
        body = io.BytesIO(json.dumps(self._answer(request)).encode())
        answer.raw = HTTPResponse(body=body, status=200, headers=dict(answer.headers), preload_content=False)
        return answer

    def _answer(self, request: requests.PreparedRequest) -> dict[str, Any]:
        if request.method == "POST":
            return {"id": str(next(self.ids))}
        if "content_publishing_limit" in (request.url or ""):
            return {"data": [{"quota_usage": 0, "config": {"quota_total": 50, "quota_duration": 86400}}]}
        return {"id": "1", "status_code": "FINISHED", "status": "Finished"}

    def close(self) -> None:
        """Nothing is held."""


def instant_client_for(account: InstagramAccount) -> Client:
    """Return a client like any other, whose session reaches only the adapter above."""
    return Client(
        graph_url=settings.INSTAGRAM_GRAPH_URL,
        version=settings.GRAPH_API_VERSION,
        token=account.token(),
        session=_SESSION,
    )


_SESSION = requests.Session()
for _scheme in ("http://", "https://"):
    _SESSION.mount(_scheme, InstantAdapter())
