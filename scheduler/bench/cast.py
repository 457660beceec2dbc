"""Who and what a measurement needs: accounts of the simulated Instagram, one picture, posts."""

import hashlib
import io
from datetime import UTC, datetime, timedelta

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from PIL import Image

from scheduler.lib import clock
from scheduler.models import InstagramAccount, MediaAsset, PostMedia, Rendition, ScheduledPost, User
from scheduler.sandbox.models import Profile, Token
from scheduler.sandbox.models.login import LONG_LIFETIME, SCOPES

ACCOUNTS = 20


class Cast:
    """One owner with a picture and `ACCOUNTS` connected accounts, in databases that are made here."""

    def __init__(self) -> None:
        for alias in ("default", "sandbox"):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
        self.owner = User.objects.create_user("bench")
        self.accounts = [self._connect(number) for number in range(ACCOUNTS)]
        self.picture = self._picture()

    def _connect(self, number: int) -> InstagramAccount:
        now = clock.now()
        profile = Profile.objects.create(username=f"bench{number}", name=f"Bench {number}")
        _row, text = Token.issue(profile, ",".join(SCOPES), now, long=True)
        account = InstagramAccount(
            user=self.owner,
            instagram_user_id=profile.user_id,
            app_scoped_id=profile.app_scoped_id,
            instagram_username=profile.username,
            account_type=profile.account_type,
        )
        account.connect(text, int(LONG_LIFETIME.total_seconds()), list(SCOPES), now)
        return account

    def _picture(self) -> MediaAsset:
        out = io.BytesIO()
        Image.effect_mandelbrot((1080, 1350), (-2, -1.5, 1, 1.5), 60).convert("RGB").save(out, "JPEG", quality=85)
        data = out.getvalue()
        facts = {
            "content_type": "image/jpeg",
            "size_bytes": len(data),
            "width": 1080,
            "height": 1350,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        asset = MediaAsset(user=self.owner, kind=MediaAsset.Kind.IMAGE, original_name="bench.jpg", **facts)
        asset.file.save("bench.jpg", ContentFile(data))
        made = Rendition(asset=asset, purpose=Rendition.Purpose.PUBLISH, **facts)
        made.file.save("bench.jpg", ContentFile(data))
        return asset

    def plan(self, count: int, at: datetime) -> list[ScheduledPost]:
        """Put `count` posts in line for the same instant, spread evenly over the accounts."""
        with transaction.atomic():
            return [self._post(self.accounts[number % ACCOUNTS], at) for number in range(count)]

    def _post(self, account: InstagramAccount, at: datetime) -> ScheduledPost:
        post = ScheduledPost(user=self.owner, instagram_account=account, caption="Measured")
        post.plan(at.astimezone(UTC).replace(tzinfo=None), "UTC")
        post.save()
        PostMedia.objects.create(post=post, asset=self.picture)
        post.schedule(now=min(clock.now(), at - timedelta(minutes=2)))
        return post


def whole_second(after_s: float) -> datetime:
    """Return the first whole second that is at least `after_s` from now."""
    return (clock.now() + timedelta(seconds=after_s + 1)).replace(microsecond=0)
