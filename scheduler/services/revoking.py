"""Give back at Instagram or Facebook what a connection was allowed, unless somebody here still needs it."""

from contextlib import suppress
from dataclasses import dataclass, field

from scheduler.instagram.errors import InstagramError
from scheduler.lib.sealing import KeyProblem
from scheduler.models import InstagramAccount
from scheduler.services.clients import facebook_login, instagram_login

Login = InstagramAccount.Login


@dataclass(frozen=True)
class Grant:
    """The token with which a permission is taken back, read before the row forgets it."""

    login: str
    token: str = field(repr=False)

    def revoke(self) -> None:
        """Take it back; a refusal changes nothing for us, who forgot the token.

        Instagram's or Facebook's own settings then list the app until it is removed there.
        """
        login = facebook_login() if self.login == Login.FACEBOOK else instagram_login()
        with suppress(InstagramError):
            login.revoke(self.token)


def grant_of(account: InstagramAccount) -> Grant | None:
    """Return what may be given back; None without a token, with a lost key, or while another row lives on it.

    At Instagram a permission belongs to the account, at Facebook to the person behind all of their Pages.
    """
    if account.pk is None or _is_shared(account):
        return None
    try:
        token = account.user_token() if account.login == Login.FACEBOOK else account.token()
    except KeyProblem:
        return None
    return Grant(account.login, token) if token else None


def _is_shared(account: InstagramAccount) -> bool:
    others = InstagramAccount.objects.connected().filter(login=account.login).exclude(pk=account.pk)
    if account.login == Login.FACEBOOK:
        return others.filter(facebook_user_id=account.facebook_user_id).exists()
    return others.filter(instagram_user_id=account.instagram_user_id).exists()
