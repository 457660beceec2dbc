"""Addresses below /sandbox/: one path segment per simulated host, then pages for people."""

from django.urls import path, re_path

from scheduler.sandbox.graph import rupload
from scheduler.sandbox.graph.door import FACEBOOK_HOST, HOST, facebook_graph, graph
from scheduler.sandbox.views import control, facebook_login, login, pages

app_name = "sandbox"
urlpatterns = [
    path("www.instagram.com/oauth/authorize", login.authorize, name="authorize"),
    path("www.instagram.com/oauth/answer", login.answer, name="consent-answer"),
    path(f"{login.API_HOST}/oauth/access_token", login.access_token),
    path("www.facebook.com/dialog/oauth", facebook_login.dialog, name="facebook-dialog"),
    re_path(r"^www\.facebook\.com/v\d{1,3}\.\d{1,2}/dialog/oauth$", facebook_login.dialog),
    path("www.facebook.com/dialog/answer", facebook_login.answer, name="facebook-answer"),
    path(f"{HOST}/<path:rest>", graph),
    path(f"{rupload.HOST}/{rupload.FOLDER}/<str:container_id>", rupload.upload),
    re_path(rf"^{rupload.HOST}/{rupload.FOLDER}/v\d+\.\d+/(?P<container_id>\w+)$", rupload.upload),
    path(f"{FACEBOOK_HOST}/<path:rest>", facebook_graph),
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
    path("control/facebook/<slug:slug>/", control.change_facebook_person, name="control-facebook-person"),
    path("control/pages/<str:page_id>/", control.change_page, name="control-page"),
    path("control/callbacks/", control.send_callback, name="control-callbacks"),
    path("control/people/<str:username>/", control.change_person, name="control-person"),
]
