"""HTTP sessions that do what they are asked and nothing besides."""

import requests


class PlainSession(requests.Session):
    """Takes no proxy and no password from the environment; a redirect is an answer like any other.

    requests looks into a redirect even when it is told not to follow: it would read the whole body, however large and
    however it is compressed, and stumble over an address that is none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: nothing leads anywhere by itself."""
