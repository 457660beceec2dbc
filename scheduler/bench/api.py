"""The API as a program meets it: a list among a million posts, a new post, and reads side by side for a while."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scheduler.bench.cast import Cast, whole_second
from scheduler.bench.figures import Figure, median
from scheduler.bench.instance import running
from scheduler.bench.many_rows import add_rows
from scheduler.lib import clock
from scheduler.models import ApiToken
from scheduler.models.api_token import Scope

POSTS = "/api/v1/social/scheduled-posts/"
PAGE, ROUNDS = 50, 25
MANY = 1_000_000
READERS, READING_S = 8, 20
READS_A_CONNECTION = 25  # as a program's pool does, so that the kernel may give both processes their share
READS_S = 200
NO_LIMIT = "100000/s"  # what one person may ask is no matter here


def api(cast: Cast, env: Mapping[str, str], root: Path) -> list[Figure]:
    """List and write posts among a million, and read from the real server as fast as it answers."""
    _token, secret = ApiToken.make(cast.owner, "Bench", Scope.values, clock.now())
    # Two years ahead: planned last, so that the list's first page is of posts as people have them.
    newest = cast.plan(PAGE, whole_second(2 * 365 * 24 * 3600))
    add_rows(MANY - PAGE, cast.accounts)
    program = Client(SERVER_NAME="localhost", headers={"authorization": f"Bearer {secret}"})
    return [
        *_lists(program),
        Figure("create a post by API", _median_ms(_writer(program, cast)), "ms", 30, f"median of {ROUNDS}, in line"),
        *_reads(env, root, secret, [f"{POSTS}{post.pk}/" for post in newest]),
    ]


def _lists(program: Client) -> list[Figure]:
    figures = []
    by_page = f"median of {ROUNDS}; the count of a long list is made once a minute"
    for way, name, note in (("page=1", "by page", by_page), ("cursor=", "by cursor", f"median of {ROUNDS}")):
        ask = _asking(program, f"{POSTS}?page_size={PAGE}&{way}")
        ask()
        with CaptureQueriesContext(connection) as queries:
            ask()
        figures += [
            Figure(f"list of {PAGE} posts {name} among 10⁶, SQL", len(queries), "queries", 5),
            Figure(f"list of {PAGE} posts {name} among 10⁶", _median_ms(ask), "ms", 25, note),
        ]
    return figures


def _asking(program: Client, path: str) -> Callable[[], None]:
    def ask() -> None:
        answer = program.get(path)
        if answer.status_code != 200 or len(answer.json()["results"]) != PAGE:
            raise RuntimeError(f"{path} answered {answer.status_code}.")

    return ask


def _writer(program: Client, cast: Cast) -> Callable[[], None]:
    times = (whole_second(3 * 365 * 24 * 3600) + timedelta(hours=number) for number in range(ROUNDS + 1))

    def write() -> None:
        post = {
            "instagram_account": cast.accounts[0].pk,
            "caption": "Bread, out of the oven at seven",
            "media_assets": [cast.picture.pk],
            "scheduled_for": next(times).isoformat(),
            "status": "scheduled",
        }
        answer = program.post(POSTS, post, "application/json")
        if answer.status_code != 201:
            raise RuntimeError(f"A new post was answered with {answer.status_code}: {answer.text}")

    return write


def _median_ms(ask: Callable[[], None]) -> float:
    spent = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        ask()
        spent.append(1000 * (time.perf_counter() - began))
    return median(spent)


def _reads(env: Mapping[str, str], root: Path, secret: str, paths: list[str]) -> list[Figure]:
    """Read single posts from `up`, 25 over each connection. The readers' own processor time is in the figure."""
    with running({**env, "API_RATE": NO_LIMIT}, root) as instance:
        readers = [_Reader(instance.url, secret, paths) for _number in range(READERS)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    spent = sorted(one for reader in readers for one in reader.spent_ms)
    if any(reader.trouble for reader in readers) or not spent:
        raise RuntimeError(f"A read failed: {[reader.trouble for reader in readers]}")
    each_ms = 1000 * READING_S / len(spent)
    rate = len(spent) / READING_S
    note = f"{rate:.0f} reads/s over {READING_S} s, {READERS} connections, median {median(spent):.0f} ms"
    return [Figure("a read, of many side by side", each_ms, "ms each", 1000 / READS_S, note)]


class _Reader(threading.Thread):
    """Reads one post after the other.

    spent_ms: what each answer took. trouble: what ended it early.
    """

    def __init__(self, url: str, secret: str, paths: list[str]) -> None:
        super().__init__()
        self.server = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        self.headers, self.paths = {"Authorization": f"Bearer {secret}"}, paths
        self.spent_ms: list[float] = []
        self.trouble = ""

    def run(self) -> None:
        """Read until the time is over, or until an answer is none."""
        end = time.monotonic() + READING_S
        while time.monotonic() < end and not self.trouble:
            began = time.perf_counter()
            self.server.request("GET", self.paths[len(self.spent_ms) % len(self.paths)], headers=self.headers)
            answer = self.server.getresponse()
            body = answer.read()
            self.spent_ms.append(1000 * (time.perf_counter() - began))
            if len(self.spent_ms) % READS_A_CONNECTION == 0:
                self.server.close()
            if answer.status != 200 or "caption" not in json.loads(body):
                self.trouble = f"{answer.status}: {body[:200]!r}"
