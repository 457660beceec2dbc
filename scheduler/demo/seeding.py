"""Make the demo: the user, two connected accounts, and a month of posts, the past ones really published.

Everything goes the product's own way: uploads through the intake, connections through the consent page, past posts
through the publishing service to the simulated Instagram, with both clocks set back to the moment of each post.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile

from scheduler.demo import content, film, people, scenes
from scheduler.demo.content import BAKERY, REEL, SAMPLES, STUDIO, Sample
from scheduler.demo.in_process import serving
from scheduler.lib import clock, zones
from scheduler.models import (
    HashtagGroup,
    HoldReason,
    InstagramAccount,
    MediaAsset,
    PostChange,
    PostIdea,
    PostingSlot,
    ScheduledPost,
    Status,
    User,
)
from scheduler.sandbox.seeding import set_clock, without_delays
from scheduler.services import covers, post_actions, results
from scheduler.services.instagram_publish_service import InstagramPublishService
from scheduler.services.media_intake import take_upload
from scheduler.services.post_facts import time_of

PAINTERS = 2
JPEG_QUALITY = 76
# What is to go out next is at least this far ahead, so that a person has time to look around.
BREATHING_SPACE = timedelta(minutes=30)
NOTICED_AFTER = timedelta(minutes=34)  # a missed post is held when somebody looks again
WRITTEN_BEFORE = timedelta(days=2, hours=3)
CONNECTED_BEFORE = timedelta(days=16)
# Container, publish, link and comment each take a step; a post that needs more is left as it stands.
MOST_STEPS = 12

Pictures = list[Future[bytes]]


class DemoClock:
    """A clock set apart from now, for us and for the simulated Instagram alike."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        """Return the present instant of the demo."""
        return clock.now() + self.offset

    def go_to(self, at: datetime) -> None:
        """Let it be `at`; from there the time runs on."""
        self.offset = at - clock.now()
        set_clock(self.offset)


@dataclass(frozen=True)
class Stage:
    """Who plays: the demo user, their accounts by username, and the instant the demo is made at."""

    user: User
    accounts: dict[str, InstagramAccount]
    now: datetime


def seed() -> User:
    """Make the demo; when it cannot be finished nothing of it stays. Raises NotConnected, MediaRefused."""
    with serving() as browser, without_delays():
        user = people.make_user()
        try:
            accounts = {username: people.connect(user, username, browser) for username in (BAKERY, STUDIO)}
            stage = Stage(user, accounts, clock.now())
            _fill(stage)
            _note_ideas(stage)
            _keep_habits(stage)
            for account in accounts.values():
                results.read(account.pk, stage.now)
        except BaseException:  # also an impatient Ctrl-C: the next start begins anew
            _undo(user)
            raise
    return user


def _undo(user: User) -> None:
    ScheduledPost.objects.filter(user=user).delete()
    user.delete()


def _fill(stage: Stage) -> None:
    """Make all posts in the order of their times, while others are still being drawn."""
    InstagramAccount.objects.filter(user=stage.user).update(
        created_at=stage.now - CONNECTED_BEFORE, connected_at=stage.now - CONNECTED_BEFORE
    )
    moments = [_moment(sample, stage) for sample in SAMPLES]
    order = sorted(range(len(SAMPLES)), key=lambda number: moments[number] or stage.now)
    with _painted(order) as pictures:
        for number in order:
            post = _post(stage, SAMPLES[number], pictures[number])
            _play(stage, SAMPLES[number], moments[number], post)


def _note_ideas(stage: Stage) -> None:
    """Write the idea bank, the first idea last, so that it lies on top."""
    for sample in reversed(content.IDEAS):
        idea = PostIdea.objects.create(
            user=stage.user,
            title=sample.title,
            notes=sample.notes,
            links=list(sample.links),
            status=sample.status,
        )
        idea.tag_with(list(sample.tags))
        if sample.account:
            live = stage.accounts[sample.account].posts.filter(status=Status.PUBLISHED)
            idea.posts.add(live.order_by("published_at")[0])


def _keep_habits(stage: Stage) -> None:
    """Give the accounts their posting times, and the person hashtags to put in with one click."""
    for username, week in content.POSTING_TIMES.items():
        PostingSlot.replace(stage.accounts[username], week)
    for name, hashtags in content.HASHTAG_GROUPS.items():
        HashtagGroup.objects.create(user=stage.user, name=name, hashtags=hashtags)


def _moment(sample: Sample, stage: Stage) -> datetime | None:
    """Return when the sample goes out, or went out; today's are moved so that they are ahead, or behind."""
    if sample.day is None:
        return None
    zone = stage.user.timezone
    day = stage.now.astimezone(ZoneInfo(zone)).date() + timedelta(days=sample.day)
    at = zones.resolve(datetime.combine(day, sample.at), zone).utc
    if sample.ends == "held":
        return at if at + NOTICED_AFTER < stage.now else at - timedelta(days=1)
    if sample.day == 0 and at < stage.now + BREATHING_SPACE:
        return at + timedelta(days=1)
    return at


# --- Pictures and films -----------------------------------------------------------------------------------
@contextmanager
def _painted(order: list[int]) -> Iterator[dict[int, Pictures]]:
    """Draw what the samples of these numbers show, in this order; the pool ends with the block."""
    pool = ThreadPoolExecutor(PAINTERS)
    try:
        yield {number: _commissioned(pool, number) for number in order}
    finally:
        pool.shutdown(cancel_futures=True)


def _commissioned(pool: ThreadPoolExecutor, number: int) -> Pictures:
    sample = SAMPLES[number]
    if sample.kind == REEL:
        return [pool.submit(_film, sample)]
    return [pool.submit(_picture, sample, place, number * 10 + place) for place in range(len(sample.shows))]


def _picture(sample: Sample, place: int, seed: int) -> bytes:
    scene, palette = sample.shows[place]
    out = BytesIO()
    scenes.draw(scene, palette, seed, sample.size).save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _film(sample: Sample) -> bytes:
    scene, palette = sample.shows[0]
    frames = film.steam if scene is scenes.coffee else film.sunrise
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        film.write(frames(scenes.PALETTES[palette]), path)
        return path.read_bytes()


# --- Posts ------------------------------------------------------------------------------------------------
def _post(stage: Stage, sample: Sample, pictures: Pictures) -> ScheduledPost:
    """Return the sample as a draft with its media."""
    post = ScheduledPost.objects.create(
        user=stage.user,
        instagram_account=stage.accounts[sample.account],
        media_type=sample.kind,
        caption=sample.caption,
        first_comment=sample.comment,
        options=dict(sample.options),
        timezone=stage.user.timezone,
    )
    for position, ((scene, _palette), picture) in enumerate(zip(sample.shows, pictures, strict=True)):
        asset = _asset(stage.user, sample, scene.__name__, picture.result())
        alt_text = "" if asset.kind == MediaAsset.Kind.VIDEO else content.ALT_TEXTS[scene]
        post.media.create(asset=asset, position=position, alt_text=alt_text)
        if "thumb_offset" in post.options:
            covers.still_at(asset, post.options["thumb_offset"])
    return post


def _asset(user: User, sample: Sample, name: str, data: bytes) -> MediaAsset:
    ending = "mp4" if sample.kind == REEL else "jpg"
    return take_upload(user, SimpleUploadedFile(f"{name.replace('_', '-')}.{ending}", data))


def _play(stage: Stage, sample: Sample, at: datetime | None, post: ScheduledPost) -> None:
    """Bring a draft to where the story wants it: left alone, in line, live, or in trouble."""
    written = min(at or stage.now, stage.now) - WRITTEN_BEFORE
    ScheduledPost.objects.filter(pk=post.pk).update(created_at=written)
    PostChange.note(post, PostChange.Act.CREATED, stage.user, written)
    if at is None:
        return
    post.plan(zones.to_wall(at, stage.user.timezone), stage.user.timezone)
    post.save()
    # By the row's own verb: the act would refuse the one whose picture Instagram is to refuse.
    noted = written if at < stage.now else stage.now
    post.schedule(now=noted)
    PostChange.note(post, PostChange.Act.SCHEDULED, stage.user, noted, time=time_of(post))
    if sample.ends == "cancelled":
        post_actions.cancel(post, stage.user, stage.now)
    elif sample.ends == "held":
        ScheduledPost.objects.filter(pk=post.pk).hold(HoldReason.MISSED)
        PostChange.note(post, PostChange.Act.HELD, None, at + NOTICED_AFTER, reason=HoldReason.MISSED)
    elif at < stage.now:
        _publish(post, at)


def _publish(post: ScheduledPost, at: datetime) -> None:
    """Publish through the simulated Instagram as it was at `at`, with link and first comment."""
    demo_clock = DemoClock()
    service = InstagramPublishService(clock=demo_clock)
    demo_clock.go_to(at + timedelta(milliseconds=400))
    for _step in range(MOST_STEPS):
        service.publish_post(post)
        post.refresh_from_db()
        if post.wake_at is None:
            return
        demo_clock.go_to(max(post.wake_at, demo_clock()))
