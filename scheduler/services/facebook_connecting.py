"""Connect accounts by Facebook Login: dialog, code, long-lived token, Pages, and the person's pick among them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduler.instagram.errors import InstagramError
from scheduler.instagram.facebook_login import (
    BASIC,
    BUSINESSES,
    COMMENTS,
    NEEDED,
    PUBLISH,
    READ_PAGES,
    SHOW_PAGES,
    TokenFacts,
    UserToken,
)
from scheduler.lib import clock
from scheduler.lib.sealing import KeyProblem, Sealed
from scheduler.models import InstagramAccount, OAuthState, PendingConnection, User
from scheduler.models.fields import vault
from scheduler.services import connecting
from scheduler.services.clients import facebook_login
from scheduler.services.connecting import ConnectProblem, ConnectResult, Login
from scheduler.services.page_choices import (
    MOST_TOLD,
    NO_TASK,
    REASONS,
    Choice,
    choices_of,
    what_is_missing,
    why_none,
    why_not,
)

# What the permissions allow that nothing can be published without.
WORDS = {
    BASIC: gettext_noop("seeing the Instagram account"),
    PUBLISH: gettext_noop("publishing posts"),
    SHOW_PAGES: gettext_noop("seeing the list of Pages"),
    READ_PAGES: gettext_noop("reading the Pages"),
}


@dataclass(frozen=True)
class Found:
    """What a person's sign-in gave: their sealed token, its facts, and the Pages behind it."""

    token: Sealed
    token_expires_at: datetime | None
    facts: TokenFacts
    permissions: list[str]
    choices: list[Choice]


def redirect_uri() -> str:
    """Return the address Facebook sends the person back to."""
    return connecting.redirect_uri(Login.FACEBOOK)


def start_facebook_login(
    user: User, session_key: str, account: InstagramAccount | None = None, return_to: str = ""
) -> str:
    """Return the consent dialog's address; `account` makes it a reconnect of that one."""
    state = connecting.begin(Login.FACEBOOK, user, session_key, account, return_to)
    return facebook_login().dialog_url(redirect_uri=redirect_uri(), state=state)


def finish_facebook_login(user: User, session_key: str, query: Mapping[str, str]) -> ConnectResult:
    """Turn the dialog's answer into a connected account, or into a choice for the person when there are several.

    Never raises for what people or Facebook do.
    """
    now, state = clock.now(), query.get("state", "")
    asked = OAuthState.redeem(state, flow=Login.FACEBOOK.value, user=user, session_key=session_key, now=now)
    if asked is None:
        return ConnectResult(problem=connecting.too_old())
    try:
        vault()  # a key that cannot seal the token is said before the code is spent
        found = _ask_facebook(connecting.code_of(query, Login.FACEBOOK), now)
    except (ConnectProblem, KeyProblem) as problem:
        return ConnectResult(problem=str(problem), return_to=asked.return_to)
    return replace(_use(asked, found, now), return_to=asked.return_to, left_out=_left_out(user, found.facts))


def _use(asked: OAuthState, found: Found, now: datetime) -> ConnectResult:
    try:
        only = _of(asked.account, found) if asked.account else _only_one(found)
        if only is None:
            return ConnectResult(pending=_let_pick(asked, found, now))
        return ConnectResult(account=_connect(asked.user, only, found, now))
    except (ConnectProblem, KeyProblem) as problem:
        return ConnectResult(problem=str(problem))


def _left_out(user: User, facts: TokenFacts) -> list[InstagramAccount]:
    """Return the accounts that this person connected before and now left unticked.

    What a person ticks holds for all of their tokens, those given earlier too.
    """
    rows = InstagramAccount.objects.for_user(user).connected()
    return [
        account
        for account in rows.filter(login=Login.FACEBOOK, facebook_user_id=facts.user_id)
        if not facts.covers(PUBLISH, account.instagram_user_id, account.facebook_page_id)
        or not facts.covers(READ_PAGES, account.facebook_page_id, account.instagram_user_id)
    ]


def _ask_facebook(code: str, now: datetime) -> Found:
    login = facebook_login()
    try:
        short = login.exchange_code(code, redirect_uri())
        token = login.exchange_for_long_lived(short.token)
        facts, granted = login.inspect(token.token), login.read_permissions(token.token)
        _refuse_without(granted, facts)
        pages = login.find_pages(token.token, through_businesses=BUSINESSES in granted)
    except InstagramError as error:
        raise ConnectProblem(connecting.sentence_of(error, Login.FACEBOOK)) from None
    choices = choices_of(pages, granted, facts)
    return Found(vault().seal(token.token), _end_of(token, facts, now), facts, sorted(granted), choices)


def _refuse_without(granted: frozenset[str], facts: TokenFacts) -> None:
    if not facts.is_valid:
        raise ConnectProblem(_("Facebook took the sign-in back at once. Nothing was changed. Connect again."))
    missing = [_(WORDS[name]) for name in NEEDED if name not in granted]
    if missing:
        raise ConnectProblem(
            _(
                "Facebook didn't give every permission that publishing needs. Missing: %(names)s. "
                "Nothing was changed. Connect again and leave every option on."
            )
            % {"names": ", ".join(missing)}
        )


def _end_of(token: UserToken, facts: TokenFacts, now: datetime) -> datetime | None:
    """Return when the user's token ends: as Facebook describes it, else as it was told with the token."""
    told = token.expires_in_s
    return facts.expires_at or (now + timedelta(seconds=told) if told else None)


# --- Which account ----------------------------------------------------------------------------------------------
def _of(expected: InstagramAccount, found: Found) -> Choice:
    """Return the choice that is the account to be reconnected. Raises ConnectProblem when it is not among them."""
    for choice in found.choices:
        if choice.instagram_user_id == expected.instagram_user_id:
            return _usable(choice)
    others = [f"@{choice.username}" for choice in found.choices if choice.instagram_user_id]
    if others:
        told = _(
            "Facebook showed %(others)s, but not @%(account)s. Nothing was changed. Connect again: sign in as "
            "somebody who manages its Page, and tick the Page and the account."
        ) % {"others": _few(others), "account": expected.instagram_username}
        raise ConnectProblem(" ".join([told, *what_is_missing(found.permissions)]))
    raise ConnectProblem(why_none(found.choices, found.permissions, found.facts))


def _few(names: list[str]) -> str:
    """Return the first names, and how many more there are."""
    shown, more = ", ".join(names[:MOST_TOLD]), len(names) - MOST_TOLD
    return _("%(names)s and %(n)s more") % {"names": shown, "n": more} if more > 0 else shown


def _only_one(found: Found) -> Choice | None:
    """Return the choice when there is one account only, None when a person must pick."""
    accounts = [choice for choice in found.choices if choice.instagram_user_id]
    if len(accounts) > 1:
        return None
    if not accounts:
        raise ConnectProblem(why_none(found.choices, found.permissions, found.facts))
    return _usable(accounts[0])


def _usable(choice: Choice) -> Choice:
    if not choice.can_pick:
        raise ConnectProblem(why_not(choice))
    return choice


def _let_pick(asked: OAuthState, found: Found, now: datetime) -> PendingConnection:
    return PendingConnection.begin(
        now,
        user=asked.user,
        session_key=asked.session_key,
        return_to=asked.return_to,
        facebook_user_id=found.facts.user_id,
        facebook_user_token=found.token,
        token_expires_at=found.token_expires_at,
        data_access_expires_at=found.facts.data_access_expires_at,
        permissions=found.permissions,
        choices=[choice.as_row() for choice in found.choices],
    )


# --- The pick ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Picked:
    """What became of a pick: the connected accounts, and a sentence for each that could not be connected."""

    accounts: list[InstagramAccount]
    problems: list[str]


def waiting_choice(user: User, session_key: str, key: str) -> PendingConnection | None:
    """Return the choice that waits for this person in this browser; None when it is made, too old, or another's."""
    return PendingConnection.waiting(key, user=user, session_key=session_key, now=clock.now())


def choices_in(pending: PendingConnection) -> list[Choice]:
    """Return what there is to pick from."""
    return [Choice(**row) for row in pending.choices]


def lacks_businesses(pending: PendingConnection) -> bool:
    """Return whether Pages may be missing because the person let us into no business."""
    return BUSINESSES not in pending.permissions


def pick(pending: PendingConnection, picked: list[str]) -> Picked:
    """Connect the picked accounts (ids), each for itself; the choice is used up once one of them is connected.

    Ids that are not there, or that cannot be picked, are passed over.
    """
    accounts, problems = [], []
    facts = TokenFacts(pending.facebook_user_id, data_access_expires_at=pending.data_access_expires_at)
    found = Found(pending.facebook_user_token, pending.token_expires_at, facts, pending.permissions, [])
    for choice in choices_in(pending):
        if choice.can_pick and choice.instagram_user_id in picked:
            try:
                accounts.append(_connect(pending.user, choice, found, clock.now()))
            except (ConnectProblem, KeyProblem) as problem:
                problems.append(f"@{choice.username}: {problem}")
    if accounts:
        pending.delete()
    return Picked(accounts, problems)


# --- Keeping ----------------------------------------------------------------------------------------------------
def _connect(user: User, choice: Choice, found: Found, now: datetime) -> InstagramAccount:
    try:
        page_token = facebook_login().read_page_token(choice.page_id, vault().open(found.token))
    except InstagramError as error:
        raise ConnectProblem(connecting.sentence_of(error, Login.FACEBOOK)) from None
    if not page_token:
        raise ConnectProblem(_(REASONS[NO_TASK]))
    write = partial(_write, choice=choice, page_token=page_token, found=found, now=now)
    return connecting.keep(user, choice.instagram_user_id, write, now)


def _write(account: InstagramAccount, *, choice: Choice, page_token: str, found: Found, now: datetime) -> None:
    account.instagram_username, account.name = choice.username, choice.name or account.name
    account.connect_by_page(
        page_token,
        [name for name in found.permissions if choice.can_comment or name != COMMENTS],
        now,
        facebook_page_id=choice.page_id,
        facebook_page_name=choice.page_name[:120],
        facebook_user_id=found.facts.user_id,
        facebook_user_token=found.token,
        token_expires_at=found.token_expires_at,
        data_access_expires_at=found.facts.data_access_expires_at,
    )
