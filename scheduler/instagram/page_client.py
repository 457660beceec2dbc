"""The client of an account behind a Facebook Page: the Page's token does the work, the user's helps to read."""

from typing import Any

from scheduler.instagram.client import Bearer, Client, Secrets, proof_of
from scheduler.instagram.errors import InstagramError, Step

# Refusals that the other token may not meet: Meta's pages disagree on which of the two reads what.
REFUSED = frozenset({"PERMISSION_DENIED", "OBJECT_MISSING"})


class PageClient(Client):
    """Publishes with the Page's token alone; a read that it is refused is asked once more with the user's.

    Only what changes nothing is asked twice, so that no post and no comment can come twice.
    """

    def __init__(self, *, user_token: str = "", **words: Any) -> None:
        """user_token: the long-lived token of the person who connected the Page; "" without one."""
        super().__init__(**words)
        self._user_token = user_token
        self._user_secrets = Secrets(user_token, self._app_secret)

    def _get(self, step: Step, path: str, **params: Any) -> dict[str, Any]:
        try:
            return super()._get(step, path, **params)
        except InstagramError as error:
            if error.name not in REFUSED or not self._user_token:
                raise
            refused, refusal = self.last_exchange, error
        try:
            return self._get_as_user(step, path, params)
        except InstagramError:
            # The refusal of the token that publishes is the one to follow; the user's may just have run out.
            self._transport.last_exchange = refused
            raise refusal from None

    def _get_as_user(self, step: Step, path: str, params: dict[str, Any]) -> dict[str, Any]:
        shown = f"/{self._version}/{path}"
        return self._transport.call(
            step,
            "GET",
            self._base + shown,
            shown,
            secrets=self._user_secrets,
            auth=Bearer(self._user_token),
            params=params | {"appsecret_proof": proof_of(self._user_token, self._app_secret)},
        )
