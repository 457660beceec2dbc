"""Rows, what they may become, and the questions asked of them; a file per noun."""

from scheduler.models.account import InstagramAccount
from scheduler.models.api_answer import ApiAnswer
from scheduler.models.api_limit import ApiLimit
from scheduler.models.api_token import ApiToken
from scheduler.models.calendar_feed import CalendarFeed
from scheduler.models.change import PostChange
from scheduler.models.csv_import import CsvImport
from scheduler.models.deletion_request import DeletionRequest
from scheduler.models.delivery import Delivery
from scheduler.models.hashtag_group import HashtagGroup
from scheduler.models.idea import PostIdea, Tag
from scheduler.models.log import PublishingLog
from scheduler.models.media import MediaAsset, PostMedia, Rendition
from scheduler.models.notification import Notification
from scheduler.models.oauth_state import OAuthState
from scheduler.models.pending_connection import PendingConnection
from scheduler.models.post import ScheduledPost
from scheduler.models.post_status import (
    ClaimLost,
    DisplayStatus,
    HoldReason,
    MediaType,
    Stale,
    Status,
    WrongState,
)
from scheduler.models.posting_slot import PostingSlot
from scheduler.models.processor_pass import ProcessorPass
from scheduler.models.throttle import RateWindow
from scheduler.models.undo import Undo
from scheduler.models.upload import Upload
from scheduler.models.user import User
from scheduler.models.webhook import Webhook

__all__ = [
    "ApiAnswer",
    "ApiLimit",
    "ApiToken",
    "CalendarFeed",
    "ClaimLost",
    "CsvImport",
    "DeletionRequest",
    "Delivery",
    "DisplayStatus",
    "HashtagGroup",
    "HoldReason",
    "InstagramAccount",
    "MediaAsset",
    "MediaType",
    "Notification",
    "OAuthState",
    "PendingConnection",
    "PostChange",
    "PostIdea",
    "PostMedia",
    "PostingSlot",
    "ProcessorPass",
    "PublishingLog",
    "RateWindow",
    "Rendition",
    "ScheduledPost",
    "Stale",
    "Status",
    "Tag",
    "Undo",
    "Upload",
    "User",
    "Webhook",
    "WrongState",
]
