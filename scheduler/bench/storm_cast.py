"""Who a storm catches besides the measured cast: accounts behind Pages, and a film."""

import tempfile
from pathlib import Path

from django.core.files.base import ContentFile

from scheduler.bench.cast import Cast
from scheduler.lib import clock
from scheduler.models import InstagramAccount, MediaAsset
from scheduler.sandbox import casting
from scheduler.sandbox.models.facebook import FACEBOOK_SCOPES, FacebookPerson, FacebookToken, Grant, Page
from scheduler.sandbox.models.login import LONG_LIFETIME
from scheduler.services.media_intake import take_upload


class StormCast(Cast):
    """The cast with a film for each person's account, and with accounts that came by Facebook Login."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts = [*self.accounts[: len(self.accounts) // 2], *self._behind_pages()]
        self.film = self._film()

    def files(self, letters: str) -> list[MediaAsset]:
        """Return the asset of each letter: p a picture, v a film."""
        return [{"p": self.picture, "v": self.film}[letter] for letter in letters]

    def reconnect(self, account: InstagramAccount) -> None:
        """Sign in once more, the way the account came in."""
        token, permissions, now = account.token(), list(account.permissions), clock.now()
        if account.login == InstagramAccount.Login.FACEBOOK:
            account.connect_by_page(token, permissions, now)
        else:
            account.connect(token, int(LONG_LIFETIME.total_seconds()), permissions, now)

    def _behind_pages(self) -> list[InstagramAccount]:
        """Connect the professional accounts of one person's Pages."""
        person = casting.people()[0]
        roles = person.roles.select_related("page__profile")
        pages = [role.page for role in roles if role.page.profile and role.page.profile.is_professional]
        user_token = _sign_in(person, pages)
        return [self._connect_page(page, user_token.issue_for(page, clock.now())) for page in pages]

    def _connect_page(self, page: Page, token: str) -> InstagramAccount:
        account = InstagramAccount(
            user=self.owner,
            login=InstagramAccount.Login.FACEBOOK,
            instagram_user_id=page.profile.user_id,
            instagram_username=page.profile.username,
            account_type=page.profile.account_type,
        )
        names = {"facebook_page_id": page.graph_id, "facebook_page_name": page.name}
        account.connect_by_page(token, list(FACEBOOK_SCOPES), clock.now(), **names)
        return account

    def _film(self) -> MediaAsset:
        # Only here: FFmpeg is loaded by what needs a film.
        from scheduler.demo import film
        from scheduler.demo.scenes import PALETTES

        with tempfile.TemporaryDirectory(prefix="pauta-storm-") as folder:
            path = Path(folder) / "storm.mp4"
            film.write(film.sunrise(PALETTES[0]), path)
            return take_upload(self.owner, ContentFile(path.read_bytes(), "storm.mp4"))


def _sign_in(person: FacebookPerson, pages: list[Page]) -> FacebookToken:
    """Return the long-lived token of a person who allows everything."""
    now = clock.now()
    facts = {
        "permissions": dict.fromkeys(FACEBOOK_SCOPES, "granted"),
        "page_ids": [page.graph_id for page in pages],
        "account_ids": [page.profile.user_id for page in pages],
        "signed_in_at": now,
    }
    Grant.objects.update_or_create(person=person, defaults=facts)
    return FacebookToken.issue(person, now, long=True)[0]
