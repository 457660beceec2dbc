"""Every address of the site: the product's, and the sandbox's below /sandbox/ when it is on."""

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

# Its form runs any function by its name: whoever got hold of an administrator's password would hold the machine.
admin.site.unregister(apps.get_model("django_q", "Schedule"))

urlpatterns = [
    path("", include("scheduler.urls")),
    path("api/", include("scheduler.api.urls")),
    # One door for everybody: the admin's own counts no tries.
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/", admin.site.urls),
]
handler500 = "scheduler.api.problems.server_error"
if settings.INSTAGRAM_SANDBOX:
    urlpatterns.append(path("sandbox/", include("scheduler.sandbox.urls")))
