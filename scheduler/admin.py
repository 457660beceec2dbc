"""The staff's look behind the pages: logs are read only, and no token is ever shown."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from scheduler import models


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at: what they say is history or the work of a flow, not of a form."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody writes history by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes it either."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor takes it away."""
        return False


@admin.register(models.User)
class PersonAdmin(UserAdmin):
    """People, with what their pages look like."""

    fieldsets = (*(UserAdmin.fieldsets or ()), (_("Pages"), {"fields": ("timezone", "language", "theme")}))
    list_display = ("username", "email", "timezone", "is_staff", "is_active")


@admin.register(models.InstagramAccount)
class AccountAdmin(ReadOnlyAdmin):
    """Accounts without their secrets: sealed fields are not editable and so never drawn."""

    list_display = ("instagram_username", "user", "status", "status_reason", "token_expires_at", "quota_usage")
    list_filter = ("status", "login")
    search_fields = ("instagram_username", "name", "user__username")
    list_select_related = ("user",)
    exclude = ("access_token", "facebook_user_token")


class PostMediaInline(admin.TabularInline):
    """A post's row of media."""

    model = models.PostMedia
    extra = 0
    raw_id_fields = ("asset",)


@admin.register(models.ScheduledPost)
class PostAdmin(ReadOnlyAdmin):
    """Posts: their acts are on the pages, where the rules are kept."""

    list_display = ("title", "user", "instagram_account", "status", "hold_reason", "scheduled_for", "last_error")
    list_filter = ("status", "media_type", "hold_reason")
    search_fields = ("caption", "container_id", "instagram_media_id", "permalink")
    list_select_related = ("user", "instagram_account")
    date_hierarchy = "scheduled_for"
    inlines = (PostMediaInline,)


@admin.register(models.PublishingLog)
class LogAdmin(ReadOnlyAdmin):
    """What was asked of Instagram and what it answered."""

    list_display = (
        "started_at",
        "scheduled_post",
        "instagram_account",
        "step",
        "status",
        "error_code",
        "duration_ms",
    )
    list_filter = ("status", "step", "error_code")
    search_fields = ("error_code", "error_message", "worker")
    list_select_related = ("scheduled_post", "instagram_account")
    date_hierarchy = "started_at"


@admin.register(models.PostChange)
class ChangeAdmin(ReadOnlyAdmin):
    """Who changed what."""

    list_display = ("at", "post", "act", "user")
    list_filter = ("act",)
    list_select_related = ("post", "user")


@admin.register(models.MediaAsset)
class MediaAdmin(ReadOnlyAdmin):
    """Uploaded files."""

    list_display = ("original_name", "user", "kind", "width", "height", "size_bytes", "created_at")
    list_filter = ("kind",)
    search_fields = ("original_name", "sha256")
    list_select_related = ("user",)


@admin.register(models.Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    """Files made from the uploads; the key would open them to everybody, so it is left out."""

    list_display = ("asset", "purpose", "content_type", "width", "height", "size_bytes")
    list_filter = ("purpose",)
    list_select_related = ("asset",)
    exclude = ("key",)


@admin.register(models.PostIdea)
class IdeaAdmin(admin.ModelAdmin):
    """The idea bank."""

    list_display = ("title", "user", "created_at")
    search_fields = ("title", "notes")
    list_select_related = ("user",)


@admin.register(models.HashtagGroup)
class HashtagGroupAdmin(admin.ModelAdmin):
    """Hashtags used together."""

    list_display = ("name", "user", "words")
    list_select_related = ("user",)


@admin.register(models.Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """What people were told."""

    list_display = ("created_at", "user", "kind", "cause", "read_at", "settled_at")
    list_filter = ("kind",)
    list_select_related = ("user",)


@admin.register(models.ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Who has tokens for the API, and when each was used last."""

    list_display = ("name", "prefix", "user", "scopes", "made_at", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    exclude = ("digest",)


@admin.register(models.Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """Webhooks without their secrets; an address may hold one of its own."""

    list_display = ("description", "user", "off_reason", "failures", "failing_since", "created_at")
    list_filter = ("off_reason",)
    list_select_related = ("user",)
    exclude = ("url", "secret", "previous_secret")


@admin.register(models.Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What was told outside, and what waits to be."""

    list_display = ("created_at", "user", "channel", "event", "state", "attempts", "due_at", "answer_code", "error")
    list_filter = ("state", "channel", "event")
    list_select_related = ("user",)


@admin.register(models.ProcessorPass)
class PassAdmin(ReadOnlyAdmin):
    """When the processor last looked."""

    list_display = ("kind", "at")


@admin.register(models.RateWindow)
class RateAdmin(ReadOnlyAdmin):
    """Counted attempts; a row may be deleted to let somebody try again at once."""

    list_display = ("key", "count", "started_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Letting a person in again is the staff's to decide."""
        return super(ReadOnlyAdmin, self).has_delete_permission(request, obj)


@admin.register(models.OAuthState)
class OAuthStateAdmin(ReadOnlyAdmin):
    """Started connections; only the hash of a state was ever kept."""

    list_display = ("flow", "user", "created_at", "used_at")
    list_select_related = ("user",)
    exclude = ("digest", "session_key")
