"""Is anything publishing? Told by the last look of the processor, cluster or cron."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.models import ProcessorPass

# Longer without a look than this, and publishing counts as stopped.
PATIENCE = {
    ProcessorPass.Kind.CLUSTER.value: timedelta(minutes=1),
    # Cron calls every 5 minutes, and its hosts are often late.
    ProcessorPass.Kind.CRON.value: timedelta(minutes=20),
}


@dataclass(frozen=True)
class Readiness:
    """What /health/ready/ and the banner say.

    mode: "cluster", "cron", or "" before the first look.
    """

    ok: bool
    mode: str
    last_pass_at: datetime | None


def readiness(now: datetime) -> Readiness:
    """Return whether publishing runs; one query. A database that is away raises."""
    return judge({one.kind: one.at for one in ProcessorPass.objects.all()}, now)


def judge(passes: dict[str, datetime], now: datetime) -> Readiness:
    """Return whether publishing runs, by when each kind of processor looked last."""
    for kind, patience in PATIENCE.items():
        if kind in passes and now - passes[kind] <= patience:
            return Readiness(True, kind, passes[kind])
    if not passes:
        return Readiness(False, "", None)
    mode = max(passes, key=lambda kind: passes[kind])
    return Readiness(False, mode, passes[mode])


def cluster_lives(now: datetime) -> bool:
    """Return whether a cluster's beat looked lately, so that queued work will be done."""
    last = ProcessorPass.objects.filter(kind=ProcessorPass.Kind.CLUSTER).first()
    return last is not None and now - last.at <= timedelta(seconds=20)
