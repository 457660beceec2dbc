"""Who a storm catches besides the measured cast: accounts behind Pages, and a film."""

import tempfile
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from scheduler.bench.cast import Cast
from scheduler.lib import clock
from scheduler.models import InstagramAccount, MediaAsset
from scheduler.sandbox import casting
from scheduler.sandbox.models.facebook import FACEBOOK_SCOPES, FacebookPerson, FacebookToken, Grant, Page
from scheduler.sandbox.models.login import LONG_LIFETIME
from scheduler.sandbox.models.profile import Profile
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
        pages = [role.page for role in person.roles.select_related("page__profile")]
        owned = [(page, page.profile) for page in pages if page.profile and page.profile.is_professional]
        user_token = _sign_in(
            person, [page.graph_id for page in pages], [profile.user_id for _page, profile in owned]
        )
        return [self._connect_page(page, profile, user_token.issue_for(page, clock.now())) for page, profile in owned]

    def _connect_page(self, page: Page, profile: Profile, token: str) -> InstagramAccount:
        account = InstagramAccount(
            user=self.owner,
            instagram_user_id=profile.user_id,
            instagram_username=profile.username,
            account_type=profile.account_type,
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
            return take_upload(self.owner, SimpleUploadedFile("storm.mp4", path.read_bytes()))


def _sign_in(person: FacebookPerson, page_ids: list[str], account_ids: list[str]) -> FacebookToken:
    """Return the long-lived token of a person who allows everything."""
    now = clock.now()
    granted = dict.fromkeys(FACEBOOK_SCOPES, "granted")
    facts = {"permissions": granted, "page_ids": page_ids, "account_ids": account_ids, "signed_in_at": now}
    Grant.objects.update_or_create(person=person, defaults=facts)
    return FacebookToken.issue(person, now, long=True)[0]
