"""The GitHub workflows: what they run is run here, against a site of our own."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a-secret-with-'quotes\"-and-\\-$signs"
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="the workflow's machine has curl")


def workflow(name: str) -> dict[Any, Any]:
    """Return one workflow; YAML reads its key `on` as true."""
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())


class Site(ThreadingHTTPServer):
    """A site that notes each call and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.calls: list[tuple[str, str, str]] = []
        self.status, self.body = 200, {"outcomes": {"published": 1}}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Visit(BaseHTTPRequestHandler):
    """One call at the site."""

    server: Site

    def answer(self) -> None:
        """Note the call and answer."""
        self.server.calls.append((self.command, self.path, self.headers.get("Authorization", "")))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.body).encode())

    do_GET = do_POST = answer

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on a port of its own."""
    with Site() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def knock(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess]:
    """Run the one step of the scheduler's workflow as its machine would."""
    (step,) = workflow("instagram-publish-scheduler.yml")["jobs"]["knock"]["steps"]
    script = tmp_path / "step.sh"
    script.write_text(step["run"])

    def run(site_url: str, action: str = "publish", secret: str = SECRET) -> subprocess.CompletedProcess:
        env = {
            "PATH": os.environ["PATH"],
            "SITE_URL": site_url,
            "CRON_SECRET": secret,
            "ACTION": action,
            "PAUSE_S": "0",
        }
        assert env.keys() >= step["env"].keys()
        return subprocess.run(
            ["bash", "-e", script], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=30
        )

    return run


@needs_curl
@pytest.mark.parametrize(
    ("action", "call"),
    [
        ("publish", ("POST", "/api/v1/social/cron/publish-scheduled/")),
        ("retry-failed", ("POST", "/api/v1/social/cron/retry-failed/")),
        ("stats", ("GET", "/api/v1/social/cron/stats/")),
    ],
)
def test_each_choice_calls_its_endpoint_with_the_secret(
    site: Site, knock: Callable, action: str, call: tuple[str, str]
) -> None:
    run = knock(site.url, action)
    assert run.returncode == 0, run.stdout + run.stderr
    assert site.calls == [(*call, f"Bearer {SECRET}")]
    assert '"published": 1' in run.stdout
    assert SECRET not in run.stdout + run.stderr


@needs_curl
@pytest.mark.parametrize("status", [301, 401, 503])
def test_any_other_answer_fails_the_run_and_is_not_repeated(site: Site, knock: Callable, status: int) -> None:
    site.status, site.body = status, {"error": {"code": "CRON_OFF"}}
    run = knock(site.url)
    assert run.returncode == 1
    assert "CRON_OFF" in run.stdout
    assert f"HTTP status {status}" in run.stdout
    assert len(site.calls) == 1


@needs_curl
def test_a_refused_connection_fails_the_run_after_three_tries(knock: Callable) -> None:
    run = knock("http://127.0.0.1:1")
    assert run.returncode == 1
    assert run.stderr.count("curl:") == 3


@pytest.mark.parametrize(("url", "secret"), [("", SECRET), ("http://127.0.0.1:1", "")])
def test_missing_configuration_is_named(knock: Callable, url: str, secret: str) -> None:
    run = knock(url, secret=secret)
    assert run.returncode == 1
    assert "repository variable SITE_URL and the secret CRON_SECRET" in run.stdout


def test_the_scheduler_runs_every_five_minutes_and_one_at_a_time() -> None:
    scheduler = workflow("instagram-publish-scheduler.yml")
    assert scheduler[True]["schedule"] == [{"cron": "*/5 * * * *"}]
    assert scheduler[True]["workflow_dispatch"]["inputs"]["action"]["options"] == [
        "publish",
        "retry-failed",
        "stats",
    ]
    assert scheduler["concurrency"]["cancel-in-progress"] is False
    assert scheduler["jobs"]["knock"]["timeout-minutes"] < 5


def test_ci_runs_the_command_of_every_machine() -> None:
    steps = workflow("ci.yml")["jobs"]["test"]["steps"]
    assert steps[-1] == {"run": ".ci/run"}
    commands = re.sub(r"^#.*\n", "", (ROOT / ".ci" / "run").read_text(), flags=re.MULTILINE).split("\n")
    assert commands[-2:] == ["exec python3 manage.py test", ""]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
