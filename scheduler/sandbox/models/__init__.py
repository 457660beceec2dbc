"""The rows of the simulated Instagram; a file per noun."""

from scheduler.sandbox.models.container import Container, FetchedFile
from scheduler.sandbox.models.control import Control
from scheduler.sandbox.models.delivery import Delivery
from scheduler.sandbox.models.facebook import (
    Business,
    FacebookCode,
    FacebookPerson,
    FacebookToken,
    Grant,
    Page,
    PageRole,
)
from scheduler.sandbox.models.fault import ScriptedFault
from scheduler.sandbox.models.journal import ApiCall, PublishCall
from scheduler.sandbox.models.login import LoginCode, Token
from scheduler.sandbox.models.media import Comment, Media
from scheduler.sandbox.models.profile import Profile

__all__ = [
    "ApiCall",
    "Business",
    "Comment",
    "Container",
    "Control",
    "Delivery",
    "FacebookCode",
    "FacebookPerson",
    "FacebookToken",
    "FetchedFile",
    "Grant",
    "LoginCode",
    "Media",
    "Page",
    "PageRole",
    "Profile",
    "PublishCall",
    "ScriptedFault",
    "Token",
]
