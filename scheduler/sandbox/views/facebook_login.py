"""www.facebook.com/dialog/oauth: who signs in, and which permissions, Pages and accounts the app gets."""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from scheduler.sandbox import casting, ids
from scheduler.sandbox.models import Control, FacebookCode, FacebookPerson, Grant, PageRole
from scheduler.sandbox.models.facebook import (
    ADS_MANAGE,
    ADS_READ,
    BUSINESSES,
    FACEBOOK_SCOPES,
    IG_BASIC,
    IG_COMMENTS,
    IG_CONTENTS,
    IG_INSIGHTS,
    IG_PUBLISH,
    PAGES_LIST,
    PAGES_READ,
)
from scheduler.sandbox.views.consent import CONSENT_S, Unwanted, go, link_with, said_no

SALT = "sandbox.facebook-consent"
# What a "Facebook Login for Business" configuration stands for when no other is set up.
SANDBOX_CONFIG = "880000000000001"
_TICKED = {"without": "granted", "without_pages": "page_ids", "without_accounts": "account_ids"}
_ALWAYS = {"public_profile", "email"}
PERMISSIONS = {
    IG_BASIC: _("See the Instagram profile and its posts"),
    IG_PUBLISH: _("Publish posts, reels and stories"),
    IG_COMMENTS: _("Read and write comments"),
    IG_INSIGHTS: _("Read the numbers of posts and profile"),
    IG_CONTENTS: _("Delete posts"),
    PAGES_LIST: _("See the list of Pages"),
    PAGES_READ: _("Read the content of Pages"),
    BUSINESSES: _("Manage the businesses"),
    ADS_READ: _("Read the ads"),
    ADS_MANAGE: _("Manage the ads"),
    "pages_manage_metadata": _("Manage the settings of Pages"),
}


@dataclass(frozen=True)
class Wanted:
    """A checked request for consent."""

    redirect_uri: str
    state: str
    scopes: list[str]
    asks_again: bool  # also for what was declined before

    @classmethod
    def read(cls, query: Any) -> "Wanted":
        """Return what an app asks for; raise Unwanted with Facebook's own words."""
        if not settings.FACEBOOK_APP_ID or query.get("client_id") != settings.FACEBOOK_APP_ID:
            raise Unwanted("Invalid App ID: The provided app ID does not look like a valid app ID.")
        if query.get("redirect_uri") not in Control.load().redirects():
            raise Unwanted("URL Blocked: This redirect failed because the redirect URI is not white-listed.")
        if query.get("response_type", "code") != "code":
            raise Unwanted("Invalid response_type")
        again = query.get("auth_type") == "rerequest"
        return cls(query["redirect_uri"], query.get("state", ""), _scopes(query), again)

    def address(self, **answer: str) -> str:
        """Return the redirect address with an answer; `state` comes back as it came."""
        joint = "&" if "?" in self.redirect_uri else "?"
        words = answer | ({"state": self.state} if self.state else {})
        return f"{self.redirect_uri}{joint}{urlencode(words, quote_via=quote_plus)}#_=_"

    def to_ask(self, grant: Grant | None) -> list[str]:
        """Return the permissions the dialog shows: what was declined is not asked again by itself."""
        declined = {name for name, status in grant.permissions.items() if status == "declined"} if grant else set()
        return [scope for scope in self.scopes if self.asks_again or scope not in declined]


def _scopes(query: Any) -> list[str]:
    if query.get("config_id"):
        if query["config_id"] != (settings.FACEBOOK_CONFIG_ID or SANDBOX_CONFIG):
            raise Unwanted("Invalid parameter: config_id")
        return [scope for scope in FACEBOOK_SCOPES if scope != ADS_MANAGE]
    scopes = [scope for scope in re.split(r"[,\s]+", query.get("scope", "")) if scope and scope not in _ALWAYS]
    unknown = [scope for scope in scopes if scope not in FACEBOOK_SCOPES]
    if unknown:
        raise Unwanted(f"Invalid Scopes: {', '.join(unknown)}.")
    return scopes


@require_GET
def dialog(request: HttpRequest) -> HttpResponse:
    """Show who may sign in, then what the app asks for. Every choice is a plain link."""
    try:
        wanted = Wanted.read(request.GET)
    except Unwanted as reason:
        return said_no(request, str(reason))
    people = {person.slug: person for person in casting.people()}
    person = people.get(request.GET.get("as", ""))
    if person is None:
        rows = [(someone, link_with(request, **{"as": someone.slug})) for someone in people.values()]
        return render(request, "sandbox/facebook_who.html", {"people": rows, "deny": _answer_link(wanted)})
    return render(request, "sandbox/facebook_what.html", _choices(request, wanted, person))


def _choices(request: HttpRequest, wanted: Wanted, person: FacebookPerson) -> dict[str, Any]:
    """Return the rows of the dialog; the parameters without, without_pages and without_accounts untick."""
    grant = Grant.objects.filter(person=person).first()
    pages = [role.page for role in _roles(person)]
    accounts = [page.linked for page in pages if page.linked and page.linked.is_professional]
    offers: dict[str, list[tuple[str, Any, str]]] = {
        "without": [(scope, PERMISSIONS[scope], scope) for scope in wanted.to_ask(grant)],
        "without_pages": [(page.graph_id, page.name, page.category) for page in pages],
        "without_accounts": [(row.user_id, f"@{row.username}", row.name) for row in accounts],
    }
    rows = {name: _rows(request, name, offer) for name, offer in offers.items()}
    ticked = {_TICKED[name]: [row["key"] for row in group if row["granted"]] for name, group in rows.items()}
    return {
        "person": person,
        "permissions": rows["without"],
        "pages": rows["without_pages"],
        "accounts": rows["without_accounts"],
        "allow": _answer_link(wanted, person, asked=wanted.to_ask(grant), **ticked),
        "deny": _answer_link(wanted),
        "change": link_with(request, **{"as": ""}),
    }


def _roles(person: FacebookPerson) -> list[PageRole]:
    return list(person.roles.filter(is_lost=False).select_related("page", "page__profile").order_by("pk"))


def _rows(request: HttpRequest, name: str, offer: list[tuple[str, Any, str]]) -> list[dict[str, Any]]:
    unticked = {key for key in request.GET.get(name, "").split(",") if key}
    return [
        {
            "key": key,
            "label": label,
            "note": note,
            "granted": key not in unticked,
            "flip": link_with(request, **{name: ",".join(sorted(unticked ^ {key}))}),
        }
        for key, label, note in offer
    ]


def _answer_link(wanted: Wanted, person: FacebookPerson | None = None, **choices: list[str]) -> str:
    """Return a signed link that can be followed once; without a person it says no."""
    told = {
        "redirect_uri": wanted.redirect_uri,
        "state": wanted.state,
        "person": person.slug if person else "",
        "consent": secrets.token_urlsafe(16),
    }
    signed = signing.dumps(told | choices, salt=SALT, compress=True)
    return f"{reverse('sandbox:facebook-answer')}?{urlencode({'answer': signed})}"


@require_GET
def answer(request: HttpRequest) -> HttpResponse:
    """Follow Allow or Deny back to the app."""
    try:
        told = signing.loads(request.GET.get("answer", ""), salt=SALT, max_age=CONSENT_S)
    except signing.BadSignature:
        return said_no(request, "This page has expired")
    wanted = Wanted(told["redirect_uri"], told["state"], [], asks_again=False)
    if not told["person"]:
        words = {"error": "access_denied", "error_code": "200", "error_description": "Permissions error"}
        return go(wanted.address(**words, error_reason="user_denied"))
    code = _allow(told)
    return go(wanted.address(code=code)) if code else said_no(request, "This page has expired")


def _allow(told: dict[str, Any]) -> str | None:
    """Keep what was ticked and return a new code; None when this page gave one before."""
    person, now, code = FacebookPerson.objects.get(slug=told["person"]), Control.load().now(), ids.facebook_code()
    try:
        with transaction.atomic(using="sandbox"):
            FacebookCode.objects.create(
                digest=ids.digest(code),
                consent=told["consent"],
                person=person,
                redirect_uri=told["redirect_uri"],
                created_at=now,
            )
            _keep(person, told, now)
    except IntegrityError:
        return None
    return code


def _keep(person: FacebookPerson, told: dict[str, Any], now: Any) -> None:
    grant = Grant.objects.filter(person=person).first() or Grant(person=person)
    for scope in told["asked"]:
        grant.permissions[scope] = "granted" if scope in told["granted"] else "declined"
    grant.page_ids, grant.account_ids = told["page_ids"], told["account_ids"]
    grant.signed_in_at = now
    grant.save()
