"""The entrance of the two Graph hosts: which call is it, does the script spoil it, what is the answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from scheduler.sandbox import ids, playing
from scheduler.sandbox.errors import GraphError, Problem
from scheduler.sandbox.graph import (
    comments,
    containers,
    facebook_nodes,
    facebook_tokens,
    insights,
    journal,
    publishing,
    reading,
    subscriptions,
    tokens,
)
from scheduler.sandbox.graph.call import Answer, Call
from scheduler.sandbox.graph.facebook_call import FacebookCall
from scheduler.sandbox.models import ScriptedFault
from scheduler.sandbox.models.fault import Kind

HOST = "graph.instagram.com"
FACEBOOK_HOST = "graph.facebook.com"
# Each host gives its handlers its own kind of call.
Handler = Callable[[Any, str], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """A method, the form of a path, what such a call is about, and who answers it."""

    method: str
    path: re.Pattern[str]
    kind: Kind
    handler: Handler


def _route(method: str, path: str, kind: Kind, handler: Handler) -> Route:
    node = r"(?P<node>me|\d{1,30})"
    return Route(method, re.compile(path.replace("NODE", node)), kind, handler)


# Everything below an Instagram account is the same on both hosts.
_SHARED = (
    _route("POST", r"NODE/media_publish", Kind.PUBLISH, publishing.publish),
    _route("POST", r"NODE/media", Kind.CREATE, containers.create),
    _route("GET", r"NODE/media", Kind.LIST, reading.posts),
    _route("GET", r"NODE/stories", Kind.LIST, reading.stories),
    _route("GET", r"NODE/content_publishing_limit", Kind.QUOTA, reading.quota),
    _route("POST", r"NODE/subscribed_apps", Kind.ME, subscriptions.subscribe),
    _route("GET", r"NODE/subscribed_apps", Kind.ME, subscriptions.subscriptions),
    _route("DELETE", r"NODE/subscribed_apps", Kind.ME, subscriptions.unsubscribe),
    _route("POST", r"NODE/comments", Kind.COMMENT, comments.write),
    _route("GET", r"NODE/comments", Kind.COMMENTS, comments.comments),
    _route("POST", rf"(?P<node>{ids.COMMENT}\d+)/replies", Kind.COMMENT, comments.reply),
    _route("POST", rf"(?P<node>{ids.COMMENT}\d+)", Kind.COMMENT, comments.hide),
    _route("DELETE", rf"(?P<node>{ids.COMMENT}\d+)", Kind.COMMENT, comments.delete),
    _route("GET", rf"(?P<node>{ids.COMMENT}\d+)", Kind.COMMENTS, comments.read),
    _route("POST", rf"(?P<node>{ids.MEDIA}\d+)", Kind.READ_MEDIA, reading.change),
    _route("GET", r"NODE/children", Kind.READ_MEDIA, reading.children),
    _route("GET", rf"(?P<node>{ids.MEDIA}\d+)/insights", Kind.INSIGHTS, insights.of_media),
    _route("GET", r"NODE/insights", Kind.INSIGHTS, insights.of_account),
    _route("GET", rf"(?P<node>{ids.CONTAINER}\d+)", Kind.STATUS, containers.read),
    _route("GET", rf"(?P<node>{ids.MEDIA}\d+)", Kind.READ_MEDIA, reading.media),
)
ROUTES = (
    _route("GET", r"access_token", Kind.OAUTH, tokens.exchange),
    _route("GET", r"refresh_access_token", Kind.OAUTH, tokens.refresh),
    _route("DELETE", r"NODE/permissions", Kind.OAUTH, tokens.revoke),
    *_SHARED,
    _route("GET", r"NODE", Kind.ME, reading.me),
)
FACEBOOK_ROUTES = (
    _route("GET", r"oauth/access_token", Kind.OAUTH, facebook_tokens.access_token),
    _route("POST", r"oauth/access_token", Kind.OAUTH, facebook_tokens.access_token),
    _route("GET", r"debug_token", Kind.OAUTH, facebook_tokens.debug_token),
    _route("GET", r"NODE/permissions", Kind.OAUTH, facebook_nodes.permissions),
    _route("DELETE", r"NODE/permissions", Kind.OAUTH, facebook_nodes.revoke),
    _route("DELETE", r"NODE/permissions/\w+", Kind.OAUTH, facebook_nodes.revoke_one),
    _route("GET", r"pages/search", Kind.PAGES, facebook_nodes.search_pages),
    _route("GET", r"NODE/accounts", Kind.PAGES, facebook_nodes.accounts),
    _route("GET", r"NODE/businesses", Kind.PAGES, facebook_nodes.businesses),
    _route("GET", r"NODE/owned_pages", Kind.PAGES, facebook_nodes.owned_pages),
    _route("GET", r"NODE/client_pages", Kind.PAGES, facebook_nodes.client_pages),
    *_SHARED,
    _route("DELETE", rf"(?P<node>{ids.MEDIA}\d+)", Kind.READ_MEDIA, publishing.delete),
    _route("GET", rf"(?P<node>{ids.USER}\d+)", Kind.ME, facebook_nodes.account),
    _route("GET", r"me", Kind.ME, facebook_nodes.me),
    _route("GET", r"(?P<node>\d+)", Kind.PAGES, facebook_nodes.page),
)


@csrf_exempt
def graph(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer one call of graph.instagram.com."""
    return _served(Call.read(request, HOST, rest), ROUTES)


@csrf_exempt
def facebook_graph(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Answer one call of graph.facebook.com."""
    return _served(FacebookCall.read(request, FACEBOOK_HOST, rest), FACEBOOK_ROUTES)


def _served(call: Call, routes: tuple[Route, ...]) -> HttpResponseBase:
    answer = _answer(call, routes)
    answer.headers |= _usage_headers(call, answer) | _trace_headers(call)
    return playing.finished(call, answer)


def _usage_headers(call: Call, answer: Answer) -> dict[str, str]:
    """Return how much of the limits is used, on every Nth answer; a throttle has told it by itself."""
    is_due = call.number % call.control.usage_every == 0
    if "X-App-Usage" in answer.headers or not is_due:
        return {}
    return playing.usage_headers(call, call.control.usage_percent)


def _trace_headers(call: Call) -> dict[str, str]:
    return {
        "facebook-api-version": f"v{call.version}.0",
        "x-fb-trace-id": call.trace_id,
        "x-fb-request-id": call.trace_id,
        "x-fb-rev": "1030000000",
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
    }


def _answer(call: Call, routes: tuple[Route, ...]) -> Answer:
    try:
        handler, node = _find(call, routes)
        call.read_body()
    except GraphError as error:
        answer = call.refused(error)
        journal.record(call, answer)
        return answer
    call.find_token()
    script = list(ScriptedFault.objects.waiting(call.kind, call.profile, call.now))
    return _scripted(call, handler, node, script) if script else _work(call, handler, node)


def _find(call: Call, routes: tuple[Route, ...]) -> tuple[Handler, str]:
    for route in routes:
        found = route.path.fullmatch(call.path) if route.method == call.method else None
        if found:
            call.kind = route.kind
            return route.handler, found.groupdict().get("node", "")
    raise GraphError(Problem(2500, None, f"Unknown path components: /{call.path}", transient=None))


def _scripted(call: Call, handler: Handler, node: str, script: list[ScriptedFault]) -> Answer:
    before = playing.take(script, call, after_work=False)
    wait = Answer()
    if before and before.play == playing.Play.OUTCOME:
        call.outcome = before
    elif before and before.play == playing.Play.SLOW:
        playing.nap(call.request, wait, before.seconds)
        call.now = call.control.now()
    elif before:
        answer = playing.played(before, call, Answer({"success": True}))
        journal.record(call, answer, not_done=True)
        return answer
    answer = _work(call, handler, node)
    answer.wait_s += wait.wait_s
    after = playing.take(script, call, after_work=True) if answer.is_good else None
    return _told_otherwise(call, after, answer) if after else answer


def _told_otherwise(call: Call, fault: ScriptedFault, answer: Answer) -> Answer:
    if call.media:
        journal.note_told(call, fault.play)
    return playing.played(fault, call, answer)


def _work(call: Call, handler: Handler, node: str) -> Answer:
    """Do the call and write it down; for media_publish both in one short transaction."""
    if call.kind == Kind.PUBLISH:
        with transaction.atomic(using="sandbox"):
            return _done(call, handler, node)
    return _done(call, handler, node)


def _done(call: Call, handler: Handler, node: str) -> Answer:
    try:
        answer = Answer(handler(call, node))
    except GraphError as error:
        answer = call.refused(error)
    journal.record(call, answer)
    return answer
