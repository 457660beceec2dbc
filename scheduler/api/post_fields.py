"""A post in JSON: what is told of it."""

from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from scheduler.api.base import LARGEST_ID, Instant, PageQuery, Said
from scheduler.api.links import page_at
from scheduler.instagram import limits
from scheduler.lib.spans import YEARS
from scheduler.models import DisplayStatus, HoldReason, MediaType, PostMedia, ScheduledPost, Status, User
from scheduler.services.words import sentence

ORDERINGS = ("scheduled_for", "-scheduled_for", "created_at", "-created_at", "updated_at", "-updated_at", "id", "-id")
PLANNED_LAST = "-scheduled_for"


class TagSerializer(Said):
    """Somebody tagged on one picture or video of the post."""

    username = serializers.CharField(max_length=100)
    x = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="0 is the left edge.")
    y = serializers.FloatField(required=False, min_value=0, max_value=1, help_text="0 is the upper edge.")
    item = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=9, help_text="Place in the row of media, from 0."
    )


class PostSerializer(serializers.Serializer):
    """A post with its options and how far it got."""

    id = serializers.IntegerField(read_only=True)
    instagram_account = serializers.IntegerField(source="instagram_account_id", read_only=True, allow_null=True)
    post_idea = serializers.IntegerField(source="post_idea_id", read_only=True, allow_null=True)
    caption = serializers.CharField(read_only=True)
    media_type = serializers.ChoiceField(choices=MediaType.choices, read_only=True)
    media_urls = serializers.ListField(child=serializers.CharField(), read_only=True)
    media_assets = serializers.SerializerMethodField(help_text="Ids of uploaded files, in their order.")
    alt_texts = serializers.SerializerMethodField(help_text="One for each picture or video that is here.")
    user_tags = serializers.SerializerMethodField()
    scheduled_for = Instant(read_only=True, allow_null=True)
    timezone = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(choices=Status.choices, read_only=True)
    display_status = serializers.ChoiceField(choices=DisplayStatus.choices, read_only=True)
    hold_reason = serializers.ChoiceField(choices=HoldReason.choices, read_only=True, allow_blank=True)
    retry_count = serializers.IntegerField(read_only=True)
    can_retry = serializers.BooleanField(read_only=True)
    next_attempt_at = Instant(read_only=True, allow_null=True)
    last_error = serializers.CharField(read_only=True, help_text="A stable name such as TOKEN_EXPIRED.")
    last_error_message = serializers.SerializerMethodField()
    location_id = serializers.SerializerMethodField()
    collaborators = serializers.SerializerMethodField()
    cover_asset = serializers.IntegerField(source="cover_id", read_only=True, allow_null=True)
    cover_url = serializers.SerializerMethodField()
    thumb_offset = serializers.SerializerMethodField(help_text="Milliseconds into the video.")
    share_to_feed = serializers.SerializerMethodField()
    audio_name = serializers.SerializerMethodField()
    first_comment = serializers.CharField(read_only=True)
    trial_reel = serializers.SerializerMethodField()
    notes = serializers.CharField(read_only=True)
    instagram_media_id = serializers.CharField(read_only=True)
    permalink = serializers.CharField(read_only=True)
    url = serializers.SerializerMethodField(help_text="The post's page here.")
    version = serializers.IntegerField(read_only=True)
    published_at = Instant(read_only=True, allow_null=True)
    created_at = Instant(read_only=True)
    updated_at = Instant(read_only=True)

    def get_media_assets(self, post: ScheduledPost) -> list[int]:
        """Return the ids of what was uploaded; what was fetched is named by its address."""
        return [place.asset_id for place in post.media.all() if not place.source_url]

    def get_alt_texts(self, post: ScheduledPost) -> list[str]:
        """Return one text for each place."""
        return [place.alt_text for place in post.media.all()]

    @extend_schema_field(TagSerializer(many=True))
    def get_user_tags(self, post: ScheduledPost) -> list[dict[str, Any]]:
        """Return who is tagged, each with the place in the row."""
        tags = [
            {"item": number} | tag
            for number, place in enumerate(post.media.all())
            for tag in place.options.get("user_tags") or []
        ]
        return tags or [{"item": 0} | tag for tag in post.options.get("user_tags") or []]

    def get_last_error_message(self, post: ScheduledPost) -> str:
        """Return the sentence that the page shows of the last error."""
        account = post.instagram_account.instagram_username if post.instagram_account else ""
        return sentence(post.last_error, **{"account": account} | post.last_error_facts) if post.last_error else ""

    def get_location_id(self, post: ScheduledPost) -> str:
        """Return the number of the place's page."""
        return str(post.options.get("location_id", ""))

    def get_collaborators(self, post: ScheduledPost) -> list[str]:
        """Return usernames."""
        return list(post.options.get("collaborators", []))

    def get_cover_url(self, post: ScheduledPost) -> str:
        """Return the address of a reel's cover."""
        return str(post.options.get("cover_url", ""))

    def get_thumb_offset(self, post: ScheduledPost) -> int | None:
        """Return which frame is a reel's cover."""
        return post.options.get("thumb_offset")

    def get_share_to_feed(self, post: ScheduledPost) -> bool:
        """Return whether a reel shows in the feed too."""
        return bool(post.options.get("share_to_feed", True))

    def get_audio_name(self, post: ScheduledPost) -> str:
        """Return what a reel's own sound is called."""
        return str(post.options.get("audio_name", ""))

    def get_trial_reel(self, post: ScheduledPost) -> bool:
        """Return whether a reel is tried on strangers first."""
        return bool(post.options.get("trial_reel", False))

    def get_url(self, post: ScheduledPost) -> str:
        """Return the address of its page."""
        return page_at("post-detail", post.pk)


class PostInput(Said):
    """What may be said of a post. What is left out stays as it is; of a new one, as the pages have it."""

    answer = PostSerializer

    instagram_account = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    caption = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=20_000, help_text="2,200 go out."
    )
    media_type = serializers.ChoiceField(
        choices=MediaType.choices, required=False, help_text="By the media if left out."
    )
    media_urls = serializers.ListField(
        child=serializers.CharField(max_length=2000),
        required=False,
        max_length=10,
        help_text="Public https.",
    )
    media_assets = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID), required=False, max_length=10
    )
    alt_texts = serializers.ListField(
        child=serializers.CharField(allow_blank=True, max_length=limits.ALT_TEXT_CHARS),
        required=False,
        max_length=10,
        help_text="In the order of media_assets.",
    )
    user_tags = TagSerializer(many=True, required=False, max_length=200)
    scheduled_for = serializers.DateTimeField(
        required=False, allow_null=True, help_text="To the minute. Without an offset: in the person's zone."
    )
    timezone = serializers.CharField(required=False, max_length=64, help_text="IANA name; whose clock is meant.")
    status = serializers.ChoiceField(
        choices=[Status.DRAFT.value, Status.SCHEDULED.value], required=False, help_text="scheduled puts it in line."
    )
    location_id = serializers.CharField(required=False, allow_blank=True, max_length=300)
    collaborators = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=20, help_text="At most 3 usernames."
    )
    cover_asset = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    cover_url = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    thumb_offset = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=900_000)
    share_to_feed = serializers.BooleanField(required=False)
    audio_name = serializers.CharField(required=False, allow_blank=True, max_length=100)
    first_comment = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, max_length=20_000)
    trial_reel = serializers.BooleanField(required=False)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=20_000)
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, help_text="As last read; another one by now is a 409."
    )

    def validate_scheduled_for(self, at: datetime | None) -> datetime | None:
        """Refuse another century: no clock can be moved into another zone there."""
        if at is not None and at.year not in YEARS:
            raise serializers.ValidationError(_("Choose a year from 2000 to 2099."), code="TIME_FAR")
        return at


class NamesField(serializers.ListField):
    """Several words, each by itself or separated by commas."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the words one by one."""
        if isinstance(data, list) and all(isinstance(word, str) for word in data):
            data = [part for word in data for part in word.split(",") if part]
        return super().to_internal_value(data)


class PostFilter(Said):
    """What a list of posts can be narrowed to."""

    status = NamesField(
        child=serializers.ChoiceField(choices=Status.choices),
        required=False,
        allow_empty=False,
        help_text="Several by commas.",
    )
    account = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    media_type = NamesField(
        child=serializers.ChoiceField(choices=MediaType.choices), required=False, allow_empty=False
    )
    scheduled_after = serializers.DateTimeField(required=False, help_text="At or after this instant.")
    scheduled_before = serializers.DateTimeField(required=False, help_text="Before this instant.")
    search = serializers.CharField(required=False, max_length=200, help_text="Each word stands in the caption.")
    ordering = serializers.ChoiceField(choices=ORDERINGS, required=False)


class PostQuery(PageQuery, PostFilter):
    """Which posts, and which part of their list."""


def with_rows(posts: QuerySet[ScheduledPost]) -> QuerySet[ScheduledPost]:
    """Load along what a post's JSON tells; one query more, however many there are."""
    places = PostMedia.objects.only("post_id", "asset_id", "position", "alt_text", "options", "source_url")
    return posts.select_related("instagram_account").prefetch_related(Prefetch("media", places))


def posts_of(user: User, asked: dict[str, Any]) -> QuerySet[ScheduledPost]:
    """Return the posts that a query of the address asks for."""
    rows = ScheduledPost.objects.for_user(user)
    names = {
        "status": "status__in",
        "account": "instagram_account",
        "media_type": "media_type__in",
        "scheduled_after": "scheduled_for__gte",
        "scheduled_before": "scheduled_for__lt",
    }
    rows = rows.filter(**{names[name]: value for name, value in asked.items() if name in names})
    for word in asked.get("search", "").split():
        rows = rows.filter(caption__icontains=word)
    ordering = asked.get("ordering", PLANNED_LAST)
    by = F(ordering.removeprefix("-"))
    return with_rows(rows).order_by(
        by.desc(nulls_last=True) if ordering.startswith("-") else by.asc(nulls_last=True), "-pk"
    )
