"""What both logins share: how a connection begins, ends, and is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from scheduler.instagram.errors import InstagramError
from scheduler.lib import clock
from scheduler.models import InstagramAccount, OAuthState, PendingConnection, ScheduledPost, Status, User
from scheduler.models.post import NO_CLAIM, NO_CONTAINER
from scheduler.services import notices, revoking

Login = InstagramAccount.Login
LONGEST_PATH = 300


@dataclass(frozen=True)
class ConnectResult:
    """How a connection ended: the account, a choice to be made, or a sentence that says why nothing was changed.

    left_out: accounts connected before that this sign-in took the permission from.
    """

    account: InstagramAccount | None = None
    problem: str = ""
    return_to: str = ""
    pending: PendingConnection | None = None
    left_out: list[InstagramAccount] = field(default_factory=list)


class ConnectProblem(Exception):
    """The connection cannot be made; the text is the sentence for the screen."""


def ways() -> list[Login]:
    """Return the logins that this installation has an app for."""
    apps = {
        Login.INSTAGRAM: (settings.INSTAGRAM_APP_ID, settings.INSTAGRAM_APP_SECRET),
        Login.FACEBOOK: (settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET),
    }
    return [login for login, app in apps.items() if all(app)]


def way_back(account: InstagramAccount) -> Login:
    """Return the login a reconnect goes by: the account's own, or the other one when only that is set up."""
    login, open_ways = Login(account.login), ways()
    return login if login in open_ways or not open_ways else open_ways[0]


def not_set_up(login: Login) -> str:
    """Return the sentence for a login that this installation has no app for."""
    return _(
        "Connecting with %(login)s is not set up here. "
        "Whoever runs Pauta must set %(prefix)s_APP_ID and %(prefix)s_APP_SECRET."
    ) % {"login": login.label, "prefix": login.name}


def redirect_uri(login: Login) -> str:
    """Return the address the person is sent back to; it must stand in the app's settings to the letter."""
    return settings.PUBLIC_BASE_URL + reverse(f"{login}-callback")


def begin(
    login: Login, user: User, session_key: str, account: InstagramAccount | None = None, return_to: str = ""
) -> str:
    """Return a fresh state for a consent page; `account` makes it a reconnect of that one."""
    return OAuthState.start(
        now=clock.now(),
        flow=login.value,
        user=user,
        session_key=session_key,
        account=account,
        return_to=_page_of_ours(return_to),
    )


def _page_of_ours(address: str) -> str:
    """Return a path on this site that fits its column, "" for everything else."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local and address.isprintable() and len(address) <= LONGEST_PATH else ""


def too_old() -> str:
    """Return the sentence for an answer nobody asked for, or that came late or twice."""
    return _("This sign-in is too old or was used already. Nothing was changed. Connect again.")


def code_of(query: Mapping[str, str], login: Login) -> str:
    """Return the code of a consent page's answer. Raises ConnectProblem when the person said no, or there is none."""
    if query.get("error") == "access_denied" or query.get("error_reason") == "user_denied":
        raise ConnectProblem(
            _("You didn't allow the connection, so nothing was changed. You can connect again any time.")
        )
    if query.get("error") or query.get("error_code"):
        raise ConnectProblem(
            _("%(login)s stopped the sign-in. Nothing was changed. Connect again in a few minutes.")
            % {"login": login.label}
        )
    code = query.get("code", "")
    if not code.partition("#")[0]:
        raise ConnectProblem(
            _("The answer of %(login)s had no code in it. Nothing was changed. Connect again.")
            % {"login": login.label}
        )
    return code


def sentence_of(error: InstagramError, login: Login) -> str:
    """Return what a person reads when a sign-in fails on the way."""
    if error.name in {"CONNECTION_ERROR", "INSTAGRAM_DOWN", "RATE_LIMITED"}:
        told = _("%(login)s did not answer. Nothing was changed. Connect again in a few minutes.")
    elif error.name == "APP_ERROR":
        told = _(
            "%(login)s does not know this installation's app. Whoever runs Pauta must check the app id and secret."
        )
    else:
        told = _("%(login)s refused this sign-in: it may have been used already. Nothing was changed. Connect again.")
    return told % {"login": login.label}


def keep(
    user: User, instagram_user_id: str, connect: Callable[[InstagramAccount], None], now: datetime
) -> InstagramAccount:
    """Store a connection: the person's row of this Instagram account, made when there is none.

    connect: writes names and tokens into the row; it runs inside a transaction, so it asks nobody.
    """
    try:
        return _keep(_known(user, instagram_user_id), connect, now)
    except IntegrityError:
        # Another answer for the same new account was written since we looked.
        return _keep(_known(user, instagram_user_id), connect, now)


def _known(user: User, instagram_user_id: str) -> InstagramAccount:
    """Return the person's row of this account; a new one, not stored yet, when there is none."""
    found = InstagramAccount.objects.for_user(user).filter(instagram_user_id=instagram_user_id).first()
    return found or InstagramAccount(user=user, instagram_user_id=instagram_user_id, timezone=user.timezone)


def _keep(account: InstagramAccount, connect: Callable[[InstagramAccount], None], now: datetime) -> InstagramAccount:
    before, grant = account.login if account.pk else "", revoking.grant_of(account)
    with transaction.atomic():
        connect(account)
        posts = ScheduledPost.objects.filter(instagram_account=account)
        switched = before not in {"", account.login}
        if switched:
            _forget_containers(posts.filter(status=Status.SCHEDULED, publish_calls=0), now)
        posts.wake_unresolved(now)
        notices.settle_account(account, now)
    if switched and grant:
        grant.revoke()
    return account


def _forget_containers(posts: QuerySet[ScheduledPost], now: datetime) -> None:
    """Throw away what was prepared by the login of before: the new one's app cannot see it."""
    begun = posts.filter(~Q(container_id="") | ~Q(child_containers=[]) | ~Q(claimed_by=""))
    begun.filter(wake_at__isnull=False).update(wake_at=now, **NO_CONTAINER, **NO_CLAIM)
    begun.filter(wake_at=None).update(**NO_CONTAINER, **NO_CLAIM)
