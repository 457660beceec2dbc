"""Facebook Login: from the consent dialog to the Instagram accounts behind a person's Pages.

Source: Facebook Login, "Manually Build a Login Flow", "Long-Lived Access Tokens" and "Debugging Access Tokens";
Instagram Platform, "Instagram API with Facebook Login, Get Started".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import requests

from scheduler.instagram.answers import next_cursor, number_of, rows_of, text_of
from scheduler.instagram.client import Bearer, Exchange, Hidden, Secrets, Transport, proof_of
from scheduler.instagram.errors import InstagramError, Step

BASIC, PUBLISH, COMMENTS = "instagram_basic", "instagram_content_publish", "instagram_manage_comments"
SHOW_PAGES, READ_PAGES, BUSINESSES = "pages_show_list", "pages_read_engagement", "business_management"
READ_ADS, MANAGE_ADS = "ads_read", "ads_management"
SCOPES = (BASIC, PUBLISH, COMMENTS, SHOW_PAGES, READ_PAGES, BUSINESSES, READ_ADS)
# Without these nothing can be found or published; the others cost comments, or Pages that belong to a business.
NEEDED = (BASIC, PUBLISH, SHOW_PAGES, READ_PAGES)
# Who works on a Page through a business needs one of these as well to publish there.
THROUGH_BUSINESS = frozenset({READ_ADS, MANAGE_ADS})
# What a person must be allowed on a Page, in the words of old and of new Pages.
PUBLISHING_TASKS = frozenset({"MANAGE", "CREATE_CONTENT", "PROFILE_PLUS_FULL_CONTROL", "PROFILE_PLUS_CREATE_CONTENT"})
COMMENTING_TASKS = frozenset({"MANAGE", "MODERATE", "PROFILE_PLUS_FULL_CONTROL", "PROFILE_PLUS_MODERATE"})
ACCOUNT_FIELDS = "instagram_business_account{id,username,name}"
# Pages that a business lists may not know the first two; then only the rest is asked.
PAGE_FIELDS = (
    f"id,name,tasks,connected_instagram_account{{id,username}},{ACCOUNT_FIELDS}",
    f"id,name,{ACCOUNT_FIELDS}",
)
PAGE_SIZE = 100
MOST_PAGES = 20
# Time stamps beyond this (the year 2100) are a misreading.
LATEST = 4_102_444_800
# Clear refusals of one edge, which say nothing about the rest.
PASSED_OVER = frozenset({"PERMISSION_DENIED", "APP_ERROR", "OBJECT_MISSING"})


@dataclass(frozen=True)
class UserToken:
    """A Facebook user's token. expires_in_s: None when Facebook names no end."""

    token: str = field(repr=False)
    expires_in_s: int | None = None


@dataclass(frozen=True)
class TokenFacts:
    """What Facebook says of a token.

    expires_at, data_access_expires_at: its two clocks; None for one that does not run.
    targets: by permission, the ids of the Pages and accounts it is limited to; absent means all.
    """

    user_id: str
    is_valid: bool = True
    expires_at: datetime | None = None
    data_access_expires_at: datetime | None = None
    targets: dict[str, frozenset[str]] = field(default_factory=dict)

    def covers(self, permission: str, *ids: str) -> bool:
        """Return whether a permission reaches what any of `ids` names."""
        return permission not in self.targets or bool(self.targets[permission].intersection(ids))


@dataclass(frozen=True)
class FoundPage:
    """A Page, and the Instagram professional account behind it: "" when there is none in sight.

    tasks:  what the person may do on the Page; None when Facebook did not say.
    linked: the username of a linked account that is not a professional one, as far as told.
    by_business: only a business lists it, so the person works on it through that one.
    """

    page_id: str
    name: str = ""
    tasks: tuple[str, ...] | None = None
    instagram_user_id: str = ""
    username: str = ""
    account_name: str = ""
    linked: str = ""
    by_business: bool = False

    @property
    def may_publish(self) -> bool:
        """Return whether the person may publish there; what was not told is tried."""
        return self.tasks is None or bool(PUBLISHING_TASKS.intersection(self.tasks))

    @property
    def may_comment(self) -> bool:
        """Return whether the person may write comments there; what was not told is tried."""
        return self.tasks is None or bool(COMMENTING_TASKS.intersection(self.tasks))


class FacebookLogin:
    """The flow of one Meta app. Every call that carries a token carries its proof too."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        www_url: str,
        graph_url: str,
        version: str,
        config_id: str = "",
        session: requests.Session | None = None,
        **timeouts: float,
    ) -> None:
        """config_id: a configuration of "Facebook Login for Business", which then says what is asked for."""
        self._app_id, self._app_secret, self._config_id = app_id, app_secret, config_id
        self._www, self._graph, self._version = www_url.rstrip("/"), graph_url.rstrip("/"), version
        self._transport = Transport(session, **timeouts)

    def __repr__(self) -> str:
        return f"<FacebookLogin {self._app_id}>"

    @property
    def last_exchange(self) -> Exchange:
        """Return what was asked and answered last, also when it failed; no token, no secret."""
        return self._transport.last_exchange

    def dialog_url(self, *, redirect_uri: str, state: str) -> str:
        """Return the consent dialog's address; what was declined before is asked for again."""
        words = {
            "client_id": self._app_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "response_type": "code",
            "auth_type": "rerequest",
        }
        if self._config_id:
            # A configuration may be set to answer with a token, which would pass through the browser.
            words |= {"config_id": self._config_id, "override_default_response_type": "true"}
        else:
            words["scope"] = ",".join(SCOPES)
        return f"{self._www}/{self._version}/dialog/oauth?{urlencode(words)}"

    # --- Tokens ---------------------------------------------------------------------------------------------
    def exchange_code(self, code: str, redirect_uri: str) -> UserToken:
        """Exchange a code (single use, good for an hour) for a token of an hour or two.

        A tail of "#_=_", which browsers show behind the code, is taken off.
        """
        code = code.removesuffix("#_=_").removesuffix("#_").removesuffix("%23_%3D_")
        return self._exchange(code, redirect_uri=redirect_uri, code=code)

    def exchange_for_long_lived(self, short: str) -> UserToken:
        """Exchange a token that is still good for one of about 60 days; nothing can renew that one."""
        return self._exchange(short, grant_type="fb_exchange_token", fb_exchange_token=short)

    def _exchange(self, secret: str, **words: str) -> UserToken:
        path, secrets = f"/{self._version}/oauth/access_token", Secrets(secret, self._app_secret)
        params = Hidden(client_id=self._app_id, client_secret=self._app_secret, **words)
        row = self._transport.call(Step.OAUTH, "GET", self._graph + path, path, secrets=secrets, params=params)
        seconds = number_of(row.get("expires_in")) or 0
        return UserToken(self._text(row, "access_token"), seconds if 0 < seconds < LATEST else None)

    def inspect(self, token: str) -> TokenFacts:
        """Return whose token it is, both of its clocks, and what each permission is limited to."""
        app_token = f"{self._app_id}|{self._app_secret}"
        told = self._ask("debug_token", app_token, input_token=token).get("data")
        row = told if isinstance(told, dict) else {}
        scopes = rows_of({"data": row.get("granular_scopes")})
        return TokenFacts(
            user_id=self._text(row, "user_id"),
            is_valid=row.get("is_valid") is True,
            expires_at=_instant(row.get("expires_at")),
            data_access_expires_at=_instant(row.get("data_access_expires_at")),
            targets={text_of(scope.get("scope")): ids for scope in scopes if (ids := _ids(scope)) is not None},
        )

    def read_permissions(self, token: str) -> frozenset[str]:
        """Return what the person really granted."""
        rows = self._rows(self._ask("me/permissions", token))
        return frozenset(text_of(row.get("permission")) for row in rows if row.get("status") == "granted") - {""}

    def revoke(self, token: str) -> None:
        """Take back everything this person allowed the app, for all of their Pages."""
        self._ask("me/permissions", token, method="DELETE")

    # --- Pages ----------------------------------------------------------------------------------------------
    def find_pages(self, token: str, *, through_businesses: bool = True) -> list[FoundPage]:
        """Return every Page of the person once: their own, and those they work on through a business.

        through_businesses: False without the permission for it. A business that refuses is passed over.
        """
        pages = [_page(row) for row in self._list("me/accounts", token, PAGE_FIELDS)]
        if through_businesses:
            for row in self._unless_refused("me/businesses", token, ("id",)):
                for edge in ("owned_pages", "client_pages"):
                    path = f"{quote(text_of(row.get('id')), safe='')}/{edge}"
                    rows = self._unless_refused(path, token, PAGE_FIELDS)
                    pages += [replace(_page(found), by_business=True) for found in rows]
        return _each_once(pages)

    def read_page_token(self, page_id: str, token: str) -> str:
        """Return the Page's own token; made from a long-lived user token it carries no date.

        "" when Facebook names the Page and gives no token: the person has no role on it any more.
        """
        row = self._ask(quote(page_id, safe=""), token, fields="id,access_token")
        if text_of(row.get("id")) and row.get("access_token") is None:
            return ""
        return self._text(row, "access_token")

    def _unless_refused(self, path: str, token: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
        try:
            return list(self._list(path, token, fields))
        except InstagramError as error:
            if error.name not in PASSED_OVER:
                raise
            return []

    def _list(self, path: str, token: str, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Yield the rows of an edge, page after page. fields: tried in turn until the edge knows them all."""
        words: dict[str, Any] = {"limit": PAGE_SIZE}
        for _page_number in range(MOST_PAGES):
            data, fields = self._first_known(path, token, fields, words)
            yield from self._rows(data)
            cursor = next_cursor(data)
            if not cursor or cursor == words.get("after"):
                return
            words["after"] = cursor

    def _first_known(
        self, path: str, token: str, fields: tuple[str, ...], words: dict[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        while True:
            try:
                return self._ask(path, token, fields=fields[0], **words), fields
            except InstagramError as error:
                if error.code != 100 or error.subcode or len(fields) == 1:
                    raise
                fields = fields[1:]

    # --- Wire -----------------------------------------------------------------------------------------------
    def _ask(self, path: str, token: str, *, method: str = "GET", **words: Any) -> dict[str, Any]:
        shown = f"/{self._version}/{path}"
        return self._transport.call(
            Step.PROFILE,
            method,
            self._graph + shown,
            shown,
            secrets=Secrets(token, self._app_secret, words.get("input_token", "")),
            auth=Bearer(token),
            params=Hidden(words, appsecret_proof=proof_of(token, self._app_secret)),
        )

    def _rows(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the rows of a list; an answer that holds none is not taken for an empty one."""
        if not isinstance(data.get("data"), list):
            raise self._transport.lacking(Step.PROFILE)
        return rows_of(data)

    def _text(self, row: dict[str, Any], name: str) -> str:
        found = row.get(name)
        if not isinstance(found, str) or not found:
            raise self._transport.lacking(Step.OAUTH)
        return found


def _page(row: dict[str, Any]) -> FoundPage:
    account, linked, tasks = (
        row.get(name) for name in ("instagram_business_account", "connected_instagram_account", "tasks")
    )
    account, linked = (told if isinstance(told, dict) else {} for told in (account, linked))
    return FoundPage(
        page_id=text_of(row.get("id")),
        name=text_of(row.get("name")),
        tasks=tuple(text_of(task) for task in tasks) if isinstance(tasks, list) else None,
        instagram_user_id=text_of(account.get("id")),
        username=text_of(account.get("username")),
        account_name=text_of(account.get("name")),
        linked="" if account.get("id") else text_of(linked.get("username")) or text_of(linked.get("id")),
    )


def _each_once(pages: list[FoundPage]) -> list[FoundPage]:
    """Return each Page once, as the list that says most of it has it; the others leave out tasks or account."""
    best: dict[str, FoundPage] = {}
    for page in pages:
        known = best.setdefault(page.page_id, page)
        told_most = page if _told(page) > _told(known) else known
        best[page.page_id] = replace(told_most, by_business=known.by_business and page.by_business)
    best.pop("", None)
    return list(best.values())


def _told(page: FoundPage) -> tuple[bool, bool]:
    return bool(page.instagram_user_id), page.tasks is not None


def _instant(told: Any) -> datetime | None:
    """Return a time stamp's instant; None for 0, which stands for "never", and for nonsense."""
    seconds = number_of(told) or 0
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LATEST else None


def _ids(scope: dict[str, Any]) -> frozenset[str] | None:
    told = scope.get("target_ids")
    return frozenset(text_of(one) for one in told) if isinstance(told, list) else None
