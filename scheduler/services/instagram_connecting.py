"""Connect an account by Instagram Login: consent page, code, long-lived token, profile."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduler.instagram.client import Profile
from scheduler.instagram.errors import InstagramError
from scheduler.instagram.oauth import LongToken, missing_permissions
from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import InstagramAccount, OAuthState, User
from scheduler.models.fields import vault
from scheduler.services import connecting
from scheduler.services.clients import client_for_token, instagram_login
from scheduler.services.connecting import ConnectProblem, ConnectResult, Login

NEED_PROFESSIONAL = gettext_noop(
    "Personal accounts can't be connected. Switch to a professional account in the Instagram app, it's free."
)


def redirect_uri() -> str:
    """Return the address Instagram sends the person back to."""
    return connecting.redirect_uri(Login.INSTAGRAM)


def start_instagram_login(
    user: User, session_key: str, account: InstagramAccount | None = None, return_to: str = ""
) -> str:
    """Return the consent page's address; `account` makes it a reconnect of that one."""
    state = connecting.begin(Login.INSTAGRAM, user, session_key, account, return_to)
    return instagram_login().authorize_url(redirect_uri=redirect_uri(), state=state, force_reauth=account is not None)


def finish_instagram_login(user: User, session_key: str, query: Mapping[str, str]) -> ConnectResult:
    """Turn the answer of the consent page into a connected account. Never raises for what people or Instagram do."""
    now, state = clock.now(), query.get("state", "")
    asked = OAuthState.redeem(state, flow=Login.INSTAGRAM.value, user=user, session_key=session_key, now=now)
    if asked is None:
        return ConnectResult(problem=connecting.too_old())
    try:
        vault()  # a key that cannot seal the token is said before the code is spent
        account = _connect(user, asked.account, query, now)
    except (ConnectProblem, KeyProblem) as problem:
        return ConnectResult(problem=str(problem), return_to=asked.return_to)
    return ConnectResult(account=account, return_to=asked.return_to)


def _connect(
    user: User, expected: InstagramAccount | None, query: Mapping[str, str], now: datetime
) -> InstagramAccount:
    token, permissions, profile = _ask_instagram(connecting.code_of(query, Login.INSTAGRAM))
    if not profile.is_professional:
        raise ConnectProblem(_(NEED_PROFESSIONAL))
    if expected is not None and expected.instagram_user_id != profile.user_id:
        raise ConnectProblem(
            _("You signed in as @%(other)s, but this is @%(account)s. Nothing was changed.")
            % {"other": profile.username, "account": expected.instagram_username}
        )
    write = partial(_write, profile=profile, token=token, permissions=permissions, now=now)
    return connecting.keep(user, profile.user_id, write, now)


def _ask_instagram(code: str) -> tuple[LongToken, list[str], Profile]:
    login = instagram_login()
    try:
        short = login.exchange_code(code, redirect_uri())
        if short.permissions is not None and missing_permissions(short.permissions):
            raise ConnectProblem(
                _("Instagram didn't give permission to publish. Connect again and leave every option on.")
            )
        long_lived = login.exchange_for_long_lived(short.token)
        return long_lived, sorted(short.permissions or []), client_for_token(long_lived.token).read_profile()
    except InstagramError as error:
        raise ConnectProblem(connecting.sentence_of(error, Login.INSTAGRAM)) from None


def _write(
    account: InstagramAccount, *, profile: Profile, token: LongToken, permissions: list[str], now: datetime
) -> None:
    account.app_scoped_id, account.instagram_username = profile.app_scoped_id, profile.username
    account.name, account.account_type = profile.name, profile.account_type
    account.connect(token.token, token.expires_in_s, permissions, now)
