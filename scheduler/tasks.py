"""What django-q2 runs, and how it is asked to: doors, not rooms.

Queuing twice is harmless, only one claim wins; a task that is lost is queued again when its row is still due.
"""

from django.db import transaction
from django_q.models import Schedule
from django_q.tasks import async_task

from scheduler.lib import clock
from scheduler.models import ApiAnswer, CsvImport, PendingConnection, RateWindow
from scheduler.services import checks, deliveries, purging, results, token_keeper
from scheduler.services.instagram_publish_service import InstagramPublishService
from scheduler.services.scheduled_post_processor import ScheduledPostProcessor, work_through

SAFETY_NET = "process pending posts"
SLOW = "slow"  # the queue of what takes minutes, as Q_CLUSTER names it


def dispatch(post_id: int) -> None:
    """Queue one post for a worker. The result is not kept: the row and its log say how it went."""
    async_task("scheduler.tasks.publish_post", post_id, q_options={"save": False})


def publish_soon(post_id: int) -> None:
    """Queue one post once the current transaction is safely written.

    A queue that is away costs a line in the log and a moment: the row says that it is due, the next look finds it.
    """
    # A lambda, because Django names a callback that failed by its __qualname__, which a partial has not.
    transaction.on_commit(lambda: dispatch(post_id), robust=True)


def dispatch_check(post_id: int) -> None:
    """Queue one post to be looked over before its time."""
    async_task("scheduler.tasks.check_post", post_id, q_options={"save": False})


def check_post(post_id: int) -> str:
    """Look one post over, unless another worker does; return the outcome for the task log."""
    return "checked" if checks.run_if_due(post_id, clock.now) else "not due"


def dispatch_mending(asset_id: int) -> None:
    """Queue one video to be made ready, where it keeps no post waiting."""
    async_task("scheduler.tasks.mend_film", asset_id, q_options={"save": False, "cluster": SLOW})


def mend_film(asset_id: int) -> str:
    """Make one video ready to go out, unless another worker does; return the outcome for the task log."""
    # Only here: no other worker is to carry the decoders.
    from scheduler.services.film_mending import mend

    return mend(asset_id, clock.now)


def dispatch_results(account_id: int) -> None:
    """Queue one account to be asked how its posts did, where it keeps no post waiting."""
    async_task("scheduler.tasks.read_results", account_id, q_options={"save": False, "cluster": SLOW})


def read_results(account_id: int) -> str:
    """Read how the posts of one account did; return the outcome for the task log."""
    return results.read(account_id, clock.now())


def dispatch_keeping(account_id: int) -> None:
    """Queue one account whose connection is to be looked after, where it keeps no post waiting."""
    async_task("scheduler.tasks.keep_account", account_id, q_options={"save": False, "cluster": SLOW})


def keep_account(account_id: int) -> str:
    """Look after one account's connection; return the outcome for the task log."""
    return token_keeper.keep(account_id, clock.now())


def publish_post(post_id: int) -> str:
    """Work on one post, unless another worker has it; return the outcome for the task log."""
    return work_through(InstagramPublishService(), post_id, clock.now)


def process_pending_posts() -> str:
    """Look once for due posts: the safety net beside the cluster's own beat, run every minute by django-q2.

    What else ages is forgotten here too: choices of accounts that nobody came back to, with the tokens in them,
    uploads nobody went on with, media deleted long ago, and what was told outside a month ago. Posts come first.
    """
    PendingConnection.forget_old(clock.now())
    report = ScheduledPostProcessor().process_pending_posts(dispatch, dispatch_check)
    RateWindow.forget_old(clock.now())
    ApiAnswer.forget_old(clock.now())
    purging.sweep_uploads(clock.now())
    CsvImport.forget(clock.now())
    purging.purge(clock.now())
    purging.sweep_renditions(clock.now())
    deliveries.purge(clock.now())
    return f"{report.handed_out} queued, {report.held} held"


def keep_schedules() -> None:
    """Make the recurring tasks exist, once each; clusters that start at the same instant may have made them twice."""
    facts = {
        "func": "scheduler.tasks.process_pending_posts",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
        "repeats": -1,
    }
    known = Schedule.objects.filter(name=SAFETY_NET)
    kept = known.order_by("pk").first() or Schedule.objects.create(name=SAFETY_NET, **facts)
    known.exclude(pk=kept.pk).delete()
    known.update(**facts)
