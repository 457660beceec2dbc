"""The people and shops that live on the simulated Instagram."""

from datetime import datetime, timedelta

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from scheduler.sandbox import ids

ROLLING_DAY = timedelta(hours=24)


class Profile(models.Model):
    """One Instagram account."""

    class AccountType(models.TextChoices):
        """As `account_type` says it."""

        BUSINESS = "BUSINESS", _("Business")
        MEDIA_CREATOR = "MEDIA_CREATOR", _("Creator")
        PERSONAL = "PERSONAL", _("Personal")

    username = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=64, blank=True)
    biography = models.CharField(max_length=150, blank=True)
    account_type = models.CharField(max_length=15, choices=AccountType.choices, default=AccountType.BUSINESS)
    user_id = models.CharField(max_length=20, unique=True, default=ids.user_id)
    app_scoped_id = models.CharField(max_length=20, unique=True, default=ids.app_scoped_id)
    is_restricted = models.BooleanField(default=False)
    webhook_fields = models.JSONField(default=list)  # what the app asked to hear of
    followers_count = models.PositiveIntegerField(default=0)
    follows_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"@{self.username}"

    def get_absolute_url(self) -> str:
        """Return the path of the profile page."""
        return reverse("sandbox:profile", args=[self.username])

    @classmethod
    def everyone(cls) -> models.QuerySet["Profile"]:
        """Return all profiles; the first look makes the default cast."""
        if not cls.objects.exists():
            Profile.objects.bulk_create([Profile(**facts) for facts in DEFAULT_CAST], ignore_conflicts=True)
        return cls.objects.all()

    @property
    def is_professional(self) -> bool:
        """Tell whether the API may publish for this account."""
        return self.account_type != self.AccountType.PERSONAL

    def answers_to(self, node: str) -> bool:
        """Tell whether `node` in a path means this account: `me` or one of its two ids."""
        return node in {"me", self.user_id, self.app_scoped_id}

    def published_since(self, since: datetime) -> int:
        """Return how many posts (a carousel counts once) went live after `since`."""
        return self.media.filter(parent=None, published_at__gt=since).count()

    def containers_since(self, since: datetime) -> int:
        """Return how many containers, children included, were made after `since`."""
        return self.containers.filter(created_at__gt=since).count()

    def end_sessions(self, subcode: int) -> int:
        """Make every living token answer 190 with `subcode` from now on; return how many there were."""
        return self.tokens.filter(killed_subcode=None).update(killed_subcode=subcode)


DEFAULT_CAST = (
    {
        "username": "padaria.aurora",
        "name": "Padaria Aurora",
        "biography": "Pão de fermentação natural, todo dia às 7h.",
        "followers_count": 2184,
        "follows_count": 312,
    },
    {
        "username": "estudio.lume",
        "name": "Estúdio Lume",
        "biography": "Fotografia de luz natural.",
        "account_type": "MEDIA_CREATOR",
        "followers_count": 8730,
        "follows_count": 541,
    },
    {
        "username": "livraria.maresia",
        "name": "Livraria Maresia",
        "biography": "Livros usados perto do mar.",
        "followers_count": 1276,
        "follows_count": 402,
    },
    {
        "username": "joana.pessoal",
        "name": "Joana",
        "biography": "A personal account: apps cannot publish for it.",
        "account_type": "PERSONAL",
        "followers_count": 143,
        "follows_count": 168,
    },
    {
        "username": "conta.restrita",
        "name": "Conta Restrita",
        "biography": "Restricted by Instagram: publishing is refused.",
        "is_restricted": True,
        "followers_count": 59,
        "follows_count": 20,
    },
)
