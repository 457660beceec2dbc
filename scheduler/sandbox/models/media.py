"""What is live on the simulated Instagram."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse

from scheduler.sandbox import ids
from scheduler.sandbox.models.container import Container
from scheduler.sandbox.models.profile import Profile

STORY_LIFETIME = timedelta(hours=24)


class Media(models.Model):
    """One post, reel or story, or one item of a carousel (then `parent` is set)."""

    class Product(models.TextChoices):
        """`media_product_type`."""

        FEED = "FEED"
        REELS = "REELS"
        STORY = "STORY"

    graph_id = models.CharField(max_length=20, unique=True, default=ids.media_id)
    shortcode = models.CharField(max_length=15, unique=True, default=ids.shortcode)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="media")
    container = models.ForeignKey(Container, on_delete=models.CASCADE, related_name="media")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    media_type = models.CharField(max_length=15)  # IMAGE, VIDEO, CAROUSEL_ALBUM
    product_type = models.CharField(max_length=5, choices=Product.choices)
    caption = models.TextField(blank=True)
    published_at = models.DateTimeField()
    comments_enabled = models.BooleanField(default=True)
    # A deleted post still counts towards the day's quota.
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A container becomes one post, whatever arrives how often at the same instant.
            models.UniqueConstraint(
                fields=["container"], condition=models.Q(parent=None), name="container_published_once"
            )
        ]
        indexes = [models.Index(fields=["profile", "published_at"], name="media_of_a_day")]

    def __str__(self) -> str:
        return f"{self.product_type} {self.shortcode}"

    def get_absolute_url(self) -> str:
        """Return the path of its page."""
        if self.is_story:
            return reverse("sandbox:story", args=[self.profile.username, self.graph_id])
        is_reel = self.product_type == self.Product.REELS
        return reverse("sandbox:reel" if is_reel else "sandbox:post", args=[self.shortcode])

    @classmethod
    def live(cls) -> models.QuerySet["Media"]:
        """Return what was published and not deleted, items of carousels included."""
        return cls.objects.filter(deleted_at=None)

    def delete_from_instagram(self, now: datetime) -> None:
        """Take the post and its items away from everybody's eyes."""
        Media.objects.filter(models.Q(pk=self.pk) | models.Q(parent=self)).update(deleted_at=now)

    @property
    def is_story(self) -> bool:
        """Tell whether this is a story."""
        return self.product_type == self.Product.STORY

    @property
    def permalink(self) -> str:
        """Return the address under which the sandbox shows it."""
        return f"{settings.PUBLIC_BASE_URL}{self.get_absolute_url()}"

    def has_ended(self, now: datetime) -> bool:
        """Tell whether this is a story whose day is over."""
        return self.is_story and now >= self.published_at + STORY_LIFETIME

    @property
    def items(self) -> list["Media"]:
        """Return what there is to look at: a carousel's items in order, or the post itself."""
        return list(self.children.select_related("container").order_by("pk")) or [self]

    @property
    def picture_url(self) -> str:
        """Return the path of the fetched picture or still; a carousel's address gives its first."""
        return reverse("sandbox:picture", args=[self.container.graph_id])


class Comment(models.Model):
    """A comment below a post."""

    graph_id = models.CharField(max_length=20, unique=True, default=ids.comment_id)
    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="comments")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="replies")
    text = models.TextField()
    is_hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:40]
