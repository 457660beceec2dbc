"""Who changed a post, when, and what."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scheduler.lib import differences
from scheduler.models.post import ScheduledPost
from scheduler.models.user import User


class PostChange(models.Model):
    """One act of a person, or of the product on its own (user None).

    details: what services.change_words makes words of. `changed` as lib.differences.between gives it, of an edit or a
    move; `time`, when the post was planned for; `reason`, why it was held; `copied`, `idea` and `file`, what it was
    made of; `caption`, of changes thrown away. All may be missing: older lines have none.
    """

    class Act(models.TextChoices):
        """What was done."""

        CREATED = "created", _("Created")
        EDITED = "edited", _("Changed")
        APPLIED = "applied", _("Changes applied")
        DISCARDED = "discarded", _("Changes discarded")
        SCHEDULED = "scheduled", _("Scheduled")
        MOVED = "moved", _("Moved")
        UNSCHEDULED = "unscheduled", _("Back to drafts")
        CANCELLED = "cancelled", _("Cancelled")
        PUBLISH_NOW = "publish_now", pgettext_lazy("history", "Publish now")
        RETRY = "retry", _("Tried again")
        RELEASED = "released", _("Released")
        HELD = "held", _("Put on hold")
        THERE = "there", _("Confirmed as published")
        NOT_THERE = "not_there", _("Confirmed as not published")
        DUPLICATED = "duplicated", _("Duplicated")
        DELETED = "deleted", _("Deleted")
        RESTORED = "restored", _("Brought back")

    post = models.ForeignKey(ScheduledPost, models.CASCADE, related_name="changes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    act = models.CharField(max_length=12, choices=Act.choices)
    details = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.act} {self.post_id}"

    @classmethod
    def note(cls, post: ScheduledPost, act: str, user: User | None, now: datetime, **details: object) -> None:
        """Write down one act."""
        cls.note_all([post], act, user, now, **details)

    @classmethod
    def note_all(
        cls, posts: Iterable[ScheduledPost], act: str, user: User | None, now: datetime, **details: object
    ) -> None:
        """Write down the same act on each of these posts, in one query."""
        PostChange.objects.bulk_create(
            PostChange(post=post, act=act, user=user, at=now, details=details) for post in posts
        )

    @classmethod
    def note_edit(cls, post: ScheduledPost, user: User, now: datetime, changed: differences.Changes) -> None:
        """Write down that a person goes on writing: one line for as long as nothing else happens to the post."""
        last = cls.objects.filter(post=post).order_by("-pk").first()
        is_going_on = last is not None and last.user_id == user.pk
        if last is not None and is_going_on and last.act == cls.Act.EDITED and "changed" in last.details:
            last._go_on(now, differences.joined(last.details["changed"], changed))
        elif changed and not (last is not None and is_going_on and last.act == cls.Act.CREATED):
            cls.note(post, cls.Act.EDITED, user, now, changed=changed)

    def _go_on(self, now: datetime, changed: differences.Changes) -> None:
        """Write what has changed by now; nothing is left to tell when all came back to where it was."""
        if not changed:
            self.delete()
        elif changed != self.details["changed"]:
            PostChange.objects.filter(pk=self.pk).update(at=now, details={"changed": changed})

    @classmethod
    def retries_by_itself(cls, post: ScheduledPost) -> int:
        """Return how often the product tried a failed post again since a person last did something with it."""
        last = cls.objects.filter(post=post, user__isnull=False).order_by("-pk").values_list("pk", flat=True).first()
        return cls.objects.filter(post=post, user=None, act=cls.Act.RETRY, pk__gt=last or 0).count()
