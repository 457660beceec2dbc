"""A post: what goes out, when, how far it got, and what may be done with it."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scheduler.instagram import limits
from scheduler.lib import zones
from scheduler.lib.addresses import names_a_video
from scheduler.lib.titles import first_words
from scheduler.models.account import InstagramAccount
from scheduler.models.idea import PostIdea
from scheduler.models.media import MediaAsset
from scheduler.models.post_queryset import PostQuerySet, is_paused
from scheduler.models.post_status import (
    TRANSITIONS,
    DisplayStatus,
    HoldReason,
    MediaType,
    Stale,
    Status,
    WrongState,
    sources_of,
    wrong_state,
)
from scheduler.models.user import User

# How long before its time a post's container is prepared: Instagram fetches a picture in seconds, a video in minutes.
PICTURE_LEAD = timedelta(minutes=1)
VIDEO_LEAD = timedelta(minutes=10)
# A post this close to its time may already be on its way and is not moved any more.
LOCK_BEFORE = timedelta(seconds=60)
# A post that still waits so long after its time waits for a machine that stands still, and may be changed meanwhile.
TAKEN_WITHIN = timedelta(minutes=2)
MINIMUM_AHEAD = timedelta(minutes=1)
# A container this long before its end is made anew in time.
CONTAINER_SPARE = timedelta(hours=1)
# How long before its time a post is looked over once more; an account or an address may have broken meanwhile.
CHECKS_BEFORE = (timedelta(hours=1), timedelta(minutes=5))
TITLE_CHARS = 60
# When a person is told that their changes are not applied.
COPY_ALERT_BEFORE = timedelta(minutes=10)

# The class below has these as its own attributes too, which hides their names from annotations.
PostStatus = Status
PostHoldReason = HoldReason
# The states in which a post is a person's to change.
FOR_PEOPLE = [Status.DRAFT, Status.SCHEDULED, Status.FAILED, Status.CANCELLED]

# What is forgotten when content or time change: a container shows the old content.
NO_CONTAINER: dict[str, Any] = {
    "container_id": "",
    "container_status": "",
    "container_created_at": None,
    "container_checks": 0,
    "upload_uri": "",
    "uploaded_at": None,
    "child_containers": [],
    "publish_calls": 0,
    "fetch_tries": 0,
}
NO_CLAIM: dict[str, Any] = {"claimed_by": "", "lease_until": None}
NO_TROUBLE: dict[str, Any] = {
    "last_error": "",
    "last_error_facts": {},
    "retry_count": 0,
    "hold_reason": HoldReason.NONE,
    "wait_reason": "",
    "failed_at": None,
    "publish_intent_at": None,
    "unconfirmed_at": None,
    "unreadable_since": None,
    "needs_person_at": None,
    "blockers": [],
}


class ScheduledPost(models.Model):
    """One post of one account. The row is the queue: moving a post is an UPDATE and nothing else."""

    Status = Status
    MediaType = MediaType
    HoldReason = HoldReason

    # Both are found by the longer indexes below; with one of its own each, SQLite would choose that and read
    # every post of an account to find the few that wait.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts", db_index=False)
    instagram_account = models.ForeignKey(
        InstagramAccount, models.PROTECT, null=True, blank=True, related_name="posts", db_index=False
    )
    post_idea = models.ForeignKey(PostIdea, models.SET_NULL, null=True, blank=True, related_name="posts")

    # What goes out.
    media_type = models.CharField(_("type"), max_length=8, choices=MediaType.choices, default=MediaType.IMAGE)
    caption = models.TextField(_("caption"), blank=True, default="")
    media_urls = models.JSONField(default=list, blank=True)  # addresses given by a person; uploads are `media`
    first_comment = models.TextField(_("first comment"), blank=True, default="")
    cover = models.ForeignKey(MediaAsset, models.PROTECT, null=True, blank=True, related_name="covers")  # of a reel
    # Per-type options, named as the wire names them: user_tags, location_id, collaborators, cover_url,
    # thumb_offset, share_to_feed, audio_name, trial_reel; and location_name, for people.
    options = models.JSONField(default=dict, blank=True)
    notes = models.TextField(blank=True, default="")  # for the people who plan; never sent
    # Likes and comments together, as Instagram last told; None when it never did.
    reactions = models.PositiveIntegerField(null=True, editable=False)
    # Edits of a scheduled post that are not applied yet, as services.working_copies keeps them.
    working_copy = models.JSONField(null=True, blank=True)
    # What the browser called this draft before it was saved, so that two quick saves make one post.
    draft_key = models.CharField(max_length=36, null=True, editable=False)

    # When: what the person meant (wall time and zone), and the instant derived from it.
    planned_day = models.DateField(null=True, blank=True)
    planned_time = models.TimeField(null=True, blank=True)
    timezone = models.CharField(max_length=64, default="UTC")
    scheduled_for = models.DateTimeField(null=True, blank=True)

    # How far it got.
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    hold_reason = models.CharField(max_length=15, choices=HoldReason.choices, blank=True, default="")
    wait_reason = models.CharField(max_length=40, blank=True, default="")  # why next_attempt_at is not scheduled_for
    last_error = models.CharField(max_length=60, blank=True, default="")  # a stable name: TOKEN_EXPIRED, …
    last_error_facts = models.JSONField(default=dict, blank=True)  # what its sentence needs beside the account
    retry_count = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, editable=False)  # when it is to be published
    wake_at = models.DateTimeField(null=True, editable=False)  # when a worker looks at it again
    claimed_by = models.CharField(max_length=80, blank=True, default="", editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    check_at = models.DateTimeField(null=True, editable=False)  # when the next preflight is to run
    blockers = models.JSONField(default=list, blank=True, editable=False)  # what the last preflight found in the way

    # What Instagram gave us.
    container_id = models.CharField(max_length=40, blank=True, default="", editable=False)
    container_status = models.CharField(max_length=12, blank=True, default="", editable=False)
    container_created_at = models.DateTimeField(null=True, editable=False)
    container_checks = models.PositiveSmallIntegerField(default=0, editable=False)
    upload_uri = models.CharField(max_length=300, blank=True, default="", editable=False)  # of a resumable upload
    uploaded_at = models.DateTimeField(null=True, editable=False)  # when all bytes of a resumable upload were there
    # [{"id", "status", "created_at"}], with "upload_uri" and "uploaded_at" for those that are sent as bytes.
    child_containers = models.JSONField(default=list, blank=True, editable=False)
    fetch_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    publish_intent_at = models.DateTimeField(null=True, editable=False)
    publish_calls = models.PositiveSmallIntegerField(default=0, editable=False)  # for this container
    # Containers that a publish call was sent for and that a person's change put aside: [{"id", "made_at"}]. They are
    # read before another one is published.
    called_containers = models.JSONField(default=list, blank=True, editable=False)
    unconfirmed_at = models.DateTimeField(null=True, editable=False)
    unreadable_since = models.DateTimeField(null=True, editable=False)
    needs_person_at = models.DateTimeField(null=True, editable=False)
    instagram_media_id = models.CharField(max_length=40, blank=True, default="", editable=False)
    permalink = models.URLField(max_length=300, blank=True, default="", editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    failed_at = models.DateTimeField(null=True, editable=False)
    side_work_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    first_comment_id = models.CharField(max_length=40, blank=True, default="", editable=False)
    first_comment_tried_at = models.DateTimeField(null=True, editable=False)
    first_comment_error = models.CharField(max_length=60, blank=True, default="", editable=False)

    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-scheduled_for", "-pk"]
        indexes = [
            # What the processor asks several times a second; it holds only the rows that wait for a worker. With a
            # list of states in the condition SQLite could not prove that a query fits, and read the whole table.
            models.Index(fields=["wake_at"], name="post_wake", condition=Q(wake_at__isnull=False)),
            models.Index(fields=["check_at"], name="post_check", condition=Q(check_at__isnull=False)),
            models.Index(
                fields=["instagram_account", "published_at"],
                name="post_quota",
                condition=Q(published_at__isnull=False),
            ),
            models.Index(fields=["instagram_account", "status", "next_attempt_at"], name="post_line"),
            models.Index(fields=["failed_at"], name="post_failed", condition=Q(failed_at__isnull=False)),
            models.Index(fields=["user", "status", "scheduled_for"], name="post_lists"),
            # What waits for a person is counted on every page. Its condition is said as `ATTENTION` says it: SQLite
            # takes the index only where it meets the very same words.
            models.Index(fields=["user", "status"], name="post_held", condition=~Q(hold_reason="")),
            models.Index(fields=["user", "scheduled_for"], name="post_calendar", condition=Q(deleted_at=None)),
            # By id, as a cursor walks. With deleted_at in it SQLite would take it for the calendar too.
            models.Index(fields=["user"], name="post_newest", condition=Q(deleted_at=None)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "draft_key"], condition=Q(draft_key__isnull=False), name="draft_saved_once"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="post_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["scheduled", "publishing"])
                | Q(
                    instagram_account__isnull=False,
                    scheduled_for__isnull=False,
                    next_attempt_at__isnull=False,
                ),
                name="planned_post_has_account_and_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False),
                name="published_post_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(publish_intent_at=None) | ~Q(container_id=""), name="publish_call_has_a_container"
            ),
            models.CheckConstraint(
                condition=Q(publish_intent_at=None) | Q(status__in=["publishing", "published"]),
                name="publish_call_only_while_publishing",
            ),
            models.CheckConstraint(
                condition=Q(unconfirmed_at=None) | Q(publish_intent_at__isnull=False, status="publishing"),
                name="unconfirmed_means_a_call_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by="", lease_until=None) | (~Q(claimed_by="") & Q(lease_until__isnull=False)),
                name="claim_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by="") | Q(status__in=["scheduled", "publishing", "published"]),
                name="claim_only_on_live_posts",
            ),
            models.CheckConstraint(
                condition=Q(hold_reason="") | Q(status__in=["scheduled", "failed"]),
                name="hold_only_before_publishing",
            ),
            models.CheckConstraint(
                condition=Q(instagram_media_id="") | Q(status="published"), name="media_id_means_published"
            ),
            models.UniqueConstraint(
                fields=["instagram_account"],
                condition=Q(status="publishing") & ~Q(claimed_by=""),
                name="one_publish_in_flight_per_account",
            ),
            models.UniqueConstraint(
                fields=["container_id"], condition=~Q(container_id=""), name="container_belongs_to_one_post"
            ),
            models.UniqueConstraint(
                fields=["instagram_media_id"],
                condition=~Q(instagram_media_id=""),
                name="live_media_belongs_to_one_post",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.status})"

    # --- Questions ------------------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        """Return the first words of the caption; the type when there is none."""
        return first_words(self.caption, TITLE_CHARS) or str(MediaType(self.media_type).label)

    @property
    def display_status(self) -> DisplayStatus:
        """Return what the screen shows; the only place that derives it."""
        if self.hold_reason:
            return DisplayStatus.ON_HOLD
        if self.status == Status.PUBLISHING and self.needs_person_at:
            return DisplayStatus.NEEDS_CHECK
        if self.status == Status.PUBLISHING and self.unconfirmed_at:
            return DisplayStatus.UNCONFIRMED
        if self.status == Status.SCHEDULED and (self.blockers or self.account_lapses_first):
            return DisplayStatus.AT_RISK
        return DisplayStatus(self.status)

    @property
    def account_lapses_first(self) -> bool:
        """Return whether the connection is broken, or ends before its time as things stand."""
        account, at = self.instagram_account, self.scheduled_for
        return account is not None and at is not None and (not account.can_publish or account.token_ends_before(at))

    @property
    def is_unresolved(self) -> bool:
        """Return whether a publish call was sent and we do not know how it ended."""
        return self.status == Status.PUBLISHING and self.publish_intent_at is not None

    def put_aside(self) -> dict[str, Any]:
        """Return what to write beside NO_CONTAINER: the container, when it may be live or may yet become so."""
        if not self.publish_calls or self.container_status in {"ERROR", "EXPIRED"}:
            return {}
        made_at = self.container_created_at.isoformat() if self.container_created_at else ""
        return {"called_containers": [*self.called_containers, {"id": self.container_id, "made_at": made_at}]}

    def container_is_too_old(self, at: datetime) -> bool:
        """Return whether Instagram drops the container by `at`, or soon after."""
        made = self.container_created_at
        return made is not None and made < at - (limits.CONTAINER_LIFETIME - CONTAINER_SPARE)

    def may_become(self, target: PostStatus) -> bool:
        """Return whether the transition table allows `target` from here."""
        return target in TRANSITIONS[Status(self.status)]

    @property
    def can_edit(self) -> bool:
        """Return whether content may change: not while it goes out, not once it is live."""
        return self.status in FOR_PEOPLE

    def can_move(self, now: datetime) -> bool:
        """Return whether its time may change; not in the last minute, when it may already be on its way."""
        if self.status == Status.SCHEDULED and not self.hold_reason and self.next_attempt_at is not None:
            return self.next_attempt_at - now >= LOCK_BEFORE
        return self.can_edit

    def is_taken(self, now: datetime) -> bool:
        """Return whether a worker takes it for publishing at any moment."""
        if self.display_status != DisplayStatus.SCHEDULED or self.next_attempt_at is None:
            return False
        return self.next_attempt_at <= now < self.next_attempt_at + TAKEN_WITHIN

    @property
    def can_publish_now(self) -> bool:
        """Return whether "Publish now" is a sensible thing to offer."""
        return self.status in FOR_PEOPLE

    @property
    def can_retry(self) -> bool:
        """Return whether "Try again" is a sensible thing to offer."""
        return self.status == Status.FAILED

    @property
    def can_cancel(self) -> bool:
        """Return whether it can still be called off."""
        return self.may_become(Status.CANCELLED)

    @property
    def can_unschedule(self) -> bool:
        """Return whether it can go back to the drafts."""
        return self.status != Status.DRAFT and self.may_become(Status.DRAFT)

    @property
    def can_delete(self) -> bool:
        """Return whether the plan can be deleted; what is live on Instagram stays there."""
        return self.status != Status.PUBLISHING

    @property
    def can_be_confirmed(self) -> bool:
        """Return whether a person may say that it is, or is not, on Instagram."""
        return self.is_unresolved and self.needs_person_at is not None

    @property
    def has_video(self) -> bool:
        """Return whether a video is part of it; one query unless media are prefetched."""
        if self.media_type in {MediaType.REELS, MediaType.VIDEO}:
            return True
        if any(names_a_video(address) for address in self.media_urls):
            return True
        return any(place.asset.kind == MediaAsset.Kind.VIDEO for place in self.media.all())

    @property
    def prepare_at(self) -> datetime | None:
        """Return when its container is to be made; None without a time."""
        if self.next_attempt_at is None:
            return None
        return self.next_attempt_at - (VIDEO_LEAD if self.has_video else PICTURE_LEAD)

    def next_check(self, now: datetime) -> datetime | None:
        """Return when it is looked over next after `now`; None when nothing comes before its time."""
        if self.next_attempt_at is None:
            return None
        before = {*CHECKS_BEFORE, COPY_ALERT_BEFORE} if self.working_copy else {*CHECKS_BEFORE}
        times = sorted(self.next_attempt_at - long for long in before)
        return next((at for at in times if at > now), None)

    def _first_check(self, now: datetime) -> datetime | None:
        """Return when it is looked over after entering the line: at once when files are to be fetched for it."""
        is_planned = self.next_attempt_at is not None and self.next_attempt_at > now
        return now if self.media_urls and is_planned else self.next_check(now)

    @property
    def planned_wall(self) -> datetime | None:
        """Return the naive wall time the person meant, in `timezone`."""
        if self.planned_day is None or self.planned_time is None:
            return None
        return datetime.combine(self.planned_day, self.planned_time)

    # --- What a person does ---------------------------------------------------------------------------------
    def plan(self, wall: datetime, zone: str) -> zones.Moment:
        """Set the time in memory: `wall` is naive, `zone` an IANA name. Returns what the clock makes of it."""
        moment = zones.resolve(wall, zone)
        self.planned_day, self.planned_time = moment.wall.date(), moment.wall.time()
        self.timezone, self.scheduled_for = zone, moment.utc
        return moment

    @transaction.atomic
    def save_content(self, *, now: datetime) -> None:
        """Write content and planned time of a post a person edited; a container made ahead is thrown away.

        Raises Stale when somebody was faster, WrongState while it goes out or once it is live.
        """
        names = (
            "instagram_account_id",
            "post_idea_id",
            "media_type",
            "caption",
            "media_urls",
            "first_comment",
            "notes",
            "cover_id",
            "options",
            "planned_day",
            "planned_time",
            "timezone",
            "scheduled_for",
        )
        fields = {name: getattr(self, name) for name in names} | NO_CONTAINER | NO_CLAIM | {"working_copy": None}
        if self.status == Status.SCHEDULED:
            self._require_account_and_time()
            fields |= self._timing_as_held(now)
        # As held as it was seen: a resume that came between has given it times of its own.
        self._change(FOR_PEOPLE, now, Q(hold_reason=self.hold_reason), **fields)
        self._forget_unnamed_media()

    def _forget_unnamed_media(self) -> None:
        """Drop what was fetched from addresses that the post no longer names."""
        named, gone = list(self.media_urls), []
        for place in self.media.exclude(source_url=""):
            if place.source_url in named:
                named.remove(place.source_url)
            else:
                gone.append(place.pk)
        if gone:
            self.media.filter(pk__in=gone).delete()

    @transaction.atomic
    def move(self, *, now: datetime) -> None:
        """Write the time that was planned anew; all else stays, as do changes that are not applied.

        What waits for its time waits for the new one, without the troubles it met on its way to the old one; what is
        held stays held, unless it only is because its time passed in a pause. Raises Stale when somebody was faster,
        WrongState when it is on its way.
        """
        if not self.can_move(now):
            raise wrong_state(Status.PUBLISHING if self.status == Status.SCHEDULED else self.status)
        names = ("planned_day", "planned_time", "timezone", "scheduled_for")
        fields: dict[str, Any] = {name: getattr(self, name) for name in names}
        if self.status == Status.SCHEDULED:
            self._require_account_and_time()
            timing = self._timing_as_held(now)
            fields |= timing if timing["hold_reason"] else NO_TROUBLE | self._container_of_held() | NO_CLAIM | timing
        self._change(FOR_PEOPLE, now, Q(hold_reason=self.hold_reason), **fields)

    def schedule(self, *, now: datetime) -> None:
        """Put it in line for its planned time. Raises WrongState when something is missing or too late."""
        self._require_account_and_content()
        at = self._require_account_and_time()
        if at < now + MINIMUM_AHEAD:
            raise WrongState("TIME_PAST", _("That time has passed. Pick a time at least a minute from now."))
        self.next_attempt_at = self.scheduled_for
        self._enter_line(now, NO_CONTAINER)

    def line_up(self, *, now: datetime, hold: PostHoldReason, has_video: bool) -> None:
        """Set in memory what `schedule` writes, for a new post that is saved together with many.

        hold: why it has to wait, as `_hold_now` says it. Raises WrongState when account or time is missing.
        """
        self.next_attempt_at = at = self._require_account_and_time()
        self.status, self.hold_reason = Status.SCHEDULED, hold
        self.wake_at = None if hold else max(at - (VIDEO_LEAD if has_video else PICTURE_LEAD), now)
        self.check_at = None if hold else self._first_check(now)

    def publish_now(self, *, now: datetime) -> None:
        """Put it at the head of the line. A container that is ready is kept: the content did not change."""
        self._require_account_and_content()
        if not self.can_publish_now:
            raise wrong_state(self.status)
        self.plan(zones.to_wall(now, self.timezone), self.timezone)
        self.scheduled_for = self.next_attempt_at = now
        self._enter_line(now, self._without_bad_container())

    def retry(self, *, now: datetime) -> None:
        """Try a failed post again at once, in its own time's place.

        A container that a publish call was sent for is kept, so that the worker reads it before anything else.
        """
        if not self.can_retry:
            raise wrong_state(self.status)
        self._require_account_and_content()
        self.next_attempt_at = now
        self._enter_line(now, self._without_bad_container())

    def _container_of_held(self) -> dict[str, Any]:
        """Make a held post's container anew, but not one that a publish call was sent for: that is read first."""
        return self._without_bad_container() if self.hold_reason and self.publish_calls else NO_CONTAINER

    def _without_bad_container(self) -> dict[str, Any]:
        """Keep a container in the making, and one that a publish call was sent for; forget what went bad."""
        is_needed = self.status == Status.SCHEDULED or self.publish_calls
        return {} if is_needed and self.container_status not in {"ERROR", "EXPIRED"} else NO_CONTAINER

    def release(self, *, now: datetime, not_before: datetime | None = None) -> None:
        """Let a held post go: at its time, or when that has passed at once, or at `not_before`."""
        if not self.hold_reason:
            raise WrongState("NOT_ON_HOLD", _("This post is not on hold."))
        self.next_attempt_at = max(self._require_account_and_time(), not_before or now)
        self._enter_line(now, self._container_of_held())

    def unschedule(self, *, now: datetime) -> None:
        """Make it a draft again; its planned time is kept."""
        self._leave_line(Status.DRAFT, now)

    def cancel(self, *, now: datetime) -> None:
        """Call it off; it can be scheduled again."""
        self._leave_line(Status.CANCELLED, now)

    def delete_softly(self, *, now: datetime) -> None:
        """Take it off every screen; logs and quota history stay. What is live on Instagram stays live."""
        if not self.can_delete:
            raise wrong_state(self.status)
        quiet = NO_CLAIM | {"wake_at": None, "check_at": None, "deleted_at": now}
        if self.status == Status.SCHEDULED:
            quiet |= NO_CONTAINER | NO_TROUBLE | {"status": Status.CANCELLED}
        self._change([Status(self.status)], now, **quiet)

    def restore(self, status: PostStatus, *, now: datetime, **trouble: Any) -> None:
        """Bring a plan back as a draft, or as what it was when that waits for nothing. Raises Stale.

        trouble: why it had failed, where an act took that away (`last_error`, `last_error_facts`).
        """
        self._change([Status(self.status)], now, deleted_at=None, status=status, **trouble)

    def duplicate(self) -> "ScheduledPost":
        """Return a new draft with the same content: without time, attempts and results."""
        names = (
            "user_id",
            "instagram_account_id",
            "post_idea_id",
            "media_type",
            "caption",
            "media_urls",
            "first_comment",
            "notes",
            "cover_id",
            "options",
            "timezone",
        )
        copy = ScheduledPost.objects.create(**{name: getattr(self, name) for name in names})
        for place in self.media.all():
            kept = {
                name: getattr(place, name) for name in ("position", "alt_text", "options", "source_url", "framing")
            }
            copy.media.create(asset_id=place.asset_id, **kept)
        return copy

    def _require_account_and_content(self) -> None:
        self._require_account()
        if not self.media_urls and not self.media.exists():
            raise WrongState("MEDIA_MISSING", _("Add a picture or a video first."))

    def _require_account(self) -> None:
        if self.instagram_account is None:
            raise WrongState("ACCOUNT_MISSING", _("Choose the account this post goes to first."))

    def _require_account_and_time(self) -> datetime:
        self._require_account()
        if self.scheduled_for is None:
            raise WrongState("TIME_MISSING", _("Choose a day and a time first."))
        return self.scheduled_for

    def _timing(self, now: datetime) -> dict[str, Any]:
        self.next_attempt_at = self.scheduled_for
        wake_at = max(self.prepare_at or now, now)
        return {"next_attempt_at": self.next_attempt_at, "wake_at": wake_at, "check_at": now, "blockers": []}

    def _timing_as_held(self, now: datetime) -> dict[str, Any]:
        """Return what a new time means: a held post stays held, unless it only is because its time had passed."""
        is_free = self.hold_reason == HoldReason.PASSED and self.scheduled_for and self.scheduled_for > now
        hold = self._hold_now() if is_free else HoldReason(self.hold_reason)
        if hold:
            return {"next_attempt_at": self.scheduled_for, "hold_reason": hold}
        return self._timing(now) | {"hold_reason": HoldReason.NONE}

    def _hold_now(self) -> PostHoldReason:
        """Return why it has to wait if it enters the line now.

        One query, for the pause. One that is found is looked at again with its rows locked: a resume that comes
        between would leave the post behind.
        """
        account = self.instagram_account
        if account is not None and not account.can_publish:
            return hold_reason_of(account)
        paused = ScheduledPost.objects.filter(is_paused(), pk=self.pk)
        if not paused.exists():
            return HoldReason.NONE
        lock_pauses(self)
        return HoldReason.PAUSED if paused.exists() else HoldReason.NONE

    @transaction.atomic
    def _enter_line(self, now: datetime, container: dict[str, Any]) -> None:
        """Write it; a worker that is preparing the post loses its claim, and what it prepares no longer counts."""
        hold = self._hold_now()
        self._change(
            FOR_PEOPLE,
            now,
            **NO_TROUBLE | NO_CLAIM | container | {"hold_reason": hold},
            status=Status.SCHEDULED,
            planned_day=self.planned_day,
            planned_time=self.planned_time,
            scheduled_for=self.scheduled_for,
            next_attempt_at=self.next_attempt_at,
            wake_at=None if hold else max(self.prepare_at or now, now),
            check_at=None if hold else self._first_check(now),
        )

    def _leave_line(self, target: PostStatus, now: datetime) -> None:
        if not self.may_become(target) or self.status == target:
            raise wrong_state(self.status)
        self._change(
            sources_of(target),
            now,
            status=target,
            next_attempt_at=None,
            wake_at=None,
            check_at=None,
            **NO_CONTAINER,
            **NO_CLAIM,
            **NO_TROUBLE,
        )

    def _change(self, sources: list[PostStatus], now: datetime, besides: Q | None = None, **fields: Any) -> None:
        """Write `fields` if the row is as we last saw it; one UPDATE, so no worker can come between."""
        if fields.get("container_id") == "":
            fields |= self.put_aside()
        rows = ScheduledPost.objects.filter(besides or Q(), pk=self.pk, version=self.version, status__in=sources)
        changed = rows.update(**fields, version=F("version") + 1, updated_at=now)
        seen = (self.status, self.version, self.hold_reason)
        self.refresh_from_db()
        if not changed:
            raise Stale() if (self.status, self.version, self.hold_reason) != seen else wrong_state(self.status)


def lock_pauses(post: ScheduledPost) -> None:
    """Keep pause and resume of a post from changing until the transaction ends."""
    list(User.objects.select_for_update().filter(pk=post.user_id).values_list("pk"))
    list(InstagramAccount.objects.select_for_update().filter(pk=post.instagram_account_id or 0).values_list("pk"))


def hold_reason_of(account: InstagramAccount) -> HoldReason:
    """Return why this account's posts wait."""
    if account.status == InstagramAccount.Status.DISCONNECTED:
        return HoldReason.DISCONNECTED
    if account.status == InstagramAccount.Status.ERROR:
        return HoldReason.RESTRICTED
    named = {"PERMISSION_DENIED": HoldReason.PERMISSION, "ACCOUNT_NOT_PROFESSIONAL": HoldReason.ACCOUNT_TYPE}
    return named.get(account.status_reason, HoldReason.RECONNECT)
