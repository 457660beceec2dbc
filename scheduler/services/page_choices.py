"""What a Facebook login found: which accounts can be picked, what each can do, and why one cannot be picked."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scheduler.instagram.facebook_login import (
    BASIC,
    BUSINESSES,
    COMMENTS,
    PUBLISH,
    SHOW_PAGES,
    THROUGH_BUSINESS,
    FoundPage,
    TokenFacts,
)

# Why an account cannot be picked, and what helps.
NO_ACCOUNT, UNTICKED, PERSONAL = "no_account", "account_unticked", "personal"
NO_PERMISSION, NO_TASK, NO_ADS = "no_permission", "no_task", "no_ads"
REASONS = {
    NO_ACCOUNT: gettext_noop(
        "No Instagram professional account is linked to this Page. "
        "Link one in the Page's settings, then connect again."
    ),
    UNTICKED: gettext_noop(
        "This Page has no Instagram professional account, or the account was left unticked. "
        "Link it in the Page's settings, then connect again and tick it."
    ),
    PERSONAL: gettext_noop(
        "The account linked to this Page is a personal one. "
        "Switch it to a professional account in the Instagram app, it's free, then connect again."
    ),
    NO_PERMISSION: gettext_noop(
        "Facebook didn't give permission to publish for this account. Connect again and leave it ticked everywhere."
    ),
    NO_TASK: gettext_noop(
        "You may not publish on this Page. Ask somebody with full control of it to let you create content, "
        "then connect again."
    ),
    NO_ADS: gettext_noop(
        "You work on this Page through a business. To publish there, Facebook also asks for the permission to read "
        "the ads. Connect again and leave every option on."
    ),
}
# So many Pages are told one by one when none of them can be used.
MOST_TOLD = 3


@dataclass(frozen=True)
class Choice:
    """One Page with its account. lacks: a key of REASONS, "" when it can be picked."""

    page_id: str
    page_name: str
    instagram_user_id: str = ""
    username: str = ""
    name: str = ""
    can_comment: bool = True
    lacks: str = ""

    @property
    def can_pick(self) -> bool:
        """Return whether the account can be connected."""
        return not self.lacks

    @property
    def reason(self) -> str:
        """Return why it cannot be picked, and what helps; "" when it can."""
        return _(REASONS[self.lacks]) if self.lacks else ""

    def as_row(self) -> dict[str, Any]:
        """Return what a PendingConnection keeps."""
        return asdict(self)


def choices_of(pages: Iterable[FoundPage], permissions: frozenset[str], facts: TokenFacts) -> list[Choice]:
    """Return a choice for each Page, those that can be picked first; an account behind two Pages comes once."""
    found = [_choice(page, permissions, facts) for page in pages]
    found.sort(key=lambda choice: (bool(choice.lacks), not choice.username, choice.page_name.casefold()))
    best: dict[str, Choice] = {}
    for choice in found:
        best.setdefault(choice.instagram_user_id or choice.page_id, choice)
    return list(best.values())


def _choice(page: FoundPage, permissions: frozenset[str], facts: TokenFacts) -> Choice:
    ids = (page.instagram_user_id, page.page_id)
    return Choice(
        page_id=page.page_id,
        page_name=page.name or page.page_id,
        instagram_user_id=page.instagram_user_id,
        username=(page.username or page.instagram_user_id) if page.instagram_user_id else page.linked,
        name=page.account_name,
        can_comment=COMMENTS in permissions and facts.covers(COMMENTS, *ids) and page.may_comment,
        lacks=_lack(page, permissions, facts),
    )


def _lack(page: FoundPage, permissions: frozenset[str], facts: TokenFacts) -> str:
    if not page.instagram_user_id:
        if page.linked:
            return PERSONAL
        return UNTICKED if BASIC in facts.targets else NO_ACCOUNT
    if not facts.covers(PUBLISH, page.instagram_user_id, page.page_id):
        return NO_PERMISSION
    if page.by_business and not THROUGH_BUSINESS & permissions:
        return NO_ADS
    return "" if page.may_publish else NO_TASK


def why_none(choices: list[Choice], permissions: Collection[str], facts: TokenFacts) -> str:
    """Return the cure when a login found nothing that can be connected."""
    if not choices and facts.targets.get(SHOW_PAGES) == frozenset():
        return _(
            "No Facebook Page was ticked. Connect again and tick the Page of your account. "
            "If Facebook offers none, you don't manage a Page yet."
        )
    if not choices and BUSINESSES not in permissions:
        return _(
            "Facebook showed no Page. Those that belong to a business are seen only with the permission to manage "
            "businesses: connect again and leave every option on."
        )
    if not choices:
        return _(
            "Facebook knows no Page that you manage. By Facebook, an account comes in only through its Page: "
            "get access to it there, or connect with Instagram."
        )
    told = [why_not(choice) for choice in choices[:MOST_TOLD]]
    return " ".join([*told, *what_is_missing(permissions)])


def what_is_missing(permissions: Collection[str]) -> list[str]:
    """Return a sentence, or none, about Pages that the person let us not see."""
    if BUSINESSES in permissions:
        return []
    return [_("Pages that belong to a business are missing: that permission was left off.")]


def why_not(choice: Choice) -> str:
    """Return the reason of one choice with the Page's name before it."""
    return f"{choice.page_name}: {choice.reason}"
