"""The kill storm: two clusters, a web server, faults and SIGKILL; then calm, then the truth is counted.

What is live is counted in the simulated Instagram's own database and compared with our rows; see `verdict`.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psutil
import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connections
from django.db.utils import OperationalError
from django.urls import reverse

from scheduler.bench import verdict, weather
from scheduler.bench.figures import Figure
from scheduler.bench.instance import STOP_TIMEOUT_S, wait_for
from scheduler.bench.passing import owner_pid, pass_time
from scheduler.bench.storm_cast import StormCast
from scheduler.lib import clock
from scheduler.models import InstagramAccount, PostMedia, ScheduledPost
from scheduler.processes import Child
from scheduler.sandbox.models import ApiCall, Control, PublishCall, ScriptedFault
from scheduler.services import accounts
from scheduler.services.claims import LEASE

CLUSTERS = 2
CRON_CALLS_AT_ONCE = 2
CLICKS = 3  # on the same button, at one instant
REST_TIMEOUT_S = 240
FIRST_AFTER_S = 3
# Files by address are for storms in one process: the guard of real ones reaches no private address.
KINDS = [kind for _name, kind in sorted(weather.KINDS.items()) if not kind.by_address]
CSRF = "s" * 32


class Processes:
    """The web server and the clusters; whatever was killed is started again."""

    def __init__(self, env: dict[str, str], root: Path) -> None:
        manage = [sys.executable, "manage.py", "qcluster"]
        config = root / "site" / "config" / "gunicorn.py"
        web = [sys.executable, "-m", "gunicorn", "--config", str(config), "--bind", f"127.0.0.1:{env['PORT']}"]
        self.web = Child("web server", [*web, "config.wsgi"], cwd=root, env=env)
        self.clusters = [Child(f"cluster {number}", manage, cwd=root, env=env) for number in range(CLUSTERS)]

    def start(self) -> None:
        """Start what does not run."""
        for child in (self.web, *self.clusters):
            if not child.running:
                child.signal_group(signal.SIGKILL)  # what a killed one left behind
                child.start()

    def stop(self) -> None:
        """End everything in order, by force where it takes too long."""
        for child in (*self.clusters, self.web):
            child.signal_group(signal.SIGCONT)
            if child.process and child.running:
                child.process.terminate()
        for child in (*self.clusters, self.web):
            if child.process:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(STOP_TIMEOUT_S)
            child.signal_group(signal.SIGKILL)

    def victims(self) -> dict[str, list[psutil.Process]]:
        """Return what may be killed, by what it is."""
        mains = [psutil.Process(child.process.pid) for child in self.clusters if child.running and child.process]
        sentinels = [one for main in mains for one in _children(main)]
        web = [psutil.Process(self.web.process.pid)] if self.web.running and self.web.process else []
        return {
            "worker": [one for sentinel in sentinels for one in _children(sentinel)],
            "sentinel": sentinels,
            "cluster": mains,
            "web worker": [one for master in web for one in _children(master)],
        }


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children()
    return []


class Storm:
    """One storm; everything random comes from `seed`, but for what the machine itself decides.

    done: how often each thing was done, for the table.
    """

    def __init__(
        self, cast: StormCast, env: dict[str, str], root: Path, *, seed: int, posts: int, seconds: float
    ) -> None:
        self.cast, self.seconds, self.count = cast, seconds, posts
        self.chance, self.done = random.Random(seed), Counter[str]()
        self.url, self.secret = env["PUBLIC_BASE_URL"], env["CRON_SECRET"]
        self.processes = Processes(env, root)
        self.posts: list[ScheduledPost] = []
        self.asleep: tuple[psutil.Process, float] | None = None
        self.caller = ThreadPoolExecutor(CRON_CALLS_AT_ONCE)
        self.calls: list[Future[None]] = []
        self.clicker = ThreadPoolExecutor(CLICKS)
        self.cookies = {settings.SESSION_COOKIE_NAME: self._session(), settings.CSRF_COOKIE_NAME: CSRF}

    def run(self) -> list[verdict.Breach]:
        """Let it blow, let it end, and return what is wrong then."""
        call_command("collectstatic", interactive=False, verbosity=0)
        Control.load()
        Control.objects.update(delay_image_s=1, delay_video_s=3, quota_total=1000)
        self.plan()
        connections.close_all()
        with self._running():
            self.blow()
            rested = self.calm()
            return verdict.breaches(self.posts, rested=rested)

    @contextmanager
    def _running(self) -> Iterator[None]:
        try:
            self.processes.start()
            wait_for(self._answers, 60, "the web server answers", every_s=0.2)
            yield
        finally:
            self.caller.shutdown(wait=False, cancel_futures=True)
            self.clicker.shutdown(wait=False, cancel_futures=True)
            self.processes.stop()

    def _answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.url}/health/live/", timeout=2).ok
        return False

    # --- Before ---------------------------------------------------------------------------------------------
    def plan(self) -> None:
        """Put the posts in line, spread over the first three quarters of the storm."""
        for number in range(self.count):
            self.posts.append(self._post(number))

    def _post(self, number: int) -> ScheduledPost:
        kind = self.chance.choice(KINDS)
        at = clock.now() + timedelta(seconds=FIRST_AFTER_S + self.chance.random() * self.seconds * 0.75)
        account = self.cast.accounts[number % len(self.cast.accounts)]
        post = ScheduledPost(user=self.cast.owner, instagram_account=account, media_type=kind.media_type)
        if not kind.is_story:
            post.caption = f"storm {number}"
            post.first_comment = self.chance.choice(["", "More in our profile"])
        post.plan(at.replace(tzinfo=None), "UTC")
        post.save()
        for position, asset in enumerate(self.cast.files(kind.files)):
            PostMedia.objects.create(post=post, asset=asset, position=position)
        post.schedule(now=at - timedelta(minutes=2))
        return post

    def _session(self) -> str:
        session = SessionStore()
        session[SESSION_KEY] = str(self.cast.owner.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = self.cast.owner.get_session_auth_hash()
        session.create()
        return str(session.session_key)

    # --- While it blows -------------------------------------------------------------------------------------
    def blow(self) -> None:
        """Do one random thing after the other until the time is over."""
        acts = [self.kill, self.kill, self.fault, self.fault, self.call_cron, self.click, self.stop_one, self.owner]
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(self.chance.uniform(0.1, 0.8))
            with suppress(OperationalError, psutil.Error):  # the storm may meet its own gusts
                self.chance.choice(acts)()
                self.wake_sleeper()
                if self.chance.random() < 0.2:
                    pass_time(dead_only=True)
            self.processes.start()

    def kill(self) -> None:
        """SIGKILL one process, every other time one that works on a post."""
        kinds = self.processes.victims()
        kind = self.chance.choices(list(kinds), weights=[10, 1, 1, 3])[0]
        victims = self._at_work(kinds["worker"] + kinds["web worker"]) if self.chance.random() < 0.5 else []
        chosen = victims or kinds[kind]
        if chosen:
            self.chance.choice(chosen).kill()
            self.done["kill of a process at work" if victims else f"kill of a {kind}"] += 1

    def _at_work(self, processes: list[psutil.Process]) -> list[psutil.Process]:
        owners = set(
            map(owner_pid, ScheduledPost.objects.exclude(claimed_by="").values_list("claimed_by", flat=True))
        )
        return [process for process in processes if process.pid in owners]

    def stop_one(self) -> None:
        """SIGSTOP a worker that holds a post, past its lease."""
        holders = self._at_work(self.processes.victims()["worker"])
        if self.asleep is None and holders:
            holders[0].suspend()
            self.asleep = holders[0], time.monotonic() + LEASE.total_seconds() + 2
            self.done["worker stopped past its lease"] += 1

    def wake_sleeper(self, *, now: bool = False) -> None:
        """SIGCONT the stopped worker when its lease is over; it then finds its post taken."""
        if self.asleep and (now or time.monotonic() > self.asleep[1]):
            with suppress(psutil.Error):
                self.asleep[0].resume()
            self.asleep = None

    def fault(self) -> None:
        """Let one of the next calls go wrong."""
        facts = weather.fault(self.chance)
        facts.pop("for_seconds", None)
        ScriptedFault.objects.create(remaining=1, **facts)
        self.done["fault scripted"] += 1

    def call_cron(self) -> None:
        """Call one of cron's addresses, not waiting for its answer."""
        self.calls = [call for call in self.calls if not call.done()]
        if len(self.calls) < CRON_CALLS_AT_ONCE:
            name = self.chance.choice(["cron-publish-scheduled", "cron-retry-failed"])
            told = {"Authorization": f"Bearer {self.secret}"}
            self.calls.append(self.caller.submit(self._send, reverse(name), told, 40))
            self.done["cron call"] += 1

    def click(self) -> None:
        """Press `publish now` of one post several times at one instant."""
        address = reverse("post-publish-now", args=[self.chance.choice(self.posts).pk])
        for _click in range(CLICKS):
            self.clicker.submit(self._send, address, {"X-CSRFToken": CSRF}, 40)
            self.done["click on publish now"] += 1

    def _send(self, path: str, headers: dict[str, str], timeout_s: float) -> None:
        with suppress(requests.RequestException):
            answer = requests.post(
                self.url + path, headers=headers, cookies=self.cookies, timeout=timeout_s, allow_redirects=False
            )
            self.done[f"answer {answer.status_code} to cron or click"] += 1

    def owner(self) -> None:
        """Reconnect what was lost, and let its posts go again."""
        for account in InstagramAccount.objects.exclude(status=InstagramAccount.Status.CONNECTED):
            self.cast.reconnect(account)
            now = clock.now()
            ScheduledPost.objects.filter(instagram_account=account).wake_unresolved(now)
            accounts.release(account, self.cast.owner, "now", now)
            self.done["account reconnected"] += 1

    # --- Afterwards -----------------------------------------------------------------------------------------
    def calm(self) -> bool:
        """Let nothing go wrong any more, and what waits come soon; return whether everything came to rest."""
        self.done["fault met"] = sum(ScriptedFault.objects.values_list("hits", flat=True))
        ScriptedFault.objects.all().delete()
        self.wake_sleeper(now=True)
        end = time.monotonic() + REST_TIMEOUT_S
        while time.monotonic() < end:
            self.processes.start()
            with suppress(OperationalError):
                if verdict.is_at_rest():
                    return True
                pass_time()
            time.sleep(1)
        return False

    def figures(self, broken: list[verdict.Breach]) -> list[Figure]:
        """Return the table: what was done, and what came of it."""
        done = [Figure(name, value, "") for name, value in sorted(self.done.items())]
        came = [Figure(f"posts {name}", value, "") for name, value in sorted(verdict.ends(self.posts).items())]
        doubles = sum(breach.rule == "live twice" for breach in broken)
        return [
            Figure("posts", len(self.posts), ""),
            *done,
            Figure("calls to Instagram", ApiCall.objects.count(), ""),
            Figure("publish calls", PublishCall.objects.count(), ""),
            *came,
            Figure("doubles", doubles, "", 0),
            Figure("breaches", len(broken), "", 0),
        ]


def secret() -> str:
    """Return a secret for cron, good for one storm."""
    return f"storm-{os.urandom(12).hex()}"
