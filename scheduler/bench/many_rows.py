"""Rows in bulk: a years-old installation within a minute."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from scheduler.lib import clock
from scheduler.models import InstagramAccount, ScheduledPost, Status

# Of ten old rows nine are published and one is planned for later, as in a well-used installation.
PLANNED_EVERY = 10


def add_rows(count: int, accounts: Sequence[InstagramAccount]) -> None:
    """Add `count` posts, spread over the past and the future, none of them due."""
    now = clock.now()
    common = {"user": accounts[0].user, "instagram_account": accounts[0], "caption": "One of many"}
    live = ScheduledPost(**common, status=Status.PUBLISHED, scheduled_for=now, published_at=now)
    later = now + timedelta(days=1)
    planned = ScheduledPost(
        **common, status=Status.SCHEDULED, scheduled_for=later, next_attempt_at=later, wake_at=later
    )
    _copy(live, count - count // PLANNED_EVERY, "-", accounts)
    _copy(planned, count // PLANNED_EVERY, "+", accounts)


def _copy(pattern: ScheduledPost, count: int, sign: str, accounts: Sequence[InstagramAccount]) -> None:
    """Write the pattern `count` times, each copy half a minute further away and for the next account."""
    pattern.save()
    columns = [str(field.column) for field in ScheduledPost._meta.concrete_fields if not field.primary_key]
    first = min(account.pk for account in accounts)
    values = {name: name for name in columns} | {"instagram_account_id": f"{first} + number % {len(accounts)}"}
    for name in ("scheduled_for", "published_at", "next_attempt_at", "wake_at"):
        values[name] = f"strftime('%Y-%m-%d %H:%M:%f', {name}, '{sign}' || (number * 30) || ' seconds')"
    table = ScheduledPost._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < %s) "
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())} "
            f"FROM {table}, numbers WHERE id = %s",
            [count - 1, pattern.pk],
        )
