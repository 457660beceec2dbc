"""One call to a simulated host, read once; and the answer it gets."""

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from scheduler.sandbox import errors, ids
from scheduler.sandbox.errors import GraphError, Problem, invalid, refuse
from scheduler.sandbox.graph.values import Params, as_text
from scheduler.sandbox.models import Comment, Control, Media, Profile, Token
from scheduler.sandbox.models.container import Container

NEWEST, OLDEST = 26, 21
_VERSION = re.compile(r"v(\d+)\.0")
_TOKEN_FAMILY = ("IGAA", "IGQ")
Owned = TypeVar("Owned", Container, Media, Comment)
_HEADER = re.compile(r"(?:Bearer|OAuth)\s+(\S+)\s*", re.IGNORECASE)


@dataclass
class Answer:
    """What goes back: a JSON body, or bytes that only pretend to be one."""

    body: Any = None
    status: int = 200
    problem: Problem | None = None
    raw: bytes | None = None
    content_type: str = "application/json; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0
    hangs_up: bool = False

    @property
    def is_good(self) -> bool:
        """Tell whether the work was done as asked."""
        return self.problem is None and self.status == 200

    def encoded(self) -> bytes:
        """Return the bytes of the body."""
        return self.raw if self.raw is not None else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass
class Call:
    """One request: who asks for what, when, and under which rules."""

    is_facebook: ClassVar[bool] = False

    request: HttpRequest
    host: str
    arrived_at: datetime  # real time
    started: float  # perf_counter
    control: Control
    now: datetime  # the sandbox's time
    version: int
    path: str  # without version and slashes at the ends
    params: Params
    kind: str = ""
    token: Token | None = None
    subject: Profile | None = None  # whose account the call is about
    trace_id: str = field(default_factory=ids.trace_id)
    outcome: Any = None  # a scripted outcome for the container this call makes or reads
    number: int = 0  # of its line in the journal
    # What a publish call did, for its line in the journal.
    container: Container | None = None
    media: Media | None = None

    @classmethod
    def read(cls, request: HttpRequest, host: str, rest: str) -> Self:
        """Return the call with its arrival time; the body is read later, by `read_body`."""
        arrived, started = time.time(), time.perf_counter()
        control = Control.load()
        version, path = _split_version(rest.strip("/"))
        return cls(
            request=request,
            host=host,
            arrived_at=datetime.fromtimestamp(arrived, UTC),
            started=started,
            control=control,
            now=control.now(),
            version=version,
            path=path,
            params=dict(request.GET.items()),
        )

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return self.request.method or "GET"

    @property
    def profile(self) -> Profile | None:
        """Return whose account the call is about, None when nobody can tell."""
        return self.subject

    def read_body(self) -> None:
        """Add the body's parameters: JSON, urlencoded or multipart."""
        if self.request.content_type == "application/json":
            self.params |= _json_object(self.request.body)
            return
        try:
            self.params |= dict(self.request.POST.items())
        except MultiPartParserError:
            raise invalid("The body could not be read") from None

    @property
    def token_text(self) -> str:
        """Return the token as sent in the header, else in the parameter."""
        header = _HEADER.fullmatch(self.request.headers.get("Authorization", ""))
        return header[1] if header else as_text(self.params, "access_token")

    def find_token(self) -> None:
        """Look the token up; whether it is any good is asked later."""
        if self.token_text:
            self.token = Token.find(self.token_text)
            self.subject = self.token.profile if self.token else None

    def signed_in(self) -> Profile:
        """Return whose data may be seen; raise 190 for a token that is missing, foreign, dead or unknown."""
        if not self.token_text.startswith(_TOKEN_FAMILY):
            raise refuse(errors.CANNOT_PARSE)
        if self.token is None:
            raise refuse(errors.BAD_TOKEN)
        if self.token.killed_subcode is not None:
            raise refuse(errors.problem_for(190, self.token.killed_subcode))
        if self.now >= self.token.expires_at:
            raise refuse(errors.TOKEN_EXPIRED, expired_text(self.token.expires_at, self.now))
        return self.token.profile

    def reach(self, permission: str) -> list[Profile]:
        """Return the accounts that the token may use for `permission`; raise 10 when it was not granted."""
        profile = self.signed_in()
        if self.token is None or not self.token.allows(permission):
            raise refuse(errors.NO_PERMISSION)
        return [profile]

    def own(self, node: str, permission: str) -> Profile:
        """Return the account that `node` names; one out of reach does not exist (100/33)."""
        for profile in self.reach(permission):
            if self.names(node, profile):
                return self.entrusted(profile, permission)
        raise refuse(errors.NO_OBJECT, id=node)

    def names(self, node: str, profile: Profile) -> bool:
        """Tell whether `node` in a path means `profile` on this host."""
        return profile.answers_to(node)

    def entrusted(self, profile: Profile, permission: str) -> Profile:
        """Return the account; on hosts where a role stands between person and account, raise when it is too small."""
        return profile

    def find(self, rows: QuerySet[Owned], node: str, permission: str) -> Owned:
        """Return the row that `node` names among those of the accounts in reach; others do not exist (100/33).

        rows: of a model with `graph_id` and `profile`.
        """
        found = rows.filter(graph_id=node, profile__in=self.reach(permission)).first()
        if found is None:
            raise refuse(errors.NO_OBJECT, id=node)
        self.entrusted(found.profile, permission)
        return found

    def refused(self, error: GraphError) -> Answer:
        """Return the answer that tells the client what is wrong."""
        problem = error.problem
        body = problem.envelope(self.trace_id, self.control.foreign_texts)
        headers = {}
        if problem.code == 190:
            headers["WWW-Authenticate"] = f'OAuth "Facebook Platform" "invalid_token" "{problem.message[:120]}"'
        return Answer(body, problem.http_status, problem, headers=headers)


def _split_version(path: str) -> tuple[int, str]:
    """Return the version that answers and the path without it: a dead one is served by the oldest."""
    first, _, rest = path.partition("/")
    named = _VERSION.fullmatch(first)
    if not named:
        return NEWEST, path
    return max(int(named[1]), OLDEST), rest


def _json_object(body: bytes) -> Params:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise invalid("The body is not valid JSON") from None
    if not isinstance(value, dict):
        raise invalid("The body must be a JSON object")
    return value


def expired_text(expired_at: datetime, now: datetime) -> str:
    """Return how 190/463 words the end of a session."""
    form = "%A, %d-%b-%y %H:%M:%S UTC"
    return (
        f"Error validating access token: Session has expired on {expired_at:{form}}. "
        f"The current time is {now:{form}}."
    )
