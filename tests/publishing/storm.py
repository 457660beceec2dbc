"""A storm in one process: workers die between two lines, answers are lost, people press everything; time is moved.

Everything follows from the seed. What is live is counted by `scheduler.bench.verdict`.
"""

import random
from datetime import timedelta

from django.db import OperationalError

from scheduler.bench import verdict
from scheduler.lib import failpoints
from scheduler.models import InstagramAccount, ScheduledPost, WrongState
from scheduler.sandbox import playing
from scheduler.services import accounts, post_actions
from scheduler.services.instagram_publish_service import InstagramPublishService
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor

MOST_LOOKS = 400
AHEAD_S = [61, 90, 120, 700]


class Death(BaseException):
    """SIGKILL, as seen from inside: nothing of ours catches it."""


class Mistake(Exception):
    """A bug of our own at any place."""


class Storm:
    """One seed's storm over one account with one to four posts."""

    def __init__(self, seed, *, instagram, plan, time, owner):
        self.instagram, self.time, self.owner = instagram, time, owner
        self.chance, self.story, self.doubted, self.deadly = random.Random(seed), [f"seed {seed}"], set(), False
        self.trouble = self.chance.choice([None, Death, Mistake, OperationalError])
        self.risk = self.chance.choice([0, 0.01, 0.03, 0.1])
        self.service = InstagramPublishService(clock=time.now)
        self.posts = [self._post(plan, number) for number in range(self.chance.randint(1, 4))]
        instagram.set(delay_image_s=self.chance.choice([0, 0, 3, 40, 150]))

    def _post(self, plan, number):
        kind = self.chance.choice(["IMAGE", "CAROUSEL", "STORY"])
        facts = {"media_type": kind, "media": 3 if kind == "CAROUSEL" else 1}
        facts["caption"] = "" if kind == "STORY" else f"post {number}"
        facts["first_comment"] = "" if kind == "STORY" else self.chance.choice(["", "more"])
        return plan(**facts, ahead=timedelta(seconds=self.chance.choice(AHEAD_S)))

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
            name = self.chance.choice(sorted(playing.MENU))
            self.story.append(name)
            self.instagram.next_call(named=name)
        if self.chance.random() < 0.06:
            self.person_acts()
        due = ScheduledPost.objects.next_wake()
        if due is None:
            self.time.passes(minutes=5)
        elif due > self.time.now() and self.chance.random() < 0.9:
            self.time.comes(due)
        self.look()

    def look(self):
        """Let a worker take each due post; one that dies is replaced."""
        for post in ScheduledPost.objects.due(self.time.now()):
            self.deadly = True
            try:
                self.story.append(f"{post.pk}: {self.service.publish_post(post)}")
            except (Death, Mistake, OperationalError) as end:
                self.story.append(f"{post.pk}: {end!r}")
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
        InstagramAccount.objects.get().mark("token_expired", "TOKEN_EXPIRED")

    def disconnect(self, post):
        accounts.disconnect(InstagramAccount.objects.get(), self.owner, self.time.now())

    def reconnect(self, post):
        account, now = InstagramAccount.objects.get(), self.time.now()
        account.connect(self.instagram.token_for(self.instagram.profile()), 5_000_000, [], now)
        ScheduledPost.objects.filter(instagram_account=account).wake_unresolved(now)
        accounts.release(account, self.owner, "now", now)

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
