"""Speak with Instagram's Graph API for one account; every trouble is one InstagramError.

The token travels in a header, never in an address. Each request ends: the connection within 5 s, the whole within
40 s, however slowly an answer drips.
"""

import hashlib
import hmac
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import IO, Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from scheduler.instagram.answers import clean, next_cursor, number_of, only_row, read_json, rows_of, text_of
from scheduler.instagram.errors import (
    APP,
    DOWN,
    NOT_REPEATABLE,
    InstagramError,
    Step,
    error_from_answer,
    error_from_exception,
    error_from_status,
    rule_for,
)
from scheduler.instagram.uploads import META_BASE, Stretch, kept_a_part, upload_address
from scheduler.lib.deadline import POOLS, ends_within
from scheduler.lib.redaction import MASK, redact, redact_data
from scheduler.lib.sessions import PlainSession

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
TOTAL_TIMEOUT_S = 40.0
# For how long the bytes of one request of an upload may leave before it is broken off.
SEND_TIMEOUT_S = 20.0
MOST_BYTES = 2_000_000
LONGEST_LINK = 300
PAGE_SIZE = 25
MOST_PAGES = 4
MEDIA_FIELDS = "id,caption,timestamp,media_type,media_product_type,permalink,children{id}"
COUNT_FIELDS = "id,like_count,comments_count"
MOST_COUNTED = 2_000_000_000
STORY_FIELDS = "id,timestamp,media_type,media_product_type,permalink"
PROFILE_FIELDS = "id,user_id,username,name,account_type,profile_picture_url"
# The code and subcode by which Instagram says that a container ran out.
RAN_OUT = (-2, 2207020)
CONTAINER_STATES = ("IN_PROGRESS", "FINISHED", "PUBLISHED", "ERROR", "EXPIRED")
# Instagram counts in windows of at most a day; a longer wait is a misreading.
MOST_REGAIN_MINUTES = 24 * 60


@dataclass(frozen=True)
class CreatedContainer:
    """What POST /media answered. upload_uri: where the bytes go when they are to be sent, else ""."""

    container_id: str
    upload_uri: str = ""


@dataclass(frozen=True)
class ContainerState:
    """status_code: IN_PROGRESS, FINISHED, PUBLISHED, ERROR or EXPIRED. text: the sentence that came with it.

    received:    how many bytes of an upload have arrived, as far as that was asked for and told.
    is_uploaded: whether Instagram says that all of them have.
    """

    status_code: str
    text: str = ""
    received: int = 0
    is_uploaded: bool = False

    @property
    def failure(self) -> InstagramError:
        """Return the error that a container which is over ends with."""
        if self.status_code == "EXPIRED":
            return InstagramError(self.text, rule=rule_for(*RAN_OUT, Step.STATUS), step=Step.STATUS)
        return error_from_status(self.text)


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
    """The last request and its answer as a log line may show them: no token, no secret.

    usage: Instagram's usage headers, by name. regain_minutes: how long it says that a limit lasts, 0 when untold.
    """

    method: str = ""
    endpoint: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    response: Any = field(default_factory=dict)
    http_status: int | None = None
    duration_ms: int | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    regain_minutes: int = 0


_sessions: dict[int, requests.Session] = {}


def shared_session() -> requests.Session:
    """Return this process's session; after a fork the child gets one of its own, sockets are not shared."""
    pid = os.getpid()
    # setdefault, because threads may come here for the first time at once; the parent's session is left alone.
    return _sessions.get(pid) or _sessions.setdefault(pid, new_session())


class _Adapter(HTTPAdapter):
    """Lets no answer outlast the whole time of its call."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS


def new_session() -> requests.Session:
    """Return a session that takes no proxy or login from the environment and repeats nothing by itself.

    It keeps no cookies: one account's must not go along with another's token.
    """
    session = PlainSession()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pool_connections=8, pool_maxsize=16, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Hidden(dict):
    """Parameters that hold secrets; no text form, also that of a traceback's variables, shows them."""

    def __repr__(self) -> str:
        return "<hidden>"


class Secrets:
    """Values that must not be shown, wherever Instagram may echo them."""

    def __init__(self, *values: str) -> None:
        self._values = [form for value in values if value for form in (value, quote(value, safe=""))]

    def conceal(self, text: str) -> str:
        """Return `text` with each of them masked."""
        for value in self._values:
            text = text.replace(value, MASK)
        return text


class Bearer(AuthBase):
    """Puts a token into the header, and nowhere else. scheme: "Bearer"; the upload host wants "OAuth"."""

    def __init__(self, token: str, scheme: str = "Bearer") -> None:
        self._token, self._scheme = token, scheme

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # http.client would refuse it too, but name it in full.
        if not (self._token.isascii() and self._token.isprintable()):
            raise requests.exceptions.InvalidHeader("the token holds what a header cannot")
        request.headers["Authorization"] = f"{self._scheme} {self._token}"
        return request


def proof_of(token: str, app_secret: str) -> str:
    """Return the `appsecret_proof` of a call with `token`: only who holds the app's secret can have made it."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


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

    def call(
        self,
        step: Step,
        method: str,
        url: str,
        shown: str,
        *,
        secrets: Secrets,
        told: dict[str, Any] | None = None,
        **words: Any,
    ) -> dict[str, Any]:
        """Return the answered object. Raises InstagramError for everything else.

        shown: the address as a log line may show it. secrets: what the answer may echo and nobody may see.
        told:  what a log line says was asked; without it the parameters themselves.
        words: params, json, data, headers, files or auth, as requests takes them.
        """
        told = told or words.get("json") or words.get("params") or words.get("data") or {}
        self.last_exchange = Exchange(method, f"{method} {shown}", redact_data(dict(told)))
        error, started = None, time.monotonic()
        try:
            with ends_within(self.total_timeout_s):
                body = self._exchange(method, url, words)
        except (OSError, ValueError, HTTPError) as problem:
            error = error_from_exception(step, problem)
        finally:
            self.last_exchange.duration_ms = round((time.monotonic() - started) * 1000)
        if error is not None:
            # Raised out here, it carries no chain of causes: those name the address with its parameters.
            error.http_status = self.last_exchange.http_status
            self.last_exchange.response = {"text": error.message}
            raise error
        return self._understood(step, body.decode("utf-8", "replace"), secrets)

    def lacking(self, step: Step) -> InstagramError:
        """Return the error of a good answer without what it must hold: nobody can say what was done."""
        return InstagramError(
            "Instagram's answer lacks what it should hold.",
            rule=DOWN,
            step=step,
            http_status=self.last_exchange.http_status,
            body=self.last_exchange.response,
            unclear=step in NOT_REPEATABLE,
        )

    def _exchange(self, method: str, url: str, words: dict[str, Any]) -> bytes:
        session = self.session or shared_session()
        with session.request(
            method, url, timeout=self.timeouts, allow_redirects=False, stream=True, **words
        ) as answer:
            self.last_exchange.http_status = answer.status_code
            self.last_exchange.usage = _usage(answer.headers)
            self.last_exchange.regain_minutes = _regain_minutes(answer.headers, self.last_exchange.usage)
            return self._body(answer)

    @staticmethod
    def _body(answer: requests.Response) -> bytes:
        body = b""
        for piece in answer.iter_content(65536):
            body += piece
            if len(body) > MOST_BYTES:
                raise requests.exceptions.ChunkedEncodingError("the answer is too long")
        return body

    def _understood(self, step: Step, text: str, secrets: Secrets) -> dict[str, Any]:
        status, shown = self.last_exchange.http_status or 0, secrets.conceal(text)
        data, to_show = _object(text), _object(shown)
        self.last_exchange.response = (
            {"text": redact(clean(shown))[:2000]} if to_show is None else redact_data(to_show)
        )
        if data is None or not 200 <= status < 300 or data.get("error") not in (None, False):
            error = error_from_answer(step, status, shown)
            error.regain_minutes = self.last_exchange.regain_minutes
            raise error
        return data


def _object(text: str) -> dict[str, Any] | None:
    try:
        data = read_json(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _usage(headers: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name in ("x-app-usage", "x-business-use-case-usage", "facebook-api-version"):
        if name in headers:
            try:
                found[name] = read_json(headers[name])
            except ValueError:
                found[name] = clean(headers[name])[:200]
    return found


def _regain_minutes(headers: Mapping[str, str], usage: dict[str, Any]) -> int:
    """Return the longest wait that an answer names, in minutes; 0 when it names none."""
    scopes = usage.get("x-business-use-case-usage")
    lists = [rows_of({"data": rows}) for rows in scopes.values()] if isinstance(scopes, dict) else []
    minutes = [number_of(row.get("estimated_time_to_regain_access")) or 0 for rows in lists for row in rows]
    seconds = number_of(headers.get("Retry-After")) or 0
    return min(max(0, -(-seconds // 60), *minutes), MOST_REGAIN_MINUTES)


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
        rupload_url: str = META_BASE,
        **timeouts: float,
    ) -> None:
        """graph_url and rupload_url may carry a path prefix. app_secret: Facebook Login only, for appsecret_proof."""
        self._base, self._version = graph_url.rstrip("/"), version
        self._rupload = rupload_url.rstrip("/")
        self._token, self._app_secret = token, app_secret
        self._secrets = Secrets(token, app_secret)
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
        data = self._post(Step.CREATE, _path(user_id, "media"), fields)
        container_id, uri = self._id(Step.CREATE, data), text_of(data.get("uri"))
        if "upload_type" in fields:
            uri = uri or f"{META_BASE}/ig-api-upload/{self._version}/{container_id}"
        return CreatedContainer(container_id, uri)

    def upload(self, uri: str, film: IO[bytes], *, offset: int, length: int, size: int) -> bool:
        """Send `length` bytes of a video from `offset` on to its container; the file is never held in memory.

        uri: as `create_container` gave it. size: of the whole file.
        Returns True when Instagram says that it has the whole; False when its time was up before all bytes had left,
        or when they were a part of the rest, as `length` wanted. `read_container` tells what arrived then, and also
        after an InstagramError.
        Source: Instagram Platform, "Resumable uploads", POST rupload.facebook.com/ig-api-upload/<CONTAINER_ID>.
        """
        try:
            address = upload_address(uri, self._rupload)
        except ValueError as problem:
            raise InstagramError(f"Nothing was sent: {problem}.", rule=APP, step=Step.UPLOAD) from None
        body, is_rest = Stretch(film, offset, length, SEND_TIMEOUT_S), offset + length >= size
        try:
            data = self._transport.call(
                Step.UPLOAD,
                "POST",
                address,
                address.removeprefix(self._rupload),
                secrets=self._secrets,
                told={"offset": offset, "length": length, "file_size": size},
                auth=Bearer(self._token, "OAuth"),
                headers={"offset": str(offset), "file_size": str(size), "Content-Type": "application/octet-stream"},
                data=body,
            )
        except InstagramError as error:
            if body.is_late or (not is_rest and kept_a_part(error.body)):
                return False
            raise
        if data.get("success") is not True:
            raise self._transport.lacking(Step.UPLOAD)
        return is_rest

    def read_container(self, container_id: str, *, upload: bool = False) -> ContainerState:
        """Return how far Instagram is with a container; without a `status_code`, the sentence's first word counts.

        upload: ask how many bytes have arrived, too.
        Raises InstagramError also when neither tells: a guess could publish twice, or wait for ever.
        """
        fields = "id,status_code,status,video_status" if upload else "id,status_code,status"
        data = self._get(Step.STATUS, _path(container_id), fields=fields)
        text = text_of(data.get("status"))
        told = (text_of(data.get("status_code")) or text).upper().replace(" ", "_")
        code = next((state for state in CONTAINER_STATES if told.startswith(state)), None)
        if code is None:
            raise self._transport.lacking(Step.STATUS)
        return ContainerState(code, text, *_uploaded(data.get("video_status")))

    def publish_container(self, user_id: str, container_id: str) -> str:
        """Step 2 of 2: make it public; return the media id. Never repeat it without reading the container first."""
        data = self._post(Step.PUBLISH, _path(user_id, "media_publish"), {"creation_id": container_id})
        return self._id(Step.PUBLISH, data)

    def find_media(self, user_id: str, *, story: bool, since: datetime) -> list[LiveMedia]:
        """Return what went live since `since`, the newest first; at most 100."""
        found: list[LiveMedia] = []
        words: dict[str, Any] = {"fields": STORY_FIELDS if story else MEDIA_FIELDS, "limit": PAGE_SIZE}
        if not story:
            words["since"] = int(since.timestamp())
        for _page in range(MOST_PAGES):
            data = self._get(Step.FIND, _path(user_id, "stories" if story else "media"), **words)
            found += [_media(item) for item in rows_of(data) if text_of(item.get("id"))]
            words["after"] = next_cursor(data)
            if not words["after"]:
                break
        return [media for media in found if media.published_at is None or media.published_at >= since]

    def read_media(self, media_id: str) -> LiveMedia:
        """Return a published medium with its link."""
        data = self._get(Step.PERMALINK, _path(media_id), fields=MEDIA_FIELDS)
        return _media(data | {"id": media_id})

    def read_counts(self, user_id: str, since: datetime) -> dict[str, int]:
        """Return likes and comments together of each medium published since then, by its id; the newest hundred.

        A count that Instagram does not tell (likes can be hidden) makes the medium absent.
        """
        words: dict[str, Any] = {"fields": COUNT_FIELDS, "limit": PAGE_SIZE, "since": int(since.timestamp())}
        found: dict[str, int] = {}
        for _page in range(MOST_PAGES):
            data = self._get(Step.FIND, _path(user_id, "media"), **words)
            for row in rows_of(data):
                likes, comments = number_of(row.get("like_count")), number_of(row.get("comments_count"))
                if text_of(row.get("id")) and likes is not None and comments is not None:
                    found[text_of(row.get("id"))] = min(max(likes + comments, 0), MOST_COUNTED)
            words["after"] = next_cursor(data)
            if not words["after"]:
                break
        return found

    # --- Around it ------------------------------------------------------------------------------------------
    def post_comment(self, media_id: str, message: str) -> str:
        """Comment; return the comment id. List the comments before a repeat: it may be there."""
        # `fields` must not be asked for here: Instagram would comment and then answer an error.
        data = self._post(Step.COMMENT, _path(media_id, "comments"), {"message": message})
        return self._id(Step.COMMENT, data)

    def list_comments(self, media_id: str) -> list[Comment]:
        """Return the newest comments (up to 50)."""
        data = self._get(Step.COMMENTS, _path(media_id, "comments"), fields="id,text,username,from")
        return [_comment(row) for row in rows_of(data)]

    def read_quota(self, user_id: str) -> Quota:
        """Return how many posts of the last 24 h count, and the limit."""
        data = self._get(Step.QUOTA, _path(user_id, "content_publishing_limit"), fields="quota_usage,config")
        row = next(iter(rows_of(data)), {})
        config = row.get("config")
        total = config.get("quota_total") if isinstance(config, dict) else None
        return Quota(number_of(row.get("quota_usage")) or 0, number_of(total))

    def hear_of(self, user_id: str, fields: Sequence[str]) -> None:
        """Ask to be told of these fields of an account by webhook, in place of those asked for before."""
        self._post(Step.PROFILE, _path(user_id, "subscribed_apps"), {"subscribed_fields": ",".join(fields)})

    def read_profile(self) -> Profile:
        """Return whose token this is."""
        data = self._get(Step.PROFILE, "me", fields=PROFILE_FIELDS)
        row = only_row(data)
        user_id = text_of(row.get("user_id")) or text_of(row.get("id"))
        if not user_id or not text_of(row.get("username")):
            raise self._transport.lacking(Step.PROFILE)
        return Profile(
            user_id,
            text_of(row.get("id")) or user_id,
            text_of(row.get("username")),
            text_of(row.get("name")),
            text_of(row.get("account_type")),
            text_of(row.get("profile_picture_url")),
        )

    # --- Wire -----------------------------------------------------------------------------------------------
    def _get(self, step: Step, path: str, **params: Any) -> dict[str, Any]:
        return self._call(step, "GET", path, params=params | self._proof())

    def _post(self, step: Step, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        return self._call(step, "POST", path, json=fields | self._proof())

    def _call(self, step: Step, method: str, path: str, **words: Any) -> dict[str, Any]:
        shown = f"/{self._version}/{path}"
        return self._transport.call(
            step, method, self._base + shown, shown, secrets=self._secrets, auth=Bearer(self._token), **words
        )

    def _proof(self) -> dict[str, str]:
        if not self._app_secret:
            return {}
        return {"appsecret_proof": proof_of(self._token, self._app_secret)}

    def _id(self, step: Step, data: dict[str, Any]) -> str:
        found = text_of(data.get("id"))
        if not found:
            raise self._transport.lacking(step)
        return found


def _path(node: str, edge: str = "") -> str:
    """Return the path of a node, or of one of its edges; whatever the id holds, it stays one segment."""
    return quote(node, safe="") + (f"/{edge}" if edge else "")


def _uploaded(video_status: Any) -> tuple[int, bool]:
    """Return how many bytes have arrived, and whether that is all."""
    phase = video_status.get("uploading_phase") if isinstance(video_status, dict) else None
    if not isinstance(phase, dict):
        return 0, False
    return max(number_of(phase.get("bytes_transferred")) or 0, 0), phase.get("status") == "complete"


def _comment(row: dict[str, Any]) -> Comment:
    author = row.get("from")
    username = text_of(row.get("username")) or (text_of(author.get("username")) if isinstance(author, dict) else "")
    return Comment(text_of(row.get("id")), text_of(row.get("text")), username)


def _media(row: dict[str, Any]) -> LiveMedia:
    return LiveMedia(
        media_id=text_of(row.get("id")),
        media_type=text_of(row.get("media_type")),
        product_type=text_of(row.get("media_product_type")),
        permalink=_link(text_of(row.get("permalink"))),
        caption=text_of(row.get("caption")),
        published_at=_instant(text_of(row.get("timestamp"))),
        child_count=len(rows_of(row.get("children"))),
    )


def _link(text: str) -> str:
    """Return an address that a page may lead to, "" for any other: it becomes a link."""
    return text if text.startswith(("https://", "http://")) and len(text) <= LONGEST_LINK else ""


def _instant(text: str) -> datetime | None:
    """Return Graph's time ("2026-11-22T09:15:04+0000"), None when it is not one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
