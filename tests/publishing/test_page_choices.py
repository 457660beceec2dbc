"""What a Facebook login found, told as choices: what can be picked, what cannot, and why."""

import pytest

from scheduler.instagram.facebook_login import (
    BASIC,
    BUSINESSES,
    COMMENTS,
    PUBLISH,
    SCOPES,
    SHOW_PAGES,
    FoundPage,
    TokenFacts,
)
from scheduler.services.page_choices import Choice, choices_of, why_none

ALL = frozenset(SCOPES)
ANYTHING = TokenFacts("3")


def a_page(number=1, **more):
    facts = {"tasks": ("MANAGE",), "instagram_user_id": f"1784{number}", "username": f"shop{number}"}
    return FoundPage(f"100{number}", f"Page {number}", **facts | more)


def limited(**targets):
    return TokenFacts("3", targets={name: frozenset(ids) for name, ids in targets.items()})


def only(page, permissions=ALL, facts=ANYTHING):
    return choices_of([page], permissions, facts)[0]


NO_ACCOUNT = {"instagram_user_id": "", "username": ""}
CASES = [
    (a_page(), ANYTHING, ""),
    (a_page(tasks=None), ANYTHING, ""),
    (a_page(tasks=("ANALYZE",)), ANYTHING, "no_task"),
    (a_page(**NO_ACCOUNT), ANYTHING, "no_account"),
    (a_page(**NO_ACCOUNT), limited(instagram_basic=["9"]), "account_unticked"),
    (a_page(**NO_ACCOUNT, linked="joana"), ANYTHING, "personal"),
    (a_page(), limited(instagram_content_publish=["9"]), "no_permission"),
    (a_page(), limited(instagram_content_publish=["17841"]), ""),
    (a_page(), limited(instagram_content_publish=["1001"]), ""),
]


@pytest.mark.parametrize(("page", "facts", "lacks"), CASES)
def test_each_cause_has_its_name_and_its_cure(page, facts, lacks):
    choice = only(page, facts=facts)
    assert (choice.lacks, choice.can_pick) == (lacks, not lacks)
    assert bool(choice.reason) is bool(lacks)
    assert not lacks or "again" in choice.reason


@pytest.mark.parametrize(("permission", "lacks"), [("ads_read", ""), ("ads_management", ""), ("", "no_ads")])
def test_work_through_a_business_needs_a_permission_for_its_ads(permission, lacks):
    granted = ALL - {"ads_read"} | {permission}
    assert only(a_page(by_business=True), granted).lacks == lacks
    assert only(a_page(), granted).lacks == ""


def test_an_account_behind_two_pages_comes_once_as_the_one_that_can_be_picked():
    without, with_task = a_page(1, tasks=("ANALYZE",)), a_page(2, instagram_user_id="17841", username="shop1")
    choices = choices_of([without, with_task], ALL, ANYTHING)
    assert [(choice.page_id, choice.can_pick) for choice in choices] == [("1002", True)]


def test_what_can_be_picked_comes_first():
    pages = [a_page(1, **NO_ACCOUNT), a_page(2, tasks=()), a_page(3)]
    assert [choice.page_id for choice in choices_of(pages, ALL, ANYTHING)] == ["1003", "1002", "1001"]


@pytest.mark.parametrize(
    ("page", "permissions", "facts", "can"),
    [
        (a_page(), ALL, ANYTHING, True),
        (a_page(tasks=None), ALL, ANYTHING, True),
        (a_page(tasks=("CREATE_CONTENT",)), ALL, ANYTHING, False),
        (a_page(tasks=("CREATE_CONTENT", "MODERATE")), ALL, ANYTHING, True),
        (a_page(), ALL - {COMMENTS}, ANYTHING, False),
        (a_page(), ALL, limited(instagram_manage_comments=["9"]), False),
    ],
)
def test_comments_need_permission_and_task(page, permissions, facts, can):
    assert only(page, permissions, facts).can_comment is can


def test_a_choice_survives_being_stored():
    choice = only(a_page())
    assert Choice(**choice.as_row()) == choice


@pytest.mark.parametrize("name", ["", None])
def test_an_account_without_a_name_is_told_by_its_id(name):
    assert only(a_page(username=name or "")).username == "17841"


def test_no_page_at_all_and_no_page_ticked_are_told_apart():
    assert why_none([], ALL, ANYTHING).startswith("Facebook knows no Page")
    assert why_none([], ALL, limited(**{SHOW_PAGES: []})).startswith("No Facebook Page was ticked.")


def test_many_useless_pages_are_told_briefly():
    pages = [a_page(number, **NO_ACCOUNT) for number in range(9)]
    told = why_none(choices_of(pages, ALL, limited(**{BASIC: [], PUBLISH: []})), ALL, ANYTHING)
    assert told.count("Page ") >= 3 and "Page 3:" not in told


def test_pages_of_a_business_are_not_seen_without_the_permission_for_it():
    granted = ALL - {BUSINESSES}
    assert "Those that belong to a business are seen only with" in why_none([], granted, ANYTHING)
    useless = choices_of([a_page(**NO_ACCOUNT)], granted, ANYTHING)
    assert why_none(useless, granted, ANYTHING).endswith("are missing: that permission was left off.")
    assert "business" not in why_none(useless, ALL, ANYTHING)
