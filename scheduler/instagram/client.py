"""Speak with Instagram's Graph API for one account; every trouble is one InstagramError.

The token travels in a header, never in an address. Each request ends: the connection within 5 s, the whole within
40 s, however slowly an answer drips.
"""

import hashlib
import hmac
import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

import requests
from requests.adapters import HTTPAdapter

from scheduler.instagram.errors import DOWN, UNKNOWN, InstagramError, Step, error_from_answer, error_from_exception
from scheduler.lib.redaction import redact_data

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
TOTAL_TIMEOUT_S = 40.0
MOST_BYTES = 2_000_000
PAGE_SIZE = 25
MOST_PAGES = 4
MEDIA_FIELDS = "id,caption,timestamp,media_type,media_product_type,permalink,children{id}"
STORY_FIELDS = "id,timestamp,media_type,media_product_type,permalink"
PROFILE_FIELDS = "id,user_id,username,name,account_type,profile_picture_url"


@dataclass(frozen=True)
class CreatedContainer:
    """What POST /media answered."""

    container_id: str
    upload_uri: str = ""


@dataclass(frozen=True)
class ContainerState:
    """status_code: IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED. text: the sentence that came with it."""

    status_code: str
    text: str = ""


@dataclass(frozen=True)
class LiveMedia:
    """A published medium as Instagram lists it."""

    media_id: str
    media_type: str = ""
    product_type: str = ""
    permalink: str = ""
    caption: str = ""
    published_at: datetime | None = None
    child_count: int = 0


@dataclass(frozen=True)
class Comment:
    """A comment under a medium."""

    comment_id: str
    text: str = ""
    username: str = ""


@dataclass(frozen=True)
class Quota:
    """Posts published in the last 24 h, and how many there may be (None when not told)."""

    usage: int
    total: int | None = None


@dataclass(frozen=True)
class Profile:
    """Whose token it is."""

    user_id: str
    app_scoped_id: str
    username: str
    name: str = ""
    account_type: str = ""
    picture_url: str = ""

    @property
    def is_professional(self) -> bool:
        """Return whether the account may be published to; only a told PERSONAL says no."""
        return self.account_type.upper() != "PERSONAL"


@dataclass
class Exchange:
    """The last request and its answer as a log line may show them: no token, no secret."""

    method: str = ""
    endpoint: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    response: Any = field(default_factory=dict)
    http_status: int | None = None
    duration_ms: int | None = None
    usage: dict[str, Any] = field(default_factory=dict)


_sessions: dict[int, requests.Session] = {}


def shared_session() -> requests.Session:
    """Return this process's session; after a fork the child gets one of its own, sockets are not shared."""
    pid = os.getpid()
    if pid not in _sessions:
        _sessions.clear()
        _sessions[pid] = new_session()
    return _sessions[pid]


def new_session() -> requests.Session:
    """Return a session that takes no proxy or login from the environment and repeats nothing by itself."""
    session = requests.Session()
    session.trust_env = False
    adapter = HTTPAdapter(pool_connections=8, pool_maxsize=16, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Transport:
    """Makes one request, within its time, and returns the JSON object it answers."""

    def __init__(
        self,
        session: requests.Session | None = None,
        *,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        total_timeout_s: float = TOTAL_TIMEOUT_S,
    ) -> None:
        self.session = session
        self.timeouts, self.total_timeout_s = (connect_timeout_s, read_timeout_s), total_timeout_s
        self.last_exchange = Exchange()

    def call(self, step: Step, method: str, url: str, shown: str, **words: Any) -> dict[str, Any]:
        """Return the answered object. Raises InstagramError for everything else.

        shown: the address as a log line may show it. words: params, json, data or headers, as requests takes them.
        """
        told = words.get("json") or words.get("params") or words.get("data") or {}
        self.last_exchange = Exchange(method, f"{method} {shown}", redact_data(dict(told)))
        started = time.monotonic()
        try:
            status, body = self._exchange(method, url, started, words)
        except (requests.RequestException, UnicodeError) as trouble:
            error = error_from_exception(step, trouble)
            self.last_exchange.response = {"text": error.message}
            raise error from None
        finally:
            self.last_exchange.duration_ms = round((time.monotonic() - started) * 1000)
        return self._understood(step, status, body)

    def _exchange(self, method: str, url: str, started: float, words: dict[str, Any]) -> tuple[int, bytes]:
        session = self.session or shared_session()
        with session.request(
            method, url, timeout=self.timeouts, allow_redirects=False, stream=True, **words
        ) as answer:
            self.last_exchange.http_status = answer.status_code
            self.last_exchange.usage = _usage(answer.headers)
            return answer.status_code, self._body(answer, started + self.total_timeout_s)

    @staticmethod
    def _body(answer: requests.Response, deadline: float) -> bytes:
        body = b""
        for piece in answer.iter_content(65536):
            body += piece
            if len(body) > MOST_BYTES or time.monotonic() > deadline:
                raise requests.ReadTimeout("the answer did not end")
        return body

    def _understood(self, step: Step, status: int, body: bytes) -> dict[str, Any]:
        try:
            data = json.loads(body)
        except ValueError:
            data = None
        self.last_exchange.response = (
            redact_data(data) if isinstance(data, dict) else {"text": body[:2000].decode("utf-8", "replace")}
        )
        if status >= 300 or not isinstance(data, dict) or data.get("error"):
            raise error_from_answer(step, status, body)
        return data


def _usage(headers: Any) -> dict[str, Any]:
    found = {}
    for name in ("x-app-usage", "x-business-use-case-usage", "facebook-api-version"):
        if name in headers:
            try:
                found[name] = json.loads(headers[name])
            except ValueError:
                found[name] = headers[name]
    return found


class Client:
    """The calls that publishing needs. Ids are opaque strings; times are aware."""

    def __init__(
        self,
        *,
        graph_url: str,
        version: str,
        token: str,
        session: requests.Session | None = None,
        app_secret: str = "",
        **timeouts: float,
    ) -> None:
        """graph_url may carry a path prefix. app_secret: Facebook Login only, for appsecret_proof."""
        self._base, self._version = graph_url.rstrip("/"), version
        self._token, self._app_secret = token, app_secret
        self._transport = Transport(session, **timeouts)

    def __repr__(self) -> str:
        return f"<Client {self._base}/{self._version}>"

    @property
    def last_exchange(self) -> Exchange:
        """Return what was asked and answered last, also when it failed."""
        return self._transport.last_exchange

    # --- Publishing -----------------------------------------------------------------------------------------
    def create_container(self, user_id: str, fields: dict[str, Any]) -> CreatedContainer:
        """Step 1 of 2: have Instagram fetch the media; return the container id (good for 24 h).

        fields: as built by scheduler.instagram.containers. Nothing is public yet, so a repeat costs one container.
        """
        data = self._post(Step.CREATE, f"{user_id}/media", fields)
        return CreatedContainer(self._id(Step.CREATE, data), _text(data.get("uri")))

    def read_container(self, container_id: str) -> ContainerState:
        """Return how far Instagram is with a container; a `status` that begins with "Error" counts as ERROR."""
        data = self._get(Step.STATUS, container_id, fields="id,status_code,status")
        code, text = _text(data.get("status_code")).upper(), _text(data.get("status"))
        if not code:
            code = "ERROR" if text.lower().startswith("error") else "IN_PROGRESS"
        return ContainerState(code, text)

    def publish_container(self, user_id: str, container_id: str) -> str:
        """Step 2 of 2: make it public; return the media id. Never repeat it without reading the container first."""
        data = self._post(Step.PUBLISH, f"{user_id}/media_publish", {"creation_id": container_id})
        return self._id(Step.PUBLISH, data)

    def find_media(self, user_id: str, *, story: bool, since: datetime) -> list[LiveMedia]:
        """Return what went live since `since`, the newest first; at most 100."""
        found: list[LiveMedia] = []
        words: dict[str, Any] = {"fields": STORY_FIELDS if story else MEDIA_FIELDS, "limit": PAGE_SIZE}
        if not story:
            words["since"] = int(since.timestamp())
        for _page in range(MOST_PAGES):
            data = self._get(Step.FIND, f"{user_id}/{'stories' if story else 'media'}", **words)
            found += [_media(item) for item in _rows(data) if _text(item.get("id"))]
            paging = data.get("paging")
            cursors = paging.get("cursors") if isinstance(paging, dict) else None
            if not isinstance(cursors, dict) or not paging.get("next") or not cursors.get("after"):
                break
            words["after"] = _text(cursors["after"])
        return [media for media in found if media.published_at is None or media.published_at >= since]

    def read_media(self, media_id: str) -> LiveMedia:
        """Return a published medium with its link."""
        data = self._get(Step.PERMALINK, media_id, fields="id,media_type,media_product_type,permalink,timestamp")
        return _media(data | {"id": media_id})

    # --- Around it ------------------------------------------------------------------------------------------
    def post_comment(self, media_id: str, message: str) -> str:
        """Comment; return the comment id. List the comments before a repeat: it may be there."""
        # `fields` must not be asked for here: Instagram would comment and then answer an error.
        return self._id(Step.COMMENT, self._post(Step.COMMENT, f"{media_id}/comments", {"message": message}))

    def list_comments(self, media_id: str) -> list[Comment]:
        """Return the newest comments (up to 50)."""
        data = self._get(Step.COMMENTS, f"{media_id}/comments", fields="id,text,username")
        return [
            Comment(_text(row.get("id")), _text(row.get("text")), _text(row.get("username"))) for row in _rows(data)
        ]

    def read_quota(self, user_id: str) -> Quota:
        """Return how many posts of the last 24 h count, and the limit."""
        data = self._get(Step.QUOTA, f"{user_id}/content_publishing_limit", fields="quota_usage,config")
        row = next(iter(_rows(data)), {})
        config = row.get("config")
        usage, total = row.get("quota_usage"), config.get("quota_total") if isinstance(config, dict) else None
        return Quota(usage if isinstance(usage, int) else 0, total if isinstance(total, int) else None)

    def read_profile(self) -> Profile:
        """Return whose token this is."""
        data = self._get(Step.PROFILE, "me", fields=PROFILE_FIELDS)
        row = next(iter(_rows(data)), data)
        user_id = _text(row.get("user_id")) or _text(row.get("id"))
        if not user_id or not _text(row.get("username")):
            self._nonsense(Step.PROFILE)
        return Profile(
            user_id,
            _text(row.get("id")) or user_id,
            _text(row.get("username")),
            _text(row.get("name")),
            _text(row.get("account_type")),
            _text(row.get("profile_picture_url")),
        )

    # --- Wire -----------------------------------------------------------------------------------------------
    def _get(self, step: Step, path: str, **params: Any) -> dict[str, Any]:
        return self._call(step, "GET", path, params=params | self._proof())

    def _post(self, step: Step, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        return self._call(step, "POST", path, json=fields | self._proof())

    def _call(self, step: Step, method: str, path: str, **words: Any) -> dict[str, Any]:
        shown = f"/{self._version}/{path}"
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._transport.call(step, method, self._base + shown, shown, headers=headers, **words)

    def _proof(self) -> dict[str, str]:
        if not self._app_secret:
            return {}
        proof = hmac.new(self._app_secret.encode(), self._token.encode(), hashlib.sha256).hexdigest()
        return {"appsecret_proof": proof}

    def _id(self, step: Step, data: dict[str, Any]) -> str:
        found = _text(data.get("id"))
        if not found:
            self._nonsense(step)
        return found

    def _nonsense(self, step: Step) -> NoReturn:
        """A 200 without what it must hold: at the publish call nobody can say what it did."""
        raise InstagramError(
            "Instagram's answer lacks what it should hold.",
            rule=DOWN if step in {Step.PUBLISH, Step.COMMENT, Step.CREATE} else UNKNOWN,
            step=step,
            http_status=self.last_exchange.http_status,
            body=self.last_exchange.response,
            unclear=step in {Step.PUBLISH, Step.COMMENT},
        )


def _text(value: Any) -> str:
    """Return an id or word as text: Instagram sends some ids as numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def _rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    rows = data.get("data")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _media(row: dict[str, Any]) -> LiveMedia:
    children = row.get("children")
    return LiveMedia(
        media_id=_text(row.get("id")),
        media_type=_text(row.get("media_type")),
        product_type=_text(row.get("media_product_type")),
        permalink=_text(row.get("permalink")),
        caption=_text(row.get("caption")),
        published_at=_instant(_text(row.get("timestamp"))),
        child_count=len(_rows(children)) if isinstance(children, dict) else 0,
    )


def _instant(text: str) -> datetime | None:
    """Return Graph's time ("2026-11-22T09:15:04+0000"), None when it is not one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
