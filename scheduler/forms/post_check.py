"""The post form while somebody writes: nothing is kept, everything that is in the way is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self, cast

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.functional import cached_property

from scheduler.forms import post_media
from scheduler.forms.post_values import REEL_TYPES
from scheduler.forms.posts import PostForm
from scheduler.lib.numbers import row_id
from scheduler.models import InstagramAccount, Rendition, ScheduledPost
from scheduler.services import preflight
from scheduler.services.findings import BLOCKER, Finding
from scheduler.services.post_pictures import cover_of
from scheduler.services.preview import Preview, neighbours

# How far a video is, or why it cannot be made ready, stands on its tile already.
TOLD_BY_THE_FILM = {"MEDIA_PREPARING", "MEDIA_NOT_READY"}


@dataclass(frozen=True)
class Mistake:
    """What is wrong in one field, as the checklist shows it."""

    field: str
    text: str
    level: str = BLOCKER
    asset: int | None = None

    @property
    def place(self) -> str:
        """Return the id of the field."""
        return f"id_{self.field}"


class CheckForm(PostForm):
    """The same fields, looked at and not saved. Files that the browser has not sent yet are not with it."""

    @classmethod
    def beside(cls, form: PostForm) -> Self:
        """Return the check of what stands in another form, also of the files that came with it."""
        data = cast(QueryDict, form.data) if form.is_bound else None
        check = cls(data, user=form.user, now=form.now, post=form.post, initial=dict(form.initial))
        check.items = form.items
        return check

    @property
    def goes_out(self) -> bool:
        """Return no: nothing becomes an error here that a draft may have."""
        return False

    @property
    def is_in_line(self) -> bool:
        """Return no: what a post in line lacks is told by the checklist."""
        return False

    @cached_property
    def draft(self) -> ScheduledPost:
        """Return the post as it would be, not to be saved."""
        if self.is_bound:
            self.full_clean()
            draft = self._draft()
            draft.next_attempt_at = draft.scheduled_for  # saving would move it there, too
            return draft
        return self.post or self._blank()

    @property
    def at(self) -> datetime | None:
        """Return when it would go out."""
        return self.draft.scheduled_for

    @property
    def face(self) -> str:
        """Return the way of showing it that was chosen for this type, else the first one."""
        names = [name for name, _word in self.preview.faces]
        was_chosen = self.is_bound and self.data.get("face_of") == self.draft.media_type
        chosen = self.data.get("face") if was_chosen else None
        return chosen if chosen in names else names[0]

    @property
    def shows_safe_area(self) -> bool:
        """Return whether what Instagram's buttons cover is to be shown."""
        return self.is_bound and "safe" in self.data

    @cached_property
    def checklist(self) -> list[Finding | Mistake]:
        """Return what stops the post, what to know and what would help, in this order."""
        pieces = post_media.pieces_in(self.kept_items, self.draft)
        found = preflight.check(self.draft, self.now, at=self.at, pieces=pieces)
        fields = {name: texts for name, texts in self.errors.items() if name != NON_FIELD_ERRORS}
        mistakes = [Mistake(name, str(text)) for name, texts in fields.items() for text in texts]
        tagged = [item for item in self.kept_items if item.tags_problem]
        mistakes += [Mistake(f"tags_{item.asset.pk}", item.tags_problem) for item in tagged]
        return [*mistakes, *(finding for finding in found if finding.field not in self.errors)]

    @cached_property
    def item_words(self) -> dict[int, str]:
        """Return, by the id of each item's file, what keeps it from going out; "" when nothing does."""
        return {item.asset.pk: self._words_about(item) for item in self.items}

    def _words_about(self, item: post_media.Item) -> str:
        said = TOLD_BY_THE_FILM if item.is_video else set()
        stops = [one for one in self.checklist if one.level == BLOCKER and one.asset == item.asset.pk]
        return next((one.text for one in stops if isinstance(one, Finding) and one.code not in said), "")

    @property
    def stops(self) -> int:
        """Return how many things keep the post from going out."""
        return sum(finding.level == BLOCKER for finding in self.checklist)

    @cached_property
    def preview(self) -> Preview:
        """Return what the post looks like as it stands, among its account's others."""
        account, options = self.draft.instagram_account, self.draft.options
        newer, older = neighbours(account, self.at, self.draft.pk) if account else ([], [])
        return Preview(
            account,
            self.draft.media_type,
            self.draft.caption,
            self.draft.first_comment,
            self.kept_items,
            collaborators=options.get("collaborators", []),
            place=options.get("location_name", "").partition(" · ")[0],
            audio_name=options.get("audio_name", ""),
            elsewhere=bool(self.draft.media_urls),
            cover=self._cover,
            newer=newer,
            older=older,
        )

    @property
    def _cover(self) -> Rendition | None:
        """Return the chosen cover of a reel as it goes out: its own picture, or a frame of its video."""
        if self.draft.media_type not in REEL_TYPES:
            return None
        if self.cover_picture is not None:
            return self.cover_picture.rendition(Rendition.Purpose.PUBLISH)
        return self.cover_still if self.is_bound else cover_of(self.draft, Rendition.Purpose.POSTER)

    def _blank(self) -> ScheduledPost:
        number = row_id(str(self["account"].value() or ""))
        given = InstagramAccount.objects.for_user(self.user).filter(pk=number).first() if number else None
        return ScheduledPost(user=self.user, instagram_account=given, caption=self.initial.get("caption", ""))
