"""Who may come in: a person by session, or a program by a token and what that may do; and how often."""

import math
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from scheduler.api.problems import Refusal
from scheduler.lib import clock
from scheduler.lib.zones import is_zone
from scheduler.models import ApiToken, User
from scheduler.services.attempts import Attempts


class ByToken(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return whose token it is; None when the request names none. Raises AuthenticationFailed."""
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = clock.now()
        token = ApiToken.at(secret.strip(), now)
        if token is None:
            raise AuthenticationFailed(_("This token opens nothing: it is wrong, revoked, or its time has ended."))
        token.seen(now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme on a 401."""
        return "Bearer"


class BySession(SessionAuthentication):
    """The cookie of somebody who signed in; what changes something needs the CSRF token too."""


class MayDo(BasePermission):
    """A session may do everything that its person may; a token what its scopes say."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether anybody is known at all; raises Refusal for a token without the scope."""
        if not request.user or not request.user.is_authenticated:
            return False
        needed = view.scope_for(request.method)
        if request.auth is None or needed in request.auth.scopes:
            return True
        told = _("This token may not do this: it has no scope “%(scope)s”.") % {"scope": needed}
        raise Refusal(403, "SCOPE_MISSING", told)


def let_in(request: Request) -> None:
    """Find out who asks, count it, and speak their language in their zone. Raises APIException."""
    try:
        person = request.user
    except APIException:
        _count_stranger(request)
        raise
    if not person.is_authenticated:
        _count_stranger(request)
        return
    by = f"token-{request.auth.pk}" if request.auth else "session"
    _require_room(Attempts("api", by, f"person-{person.pk}", rate=settings.API_RATE, together=True))
    timezone.activate(person.timezone if is_zone(person.timezone) else "UTC")
    if "Accept-Language" not in request.headers and person.language:
        translation.activate(person.language)


def _count_stranger(request: Request) -> None:
    _require_room(Attempts("api", request.META["REMOTE_ADDR"], rate=settings.API_ANON_RATE))


def _require_room(attempts: Attempts) -> None:
    wait = attempts.wait(clock.now())
    if wait:
        seconds = str(math.ceil(wait.total_seconds()))
        told = _("Too many requests. Wait %(n)s seconds, then go on.") % {"n": seconds}
        raise Refusal(429, "TOO_MANY_REQUESTS", told, headers={"Retry-After": seconds})
