"""People of the simulated Facebook, their Pages, and what they let our one app do."""

from datetime import datetime, timedelta

from django.db import models

from scheduler.sandbox import ids
from scheduler.sandbox.models.profile import Profile

CODE_LIFETIME = timedelta(hours=1)
SHORT_LIFETIME = timedelta(seconds=5400)
LONG_LIFETIME = timedelta(days=60)
DATA_ACCESS = timedelta(days=90)  # counted from the last time the person came through the login

IG_BASIC = "instagram_basic"
IG_PUBLISH = "instagram_content_publish"
IG_COMMENTS = "instagram_manage_comments"
IG_INSIGHTS = "instagram_manage_insights"
IG_CONTENTS = "instagram_manage_contents"
PAGES_LIST = "pages_show_list"
PAGES_READ = "pages_read_engagement"
BUSINESSES = "business_management"
ADS_READ = "ads_read"
ADS_MANAGE = "ads_management"
FACEBOOK_SCOPES = (
    IG_BASIC,
    IG_PUBLISH,
    IG_COMMENTS,
    IG_INSIGHTS,
    IG_CONTENTS,
    PAGES_LIST,
    PAGES_READ,
    BUSINESSES,
    ADS_READ,
    ADS_MANAGE,
    "pages_manage_metadata",
)
EVERY_TASK = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")


class FacebookPerson(models.Model):
    """Somebody who can sign in with Facebook."""

    slug = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=64)
    graph_id = models.CharField(max_length=20, unique=True, default=ids.person_id)  # as our app sees them

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def end_sessions(self, subcode: int) -> int:
        """Make every living token of this person answer 190 with `subcode`; return how many there were."""
        return self.tokens.filter(killed_subcode=None).update(killed_subcode=subcode)


class Business(models.Model):
    """A business that owns Pages, or works for those of its clients."""

    graph_id = models.CharField(max_length=20, unique=True, default=ids.business_id)
    name = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class Page(models.Model):
    """A Facebook Page; one with a location can be the place of a post."""

    graph_id = models.CharField(max_length=20, unique=True, default=ids.page_id)
    name = models.CharField(max_length=64)
    category = models.CharField(max_length=40, blank=True)
    profile = models.ForeignKey(Profile, on_delete=models.SET_NULL, null=True, related_name="pages")
    is_disconnected = models.BooleanField(default=False)  # the link to `profile` was cut
    needs_authorization = models.BooleanField(default=False)  # Page Publishing Authorization is missing
    location = models.JSONField(null=True)  # {"city", "country", "latitude", "longitude"}

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def linked(self) -> Profile | None:
        """Return the Instagram account of this Page, also a personal one; None without a link."""
        return None if self.is_disconnected else self.profile

    @classmethod
    def is_place(cls, graph_id: str) -> bool:
        """Tell whether a post can be placed there."""
        return cls.objects.filter(graph_id=graph_id).exclude(location=None).exists()


class PageRole(models.Model):
    """What one person may do on one Page."""

    class Relation(models.TextChoices):
        """How the business that gives the role stands to the Page."""

        DIRECT = ""
        OWNED = "owned"
        CLIENT = "client"

    person = models.ForeignKey(FacebookPerson, on_delete=models.CASCADE, related_name="roles")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="roles")
    tasks = models.JSONField(default=list)
    business = models.ForeignKey(Business, on_delete=models.CASCADE, null=True, related_name="roles")
    relation = models.CharField(max_length=6, choices=Relation.choices, blank=True, default=Relation.DIRECT)
    is_lost = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "page"], name="one_role_on_a_page")]

    def __str__(self) -> str:
        return f"{self.person} on {self.page}"

    def may(self, tasks: frozenset[str]) -> bool:
        """Tell whether the role has one of `tasks`, in their old or new names; MANAGE stands for all."""
        names = {task.removeprefix("PROFILE_PLUS_") for task in self.tasks}
        return not tasks or bool(names & (tasks | {"MANAGE", "FULL_CONTROL"}))


class Grant(models.Model):
    """What a person allowed the app, the same for all of their tokens."""

    person = models.OneToOneField(FacebookPerson, on_delete=models.CASCADE, related_name="grant")
    permissions = models.JSONField(default=dict)  # name: "granted" or "declined"
    page_ids = models.JSONField(default=list)
    account_ids = models.JSONField(default=list)
    signed_in_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"grant of {self.person_id}"

    def data_access_ends_at(self) -> datetime:
        """Return when data calls end although the token goes on."""
        return self.signed_in_at + DATA_ACCESS

    def status_of(self, permission: str, now: datetime) -> str:
        """Return "granted", "declined", "expired", or "" for what was never asked."""
        status = self.permissions.get(permission, "")
        return "expired" if status == "granted" and now >= self.data_access_ends_at() else status

    def allows(self, permission: str, now: datetime) -> bool:
        """Tell whether `permission` can be used at `now`."""
        return self.status_of(permission, now) == "granted"

    def granted(self) -> list[str]:
        """Return the names of what was granted, also when data access has run out."""
        return [name for name, status in self.permissions.items() if status == "granted"]


class FacebookCode(models.Model):
    """What an Allow hands to the app: good for one exchange within an hour."""

    digest = models.CharField(max_length=64, unique=True)
    consent = models.CharField(max_length=64, unique=True)  # one consent page gives one code
    person = models.ForeignKey(FacebookPerson, on_delete=models.CASCADE, related_name="+")
    redirect_uri = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"code for {self.person_id}"

    def use(self, now: datetime) -> bool:
        """Take the code; False when it was taken before."""
        return FacebookCode.objects.filter(pk=self.pk, used_at=None).update(used_at=now) == 1

    def has_expired(self, now: datetime) -> bool:
        """Tell whether the hour is over."""
        return now >= self.created_at + CODE_LIFETIME


class FacebookToken(models.Model):
    """A user token, or a Page token when `page` is set."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(FacebookPerson, on_delete=models.CASCADE, related_name="tokens")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="tokens")
    is_long = models.BooleanField(default=False)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # None: no date
    killed_subcode = models.PositiveIntegerField(null=True)  # how 190 is answered since it was killed

    def __str__(self) -> str:
        return f"token of {self.page or self.person}"

    @classmethod
    def issue(
        cls, person: FacebookPerson, now: datetime, *, long: bool, expires_at: datetime | None = None
    ) -> tuple["FacebookToken", str]:
        """Return a user token's row and its text, which is told this once and never stored."""
        ends = expires_at or now + (LONG_LIFETIME if long else SHORT_LIFETIME)
        text = ids.facebook_token()
        row = cls.objects.create(digest=ids.digest(text), person=person, is_long=long, issued_at=now, expires_at=ends)
        return row, text

    def issue_for(self, page: Page, now: datetime) -> str:
        """Return a Page token made from this user token; from a long-lived one it has no date of its own."""
        text = ids.facebook_token()
        FacebookToken.objects.create(
            digest=ids.digest(text),
            person=self.person,
            page=page,
            is_long=self.is_long,
            issued_at=now,
            expires_at=None if self.is_long else self.expires_at,
        )
        return text

    @classmethod
    def find(cls, text: str) -> "FacebookToken | None":
        """Return the row of a token with its person and Page, None when nobody ever issued it."""
        rows = cls.objects.select_related("person", "page", "page__profile")
        return rows.filter(digest=ids.digest(text)).first()

    def expires_in_s(self, now: datetime) -> int | None:
        """Return the whole seconds that are left, None for a token without a date."""
        return int((self.expires_at - now).total_seconds()) if self.expires_at else None
