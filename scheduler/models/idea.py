"""The idea bank that posts may come from."""

from typing import Self

from django.conf import settings
from django.db import models


class IdeaQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Ideas this person owns."""
        return self.filter(user=user)


class PostIdea(models.Model):
    """A thought worth a post some day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="post_ideas")
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.title
