"""The sandbox Instagram as tests hold it: people, tokens, faults, the clock, and what was published.

`Sandbox` reads and writes the sandbox's own rows; the code under test meets it only over HTTP, through
`WsgiAdapter`, which calls the site without a socket.
"""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.db.models import QuerySet
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from scheduler.sandbox import casting, errors, playing
from scheduler.sandbox.models import (
    ApiCall,
    Comment,
    Container,
    Control,
    FacebookPerson,
    FacebookToken,
    Grant,
    Media,
    Page,
    PageRole,
    Profile,
    PublishCall,
    ScriptedFault,
    Token,
)
from scheduler.sandbox.models.facebook import FACEBOOK_SCOPES
from scheduler.sandbox.models.login import SCOPES
from tests.sandbox.pictures import film, picture

SITE = "http://testserver"
GRAPH_URL = f"{SITE}/sandbox/graph.instagram.com"
API_URL = f"{SITE}/sandbox/api.instagram.com"
WWW_URL = f"{SITE}/sandbox/www.instagram.com"
FACEBOOK_URL = f"{SITE}/sandbox/graph.facebook.com"
DIALOG_URL = f"{SITE}/sandbox/www.facebook.com/v26.0/dialog/oauth"
RUPLOAD_URL = f"{SITE}/sandbox/rupload.facebook.com"


class WsgiAdapter(requests.adapters.BaseAdapter):
    """Serve requests from the Django site in this process: no socket, no sleeping.

    A scripted wait longer than the caller's time-out is a ReadTimeout at once (the work is done, as on a
    real server); a dropped connection is a ConnectionError. `passed` lists what went through: (method, URL).
    """

    def __init__(self) -> None:
        super().__init__()
        self.passed: list[tuple[str, str]] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Answer one request."""
        self.passed.append((request.method, request.url))
        environ = _environ(request)
        # The inner request must not change this thread's language and zone.
        status, headers, body = copy_context().run(self._call, environ, request)
        wait_s = float(headers.get(playing.WAIT_HEADER, 0))
        if wait_s and wait_s >= _patience_s(options.get("timeout")):
            raise requests.ReadTimeout("The answer took too long.", request=request)
        return _response(request, status, headers, body)

    def _call(
        self, environ: dict[str, Any], request: requests.PreparedRequest
    ) -> tuple[int, CaseInsensitiveDict, bytes]:
        started: list[Any] = []
        with _open_connections():
            answer = get_wsgi_application_once()(environ, lambda *told: started.append(told))
            try:
                body = b"".join(answer)
            except ConnectionResetError:
                raise requests.ConnectionError("The connection was dropped.", request=request) from None
            finally:
                answer.close()
        status, headers = started[0][:2]
        return int(status.split()[0]), CaseInsensitiveDict(headers), body

    def close(self) -> None:
        """Nothing is kept open."""


_application: list[Callable[..., Any]] = []


def get_wsgi_application_once() -> Callable[..., Any]:
    """Return the site, built at first use."""
    if not _application:
        _application.append(WSGIHandler())  # get_wsgi_application would set logging up anew in the middle of a test
    return _application[0]


@contextmanager
def _open_connections():
    """Keep the test's database connections open, as Django's own test client does; also for a call inside a call."""
    cut = [signal for signal in (request_started, request_finished) if signal.disconnect(close_old_connections)]
    try:
        yield
    finally:
        for signal in cut:  # what an outer call has cut is the outer call's to mend
            signal.connect(close_old_connections)


def _patience_s(timeout: Any) -> float:
    limit = timeout[1] if isinstance(timeout, tuple) else timeout
    return float("inf") if limit is None else float(getattr(limit, "read_timeout", limit))


def _bytes_of(body: Any) -> bytes:
    """Return a body that may be text, bytes, a file or pieces."""
    if hasattr(body, "read"):
        return body.read()
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body or ())


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    address, body = urlsplit(request.url), _bytes_of(request.body)
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in request.headers.items()
        if name.lower() not in {"content-type", "content-length"}
    }
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(address.path).encode().decode("latin-1"),
        "QUERY_STRING": address.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": address.hostname,
        "SERVER_PORT": str(address.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": address.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        playing.IN_PROCESS: True,
        **headers,
    }


def _response(
    request: requests.PreparedRequest, status: int, headers: CaseInsensitiveDict, body: bytes
) -> requests.Response:
    response = requests.Response()
    response.status_code, response.url, response.request = status, request.url, request
    response.headers = headers
    response.raw = HTTPResponse(BytesIO(body), headers=dict(headers), status=status, preload_content=False)
    response.encoding = requests.utils.get_encoding_from_headers(headers)
    return response


class Web(requests.adapters.BaseAdapter):
    """Other people's web servers: `serve` puts a file at an address, as a good or a bad host would.

    `passed` lists the requests that arrived, with their headers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, dict[str, Any]] = {}
        self.passed: list[requests.PreparedRequest] = []

    def serve(
        self,
        url: str,
        body: bytes,
        content_type: str = "image/jpeg",
        *,
        status: int = 200,
        ranges: bool = True,
        error: Exception | None = None,
        **headers: str,
    ) -> str:
        """Answer `url` from now on; `ranges=False` ignores Range, `error` is raised instead. Return `url`."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Content-Type"] = content_type
        self.files[url] = {
            "body": body,
            "status": status,
            "ranges": ranges,
            "error": error,
            "headers": headers,
        }
        return url

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Answer one request; an address that nobody serves is a 404."""
        self.passed.append(request)
        file = self.files.get(request.url)
        if file is None:
            return _response(request, 404, CaseInsensitiveDict({"Content-Type": "text/html"}), b"")
        if file["error"]:
            raise file["error"]
        headers, status = CaseInsensitiveDict(file["headers"]), file["status"]
        if status == 200 and file["ranges"] and "Range" in request.headers:
            size = len(file["body"])
            status, headers["Content-Range"] = 206, f"bytes 0-{size - 1}/{size}"
        headers["Content-Length"] = str(len(file["body"]))
        return _response(request, status, headers, file["body"])

    def close(self) -> None:
        """Nothing is kept open."""


def session_for(web: Web | None = None) -> requests.Session:
    """Return a session that reaches the site in this process and, with `web`, other hosts; never a network."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    if web is not None:
        session.mount("https://", web)
        session.mount("http://", web)
    session.mount(f"{SITE}/", WsgiAdapter())
    return session


class Sandbox:
    """The simulated Instagram in a test's hand."""

    graph_url, api_url, www_url = GRAPH_URL, API_URL, WWW_URL

    def __init__(self) -> None:
        self.web = Web()
        self.session = session_for(self.web)

    # --- People -------------------------------------------------------------------------------------------
    def profile(self, username: str = "padaria.aurora", account_type: str | None = None) -> Profile:
        """Return an account, made when it is not there yet."""
        found = Profile.everyone().filter(username=username).first()
        if found is None:
            name = username.replace(".", " ").title()
            return Profile.objects.create(username=username, name=name, account_type=account_type or "BUSINESS")
        if account_type and found.account_type != account_type:
            found.account_type = account_type
            found.save()
        return found

    def token_for(self, profile: Profile, permissions: tuple[str, ...] = SCOPES, *, long: bool = True) -> str:
        """Return a fresh token, issued at the sandbox's present time."""
        return Token.issue(profile, ",".join(permissions), self.now(), long=long)[1]

    def person(self, slug: str = "marina") -> FacebookPerson:
        """Return somebody on Facebook: marina (six Pages, two of them only by her business) or rafael."""
        return next(person for person in casting.people() if person.slug == slug)

    def page(self, name: str = "Padaria Aurora") -> Page:
        """Return a Facebook Page by its name."""
        casting.people()
        return Page.objects.get(name=name)

    def facebook_token_for(
        self,
        person: FacebookPerson | None = None,
        permissions: tuple[str, ...] = FACEBOOK_SCOPES,
        *,
        long: bool = True,
    ) -> str:
        """Return a fresh user token; the person grants `permissions` and every Page and account for it."""
        person = person or self.person()
        pages = [role.page for role in person.roles.select_related("page__profile")]
        facts = {
            "permissions": dict.fromkeys(permissions, "granted"),
            "page_ids": [page.graph_id for page in pages],
            "account_ids": [page.profile.user_id for page in pages if page.profile],
            "signed_in_at": self.now(),
        }
        Grant.objects.update_or_create(person=person, defaults=facts)
        return FacebookToken.issue(person, self.now(), long=long)[1]

    def page_token_for(
        self,
        page: Page | None = None,
        person: FacebookPerson | None = None,
        permissions: tuple[str, ...] = FACEBOOK_SCOPES,
        *,
        long: bool = True,
    ) -> str:
        """Return a fresh Page token, made from a fresh user token."""
        user_token = FacebookToken.find(self.facebook_token_for(person, permissions, long=long))
        return user_token.issue_for(page or self.page(), self.now())

    def lose_role(self, page: Page, person: FacebookPerson | None = None) -> None:
        """Take a person's role on a Page away: its Page tokens answer 190/492 from now on."""
        PageRole.objects.filter(page=page, person=person or self.person()).update(is_lost=True)

    def allow_facebook(
        self,
        dialog_url: str,
        person: FacebookPerson | None = None,
        *,
        without: tuple[str, ...] = (),
        without_pages: tuple[Page, ...] = (),
        without_accounts: tuple[Profile, ...] = (),
    ) -> str:
        """Pass Facebook's dialog with some things unticked; return the callback address."""
        extra = {
            "as": (person or self.person()).slug,
            "without": ",".join(without),
            "without_pages": ",".join(page.graph_id for page in without_pages),
            "without_accounts": ",".join(profile.user_id for profile in without_accounts),
        }
        return self._follow(self._consent(dialog_url, extra), "allow")

    def deny_facebook(self, dialog_url: str) -> str:
        """Say no in Facebook's dialog; return the callback address with the denial."""
        return self.deny(dialog_url)

    def allow(self, authorize_url: str, profile: Profile | None = None, without: tuple[str, ...] = ()) -> str:
        """Pass the consent page as a person would; return the callback address with code and state."""
        chosen = (profile or self.profile()).username
        page = self._consent(authorize_url, {"as": chosen, "without": ",".join(without)})
        return self._follow(page, "allow")

    def deny(self, authorize_url: str) -> str:
        """Say no on the consent page; return the callback address with the denial."""
        return self._follow(self._consent(authorize_url, {}), "deny")

    def _consent(self, authorize_url: str, extra: dict[str, str]) -> requests.Response:
        path = urlsplit(authorize_url)
        page = self.session.get(f"{SITE}{path.path}?{path.query}", params=extra, timeout=5)
        assert page.status_code == 200, page.text
        return page

    def _follow(self, page: requests.Response, name: str) -> str:
        before, _, _after = page.text.partition(f'data-answer="{name}"')
        link = before.rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        answer = self.session.get(f"{SITE}{link}", allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    # --- The clock and the rules --------------------------------------------------------------------------
    def now(self) -> Any:
        """Return the sandbox's present time."""
        return Control.load().now()

    def advance(self, by: timedelta) -> None:
        """Let time pass in the sandbox only."""
        control = Control.load()
        self.set(clock_offset_s=control.clock_offset_s + by.total_seconds())

    def set(self, **rules: Any) -> None:
        """Change the control row: delay_image_s, delay_video_s, quota_total, token_shape, list_lag_s …"""
        if not Control.objects.filter(pk=1).update(**rules):
            Control.load()
            Control.objects.update(**rules)

    def instant(self) -> None:
        """Take every processing delay away."""
        self.set(delay_image_s=0, delay_video_s=0, delay_video_s_per_mb=0, list_lag_s=0)

    # --- The script ---------------------------------------------------------------------------------------
    def next_call(
        self,
        kind: str = "any",
        play: str = "error",
        *,
        error: dict[str, Any] | None = None,
        named: str = "",
        times: int = 1,
        for_time: timedelta | None = None,
        account: Profile | None = None,
        **facts: Any,
    ) -> ScriptedFault:
        """Script the next `times` calls of `kind`, or all of them `for_time`.

        play:  error, slow, html, server_error, empty, truncated, not_json, drop, outcome.
        facts: code, subcode, message, http_status, seconds, after_work, outcome; `error={…}` does the same.
        named: an entry of the control panel's menu instead, such as "published-then-dropped".
        """
        if named:
            menu = {name: value for name, value in playing.MENU[named].items() if name != "label"}
            lasts = timedelta(seconds=menu.pop("for_seconds", 0))
            for_time = for_time or lasts or None
            kind, play, facts = menu.pop("kind"), menu.pop("play"), menu | facts
        facts |= error or {}
        if play == "error":
            facts.setdefault("code", 1)
        counted = {"until": self.now() + for_time, "remaining": None} if for_time else {"remaining": times}
        return ScriptedFault.objects.create(kind=kind, play=play, profile=account, **counted, **facts)

    def clear_script(self) -> None:
        """Let everything go well from now on."""
        ScriptedFault.objects.all().delete()

    # --- What happened ------------------------------------------------------------------------------------
    def published(self, profile: Profile | None = None) -> list[Media]:
        """Return what is live, the oldest first; carousel items are not counted."""
        rows = Media.live().filter(parent=None).select_related("container", "profile").order_by("pk")
        return list(rows.filter(profile=profile) if profile else rows)

    def publish_calls(self, container_id: str = "") -> list[PublishCall]:
        """Return the arrivals of media_publish in order, of one container or of all."""
        rows = PublishCall.objects.order_by("arrived_at", "pk")
        return list(rows.filter(creation_id=container_id) if container_id else rows)

    def calls(self, kind: str = "") -> list[ApiCall]:
        """Return the journal in order of arrival, of one kind or all."""
        rows = ApiCall.objects.order_by("pk")
        return list(rows.filter(kind=kind) if kind else rows)

    def recorded_requests(self, path: str, host: str = "") -> list[dict[str, Any]]:
        """Return the parameters of every call whose path ends with `path`, as they arrived, without secrets.

        path: such as "/media" or "media_publish"; "" gives all. Values are as the body's encoding has them:
        nested objects of a JSON body stay objects, those of forms are their JSON text.
        """
        rows = ApiCall.objects.filter(path__endswith=path).order_by("pk")
        return [row.params for row in (rows.filter(host=host) if host else rows)]

    def containers(self, profile: Profile | None = None) -> QuerySet[Container]:
        """Return the containers, the oldest first."""
        rows = Container.objects.order_by("pk")
        return rows.filter(profile=profile) if profile else rows

    def comments(self, media: Media) -> list[Comment]:
        """Return the comments of a post, the oldest first."""
        return list(media.comments.order_by("pk"))

    # --- Media to publish ---------------------------------------------------------------------------------
    def host_picture(self, name: str = "a.jpg", **look: Any) -> str:
        """Put a picture on somebody's web server; return its address."""
        return self.web.serve(f"https://cdn.example/{name}", picture(**look))

    def host_film(self, name: str = "v.mp4", **look: Any) -> str:
        """Put a film on somebody's web server; return its address."""
        return self.web.serve(f"https://cdn.example/{name}", film(**look), "video/mp4")

    # --- Calls as a client makes them -----------------------------------------------------------------------
    def call(
        self, method: str, path: str, token: str = "", timeout: float | None = 5, url: str = "", **options: Any
    ) -> requests.Response:
        """Call the Graph host of the token's family; `path` may begin with a version. The token goes into the header.

        url: another host, such as GRAPH_URL or FACEBOOK_URL.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= options.pop("headers", {})
        return self.session.request(
            method, f"{url or host_of(token)}/{path}", headers=headers, timeout=timeout, **options
        )

    def facebook(self, method: str, path: str, token: str = "", **options: Any) -> requests.Response:
        """Call graph.facebook.com."""
        return self.call(method, path, token, url=FACEBOOK_URL, **options)

    def make(self, profile: Profile, token: str, **fields: Any) -> requests.Response:
        """POST /media with JSON fields, on the host of the token's family."""
        return self.call("POST", f"v26.0/{profile.user_id}/media", token, json=fields)

    def ready(self, profile: Profile, token: str, **fields: Any) -> str:
        """Make a container that is finished; return its id. A picture is hosted when no media is named."""
        self.instant()
        if not fields.keys() & {"image_url", "video_url", "children"}:
            fields["image_url"] = self.host_picture()
        answer = self.make(profile, token, **fields)
        assert answer.status_code == 200, answer.text
        state = self.call("GET", answer.json()["id"], token, params={"fields": "status_code,status"})
        assert state.json()["status_code"] == "FINISHED", state.text
        return answer.json()["id"]

    def publish(self, profile: Profile, token: str, container_id: str, **options: Any) -> requests.Response:
        """POST /media_publish, on the host of the token's family."""
        path = f"v26.0/{profile.user_id}/media_publish"
        return self.call("POST", path, token, data={"creation_id": container_id}, **options)


def host_of(token: str) -> str:
    """Return the Graph's address for tokens of this family."""
    return FACEBOOK_URL if token.startswith("EAA") else GRAPH_URL


def code_of(callback: str) -> str:
    """Return the code in a callback address."""
    return parse_qs(urlsplit(callback).query)["code"][0]


def refusal(answer: requests.Response) -> tuple[int, int | None]:
    """Return (code, subcode) of a Graph error."""
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode")


def pair(problem: errors.Problem) -> tuple[int, int | None]:
    """Return (code, subcode) of a row of the sandbox's table."""
    return problem.code, problem.subcode


def authorize_address(**changes: str) -> str:
    """Return the address of the consent page as a proper client builds it."""
    query = {
        "client_id": settings.INSTAGRAM_APP_ID,
        "redirect_uri": f"{settings.PUBLIC_BASE_URL}/accounts/callback/instagram/",
        "response_type": "code",
        "scope": ",".join(SCOPES[:3]),
        "state": "s3cr3t",
    } | changes
    return requests.Request("GET", f"{WWW_URL}/oauth/authorize", params=query).prepare().url


def facebook_address(**changes: str) -> str:
    """Return the address of Facebook's dialog as a proper client builds it; "" leaves a parameter out."""
    query = {
        "client_id": settings.FACEBOOK_APP_ID,
        "redirect_uri": f"{settings.PUBLIC_BASE_URL}/accounts/callback/facebook/",
        "response_type": "code",
        "scope": ",".join(FACEBOOK_SCOPES[:8]),
        "state": "s3cr3t",
    } | changes
    told = {name: value for name, value in query.items() if value}
    return requests.Request("GET", DIALOG_URL, params=told).prepare().url
