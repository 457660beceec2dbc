"""Names and paths of every page."""

from django.urls import path
from django.views.generic import RedirectView

from scheduler.views import (
    accounts,
    activity,
    health,
    notifications,
    pages,
    people,
    posts,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="post-list"), name="home"),
    path("posts/", posts.list_posts, name="post-list"),
    path("posts/<int:pk>/", posts.show_post, name="post-detail"),
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
    path("privacy/", pages.privacy, name="privacy"),
    path("robots.txt", pages.robots, name="robots"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
]
