"""A storm in one process: workers die between two lines, answers are lost, people press everything; time is moved.

Everything follows from the seed. What is live is counted by `scheduler.bench.verdict`.
"""

import random
from datetime import timedelta

from django.db import OperationalError

from scheduler.bench import verdict, weather
from scheduler.lib import failpoints
from scheduler.lib.safe_fetch import Fetched, Refused
from scheduler.models import InstagramAccount, ScheduledPost, WrongState
from scheduler.sandbox.models import Profile
from scheduler.services import accounts, checks, post_actions
from scheduler.services.instagram_publish_service import InstagramPublishService
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor
from tests.publishing.files import own_film, own_picture
from tests.sandbox.pictures import film, picture

MOST_LOOKS = 600
AHEAD_S = [61, 90, 120, 700, 7200]
# A film is sent in several requests.
FILM_PADDING = 60_000
ADDRESSES = {"p": "https://cdn.example/storm.jpg", "v": "https://cdn.example/storm.mp4"}
REFUSALS = ["ADDRESS_UNREACHABLE", "ADDRESS_SLOW", "ADDRESS_NOT_FOUND", "ADDRESS_ROBOTS", "ADDRESS_TOO_LARGE"]


class Death(BaseException):
    """SIGKILL, as seen from inside: nothing of ours catches it."""


class Mistake(Exception):
    """A bug of our own at any place."""


class Storm:
    """One seed's storm over one or two accounts, of either login, with one to four posts."""

    def __init__(self, seed, *, instagram, accounts, time, owner, settings):
        self.settings = settings
        self.instagram, self.time, self.owner = instagram, time, owner
        self.chance, self.story, self.doubted, self.deadly = random.Random(seed), [f"seed {seed}"], set(), False
        self.trouble = self.chance.choice([None, Death, Mistake, OperationalError])
        self.risk = self.chance.choice([0, 0.01, 0.03, 0.1])
        self.reachable = self.chance.choice([0, 0.5, 1])
        self.service = InstagramPublishService(clock=time.now)
        self.accounts = self.chance.choice([accounts[:1], accounts[1:], accounts])
        self.files = {"p": own_picture(owner), "v": own_film(owner, padding=FILM_PADDING)}
        self._set_up_instagram()
        self.posts = [self._post(number) for number in range(self.chance.randint(1, 4))]

    def _set_up_instagram(self):
        self.web = {ADDRESSES["p"]: picture(640, 640), ADDRESSES["v"]: film()}
        if self.chance.random() < 0.8:  # else nobody can fetch them, Instagram neither
            self.instagram.host_picture("storm.jpg", width=640, height=640)
            self.instagram.host_film("storm.mp4")
        self.instagram.set(
            delay_image_s=self.chance.choice([0, 0, 3, 40, 150]),
            delay_video_s=self.chance.choice([0, 3, 150, 2000]),
            list_lag_s=self.chance.choice([0, 0, 30]),
            usage_percent=self.chance.choice([3, 3, 3, 80, 95]),
            quota_total=self.chance.choice([50, 50, 1, 2]),
        )
        self.settings.INSTAGRAM_DAILY_POST_LIMIT = self.chance.choice([25, 25, 1, 2])

    def _post(self, number):
        kind = weather.KINDS[self.chance.choice(sorted(weather.KINDS))]
        post = ScheduledPost(
            user=self.owner, instagram_account=self.chance.choice(self.accounts), media_type=kind.media_type
        )
        if not kind.is_story:
            post.caption, post.first_comment = f"post {number}", self.chance.choice(["", "more"])
        if kind.by_address:
            post.media_urls = [ADDRESSES[file] for file in kind.files]
        at = self.time.now() + timedelta(seconds=self.chance.choice(AHEAD_S))
        post.plan(at.replace(tzinfo=None), "UTC")
        post.save()
        for position, file in enumerate("" if kind.by_address else kind.files):
            post.media.create(asset=self.files[file], position=position)
        post.schedule(now=self.time.now())
        return post

    def fetch(self, address, target, **options):
        """Stand in for `safe_fetch.fetch`: the file, or whatever may be in its way."""
        if self.chance.random() >= self.reachable:
            raise Refused(self.chance.choice(REFUSALS), megabytes=1)
        data = self.web[address]
        target.write(data)
        return Fetched(address, "application/octet-stream", len(data))

    def strike(self, failpoint):
        """Die, stumble or lose the database at a failpoint, sometimes."""
        if self.deadly and self.trouble and self.chance.random() < self.risk:
            raise self.trouble(failpoint)

    def run(self):
        """Blow, then calm down; return what is wrong."""
        random.seed(self.chance.random())  # the jitter between tries
        failpoints.WATCHERS.append(self.strike)
        try:
            for _ in range(self.chance.randint(20, 70)):
                self.gust()
            rested = self.calm()
        finally:
            failpoints.WATCHERS.remove(self.strike)
        return verdict.breaches(self.posts, rested=rested, not_counted=frozenset(self.doubted))

    def gust(self):
        """Script a fault, let a person act, or neither; then let workers look."""
        if self.chance.random() < 0.15:
            facts = weather.fault(self.chance)
            self.story.append(str(facts))
            lasts = timedelta(seconds=facts.pop("for_seconds", 0))
            self.instagram.next_call(**facts, for_time=lasts or None)
        if self.chance.random() < 0.06:
            self.person_acts()
        due = ScheduledPost.objects.next_wake()
        if due is None:
            self.time.passes(minutes=5)
        elif due > self.time.now() and self.chance.random() < 0.9:
            self.time.comes(due)
        self.look()

    def look(self):
        """Let a worker take each due check and post; one that dies is replaced."""
        for post in ScheduledPost.objects.due_for_check(self.time.now()):
            self.try_to("check", post, lambda post: checks.run_if_due(post.pk, self.time.now))
        for post in ScheduledPost.objects.due(self.time.now()):
            self.try_to("work", post, self.service.publish_post)

    def try_to(self, name, post, work):
        """Let a worker do something that it may die of."""
        self.deadly = True
        try:
            self.story.append(f"{post.pk}: {name}: {work(post)}")
        except (Death, Mistake, OperationalError) as end:
            self.story.append(f"{post.pk}: {name}: {end!r}")
        finally:
            self.deadly = False

    def person_acts(self):
        """Press one button, allowed or not."""
        post = ScheduledPost.objects.get(pk=self.chance.choice(self.posts).pk)
        name = self.chance.choice(sorted(ACTS))
        try:
            ACTS[name](self, post)
        except WrongState:
            return
        self.story.append(f"{post.pk}: {name}")

    def calm(self):
        """Let nothing go wrong any more; return whether everything comes to rest."""
        self.instagram.clear_script()
        for _ in range(MOST_LOOKS):
            due = ScheduledPost.objects.next_wake()
            if due is None:
                break
            self.time.comes(due)
            self.look_in_peace()
        self.time.passes(minutes=2)
        ScheduledPostProcessor(now=self.time.now).process_pending_posts(lambda post_id: None)
        return verdict.is_at_rest()

    def look_in_peace(self):
        """Work on what is due, and nobody dies."""
        for post in ScheduledPost.objects.due_for_check(self.time.now()):
            checks.run_if_due(post.pk, self.time.now)
        for post in ScheduledPost.objects.due(self.time.now()):
            self.service.publish_post(post)

    # --- Buttons --------------------------------------------------------------------------------------------
    def edit(self, post):
        post.save_content(now=self.time.now())

    def schedule(self, post):
        post.plan((self.time.now() + timedelta(minutes=5)).replace(tzinfo=None), "UTC")
        post.schedule(now=self.time.now())

    def say_not_there(self, post):
        post_actions.confirm_not_there(post, self.owner, self.time.now(), lambda post_id: None)
        self.doubted.add(post.pk)  # who guesses wrongly may have it twice

    def say_there(self, post):
        post_actions.confirm_there(post, self.owner, self.time.now())
        self.doubted.add(post.pk)

    def lose_account(self, post):
        self.account().mark("token_expired", "TOKEN_EXPIRED")

    def disconnect(self, post):
        accounts.disconnect(self.account(), self.owner, self.time.now())

    def reconnect(self, post):
        account, now = self.account(), self.time.now()
        if account.facebook_page_id:
            token = self.instagram.page_token_for(self.instagram.page(account.facebook_page_name))
            account.connect_by_page(token, [], now)
        else:
            token = self.instagram.token_for(Profile.objects.get(user_id=account.instagram_user_id))
            account.connect(token, 5_000_000, [], now)
        ScheduledPost.objects.filter(instagram_account=account).wake_unresolved(now)
        accounts.release(account, self.owner, "now", now)

    def account(self):
        return InstagramAccount.objects.get(pk=self.chance.choice(self.accounts).pk)

    def retry_failed(self, post):
        ScheduledPostProcessor(now=self.time.now).retry_failed_posts()


ACTS = {
    "cancel": lambda storm, post: post.cancel(now=storm.time.now()),
    "disconnect": Storm.disconnect,
    "edit": Storm.edit,
    "lose account": Storm.lose_account,
    "publish now": lambda storm, post: post.publish_now(now=storm.time.now()),
    "reconnect": Storm.reconnect,
    "reconnect at once": Storm.reconnect,
    "release": lambda storm, post: post.release(now=storm.time.now()),
    "retry": lambda storm, post: post.retry(now=storm.time.now()),
    "retry failed": Storm.retry_failed,
    "say not there": Storm.say_not_there,
    "say there": Storm.say_there,
    "schedule": Storm.schedule,
    "unschedule": lambda storm, post: post.unschedule(now=storm.time.now()),
}
