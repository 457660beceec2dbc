"""Every address of the site: the product's, and the sandbox's below /sandbox/ when it is on."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("scheduler.urls")),
    path("api/v1/social/", include("scheduler.api.urls")),
    path("admin/", admin.site.urls),
]
if settings.INSTAGRAM_SANDBOX:
    urlpatterns.append(path("sandbox/", include("scheduler.sandbox.urls")))
