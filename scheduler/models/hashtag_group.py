"""Hashtags that a person uses together again and again."""

from typing import Self

from django.conf import settings
from django.db import models


class HashtagGroupQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Groups this person owns."""
        return self.filter(user=user)


class HashtagGroup(models.Model):
    """A named list of hashtags, without #, in the order they are written."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="hashtag_groups")
    name = models.CharField(max_length=60)
    hashtags = models.JSONField(default=list)

    objects = HashtagGroupQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="hashtag_group_once_per_person")]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> str:
        """Return the hashtags as they stand in a caption."""
        return " ".join(f"#{hashtag}" for hashtag in self.hashtags)
