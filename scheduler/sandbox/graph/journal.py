"""Write down what arrived and what it did."""

import time
from typing import Any

from scheduler.lib.redaction import redact_data
from scheduler.sandbox.graph.call import Answer, Call
from scheduler.sandbox.graph.values import as_text
from scheduler.sandbox.models import ApiCall, FetchedFile, PublishCall
from scheduler.sandbox.models.fault import Kind

# A caption and every structured parameter fit; tests hold them against the parameter matrix.
_LONGEST_PARAM = 6000


def record(call: Call, answer: Answer, *, not_done: bool = False) -> None:
    """Add the call's line, and for media_publish the line that is counted.

    not_done: a scripted fault answered in place of the work.
    """
    problem = answer.problem
    numbers = {"code": problem.code, "subcode": problem.subcode} if problem else {}
    if call.kind == Kind.PUBLISH:
        _record_publish(call, numbers, not_done)
    line = ApiCall.objects.create(
        arrived_at=call.arrived_at,
        method=call.method,
        host=call.host,
        path=call.path[:200],
        kind=call.kind,
        params=_without_secrets(call.params),
        profile=call.profile,
        status=0 if answer.hangs_up else answer.status,
        duration_ms=(time.perf_counter() - call.started) * 1000,
        **numbers,
    )
    call.number = line.pk
    if line.is_time_to_tidy:
        line.forget_older()
        FetchedFile.forget_unused(call.now)


def _record_publish(call: Call, numbers: dict[str, Any], not_done: bool) -> None:
    outcome = PublishCall.Outcome.PUBLISHED if call.media else PublishCall.Outcome.REFUSED
    PublishCall.objects.create(
        arrived_at=call.arrived_at,
        profile=call.profile,
        creation_id=as_text(call.params, "creation_id")[:40],
        container=call.container,
        media=call.media,
        outcome=PublishCall.Outcome.NOT_DONE if not_done else outcome,
        **numbers,
    )


def note_told(call: Call, told: str) -> None:
    """Write down that the caller of a done publish was told something else."""
    PublishCall.objects.filter(media=call.media, arrived_at=call.arrived_at).update(told=told)


def _without_secrets(params: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_LONGEST_PARAM] if isinstance(value, str) else value
        for name, value in redact_data(params).items()
        if name != "access_token"
    }
