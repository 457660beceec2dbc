"""The media library: what a person uploaded, found again, used again, and put away.

What is deleted leaves the library only: posts and ideas that have it keep it, and it still goes out with them.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from scheduler.models import MediaAsset, PostIdea, PostMedia, ScheduledPost, User

# How the library can be narrowed beside the kinds of MediaAsset.
USED, UNUSED, DELETED = "used", "unused", "deleted"
USES = (USED, UNUSED, DELETED)


def media_of(user: User, words: str = "", kind: str = "", use: str = "") -> QuerySet[MediaAsset]:
    """Return a person's media, newest first, each with `is_used` and its renditions; two queries.

    words: each must stand in the file's name. kind: of MediaAsset.Kind, use: of `USES`, "" for all.
    """
    found: QuerySet[MediaAsset] = _deleted(user) if use == DELETED else MediaAsset.objects.for_user(user)
    for word in words.split():
        found = found.filter(original_name__icontains=word)
    found = found.filter(kind=kind) if kind else found
    is_used = _in_a_post() | _in_an_idea()
    if use in {USED, UNUSED}:
        found = found.filter(is_used if use == USED else ~is_used)
    return found.annotate(is_used=is_used).prefetch_related("renditions")


def everything_of(user: User) -> QuerySet[MediaAsset]:
    """Return a person's media, deleted or not, each with `is_used` and its renditions; two queries."""
    mine = MediaAsset.objects.filter(user=user)
    return mine.annotate(is_used=_in_a_post() | _in_an_idea()).prefetch_related("renditions")


def posts_with(asset: MediaAsset) -> QuerySet[ScheduledPost]:
    """Return the posts of its owner that have this picture or video or show it as their cover, the latest first."""
    mine = ScheduledPost.objects.for_user(asset.user)
    having = mine.filter(Q(pk__in=asset.places.values("post")) | Q(cover=asset))
    return having.select_related("instagram_account").order_by("-scheduled_for", "-pk")


def planned_with(asset: MediaAsset) -> int:
    """Return how many posts that are in line will go out with it; one query."""
    line = [ScheduledPost.Status.SCHEDULED, ScheduledPost.Status.PUBLISHING]
    return posts_with(asset).filter(status__in=line).count()


def put_away(asset: MediaAsset, now: datetime) -> None:
    """Delete it from the library."""
    asset.deleted_at = now
    asset.save(update_fields=["deleted_at"])


def put_back(asset: MediaAsset) -> bool:
    """Take a deleted one back; False when the same file was uploaded again meanwhile."""
    try:
        with transaction.atomic():
            MediaAsset.objects.filter(pk=asset.pk).update(deleted_at=None)
    except IntegrityError:
        return False
    asset.deleted_at = None
    return True


def _deleted(user: User) -> QuerySet[MediaAsset]:
    return MediaAsset.objects.filter(user=user, deleted_at__isnull=False)


def _in_a_post() -> Q:
    placed = PostMedia.objects.filter(asset=OuterRef("pk"), post__deleted_at=None)
    covered = ScheduledPost.objects.filter(cover=OuterRef("pk"), deleted_at=None)
    return Q(Exists(placed)) | Q(Exists(covered))


def _in_an_idea() -> Q:
    return Q(Exists(PostIdea.media.through.objects.filter(mediaasset=OuterRef("pk"))))
