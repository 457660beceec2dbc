"""www.instagram.com/oauth/authorize and api.instagram.com/oauth/access_token."""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from scheduler.sandbox import ids, playing
from scheduler.sandbox.errors import GraphError, Problem
from scheduler.sandbox.graph import journal
from scheduler.sandbox.graph.call import Answer, Call
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.models import Control, LoginCode, Profile, ScriptedFault, Token
from scheduler.sandbox.models.fault import Kind
from scheduler.sandbox.models.login import BASIC, COMMENTS, INSIGHTS, MESSAGES, PUBLISH, SCOPES
from scheduler.sandbox.views.consent import CONSENT_S, Unwanted, go, link_with, said_no

SALT = "sandbox.consent"
API_HOST = "api.instagram.com"
PERMISSIONS = {
    BASIC: _("See the profile and its posts"),
    PUBLISH: _("Publish posts, reels and stories"),
    COMMENTS: _("Read and write comments"),
    INSIGHTS: _("Read the numbers of posts and profile"),
    MESSAGES: _("Read and write messages"),
}


@dataclass(frozen=True)
class Wanted:
    """A checked request for consent."""

    redirect_uri: str
    state: str
    scopes: list[str]

    @classmethod
    def read(cls, query: Any) -> "Wanted":
        """Return what an app asks for; raise Unwanted with Instagram's own words."""
        if query.get("client_id") != settings.INSTAGRAM_APP_ID:
            raise Unwanted("Invalid platform app")
        if query.get("redirect_uri") not in Control.load().redirects():
            raise Unwanted("Invalid redirect_uri")
        if query.get("response_type") != "code":
            raise Unwanted("Invalid response_type")
        scopes = [scope for scope in re.split(r"[,\s]+", query.get("scope", "")) if scope]
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or BASIC not in scopes:
            raise Unwanted(f"Invalid scope: {', '.join(unknown) or BASIC + ' is required'}")
        return cls(query["redirect_uri"], query.get("state", ""), scopes)

    def address(self, **answer: str) -> str:
        """Return the redirect address with an answer; `state` comes back as it came."""
        joint = "&" if "?" in self.redirect_uri else "?"
        words = answer | ({"state": self.state} if self.state else {})
        return f"{self.redirect_uri}{joint}{urlencode(words, quote_via=quote_plus)}"


@require_GET
def authorize(request: HttpRequest) -> HttpResponse:
    """Show who may sign in, then what the app asks for. Every choice is a plain link."""
    try:
        wanted = Wanted.read(request.GET)
    except Unwanted as reason:
        return said_no(request, str(reason))
    profile = Profile.everyone().filter(username=request.GET.get("as", "")).first()
    if profile is None:
        people = [(person, link_with(request, **{"as": person.username})) for person in Profile.everyone()]
        return render(request, "sandbox/consent_who.html", {"people": people, "deny": _answer_link(wanted)})
    return render(request, "sandbox/consent_what.html", _choices(request, wanted, profile))


def _choices(request: HttpRequest, wanted: Wanted, profile: Profile) -> dict[str, Any]:
    unticked = {scope for scope in request.GET.get("without", "").split(",") if scope and scope != BASIC}
    granted = [scope for scope in wanted.scopes if scope not in unticked]
    rows = [
        {
            "scope": scope,
            "label": PERMISSIONS[scope],
            "granted": scope in granted,
            "is_fixed": scope == BASIC,
            "flip": link_with(request, without=",".join(sorted(unticked ^ {scope}))),
        }
        for scope in wanted.scopes
    ]
    return {
        "person": profile,
        "rows": rows,
        "allow": _answer_link(wanted, profile, granted),
        "deny": _answer_link(wanted),
        "change": link_with(request, **{"as": ""}),
    }


def _answer_link(wanted: Wanted, profile: Profile | None = None, granted: list[str] | None = None) -> str:
    """Return a signed link that can be followed once; without a profile it says no.

    A link and not a form: browsers apply form-action to the redirect that follows a form.
    """
    told = {
        "redirect_uri": wanted.redirect_uri,
        "state": wanted.state,
        "username": profile.username if profile else "",
        "granted": granted or [],
        "consent": secrets.token_urlsafe(16),
    }
    signed = signing.dumps(told, salt=SALT, compress=True)
    return f"{reverse('sandbox:consent-answer')}?{urlencode({'answer': signed})}"


@require_GET
def answer(request: HttpRequest) -> HttpResponse:
    """Follow Allow or Deny back to the app."""
    try:
        told = signing.loads(request.GET.get("answer", ""), salt=SALT, max_age=CONSENT_S)
    except signing.BadSignature:
        return said_no(request, "This page has expired")
    wanted = Wanted(told["redirect_uri"], told["state"], told["granted"])
    if not told["username"]:
        words = {"error": "access_denied", "error_reason": "user_denied"}
        return go(wanted.address(**words, error_description="The user denied your request"))
    code = _new_code(told, Profile.everyone().get(username=told["username"]))
    if code is None:
        return said_no(request, "This page has expired")
    return go(wanted.address(code=code) + "#_")


def _new_code(told: dict[str, Any], profile: Profile) -> str | None:
    """Return a new code, None when this consent page gave one before."""
    code = ids.login_code()
    try:
        with transaction.atomic(using="sandbox"):
            LoginCode.objects.create(
                digest=ids.digest(code),
                consent=told["consent"],
                profile=profile,
                permissions=",".join(told["granted"]),
                redirect_uri=told["redirect_uri"],
                created_at=Control.load().now(),
            )
    except IntegrityError:
        return None
    return code


@csrf_exempt
@require_POST
def access_token(request: HttpRequest) -> HttpResponseBase:
    """Exchange a code for a short-lived token; multipart and urlencoded bodies."""
    call = Call.read(request, API_HOST, "oauth/access_token")
    call.kind = Kind.OAUTH
    script = list(ScriptedFault.objects.waiting(call.kind, None, call.now))
    before = playing.take(script, call, after_work=False)
    if before and before.play != playing.Play.SLOW:
        said = _in_login_words(playing.played(before, call, Answer({})))
        journal.record(call, said)
        return playing.finished(call, said)
    said = _exchange(call)
    if before:
        playing.nap(request, said, before.seconds)
    after = playing.take(script, call, after_work=True) if said.is_good else None
    return playing.finished(call, _in_login_words(playing.played(after, call, said)) if after else said)


def _exchange(call: Call) -> Answer:
    try:
        call.read_body()
        said = Answer(_token_for_code(call))
    except GraphError as error:
        said = Answer(problem=error.problem, status=400)
    said = _in_login_words(said)
    journal.record(call, said)
    return said


def _in_login_words(said: Answer) -> Answer:
    """Put a refusal into the envelope of this host, which is not the Graph's."""
    if said.problem:
        said.body = said.problem.login_envelope()
    return said


def _refused(message: str) -> GraphError:
    return GraphError(Problem(400, None, message))


def _token_for_code(call: Call) -> dict[str, Any]:
    asked = call.params
    if as_text(asked, "client_id") != settings.INSTAGRAM_APP_ID:
        raise _refused("Invalid platform app")
    if as_text(asked, "client_secret") != settings.INSTAGRAM_APP_SECRET:
        raise _refused("Error validating client secret.")
    if as_text(asked, "grant_type") != "authorization_code":
        raise _refused("Invalid grant_type")
    code = LoginCode.objects.filter(digest=ids.digest(as_text(asked, "code"))).first()
    _check_code(call, code)
    if code is None or not code.use(call.now):
        raise _refused("Matching code was not found or was already used")
    _row, text = Token.issue(code.profile, code.permissions, call.now, long=False)
    return _shaped(call.control, text, code)


def _check_code(call: Call, code: LoginCode | None) -> None:
    if code and code.has_expired(call.now):
        raise _refused("This authorization code has expired")
    if code and code.used_at is None and code.redirect_uri != as_text(call.params, "redirect_uri"):
        raise _refused(
            "Error validating verification code. Please make sure your redirect_uri is identical to the one "
            "you used in the OAuth dialog request"
        )


def _shaped(control: Control, token: str, code: LoginCode) -> dict[str, Any]:
    user_id = code.profile.app_scoped_id
    if control.token_shape == Control.TokenShape.FLAT:
        return {"access_token": token, "user_id": int(user_id), "permissions": code.permissions.split(",")}
    return {"data": [{"access_token": token, "user_id": user_id, "permissions": code.permissions}]}
