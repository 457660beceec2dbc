"""Begin a post with media that are there already."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from scheduler.models import InstagramAccount, MediaAsset, PostChange, ScheduledPost, User
from scheduler.services.media_row import guess_type


def begin_post(user: User, assets: Sequence[MediaAsset], now: datetime, **facts: object) -> ScheduledPost:
    """Return a new draft with these media in their order; `facts` are further fields of the post.

    Somebody with one account gets it chosen, and the type follows from the media.
    """
    accounts = list(InstagramAccount.objects.for_user(user)[:2])
    with transaction.atomic():
        post = ScheduledPost.objects.create(
            user=user,
            instagram_account=accounts[0] if len(accounts) == 1 else None,
            media_type=guess_type([asset.kind == MediaAsset.Kind.VIDEO for asset in assets]),
            timezone=user.timezone,
            **facts,
        )
        for position, asset in enumerate(assets):
            post.media.create(asset=asset, position=position)
        made_of = {"idea": post.post_idea.title} if post.post_idea else {}
        PostChange.note(post, PostChange.Act.CREATED, user, now, **made_of)
    return post
