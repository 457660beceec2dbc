"""Codes and tokens of Instagram Login; only digests are stored."""

from datetime import datetime, timedelta

from django.db import models

from scheduler.sandbox import ids
from scheduler.sandbox.models.profile import Profile

CODE_LIFETIME = timedelta(hours=1)
SHORT_LIFETIME = timedelta(hours=1)
LONG_LIFETIME = timedelta(days=60)
REFRESH_AGE = timedelta(hours=24)

BASIC = "instagram_business_basic"
PUBLISH = "instagram_business_content_publish"
COMMENTS = "instagram_business_manage_comments"
INSIGHTS = "instagram_business_manage_insights"
MESSAGES = "instagram_business_manage_messages"
SCOPES = (BASIC, PUBLISH, COMMENTS, INSIGHTS, MESSAGES)


class LoginCode(models.Model):
    """What an Allow hands to the app: good for one exchange within an hour."""

    digest = models.CharField(max_length=64, unique=True)
    consent = models.CharField(max_length=64, unique=True)  # one consent page gives one code
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    permissions = models.CharField(max_length=300)
    redirect_uri = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code for {self.profile_id}"

    def use(self, now: datetime) -> bool:
        """Take the code; False when it was taken before."""
        return LoginCode.objects.filter(pk=self.pk, used_at=None).update(used_at=now) == 1

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the hour is over."""
        return now >= self.created_at + CODE_LIFETIME


class Token(models.Model):
    """An access token of one account for our one app."""

    digest = models.CharField(max_length=64, unique=True)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="tokens")
    permissions = models.CharField(max_length=300)
    is_long = models.BooleanField(default=False)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    killed_subcode = models.PositiveIntegerField(null=True)  # how 190 is answered since it was killed

    def __str__(self) -> str:
        return f"token of {self.profile_id}"

    @classmethod
    def issue(cls, profile: Profile, permissions: str, now: datetime, *, long: bool) -> tuple["Token", str]:
        """Return a new row and the token's text, which is told this once and never stored."""
        text = ids.token()
        lifetime = LONG_LIFETIME if long else SHORT_LIFETIME
        row = cls.objects.create(
            digest=ids.digest(text),
            profile=profile,
            permissions=permissions,
            is_long=long,
            issued_at=now,
            expires_at=now + lifetime,
        )
        return row, text

    @classmethod
    def find(cls, text: str) -> "Token | None":
        """Return the row of a token with its profile, None when nobody ever issued it."""
        return cls.objects.select_related("profile").filter(digest=ids.digest(text)).first()

    def allows(self, permission: str) -> bool:
        """Tell whether the person granted `permission`."""
        return permission in self.permissions.split(",")

    def expires_in_s(self, now: datetime) -> int:
        """Return the whole seconds that are left."""
        return int((self.expires_at - now).total_seconds())
