"""The times of a week at which an account likes to post."""

from datetime import time
from typing import Self

from django.db import models

from scheduler.models.account import InstagramAccount


class PostingSlotQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Slots of this person's accounts."""
        return self.filter(account__user=user)


class PostingSlot(models.Model):
    """One time of one weekday, on the account's own clock."""

    account = models.ForeignKey(InstagramAccount, models.CASCADE, related_name="posting_slots")
    weekday = models.PositiveSmallIntegerField()  # 0 is Monday, as datetime.weekday() says
    at = models.TimeField()

    objects = PostingSlotQuerySet.as_manager()

    class Meta:
        ordering = ["weekday", "at"]
        constraints = [
            models.UniqueConstraint(fields=["account", "weekday", "at"], name="posting_slot_once"),
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="posting_slot_in_the_week"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.at:%H:%M}"

    @staticmethod
    def replace(account: InstagramAccount, week: dict[int, list[time]]) -> None:
        """Give the account exactly these times; `week` maps a weekday to its times."""
        PostingSlot.objects.filter(account=account).delete()
        PostingSlot.objects.bulk_create(
            PostingSlot(account=account, weekday=weekday, at=at) for weekday, times in week.items() for at in times
        )
