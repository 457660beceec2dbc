"""A process with Django loaded that makes posts and forks workers which may be killed; it answers JSON lines.

Run with an installation's environment. Its clock can be moved, so that no test waits for a lease to run out; the
simulated Instagram's container delays are zero. Each worker is a real process and dies by a real SIGKILL.
"""

import json
import os
import signal
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path

import django

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "site")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, connections  # noqa: E402 - Django must be set up first
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from scheduler.bench.cast import Cast  # noqa: E402
from scheduler.instagram import client as wire  # noqa: E402
from scheduler.instagram import uploads as wire_uploads  # noqa: E402
from scheduler.lib import clock, failpoints  # noqa: E402
from scheduler.models import (  # noqa: E402
    Delivery,
    MediaAsset,
    ProcessorPass,
    PublishingLog,
    ScheduledPost,
    Webhook,
)
from scheduler.models.webhook import Event  # noqa: E402
from scheduler.sandbox import uploads  # noqa: E402
from scheduler.sandbox.models import (  # noqa: E402
    ApiCall,
    Comment,
    Container,
    Control,
    FacebookPerson,
    Media,
    Page,
    PageRole,
    Profile,
    PublishCall,
    ScriptedFault,
)
from scheduler.sandbox.models.facebook import EVERY_TASK  # noqa: E402
from scheduler.services import deliveries, uploading, webhook_sender  # noqa: E402
from scheduler.services.instagram_publish_service import InstagramPublishService  # noqa: E402
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor  # noqa: E402
from tests.publishing.conftest import connect_page  # noqa: E402
from tests.publishing.files import own_film  # noqa: E402
from tests.sandbox.world import Sandbox  # noqa: E402

MOST_STEPS = 60
# A small film is sent with several requests, so that a worker can die between them.
PIECE, PADDING = 40_000, 60_000
PAGES = 20


class Stage:
    """The commands a test may give; each returns something JSON can say."""

    def __init__(self):
        self.skew = timedelta(0)
        self.cast = None
        self.planned = 0
        self.before = {}  # post -> the newest media on Instagram when it was planned
        self.pages, self.film = [], None

    def now(self):
        return clock.now() + self.skew

    def open(self):
        self.cast = Cast()
        Control.load()
        Control.objects.update(delay_image_s=0, delay_video_s=0, delay_video_s_per_mb=0, quota_total=1000)
        self.film = own_film(self.cast.owner, padding=PADDING)
        uploading.AT_ONCE = PIECE
        return True

    def connect_pages(self):
        """Connect accounts behind Facebook Pages, of a person who may do everything there."""
        world, person = Sandbox(), FacebookPerson.objects.create(slug="stage", name="Stage")
        for number in range(PAGES):
            profile = Profile.objects.create(username=f"page{number}", name=f"Page {number}")
            page = Page.objects.create(name=profile.name, profile=profile)
            PageRole.objects.create(person=person, page=page, tasks=list(EVERY_TASK))
        self.pages = [connect_page(world, self.cast.owner, self, f"Page {number}", person) for number in range(PAGES)]

    def plan(self, media_type="IMAGE", items=1, first_comment="", by_address=False, film=False):
        """Put one post in line for a second ago; its caption tells it from all others.

        by_address: its files are named only, so that the worker fetches them, as if nobody had before.
        film:       its last file is one, and the account is behind a Page, so that its bytes are sent.
        """
        if film and not self.pages:
            self.connect_pages()
        now, self.planned = self.now(), self.planned + 1
        accounts = self.pages if film else self.cast.accounts
        files = [self.cast.picture] * items
        if film:
            files[-1] = self.film
        post = ScheduledPost(
            user=self.cast.owner,
            instagram_account=accounts[self.planned % len(accounts)],
            media_type=media_type,
            first_comment=first_comment,
        )
        post.plan((now + timedelta(minutes=3)).replace(tzinfo=None), "UTC")
        post.save()
        ScheduledPost.objects.filter(pk=post.pk).update(caption=f"post {post.pk}")
        if by_address:
            MediaAsset.objects.update(deleted_at=now)  # or the file would be known already
            place = self.cast.picture.rendition("publish").public_url
            post.media_urls = [place.replace("http://", "HTTP://")] * items  # an address that is not known as ours
            post.save()
        for position, file in enumerate([] if by_address else files):
            post.media.create(asset=file, position=position)
        post.schedule(now=now)
        self._move(timedelta(minutes=3, seconds=1))
        newest = Media.objects.order_by("-pk").first()
        self.before[post.pk] = newest.pk if newest else 0
        return post.pk

    def fault(self, **fields):
        ScriptedFault.objects.create(**fields)
        return True

    def pass_time(self, seconds):
        self._move(timedelta(seconds=seconds))
        return True

    def _move(self, by):
        """Move our clock and Instagram's together."""
        self.skew += by
        Control.objects.update(clock_offset_s=self.skew.total_seconds())

    def work(self, post, failpoint="", passes=MOST_STEPS, pretend_dead=True, dies_at_byte=None, late_at_byte=None):
        """Fork a worker that carries the post as far as it can; return how the worker ended.

        dies_at_byte: of a film, while it is being sent. late_at_byte: where the time of the request is up.
        """
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            failpoints.arm(failpoint)
            if dies_at_byte is not None:
                wire_uploads.Stretch.read = struck_read(dies_at_byte, die)
            if late_at_byte is not None:
                uploading.AT_ONCE = 10**9
                wire_uploads.Stretch.read = struck_read(late_at_byte, be_late)
            self._carry(post, passes)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if pretend_dead:
            self._move(timedelta(seconds=61))
        return {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"code": os.WEXITSTATUS(status)}

    def _carry(self, post_id, passes):
        """Work as the processor would, moving the clock to each next look instead of waiting."""
        service = InstagramPublishService(clock=self.now)
        for _ in range(passes):
            post = ScheduledPost.objects.get(pk=post_id)
            if post.wake_at is None:
                return
            self._move(max(timedelta(0), post.wake_at - self.now() + timedelta(milliseconds=5)))
            service.publish_post(post)

    def listen(self, address):
        """Have a webhook of the owner told of everything, at an address on this machine."""
        webhook_sender.trusted_origins = lambda: [address]
        row = Webhook(user=self.cast.owner, url=address, events=Event.values, created_at=self.now())
        row.renew_secret(self.now())
        return row.pk

    def stop_listening(self):
        return Webhook.objects.all().delete()[0]

    def deliver(self, failpoint=""):
        """Fork a process that sends all that is due; return how it ended, when its lease is over."""
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            failpoints.arm(failpoint)
            queue = webhook_sender.queue(self.now)
            while queue.deliver_next():
                pass
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        self._move(deliveries.LEASE + timedelta(seconds=1))
        return {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"code": os.WEXITSTATUS(status)}

    def told(self, post):
        """Say what is on its way about a post, and how that stands."""
        rows = Delivery.objects.order_by("pk").values("event", "event_id", "body", "state")
        return [row for row in rows if json.loads(row["body"])["data"].get("post", {}).get("id") == post]

    def recover(self, post):
        """Go on with the same clock rules until nothing is left to do."""
        self._carry(post, MOST_STEPS)
        return self.facts(post)

    def race(self, post, workers):
        """Let several processes work on the same post at the same instant."""
        connections.close_all()
        children = []
        for number in range(workers):
            pid = os.fork()
            if pid == 0:
                if number % 2:
                    ScheduledPostProcessor(kind=ProcessorPass.Kind.CRON, now=self.now).process_pending_posts()
                else:
                    self._carry(post, 8)
                os._exit(0)
            children.append(pid)
        return [os.waitpid(pid, 0)[1] for pid in children]

    def facts(self, post):
        """Say how the post stands with us, and, counted by Instagram itself, how often it is live."""
        row = ScheduledPost.objects.get(pk=post)
        whose = {"profile__username": row.instagram_account.instagram_username}
        live = Media.objects.filter(pk__gt=self.before[post], parent=None, **whose)
        return {
            "status": row.status,
            "last_error": row.last_error,
            "live": live.count(),
            "media_id_is_right": row.instagram_media_id in live.values_list("graph_id", flat=True),
            "permalink": row.permalink,
            "comments": Comment.objects.filter(media__in=live).count(),
            "containers": PublishCall.objects.filter(media__in=live).values("creation_id").distinct().count(),
            "made": Container.objects.filter(caption=row.caption, **whose).count(),
            "offsets": [int(call.params["offset"]) for call in self.uploads(row)],
            "open_lines": PublishingLog.objects.open().filter(scheduled_post=row).count(),
            "claimed": row.claimed_by,
            "story": [
                f"{line.step} {line.status} {line.error_code} {line.error_message}".strip()
                for line in row.logs.order_by("pk")
            ],
        }

    def uploads(self, row):
        """Return the requests that brought bytes to the container of a post, in order."""
        return ApiCall.objects.filter(kind="upload", path__endswith=row.container_id).order_by("pk")

    def trace(self, post):
        """Carry the post through here and list every failpoint, request and commit in order."""
        events = []
        failpoints.WATCHERS.append(events.append)
        send = wire.HTTPAdapter.send
        commit = BaseDatabaseWrapper._commit

        def watched_send(adapter, request, **words):
            events.append("HTTP")
            return send(adapter, request, **words)

        def watched_commit(one):
            if one.alias == "default":
                events.append("COMMIT")
            return commit(one)

        def watched_write(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            if not connection.in_atomic_block and sql.split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}:
                events.append("COMMIT")
            return result

        wire.HTTPAdapter.send, BaseDatabaseWrapper._commit = watched_send, watched_commit
        try:
            with connection.execute_wrapper(watched_write):
                self._carry(post, MOST_STEPS)
        finally:
            failpoints.WATCHERS.clear()
            wire.HTTPAdapter.send, BaseDatabaseWrapper._commit = send, commit
        return events


def struck_read(at, strike):
    """Return how a film is read that is struck, once, when it comes to a byte."""
    read, struck = wire_uploads.Stretch.read, []

    def reading(stretch, size=-1):
        if stretch._file.tell() >= at and not struck:
            struck.append(strike(stretch))
        return read(stretch, size)

    return reading


def die(stretch):
    os.kill(os.getpid(), signal.SIGKILL)


def be_late(stretch):
    """Let the time be up once something has arrived; how much is for the line to say."""
    container, until = Container.objects.latest("pk"), time.monotonic() + 20
    while not uploads.arrived(container.graph_id) and time.monotonic() < until:
        time.sleep(0.01)
    stretch._ends_at = 0


def main():
    stage = Stage()
    for line in sys.stdin:
        wish = json.loads(line)
        try:
            answer = getattr(stage, wish.pop("do"))(**wish)
        except Exception:  # told to the test, which fails with it
            answer = {"traceback": traceback.format_exc()}
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()
