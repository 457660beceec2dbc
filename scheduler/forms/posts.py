"""The post form: a request's words in, checked values and one saved post out.

A draft always saves. What would keep Instagram from taking the post is checked when it is to go out.
"""

import re
from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from crispy_forms.helper import FormHelper
from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import formats
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.forms import post_media
from scheduler.forms.fields import ClockField, DayField, FilesField, NamesField, PlaceField, ZoneField
from scheduler.forms.post_cover import CoverFields, chosen_cover, draw_still, take_cover
from scheduler.forms.post_values import NOTHING_SAID, REEL_TYPES, options_of, silence_words, values_of
from scheduler.instagram import limits
from scheduler.lib import differences, zones
from scheduler.models import (
    HashtagGroup,
    InstagramAccount,
    MediaType,
    PostChange,
    Rendition,
    ScheduledPost,
    Stale,
    Status,
    User,
    WrongState,
)
from scheduler.models.post import MINIMUM_AHEAD
from scheduler.models.post_status import LOCKED_NOW
from scheduler.services import notices, places, preflight, slots, time_picks, when
from scheduler.services.findings import Finding
from scheduler.services.media_refusals import MediaRefused
from scheduler.services.media_row import guess_type, waiting_pieces
from scheduler.services.post_facts import facts_of

GUESS = ("", _lazy("By the media"))
# A single video goes out as a reel; Instagram has no other any more.
TYPES = [GUESS, *((kind.value, kind.label) for kind in MediaType if kind != MediaType.VIDEO)]
VIDEO_TYPE = (MediaType.VIDEO.value, MediaType.VIDEO.label)
DRAFT_KEY = re.compile(r"[0-9a-f-]{36}")
OPTION_FIELDS = ("collaborators", "location_id", "audio_name", "cover_at", "cover_upload")
# What the fields of day and time say themselves.
SAID_BY_THE_TIME = {"TIME_MISSING", "TIME_PAST"}


class PostForm(CoverFields):
    """Everything a person may say about a post. `act` is the button: draft, save, schedule, slot or now.

    "slot" schedules at the account's next free slot, whatever day and time say.
    """

    account = forms.ModelChoiceField(
        InstagramAccount.objects.none(),
        label=_lazy("Account"),
        required=False,
        empty_label=_lazy("Choose an account"),
    )
    media_type = forms.ChoiceField(label=_lazy("Type"), choices=TYPES, required=False, widget=forms.RadioSelect)
    uploads = FilesField(label=_lazy("Pictures and videos"), required=False)
    caption = forms.CharField(
        label=_lazy("Caption"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "input--tall"}),
    )
    first_comment = forms.CharField(
        label=_lazy("First comment"),
        required=False,
        help_text=_lazy("Written under the post as soon as it is live."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    location_id = PlaceField(
        label=_lazy("Location"),
        required=False,
        max_length=300,
        help_text=_lazy("The number or the address of the place's Facebook page."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    # The number again, and what the place is called, so that a name never stands at another number.
    location_name = forms.CharField(required=False, max_length=300, widget=forms.TextInput(attrs={"hidden": True}))
    collaborators = NamesField(
        label=_lazy("Collaborators"),
        required=False,
        max_names=limits.COLLABORATORS,
        help_text=_lazy("Up to 3 usernames. They are invited when it goes out."),
    )
    share_to_feed = forms.BooleanField(label=_lazy("Also show the reel in the feed"), required=False, initial=True)
    audio_name = forms.CharField(label=_lazy("Name of the audio"), required=False, max_length=100)
    trial_reel = forms.BooleanField(
        label=_lazy("Trial reel"), required=False, help_text=_lazy("Shown to people who don't follow you first.")
    )
    day = DayField(label=_lazy("Date"), required=False)
    clock = ClockField(label=_lazy("Time"), required=False)
    timezone = ZoneField(label=_lazy("Time zone"))
    notes = forms.CharField(
        label=_lazy("Notes"),
        required=False,
        help_text=_lazy("Only for you. They are never sent."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    shapes, fits = post_media.SHAPE_WORDS, post_media.FIT_WORDS

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict | None = None,
        *,
        user: User,
        now: datetime,
        post: ScheduledPost | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.user, self.now, self.post = user, now, post
        self.act = data.get("act", "draft") if data is not None else ""
        self.draft_key = draft_key_in(data) if data is not None else str(uuid4())
        self.moment: zones.Moment | None = None
        self.items = self._items(data, post)
        self.cover_picture = post.cover if post else None
        self.cover_still: Rendition | None = None
        super().__init__(
            data, files, initial=(values_of(post) if post else {"timezone": user.timezone}) | (initial or {})
        )
        accounts = cast(forms.ModelChoiceField, self.fields["account"])
        accounts.queryset = InstagramAccount.objects.for_user(user)
        if post is not None and post.media_type == MediaType.VIDEO:
            cast(forms.ChoiceField, self.fields["media_type"]).choices = [*TYPES, VIDEO_TYPE]  # it stays what it is
        self._own_accounts = list(accounts.queryset)
        self._lock_comment(self._own_accounts)
        if self.is_draft and self.initial.get("media_type") == self._guessed_type:
            self.initial["media_type"] = ""  # nobody fixed it: a second file makes the photo a carousel
        self.helper = FormHelper()
        self.helper.form_tag = False

    def _items(self, data: QueryDict | None, post: ScheduledPost | None) -> list[post_media.Item]:
        if data is None:
            return post_media.items_of(post)
        return post_media.items_in(data, self.user, post_media.kept_ids(post))

    def _lock_comment(self, accounts: Iterable[InstagramAccount]) -> None:
        """Close the first comment where the account's connection cannot write it; the page follows the choice."""
        self.silent_accounts = {str(one.pk): silence_words(one) for one in accounts if not one.can_comment}
        field = self.fields["first_comment"]
        chosen = self.silent_accounts.get(str(self["account"].value() or ""))
        if chosen:
            field.help_text = chosen
            # What stands there can still be deleted.
            field.widget.attrs["disabled"] = not self["first_comment"].value()

    @property
    def comment_help(self) -> str:
        """Return what the first comment is, for accounts that can write one."""
        return str(type(self).base_fields["first_comment"].help_text)

    @property
    def placeless_accounts(self) -> dict[str, str]:
        """Return by account number why it cannot search for places."""
        return {str(one.pk): places.no_search_words(one) for one in self._own_accounts if not places.can_search(one)}

    @property
    def hashtag_groups(self) -> QuerySet[HashtagGroup]:
        """Return the groups that can be put in with one click."""
        return HashtagGroup.objects.for_user(self.user)

    @property
    def has_accounts(self) -> bool:
        """Return whether there is an account to choose at all."""
        return InstagramAccount.objects.for_user(self.user).exists()

    @property
    def goes_out(self) -> bool:
        """Return whether the post is to be in line afterwards, so that everything must be right."""
        return self.act in {"schedule", "slot", "now"} or self.is_in_line

    @property
    def is_in_line(self) -> bool:
        """Return whether the post waits for its time already: saving it changes what goes out."""
        return self.post is not None and self.post.status == Status.SCHEDULED

    @property
    def copy_moment(self) -> datetime | None:
        """Return when changes of a post in line were last kept beside it; None when there are none."""
        copy = self.post.working_copy if self.post else None
        return datetime.fromisoformat(copy["at"]) if copy else None

    @property
    def is_draft(self) -> bool:
        """Return whether saving keeps a draft."""
        return self.post is None or self.post.status == Status.DRAFT

    @property
    def has_option_errors(self) -> bool:
        """Return whether something in the folded part must be put right."""
        return any(name in self.errors for name in OPTION_FIELDS) if self.is_bound else False

    def clean_caption(self) -> str:
        """Return the caption with plain line ends, as Instagram counts it."""
        return self.cleaned_data["caption"].replace("\r\n", "\n").strip()

    def clean_first_comment(self) -> str:
        """Return the comment with plain line ends."""
        return self.cleaned_data["first_comment"].replace("\r\n", "\n")

    @property
    def _guessed_type(self) -> str:
        return guess_type([item.is_video for item in self.kept_items])

    def clean(self) -> dict[str, Any]:
        """Take the files in, read the time, and check the whole when the post is to go out."""
        data = super().clean() or self.cleaned_data
        post_media.remember(self.items, self.post)
        for refusal in post_media.read_tags(self.kept_items):
            self.add_error(None, refusal)
        for refusal in post_media.take(data.get("uploads") or [], self.user, self.items):
            self.add_error("uploads", refusal)
        for refusal in post_media.draw(self.items):
            self.add_error("uploads", refusal)
        self._read_time()
        account = data.get("account")
        if data.get("first_comment", "").strip() and account is not None and not account.can_comment:
            self.add_error("first_comment", silence_words(account))
        data["media_type"] = data.get("media_type") or self._guessed_type
        self._read_cover()
        if self.goes_out:
            self._check_content()
        return data

    def _read_cover(self) -> None:
        """Take a new cover picture in, or find the one that is named; draw the frame that was chosen instead."""
        data, first = self.cleaned_data, next(iter(self.kept_items), None)
        self.cover_picture = chosen_cover(self.user, data, self.post.cover_id if self.post else None)
        if data.get("cover_upload"):
            try:
                self.cover_picture = take_cover(self.user, data["cover_upload"])
            except MediaRefused as refused:
                self.add_error("cover_upload", refused.sentence)
        offset, takes_frame = data.get("cover_at"), data["media_type"] in REEL_TYPES and not self.cover_picture
        if takes_frame and offset is not None and first and first.is_video:
            self.cover_still = draw_still(first.asset, int(offset * 1000))

    @property
    def drops_cover(self) -> bool:
        """Return whether the cover picture is to go."""
        return bool(self["cover_drop"].value()) if self.is_bound else False

    @property
    def cover_problem(self) -> str:
        """Return why the cover picture was refused, "" when it was not."""
        return " ".join(str(text) for text in self.errors.get("cover_upload", [])) if self.is_bound else ""

    @property
    def forgotten(self) -> list[str]:
        """Return the addresses that the person took out of the post."""
        return self.data.getlist("forget_address") if isinstance(self.data, QueryDict) else []

    @property
    def addresses(self) -> list[tuple[str, bool]]:
        """Return the addresses whose files are not here, and whether each is taken out."""
        fetched = [item.source_url for item in self.items]
        waiting = waiting_pieces(self.post, fetched) if self.post else []
        return [(piece.address, piece.address in self.forgotten) for piece in waiting]

    @property
    def kept_items(self) -> list[post_media.Item]:
        """Return the row of media without what is to be removed."""
        return [item for item in self.items if not item.removed]

    def _read_time(self) -> None:
        data = self.cleaned_data
        if self.act == "slot":
            self._take_slot(data.get("account"))
            return
        day, clock, zone = data.get("day"), data.get("clock"), data.get("timezone")
        if day and clock and zone:
            self.moment = zones.resolve(datetime.combine(day, clock), zone)
            if self.act != "now" and self._is_new_time and self.moment.utc < self.now + MINIMUM_AHEAD:
                self._refuse_past(zone)
        elif bool(day) != bool(clock) or (self.act == "schedule" or (self.is_in_line and self.act != "now")):
            missing = [name for name in ("day", "clock") if name not in self.errors and not data.get(name)]
            for name in missing[:1]:  # one sentence says both
                self.add_error(name, _("Choose a day and a time."))

    def _take_slot(self, account: InstagramAccount | None) -> None:
        """Take the account's next free slot; without an account the check of the content says so."""
        if account is None:
            return
        self.moment = slots.next_free([account], self.now).get(account.pk)
        if self.moment is None:
            told = _("@%(account)s has no free posting time. Add some under Accounts, or choose a day and a time.")
            self.add_error("clock", told % {"account": account.instagram_username})
            return
        wall = self.moment.wall
        self.cleaned_data |= {"day": wall.date(), "clock": wall.time(), "timezone": account.timezone}

    @property
    def picks(self) -> list[time_picks.Pick]:
        """Return the times that one click fills in, whatever the account."""
        return time_picks.usual_picks(self.user, self.now)

    @property
    def account_picks(self) -> dict[str, list[dict[str, str]]]:
        """Return the same for each account: its next free slot and its usual times."""
        return time_picks.picks_by_account(InstagramAccount.objects.for_user(self.user), self.now)

    @property
    def _is_new_time(self) -> bool:
        return self.moment is not None and (
            self.act == "schedule" or self.post is None or self.moment.utc != self.post.scheduled_for
        )

    def _refuse_past(self, zone: str) -> None:
        if not self.goes_out:
            return  # a draft may keep any time
        earliest = zones.to_wall(zones.round_up(self.now + MINIMUM_AHEAD, 1), zone)
        told = _("That time has passed. Pick a time after %(t)s.") % {"t": formats.time_format(earliest.time())}
        self.add_error("clock", told)

    def _check_content(self) -> None:
        """Put what is in the way at its field. A broken account holds the post anyway."""
        wrong = set(self.errors)
        draft = self._draft()
        at = self.now if self.act == "now" else draft.scheduled_for
        pieces = post_media.pieces_in(self.kept_items, draft)
        for finding in preflight.stoppers(draft, self.now, at=at, pieces=pieces):
            name = finding.field if finding.field in self.fields else None
            is_told_elsewhere = name in wrong or finding.code in SAID_BY_THE_TIME
            if not is_told_elsewhere and not is_held(finding, draft):
                self.add_error(name, forms.ValidationError(finding.text, code=finding.code))

    def _draft(self) -> ScheduledPost:
        """Return the post as it would be, not to be saved."""
        post = copy(self.post) if self.post else ScheduledPost(user=self.user)
        self._fill(post)
        return post

    def moment_sentence(self) -> str:
        """Return what the person should know about a clock that changes that day, else ""."""
        if self.moment is None or self.moment.kind == "plain" or self.act == "now":
            return ""
        wall = datetime.combine(self.cleaned_data["day"], self.cleaned_data["clock"])
        return when.clock_words(self.moment, wall, self.cleaned_data["timezone"])

    def save(self, *, goes_on: bool = False) -> ScheduledPost:
        """Write the post and its row of media; what happens to it next is the view's to ask for.

        goes_on: the person is still writing, so that many saves are one line of the history.
        Raises Stale when somebody changed it meanwhile, WrongState when it is going out or live, IntegrityError when
        another request saved the same new draft first.
        """
        post = self.post or ScheduledPost(user=self.user)
        with transaction.atomic():
            if post.pk:
                self._refuse_stale(post)
            before = facts_of(post) if post.pk else {}
            self._fill(post)
            if post.pk is None:
                post.draft_key = self.draft_key
                post.save()
                post_media.keep(post, self.kept_items)
                PostChange.note(post, PostChange.Act.CREATED, self.user, self.now)
            else:
                post_media.keep(post, self.kept_items)
                post.save_content(now=self.now)
                notices.settle_post(post, self.now, notices.NOT_APPLIED)
                self._note(post, differences.between(before, facts_of(post)), goes_on=goes_on)
        return post

    def _note(self, post: ScheduledPost, changed: differences.Changes, *, goes_on: bool) -> None:
        """Write down what this save changed; nothing when it changed nothing."""
        if goes_on:
            PostChange.note_edit(post, self.user, self.now, changed)
        elif changed:
            is_move = self.is_in_line and changed.keys() <= {"time", "timezone"}
            applied = PostChange.Act.MOVED if is_move else PostChange.Act.APPLIED
            act = applied if self.is_in_line else PostChange.Act.EDITED
            PostChange.note(post, act, self.user, self.now, changed=changed)

    def _refuse_stale(self, post: ScheduledPost) -> None:
        if self.cleaned_data.get("version") not in {None, post.version}:
            raise Stale
        if self.is_in_line and self._is_new_time and not post.can_move(self.now):
            raise WrongState("LOCKED_NOW", str(LOCKED_NOW))

    def _fill(self, post: ScheduledPost) -> None:
        data = NOTHING_SAID | {"timezone": post.timezone} | self.cleaned_data
        post.instagram_account, post.media_type = data["account"], data["media_type"]
        post.media_urls = post_media.addresses_left(post, self.items, self.forgotten)
        post.caption, post.first_comment, post.notes = data["caption"], data["first_comment"], data["notes"]
        post.options = options_of(data, kept=post.options)
        post.cover = self.cover_picture if data["media_type"] in REEL_TYPES else None
        if self.kept_items:
            post.options.pop("user_tags", None)  # they stand at its items
        post.timezone = data["timezone"]
        if self.moment is not None:
            post.plan(self.moment.wall, data["timezone"])
        elif not self.is_in_line:
            post.planned_day, post.planned_time, post.scheduled_for = None, None, None


def is_held(finding: Finding, post: ScheduledPost) -> bool:
    """Return whether a blocker is about an account that holds its posts by itself until it is well."""
    account = post.instagram_account
    return finding.field == "account" and account is not None and not account.can_publish


def draft_key_in(data: QueryDict) -> str | None:
    """Return what the browser calls the draft that is being written; None when it says nothing that can be one."""
    word = data.get("draft_key", "")
    return word if DRAFT_KEY.fullmatch(word) else None
