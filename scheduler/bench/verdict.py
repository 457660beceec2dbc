"""What a storm must leave behind, counted in the simulated Instagram's own database and compared with our rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.models import MediaType, Notification, PublishingLog, ScheduledPost, Status
from scheduler.models.post_status import DisplayStatus
from scheduler.sandbox.models import Comment, Media, PublishCall
from scheduler.services import words
from scheduler.services.media_row import item_count


@dataclass(frozen=True)
class Breach:
    """One broken promise: which, of which post (None: of none), and the story from our log and Instagram's."""

    rule: str
    post_id: int | None
    story: str

    def __str__(self) -> str:
        return f"{self.rule}: post {self.post_id}\n{self.story}"


def is_at_rest() -> bool:
    """Return whether nobody works on anything, nothing is planned, and no log line is open."""
    return (
        not ScheduledPost.objects.filter(wake_at__isnull=False).exists() and not PublishingLog.objects.open().exists()
    )


def breaches(
    posts: Iterable[ScheduledPost], *, rested: bool, not_counted: frozenset[int] = frozenset()
) -> list[Breach]:
    """Return every broken promise.

    not_counted: posts that a person decided about, who may have been wrong.
    """
    found = [Breach("does not come to rest", None, _unrest())] if not rested else []
    for post in ScheduledPost.objects.filter(pk__in=[post.pk for post in posts]):
        live = live_media(post)
        found += [Breach(rule, post.pk, story(post, live)) for rule in _broken(post, live, post.pk in not_counted)]
    return found


def _broken(post: ScheduledPost, live: list[Media], doubted: bool) -> list[str]:
    """Return the names of the rules this post breaks."""
    rules = {
        "live twice": len(live) > 1 and not doubted,
        "claimed published, not live": post.status == Status.PUBLISHED and not live and not doubted,
        "live, but called something else": bool(live)
        and not doubted
        and not (post.status == Status.PUBLISHED or post.can_be_confirmed),
        "publishing, and nobody asks": post.status == Status.PUBLISHING
        and post.wake_at is None
        and not post.can_be_confirmed,
        "scheduled, and nobody looks": post.status == Status.SCHEDULED
        and post.wake_at is None
        and not post.hold_reason,
        "failed without a reason": post.status == Status.FAILED and not post.last_error,
        "a claim that nobody ends": bool(post.claimed_by) and post.wake_at is None,
        "another post's media": post.instagram_media_id not in {"", *(media.graph_id for media in live)},
    }
    rules |= _about_what_is_live(post, live, doubted) | _about_words(post)
    return [name for name, is_broken in rules.items() if is_broken]


def _about_what_is_live(post: ScheduledPost, live: list[Media], doubted: bool) -> dict[str, bool]:
    account, items = post.instagram_account, item_count(post)
    whose = account.instagram_user_id if account else ""
    is_story, is_carousel = post.media_type == MediaType.STORY, post.media_type == MediaType.CAROUSEL
    comments = Comment.objects.filter(media__in=live, parent=None, text=post.first_comment)
    return {
        "live at another account": any(media.profile.user_id != whose for media in live),
        "live as another type": any((media.product_type == "STORY") != is_story for media in live),
        "live without some of its items": is_carousel and any(media.children.count() != items for media in live),
        "commented twice": comments.count() > 1 and not doubted,
    }


def _about_words(post: ScheduledPost) -> dict[str, bool]:
    """Return which of the things that a person has to know were not told."""
    told = set(Notification.objects.filter(post=post).values_list("kind", flat=True))
    settled = {DisplayStatus.DRAFT, DisplayStatus.SCHEDULED, DisplayStatus.PUBLISHED, DisplayStatus.CANCELLED}
    is_done = post.status == Status.PUBLISHED and post.wake_at is None and post.media_type != MediaType.STORY
    return {
        "stands there without a sentence": post.display_status not in settled and not words.why(post),
        "failed, and nobody was told": post.status == Status.FAILED and not told,
        "asks a person who was not told": post.can_be_confirmed and "PUBLISH_UNCONFIRMED" not in told,
        "a comment left out without a word": is_done
        and bool(post.first_comment)
        and not (post.first_comment_id or post.first_comment_error),
    }


def live_media(post: ScheduledPost) -> list[Media]:
    """Return what is live of this post: by its caption, and by every container it ever asked to publish."""
    asked = {line.request_data.get("creation_id") for line in post.logs.filter(step="publish_container")}
    tops = Media.objects.filter(parent=None)
    found = set(tops.filter(container__graph_id__in=asked - {None}))
    if post.caption:
        found |= set(tops.filter(caption=post.caption))
    return sorted(found, key=lambda media: media.pk)


def ends(posts: Iterable[ScheduledPost]) -> Counter[str]:
    """Return how many posts ended how."""
    rows = ScheduledPost.objects.filter(pk__in=[post.pk for post in posts])
    return Counter(str(post.display_status.value) for post in rows)


def story(post: ScheduledPost, live: list[Media]) -> str:
    """Return what we wrote down and what arrived at Instagram, a line each."""
    lines = [
        f"  {line.started_at:%H:%M:%S.%f} {line.step} {line.status} {line.error_code} "
        f"{line.request_data.get('creation_id', '')} {line.response_data.get('id', '')} by {line.worker}"
        for line in post.logs.order_by("pk")
    ]
    asked = {line.request_data.get("creation_id") for line in post.logs.filter(step="publish_container")} - {None}
    calls = [
        f"  {call.arrived_at:%H:%M:%S.%f} arrived: {call.creation_id} {call.outcome}, told {call.told or 'the truth'}"
        for call in PublishCall.objects.filter(creation_id__in=asked).order_by("pk")
    ]
    state = (
        f"  {post.media_type} {post.status} hold={post.hold_reason} error={post.last_error} claim={post.claimed_by} "
        f"wake={post.wake_at} container={post.container_id} live={[media.graph_id for media in live]}"
    )
    return "\n".join([state, *lines, *calls])


def _unrest() -> str:
    waiting = ScheduledPost.objects.filter(wake_at__isnull=False)
    lines = [
        f"  post {line.scheduled_post_id} {line.step} open since {line.started_at}"
        for line in PublishingLog.objects.open()
    ]
    return "\n".join([*(story(post, live_media(post)) for post in waiting), *lines])
