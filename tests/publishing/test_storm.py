"""Whatever happens in whatever order: live once, told truly, never stuck. Many seeds; hundreds with `--full`."""

import os

import pytest

from tests.publishing.storm import Storm

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
FIRST = int(os.environ.get("PAUTA_STORM_FIRST", 0))
COUNT = 400 if os.environ.get("PAUTA_TEST_FULL") else 40
SEEDS = range(FIRST, FIRST + COUNT)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_storm_every_post_is_live_once_or_says_why_not(seed, instagram, plan, time, alice):
    storm = Storm(seed, instagram=instagram, plan=plan, time=time, owner=alice)
    broken = storm.run()
    assert not broken, "\n".join([*storm.story, *map(str, broken)])
