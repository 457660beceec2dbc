"""Instagram Login (Business Login for Instagram): from the consent page to a token of 60 days.

Source: Instagram Platform, "Business Login for Instagram" and "Refresh Access Token".
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from scheduler.instagram.answers import number_of, only_row, text_of
from scheduler.instagram.client import Bearer, Exchange, Hidden, Secrets, Transport
from scheduler.instagram.errors import Step

SCOPES = (
    "instagram_business_basic",
    "instagram_business_content_publish",
    "instagram_business_manage_comments",
)
# Without these nothing can be published; the rest only costs the first comment.
NEEDED = frozenset(SCOPES[:2])
SIXTY_DAYS_S = 60 * 24 * 3600


@dataclass(frozen=True)
class ShortToken:
    """What a code is exchanged for; good for one hour. permissions: None when Instagram did not tell."""

    token: str = field(repr=False)
    app_scoped_id: str = ""
    permissions: frozenset[str] | None = None


@dataclass(frozen=True)
class LongToken:
    """A token of about 60 days."""

    token: str = field(repr=False)
    expires_in_s: int = SIXTY_DAYS_S


def missing_permissions(granted: frozenset[str]) -> set[str]:
    """Return what a person unticked that publishing cannot do without."""
    return set(NEEDED - granted)


class InstagramLogin:
    """The flow of one Instagram app; its id and secret are not the Meta app's."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        www_url: str,
        api_url: str,
        graph_url: str,
        version: str,
        session: requests.Session | None = None,
        **timeouts: float,
    ) -> None:
        self._app_id, self._app_secret = app_id, app_secret
        self._www, self._api, self._graph = (url.rstrip("/") for url in (www_url, api_url, graph_url))
        self._version = version
        self._transport = Transport(session, **timeouts)

    def __repr__(self) -> str:
        return f"<InstagramLogin {self._app_id}>"

    @property
    def last_exchange(self) -> Exchange:
        """Return what was asked and answered last, also when it failed; no token, no secret."""
        return self._transport.last_exchange

    def authorize_url(self, *, redirect_uri: str, state: str, force_reauth: bool = False) -> str:
        """Return the consent page's address."""
        words = {
            "client_id": self._app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join(SCOPES),
            "state": state,
        }
        if force_reauth:
            words["force_reauth"] = "true"
        return f"{self._www}/oauth/authorize?{urlencode(words)}"

    def exchange_code(self, code: str, redirect_uri: str) -> ShortToken:
        """Exchange a code (single use, good for an hour); wrapped and flat answers are both understood.

        A tail of "#_", which Instagram puts behind the code, is taken off.
        """
        # Multipart, as documented; urlencoded works for most clients, but not for all.
        parts = Hidden(
            client_id=(None, self._app_id),
            client_secret=(None, self._app_secret),
            grant_type=(None, "authorization_code"),
            redirect_uri=(None, redirect_uri),
            code=(None, code.removesuffix("#_").removesuffix("%23_")),
        )
        path, secrets = "/oauth/access_token", Secrets(self._app_secret, code)
        row = only_row(self._transport.call(Step.OAUTH, "POST", self._api + path, path, secrets=secrets, files=parts))
        return ShortToken(self._token(row), text_of(row.get("user_id")), _permissions(row.get("permissions")))

    def exchange_for_long_lived(self, short: str) -> LongToken:
        """Exchange a short-lived token that is still good."""
        return self._long("/access_token", "ig_exchange_token", short, client_secret=self._app_secret)

    def refresh(self, token: str) -> LongToken:
        """Renew a token that is at least 24 h old and not expired; 60 new days count from now."""
        return self._long("/refresh_access_token", "ig_refresh_token", token)

    def revoke(self, token: str) -> None:
        """Take the app's permissions back; Instagram does not document it for this login, so it may be refused."""
        path = f"/{self._version}/me/permissions"
        secrets = Secrets(token, self._app_secret)
        self._transport.call(Step.OAUTH, "DELETE", self._graph + path, path, secrets=secrets, auth=Bearer(token))

    def _long(self, path: str, grant_type: str, token: str, **more: str) -> LongToken:
        # The one place where a token is a parameter: these two addresses know no header. The logs mask it.
        params = Hidden(grant_type=grant_type, access_token=token, **more)
        secrets = Secrets(token, self._app_secret)
        row = only_row(
            self._transport.call(Step.OAUTH, "GET", self._graph + path, path, secrets=secrets, params=params)
        )
        return LongToken(self._token(row), _seconds(row.get("expires_in")))

    def _token(self, row: dict[str, Any]) -> str:
        token = row.get("access_token")
        if not isinstance(token, str) or not token:
            raise self._transport.lacking(Step.OAUTH)
        return token


def _seconds(told: Any) -> int:
    """Return how long a token lives; the documented 60 days when that is not told, and never more."""
    seconds = number_of(told) or 0
    return min(seconds, SIXTY_DAYS_S) if seconds > 0 else SIXTY_DAYS_S


def _permissions(told: Any) -> frozenset[str] | None:
    if isinstance(told, str):
        return frozenset(told.replace(",", " ").split())
    return frozenset(word for word in told if isinstance(word, str)) if isinstance(told, list) else None
