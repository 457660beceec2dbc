"""A real cluster whose workers are killed while they wait: the next posts go out all the same."""

import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from scheduler.bench.instance import wait_for
from tests.installation import own_installation

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

ROOT = Path(__file__).parents[2]
# The product's own command, only less patient.
CLUSTER = """
import sys; sys.path.insert(0, "site")
import django; django.setup()
from datetime import timedelta
from django.core.management import call_command
from scheduler.models import post_queryset
from scheduler.services import dispatch_watch
post_queryset.DISPATCH_GRACE = timedelta(seconds=1)
dispatch_watch.UNTAKEN_FOR = timedelta(seconds=3)
call_command("qcluster")
"""
PLAN = "from scheduler.bench.cast import Cast; Cast()"
POST_NOW = """
from scheduler.bench.cast import whole_second
from scheduler.lib import clock
from scheduler.models import InstagramAccount, MediaAsset, PostMedia, ScheduledPost
account = InstagramAccount.objects.first()
post = ScheduledPost.objects.create(user=account.user, instagram_account=account, caption="One of many")
PostMedia.objects.create(post=post, asset=MediaAsset.objects.get())
post.publish_now(now=clock.now())
"""


@pytest.fixture
def env() -> Iterator[dict[str, str]]:
    """An installation with one worker, whose workers hold the common lock whenever they wait."""
    with own_installation() as one:
        one |= {"WORKERS": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
        shell(one, PLAN)
        web = [
            "-m",
            "gunicorn",
            "--pythonpath",
            "site",
            "config.wsgi",
            "--threads",
            "4",
            "--bind",
            f"127.0.0.1:{one['PORT']}",
        ]
        with subprocess.Popen([sys.executable, *web], cwd=ROOT, env=one) as server:
            wait_for(lambda: answers(one), 30, "the web server answers", 0.1)
            yield one
            server.terminate()


@pytest.fixture
def cluster(env: dict[str, str]) -> Iterator[psutil.Process]:
    with subprocess.Popen([sys.executable, "-c", CLUSTER], cwd=ROOT, env=env) as process:
        yield psutil.Process(process.pid)
        process.send_signal(signal.SIGTERM)


def shell(env: dict[str, str], code: str) -> None:
    subprocess.run([sys.executable, "manage.py", "shell", "-v", "0", "-c", code], cwd=ROOT, env=env, check=True)


def answers(env: dict[str, str]) -> bool:
    try:
        return urllib.request.urlopen(f"{env['PUBLIC_BASE_URL']}/health/live/", timeout=2).status == 200
    except OSError:
        return False


def published(env: dict[str, str]) -> int:
    with closing(sqlite3.connect(f"file:{env['DATA_DIR']}/pauta.sqlite3?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM scheduler_scheduledpost WHERE status = 'published'").fetchone()[
            0
        ]


def test_workers_killed_while_they_wait_are_replaced_with_their_queue(
    env: dict[str, str], cluster: psutil.Process
) -> None:
    shell(env, POST_NOW)
    wait_for(lambda: published(env) == 1, 30, "the first post is published", 0.1)
    (sentinel,) = cluster.children()
    forked = sentinel.children()
    for process in forked:
        process.kill()
    wait_for(lambda: len(set(sentinel.children()) - set(forked)) == len(forked), 10, "others stand in", 0.1)
    shell(env, POST_NOW)
    wait_for(lambda: published(env) == 2, 40, "the second post is published", 0.1)
    assert cluster.is_running() and not sentinel.is_running()
