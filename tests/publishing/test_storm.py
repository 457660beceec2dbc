"""Whatever happens in whatever order: live once, told truly, never stuck. Many seeds; hundreds with `--full`."""

import os

import pytest

from scheduler.lib import safe_fetch
from scheduler.services import uploading
from tests.publishing.storm import Storm

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
FIRST = int(os.environ.get("PAUTA_STORM_FIRST", 0))
COUNT = 400 if os.environ.get("PAUTA_TEST_FULL") else 40
SEEDS = range(FIRST, FIRST + COUNT)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_storm_every_post_is_live_once_or_says_why_not(
    seed, instagram, account, page_account, time, alice, settings, monkeypatch
):
    for name in ("PIECE", "AT_ONCE"):
        monkeypatch.setattr(uploading, name, 25_000)
    accounts = [account, page_account]
    storm = Storm(seed, instagram=instagram, accounts=accounts, time=time, owner=alice, settings=settings)
    monkeypatch.setattr(safe_fetch, "fetch", storm.fetch)
    broken = storm.run()
    assert not broken, "\n".join([*storm.story, *map(str, broken)])
