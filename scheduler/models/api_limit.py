"""How much of Instagram's rate limits is used, and until when a scope must keep quiet."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat

# From this share of a limit on, in percent, we ask less.
WORTH_KNOWING_PERCENT = 75


class ApiLimitQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def paused(self, now: datetime) -> Self:
        """Scopes that must not be used at `now`."""
        return self.filter(paused_until__gt=now)

    def worth_knowing(self) -> Self:
        """Scopes that change what we do: much is used, or a pause was not followed by a success yet."""
        return self.filter(Q(usage_percent__gte=WORTH_KNOWING_PERCENT) | Q(pauses__gt=0))

    def is_any(self) -> Exists:
        """Say, inside another query, whether anything is worth knowing of any scope; naming one would cost more."""
        return Exists(self.worth_knowing())

    def pause_of_an_account(self, now: datetime) -> Subquery:
        """Say, inside a query of accounts, until when the account or its app must keep quiet, or None."""
        return Subquery(
            self.paused(now).filter(_of_the_account()).order_by("-paused_until").values("paused_until")[:1]
        )


def _of_the_account() -> Q:
    """Say that a scope is one of the outer row's, an account."""
    app = Concat(Value("app:"), OuterRef("login"))
    return Q(scope=app) | Q(scope=Concat(Value("account:"), OuterRef("instagram_user_id")))


class ApiLimit(models.Model):
    """One scope that Instagram limits: an app ("app:instagram", "app:facebook") or an account ("account:1784…")."""

    scope = models.CharField(max_length=60, unique=True)
    usage_percent = models.PositiveSmallIntegerField(default=0)  # the highest figure of the last answer's headers
    seen_at = models.DateTimeField(null=True)  # when that answer came
    paused_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True, default="")  # the stable error name behind the pause
    pauses = models.PositiveSmallIntegerField(default=0)  # in a row; each is twice as long as the one before

    objects = ApiLimitQuerySet.as_manager()

    def __str__(self) -> str:
        return self.scope

    def is_paused(self, now: datetime) -> bool:
        """Return whether the scope must keep quiet at `now`."""
        return self.paused_until is not None and self.paused_until > now
