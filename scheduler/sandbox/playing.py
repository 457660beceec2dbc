"""Let a scripted fault happen, and the menu of faults a person can choose from."""

import errno
import json
import math
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from scheduler.sandbox import errors
from scheduler.sandbox.graph.call import Answer, Call
from scheduler.sandbox.models import ScriptedFault
from scheduler.sandbox.models.container import Container

Play = ScriptedFault.Play
# Set by the adapter that calls the site without a socket: it never sleeps, it is told how long it would take.
IN_PROCESS = "sandbox.in_process"
WAIT_HEADER = "X-Sandbox-Wait-S"
_HTML = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Bad Gateway</h1></body></html>"


def take(script: list[ScriptedFault], call: Call, *, after_work: bool) -> ScriptedFault | None:
    """Return the first fault of this phase that is still to be had, used up by one call."""
    for fault in script:
        if fault.after_work == after_work and fault.take(call.now):
            return fault
    return None


def nap(request: HttpRequest, answer: Answer, seconds: float) -> None:
    """Take `seconds` before answering."""
    if request.META.get(IN_PROCESS):
        answer.wait_s += seconds
    else:
        time.sleep(seconds)


def played(fault: ScriptedFault, call: Call, answer: Answer) -> Answer:
    """Return what the client gets to hear in place of `answer`."""
    if fault.play == Play.ERROR:
        return _error(fault, call)
    if fault.play == Play.SLOW:
        nap(call.request, answer, fault.seconds)
        return answer
    if fault.play == Play.DROP:
        return replace(answer, hangs_up=True)
    return _garbled(fault.play, answer)


def _garbled(play: str, answer: Answer) -> Answer:
    if play == Play.HTML:
        return Answer(raw=_HTML, status=502, content_type="text/html; charset=utf-8")
    if play == Play.SERVER_ERROR:
        return Answer(raw=b"", status=500, content_type="text/plain")
    if play == Play.TRUNCATED:
        whole = answer.encoded()
        return Answer(raw=whole[: len(whole) // 2])
    if play == Play.NOT_JSON:
        return Answer(raw=b"for (;;); OK", content_type="text/html; charset=utf-8")
    return Answer(raw=b"")


def _error(fault: ScriptedFault, call: Call) -> Answer:
    problem = errors.problem_for(fault.code or 1, fault.subcode)
    problem = replace(
        problem,
        message=(fault.message or problem.message).replace("{id}", call.path),
        http_status=fault.http_status or problem.http_status,
    )
    answer = call.refused(errors.GraphError(problem))
    if problem.code in errors.THROTTLES and problem.subcode != errors.ACTION_BLOCKED.subcode:
        answer.headers |= usage_headers(call, 100 + fault.hits + 1, _minutes_left(fault, call), problem.code)
    return answer


def _minutes_left(fault: ScriptedFault, call: Call) -> int:
    return math.ceil((fault.until - call.now).total_seconds() / 60) if fault.until else 0


_LIMITED = {80001: "pages", 80006: "messenger"}


def usage_headers(call: Call, percent: int, minutes: int = 0, code: int = 0) -> dict[str, str]:
    """Return the headers that tell how much of the call limits is used. Source: fact sheet 6.

    minutes: until the caller may go on. code: of the throttle, which names the use case.
    """
    counts = {"call_count": percent, "total_time": percent // 2, "total_cputime": percent // 3}
    headers = {"X-App-Usage": json.dumps(counts)}
    if call.profile:
        kind = _LIMITED.get(code, "instagram")
        usage = [{"type": kind, **counts, "estimated_time_to_regain_access": minutes}]
        headers["X-Business-Use-Case-Usage"] = json.dumps({call.profile.user_id: usage})
    return headers


def hang_up(request: HttpRequest) -> HttpResponseBase:
    """Return a response that breaks the connection instead of answering."""
    response = StreamingHttpResponse(_break(_socket_of(request.META)))
    response["Content-Encoding"] = "identity"  # compression would send its first bytes before the break
    return response


def _break(connection: socket.socket | None) -> Iterator[bytes]:
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError(errno.ECONNRESET, "The script drops this connection.")
    yield b""


def _socket_of(environ: dict[str, Any]) -> socket.socket | None:
    """Return the client's socket: gunicorn gives it, Django's own server hides it behind the body."""
    if "gunicorn.socket" in environ:
        return environ["gunicorn.socket"]
    body = getattr(getattr(environ.get("wsgi.input"), "_read", None), "__self__", None)
    return getattr(getattr(body, "raw", None), "_sock", None)


def finished(call: Call, answer: Answer) -> HttpResponseBase:
    """Return the HTTP answer, or the broken connection, of a call."""
    if answer.hangs_up:
        return hang_up(call.request)
    response = HttpResponse(answer.encoded(), status=answer.status, content_type=answer.content_type)
    for name, value in answer.headers.items():
        response[name] = value
    # Refusals are what the sandbox is for: Django shall not log them as mishaps of this site.
    vars(response)["_has_been_logged"] = True
    if answer.wait_s:
        response[WAIT_HEADER] = str(answer.wait_s)
    return response


def _fault(label: Any, kind: str, play: str, **facts: Any) -> dict[str, Any]:
    return {"label": label, "kind": kind, "play": play, **facts}


def _refusal(label: Any, kind: str, problem: errors.Problem, **facts: Any) -> dict[str, Any]:
    return _fault(label, kind, Play.ERROR, code=problem.code, subcode=problem.subcode, **facts)


# How fetching and processing can fail, as the container's status tells it (fact sheet 5.3).
FAILURES = (
    *(2207003, 2207020, 2207032, 2207052, 2207053, 2207057),
    *(2207067, 2207069, 2207076, 2207077, 2207082),
)


def _ends_in(subcode: int) -> dict[str, Any]:
    label = format_lazy(_("The next container ends in {subcode}"), subcode=subcode)
    return _fault(label, "create", Play.OUTCOME, outcome=Container.Outcome.ERROR, subcode=subcode)


# What the control panel offers by name; every other combination can be put together there.
MENU: dict[str, dict[str, Any]] = {
    "published-then-dropped": _fault(
        _("Published, then the connection drops"), "publish", Play.DROP, after_work=True
    ),
    "published-then-slow": _fault(
        _("Published, but the answer takes 40 s"), "publish", Play.SLOW, after_work=True, seconds=40
    ),
    "published-then-blocked": _refusal(
        _("Published, but answered 4 / 2207051"), "publish", errors.ACTION_BLOCKED, after_work=True
    ),
    "published-then-500": _fault(_("Published, but answered 500"), "publish", Play.SERVER_ERROR, after_work=True),
    "publish-500": _fault(_("Publishing answers an empty 500"), "publish", Play.SERVER_ERROR),
    "publish-duplicate": _refusal(_("Duplicate post, 506"), "publish", errors.DUPLICATE),
    "publish-dropped": _fault(_("Dropped before publishing"), "publish", Play.DROP),
    "publish-unready": _refusal(_("Not ready once more, 9007 / 2207027"), "publish", errors.NOT_READY),
    "publish-fatal": _refusal(_("Refused, −1 / 2207085"), "publish", errors.FATAL),
    "publish-quota": _refusal(_("Daily limit, 9 / 2207042"), "publish", errors.QUOTA_REACHED),
    "publish-502": _fault(_("Publishing answers an HTML page, 502"), "publish", Play.HTML),
    "create-not-fetched": _refusal(_("Media link not reachable, 9004"), "create", errors.NOT_FETCHED),
    "create-busy": _refusal(_("Service temporarily down, 2"), "create", errors.SERVICE_DOWN),
    "create-slow-host": _refusal(_("Media host too slow, −2 / 2207003"), "create", errors.DOWNLOAD_TIMEOUT),
    "create-trial-refused": _refusal(_("No trial reels, 10 / 2207081"), "create", errors.TRIAL_UNAVAILABLE),
    "create-trial-limit": _refusal(_("Trial reels used up, 10 / 2207078"), "create", errors.TRIAL_LIMIT),
    "container-error": _ends_in(2207026),
    **{f"container-error-{subcode}": _ends_in(subcode) for subcode in FAILURES},
    "container-stuck": _fault(
        _("The next container stays in progress"), "create", Play.OUTCOME, outcome=Container.Outcome.STUCK
    ),
    "container-expired": _fault(
        _("The next container expires"), "create", Play.OUTCOME, outcome=Container.Outcome.EXPIRED
    ),
    "container-wordless": _fault(
        _("The next container fails without a status code"),
        "create",
        Play.OUTCOME,
        outcome=Container.Outcome.NO_STATUS_CODE,
    ),
    "reads-fail": _refusal(
        _("Containers cannot be read for 2 minutes, 100 / 33"), "status", errors.NO_OBJECT, for_seconds=120
    ),
    "throttled": _refusal(_("Too many calls for 5 minutes, 80002"), "any", errors.BUSINESS_LIMIT, for_seconds=300),
    "throttled-app": _refusal(_("Too many calls of the app, 4"), "any", errors.APP_LIMIT, for_seconds=300),
    "throttled-user": _refusal(_("Too many calls of a person, 17"), "any", errors.USER_LIMIT, for_seconds=300),
    "throttled-page": _refusal(_("Too many calls of a Page, 32"), "any", errors.PAGE_LIMIT, for_seconds=300),
    "throttled-custom": _refusal(_("Too many calls for 5 minutes, 613"), "any", errors.CUSTOM_LIMIT, for_seconds=300),
    "blocked": _refusal(_("Blocked for a day, 368"), "publish", errors.BLOCKED, for_seconds=86_400),
    "token-expired": _refusal(_("Token expired, 190 / 463"), "any", errors.TOKEN_EXPIRED),
    "password-changed": _refusal(_("Password changed, 190 / 460"), "any", errors.PASSWORD_CHANGED),
    "restricted": _refusal(_("Account restricted, 25 / 2207050"), "publish", errors.RESTRICTED),
    "slow": _fault(_("Every kind of call, slow by 10 s"), "any", Play.SLOW, seconds=10),
    "upload-cut": _fault(
        _("The connection breaks after 100 kB of an upload"), "upload", Play.CUT, after_bytes=100_000
    ),
    "upload-refused": _refusal(_("The upload is refused, try again"), "upload", errors.SERVICE_DOWN),
    "comment-then-dropped": _fault(_("Commented, then the connection drops"), "comment", Play.DROP, after_work=True),
    "not-json": _fault(_("An answer that is not JSON"), "any", Play.NOT_JSON),
    "truncated": _fault(_("A truncated answer"), "any", Play.TRUNCATED),
    "empty": _fault(_("An empty answer"), "any", Play.EMPTY),
}
