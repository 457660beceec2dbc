"""The two unversioned token endpoints of graph.instagram.com, and revoking."""

from typing import Any

from django.conf import settings

from scheduler.sandbox import errors
from scheduler.sandbox.errors import GraphError, invalid, refuse
from scheduler.sandbox.graph.call import Call
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.models import Token
from scheduler.sandbox.models.login import BASIC, REFRESH_AGE


def exchange(call: Call, node: str) -> dict[str, Any]:
    """Turn a short-lived token into one for 60 days."""
    if as_text(call.params, "grant_type") != "ig_exchange_token":
        raise invalid("Param grant_type must be ig_exchange_token")
    if as_text(call.params, "client_secret") != settings.INSTAGRAM_APP_SECRET:
        raise refuse(errors.BAD_SECRET)
    token = _living(call)
    if token.is_long:
        raise invalid("The access token is already long-lived")
    return _issued(call, token)


def refresh(call: Call, node: str) -> dict[str, Any]:
    """Give 60 new days to a long-lived token that is at least 24 hours old and has not expired."""
    if as_text(call.params, "grant_type") != "ig_refresh_token":
        raise invalid("Param grant_type must be ig_refresh_token")
    token = _living(call)
    if not token.is_long or not token.allows(BASIC):
        raise refuse(errors.NO_PERMISSION)
    if call.now < token.issued_at + REFRESH_AGE:
        raise _too_young()
    return _issued(call, token) | {"permissions": token.permissions}


def _living(call: Call) -> Token:
    call.signed_in()
    if call.token is None:
        raise refuse(errors.BAD_TOKEN)
    return call.token


def _too_young() -> GraphError:
    text = "(#10) Access token can only be refreshed when it is at least 24 hours old"
    return refuse(errors.NO_PERMISSION, text)


def _issued(call: Call, token: Token) -> dict[str, Any]:
    row, text = Token.issue(token.profile, token.permissions, call.now, long=True)
    return {"access_token": text, "token_type": "bearer", "expires_in": row.expires_in_s(call.now) - 1}


def revoke(call: Call, node: str) -> dict[str, Any]:
    """Take back every permission: all tokens of the account answer 190/458 from now on."""
    call.signed_in().end_sessions(458)
    return {"success": True}
