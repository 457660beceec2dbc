"""A connected Instagram professional account."""

from datetime import datetime, time, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from scheduler.lib.sealing import Sealed
from scheduler.models.fields import SealedField, vault

RESULTS_EVERY = KEEP_EVERY = timedelta(days=1)
# After a sign-in, until its connection is looked after for the first time.
KEEP_FIRST = timedelta(minutes=1)
USERNAME_CHARS, NAME_CHARS = 60, 120
# `InstagramAccount.ends_at`, for the database.
ENDS_AT = Case(
    When(login="facebook", then=Coalesce("data_access_expires_at", "token_expires_at")), default="token_expires_at"
)
# From when on the end of a connection that nothing renewed is worth a word, and from when on nobody may hide it.
ENDS_SOON, ENDS_NOW = timedelta(days=14), timedelta(days=1)


class AccountQuerySet(models.QuerySet):
    """Reads, named as one would say them."""

    def for_user(self, user: models.Model) -> Self:
        """Accounts this person owns; every page and answer starts here."""
        return self.filter(user=user)

    def connected(self) -> Self:
        """Accounts that can publish as far as we know."""
        return self.filter(status=InstagramAccount.Status.CONNECTED)

    def ending(self, now: datetime) -> Self:
        """Connected accounts to warn of, because their connection ends soon; the first to end first."""
        shown = Q(warning_hidden_until=None) | Q(warning_hidden_until__lte=now) | Q(last_day__lt=now + ENDS_NOW)
        return (
            self.connected()
            .annotate(last_day=ENDS_AT)
            .filter(shown, last_day__lt=now + ENDS_SOON)
            .order_by("last_day")
        )

    def paused(self) -> Self:
        """Accounts of which nothing goes out until their person resumes."""
        return self.filter(paused_at__isnull=False)


class InstagramAccount(models.Model):
    """An Instagram account, the token that lets us publish to it, and what Instagram told us of its limits."""

    class Status(models.TextChoices):
        """How the connection stands (the specification's four)."""

        CONNECTED = "connected", _("Connected")
        DISCONNECTED = "disconnected", _("Disconnected")
        TOKEN_EXPIRED = "token_expired", _("Reconnect needed")
        ERROR = "error", _("Limited by Instagram")

    class Login(models.TextChoices):
        """The login the account came in by."""

        INSTAGRAM = "instagram", "Instagram"
        FACEBOOK = "facebook", "Facebook"

    # Its posting times, weekday and time of day, where they were read along with it; else None.
    times: list[tuple[int, time]] | None = None

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="instagram_accounts")
    login = models.CharField(max_length=10, choices=Login.choices, default=Login.INSTAGRAM)
    instagram_user_id = models.CharField(max_length=40)  # the professional account id, used in paths
    app_scoped_id = models.CharField(max_length=40, blank=True, default="")  # named by deauthorize callbacks
    instagram_username = models.CharField(max_length=USERNAME_CHARS)
    name = models.CharField(max_length=NAME_CHARS, blank=True, default="")
    account_type = models.CharField(max_length=30, blank=True, default="")
    facebook_page_id = models.CharField(max_length=40, blank=True, default="")
    facebook_page_name = models.CharField(max_length=NAME_CHARS, blank=True, default="")
    facebook_user_id = models.CharField(max_length=40, blank=True, default="")  # app-scoped

    access_token = SealedField()  # what publishes: the Instagram user token, or the Page token
    facebook_user_token = SealedField()  # Facebook Login only: what finds Pages and renews
    token_issued_at = models.DateTimeField(null=True, editable=False)
    token_expires_at = models.DateTimeField(null=True, editable=False)
    data_access_expires_at = models.DateTimeField(null=True, editable=False)  # Facebook's second clock
    permissions = models.JSONField(default=list, blank=True)

    status = models.CharField(max_length=15, choices=Status.choices, default=Status.CONNECTED)
    status_reason = models.CharField(max_length=40, blank=True, default="")  # the stable error name behind it
    paused_at = models.DateTimeField(null=True, editable=False)  # nothing of it goes out since then
    timezone = models.CharField(max_length=64, default="UTC")
    quota_total = models.PositiveIntegerField(null=True, editable=False)
    quota_usage = models.PositiveIntegerField(null=True, editable=False)
    quota_checked_at = models.DateTimeField(null=True, editable=False)
    connected_at = models.DateTimeField(null=True, editable=False)
    # When to read again how its posts did; None before it was ever connected.
    results_at = models.DateTimeField(null=True, editable=False, db_index=True)
    # When its connection is looked after next, how many looks in a row found it refused, and why renewing it failed.
    keep_at = models.DateTimeField(null=True, editable=False, db_index=True)
    keep_failures = models.PositiveSmallIntegerField(default=0, editable=False)
    renewal_error = models.CharField(max_length=40, blank=True, default="", editable=False)
    hears_comments_at = models.DateTimeField(null=True, editable=False)  # since when Meta tells of comments
    warning_hidden_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["instagram_username", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "instagram_user_id"], name="account_once_per_person"),
            models.CheckConstraint(
                condition=~Q(status="connected") | ~Q(access_token=""), name="connected_account_has_a_token"
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.instagram_username}"

    def token(self) -> str:
        """Return the plain token for building a client; keep it nowhere. Raises KeyProblem."""
        return vault().open(self.access_token)

    def user_token(self) -> str:
        """Return the plain token of the Facebook user, "" without one; keep it nowhere. Raises KeyProblem."""
        return vault().open(self.facebook_user_token)

    @property
    def can_publish(self) -> bool:
        """Return whether a post of this account may go out now."""
        return self.status == self.Status.CONNECTED

    @property
    def can_comment(self) -> bool:
        """Return whether the connection may write comments; True too when Instagram did not say what it allows."""
        return not self.permissions or any("manage_comments" in name for name in self.permissions)

    @property
    def ends_at(self) -> datetime | None:
        """Return when the connection ends unless somebody signs in again; None when nobody can say.

        A Page's token has no date; what ends with Facebook Login is the access to data.
        """
        return (self.login == self.Login.FACEBOOK and self.data_access_expires_at) or self.token_expires_at

    def token_ends_before(self, at: datetime) -> bool:
        """Return whether the connection ends before `at` as things stand."""
        return self.ends_at is not None and self.ends_at < at

    def connect(self, token: str, expires_in_s: int, permissions: list[str], now: datetime) -> None:
        """Keep a fresh token of Instagram Login; the account can publish again."""
        self.login = self.Login.INSTAGRAM
        self.facebook_page_id = self.facebook_page_name = self.facebook_user_id = ""
        self.facebook_user_token, self.data_access_expires_at = Sealed(""), None
        self.token_expires_at = now + timedelta(seconds=expires_in_s)
        self._connected(token, permissions, now)

    def connect_by_page(self, page_token: str, permissions: list[str], now: datetime, **facts: object) -> None:
        """Keep a fresh token of the account's Page (Facebook Login); the account can publish again.

        facts: facebook_page_id, facebook_page_name, facebook_user_id; the user's own facebook_user_token, sealed,
        with its end as token_expires_at; and data_access_expires_at.
        """
        self.login, self.app_scoped_id = self.Login.FACEBOOK, ""
        for name, value in facts.items():
            setattr(self, name, value)
        self._connected(page_token, permissions, now)

    def _connected(self, token: str, permissions: list[str], now: datetime) -> None:
        self.access_token = vault().seal(token)
        self.token_issued_at = self.connected_at = now
        self.results_at, self.keep_at = now + RESULTS_EVERY, now + KEEP_FIRST
        self.keep_failures, self.renewal_error, self.hears_comments_at = 0, "", None
        self.permissions = sorted(permissions)
        self.status, self.status_reason = self.Status.CONNECTED, ""
        self._cut_names()
        self.save()

    def _cut_names(self) -> None:
        """Make names fit: Instagram and Facebook promise no length, and PostgreSQL refuses a long one."""
        self.instagram_username = self.instagram_username[:USERNAME_CHARS]
        self.name, self.facebook_page_name = self.name[:NAME_CHARS], self.facebook_page_name[:NAME_CHARS]

    def renew(self, token: str, expires_in_s: int, now: datetime) -> bool:
        """Keep the new token that Instagram gave for ours; False when somebody signed in anew, or out, meanwhile."""
        facts = {
            "access_token": vault().seal(token),
            "token_issued_at": now,
            "token_expires_at": now + timedelta(seconds=expires_in_s),
            "renewal_error": "",
        }
        if not self.keep(**facts):
            return False
        for name, value in facts.items():
            setattr(self, name, value)
        return True

    def keep(self, **facts: object) -> bool:
        """Write what was found of the connection, unless it is another one by now."""
        same = InstagramAccount.objects.connected().filter(pk=self.pk, token_issued_at=self.token_issued_at)
        return bool(same.update(**facts))

    def mark(self, status: str, reason: str) -> bool:
        """Note that the connection broke; return False when that was known already."""
        changed = (
            InstagramAccount.objects.filter(pk=self.pk)
            .exclude(status=status, status_reason=reason)
            .exclude(status=self.Status.DISCONNECTED)
            .update(status=status, status_reason=reason)
        )
        self.refresh_from_db(fields=["status", "status_reason"])
        return changed == 1

    def disconnect(self) -> None:
        """Forget the token; what is planned is held elsewhere (services.accounts)."""
        self.access_token = self.facebook_user_token = Sealed("")
        self.token_expires_at = self.data_access_expires_at = None
        self.status, self.status_reason = self.Status.DISCONNECTED, ""
        self.save(
            update_fields=[
                "access_token",
                "facebook_user_token",
                "token_expires_at",
                "data_access_expires_at",
                "status",
                "status_reason",
            ]
        )

    def forget_profile(self) -> None:
        """Forget all that Instagram and Facebook told of it; the row stays, because posts here are planned for it."""
        self.instagram_user_id, self.instagram_username = f"deleted-{self.pk}", "deleted"
        names = ["name", "app_scoped_id", "account_type"]
        names += ["facebook_page_id", "facebook_page_name", "facebook_user_id"]
        for name in names:
            setattr(self, name, "")
        self.permissions, self.quota_total, self.quota_usage = [], None, None
        self.save(
            update_fields=[
                *names,
                "instagram_user_id",
                "instagram_username",
                "permissions",
                "quota_total",
                "quota_usage",
            ]
        )

    def keep_quota(self, usage: int | None, total: int | None, now: datetime) -> None:
        """Keep what `content_publishing_limit` said."""
        self.quota_usage, self.quota_total, self.quota_checked_at = usage, total, now
        self.save(update_fields=["quota_usage", "quota_total", "quota_checked_at"])
