"""People, businesses and Pages of graph.facebook.com, and the search for places."""

from typing import Any

from scheduler.sandbox import errors
from scheduler.sandbox.errors import invalid, refuse
from scheduler.sandbox.graph.facebook_call import FacebookCall
from scheduler.sandbox.graph.fields import Tree, read_fields, tell
from scheduler.sandbox.graph.paging import page_of
from scheduler.sandbox.graph.reading import Fields, account_fields
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.models import Business, Page, PageRole, Profile
from scheduler.sandbox.models.facebook import BUSINESSES, IG_BASIC, PAGES_LIST
from scheduler.sandbox.models.login import BASIC

_NO_LIST: dict[str, Any] = {"data": []}


def me(call: FacebookCall, node: str) -> dict[str, Any]:
    """Tell about the person, or about the Page whose token it is."""
    token = call.signed_in_token()
    if token.page:
        return _page(call, token.page)
    known: Fields = {
        "id": lambda person, inner: person.graph_id,
        "name": lambda person, inner: person.name,
        "accounts": lambda person, inner: accounts(call, node, inner),
        "permissions": lambda person, inner: permissions(call, node),
        "businesses": lambda person, inner: businesses(call, node, inner),
    }
    return tell(token.person, read_fields(as_text(call.params, "fields"), ("id", "name")), known, "User")


# --- Permissions --------------------------------------------------------------------------------------------
def permissions(call: FacebookCall, node: str) -> dict[str, Any]:
    """List what the person granted and declined."""
    _refuse_stranger(call, node)
    grant = call.grant()
    names = sorted(grant.permissions) if grant else []
    rows = [{"permission": name, "status": grant.status_of(name, call.now)} for name in names if grant]
    return {"data": [{"permission": "public_profile", "status": "granted"}, *rows]}


def revoke(call: FacebookCall, node: str) -> dict[str, Any]:
    """Take every permission back: all tokens of the person answer 190/458 from now on."""
    _refuse_stranger(call, node)
    grant = call.grant()
    if grant:
        grant.delete()
    call.person.end_sessions(458)
    return {"success": True}


def revoke_one(call: FacebookCall, node: str) -> dict[str, Any]:
    """Take one permission back; it reads as declined from now on."""
    _refuse_stranger(call, node)
    name, grant = call.path.rpartition("/")[2], call.grant()
    if grant is None or name not in grant.permissions:
        raise invalid(f"Permission {name} has not been granted")
    grant.permissions[name] = "declined"
    grant.save(update_fields=["permissions"])
    return {"success": True}


def _refuse_stranger(call: FacebookCall, node: str) -> None:
    """Refuse a Page's token, and another person's id."""
    token = call.signed_in_token()
    if token.page or node not in {"me", token.person.graph_id}:
        raise refuse(errors.NO_OBJECT, id=node)


# --- Pages --------------------------------------------------------------------------------------------------
def accounts(call: FacebookCall, node: str, inner: Tree | None = None) -> dict[str, Any]:
    """List the Pages on which the person has a role of their own; those of a business are found there."""
    _refuse_stranger(call, node)
    if not call.has(PAGES_LIST):
        return _NO_LIST
    return _pages(call, inner, Page.objects.filter(roles__in=call.roles().filter(business=None)))


def businesses(call: FacebookCall, node: str, inner: Tree | None = None) -> dict[str, Any]:
    """List the businesses that give the person a role on a Page."""
    _refuse_stranger(call, node)
    _refuse_without_businesses(call)
    known: Fields = {
        "id": lambda business, inner: business.graph_id,
        "name": lambda business, inner: business.name,
        "owned_pages": lambda business, inner: _pages_of(call, business, PageRole.Relation.OWNED, inner),
        "client_pages": lambda business, inner: _pages_of(call, business, PageRole.Relation.CLIENT, inner),
    }
    tree = inner or read_fields(as_text(call.params, "fields"), ("id", "name"))
    rows = Business.objects.filter(roles__person=call.person).distinct().order_by("-pk")
    return page_of(call, rows, lambda row: tell(row, tree, known, "Business"))


def owned_pages(call: FacebookCall, node: str) -> dict[str, Any]:
    """List the Pages that a business owns and the person works on."""
    return _pages_of(call, _business(call, node), PageRole.Relation.OWNED)


def client_pages(call: FacebookCall, node: str) -> dict[str, Any]:
    """List the Pages of a business's clients that the person works on."""
    return _pages_of(call, _business(call, node), PageRole.Relation.CLIENT)


def _business(call: FacebookCall, node: str) -> Business:
    call.signed_in_token()
    _refuse_without_businesses(call)
    found = Business.objects.filter(graph_id=node, roles__person=call.person).first()
    if found is None:
        raise refuse(errors.NO_OBJECT, id=node)
    return found


def _refuse_without_businesses(call: FacebookCall) -> None:
    if not call.has(BUSINESSES):
        raise refuse(errors.PERMISSION_GONE, f"(#200) Requires {BUSINESSES} permission")


def _pages_of(call: FacebookCall, business: Business, relation: str, inner: Tree | None = None) -> dict[str, Any]:
    roles = call.roles().filter(business=business, relation=relation)
    return _pages(call, inner, Page.objects.filter(roles__in=roles))


def _pages(call: FacebookCall, inner: Tree | None, rows: Any) -> dict[str, Any]:
    tree = inner or read_fields(as_text(call.params, "fields"), ("id", "name", "access_token", "category", "tasks"))
    known = _page_fields(call)
    found = rows.select_related("profile").order_by("-pk")
    return page_of(call, found, lambda page: tell(page, tree, known, "Page"))


def page(call: FacebookCall, node: str) -> dict[str, Any]:
    """Tell about one Page: to everybody what is public, its token and account to those with a role."""
    if not call.is_app:
        call.signed_in_token()
    found = Page.objects.select_related("profile").filter(graph_id=node).first()
    if found is None:
        raise refuse(errors.NO_OBJECT, id=node)
    return _page(call, found)


def _page(call: FacebookCall, row: Page) -> dict[str, Any]:
    tree = read_fields(as_text(call.params, "fields"), ("id", "name"))
    return tell(row, tree, _page_fields(call), "Page")


def _page_fields(call: FacebookCall) -> Fields:
    return {
        "id": lambda page, inner: page.graph_id,
        "name": lambda page, inner: page.name,
        "category": lambda page, inner: page.category or None,
        "link": lambda page, inner: f"https://www.facebook.com/{page.graph_id}",
        "location": lambda page, inner: page.location,
        "is_published": lambda page, inner: True,
        "is_unclaimed": lambda page, inner: False,
        "is_eligible_for_branded_content": lambda page, inner: False,
        "verification_status": lambda page, inner: "not_verified",
        "access_token": lambda page, inner: _page_token(call, page),
        "tasks": lambda page, inner: _tasks(call, page),
        "instagram_business_account": lambda page, inner: _account(call, page, inner, professional=True),
        "connected_instagram_account": lambda page, inner: _account(call, page, inner, professional=False),
    }


def _role(call: FacebookCall, page: Page) -> PageRole | None:
    return None if call.is_app else call.roles().filter(page=page).first()


def _page_token(call: FacebookCall, page: Page) -> str | None:
    token = call.facebook_token
    if token is None or _role(call, page) is None or not call.has(PAGES_LIST):
        return None
    return call.token_text if token.page_id == page.pk else token.issue_for(page, call.now)


def _tasks(call: FacebookCall, page: Page) -> list[str] | None:
    role = _role(call, page)
    return role.tasks if role else None


def _account(call: FacebookCall, page: Page, inner: Tree, *, professional: bool) -> dict[str, Any] | None:
    """Return the linked account; nothing when it, or reading it, was not granted."""
    profile, grant = page.linked, None if call.is_app else call.grant()
    if profile is None or grant is None or not grant.allows(IG_BASIC, call.now) or _role(call, page) is None:
        return None
    if profile.user_id not in grant.account_ids or (professional and not profile.is_professional):
        return None
    return tell(profile, inner or {"id": {}}, account_fields(call), "IGUser")


# --- The Instagram account, as this host tells it -----------------------------------------------------------
def account(call: FacebookCall, node: str) -> dict[str, Any]:
    """Tell about an Instagram account that the token reaches."""
    profile: Profile = call.own(node, BASIC)
    tree = read_fields(as_text(call.params, "fields"), ("id",))
    return tell(profile, tree, account_fields(call), "IGUser")


# --- Places -------------------------------------------------------------------------------------------------
def search_pages(call: FacebookCall, node: str) -> dict[str, Any]:
    """Find Pages by a part of their name; needs a feature that an app may lack."""
    if not call.is_app:
        call.signed_in_token()
    if not call.control.allows_page_search:
        raise refuse(errors.PAGE_SEARCH)
    words = as_text(call.params, "q").strip()
    if not words:
        raise invalid("The parameter q is required.")
    tree = read_fields(as_text(call.params, "fields"), ("id", "name"))
    known = _page_fields(call)
    rows = [row for row in Page.objects.order_by("pk") if words.casefold() in row.name.casefold()]
    return {"data": [tell(row, tree, known, "Page") for row in rows[:25]]}
