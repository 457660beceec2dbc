"""The idea bank that posts may come from."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scheduler.models.media import MediaAsset


class Tag(models.Model):
    """A word that a person sorts ideas by; without #, as first written."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="tag_once_per_person")]

    def __str__(self) -> str:
        return self.name


class IdeaQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Ideas this person owns."""
        return self.filter(user=user)

    def tagged(self, name: str) -> Self:
        """Ideas with this tag; all of them when it is ""."""
        return self.filter(tags__name=name) if name else self

    def about(self, words: str) -> Self:
        """Ideas in whose title, notes or tags each of these words stands."""
        found = self
        for word in words.split():
            tagged = PostIdea.tags.through.objects.filter(tag__name__icontains=word).values("postidea")
            found = found.filter(Q(title__icontains=word) | Q(notes__icontains=word) | Q(pk__in=tagged))
        return found


class PostIdea(models.Model):
    """A thought worth a post some day."""

    class Status(models.TextChoices):
        """How far it is."""

        NEW = "new", pgettext_lazy("idea", "New")
        IN_WORK = "in_work", _("In work")
        USED = "used", pgettext_lazy("idea", "Used")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="post_ideas")
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True, default="")
    links = models.JSONField(default=list, blank=True)  # http and https addresses, in order
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    tags = models.ManyToManyField(Tag, related_name="ideas", blank=True)
    media = models.ManyToManyField(MediaAsset, related_name="ideas", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = IdeaQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        indexes = [models.Index(fields=["user", "status", "-updated_at"], name="ideas_of_a_column")]

    def __str__(self) -> str:
        return self.title

    def tag_with(self, names: list[str]) -> None:
        """Give it exactly these tags; a tag that differs in capitals only is the one that is known."""
        known = {tag.name.casefold(): tag for tag in Tag.objects.filter(user=self.user_id)}
        for name in names:
            if name.casefold() not in known:
                known[name.casefold()] = Tag.objects.get_or_create(user_id=self.user_id, name=name)[0]
        self.tags.set([known[name.casefold()] for name in names])
        Tag.objects.filter(user=self.user_id, ideas=None).delete()
