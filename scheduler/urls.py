"""Names and paths of every page."""

from django.urls import path
from django.views.generic import RedirectView

from scheduler.views import health

urlpatterns = [
    path("", RedirectView.as_view(url="/posts/"), name="home"),
    path("health/live/", health.live, name="health-live"),
]
