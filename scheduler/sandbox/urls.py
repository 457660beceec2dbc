"""Addresses below /sandbox/: one path segment per simulated host, then pages for people."""

from django.urls import path

from scheduler.sandbox.graph.door import HOST, graph
from scheduler.sandbox.views import control, login, pages

app_name = "sandbox"
urlpatterns = [
    path("www.instagram.com/oauth/authorize", login.authorize, name="authorize"),
    path("www.instagram.com/oauth/answer", login.answer, name="consent-answer"),
    path(f"{login.API_HOST}/oauth/access_token", login.access_token),
    path(f"{HOST}/<path:rest>", graph),
    path("scontent/<str:container_id>.jpg", pages.picture, name="picture"),
    path("avatar/<str:username>.jpg", pages.avatar, name="avatar"),
    path("", pages.overview, name="overview"),
    path("profile/<str:username>/", pages.profile, name="profile"),
    path("p/<str:shortcode>/", pages.post, name="post"),
    path("reel/<str:shortcode>/", pages.post, name="reel"),
    path("stories/<str:username>/<str:graph_id>/", pages.story, name="story"),
    path("control/", control.panel, name="control"),
    path("control/menu/", control.add_from_menu, name="control-menu"),
    path("control/faults/", control.add_fault, name="control-faults"),
    path("control/faults/clear/", control.clear_faults, name="control-clear"),
    path("control/people/<str:username>/", control.change_person, name="control-person"),
]
