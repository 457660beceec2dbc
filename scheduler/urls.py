"""Names and paths of every page."""

from django.urls import path
from django.views.generic import RedirectView

from scheduler.views import (
    accounts,
    activity,
    health,
    media_file,
    notifications,
    pages,
    people,
    post_acts,
    post_form,
    posts,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="post-list"), name="home"),
    path("posts/", posts.list_posts, name="post-list"),
    path("posts/new/", post_form.create_post, name="post-create"),
    path("posts/<int:pk>/", posts.show_post, name="post-detail"),
    path("posts/<int:pk>/edit/", post_form.edit_post, name="post-edit"),
    path("posts/<int:pk>/schedule/", post_acts.schedule, name="post-schedule"),
    path("posts/<int:pk>/publish-now/", post_acts.publish_now, name="post-publish-now"),
    path("posts/<int:pk>/retry/", post_acts.retry, name="post-retry"),
    path("posts/<int:pk>/release/", post_acts.release, name="post-release"),
    path("posts/<int:pk>/cancel/", post_acts.cancel, name="post-cancel"),
    path("posts/<int:pk>/unschedule/", post_acts.unschedule, name="post-unschedule"),
    path("posts/<int:pk>/duplicate/", post_acts.duplicate, name="post-duplicate"),
    path("posts/<int:pk>/delete/", post_acts.delete, name="post-delete"),
    path("posts/<int:pk>/there/", post_acts.there, name="post-there"),
    path("posts/<int:pk>/not-there/", post_acts.not_there, name="post-not-there"),
    path("accounts/", accounts.list_accounts, name="account-list"),
    path("accounts/connect/instagram/", accounts.connect_instagram, name="instagram-connect"),
    path("accounts/callback/instagram/", accounts.finish_instagram, name="instagram-callback"),
    path("accounts/<int:pk>/disconnect/", accounts.disconnect, name="account-disconnect"),
    path("accounts/<int:pk>/release/", accounts.release, name="account-release"),
    path("activity/", activity.show_activity, name="activity"),
    path("notifications/", notifications.list_notifications, name="notification-list"),
    path("notifications/read/", notifications.mark_read, name="notification-read"),
    path("settings/", people.edit_settings, name="settings"),
    path("settings/password/", people.change_password, name="password"),
    path("login/", people.sign_in, name="login"),
    path("logout/", people.sign_out, name="logout"),
    path("setup/", people.set_up, name="setup"),
    path("m/<str:token>/<str:name>", media_file.serve, name="media-file"),
    path("privacy/", pages.privacy, name="privacy"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("robots.txt", pages.robots, name="robots"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
]
