"""Every row of Instagram's error tables, at every step where it can occur, over HTTP: what it comes to for the post,
its container, its account and its owner.

Source: the two tables of Meta's "Error Codes" and "Handling Errors" as our fact sheet of September 2026 has them,
sections 5.3 and 5.4, counted there by hand.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import translation

from scheduler.instagram.error_sentences import SENTENCES, sentence
from scheduler.models import InstagramAccount, Notification, Status
from scheduler.services import words
from tests.publishing.conftest import steps
from tests.publishing.files import own_film

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

# Rows of the fact sheet's tables; several of them name more than one subcode.
ROWS_OF_5_3, ROWS_OF_5_4 = 41, 31
SECOND, QUARTER = timedelta(seconds=1), timedelta(minutes=15)

# The steps, as the sandbox and as our log name them.
SANDBOX_KIND = {
    "create": "create", "child": "create", "parent": "create", "status": "status", "publish": "publish",
    "find": "list", "permalink": "read_media", "comment": "comment", "comments": "comments", "quota": "quota",
    "upload": "upload",
}  # fmt: skip
LOG_STEP = {
    "create": "create_container", "child": "create_container", "parent": "create_container",
    "status": "read_container", "publish": "publish_container", "find": "find_media", "permalink": "read_media",
    "comment": "post_comment", "comments": "list_comments", "quota": "read_quota", "upload": "upload",
}  # fmt: skip
MAKING = ("create", "child", "parent")
BEFORE = (*MAKING, "status")
READS = ("find", "permalink", "comments")
AFTER = (*READS, "comment")
EVERYWHERE = (*BEFORE, "publish", "quota", *AFTER)
# Everything that is no answer to one object: where a row about the whole app or account is met first.
ASKED_FIRST = ("create", "publish", "permalink", "quota")


@dataclass(frozen=True)
class Row:
    """A row of the table.

    asks: what helps before the publish call: fix, retry, anew, fetch, wait, quota, hold, check.
    left: tries after the first. held, account: the reason of the hold, and how the account stands then.
    steps: "text" is a container's `status`, which carries the subcode in a sentence.
    """

    section: str
    code: int | None
    subcode: int | None
    name: str
    asks: str
    steps: tuple[str, ...]
    left: int = 0
    held: str = ""
    account: str = "connected"
    message: str = ""
    same_row: bool = False  # a further number of the row above


def _5_3(code, subcode, name, asks, steps, **more):
    return Row("5.3", code, subcode, name, asks, steps, **more)


def _5_4(code, subcode, name, asks, steps=EVERYWHERE, **more):
    return Row("5.4", code, subcode, name, asks, steps, **more)


RESTRICTED = {"held": "restricted", "account": "error"}
RECONNECT = {"held": "reconnect", "account": "token_expired"}
PERMISSION = {"held": "permission", "account": "token_expired"}
CREATE = ("create", "child")
TABLE = [
    _5_3(-2, 2207003, "MEDIA_NOT_FETCHED", "fetch", (*CREATE, "status", "text"), left=2),
    _5_3(-2, 2207020, "CONTAINER_EXPIRED", "anew", (*CREATE, "publish"), left=1),
    _5_3(-1, 2207001, "INSTAGRAM_DOWN", "retry", EVERYWHERE, left=3),
    _5_3(-1, 2207032, "INSTAGRAM_DOWN", "anew", MAKING, left=3),
    _5_3(-1, 2207053, "VIDEO_REFUSED", "anew", ("status", "text"), left=2),
    _5_3(-1, 2207073, "UNKNOWN_ERROR", "fix", ()),
    _5_3(-1, 2207085, "VIDEO_REFUSED", "check", ("publish",)),
    _5_3(1, 2207057, "COVER_TIME", "fix", CREATE),
    _5_3(4, 2207051, "ACTION_BLOCKED", "blocked", ("create", "publish", "comment")),
    _5_3(9, 2207042, "QUOTA_REACHED", "quota", ("publish",)),
    _5_3(10, 2207078, "TRIAL_UNAVAILABLE", "fix", ("create", "publish")),
    _5_3(10, 2207081, "TRIAL_UNAVAILABLE", "fix", ("create",)),
    _5_3(18, 2207034, "RATE_LIMITED", "wait", ()),
    _5_3(20, 1772107, "RESPONSE_FORMAT", "check", ("comment",)),
    _5_3(24, 2207006, "CONTAINER_EXPIRED", "anew", ("status", "publish"), left=1),
    _5_3(24, 2207008, "CONTAINER_EXPIRED", "retry", ("publish",), left=2),
    _5_3(25, 2207050, "ACCOUNT_RESTRICTED", "hold", EVERYWHERE, **RESTRICTED),
    _5_3(100, 2207023, "APP_ERROR", "fix", MAKING),
    _5_3(100, 2207028, "CAROUSEL_COUNT", "fix", ("parent",)),
    _5_3(100, 2207035, "UNKNOWN_ERROR", "fix", CREATE),
    _5_3(100, 2207036, "UNKNOWN_ERROR", "fix", CREATE),
    _5_3(100, 2207037, "UNKNOWN_ERROR", "fix", CREATE),
    _5_3(100, 2207040, "TOO_MANY_TAGS", "fix", CREATE),
    _5_3(100, 2207089, "APP_ERROR", "fix", ("publish",)),
    _5_3(110, 2207013, "TAG_NOT_FOUND", "fix", ("create",)),
    _5_3(110, 2207018, "TAG_NOT_FOUND", "fix", MAKING),
    _5_3(352, 2207026, "VIDEO_REFUSED", "fix", (*CREATE, "status", "text")),
    _5_3(9004, 2207052, "MEDIA_NOT_FETCHED", "fetch", (*CREATE, "status", "text"), left=3),
    _5_3(9007, 2207027, "CONTAINER_NOT_READY", "retry", ("publish",), left=3),
    _5_3(36000, 2207004, "IMAGE_TOO_LARGE", "fix", CREATE),
    _5_3(36001, 2207005, "IMAGE_FORMAT", "fix", CREATE),
    _5_3(36003, 2207009, "IMAGE_SHAPE", "fix", CREATE),
    _5_3(36004, 2207010, "CAPTION_TOO_LONG", "fix", ("create", "parent")),
    _5_3(None, 2207067, "UNKNOWN_ERROR", "anew", ("text",), left=1),
    _5_3(None, 2207069, "UNKNOWN_ERROR", "anew", ("text",), left=1, same_row=True),
    _5_3(None, 2207076, "VIDEO_REFUSED", "anew", ("text",), left=2),
    _5_3(None, 2207077, "MEDIA_NOT_FETCHED", "fetch", ("text",), left=2),
    _5_3(-1, 2207082, "INSTAGRAM_DOWN", "anew", ("text", "publish"), left=2),
    # The audio search is not asked for; whatever it said would be the operator's.
    *[
        _5_3(100, subcode, "APP_ERROR", "fix", (), same_row=subcode != 9050)
        for subcode in (9050, 9052, 9054, 9055, 9056, 9057, 9058, 9060, 9062, 9063, 9064)
    ],
    _5_3(10, 9053, "APP_ERROR", "fix", ()),
    _5_3(None, None, "LOCATION_UNKNOWN", "fix", ("create",), message="INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID"),
    _5_3(None, None, "UNKNOWN_ERROR", "fix", ("create",), message="INSTAGRAM_PLATFORM_API__PERMISSION"),
    _5_3(
        None,
        None,
        "UNKNOWN_ERROR",
        "fix",
        ("create",),
        message="INSTAGRAM_PLATFORM_API__INVALID_PARAM",
        same_row=True,
    ),
    _5_4(1, None, "INSTAGRAM_DOWN", "retry", left=3),
    _5_4(2, None, "INSTAGRAM_DOWN", "retry", left=3),
    _5_4(3, None, "APP_ERROR", "fix", ASKED_FIRST),
    _5_4(4, None, "RATE_LIMITED", "wait"),
    _5_4(10, None, "PERMISSION_DENIED", "hold", **PERMISSION),
    _5_4(17, None, "RATE_LIMITED", "wait", ASKED_FIRST),
    _5_4(17, 2446079, "RATE_LIMITED", "wait", ASKED_FIRST, same_row=True),
    _5_4(20, 1772107, "RESPONSE_FORMAT", "check", ()),
    _5_4(32, None, "RATE_LIMITED", "wait", ASKED_FIRST),
    _5_4(100, None, "APP_ERROR", "fix"),
    _5_4(100, 33, "OBJECT_MISSING", "check", left=3),
    _5_4(100, 36007, "SIGN_IN_USED", "hold", ()),
    _5_4(100, 36008, "APP_ERROR", "fix", (), same_row=True),
    _5_4(100, 36009, "SIGN_IN_USED", "hold", (), same_row=True),
    _5_4(101, None, "APP_ERROR", "fix", ASKED_FIRST),
    _5_4(102, None, "TOKEN_EXPIRED", "hold", ASKED_FIRST, **RECONNECT),
    _5_4(104, None, "APP_ERROR", "fix", ASKED_FIRST),
    _5_4(110, None, "TAG_NOT_FOUND", "fix", CREATE),
    _5_4(190, None, "TOKEN_EXPIRED", "hold", **RECONNECT),
    _5_4(190, 458, "TOKEN_EXPIRED", "hold", ASKED_FIRST, **RECONNECT),
    _5_4(190, 459, "ACCOUNT_RESTRICTED", "hold", ASKED_FIRST, **RESTRICTED),
    _5_4(190, 460, "TOKEN_EXPIRED", "hold", ASKED_FIRST, **RECONNECT),
    _5_4(190, 463, "TOKEN_EXPIRED", "hold", ASKED_FIRST, **RECONNECT),
    _5_4(190, 464, "ACCOUNT_RESTRICTED", "hold", ASKED_FIRST, **RESTRICTED),
    _5_4(190, 467, "TOKEN_EXPIRED", "hold", ASKED_FIRST, **RECONNECT),
    _5_4(190, 492, "PAGE_ROLE_LOST", "hold", ASKED_FIRST, **RESTRICTED),
    _5_4(200, None, "PERMISSION_DENIED", "hold", ("create", "publish", "comment", "quota"), **PERMISSION),
    _5_4(299, None, "PERMISSION_DENIED", "hold", ("create",), **PERMISSION, same_row=True),
    _5_4(341, None, "RATE_LIMITED", "wait", ASKED_FIRST),
    _5_4(368, None, "ACCOUNT_RESTRICTED", "hold", ASKED_FIRST, **RESTRICTED),
    _5_4(506, None, "DUPLICATE_POST", "check", ("create", "publish")),
    _5_4(613, None, "RATE_LIMITED", "wait", ASKED_FIRST),
    _5_4(613, 1996, "RATE_LIMITED", "wait", ASKED_FIRST, same_row=True),
    _5_4(803, None, "UNKNOWN_ERROR", "fix", ("create", "publish")),
    _5_4(80001, None, "RATE_LIMITED", "wait", ASKED_FIRST),
    _5_4(80002, None, "RATE_LIMITED", "wait", same_row=True),
    _5_4(80006, None, "RATE_LIMITED", "wait", ASKED_FIRST, same_row=True),
    _5_4(1609005, None, "UNKNOWN_ERROR", "fix", ("create",)),
]
# "Texts worth matching when no code helps" (5.4), each with a code that says nothing.
TEXTS = [
    ("The user is not an Instagram Business", "ACCOUNT_NOT_PROFESSIONAL", "hold", "account_type"),
    ("(#10) Not enough permissions to post", "PERMISSION_DENIED", "hold", "permission"),
    ("The session has been invalidated because of a new password", "TOKEN_EXPIRED", "hold", "reconnect"),
    ("You cannot access the app till you log in to instagram.com", "ACCOUNT_RESTRICTED", "hold", "restricted"),
    ("Session key is malformed", "TOKEN_EXPIRED", "hold", "reconnect"),
    ("Page request limit reached", "RATE_LIMITED", "wait", ""),
    ("The param collaborators is not allowed for carousel child", "APP_ERROR", "fix", ""),
    ("Too little or too many attachments", "CAROUSEL_COUNT", "fix", ""),
    ("An unknown error occurred", "INSTAGRAM_DOWN", "retry", ""),
    ("revoked_access_token", "TOKEN_EXPIRED", "hold", "reconnect"),
    ("Invalid OAuth access token - Cannot parse access token", "TOKEN_EXPIRED", "hold", "reconnect"),
]
# What the reference of /media says in words only, without any number (3.3).
PAGE_TEXTS = [
    ("The user must complete Page Publishing Authorization", "PAGE_AUTHORIZATION", "hold", "restricted"),
    ("Two-factor authentication is required for this Page", "PAGE_AUTHORIZATION", "hold", "restricted"),
]
STATE = {"permission": "token_expired", "reconnect": "token_expired", "restricted": "error", "": "connected"}
STATE |= {"account_type": "token_expired"}


# A fresh object whose read is refused with 10 is Meta's outage, and has a test of its own.
OUTAGE = {(10, None, step) for step in ("status", *READS)}


def cases(*steps, unclear=False):
    """Return (row, step) for each of `steps`; unclear: only the rows that leave a doubt at the publish call."""
    return [
        pytest.param(row, step, id=f"{row.code}-{row.subcode}-{step}{'-' + row.message if row.message else ''}")
        for row in TABLE
        for step in row.steps
        if step in steps and (row.code, row.subcode, step) not in OUTAGE
        if not unclear or row.asks not in {"fix", "hold", "wait", "quota"}
    ]


@pytest.fixture
def meet(plan, work, instagram, service, time, request):
    """Bring a post to a step whose call meets `row`; return it as the worker left it."""

    def meet(row, step, whose=None, times=1, **fields):
        comment = {"first_comment": "More"} if step.startswith("comment") else {}
        kind = {"media_type": "CAROUSEL", "media": 2} if step in {"child", "parent"} else {}
        post = plan(whose=whose, **comment | kind | fields)
        time.comes(post.next_attempt_at)
        _lead_up(step, post)
        _script(row, step, times)
        post.refresh_from_db()
        if step in {"parent", *AFTER}:
            time.comes(post.wake_at)
        service.publish_post(post)
        post.refresh_from_db()
        return post

    def _lead_up(step, post):
        if step == "parent":  # its items are made, and ready at the next look
            instagram.set(delay_image_s=60)
            service.publish_post(post)
            time.passes(seconds=60)
        elif step in {"permalink", "comment"}:
            service.publish_post(post)
        elif step == "comments":  # whether an earlier comment arrived is not known
            instagram.next_call("comment", "drop")
            work(post, until=lambda post: post.first_comment_tried_at)
        elif step == "find":  # it is live, and its id was not heard
            instagram.next_call("publish", "drop", after_work=True)
            work(post, until=lambda post: post.published_at)

    def _script(row, step, times):
        if step == "text":
            instagram.next_call("create", "outcome", outcome="error", subcode=row.subcode, times=times)
            return
        message = {"message": row.message} if row.message else {}
        code = 100 if row.code is None else row.code
        instagram.next_call(SANDBOX_KIND[step], code=code, subcode=row.subcode, times=times, **message)

    return meet


def told(account):
    return list(Notification.objects.for_user(account.user).values_list("kind", flat=True))


def shown(row, post):
    """Return the name as the post keeps it: Instagram refuses a picture by a video's code, too."""
    return "IMAGE_FORMAT" if row.name == "VIDEO_REFUSED" and not post.has_video else row.name


def assert_failed(post, account, name):
    assert (post.status, post.last_error, post.hold_reason, post.wake_at) == (Status.FAILED, name, "", None)
    assert told(account) == [name]
    assert steps(post)[-1] == ("decision", "error", name)
    assert_two_languages(post)


def assert_two_languages(post):
    """The sentence on the screen stands in both languages, and no code of Instagram's stands in it."""
    said = set()
    for language in ("en", "pt-br"):
        with translation.override(language):
            said.add(words.why(post))
    assert "" not in said and len(said) == 2
    assert not any(re.search(r"\b22\d{5}\b|\(#|_[A-Z]", text) for text in said)


def assert_held(post, account, row):
    assert (post.status, post.hold_reason, post.wake_at) == (Status.SCHEDULED, row.held, None)
    assert (post.last_error, post.container_id, post.publish_intent_at) == (row.name, "", None)
    account.refresh_from_db()
    assert (account.status, account.status_reason) == (row.account, row.name)
    assert told(account) == [row.name]
    assert_two_languages(post)


def assert_waits(post, account, time, reason, least):
    assert (post.status, post.wait_reason, post.retry_count) == (Status.SCHEDULED, reason, 0)
    assert post.wake_at == post.next_attempt_at >= time.now() + least - SECOND
    assert post.scheduled_for < post.next_attempt_at
    assert steps(post)[-1] == ("decision", "retry", reason)
    assert_two_languages(post)


# --- Before the publish call ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("row", "step"), cases(*BEFORE, "text"))
def test_before_the_publish_call(row, step, meet, account, time, instagram, work):
    post = meet(row, step)
    made = len(instagram.calls("create"))
    kept = {"create": "", "child": "", "parent": ""}.get(step, post.container_id)
    assert not instagram.published() and not instagram.publish_calls()
    if step != "text":
        assert (LOG_STEP[step], "error", row.name) in steps(post)
    match row.asks:
        case "fix":
            assert_failed(post, account, shown(row, post))
        case "hold":
            assert_held(post, account, row)
        case "wait":
            assert_waits(post, account, time, row.name, QUARTER)
            assert told(account) == []
        case "blocked":
            assert_waits(post, account, time, "POSTING_SLOWED", timedelta(hours=1))
            assert told(account) == ["POSTING_SLOWED"]
        case "fetch":
            assert (post.status, post.fetch_tries, post.retry_count, post.container_id) == ("publishing", 1, 0, "")
            assert post.wake_at - time.now() <= 5 * SECOND
            assert work(post).status == Status.PUBLISHED
        case "check" if not row.left:
            assert_failed(post, account, row.name)
        case _:
            assert (post.status, post.retry_count, post.last_error) == (Status.SCHEDULED, 1, row.name)
            assert timedelta(seconds=59) <= post.next_attempt_at - time.now() <= timedelta(seconds=67)
            assert steps(post)[-1] == ("decision", "retry", row.name)
            assert (post.container_id == "") == (row.asks == "anew" or not kept) and told(account) == []
            assert bool(post.child_containers) == (step == "parent" and row.asks != "anew")
            assert work(post, until=lambda post: post.published_at).published_at
            is_anew = row.asks == "anew" or step in MAKING
            assert (len(instagram.calls("create")) > made) == is_anew and len(instagram.published()) == 1


TRIES = {(row.name, row.asks, row.left): row for row in TABLE if row.left and {*BEFORE, "text"} & {*row.steps}}


@pytest.mark.parametrize("row", TRIES.values(), ids=lambda row: f"{row.code}-{row.subcode}")
def test_each_row_has_its_number_of_tries(row, meet, work, account, instagram):
    step = next(step for step in row.steps if step in {*BEFORE, "text"})
    post = work(meet(row, step, times=99))
    assert (post.status, post.retry_count, told(account)) == (Status.FAILED, row.left, [shown(row, post)])


@pytest.mark.parametrize("code", [(10, None), (100, 33)])
@pytest.mark.parametrize("step", ["status", *READS])
def test_a_fresh_object_that_cannot_be_read_is_not_gone(step, code, meet, account, work, instagram):
    row = Row("9.10", *code, "OBJECT_MISSING", "check", ())
    post = work(meet(row, step, times=2))
    account.refresh_from_db()
    assert (post.status, account.status) == (Status.PUBLISHED, "connected")
    assert len(instagram.published()) == len(instagram.publish_calls()) == 1 and told(account) == []


# --- At the publish call ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("row", "step"), cases("publish"))
def test_at_the_publish_call(row, step, meet, account, time, instagram, work):
    post = meet(row, step)
    container = instagram.containers().get().graph_id
    assert ("publish_container", "error", row.name) in steps(post)
    match row.asks:
        case "fix":
            assert_failed(post, account, shown(row, post))
        case "hold":
            assert_held(post, account, row)
        case "wait":
            assert_waits(post, account, time, row.name, QUARTER)
            assert (post.container_id, post.publish_calls, told(account)) == (container, 1, [])
        case "quota":
            assert_waits(post, account, time, row.name, timedelta(minutes=59))
        case _:
            assert (post.status, post.container_id, post.publish_calls) == (Status.PUBLISHING, container, 1)
            assert post.publish_intent_at and post.last_error == row.name
            is_clear = row.name in {"CONTAINER_EXPIRED", "CONTAINER_NOT_READY"}
            assert (post.unconfirmed_at is None) == is_clear
            assert told(account) == (["POSTING_SLOWED"] if row.asks == "blocked" else [])
            work(post, until=lambda post: post.published_at or post.failed_at)
            assert len(instagram.calls("create")) == 1  # never another container
            gives_up = row.name in {"VIDEO_REFUSED"}
            assert (post.status == Status.FAILED) == gives_up and len(instagram.published()) == (not gives_up)
            assert {call.creation_id for call in instagram.publish_calls()} == {container}


@pytest.mark.parametrize(("row", "step"), cases("publish", unclear=True))
def test_a_refusal_of_a_post_that_is_live_is_found_out(row, step, plan, time, service, work, instagram):
    post = plan()
    time.comes(post.next_attempt_at)
    instagram.next_call("publish", code=row.code, subcode=row.subcode, after_work=True)
    work(post, until=lambda post: post.published_at or post.failed_at)
    assert post.status == Status.PUBLISHED
    assert len(instagram.published()) == len(instagram.publish_calls()) == len(instagram.calls("create")) == 1


# --- Around the publish call ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("row", "step"), cases("quota"))
def test_at_the_quota(row, step, meet, account, time, instagram):
    post = meet(row, step)
    match row.asks:
        case "hold":
            assert_held(post, account, row)
        case "wait":
            assert_waits(post, account, time, row.name, QUARTER)
        case _:  # it decides nothing: our own count stands
            assert (post.status, len(instagram.published()), told(account)) == (Status.PUBLISHED, 1, [])


@pytest.mark.parametrize(("row", "step"), cases(*AFTER))
def test_after_the_publish_call(row, step, meet, account, time, instagram, work):
    post = meet(row, step)
    assert (post.status, len(instagram.published()), post.last_error) == (Status.PUBLISHED, 1, "")
    account.refresh_from_db()
    needs_owner = row.asks == "hold" and row.name != "PERMISSION_DENIED"
    assert account.status == (row.account if needs_owner else "connected")
    if needs_owner:
        missed = ["FIRST_COMMENT_FAILED"] if step.startswith("comment") else []
        assert (post.wake_at, told(account)) == (None, [*missed, row.name])
        return
    if row.asks in {"wait", "blocked"}:
        assert post.side_work_tries == (step == "comments")  # the one that led up to it
        assert post.wake_at - time.now() >= QUARTER - SECOND
    else:
        assert post.side_work_tries >= 1
    assert told(account) == (["POSTING_SLOWED"] if row.asks == "blocked" else [])
    work(post)
    assert (post.status, len(instagram.publish_calls())) == (Status.PUBLISHED, 1) and post.permalink
    if step.startswith("comment"):
        assert len(instagram.comments(instagram.published()[0])) == 1


# --- With the other login ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["create", "publish", "quota", "permalink"])
@pytest.mark.parametrize(
    "row",
    [
        row
        for row in TABLE
        if (row.code, row.subcode) in {(190, 492), (32, None), (80001, None), (104, None), (10, None)}
    ],
    ids=lambda row: f"{row.code}-{row.subcode}",
)
def test_behind_a_page_it_means_the_same(row, step, meet, page_account, time, instagram):
    post = meet(row, step, whose=page_account, times=2)  # a read is asked for with the user's token, too
    page_account.refresh_from_db()
    if step == "permalink":
        assert post.status == Status.PUBLISHED
    elif row.asks == "hold":
        assert_held(post, page_account, row)
    elif row.asks == "wait":
        assert_waits(post, page_account, time, row.name, QUARTER)
    elif step == "quota":
        assert post.status == Status.PUBLISHED
    else:
        assert_failed(post, page_account, row.name)


@pytest.mark.parametrize(
    ("code", "subcode", "status", "account"),
    [
        (1, None, "published", "connected"),
        (2, None, "published", "connected"),
        (80002, None, "published", "connected"),
        (190, 463, "scheduled", "token_expired"),
        (190, 492, "scheduled", "error"),
        (25, 2207050, "scheduled", "error"),
    ],
)
def test_at_an_upload(code, subcode, status, account, page_account, alice, plan, work, instagram):
    """The upload host knows no codes: what its refusal means is read at the container."""
    post = plan(whose=page_account, media_type="REELS")
    post.media.create(asset=own_film(alice), position=0)
    type(post).objects.update(media_urls=[])
    for kind, times in (("upload", 2), ("status", 1)):
        instagram.next_call(kind, code=code, subcode=subcode, times=times)
    work(post)
    page_account.refresh_from_db()
    assert (post.status, page_account.status) == (status, account)
    assert len(instagram.published()) == (status == "published")


# --- Texts ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("text", "name", "asks", "held"), TEXTS + PAGE_TEXTS)
@pytest.mark.parametrize("step", ["create", "publish"])
def test_a_text_says_what_no_code_does(text, name, asks, held, step, meet, account, time, instagram):
    row = Row("5.4", 100, None, name, asks, (), held=held, account=STATE[held], message=text)
    post = meet(row, step)
    match asks:
        case "hold":
            assert_held(post, account, row)
        case "wait":
            assert_waits(post, account, time, name, QUARTER)
        case "fix":
            assert_failed(post, account, name)
        case _ if step == "create":
            assert (post.status, post.last_error, post.retry_count) == (Status.SCHEDULED, name, 1)
        case _:
            assert (post.status, post.last_error, bool(post.unconfirmed_at)) == (Status.PUBLISHING, name, True)


# --- The table itself -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("section", "count"), [("5.3", ROWS_OF_5_3), ("5.4", ROWS_OF_5_4)])
def test_the_table_has_as_many_rows_as_the_fact_sheet(section, count):
    assert len([row for row in TABLE if row.section == section and not row.same_row]) == count


def test_the_texts_are_all_eleven():
    assert len(TEXTS) == 11


@pytest.mark.parametrize(
    "name", sorted({row.name for row in TABLE} | {name for _text, name, *_ in TEXTS + PAGE_TEXTS})
)
def test_every_name_has_a_sentence_in_both_languages(name):
    said = []
    for language in ("en", "pt-br"):
        with translation.override(language):
            said.append(sentence(name, account="padaria.aurora"))
    assert all(said) and said[0] != said[1] and name in SENTENCES
    assert not any(re.search(r"\d{4,}|[A-Z]+_[A-Z]+|%\(", text) for text in said)


def test_a_picture_refused_with_a_videos_code_is_not_told_about_videos(meet):
    post = meet(Row("5.3", 352, 2207026, "VIDEO_REFUSED", "fix", ()), "create")
    assert "image" in words.why(post) and "video" not in words.why(post).lower()


def test_a_video_refused_with_it_is(meet, instagram):
    row = Row("5.3", 352, 2207026, "VIDEO_REFUSED", "fix", ())
    post = meet(row, "create", media_type="REELS", media_urls=[instagram.host_film()])
    assert "video" in words.why(post)


def test_every_state_of_an_account_is_one_it_can_have():
    assert {row.account for row in TABLE} <= set(InstagramAccount.Status.values)
