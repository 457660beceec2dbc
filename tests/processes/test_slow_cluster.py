"""Real processes: a video is made ready by a cluster that is there only while it has work."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress

import psutil
import pytest

from scheduler.bench.instance import wait_for
from tests.installation import own_installation
from tests.processes.test_cluster import ROOT, shell

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

UPLOAD = """
from django.core.files.uploadedfile import SimpleUploadedFile
from scheduler.models import User
from scheduler.services.media_intake import take_upload
from tests.media import corpus
user = User.objects.create(username="vera")
take_upload(user, SimpleUploadedFile("odd.mp4", corpus.film({seconds}, codec="mpeg4", size=(720, 1280))))
"""
CLUSTER = """
import sys; sys.path.insert(0, "site")
import django; django.setup()
from django.core.management import call_command
call_command("qcluster")
"""


@pytest.fixture
def env():
    with own_installation() as one:
        one |= {"WORKERS": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
        yield one


@pytest.fixture
def cluster(env):
    with subprocess.Popen([sys.executable, "-c", CLUSTER], cwd=ROOT, env=env) as process:
        yield psutil.Process(process.pid)
        process.send_signal(signal.SIGTERM)


def slow_cluster_of(cluster):
    return next((one for one in cluster.children() if "manage.py" in one.cmdline()), None)


def told(env, column):
    with closing(sqlite3.connect(f"file:{env['DATA_DIR']}/pauta.sqlite3?mode=ro", uri=True)) as database:
        return database.execute(f"SELECT {column} FROM scheduler_mediaasset").fetchone()[0]


def test_without_work_there_is_no_slow_cluster(env, cluster):
    wait_for(lambda: cluster.children(recursive=True), 20, "the cluster is there", 0.1)
    assert slow_cluster_of(cluster) is None


def test_a_video_is_made_ready_by_a_cluster_of_its_own(env, cluster):
    shell(env, UPLOAD.format(seconds=4.0))
    wait_for(lambda: told(env, "state") == "ready", 60, "the video is ready", 0.2)
    assert slow_cluster_of(cluster) is not None


def test_the_slow_cluster_dies_with_the_main_one(env, cluster):
    shell(env, UPLOAD.format(seconds=30.0))
    wait_for(lambda: told(env, "state") == "working", 60, "the video is worked on", 0.1)
    family = slow_cluster_of(cluster).children(recursive=True)
    cluster.kill()
    _gone, left = psutil.wait_procs(family, timeout=15)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    assert not left
