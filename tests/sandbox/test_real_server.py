"""The sandbox behind real web servers: dropped connections are dropped, one container is one post."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest
import requests

from tests.installation import put_tables
from tests.sandbox.pictures import film
from tests.sandbox.world import Sandbox, refusal

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = ["--config", "site/config/gunicorn.py", "--workers", "2", "--threads", "4"]
# The picture stands where the product's own media stand: the simulation fetches from no other private address.
PREPARE = """
import django; django.setup()
from django.core.files.base import ContentFile
from scheduler.models import User
from scheduler.services.media_intake import take_upload
from tests.sandbox.pictures import picture
from tests.sandbox.world import Sandbox
world = Sandbox(); world.instant()
asset = take_upload(User.objects.create_user("alice"), ContentFile(picture(), "a.jpg"))
print(world.token_for(world.profile()), world.page_token_for(), asset.rendition("publish").public_url)
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class Server:
    """A gunicorn as the product runs it, on a data folder of its own."""

    def __init__(self, folder):
        self.port = free_port()
        self.database = folder / "sandbox.sqlite3"
        self.environ = {
            **os.environ,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{self.port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": f"{ROOT / 'site'}:{ROOT}",
            "INSTAGRAM_SANDBOX": "1",
            "DATABASE_URL": "",
        }
        put_tables(folder)
        self.token, self.page_token, self.image_url = self.run("-c", PREPARE).split()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *GUNICORN, "--bind", f"127.0.0.1:{self.port}", "config.wsgi"],
            cwd=ROOT,
            env=self.environ,
            start_new_session=True,
        )
        self.session = requests.Session()
        self.session.trust_env = False
        self.wait()

    def run(self, *words):
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def wait(self):
        for _look in range(150):
            try:
                self.call("GET", "me")
                return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError("gunicorn did not answer")

    def call(self, method, path, **options):
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"http://127.0.0.1:{self.port}/sandbox/graph.instagram.com/{path}"
        return self.session.request(method, url, headers=headers, timeout=15, **options)

    def sql(self, statement, *values):
        with sqlite3.connect(self.database, timeout=10) as connection:
            return connection.execute(statement, values).fetchall()

    def script(self, kind, play, after_work):
        self.sql(
            "insert into sandbox_scriptedfault (kind, play, after_work, remaining, hits, message, seconds, outcome)"
            " values (?, ?, ?, 1, 0, '', 0, '')",
            kind,
            play,
            after_work,
        )

    def make(self, image_url):
        return self.call("POST", "me/media", json={"image_url": image_url})

    def ready(self):
        """Make a finished container of the product's picture."""
        return self.make(self.image_url).json()["id"]

    def posts(self, container):
        return self.sql(
            "select count(*) from sandbox_media m join sandbox_container c on c.id = m.container_id"
            " where c.graph_id = ?",
            container,
        )[0][0]

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(15)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("sandbox-server"))
    yield running
    running.stop()


@pytest.mark.processes
@pytest.mark.parametrize("after_work", [False, True])
def test_a_dropped_connection_is_dropped_under_gunicorn(server, after_work):
    container = server.ready()
    server.script("publish", "drop", after_work)
    with pytest.raises(requests.ConnectionError):
        server.call("POST", "me/media_publish", data={"creation_id": container})
    assert server.posts(container) == int(after_work)


@pytest.mark.processes
def test_twenty_publish_calls_at_once_make_one_post(server):
    container = server.ready()

    def publish(_number):
        return server.call("POST", "me/media_publish", data={"creation_id": container})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(publish, range(20)))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert {refusal(answer) for answer in answers if answer not in good} == {(9007, 2207027)}
    assert server.posts(container) == 1
    lines = server.sql(
        "select outcome, count(*) from sandbox_publishcall where creation_id = ? group by outcome", container
    )
    assert dict(lines) == {"published": 1, "refused": 19}


@pytest.mark.processes
def test_eight_pictures_of_the_same_server_at_once_do_not_wait_for_each_other_for_ever(server):
    missing = f"http://127.0.0.1:{server.port}/m/unknown/a.jpg"
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _number: server.make(missing), range(8)))
    assert time.monotonic() - began < 5
    # Fetched at once and not found, or left for a later read because two fetches were open.
    assert {answer.status_code if answer.ok else refusal(answer) for answer in answers} <= {200, (9004, 2207052)}


def upload(server, uri, data, offset=0, size=None):
    words = {"Authorization": f"OAuth {server.page_token}", "offset": str(offset)}
    words["file_size"] = str(size or len(data))
    return server.session.post(uri, data=data, headers=words, timeout=15)


@pytest.mark.processes
def test_an_upload_that_breaks_keeps_its_bytes_under_gunicorn(server):
    graph = f"http://127.0.0.1:{server.port}/sandbox/graph.facebook.com"
    headers = {"Authorization": f"Bearer {server.page_token}"}
    user_id = server.sql("select user_id from sandbox_profile where username = 'padaria.aurora'")[0][0]
    fields = {"media_type": "REELS", "upload_type": "resumable"}
    answer = server.session.post(f"{graph}/v26.0/{user_id}/media", json=fields, headers=headers, timeout=15)
    told, data = answer.json(), film() + b"\0" * 3_000_000
    server.script("upload", "cut", False)
    server.sql("update sandbox_scriptedfault set after_bytes = 700000 where kind = 'upload'")
    with pytest.raises(requests.ConnectionError):
        upload(server, told["uri"], data)
    params = {"fields": "video_status"}
    seen = server.session.get(f"{graph}/{told['id']}", params=params, headers=headers, timeout=15).json()
    arrived = seen["video_status"]["uploading_phase"]["bytes_transferred"]
    assert arrived == 700_000
    assert upload(server, told["uri"], data[arrived:], arrived, len(data)).json()["success"] is True


@pytest.mark.processes
def test_publishing_takes_a_few_milliseconds(server):
    server.sql("update sandbox_control set quota_total = 1000")
    containers = [server.ready() for _container in range(30)]
    for container in containers:
        server.call("POST", "me/media_publish", data={"creation_id": container})
    spent = server.sql("select duration_ms from sandbox_apicall where kind = 'publish' order by id desc limit 30")
    assert median(row[0] for row in spent) < 60  # about 3 on a quiet machine


@pytest.mark.django_db(databases=["default", "sandbox"], transaction=True)
@pytest.mark.parametrize("after_work", [False, True])
def test_a_dropped_connection_is_dropped_under_djangos_server(live_server, after_work, settings):
    world = Sandbox()
    bakery = world.profile()
    token = world.token_for(bakery)
    world.next_call("me", "drop", after_work=after_work)
    url = f"{live_server.url}/sandbox/graph.instagram.com/me"
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        session.trust_env = False
        session.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5)
