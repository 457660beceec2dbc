"""What the frame around every page says of a person's posts and of the machine, in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from scheduler.models import InstagramAccount, Notification, ProcessorPass, ScheduledPost, User
from scheduler.models.post_queryset import ATTENTION
from scheduler.services import health
from scheduler.services.health import Readiness


@dataclass(frozen=True)
class ShellFacts:
    """attention: posts that need a person. has_unread: a notice waits.

    has_paused, has_ending: some account is paused, or its connection ends soon.
    """

    attention: int
    has_unread: bool
    has_paused: bool
    has_ending: bool
    readiness: Readiness


def facts_of(user: User, now: datetime) -> ShellFacts:
    """Return what the frame shows a person; one query, asked for every page.

    Each kind of attention is counted on its own, because a database finds each by its index, and reads every post
    for one condition with "or".
    """
    mine = {"user": OuterRef("pk")}
    counts = {f"attention_{number}": _count(rule) for number, rule in enumerate(ATTENTION)}
    passes = {f"{kind}_at": _last_pass(kind) for kind in ProcessorPass.Kind.values}
    found: dict[str, Any] = dict(
        User.objects.filter(pk=user.pk)
        .values(
            **counts,
            **passes,
            unread=Exists(Notification.objects.filter(**mine, read_at=None)),
            paused=Exists(InstagramAccount.objects.filter(**mine).paused()),
            ending=Exists(InstagramAccount.objects.filter(**mine).ending(now)),
        )
        .get()
    )
    at = {kind: found[f"{kind}_at"] for kind in ProcessorPass.Kind.values if found[f"{kind}_at"]}
    return ShellFacts(
        attention=sum(found[name] for name in counts),
        has_unread=found["unread"],
        has_paused=found["paused"],
        has_ending=found["ending"],
        readiness=health.judge(at, now),
    )


def _count(rule: Q) -> Coalesce:
    posts = ScheduledPost.objects.filter(rule, user=OuterRef("pk"), deleted_at=None).order_by()
    counted = posts.values("user").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _last_pass(kind: str) -> Subquery:
    return Subquery(ProcessorPass.objects.filter(kind=kind).values("at")[:1])
