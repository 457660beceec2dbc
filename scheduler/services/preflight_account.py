"""Preflight: is the account able to publish this, then?"""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from scheduler.lib.safe_fetch import is_public
from scheduler.models import InstagramAccount
from scheduler.services import pausing, when
from scheduler.services.findings import Finding, blocker, warning
from scheduler.services.preflight_case import Case


def look(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the account, and with the address that Instagram fetches from."""
    account = case.account
    if account is None:
        yield blocker("ACCOUNT_MISSING", "account")
        return
    yield from _connection(case, account)
    if kind := pausing.in_force(account, case.post.user):
        code = "EVERYTHING_PAUSED" if kind == pausing.EVERYTHING else "ACCOUNT_PAUSED"
        yield warning(code, "account", account=case.username)
    if case.post.first_comment.strip() and not account.can_comment:
        yield warning("COMMENT_PERMISSION", "first_comment", account=case.username)
    if is_real_instagram() and not is_reachable(settings.PUBLIC_BASE_URL):
        yield warning("ADDRESS_OF_PAUTA", "uploads", address=settings.PUBLIC_BASE_URL)


def _connection(case: Case, account: InstagramAccount) -> Iterator[Finding]:
    if account.status == InstagramAccount.Status.DISCONNECTED:
        yield blocker("ACCOUNT_DISCONNECTED", "account", account=case.username)
    elif not account.can_publish:
        yield blocker(account.status_reason or "TOKEN_EXPIRED", "account", account=case.username)
    elif account.account_type == "PERSONAL":
        yield blocker("ACCOUNT_NOT_PROFESSIONAL", "account", account=case.username)
    elif account.permissions and not any("content_publish" in name for name in account.permissions):
        yield blocker("PERMISSION_DENIED", "account", account=case.username)
    elif account.token_ends_before(case.now):
        yield blocker("TOKEN_EXPIRED", "account", account=case.username)
    elif case.at is not None and account.token_ends_before(case.at):
        day = when.day_date(account.ends_at)
        yield warning("TOKEN_ENDS_FIRST", "account", account=case.username, day=day)


def is_real_instagram() -> bool:
    """Return whether posts go to the Instagram that the world sees."""
    host = urlsplit(settings.INSTAGRAM_GRAPH_URL).hostname or ""
    return not settings.INSTAGRAM_SANDBOX and host.endswith(".instagram.com")


def is_reachable(address: str) -> bool:
    """Return whether an address may be open to the world, as far as it tells by itself."""
    host = urlsplit(address).hostname or ""
    try:
        return is_public(ip_address(host))
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost", ".test"))
