"""A real web server with the simulated Instagram on it, and a zygote that forks real workers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.bench.instance import wait_for
from tests.installation import own_installation

ROOT = Path(__file__).parents[2]
GUNICORN = [
    "-m",
    "gunicorn",
    "--config",
    "site/config/gunicorn.py",
    "config.wsgi",
    "--workers",
    "1",
    "--threads",
    "8",
]


class Zygote:
    """Speaks JSON lines with zygote.py; `stage.plan(…)` is the command `plan` over there."""

    def __init__(self, env):
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            env=env,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __getattr__(self, name):
        def command(*values, **words):
            assert not values, "commands take words"
            self.process.stdin.write(json.dumps({"do": name} | words) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
            assert answer, f"the zygote ended while doing {name}; it says why above"
            told = json.loads(answer)
            assert "traceback" not in (told if isinstance(told, dict) else {}), told["traceback"]
            return told

        return command


def answers(port):
    import urllib.request

    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live/", timeout=2).status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def stage():
    with own_installation() as env:
        env["DJANGO_SETTINGS_MODULE"] = "config.settings"
        zygote = Zygote(env)
        zygote.open()
        port = env["PORT"]
        web = subprocess.Popen([sys.executable, *GUNICORN, "--bind", f"127.0.0.1:{port}"], env=env, cwd=ROOT)
        try:
            wait_for(lambda: answers(port), 30, "the web server answers")
            yield zygote
        finally:
            zygote.process.stdin.close()
            zygote.process.wait(10)
            web.terminate()
            web.wait(15)
