"""What a person reads for each stable error name; what the names mean and ask for is `errors`' one table.

A sentence says what happened and what to do next. Source: the wording agreed for the screens, one a cause.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

SENTENCES: dict[str, Any] = {
    "TOKEN_EXPIRED": _("The connection to @%(account)s ended. Reconnect it, then release what is on hold."),
    "SIGN_IN_USED": _("This sign-in can't be used any more. Connect again."),
    "PERMISSION_DENIED": _(
        "Instagram didn't give permission to publish for @%(account)s. Reconnect and leave every option on."
    ),
    "ACCOUNT_NOT_PROFESSIONAL": _(
        "@%(account)s must be a professional account. Change it in the Instagram app, then reconnect."
    ),
    "ACCOUNT_RESTRICTED": _("Instagram limited @%(account)s. Open the Instagram app to see what it asks."),
    "PAGE_ROLE_LOST": _(
        "Facebook no longer lets you work on the Page of @%(account)s. Ask somebody with full control of it to let "
        "you in again, then reconnect."
    ),
    "PAGE_AUTHORIZATION": _(
        "Facebook wants to know who publishes on the Page of @%(account)s. Complete its publishing authorization, or "
        "two-factor authentication, on Facebook, then reconnect."
    ),
    "POSTING_SLOWED": _(
        "Instagram slowed down posting for @%(account)s. What is planned waits and goes out by itself."
    ),
    "ACTION_BLOCKED": _("Instagram slowed down posting. We're checking whether it went out."),
    "QUOTA_REACHED": _("@%(account)s reached Instagram's 24-hour limit. It goes out at the next time with room."),
    "MEDIA_NOT_FETCHED": _("Instagram couldn't download the file from our server."),
    "IMAGE_TOO_LARGE": _("Instagram can't use this image: the file is too big. Crop it or use another."),
    "IMAGE_FORMAT": _("Instagram can't use this image: it is not a JPEG it can read. Crop it or use another."),
    "IMAGE_SHAPE": _("Instagram can't use this image: it is too tall or too wide. Crop it or use another."),
    "VIDEO_REFUSED": _("Instagram couldn't use this video. Export as MP4 (H.264, AAC), 3 s to 15 min."),
    "UPLOAD_REFUSED": _("Instagram didn't take the upload of the video. Try again."),
    "COVER_TIME": _("The cover frame is past the end of the video."),
    "CAPTION_TOO_LONG": _("The caption is too long."),
    "TOO_MANY_TAGS": _("More than 20 people are tagged."),
    "TAG_NOT_FOUND": _("Somebody in this post can't be tagged: not found or private."),
    "LOCATION_UNKNOWN": _("Instagram doesn't know this place. Choose another or remove it."),
    "TRIAL_UNAVAILABLE": _("Trial reels aren't available for @%(account)s now."),
    "CAROUSEL_COUNT": _("A carousel needs 2 to 10 items."),
    "CONTAINER_EXPIRED": _("What Instagram had prepared ran out before it was published. Try again."),
    "CONTAINER_NOT_READY": _("Instagram is still processing the file."),
    "PROCESSING_TIMEOUT": _("Instagram didn't finish processing the file in time."),
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
    "MEDIA_MISSING": _("There is no picture or video in this post. Add one, then try again."),
    "MEDIA_ADDRESS": _("The address of a picture or video can't be used. Upload the file instead."),
    "MEDIA_NOT_READY": _(
        "A picture, a video or the cover of this post could not be made ready to go out. Remove it and add it again."
    ),
    "TAKEN_OVER": _("The post was changed in the meantime, so this answer was put aside."),
    "APP_ERROR": _("Something in Pauta or its set-up is wrong, not in your post. Whoever runs Pauta must look."),
    "OBJECT_MISSING": _("Instagram couldn't find what it had prepared."),
    "RESPONSE_FORMAT": _("Instagram answered in a form we didn't expect. We look at what it did."),
    "DUPLICATE_POST": _("Instagram says this was just posted. Look at the profile before publishing again."),
    "UNKNOWN_ERROR": _("Instagram refused the post and gave no clear reason."),
}


# The sentences that say more when a fact is known: its name, and the words with it.
FULLER: dict[str, tuple[str, Any]] = {
    "QUOTA_REACHED": ("time", _("@%(account)s reached Instagram's 24-hour limit. Next time with room: %(time)s.")),
    "TAG_NOT_FOUND": ("username", _("@%(username)s can't be tagged: not found or private.")),
    "INSTAGRAM_DOWN": (
        "tries",
        ngettext_lazy(
            "Instagram had a problem on its side. We tried %(tries)s time.",
            "Instagram had a problem on its side. We tried %(tries)s times.",
            "tries",
        ),
    ),
    "CONNECTION_ERROR": (
        "tries",
        ngettext_lazy(
            "We couldn't reach Instagram. We tried %(tries)s time.",
            "We couldn't reach Instagram. We tried %(tries)s times.",
            "tries",
        ),
    ),
}


def sentence(name: str, *, account: str = "", **facts: object) -> str:
    """Return what a person reads, in the language now active.

    account: the username, without @. facts: time, username, tries (a number), where they are known.
    """
    fact, fuller = FULLER.get(name, ("", None))
    template = fuller if fact in facts else SENTENCES.get(name, SENTENCES["UNKNOWN_ERROR"])
    return str(template % ({"account": account} | facts))
