"""One error type, and one table that says what each of Instagram's errors asks for.

The subcode is matched first, then the code; HTTP status last. Texts are matched only where no code helps.
Source: Instagram Platform, "Error Codes", and Graph API, "Handling Errors"; decisions in docs/architecture.md.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import requests
from django.utils.translation import gettext_lazy as _

from scheduler.lib.redaction import redact, redact_data


class Decision(StrEnum):
    """What can help."""

    RETRY = "retry"  # the same call again, later
    RECREATE = "recreate"  # throw the container away and build a new one
    WAIT = "wait"  # until a limit resets
    RECONNECT = "reconnect"  # a person must sign in again
    FIX = "fix"  # the person must change the content
    ACCOUNT = "account"  # the person must act inside Instagram
    OPS = "ops"  # whoever runs Pauta, or its code, is at fault
    CHECK = "check"  # read the state before anything else: it may have worked


class Step(StrEnum):
    """The requests of a publish, as log lines and failpoints name them."""

    CREATE = "create_container"
    STATUS = "read_container"
    PUBLISH = "publish_container"
    FIND = "find_media"
    PERMALINK = "read_media"
    COMMENT = "post_comment"
    COMMENTS = "list_comments"
    QUOTA = "read_quota"
    PROFILE = "read_profile"
    OAUTH = "oauth"
    UPLOAD = "upload"


@dataclass(frozen=True)
class Rule:
    """What a cause means: its stable name, its class for the screen, what helps, and how many tries in all."""

    name: str
    cause: str
    decision: Decision
    tries: int = 1


# The most tries an error that passes by itself is given: the first and three more.
ALWAYS = 4
D = Decision
RECONNECT_RULE = Rule("TOKEN_EXPIRED", "login_expired", D.RECONNECT)
PERMISSION = Rule("PERMISSION_DENIED", "permission", D.RECONNECT)
RESTRICTED = Rule("ACCOUNT_RESTRICTED", "restricted", D.ACCOUNT)
DOWN = Rule("INSTAGRAM_DOWN", "instagram_down", D.RETRY, ALWAYS)
DOWN_CHECK = Rule("INSTAGRAM_DOWN", "instagram_down", D.CHECK, ALWAYS)
DOWN_RECREATE = Rule("INSTAGRAM_DOWN", "instagram_down", D.RECREATE, ALWAYS)
NOT_FETCHED = Rule("MEDIA_NOT_FETCHED", "fetch_media", D.RETRY, ALWAYS)
VIDEO = Rule("VIDEO_REFUSED", "video_file", D.FIX)
VIDEO_AGAIN = Rule("VIDEO_REFUSED", "video_file", D.RECREATE, 2)
EXPIRED = Rule("CONTAINER_EXPIRED", "container", D.RECREATE, 2)
LIMITED = Rule("RATE_LIMITED", "app_rate", D.WAIT, ALWAYS)
TAG = Rule("TAG_NOT_FOUND", "tags", D.FIX)
TAGS = Rule("TOO_MANY_TAGS", "tags", D.FIX)
TRIAL_WAIT = Rule("TRIAL_UNAVAILABLE", "trial", D.FIX)
APP = Rule("APP_ERROR", "unknown", D.OPS)
UNKNOWN = Rule("UNKNOWN_ERROR", "unknown", D.RETRY, 3)
REFUSED = Rule("UNKNOWN_ERROR", "unknown", D.FIX)
CONNECTION = Rule("CONNECTION_ERROR", "instagram_down", D.RETRY, ALWAYS)
MISSING = Rule("OBJECT_MISSING", "unknown", D.CHECK, ALWAYS)
LOCATION = Rule("LOCATION_UNKNOWN", "location", D.FIX)
PROFESSIONAL = Rule("ACCOUNT_NOT_PROFESSIONAL", "account_type", D.RECONNECT)
NOT_PROFESSIONAL_TEXT = "the user is not an instagram business"

# (code, subcode) -> rule, publishing errors first (fact sheet 5.3), general Graph errors after (5.4).
# A code of None stands for "whatever code"; a subcode of None for "whatever or no subcode".
PUBLISHING: dict[tuple[int | None, int | None], Rule] = {
    (-2, 2207003): Rule("MEDIA_NOT_FETCHED", "fetch_media", D.RECREATE, ALWAYS),
    (-2, 2207020): EXPIRED,
    (-1, 2207001): DOWN_CHECK,
    (-1, 2207032): DOWN_RECREATE,
    (-1, 2207053): VIDEO_AGAIN,
    (-1, 2207073): REFUSED,
    (-1, 2207085): VIDEO,
    (1, 2207057): Rule("COVER_TIME", "cover", D.FIX),
    (4, 2207051): Rule("ACTION_BLOCKED", "blocked_action", D.CHECK, ALWAYS),
    (9, 2207042): Rule("QUOTA_REACHED", "quota", D.WAIT, ALWAYS),
    (10, 2207078): TRIAL_WAIT,
    (10, 2207081): TRIAL_WAIT,
    (18, 2207034): LIMITED,
    (20, 1772107): Rule("RESPONSE_FORMAT", "unknown", D.CHECK),
    (24, 2207006): EXPIRED,
    (24, 2207008): EXPIRED,
    (25, 2207050): RESTRICTED,
    (100, 2207023): APP,
    (100, 2207028): Rule("CAROUSEL_COUNT", "carousel", D.FIX),
    (100, 2207035): TAGS,
    (100, 2207036): TAGS,
    (100, 2207037): TAGS,
    (100, 2207040): TAGS,
    (100, 2207089): APP,
    (110, 2207013): TAG,
    (110, 2207018): TAG,
    (352, 2207026): VIDEO,
    (9004, 2207052): NOT_FETCHED,
    (9007, 2207027): Rule("CONTAINER_NOT_READY", "not_ready", D.RETRY, ALWAYS),
    (36000, 2207004): Rule("IMAGE_TOO_LARGE", "image_file", D.FIX),
    (36001, 2207005): Rule("IMAGE_FORMAT", "image_file", D.FIX),
    (36003, 2207009): Rule("IMAGE_SHAPE", "image_file", D.FIX),
    (36004, 2207010): Rule("CAPTION_TOO_LONG", "caption", D.FIX),
    (None, 2207067): VIDEO_AGAIN,
    (None, 2207069): VIDEO_AGAIN,
    (None, 2207076): VIDEO_AGAIN,
    (None, 2207077): VIDEO_AGAIN,
    (None, 2207082): DOWN_RECREATE,
    **{(100, subcode): APP for subcode in (9050, 9052, 9054, 9055, 9056, 9057, 9058, 9060, 9062, 9063, 9064)},
    (10, 9053): APP,
}
GENERAL: dict[tuple[int | None, int | None], Rule] = {
    (1, None): DOWN_CHECK,
    (2, None): DOWN,
    (3, None): APP,
    (4, None): LIMITED,
    (10, None): PERMISSION,
    (17, None): LIMITED,
    (32, None): LIMITED,
    (100, None): APP,
    (100, 33): MISSING,
    (100, 36007): Rule("SIGN_IN_USED", "login_expired", D.RECONNECT),
    (100, 36008): APP,
    (100, 36009): Rule("SIGN_IN_USED", "login_expired", D.RECONNECT),
    (101, None): APP,
    (102, None): RECONNECT_RULE,
    (104, None): APP,
    (110, None): TAG,
    (190, None): RECONNECT_RULE,
    (190, 458): RECONNECT_RULE,
    (190, 459): RESTRICTED,
    (190, 460): RECONNECT_RULE,
    (190, 463): RECONNECT_RULE,
    (190, 464): RESTRICTED,
    (190, 467): RECONNECT_RULE,
    (190, 492): RESTRICTED,
    **{(code, None): PERMISSION for code in range(200, 300)},
    (341, None): LIMITED,
    (368, None): RESTRICTED,
    (506, None): Rule("DUPLICATE_POST", "unknown", D.CHECK),
    (613, None): LIMITED,
    (803, None): REFUSED,
    (80001, None): LIMITED,
    (80002, None): LIMITED,
    (80006, None): LIMITED,
    (1609005, None): REFUSED,
}
RULES = PUBLISHING | GENERAL
_BY_SUBCODE = {subcode: rule for (_code, subcode), rule in RULES.items() if subcode and subcode > 1000}
# What no code says. The first that stands in the message (lower case) counts.
TEXTS: tuple[tuple[str, Rule], ...] = (
    ("instagram_platform_api__invalid_location_id", LOCATION),
    ("instagram_platform_api__permission", REFUSED),
    ("instagram_platform_api__invalid_param", REFUSED),
    (NOT_PROFESSIONAL_TEXT, PROFESSIONAL),
    ("not enough permissions to post", PERMISSION),
    ("session has been invalidated", RECONNECT_RULE),
    ("you cannot access the app till you log in to", RESTRICTED),
    ("session key is malformed", RECONNECT_RULE),
    ("page request limit reached", LIMITED),
    ("param collaborators is not allowed", APP),
    ("too little or too many attachments", Rule("CAROUSEL_COUNT", "carousel", D.FIX)),
    ("revoked_access_token", RECONNECT_RULE),
    ("cannot parse access token", RECONNECT_RULE),
)
# Causes that our own side finds, with the same kind of rule.
OURS: tuple[Rule, ...] = (
    Rule("PROCESSING_TIMEOUT", "not_ready", D.RETRY, ALWAYS),
    Rule("PUBLISH_UNCONFIRMED", "unconfirmed", D.CHECK),
    Rule("PUBLISH_FAILED", "instagram_down", D.RETRY),
    Rule("MISSED", "missed", D.WAIT),
    Rule("FIRST_COMMENT_FAILED", "first_comment", D.RETRY),
    Rule("WORKER_LOST", "unconfirmed", D.CHECK),
    CONNECTION,
    UNKNOWN,
)
_BY_NAME = {rule.name: rule for rule in (*RULES.values(), *(rule for _, rule in TEXTS), *OURS)}
SENTENCES: dict[str, Any] = {
    "TOKEN_EXPIRED": _("The connection to @%(account)s ended. Reconnect it and the post goes back in line."),
    "SIGN_IN_USED": _("This sign-in was used already. Connect again."),
    "PERMISSION_DENIED": _(
        "Instagram didn't give permission to publish for @%(account)s. Reconnect and leave every option on."
    ),
    "ACCOUNT_NOT_PROFESSIONAL": _(
        "@%(account)s must be a professional account. Change it in the Instagram app, then reconnect."
    ),
    "ACCOUNT_RESTRICTED": _("Instagram limited @%(account)s. Open the Instagram app to see what it asks."),
    "ACTION_BLOCKED": _("Instagram slowed down posting. We're checking whether it went out."),
    "QUOTA_REACHED": _("@%(account)s reached Instagram's 24-hour limit. It goes out at the next time with room."),
    "MEDIA_NOT_FETCHED": _("Instagram couldn't download the file from our server."),
    "IMAGE_TOO_LARGE": _("Instagram can't use this image: the file is too big. Crop it or use another."),
    "IMAGE_FORMAT": _("Instagram can't use this image: it is not a JPEG it can read. Crop it or use another."),
    "IMAGE_SHAPE": _("Instagram can't use this image: it is too tall or too wide. Crop it or use another."),
    "VIDEO_REFUSED": _("Instagram couldn't use this video. Export as MP4 (H.264, AAC), 3 s to 15 min."),
    "COVER_TIME": _("The cover frame is past the end of the video."),
    "CAPTION_TOO_LONG": _("The caption is too long."),
    "TOO_MANY_TAGS": _("More than 20 people are tagged, or a tag has no place on the picture."),
    "TAG_NOT_FOUND": _("Somebody in this post can't be tagged: not found or private."),
    "LOCATION_UNKNOWN": _("Instagram doesn't know this place. Choose another or remove it."),
    "TRIAL_UNAVAILABLE": _("Trial reels aren't available for @%(account)s now."),
    "CAROUSEL_COUNT": _("A carousel needs 2 to 10 items."),
    "CONTAINER_EXPIRED": _("What Instagram had prepared ran out before it was published. Try again."),
    "CONTAINER_NOT_READY": _("Instagram is still processing the file."),
    "PROCESSING_TIMEOUT": _("Instagram is still processing the file. We look again at the next try."),
    "INSTAGRAM_DOWN": _("Instagram had a problem on its side."),
    "CONNECTION_ERROR": _("We couldn't reach Instagram."),
    "RATE_LIMITED": _("It goes out as soon as Instagram allows."),
    "PUBLISH_UNCONFIRMED": _(
        "We sent it, but Instagram didn't confirm. Look at the profile before publishing again."
    ),
    "PUBLISH_FAILED": _("Instagram had the post ready but did not publish it. Try again."),
    "MISSED": _("The time passed while our publishing was stopped."),
    "FIRST_COMMENT_FAILED": _("The post is live. The first comment wasn't added."),
    "WORKER_LOST": _("Our worker stopped in the middle. We're checking whether it went out."),
    "APP_ERROR": _("Something in Pauta or its set-up is wrong, not in your post. Whoever runs Pauta must look."),
    "OBJECT_MISSING": _("Instagram could not find what it had prepared. We look again."),
    "RESPONSE_FORMAT": _("Instagram answered in a form we didn't expect. We look at what it did."),
    "DUPLICATE_POST": _("Instagram says this was just posted. Look at the profile before publishing again."),
    "UNKNOWN_ERROR": _("Instagram refused the post and gave no clear reason."),
}


def rule_named(name: str) -> Rule:
    """Return the rule of a stable name; the one for the unknown when the name is not ours."""
    return _BY_NAME.get(name, UNKNOWN)


def sentence(name: str, *, account: str = "", **facts: object) -> str:
    """Return what a person reads, in the language now active. account: the username without @."""
    template = SENTENCES.get(name, SENTENCES["UNKNOWN_ERROR"])
    return str(template) % ({"account": account} | facts)


def rule_for(code: int | None, subcode: int | None, step: Step, message: str = "") -> Rule:
    """Return the rule of an error: by subcode, by code, by text; unknown ones are tried again before the publish."""
    # Texts that are more exact than the general code they come with.
    by_text = next((rule for text, rule in TEXTS if text in message.lower()), None)
    if by_text is not None and (code, subcode) not in PUBLISHING and code != 190:
        return by_text
    if (code, subcode) in RULES:
        return RULES[code, subcode]
    if subcode in _BY_SUBCODE:
        return _BY_SUBCODE[subcode]
    if (code, None) in RULES:
        return RULES[code, None]
    return by_text or UNKNOWN


class InstagramError(Exception):
    """Instagram refused, was not understood, or was not heard.

    unclear: True when the request may have worked all the same; only its state, read later, can tell.
    body:    Instagram's answer, with every token masked.
    """

    def __init__(
        self,
        message: str,
        *,
        rule: Rule,
        step: Step,
        code: int | None = None,
        subcode: int | None = None,
        http_status: int | None = None,
        trace_id: str = "",
        body: Any = "",
        unclear: bool = False,
        regain_minutes: int = 0,
    ) -> None:
        self.message = redact(message)
        super().__init__(f"{step}: {rule.name}: {self.message}")
        self.rule, self.step, self.code, self.subcode = rule, step, code, subcode
        self.http_status, self.trace_id, self.unclear = http_status, trace_id, unclear
        self.body = redact_data(body)
        self.regain_minutes = regain_minutes

    @property
    def decision(self) -> Decision:
        """Return what can help; a request that may have worked is looked into first."""
        return Decision.CHECK if self.unclear else self.rule.decision

    @property
    def name(self) -> str:
        """Return the stable name, as it stands in `last_error`."""
        return self.rule.name

    @property
    def cause(self) -> str:
        """Return the class of cause, which decides what the screen offers."""
        return self.rule.cause


# The steps whose repetition would be seen by the world.
NOT_REPEATABLE = frozenset({Step.PUBLISH, Step.COMMENT})
# Answers at those steps that do not prove that nothing happened.
UNCLEAR_CODES = frozenset({1, 2, -1})
UNCLEAR_PAIRS = frozenset({(4, 2207051), (100, 33), (20, 1772107)})
CLEAR_PAIRS = frozenset({(1, 2207057)})


def error_from_answer(step: Step, http_status: int, body: bytes | str) -> InstagramError:
    """Return the error of a refused, or not understandable, answer."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    told = next(_envelopes(text), None)
    if told is None:
        return _not_understood(step, http_status, text)
    code, subcode, message = told["code"], told["subcode"], told["message"]
    rule = rule_for(code, subcode, step, message)
    if rule is UNKNOWN and http_status >= 500:
        rule = DOWN
    return InstagramError(
        message or rule.name,
        rule=rule,
        step=step,
        code=code,
        subcode=subcode,
        http_status=http_status,
        trace_id=told["trace_id"],
        body=told["body"],
        unclear=step in NOT_REPEATABLE and _is_unclear(code, subcode, http_status, rule),
    )


def _is_unclear(code: int | None, subcode: int | None, http_status: int, rule: Rule) -> bool:
    if (code, subcode) in CLEAR_PAIRS:
        return False
    unclear = code in UNCLEAR_CODES or (code, subcode) in UNCLEAR_PAIRS
    return unclear or http_status >= 500 or rule.decision is Decision.CHECK


def _not_understood(step: Step, http_status: int, text: str) -> InstagramError:
    """HTML, nothing, half an answer: Instagram's edge is in trouble, or something between us is."""
    return InstagramError(
        f"HTTP {http_status}, an answer that is not Instagram's: {text[:200]!r}",
        rule=DOWN,
        step=step,
        http_status=http_status,
        body=text[:2000],
        unclear=step in NOT_REPEATABLE,
    )


def _envelopes(text: str) -> Iterator[dict[str, Any]]:
    """Yield what an error envelope tells: Graph's, the login host's, or the upload host's."""
    try:
        data = json.loads(text)
    except ValueError:
        return
    if not isinstance(data, dict):
        return
    error = data.get("error")
    if isinstance(error, dict) and error:
        yield _told(
            data, error.get("code"), error.get("error_subcode"), error.get("message"), error.get("fbtrace_id")
        )
    elif isinstance(error, str):
        yield _told(data, None, None, f"{error} {data.get('error_description') or ''}".strip(), None)
    elif "error_message" in data or "error_type" in data:
        yield _told(data, None, None, data.get("error_message"), None)
    elif isinstance(data.get("debug_info"), dict):
        yield _told(data, None, None, str(data["debug_info"].get("message", "")), None)


def _told(data: dict, code: Any, subcode: Any, message: Any, trace_id: Any) -> dict[str, Any]:
    return {
        "code": _number(code),
        "subcode": _number(subcode),
        "message": f"{message or ''}"[:1000],
        "trace_id": f"{trace_id or ''}"[:60],
        "body": data,
    }


def _number(value: Any) -> int | None:
    try:
        return int(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
    except ValueError:
        return None


_SUBCODE = re.compile(r"\b22\d{5}\b")


def error_from_status(text: str) -> InstagramError:
    """Return the error that a container's `status` sentence tells ("Error: … error code 2207026")."""
    found = _SUBCODE.search(text)
    subcode = int(found.group()) if found else None
    rule = _BY_SUBCODE.get(subcode) if subcode else None
    if rule is None:
        rule = Rule("MEDIA_NOT_FETCHED", "fetch_media", D.RECREATE, 3) if "download" in text.lower() else VIDEO_AGAIN
    if rule.decision is Decision.CHECK:
        rule = DOWN_RECREATE
    return InstagramError(text or "Error", rule=rule, step=Step.STATUS, subcode=subcode, body=text)


def error_from_exception(step: Step, exception: Exception) -> InstagramError:
    """Return the error of a request that brought no answer. Its text never holds the address with its parameters."""
    never_sent = isinstance(exception, requests.ConnectTimeout | requests.exceptions.InvalidURL) or _refused(
        exception
    )
    words = "could not be reached" if never_sent else "did not answer"
    return InstagramError(
        f"Instagram {words} ({type(exception).__name__}).",
        rule=CONNECTION,
        step=step,
        unclear=step in NOT_REPEATABLE and not never_sent,
    )


def _refused(exception: BaseException | None) -> bool:
    """Return whether the connection was never made: refused, no route, or no such name."""
    words = repr(exception)
    return any(word in words for word in ("NewConnectionError", "NameResolutionError", "ConnectionRefusedError"))
