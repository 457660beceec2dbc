"""Paths below /api/."""

from django.urls import path, re_path

from scheduler.api import accounts, cron, csv_files, docs, figures, media, post_acts, posts, uploads, webhooks
from scheduler.api.problems import unknown_address

social = "v1/social/"
post = f"{social}scheduled-posts/<int:pk>/"
webhook = f"{social}webhooks/<int:pk>/"
brought = f"{social}scheduled-posts/imports/<int:pk>/"
urlpatterns = [
    path("schema/", docs.Schema.as_view(), name="api-schema"),
    path("docs/", docs.show_docs, name="api-docs"),
    path(f"{social}instagram/accounts/", accounts.Accounts.as_view(), name="api-account-list"),
    path(f"{social}instagram/accounts/<int:pk>/", accounts.Account.as_view(), name="api-account-detail"),
    path(
        f"{social}instagram/accounts/<int:pk>/disconnect/",
        accounts.Disconnect.as_view(),
        name="api-account-disconnect",
    ),
    path(f"{social}media/", media.Media.as_view(), name="api-media"),
    path(f"{social}media/uploads/", uploads.Uploads.as_view(), name="api-media-uploads"),
    path(f"{social}media/uploads/<slug:key>/", uploads.UploadPieces.as_view(), name="api-media-upload"),
    path(f"{social}media/<int:pk>/", media.Asset.as_view(), name="api-media-detail"),
    path(f"{social}media/<int:pk>/restore/", media.Restore.as_view(), name="api-media-restore"),
    path(f"{social}scheduled-posts/", posts.Posts.as_view(), name="api-post-list"),
    path(f"{social}scheduled-posts/calendar/", figures.Calendar.as_view(), name="api-post-calendar"),
    path(f"{social}scheduled-posts/stats/", figures.Stats.as_view(), name="api-post-stats"),
    path(f"{social}scheduled-posts/export/", csv_files.Export.as_view(), name="api-post-export"),
    path(f"{social}scheduled-posts/imports/", csv_files.Imports.as_view(), name="api-import-list"),
    path(brought, csv_files.Import.as_view(), name="api-import-detail"),
    path(f"{brought}rows/", csv_files.Rows.as_view(), name="api-import-rows"),
    path(f"{brought}save/", csv_files.Save.as_view(), name="api-import-save"),
    path(post, posts.Post.as_view(), name="api-post-detail"),
    path(f"{post}cancel/", post_acts.Cancel.as_view(), name="api-post-cancel"),
    path(f"{post}publish-now/", post_acts.PublishNow.as_view(), name="api-post-publish-now"),
    path(f"{post}retry/", post_acts.Retry.as_view(), name="api-post-retry"),
    path(f"{post}logs/", post_acts.Logs.as_view(), name="api-post-logs"),
    path(f"{social}webhooks/", webhooks.Webhooks.as_view(), name="api-webhook-list"),
    path(webhook, webhooks.OneWebhook.as_view(), name="api-webhook-detail"),
    path(f"{webhook}secret/", webhooks.Secret.as_view(), name="api-webhook-secret"),
    path(f"{webhook}test/", webhooks.Test.as_view(), name="api-webhook-test"),
    path(f"{webhook}deliveries/", webhooks.Deliveries.as_view(), name="api-webhook-deliveries"),
    path(f"{webhook}deliveries/<int:number>/", webhooks.OneDelivery.as_view(), name="api-delivery-detail"),
    path(
        f"{webhook}deliveries/<int:number>/send-again/", webhooks.SendAgain.as_view(), name="api-delivery-send-again"
    ),
    path(f"{social}cron/publish-scheduled/", cron.PublishScheduled.as_view(), name="cron-publish-scheduled"),
    path(f"{social}cron/retry-failed/", cron.RetryFailed.as_view(), name="cron-retry-failed"),
    path(f"{social}cron/stats/", cron.Stats.as_view(), name="cron-stats"),
    re_path("^", unknown_address),
]
