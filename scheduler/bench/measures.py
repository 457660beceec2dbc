"""The measurements themselves; each returns lines of the table."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from scheduler.bench.cast import Cast, whole_second
from scheduler.bench.figures import Figure, median, percentile
from scheduler.bench.instance import Instance, own_environment, running, wait_for
from scheduler.bench.instant import instant_client_for
from scheduler.bench.many_rows import add_rows
from scheduler.lib import clock
from scheduler.models import ScheduledPost, Status
from scheduler.sandbox.models import PublishCall
from scheduler.services.claims import Claim
from scheduler.services.instagram_publish_service import InstagramPublishService
from scheduler.services.scheduled_post_processor import BATCH

CROWD = 100
# A picture is prepared a minute ahead; the first posts are planned so that this minute begins in the cold start.
CROWD_AHEAD_S = 75
SINGLES = 3
SINGLES_APART_S = 4
PATIENCE_S = 120
REST_S, WATCH_S = 10, 20
FORKED_S = 5  # a page answers before the last worker is forked
OWN_TIME_POSTS = 40
DUE, ROUNDS = 100, 15
FEW, MANY = 10_000, 1_000_000


def own_time(cast: Cast) -> list[Figure]:
    """Carry posts from claim to published against an Instagram that answers at once."""
    service, spent = InstagramPublishService(client_for=instant_client_for), []
    for post in cast.plan(OWN_TIME_POSTS, clock.now() + timedelta(minutes=5)):
        post.publish_now(now=clock.now())
        began = time.perf_counter()
        service.publish_post(post)
        spent.append(1000 * (time.perf_counter() - began))
        post.refresh_from_db()
        if post.status != Status.PUBLISHED:
            raise RuntimeError(f"A measured post was not published: {post.last_error or post.status}")
    note = f"median of {OWN_TIME_POSTS}, nothing prepared ahead; slowest {max(spent):.0f} ms"
    ScheduledPost.objects.all().delete()
    return [Figure("claim to published, instant Instagram", median(spent), "ms", 150, note)]


def crowd(cast: Cast, env: dict[str, str], root: Path) -> list[Figure]:
    """Start cold with 100 posts due in the same second; see when each arrived at the sandbox."""
    at = whole_second(CROWD_AHEAD_S)
    cast.plan(CROWD, at)
    with running(env, root) as instance:
        time.sleep(FORKED_S)
        started = memory(instance, "idle memory (PSS), just started")
        time.sleep(max((at - clock.now()).total_seconds(), 0))
        processes = instance.processes()
        before = cpu_s(processes)
        late = lateness(at, CROWD)
        spent_ms = 1000 * (cpu_s(processes) - before) / CROWD
        cost = f"last {max(late):.2f} s; {spent_ms:.0f} ms of processor a post, Instagram's side included"
        figures = [
            Figure("100 posts in one second, median late", median(late), "s", 1.0, "cold start, 4 workers, SQLite"),
            Figure("100 posts in one second, p99 late", percentile(late, 0.99), "s", 5.0, cost),
        ]
        return [*figures, started, *idle(instance), *single(cast)]


def single(cast: Cast) -> list[Figure]:
    """Publish single posts, some seconds apart; the latest counts."""
    first = whole_second(CROWD_AHEAD_S)
    times = [first + timedelta(seconds=SINGLES_APART_S * number) for number in range(SINGLES)]
    for at in times:
        cast.plan(1, at)
    late = [lateness(at, 1)[0] for at in times]
    return [Figure("a single post, late", max(late), "s", 0.7, f"worst of {SINGLES}; best {min(late):.2f} s")]


def lateness(at: datetime, count: int) -> list[float]:
    """Wait for `count` published posts planned for `at`; return the seconds between plan and arrival."""
    containers = list(ScheduledPost.objects.filter(scheduled_for=at).values_list("pk", flat=True))
    arrivals = PublishCall.objects.filter(arrived_at__gte=at - timedelta(seconds=1), outcome="published")
    patience_s = (at - clock.now()).total_seconds() + PATIENCE_S
    wait_for(lambda: arrivals.count() >= count, patience_s, f"{count} posts arrived", every_s=0.5)
    if len(containers) != count or PublishCall.objects.filter(arrived_at__gte=at).count() > count:
        raise RuntimeError("The simulated Instagram was asked to publish more often than there are posts.")
    return [(arrived - at).total_seconds() for arrived in arrivals.values_list("arrived_at", flat=True)]


def idle(instance: Instance) -> list[Figure]:
    """Let everything rest after its work, then see what resting costs: memory, and time of one core."""
    time.sleep(REST_S)
    processes = instance.processes()
    before, began = cpu_s(processes), time.monotonic()
    time.sleep(WATCH_S)
    share = 100 * (cpu_s(processes) - before) / (time.monotonic() - began)
    return [
        memory(instance, f"idle memory (PSS), after {CROWD} posts"),
        Figure("idle CPU", share, "% of a core", 3.0, f"all {len(processes)} processes over {WATCH_S} s"),
    ]


def memory(instance: Instance, name: str) -> Figure:
    """See what web server and cluster hold, with what they share counted once (PSS); `up` itself is told apart."""
    up, *others = (process.memory_full_info().pss / 1e6 for process in instance.processes())
    note = f"web server and cluster, {len(others)} processes; `up` itself {up:.0f} MB more"
    return Figure(name, sum(others), "MB", 300, note)


def cpu_s(processes: Iterable[psutil.Process]) -> float:
    """Return the processor seconds used so far."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def fresh_clone(root: Path) -> list[Figure]:
    """Clone what is committed and run the one command there, with nothing in the package cache."""
    python = Path(sys.base_prefix) / "bin" / "python3"
    with tempfile.TemporaryDirectory(prefix="pauta-clone-") as folder, own_environment() as env:
        began = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(root), folder], check=True)
        instance = Instance(env | {"PIP_NO_CACHE_DIR": "1"}, Path(folder), str(python))
        spent = time.monotonic() - began
        instance.stop()
    note = "git clone, packages, databases, sample posts, until a page answers"
    return [Figure("fresh clone to a page", spent, "s", 90, note)]


def second_start(env: dict[str, str], root: Path) -> list[Figure]:
    """Start what was started before, until a page answers."""
    with running(env, root):
        pass
    with running(env, root) as instance:
        return [Figure("start of `up`, second time", instance.start_s, "s", 5.0, "until a page answers")]


def due_claims(cast: Cast) -> list[Figure]:
    """Find and claim due posts among few and among many rows."""
    ScheduledPost.objects.all().delete()
    cast.plan(DUE, clock.now() + timedelta(minutes=5))
    due = list(ScheduledPost.objects.values_list("pk", flat=True))
    add_rows(FEW - DUE, cast.accounts)
    among_few = claim_ms(due)
    add_rows(MANY - FEW, cast.accounts)
    among_many = claim_ms(due)
    note = f"{among_few:.3f} ms a post among {FEW:,} rows, {among_many:.3f} ms among {MANY:,}"
    return [Figure("claim of due posts, 10⁶ rows against 10⁴", among_many / among_few, "×", 1.2, note)]


def claim_ms(due: Sequence[int]) -> float:
    """Return the milliseconds of processor that finding and claiming one due post takes: the best of several rounds.

    Time on the clock would measure whatever else the machine does.
    """
    rounds = []
    for _round in range(ROUNDS):
        now = clock.now()
        # Due for its preparation, not for its publish: then posts of one account do not wait for each other.
        fresh = {"status": Status.SCHEDULED, "claimed_by": "", "lease_until": None}
        times = {"wake_at": now - timedelta(seconds=1), "next_attempt_at": now + timedelta(seconds=40)}
        ScheduledPost.objects.filter(pk__in=due).update(**fresh, **times)
        began = time.process_time()
        found = list(ScheduledPost.objects.due(clock.now())[:BATCH])
        claims = [Claim.take(post.pk, clock.now) for post in found]
        rounds.append(1000 * (time.process_time() - began) / len(due))
        if len(found) != len(due) or not all(claims):
            raise RuntimeError(f"{len(found)} of {len(due)} due posts were found, {sum(map(bool, claims))} claimed.")
    return min(rounds)
