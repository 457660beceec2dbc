"""What is done once a post is live: find its id and link, add the first comment.

None of it can change or repeat the publish; whatever fails here is noted, tried again a few times, and left.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError

from scheduler.instagram.client import LiveMedia
from scheduler.instagram.errors import InstagramError, Step
from scheduler.models import MediaType, PublishingLog, ScheduledPost
from scheduler.services import notices, rate_limits, verdicts
from scheduler.services.claims import Claim, committing
from scheduler.services.conversation import Conversation
from scheduler.services.media_row import item_count

# Instagram's lists lag behind; after these looks the link stays unknown.
LOOK_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 60, 180, 600))
# A post is listed with Instagram's clock, not ours.
CLOCK_SLACK = timedelta(seconds=60)
LOG = PublishingLog.Status


def advance(talk: Conversation) -> None:
    """Do the side work that is left; let go of the post with the time of the next try, or none."""
    try:
        if not talk.post.instagram_media_id:
            _find(talk)
        if talk.post.instagram_media_id and not talk.post.permalink:
            _read_link(talk)
        if _comment_is_due(talk.post):
            _comment(talk)
    except InstagramError as error:
        _after(talk, error)
        return
    if _is_done(talk.post):
        with committing("side-work-done"):
            talk.claim.release(wake_at=None)
    else:
        _try_later(talk)


# What no other try gets over before the owner has acted. A missing permission may be the comment's alone.
OWNERS = frozenset({"TOKEN_EXPIRED", "ACCOUNT_RESTRICTED", "PAGE_ROLE_LOST", "PAGE_AUTHORIZATION"})


def _after(talk: Conversation, error: InstagramError) -> None:
    """Go on later; not at all with an account that needs its owner, and no try is counted while a limit lasts."""
    post, pause = talk.post, talk.limits.pause(talk.now)
    if error.name in OWNERS and post.instagram_account is not None:
        with committing("account-needs-owner"):
            verdicts.account_needs_owner(post.instagram_account, error, talk.now)
            give_up(talk.claim)
    elif pause is not None and pause.paused_until is not None:
        with committing("side-work-waits"):
            talk.claim.release(wake_at=pause.paused_until + rate_limits.SPACING)
    else:
        _try_later(talk)


def give_up(claim: Claim) -> None:
    """Let go of a live post for good, inside the caller's commit; a comment still wanted is said to be missing.

    Raises ClaimLost.
    """
    post = claim.post
    if not _comment_is_wanted(post):
        claim.release(wake_at=None)
        return
    claim.release(wake_at=None, first_comment_error="FIRST_COMMENT_FAILED")
    notices.tell_about_post(post, "FIRST_COMMENT_FAILED", claim.clock())


def _is_done(post: ScheduledPost) -> bool:
    return bool(post.permalink) and not _comment_is_due(post)


def _comment_is_wanted(post: ScheduledPost) -> bool:
    """Return whether a comment is neither written nor given up; a live post that is not found has none either."""
    wanted = post.first_comment.strip() and post.media_type != MediaType.STORY
    return bool(wanted and not post.first_comment_id and not post.first_comment_error)


def _comment_is_due(post: ScheduledPost) -> bool:
    return bool(post.instagram_media_id) and _comment_is_wanted(post)


def _try_later(talk: Conversation) -> None:
    post = talk.post
    with committing("side-work-later"):
        if post.side_work_tries >= len(LOOK_AGAIN):
            give_up(talk.claim)
        else:
            later = talk.now + LOOK_AGAIN[post.side_work_tries]
            talk.claim.release(side_work_tries=post.side_work_tries + 1, wake_at=later)


# --- Which of the account's media is ours -----------------------------------------------------------------------
def _find(talk: Conversation) -> None:
    post = talk.post
    since = _window_start(post)
    account_id = post.instagram_account.instagram_user_id if post.instagram_account else ""
    story = post.media_type == MediaType.STORY
    listed, line = talk.ask(
        Step.FIND, lambda: talk.client.find_media(account_id, story=story, since=since), about={"since": str(since)}
    )
    match = the_one(post, listed, since)
    talk.keep(line, LOG.SUCCESS if match else LOG.PROCESSING, **_found(match))


def _window_start(post: ScheduledPost) -> datetime:
    first = post.publish_intent_at or post.published_at
    assert first is not None
    return first - CLOCK_SLACK


def _found(match: LiveMedia | None) -> dict[str, str]:
    return {"instagram_media_id": match.media_id, "permalink": match.permalink} if match else {}


def the_one(post: ScheduledPost, listed: list[LiveMedia], since: datetime) -> LiveMedia | None:
    """Return the live media that can only be this post; None when there is none, or more than one.

    It must lie in the time window, have the caption, the type and the number of items, and belong to no other post.
    """
    taken = set(
        ScheduledPost.objects.filter(instagram_media_id__in=[media.media_id for media in listed]).values_list(
            "instagram_media_id", flat=True
        )
    )
    fitting = [media for media in listed if media.media_id not in taken and _fits(post, media, since)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(post: ScheduledPost, media: LiveMedia, since: datetime) -> bool:
    if media.published_at is None or media.published_at < since:
        return False
    if post.media_type == MediaType.STORY:
        return True
    same_caption = comparable(media.caption) == comparable(post.caption)
    if post.media_type == MediaType.CAROUSEL:
        return same_caption and media.media_type == "CAROUSEL_ALBUM" and media.child_count in {0, item_count(post)}
    return same_caption and media.media_type == ("IMAGE" if post.media_type == MediaType.IMAGE else "VIDEO")


def comparable(caption: str) -> str:
    """Return a caption as it can be compared: Instagram may give it back without @ and with other white space."""
    return " ".join(caption.replace("@", "").split())


# --- Link and first comment -------------------------------------------------------------------------------------
def _read_link(talk: Conversation) -> None:
    media, line = talk.ask(Step.PERMALINK, lambda: talk.client.read_media(talk.post.instagram_media_id))
    talk.keep(line, LOG.SUCCESS, permalink=media.permalink)


def _comment(talk: Conversation) -> None:
    """Add the first comment unless it is there: an earlier try may have worked unheard."""
    post = talk.post
    if post.first_comment_tried_at is not None:
        comments, line = talk.ask(Step.COMMENTS, lambda: talk.client.list_comments(post.instagram_media_id))
        same = [comment for comment in comments if comparable(comment.text) == comparable(post.first_comment)]
        talk.keep(line, LOG.SUCCESS, first_comment_id=same[0].comment_id if same else "")
        if same:
            return
    comment_id, line = talk.ask(
        Step.COMMENT,
        lambda: talk.client.post_comment(post.instagram_media_id, post.first_comment),
        about={"message": post.first_comment},
        first_comment_tried_at=talk.now,
    )
    talk.keep(line, LOG.SUCCESS, first_comment_id=comment_id)


def keep_found_id(talk: Conversation, line: PublishingLog, fields: dict) -> None:
    """Finish a published post with the id Instagram gave; an id that another post has already is left out."""
    try:
        talk.finish(line, LOG.SUCCESS, **fields)
    except IntegrityError:
        talk.finish(line, LOG.SUCCESS, **fields | {"instagram_media_id": ""})
