"""Every refusal the simulated Instagram can utter, in Meta's own numbers and envelopes.

Texts are Meta's English, never translated: a client must not depend on them.
Source: fact sheet, sections 2.1, 5.1, 5.3 and 5.4.
"""

from dataclasses import dataclass, replace
from typing import Any

from scheduler.sandbox import ids

_NOT_FETCHED = "Only photo or video can be accepted as media type."
_NO_OBJECT = (
    "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing "
    "permissions, or does not support this operation. Please read the Graph API documentation at "
    "https://developers.facebook.com/docs/graph-api"
)
# What a client sees when the account's language is not English (fact sheet 9.27).
_FOREIGN_TITLE, _FOREIGN_TEXT = "เกิดข้อผิดพลาด", "ไม่สามารถดำเนินการได้ในขณะนี้"


@dataclass(frozen=True)
class Problem:
    """One refusal: Meta's code and subcode, the HTTP status and the texts."""

    code: int
    subcode: int | None
    message: str
    http_status: int = 400
    kind: str = "OAuthException"
    title: str = ""
    text: str = ""
    transient: bool | None = False

    def envelope(self, trace_id: str, foreign_texts: bool = False) -> dict[str, Any]:
        """Return the Graph error body; `foreign_texts` gives the user texts in another language."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.transient is not None:
            error["is_transient"] = self.transient
        if self.title:
            error["error_user_title"] = _FOREIGN_TITLE if foreign_texts else self.title
            error["error_user_msg"] = _FOREIGN_TEXT if foreign_texts else self.text or self.title
        return {"error": error | {"fbtrace_id": trace_id}}

    def login_envelope(self) -> dict[str, Any]:
        """Return the same refusal as api.instagram.com words it."""
        return {"error_type": "OAuthException", "code": 400, "error_message": self.message}


class GraphError(Exception):
    """The call is refused; carries the Problem that the client will read."""

    def __init__(self, problem: Problem, trace_id: str = ""):
        super().__init__(problem.message)
        self.problem = problem
        self.trace_id = trace_id or ids.trace_id()


def _p(code: int, subcode: int | None, message: str, title: str = "", **more: Any) -> Problem:
    return Problem(code, subcode, message, title=title, **more)


# Publishing, fact sheet 5.3. The rows that Meta words without a code carry -1.
DOWNLOAD_TIMEOUT = _p(-2, 2207003, "It takes too long to download the media.", "Timeout")
MEDIA_EXPIRED = _p(-2, 2207020, "The media you are trying to access has expired.", "Media expired")
SERVER_ERROR = _p(-1, 2207001, "Instagram server error. Try again.", "Server error", transient=True)
CREATION_FAILED = _p(-1, 2207032, "Create media fail, please try to re-create media.", "Media creation failed")
UPLOAD_UNKNOWN = _p(-1, 2207053, "An unknown upload error occurred.", "Upload error")
CANNOT_DELETE = _p(-1, 2207073, "Fatal", "Media Type Not Supported")
FATAL = _p(-1, 2207085, "Fatal")
THUMB_OFFSET = _p(1, 2207057, "Thumbnail offset must be inside the duration of the video.", "Thumbnail offset")
ACTION_BLOCKED = _p(4, 2207051, "Application request limit reached", "Action is blocked")
QUOTA_REACHED = _p(9, 2207042, "You reached maximum number of posts that is allowed.", "Maximum reached")
TRIAL_LIMIT = _p(10, 2207078, "You have reached the limit of trial reels.", "Trial reel limit", http_status=403)
TRIAL_UNAVAILABLE = _p(10, 2207081, "This account cannot post trial reels.", "Trial reels", http_status=403)
HASHTAG_LIMIT = _p(18, 2207034, "You reached the maximum of hashtags to be searched.", "Max hashtags")
FIELDS_ON_COMMENT = _p(20, 1772107, "The response format is unsupported.", transient=None)
MEDIA_NOT_FOUND = _p(24, 2207006, "The media with {id} cannot be found", "Media not found")
CONTAINER_GONE = _p(24, 2207008, "The requested resource does not exist", "Media builder expired")
RESTRICTED = _p(25, 2207050, "The Instagram account is restricted.", "User is restricted")
UNKNOWN_MEDIA_TYPE = _p(100, 2207023, "The media type {id} is unknown.", "Unknown media type")
CAROUSEL_COUNT = _p(100, 2207028, "Carousel needs at least 2 and at most 10 items.", "Carousel validation failed")
PRODUCT_POSITION = _p(100, 2207035, "Product tag positions should not be specified for video.", "Product tags")
PRODUCT_NO_POSITION = _p(100, 2207036, "Product tag positions are required for photo.", "Product tags")
PRODUCT_INVALID = _p(100, 2207037, "Can't add all of your product tags.", "Product tags")
TOO_MANY_TAGS = _p(100, 2207040, "Cannot use more than 20 tags per created media.", "Too many tags")
CHILD_ALONE = _p(100, 2207089, "Carousel item cannot be published standalone")
USER_NOT_FOUND = _p(110, 2207013, "Invalid user id", "Cannot find User")
TAG_NOT_FOUND = _p(110, 2207018, "Invalid user id", "Cannot find the tagged user")
VIDEO_FORMAT = _p(352, 2207026, "Unsupported format: the video format is not supported.", "Unsupported format")
NOT_FETCHED = _p(9004, 2207052, _NOT_FETCHED, "Media download has failed", text="The media could not be fetched.")
ROBOTS = replace(NOT_FETCHED, text="The media could not be fetched: Restricted by robots.txt")
NOT_READY = _p(9007, 2207027, "Media ID is not available", "Cannot publish the media", transient=False)
IMAGE_TOO_LARGE = _p(
    36000,
    2207004,
    "The image size is too large.",
    "Image size too large",
    text="The image is too large to download. It should be less than 8 MiB.",
)
IMAGE_FORMAT = _p(36001, 2207005, "The image format is not supported.", "Image format is not supported")
IMAGE_SHAPE = _p(36003, 2207009, "The aspect ratio is not supported.", "The image has an unsupported shape")
CAPTION_TOO_LONG = _p(36004, 2207010, "The caption was too long.", "Caption too long")
UNNAMED_67 = _p(-1, 2207067, "Media upload has failed with error code 2207067")
UNNAMED_69 = _p(-1, 2207069, "Media upload has failed with error code 2207069")
PROCESSING_FAILED = _p(-1, 2207076, "Media processing has failed.")
NO_RANGE = _p(-1, 2207077, "Media download has failed.")
UPLOAD_FAILED = _p(-1, 2207082, "Media upload has failed.")
AUDIO_SEARCH = tuple(
    _p(100, code, "The audio search parameter is not allowed.")
    for code in (9050, 9052, 9054, 9055, 9056, 9057, 9058, 9060, 9062, 9063, 9064)
)
AUDIO_UNAVAILABLE = _p(10, 9053, "Audio search is not available.", http_status=403)

# General Graph codes, fact sheet 5.4.
UNKNOWN = _p(1, None, "An unknown error has occurred.", http_status=500, transient=True)
BAD_SECRET = _p(1, None, "Error validating client secret.", transient=None)
SERVICE_DOWN = _p(2, None, "Service temporarily unavailable", http_status=503, transient=True)
NO_CAPABILITY = _p(3, None, "(#3) Application does not have the capability to make this API call.")
APP_LIMIT = _p(4, None, "(#4) Application request limit reached", http_status=403, transient=True)
NO_PERMISSION = _p(10, None, "(#10) Application does not have permission for this action", http_status=403)
NOT_BUSINESS = _p(10, None, "(#10) The user is not an Instagram Business", http_status=403)
FEW_VIEWERS = _p(10, None, "(#10) Not enough viewers for the media to show insights")
USER_LIMIT = _p(17, 2446079, "(#17) User request limit reached", transient=True)
USER_LIMIT_BARE = _p(17, None, "(#17) User request limit reached", transient=True)
PAGE_LIMIT = _p(32, None, "(#32) Page request limit reached", transient=True)
INVALID_PARAMETER = _p(100, None, "(#100) Invalid parameter")
LOCATION = _p(100, None, "INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID", "Invalid location")
PARTNER_PERMISSION = _p(100, None, "INSTAGRAM_PLATFORM_API__PERMISSION")
PARTNER_PARAM = _p(100, None, "INSTAGRAM_PLATFORM_API__INVALID_PARAM")
NO_OBJECT = _p(100, 33, _NO_OBJECT, kind="GraphMethodException", transient=None)
CODE_EXPIRED = _p(100, 36007, "This authorization code has expired.", transient=None)
CODE_REDIRECT = _p(100, 36008, "Error validating verification code: the redirect_uri differs.", transient=None)
CODE_USED = _p(100, 36009, "This authorization code has been used.", transient=None)
BAD_APP = _p(101, None, "Error validating application. Invalid application ID.", transient=None)
API_SESSION = _p(102, None, "Session key invalid or no longer valid", transient=None)
BAD_PROOF = _p(104, None, "Invalid appsecret_proof provided in the API argument", transient=None)
CANNOT_PARSE = _p(190, None, "Invalid OAuth access token - Cannot parse access token", transient=None)
BAD_TOKEN = _p(190, None, "Error validating access token: Session does not match current stored session.")
APP_REMOVED = _p(190, 458, "Error validating access token: The user has not authorized application.")
CHECKPOINT = _p(190, 459, "You cannot access the app till you log in to www.instagram.com and follow the steps.")
PASSWORD_CHANGED = _p(
    190,
    460,
    "Error validating access token: The session has been invalidated because the user changed their "
    "password or Instagram has changed the session for security reasons.",
)
TOKEN_EXPIRED = _p(190, 463, "Error validating access token: Session has expired.")
UNCONFIRMED = _p(190, 464, "Error validating access token: Sessions for the user are not allowed.")
TOKEN_INVALID = _p(190, 467, "The access token is invalid.")
NO_ROLE = _p(190, 492, "Error validating access token: The user must be an administrator of the page.")
PERMISSION_GONE = _p(200, None, "(#200) Not enough permissions to post.", http_status=403)
PERMISSION_RANGE = _p(294, None, "(#294) Requires extended permission.", http_status=403)
# Meta names no numbers for it; the person is told, the app cannot know beforehand (fact sheet 3.3, 9.36).
PAGE_AUTHORIZATION = replace(
    PERMISSION_GONE,
    message="(#200) The user must complete Page Publishing Authorization before posting.",
    title="Page Publishing Authorization",
    text="Complete Page Publishing Authorization for this Page on Facebook.",
)
COMMENTS_OFF = replace(NO_PERMISSION, message="(#10) Comments are turned off for this media.")
PAGE_SEARCH = replace(
    NO_PERMISSION,
    message="(#10) To use this endpoint, your use case must be reviewed: 'Page Public Metadata Access'.",
)
APP_LIMIT_TEMPORARY = _p(341, None, "(#341) Feed action request limit reached", transient=True)
BLOCKED = _p(368, None, "(#368) The action attempted has been deemed abusive or is otherwise disallowed")
DUPLICATE = _p(506, None, "(#506) Duplicate status message")
CUSTOM_LIMIT = _p(613, None, "(#613) Calls to this api have exceeded the rate limit.", transient=True)
CUSTOM_LIMIT_UNEVEN = _p(613, 1996, "(#613) Inconsistent volume of requests.", transient=True)
NO_ALIAS = _p(803, None, "(#803) Some of the aliases you requested do not exist")
PAGES_BUSINESS_LIMIT = _p(80001, None, "There have been too many calls to this Page account.", transient=True)
BUSINESS_LIMIT = _p(80002, None, "There have been too many calls to this Instagram account.", transient=True)
MESSENGER_LIMIT = _p(80006, None, "There have been too many calls to this Messenger account.", transient=True)
LINK_SCRAPE = _p(1609005, None, "Error Posting Link: There was a problem scraping data from the link.")

# The codes that pause a caller; their answers carry the usage headers of fact sheet 6.
THROTTLES = frozenset({4, 17, 32, 341, 613, 80001, 80002, 80006})

ALL: dict[str, Problem] = {name: value for name, value in list(globals().items()) if isinstance(value, Problem)} | {
    f"AUDIO_SEARCH_{problem.subcode}": problem for problem in AUDIO_SEARCH
}


def problem_for(code: int, subcode: int | None = None) -> Problem:
    """Return the Problem with these numbers; numbers nobody knows get a bare one."""
    for problem in ALL.values():
        if (problem.code, problem.subcode) == (code, subcode):
            return problem
    return Problem(code, subcode, f"(#{code}) An error occurred.")


def problem_named(subcode: int) -> Problem:
    """Return the Problem with this subcode, whatever its code."""
    return next((p for p in ALL.values() if p.subcode == subcode), replace(UPLOAD_FAILED, subcode=subcode))


def refuse(problem: Problem, message: str = "", **names: object) -> GraphError:
    """Return the error to raise; `message` or `{id}` in the table's text can be filled in."""
    text = message or problem.message
    return GraphError(replace(problem, message=text.format(**names) if names else text))


def invalid(message: str) -> GraphError:
    """Return the #100 refusal of a parameter."""
    return refuse(INVALID_PARAMETER, f"(#100) {message}")
