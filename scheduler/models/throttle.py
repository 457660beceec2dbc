"""Count attempts in a window, in the database so that every process sees the same number."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain

from django.db import connections, models, router

# One statement counts, however many do it at once, and says what it came to. The ORM cannot write a value of the row
# itself into the row that is there already.
COUNT = """
INSERT INTO {table} (key, started_at, count) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN {table}.started_at <= %s THEN 1 ELSE {table}.count + 1 END,
    started_at = CASE WHEN {table}.started_at <= %s THEN excluded.started_at ELSE {table}.started_at END
RETURNING key, count
"""


class RateWindow(models.Model):
    """How often one key was used in its present window."""

    key = models.CharField(max_length=200, unique=True)
    started_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.key

    @classmethod
    def hit(cls, keys: Iterable[str], window: timedelta, now: datetime) -> dict[str, int]:
        """Count one use of each key and return how many the present window of each holds now; one query."""
        connection = connections[router.db_for_write(cls)]
        at, ended = (connection.ops.adapt_datetimefield_value(when) for when in (now, now - window))
        rows = [(key, at, 1) for key in sorted(set(keys))]  # in one order, so that no two wait for each other
        statement = COUNT.format(table=cls._meta.db_table, rows=", ".join(["(%s, %s, %s)"] * len(rows)))
        with connection.cursor() as cursor:
            cursor.execute(statement, [*chain.from_iterable(rows), ended, ended])
            return dict(cursor.fetchall())

    @classmethod
    def reset(cls, key: str) -> None:
        """Forget the uses of `key`."""
        cls.objects.filter(key=key).delete()

    @classmethod
    def forget_old(cls, now: datetime) -> None:
        """Forget windows that ended long ago."""
        cls.objects.filter(started_at__lt=now - timedelta(days=2)).delete()
