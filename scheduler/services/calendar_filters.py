"""What a calendar is narrowed to: accounts, states, types, a tag, words."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

from django.db.models import Case, F, Q, When

from scheduler.models import DisplayStatus, InstagramAccount, PostIdea, Status
from scheduler.models.post_queryset import PostQuerySet

_ends_at = Case(
    When(
        Q(instagram_account__login=InstagramAccount.Login.FACEBOOK)
        & Q(instagram_account__data_access_expires_at__isnull=False),
        then=F("instagram_account__data_access_expires_at"),
    ),
    default=F("instagram_account__token_expires_at"),
)
_held = ~Q(hold_reason="")
_in_line = Q(status=Status.SCHEDULED, hold_reason="")
_at_risk = ~Q(blockers=[]) | ~Q(instagram_account__status="connected") | Q(account_ends_at__lt=F("scheduled_for"))
# As ScheduledPost.display_status says it, for the states that are offered; "checking" is both of its kinds.
SHOWN_AS: dict[str, Q] = {
    DisplayStatus.DRAFT: Q(status=Status.DRAFT) & ~_held,
    DisplayStatus.SCHEDULED: _in_line,
    DisplayStatus.AT_RISK: _in_line & _at_risk,
    DisplayStatus.PUBLISHING: Q(status=Status.PUBLISHING, unconfirmed_at=None, needs_person_at=None),
    DisplayStatus.NEEDS_CHECK: Q(status=Status.PUBLISHING)
    & (Q(unconfirmed_at__isnull=False) | Q(needs_person_at__isnull=False)),
    DisplayStatus.PUBLISHED: Q(status=Status.PUBLISHED),
    DisplayStatus.FAILED: Q(status=Status.FAILED) & ~_held,
    DisplayStatus.ON_HOLD: _held,
    DisplayStatus.CANCELLED: Q(status=Status.CANCELLED) & ~_held,
}


@dataclass(frozen=True)
class Filters:
    """What somebody wants to see; empty means all, cancelled posts excepted.

    account: primary keys. status: keys of SHOWN_AS. type: MediaType values. tag: of the idea behind a post. q: words,
    each of which stands in the caption.
    """

    account: tuple[int, ...] = ()
    status: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    tag: str = ""
    q: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is filtered at all."""
        return any(getattr(self, one.name) for one in fields(self))

    def without(self, name: str, value: object = None) -> Self:
        """Return the same without one of its words, or without all of one name."""
        kept = getattr(self, name)
        rest: Any = tuple(one for one in kept if one != value) if isinstance(kept, tuple) else ""
        return replace(self, **{name: rest})

    def words(self) -> list[tuple[str, str]]:
        """Return what an address says of them: pairs of name and value."""
        said: list[tuple[str, str]] = []
        for one in fields(self):
            value = getattr(self, one.name)
            values = value if isinstance(value, tuple) else [value] if value else []
            said += [(one.name, str(single)) for single in values]
        return said

    def narrow(self, posts: PostQuerySet) -> PostQuerySet:
        """Return those of `posts` that fit."""
        posts = self._in_state(posts)
        if self.account:
            posts = posts.filter(instagram_account__in=self.account)
        if self.type:
            posts = posts.filter(media_type__in=self.type)
        if self.tag:
            ideas = PostIdea.tags.through.objects.filter(tag__name=self.tag)
            posts = posts.filter(post_idea__in=ideas.values("postidea"))
        for word in self.q.split():
            posts = posts.filter(caption__icontains=word)
        return posts

    def _in_state(self, posts: PostQuerySet) -> PostQuerySet:
        if not self.status:
            return posts.exclude(status=Status.CANCELLED)
        if DisplayStatus.AT_RISK in self.status:
            posts = posts.annotate(account_ends_at=_ends_at)
        wanted = Q()
        for one in self.status:
            wanted |= SHOWN_AS[one]
        return posts.filter(wanted)
