"""Connect, reconnect and disconnect Instagram accounts, and let held posts go again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduler.instagram.client import Profile
from scheduler.instagram.errors import InstagramError
from scheduler.instagram.oauth import LongToken, missing_permissions
from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem
from scheduler.models import (
    HoldReason,
    InstagramAccount,
    OAuthState,
    PostChange,
    ScheduledPost,
    User,
    WrongState,
)
from scheduler.models.fields import vault
from scheduler.models.post import hold_reason_of
from scheduler.services import notices
from scheduler.services.clients import client_for_token, instagram_login
from scheduler.services.verdicts import hold_posts_of

FLOW = InstagramAccount.Login.INSTAGRAM.value
LONGEST_PATH = 300
# Held posts whose time has passed go out this far apart when they are released "now".
SPACING = timedelta(minutes=15)
ACCOUNT_HOLDS = [
    HoldReason.RECONNECT,
    HoldReason.PERMISSION,
    HoldReason.DISCONNECTED,
    HoldReason.RESTRICTED,
    HoldReason.ACCOUNT_TYPE,
    HoldReason.MISSED,
]


NEED_PROFESSIONAL = gettext_noop(
    "Personal accounts can't be connected. Switch to a professional account in the Instagram app, it's free."
)


@dataclass(frozen=True)
class ConnectResult:
    """How a connection ended: the account, or a sentence that says why nothing was changed."""

    account: InstagramAccount | None = None
    problem: str = ""
    return_to: str = ""


class ConnectProblem(Exception):
    """The connection cannot be made; the text is the sentence for the screen."""


def redirect_uri() -> str:
    """Return the address Instagram sends the person back to; it must stand in the app's settings to the letter."""
    return settings.PUBLIC_BASE_URL + reverse("instagram-callback")


def start_instagram_login(
    user: User, session_key: str, account: InstagramAccount | None = None, return_to: str = ""
) -> str:
    """Return the consent page's address; `account` makes it a reconnect of that one."""
    state = OAuthState.start(
        now=clock.now(),
        flow=FLOW,
        user=user,
        session_key=session_key,
        account=account,
        return_to=_page_of_ours(return_to),
    )
    return instagram_login().authorize_url(redirect_uri=redirect_uri(), state=state, force_reauth=account is not None)


def _page_of_ours(address: str) -> str:
    """Return a path on this site that fits its column, "" for everything else."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local and address.isprintable() and len(address) <= LONGEST_PATH else ""


def finish_instagram_login(user: User, session_key: str, query: Mapping[str, str]) -> ConnectResult:
    """Turn the answer of the consent page into a connected account. Never raises for what people or Instagram do."""
    now = clock.now()
    asked = OAuthState.redeem(query.get("state", ""), flow=FLOW, user=user, session_key=session_key, now=now)
    if asked is None:
        return ConnectResult(
            problem=_("This sign-in is too old or was used already. Nothing was changed. Connect again.")
        )
    try:
        vault()  # a key that cannot seal the token is said before the code is spent
        account = _connect(user, asked.account, query, now)
    except (ConnectProblem, KeyProblem) as problem:
        return ConnectResult(problem=str(problem), return_to=asked.return_to)
    return ConnectResult(account=account, return_to=asked.return_to)


def _connect(
    user: User, expected: InstagramAccount | None, query: Mapping[str, str], now: datetime
) -> InstagramAccount:
    token, permissions, profile = _ask_instagram(_code_of(query))
    if not profile.is_professional:
        raise ConnectProblem(_(NEED_PROFESSIONAL))
    if expected is not None and expected.instagram_user_id != profile.user_id:
        raise ConnectProblem(
            _("You signed in as @%(other)s, but this is @%(account)s. Nothing was changed.")
            % {"other": profile.username, "account": expected.instagram_username}
        )
    return _keep(user, profile, token, permissions, now)


def _code_of(query: Mapping[str, str]) -> str:
    if query.get("error"):
        raise ConnectProblem(
            _("You didn't allow the connection, so nothing was changed. You can connect again any time.")
        )
    code = query.get("code", "").removesuffix("#_")
    if not code:
        raise ConnectProblem(_("Instagram's answer had no code in it. Nothing was changed. Connect again."))
    return code


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
        raise ConnectProblem(_sentence_of(error)) from None


def _sentence_of(error: InstagramError) -> str:
    if error.name in {"CONNECTION_ERROR", "INSTAGRAM_DOWN"}:
        return _("Instagram did not answer. Nothing was changed. Connect again in a few minutes.")
    if error.name == "APP_ERROR":
        return _(
            "Instagram does not know this installation's app. Whoever runs Pauta must check the app id and secret."
        )
    return _("Instagram refused this sign-in: it may have been used already. Nothing was changed. Connect again.")


def _keep(user: User, profile: Profile, token: LongToken, permissions: list[str], now: datetime) -> InstagramAccount:
    try:
        return _write(_known(user, profile), profile, token, permissions, now)
    except IntegrityError:
        # Another answer for the same new account was written since we looked.
        return _write(_known(user, profile), profile, token, permissions, now)


def _known(user: User, profile: Profile) -> InstagramAccount:
    """Return the person's row of this account; a new one, not stored yet, when there is none."""
    found = InstagramAccount.objects.for_user(user).filter(instagram_user_id=profile.user_id).first()
    return found or InstagramAccount(user=user, instagram_user_id=profile.user_id, timezone=user.timezone)


def _write(
    account: InstagramAccount, profile: Profile, token: LongToken, permissions: list[str], now: datetime
) -> InstagramAccount:
    with transaction.atomic():
        account.app_scoped_id, account.instagram_username = profile.app_scoped_id, profile.username
        account.name, account.account_type = profile.name, profile.account_type
        account.connect(token.token, token.expires_in_s, permissions, now)
        ScheduledPost.objects.filter(instagram_account=account).wake_unresolved(now)
        notices.settle_account(account, now)
    return account


def disconnect(account: InstagramAccount, user: User, now: datetime) -> int:
    """Forget the token and hold what is planned; return how many posts that holds.

    Revokes at Instagram if it can, unless somebody else here connected the same account: that would end theirs too.
    """
    token = _token_to_revoke(account)
    with transaction.atomic():
        account.disconnect()
        held = hold_posts_of(account, hold_reason_of(account))
        notices.settle_account(account, now)
    if token:
        try:
            instagram_login().revoke(token)
        except InstagramError:
            pass  # our side forgot the token; Instagram's own settings list the app until it is removed there
    return held


def _token_to_revoke(account: InstagramAccount) -> str:
    """Return the token; "" when there is none, somebody else needs it, or the key is lost.

    None of that must keep a person from disconnecting.
    """
    same = InstagramAccount.objects.filter(instagram_user_id=account.instagram_user_id).exclude(pk=account.pk)
    try:
        return "" if same.connected().exists() else account.token()
    except KeyProblem:
        return ""


def scheduled_count(account: InstagramAccount) -> int:
    """Return how many posts a disconnect would hold."""
    return ScheduledPost.objects.filter(
        instagram_account=account, status=ScheduledPost.Status.SCHEDULED, hold_reason="", deleted_at=None
    ).count()


def held_posts(account: InstagramAccount) -> list[ScheduledPost]:
    """Return the account's posts that wait for a release, the earliest first."""
    return list(
        ScheduledPost.objects.filter(
            instagram_account=account, hold_reason__in=ACCOUNT_HOLDS, status="scheduled", deleted_at=None
        ).order_by("scheduled_for")
    )


def release(account: InstagramAccount, user: User, choice: str, now: datetime) -> int:
    """Let held posts go: future ones at their time; past ones "now" (15 min apart) or left ("leave").

    Returns how many were released. Nothing happens while the account cannot publish.
    """
    if not account.can_publish:
        return 0
    late = released = 0
    for post in held_posts(account):
        is_past = post.scheduled_for is not None and post.scheduled_for < now
        if is_past and choice != "now":
            continue
        try:
            post.release(now=now, not_before=now + late * SPACING if is_past else now)
        except WrongState:
            continue  # somebody changed it at this moment; it is not on hold any more
        late += is_past
        released += 1
        PostChange.note(post, PostChange.Act.RELEASED, user, now)
    notices.settle_missed(account.pk, now)
    return released
