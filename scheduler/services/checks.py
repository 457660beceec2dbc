"""Look a scheduled post over before its time: fetch what it names, keep what is in its way, tell its owner once.

`check_at` on the row says when; several processes may find the same row, one of them takes it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from scheduler.instagram.errors import InstagramError, Step, rule_named
from scheduler.models import ScheduledPost, Status
from scheduler.services import notices, preflight, working_copies
from scheduler.services.claims import Claim, committing
from scheduler.services.findings import Finding
from scheduler.services.media_by_address import IN_A_CLAIM_S, IN_A_TASK_S, bring_in
from scheduler.services.media_row import missing_addresses

# How long a check that was queued waits for its worker, and one that was begun for its end, before it is due again.
QUEUED_FOR = timedelta(minutes=1)
CHECK_LEASE = timedelta(minutes=3)


def run_if_due(post_id: int, clock: Callable[[], datetime], *, within_s: float = IN_A_TASK_S) -> bool:
    """Look one post over if its check is due; False when it is not, or another process has it.

    within_s: seconds for fetching.
    """
    now = clock()
    mine = ScheduledPost.objects.due_for_check(now + QUEUED_FOR).filter(pk=post_id)
    with committing("take-check"):
        if not mine.update(check_at=now + CHECK_LEASE):
            return False
    post = ScheduledPost.objects.select_related("instagram_account", "user", "cover").get(pk=post_id)
    if post.status != Status.SCHEDULED or post.hold_reason:
        with committing("no-check"):
            ScheduledPost.objects.filter(pk=post_id, version=post.version).update(check_at=None)
        return True
    troubles = bring_in(post, within_s=within_s)
    keep(post, look_over(post, clock(), troubles), clock())
    return True


def hand_out(dispatch: Callable[[int], object], now: datetime, most: int) -> int:
    """Queue the checks that are due; return how many."""
    due = list(ScheduledPost.objects.due_for_check(now).values_list("pk", flat=True)[:most])
    if due:
        with committing("hand-out-checks"):
            ScheduledPost.objects.filter(pk__in=due, check_at__lte=now).update(check_at=now + QUEUED_FOR)
    for post_id in due:
        dispatch(post_id)
    return len(due)


def last_look(claim: Claim) -> None:
    """Fetch what is still missing before the first container is made; refuse what leaves nothing to send.

    An address that we could not fetch is handed to Instagram as it stands: its servers may be let in where ours are
    not. Raises InstagramError, and ClaimLost when a person changed the post meanwhile.
    """
    post, troubles = claim.post, []
    if missing_addresses(post):
        with committing("renew"):
            claim.renew()
        troubles = bring_in(post, within_s=IN_A_CLAIM_S)
    if troubles or post.retry_count or post.options.get("cover_url"):
        found = look_over(post, claim.clock(), troubles)
        with committing("renew"):
            claim.renew(blockers=[finding.kept() for finding in found])
        hopeless = preflight.certain(found)
        if hopeless is not None:
            name = "MEDIA_MISSING" if hopeless.code == "MEDIA_MISSING" else "MEDIA_ADDRESS"
            raise InstagramError(hopeless.text, rule=rule_named(name), step=Step.CREATE)


def is_stopped(post: ScheduledPost, now: datetime) -> bool:
    """Return whether something keeps a failed post from going out now; room in the day is waited for, not asked."""
    post.blockers = []  # what was found before it failed; its addresses are tried anew
    return any(finding.code != "QUOTA_NOW" for finding in preflight.stoppers(post, now, at=now))


def look_over(post: ScheduledPost, now: datetime, troubles: list[Finding]) -> list[Finding]:
    """Return what is in the way of a post now; `troubles` are the addresses that could not be fetched just now."""
    anew = {trouble.facts["address"] for trouble in troubles}
    known = [row for row in post.blockers if row["facts"].get("address") not in anew]
    post.blockers = [*known, *(trouble.kept() for trouble in troubles)]
    return preflight.stoppers(post, now)


def keep(post: ScheduledPost, found: list[Finding], now: datetime) -> bool:
    """Write what is in the way, and tell or settle it; False when somebody changed the post meanwhile."""
    post.blockers = [finding.kept() for finding in found]
    post.refresh_from_db(fields=["working_copy"])  # somebody may have begun one while files were fetched
    with committing("store-check"):
        rows = ScheduledPost.objects.filter(pk=post.pk, version=post.version, status=Status.SCHEDULED)
        if not rows.update(blockers=post.blockers, check_at=post.next_check(now)):
            return False
        if found:
            notices.tell_about_post(post, notices.AT_RISK, now)
        else:
            notices.settle_post(post, now, notices.AT_RISK)
        working_copies.tell_if_late(post, now)
    return True
