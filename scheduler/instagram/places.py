"""Look for places that a post can name: Facebook Pages with a point on the map. Tokens of Facebook Login only.

Source: Graph API, "Pages Search"; Instagram Platform, "IG User Media" (location_id).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from scheduler.instagram.answers import rows_of, text_of
from scheduler.instagram.client import Bearer, Exchange, Secrets, Transport, proof_of
from scheduler.instagram.errors import Step

SEARCH_FIELDS = "id,name,location,link"
PLACE_FIELDS = "id,name,location"
# Somebody waits for the answer.
TOTAL_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Place:
    """A Page that may be the place of a post.

    where:     town and country, as far as told.
    is_on_map: whether it has a point on the map; Instagram refuses one without.
    """

    page_id: str
    name: str
    where: str = ""
    is_on_map: bool = True

    @property
    def words(self) -> str:
        """Return its name, and where it is."""
        return f"{self.name} · {self.where}" if self.where else self.name


class PlaceSearch:
    """Asks in the name of the person who connected an account behind a Page."""

    def __init__(
        self, *, graph_url: str, version: str, token: str, app_secret: str, session: requests.Session | None = None
    ) -> None:
        """token: the long-lived token of the Facebook user."""
        self._base, self._version = graph_url.rstrip("/"), version
        self._token, self._secrets = token, Secrets(token, app_secret)
        self._proof = proof_of(token, app_secret)
        self._transport = Transport(session, total_timeout_s=TOTAL_TIMEOUT_S)

    @property
    def last_exchange(self) -> Exchange:
        """Return what was asked and answered last, also when it failed; no token."""
        return self._transport.last_exchange

    def find(self, words: str) -> list[Place]:
        """Return the places whose names fit, best first; those without a point on the map are left out.

        Raises InstagramError; PERMISSION_DENIED also when Meta never allowed the app to search.
        """
        data = self._ask("pages/search", q=words, fields=SEARCH_FIELDS)
        if not isinstance(data.get("data"), list):
            raise self._transport.lacking(Step.PROFILE)
        return [place for row in rows_of(data) if (place := _place(row)) and place.is_on_map]

    def read(self, page_id: str) -> Place:
        """Return one Page by its number. Raises InstagramError; code 100/33 or 803 when there is none in sight."""
        place = _place(self._ask(quote(page_id, safe=""), fields=PLACE_FIELDS))
        if place is None:
            raise self._transport.lacking(Step.PROFILE)
        return place

    def _ask(self, path: str, **words: str) -> dict[str, Any]:
        shown = f"/{self._version}/{path}"
        return self._transport.call(
            Step.PROFILE,
            "GET",
            self._base + shown,
            shown,
            secrets=self._secrets,
            auth=Bearer(self._token),
            params=words | {"appsecret_proof": self._proof},
        )


def _place(row: dict[str, Any]) -> Place | None:
    """Return the place that a row tells of, None for a row without number or name."""
    page_id, name, told = text_of(row.get("id")), text_of(row.get("name")), row.get("location")
    if not page_id.isdecimal() or not name:
        return None
    location = told if isinstance(told, dict) else {}
    where = [text_of(location.get(part)) for part in ("city", "country")]
    is_on_map = all(isinstance(location.get(axis), int | float) for axis in ("latitude", "longitude"))
    return Place(page_id, name[:120], ", ".join(part for part in where if part)[:120], is_on_map)
