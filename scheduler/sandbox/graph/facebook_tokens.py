"""/oauth/access_token and /debug_token of graph.facebook.com."""

from typing import Any

from django.conf import settings

from scheduler.sandbox import errors, ids
from scheduler.sandbox.errors import GraphError, invalid, refuse
from scheduler.sandbox.graph.call import expired_text
from scheduler.sandbox.graph.facebook_call import PREFIX, FacebookCall
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.models import FacebookCode, FacebookToken, Grant

APPLICATION = "Pauta"


def access_token(call: FacebookCall, node: str) -> dict[str, Any]:
    """Give a user token for a code, a long-lived one for a short-lived one, or the app's own."""
    if as_text(call.params, "client_id") != settings.FACEBOOK_APP_ID:
        raise refuse(errors.BAD_APP)
    if not settings.FACEBOOK_APP_SECRET or as_text(call.params, "client_secret") != settings.FACEBOOK_APP_SECRET:
        raise refuse(errors.BAD_SECRET)
    grant_type = as_text(call.params, "grant_type")
    if grant_type == "fb_exchange_token":
        return _long_lived(call)
    if grant_type == "client_credentials":
        return {"access_token": f"{settings.FACEBOOK_APP_ID}|{settings.FACEBOOK_APP_SECRET}", "token_type": "bearer"}
    if grant_type not in {"", "authorization_code"}:
        raise invalid("Param grant_type must be one of authorization_code, client_credentials, fb_exchange_token")
    return _for_code(call)


def _for_code(call: FacebookCall) -> dict[str, Any]:
    found = FacebookCode.objects.filter(digest=ids.digest(as_text(call.params, "code"))).first()
    if found is None:
        raise invalid("Invalid verification code format.")
    if found.used_at:
        raise refuse(errors.CODE_USED)
    if found.has_expired(call.now):
        raise refuse(errors.CODE_EXPIRED)
    if found.redirect_uri != as_text(call.params, "redirect_uri"):
        raise refuse(errors.CODE_REDIRECT)
    if not found.use(call.now):
        raise refuse(errors.CODE_USED)
    row, text = FacebookToken.issue(found.person, call.now, long=False)
    return _told(call, row, text)


def _long_lived(call: FacebookCall) -> dict[str, Any]:
    """Exchange a living user token; a long-lived one comes back no younger, there is no refreshing."""
    text = as_text(call.params, "fb_exchange_token")
    found = FacebookToken.find(text)
    if found is None or found.page:
        raise refuse(errors.CANNOT_PARSE)
    trouble = _trouble(call, found)
    if trouble:
        raise trouble
    ends = found.expires_at if found.is_long else None
    row, text = FacebookToken.issue(found.person, call.now, long=True, expires_at=ends)
    return _told(call, row, text)


def _told(call: FacebookCall, row: FacebookToken, text: str) -> dict[str, Any]:
    return {"access_token": text, "token_type": "bearer", "expires_in": (row.expires_in_s(call.now) or 1) - 1}


def _trouble(call: FacebookCall, token: FacebookToken) -> GraphError | None:
    if token.killed_subcode is not None:
        return refuse(errors.problem_for(190, token.killed_subcode))
    if token.expires_at and call.now >= token.expires_at:
        return refuse(errors.TOKEN_EXPIRED, expired_text(token.expires_at, call.now))
    return None


def debug_token(call: FacebookCall, node: str) -> dict[str, Any]:
    """Tell about any token of this app; Instagram Login's are not understood (fact sheet 2.1 A6)."""
    if not call.is_app:
        call.signed_in_token()
    text = as_text(call.params, "input_token")
    if not text:
        raise invalid("The parameter input_token is required.")
    if not text.startswith(PREFIX):
        raise refuse(errors.SERVICE_DOWN)
    found = FacebookToken.find(text)
    if found is None:
        return {"data": {"is_valid": False, "scopes": [], "error": _error(refuse(errors.BAD_TOKEN))}}
    return {"data": _described(call, found)}


def _error(trouble: GraphError) -> dict[str, Any]:
    problem = trouble.problem
    told: dict[str, Any] = {"code": problem.code, "message": problem.message}
    return told | ({"subcode": problem.subcode} if problem.subcode else {})


def _described(call: FacebookCall, token: FacebookToken) -> dict[str, Any]:
    grant, trouble = Grant.objects.filter(person=token.person).first(), _trouble(call, token)
    scopes = grant.granted() if grant else []
    told: dict[str, Any] = {
        "app_id": settings.FACEBOOK_APP_ID,
        "type": "PAGE" if token.page else "USER",
        "application": APPLICATION,
        "data_access_expires_at": int(grant.data_access_ends_at().timestamp()) if grant else 0,
        "expires_at": int(token.expires_at.timestamp()) if token.expires_at else 0,
        "is_valid": trouble is None,
        "issued_at": int(token.issued_at.timestamp()),
        "user_id": token.person.graph_id,
        "scopes": scopes,
        "granular_scopes": [_granular(scope, grant) for scope in scopes if grant],
    }
    if token.page:
        told["profile_id"] = token.page.graph_id
    return told | ({"error": _error(trouble)} if trouble else {})


def _granular(scope: str, grant: Grant) -> dict[str, Any]:
    """Return a permission with the assets it covers; without `target_ids` it covers all."""
    if scope.startswith("instagram_"):
        return {"scope": scope, "target_ids": grant.account_ids}
    return {"scope": scope, "target_ids": grant.page_ids} if scope.startswith("pages_") else {"scope": scope}
