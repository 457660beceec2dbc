"""One error type, and one table that says what each of Instagram's errors asks for.

The subcode is matched first, then the code; HTTP status last. Texts are matched only where no code helps.
Source: Instagram Platform, "Error Codes", and Graph API, "Handling Errors"; decisions in docs/architecture.md.
"""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import requests
from requests import exceptions as trouble
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from scheduler.instagram.answers import clean, number_of, read_json, text_of
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
PAGE_ROLE = Rule("PAGE_ROLE_LOST", "restricted", D.ACCOUNT)
PAGE_AUTHORIZATION = Rule("PAGE_AUTHORIZATION", "restricted", D.ACCOUNT)
DOWN = Rule("INSTAGRAM_DOWN", "instagram_down", D.RETRY, ALWAYS)
DOWN_RECREATE = Rule("INSTAGRAM_DOWN", "instagram_down", D.RECREATE, ALWAYS)
NOT_FETCHED = Rule("MEDIA_NOT_FETCHED", "fetch_media", D.RETRY, ALWAYS)
NOT_FETCHED_AGAIN = Rule("MEDIA_NOT_FETCHED", "fetch_media", D.RECREATE, 3)
VIDEO = Rule("VIDEO_REFUSED", "video_file", D.FIX)
VIDEO_AGAIN = Rule("VIDEO_REFUSED", "video_file", D.RECREATE, 3)
EXPIRED = Rule("CONTAINER_EXPIRED", "container", D.RECREATE, 2)
LIMITED = Rule("RATE_LIMITED", "app_rate", D.WAIT, ALWAYS)
TAG = Rule("TAG_NOT_FOUND", "tags", D.FIX)
TAGS = Rule("TOO_MANY_TAGS", "tags", D.FIX)
TRIAL_WAIT = Rule("TRIAL_UNAVAILABLE", "trial", D.FIX)
APP = Rule("APP_ERROR", "unknown", D.OPS)
UNKNOWN = Rule("UNKNOWN_ERROR", "unknown", D.RETRY, 3)
UNNAMED = Rule("UNKNOWN_ERROR", "unknown", D.RECREATE, 2)
REFUSED = Rule("UNKNOWN_ERROR", "unknown", D.FIX)
SIGN_IN = Rule("SIGN_IN_USED", "login_expired", D.RECONNECT)
CONNECTION = Rule("CONNECTION_ERROR", "instagram_down", D.RETRY, ALWAYS)
MISSING = Rule("OBJECT_MISSING", "unknown", D.CHECK, ALWAYS)
LOCATION = Rule("LOCATION_UNKNOWN", "location", D.FIX)
UPLOAD_REFUSED = Rule("UPLOAD_REFUSED", "video_file", D.RECREATE, 3)
PROFESSIONAL = Rule("ACCOUNT_NOT_PROFESSIONAL", "account_type", D.RECONNECT)

# (code, subcode) -> rule, publishing errors first (fact sheet 5.3), general Graph errors after (5.4).
# A code of None stands for "whatever code"; a subcode of None for "whatever or no subcode".
PUBLISHING: dict[tuple[int | None, int | None], Rule] = {
    (-2, 2207003): NOT_FETCHED_AGAIN,
    (-2, 2207020): EXPIRED,
    (-1, 2207001): DOWN,
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
    (24, 2207008): Rule("CONTAINER_EXPIRED", "container", D.RETRY, 3),
    (25, 2207050): RESTRICTED,
    (100, 2207023): APP,
    (100, 2207028): Rule("CAROUSEL_COUNT", "carousel", D.FIX),
    (100, 2207035): REFUSED,
    (100, 2207036): REFUSED,
    (100, 2207037): REFUSED,
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
    (None, 2207067): UNNAMED,
    (None, 2207069): UNNAMED,
    (None, 2207076): VIDEO_AGAIN,
    (None, 2207077): NOT_FETCHED_AGAIN,
    (None, 2207082): replace(DOWN_RECREATE, tries=3),
    **{(100, subcode): APP for subcode in (9050, 9052, 9054, 9055, 9056, 9057, 9058, 9060, 9062, 9063, 9064)},
    (10, 9053): APP,
}
GENERAL: dict[tuple[int | None, int | None], Rule] = {
    (1, None): DOWN,
    (2, None): replace(DOWN, tries=6),
    (3, None): APP,
    (4, None): LIMITED,
    (10, None): PERMISSION,
    (17, None): LIMITED,
    (17, 2446079): LIMITED,
    (32, None): LIMITED,
    (100, None): APP,
    (100, 33): MISSING,
    (100, 36007): SIGN_IN,
    (100, 36008): APP,  # the redirect address is set wrongly: signing in again cannot help
    (100, 36009): SIGN_IN,
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
    (190, 492): PAGE_ROLE,
    **{(code, None): PERMISSION for code in range(200, 300)},
    (341, None): LIMITED,
    (368, None): RESTRICTED,
    (506, None): Rule("DUPLICATE_POST", "unknown", D.CHECK),
    (613, None): LIMITED,
    (613, 1996): LIMITED,
    (803, None): REFUSED,
    (80001, None): LIMITED,
    (80002, None): LIMITED,
    (80006, None): LIMITED,
    (1609005, None): REFUSED,
}
RULES = PUBLISHING | GENERAL
_BY_SUBCODE: dict[int | None, Rule] = {
    subcode: rule for (_code, subcode), rule in RULES.items() if subcode and subcode > 1000
}
# A publishing code that comes without its subcode, or with one we do not know, is taken for this one.
_BY_CODE: dict[int | None, int] = {
    -2: 2207003,
    -1: 2207001,
    9: 2207042,
    18: 2207034,
    24: 2207008,
    25: 2207050,
    352: 2207026,
    9004: 2207052,
    9007: 2207027,
    36000: 2207004,
    36001: 2207005,
    36003: 2207009,
    36004: 2207010,
}
# Codes that name a family of errors; a text, where there is one, says more.
VAGUE = frozenset({None, -1, 1, 10, 100, *range(200, 300)})
# What no code says. The first that stands in the message (lower case) counts.
TEXTS: tuple[tuple[str, Rule], ...] = (
    ("instagram_platform_api__invalid_location_id", LOCATION),
    ("instagram_platform_api__permission", REFUSED),
    ("instagram_platform_api__invalid_param", REFUSED),
    ("the user is not an instagram business", PROFESSIONAL),
    # A Page that Facebook wants authorized, or its people to sign in with two factors, tells it in words only.
    ("publishing authorization", PAGE_AUTHORIZATION),
    ("two-factor", PAGE_AUTHORIZATION),
    ("not enough permissions to post", PERMISSION),
    ("session has been invalidated", RECONNECT_RULE),
    ("you cannot access the app till you log in to", RESTRICTED),
    ("session key is malformed", RECONNECT_RULE),
    ("page request limit reached", LIMITED),
    ("param collaborators is not allowed", APP),
    ("too little or too many attachments", Rule("CAROUSEL_COUNT", "carousel", D.FIX)),
    ("an unknown error occurred", DOWN),
    ("revoked_access_token", RECONNECT_RULE),
    ("cannot parse access token", RECONNECT_RULE),
)
# What the login host says in words only; everything else it says means that the sign-in must begin anew.
SIGN_IN_TEXTS: tuple[tuple[str, Rule], ...] = (
    ("client secret", APP),
    ("client_id", APP),
    ("platform app", APP),
    ("redirect_uri", APP),
    ("grant_type", APP),
)
# Causes that our own side finds, with the same kind of rule.
OURS: tuple[Rule, ...] = (
    Rule("PROCESSING_TIMEOUT", "not_ready", D.RETRY, ALWAYS),
    Rule("PUBLISH_UNCONFIRMED", "unconfirmed", D.CHECK),
    Rule("PUBLISH_FAILED", "instagram_down", D.RETRY),
    Rule("MISSED", "missed", D.WAIT),
    Rule("FIRST_COMMENT_FAILED", "first_comment", D.RETRY),
    Rule("POSTING_SLOWED", "app_rate", D.WAIT),
    Rule("WORKER_LOST", "unconfirmed", D.CHECK),
    Rule("TAKEN_OVER", "unknown", D.CHECK),
    UPLOAD_REFUSED,
    Rule("MEDIA_MISSING", "fetch_media", D.FIX),
    Rule("MEDIA_ADDRESS", "fetch_media", D.FIX),
    Rule("MEDIA_NOT_READY", "fetch_media", D.FIX),
    CONNECTION,
    UNKNOWN,
)
_BY_NAME = {rule.name: rule for rule in (*RULES.values(), *(rule for _, rule in TEXTS), *OURS)}


def rule_named(name: str) -> Rule:
    """Return the rule of a stable name; the one for the unknown when the name is not ours."""
    return _BY_NAME.get(name, UNKNOWN)


def rule_for(code: int | None, subcode: int | None, step: Step, message: str = "") -> Rule:
    """Return the rule of an error: by subcode, by code, by text. What leaves a doubt at `step` is to be checked."""
    rule = _rule_of(code, subcode, step, message.lower())
    if rule is PERMISSION and code == 10 and step in READS:
        return MISSING
    doubtful = step in NOT_REPEATABLE and _is_unclear(code, subcode, rule)
    return replace(rule, decision=Decision.CHECK) if doubtful else rule


def _rule_of(code: int | None, subcode: int | None, step: Step, said: str) -> Rule:
    told = RULES.get((code, subcode)) if subcode is not None else None
    told = told or _BY_SUBCODE.get(subcode)
    if told is None and code in VAGUE:
        texts = SIGN_IN_TEXTS + TEXTS if step is Step.OAUTH else TEXTS
        told = next((rule for text, rule in texts if text in said), None)
    return told or RULES.get((code, None)) or _BY_SUBCODE.get(_BY_CODE.get(code)) or UNKNOWN


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
        self.message = redact(clean(message))
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
# What reads one object. While Meta has trouble, a fresh one is refused with 10 or 100/33 although it is there and the
# token is good (fact sheet 9.10); a permission that is really gone is told by the next call that writes.
READS = frozenset({Step.STATUS, Step.FIND, Step.PERMALINK, Step.COMMENTS})
# Answers at those steps that do not prove that nothing happened.
UNCLEAR_CODES = frozenset({1, 2, -1})
CLEAR_PAIRS = frozenset({(1, 2207057)})


def _is_unclear(code: int | None, subcode: int | None, rule: Rule) -> bool:
    if (code, subcode) in CLEAR_PAIRS:
        return False
    return code in UNCLEAR_CODES or rule in (UNKNOWN, DOWN) or rule.decision is Decision.CHECK


def error_from_answer(step: Step, http_status: int, body: bytes | str) -> InstagramError:
    """Return the error of a refused, or not understandable, answer."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    told = next(_envelopes(text), None)
    if told is None:
        return error_not_understood(step, http_status, text)
    rule = _rule_at(step, http_status, told)
    return InstagramError(
        told["message"] or rule.name,
        rule=rule,
        step=step,
        http_status=http_status,
        unclear=step in NOT_REPEATABLE and rule.decision is Decision.CHECK,
        **{name: told[name] for name in ("code", "subcode", "trace_id", "body")},
    )


def _rule_at(step: Step, http_status: int, told: dict[str, Any]) -> Rule:
    rule = rule_for(told["code"], told["subcode"], step, told["message"] + told["named"])
    if http_status == 429 and rule.name == UNKNOWN.name:
        return replace(LIMITED, decision=Decision.CHECK) if step in NOT_REPEATABLE else LIMITED
    if rule is UNKNOWN and told["is_sign_in"]:
        rule = SIGN_IN
    if rule is UNKNOWN and told["may_be_sent_again"] is not None:
        rule = DOWN if told["may_be_sent_again"] else UPLOAD_REFUSED
    if http_status < 500:
        return rule
    if rule.name == UNKNOWN.name:
        rule = DOWN
    return replace(rule, decision=Decision.CHECK) if step in NOT_REPEATABLE else rule


def error_not_understood(step: Step, http_status: int | None, text: str) -> InstagramError:
    """Return the error of HTML, nothing, half an answer, or one that lacks what it should hold.

    Instagram's edge is in trouble, or something between us is; a publish call may have worked.
    """
    rule = LIMITED if http_status == 429 else DOWN
    shown = redact(clean(text))
    return InstagramError(
        f"HTTP {http_status}, an answer that is not Instagram's: {shown[:200]!r}",
        rule=rule,
        step=step,
        http_status=http_status,
        body=shown[:2000],
        unclear=step in NOT_REPEATABLE,
    )


def _envelopes(text: str) -> Iterator[dict[str, Any]]:
    """Yield what an error envelope tells: Graph's, the login host's, or the upload host's."""
    try:
        data = read_json(text)
    except ValueError:
        return
    if not isinstance(data, dict):
        return
    error = data.get("error")
    if isinstance(error, dict) and error:
        yield _told(data, error.get("message") or error.get("error_user_msg"), error)
    elif isinstance(error, str):
        yield _told(data, f"{error} {data.get('error_description') or ''}".strip())
    elif "error_message" in data or "error_type" in data:
        # The `code` of this envelope repeats the HTTP status.
        yield _told(data, data.get("error_message")) | {"is_sign_in": True}
    elif isinstance(data.get("debug_info"), dict):
        debug = data["debug_info"]
        yield _told(data, debug.get("message")) | {"may_be_sent_again": debug.get("retriable") is True}


def _told(data: dict[str, Any], message: Any, error: dict[str, Any] | None = None) -> dict[str, Any]:
    error = error or {}
    code = number_of(error.get("code"))
    return {
        "code": code,
        "subcode": number_of(error.get("error_subcode")),
        "message": redact(clean(f"{message or ''}"))[:1000],
        # A few codes are names, not numbers.
        "named": text_of(error.get("code")) if code is None else "",
        "trace_id": text_of(error.get("fbtrace_id"))[:60],
        "body": data,
        "is_sign_in": False,
        "may_be_sent_again": None,  # what the upload host says of it
    }


_SUBCODE = re.compile(r"\b22\d{5}\b")


def error_from_status(text: str) -> InstagramError:
    """Return the error that a container's `status` sentence tells ("Error: … error code 2207026").

    Such a container is over: its rule never says to ask the same one again.
    """
    found = _SUBCODE.search(text)
    subcode = int(found.group()) if found else None
    rule = _BY_SUBCODE.get(subcode)
    if rule is None:
        rule = NOT_FETCHED_AGAIN if "download" in text.lower() else UNNAMED
    elif rule.decision in {Decision.CHECK, Decision.RETRY}:
        rule = replace(rule, decision=Decision.RECREATE)
    return InstagramError(text or "Error", rule=rule, step=Step.STATUS, subcode=subcode, body=text)


# What fails before a byte leaves, because of the address, the token or the fields we were given.
UNWRITABLE = (
    trouble.InvalidURL,
    trouble.MissingSchema,
    trouble.InvalidSchema,
    trouble.InvalidHeader,
    trouble.InvalidJSONError,
    UnicodeError,
)
BROKEN_OFF = (trouble.ChunkedEncodingError, trouble.ContentDecodingError)


def error_from_exception(step: Step, exception: Exception) -> InstagramError:
    """Return the error of a request that brought no answer. Its text never holds the address with its parameters."""
    rule, words, never_sent = CONNECTION, "did not answer", False
    if isinstance(exception, UNWRITABLE):
        rule, words, never_sent = APP, "was not asked: the request could not be written", True
    elif isinstance(exception, BROKEN_OFF):
        rule, words = DOWN, "broke off its answer"
    elif _never_connected(exception):
        words, never_sent = "could not be reached", True
    return InstagramError(
        f"Instagram {words} ({type(exception).__name__}).",
        rule=rule,
        step=step,
        unclear=step in NOT_REPEATABLE and not never_sent,
    )


NO_CONNECTION = (
    requests.ConnectTimeout,
    ConnectTimeoutError,
    NewConnectionError,
    ConnectionRefusedError,
    ssl.SSLCertVerificationError,
)


def _never_connected(exception: Exception) -> bool:
    """Return whether nothing can have arrived: refused, no route, no such name, or a wrong certificate.

    Only what the exception holds is looked at; its __context__ may be an earlier call's.
    """
    if isinstance(exception, NO_CONNECTION):
        return True
    held = [getattr(exception, "reason", None), *exception.args]
    return any(_never_connected(inner) for inner in held if isinstance(inner, Exception))
