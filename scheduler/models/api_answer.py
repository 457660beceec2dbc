"""What the API answered to a POST with a key of the caller's, so that the same call sent again is done once."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction

from scheduler.models.user import User

KEPT_FOR = timedelta(hours=24)
# A request that has not ended by then died with its worker; the web server gives none so long.
GIVEN_UP_AFTER = timedelta(minutes=5)


class ApiAnswer(models.Model):
    """One key of one person. The row is taken before the work begins; status is None until it ended."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_answers")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # of address and body
    taken_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="api_key_once_per_person")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"

    @classmethod
    def take(cls, user: User, key: str, fingerprint: str, now: datetime) -> tuple[Self, bool]:
        """Return the key's row, and whether the caller has it to itself and is to do the work."""
        dead = models.Q(taken_at__lte=now - KEPT_FOR) | models.Q(taken_at__lte=now - GIVEN_UP_AFTER, status=None)
        cls.objects.filter(dead, user=user, key=key).delete()
        try:
            with transaction.atomic():
                return cls.objects.create(user=user, key=key, fingerprint=fingerprint, taken_at=now), True
        except IntegrityError:
            known = cls.objects.filter(user=user, key=key).first()
        return (known or cls(user=user, key=key, fingerprint=fingerprint, taken_at=now)), False

    def keep(self, status: int, body: Any, headers: dict[str, str]) -> None:
        """Write the answer down."""
        ApiAnswer.objects.filter(pk=self.pk, taken_at=self.taken_at).update(status=status, body=body, headers=headers)

    def give_back(self) -> None:
        """Let the key be used again: the work broke off."""
        ApiAnswer.objects.filter(pk=self.pk, status=None).delete()

    @classmethod
    def forget_old(cls, now: datetime) -> None:
        """Forget what is kept no longer."""
        cls.objects.filter(taken_at__lte=now - KEPT_FOR).delete()
