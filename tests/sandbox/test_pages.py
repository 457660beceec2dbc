"""The pages for people: profiles, posts, the control panel."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test.utils import CaptureQueriesContext

from scheduler.sandbox.models import Control, ScriptedFault
from tests.sandbox.pictures import picture

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def staff_client(client):
    client.force_login(get_user_model().objects.create_user("sam", password="sam's password", is_staff=True))
    return client


@pytest.fixture
def photo(sandbox, bakery, token):
    """Publish a photo with a caption and a comment."""
    media = sandbox.publish(bakery, token, sandbox.ready(bakery, token, caption="Pão <b>quente</b>")).json()
    sandbox.call("POST", f"{media['id']}/comments", token, data={"message": "Delícia"})
    return sandbox.published()[0]


def test_the_overview_lists_the_default_cast(sandbox, client):
    body = client.get("/sandbox/").content.decode()
    for username in ("padaria.aurora", "estudio.lume", "joana.pessoal", "conta.restrita"):
        assert f"/sandbox/profile/{username}/" in body


def test_the_cast_is_made_once(sandbox, client):
    client.get("/sandbox/")
    first = [person.user_id for person in type(sandbox.profile()).everyone()]
    client.get("/sandbox/")
    assert [person.user_id for person in type(sandbox.profile()).everyone()] == first


def test_a_profile_shows_what_was_fetched(sandbox, client, photo):
    body = client.get("/sandbox/profile/padaria.aurora/").content.decode()
    assert photo.picture_url in body
    answer = client.get(photo.picture_url)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content == picture()


def test_a_profile_without_posts_says_so(sandbox, client):
    assert "Nothing published yet" in client.get("/sandbox/profile/estudio.lume/").content.decode()


def test_nobody_has_no_profile(sandbox, client):
    assert client.get("/sandbox/profile/nobody/").status_code == 404


def test_a_post_shows_caption_and_comments_as_text(sandbox, client, photo):
    body = client.get(photo.get_absolute_url()).content.decode()
    assert "Pão &lt;b&gt;quente&lt;/b&gt;" in body
    assert "Delícia" in body


def test_a_carousel_shows_every_picture(sandbox, client, bakery, token):
    children = [
        sandbox.ready(bakery, token, is_carousel_item=True, image_url=sandbox.host_picture(f"{n}.jpg"))
        for n in range(3)
    ]
    sandbox.publish(bakery, token, sandbox.ready(bakery, token, media_type="CAROUSEL", children=children))
    body = client.get(sandbox.published()[0].get_absolute_url()).content.decode()
    assert [f"/sandbox/scontent/{child}.jpg" in body for child in children] == [True] * 3


def test_a_story_is_on_the_profile_for_a_day_and_its_link_stays(sandbox, client, bakery, token):
    url = sandbox.host_picture(width=1080, height=1920)
    sandbox.publish(bakery, token, sandbox.ready(bakery, token, media_type="STORIES", image_url=url))
    link = sandbox.published()[0].get_absolute_url()
    assert link.startswith("/sandbox/stories/padaria.aurora/")
    assert link in client.get("/sandbox/profile/padaria.aurora/").content.decode()
    sandbox.advance(timedelta(hours=24))
    assert link not in client.get("/sandbox/profile/padaria.aurora/").content.decode()
    assert "has ended" in client.get(link).content.decode()


def test_a_reel_has_its_own_address(sandbox, client, bakery, token):
    reel = sandbox.ready(bakery, token, media_type="REELS", video_url=sandbox.host_film())
    sandbox.publish(bakery, token, reel)
    link = sandbox.published()[0].get_absolute_url()
    assert link.startswith("/sandbox/reel/")
    assert client.get(link).status_code == 200


def test_profile_pictures_are_drawn(sandbox, client):
    answer = client.get("/sandbox/avatar/padaria.aurora.jpg")
    assert answer.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("path", ["/sandbox/", "/sandbox/profile/padaria.aurora/", "/sandbox/control/"])
def test_pages_have_no_script_and_no_style_of_their_own(sandbox, staff_client, photo, path):
    answer = staff_client.get(path)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "<script" not in body and "style=" not in body and "<style" not in body


def test_the_grid_takes_the_same_queries_for_one_post_and_many(sandbox, client, photo, bakery, token):
    def queries():
        with CaptureQueriesContext(connections["sandbox"]) as seen:
            client.get("/sandbox/profile/padaria.aurora/")
        return len(seen)

    with_one = queries()
    for _post in range(4):
        sandbox.publish(bakery, token, sandbox.ready(bakery, token))
    assert queries() == with_one


def test_the_control_panel_asks_strangers_to_sign_in(sandbox, client):
    assert client.get("/sandbox/control/").status_code == 302


def test_the_control_panel_is_for_staff(sandbox, client):
    client.force_login(get_user_model().objects.create_user("carl", password="carl's password"))
    assert client.get("/sandbox/control/").status_code == 403
    assert client.post("/sandbox/control/menu/", {"name": "slow", "times": 1}).status_code == 403


def test_the_control_panel_is_open_while_debugging(sandbox, client, settings):
    settings.DEBUG = True
    assert client.get("/sandbox/control/").status_code == 200


def test_rules_are_saved(sandbox, staff_client):
    fields = {
        "delay_image_s": "0",
        "delay_video_s": "1.5",
        "delay_video_s_per_mb": "0",
        "list_lag_s": "10",
        "quota_total": "25",
        "usage_percent": "80",
        "clock_offset_s": "-60",
        "token_shape": "flat",
        "second_publish": "24",
        "foreign_texts": "on",
        "rows_on_a_page": "5",
        "usage_every": "3",
        "verify_token": "hello",
    }
    assert staff_client.post("/sandbox/control/", fields).status_code == 302
    control = Control.load()
    assert (control.quota_total, control.delay_video_s, control.clock_offset_s) == (25, 1.5, -60)
    assert (control.token_shape, control.second_publish, control.foreign_texts) == ("flat", "24", True)


def test_a_rule_that_makes_no_sense_is_named(sandbox, staff_client):
    answer = staff_client.post("/sandbox/control/", {"quota_total": "0"})
    assert answer.status_code == 422
    assert "quota_total" in answer.context["control_form"].errors


def test_a_fault_is_added_from_the_menu(sandbox, staff_client):
    staff_client.post("/sandbox/control/menu/", {"name": "published-then-dropped", "times": "3"})
    fault = ScriptedFault.objects.get()
    assert (fault.kind, fault.play, fault.after_work, fault.remaining) == ("publish", "drop", True, 3)


def test_a_fault_for_a_time_has_no_count(sandbox, staff_client):
    staff_client.post("/sandbox/control/menu/", {"name": "throttled", "times": "1"})
    fault = ScriptedFault.objects.get()
    assert fault.remaining is None
    assert fault.until > sandbox.now()


def test_a_fault_is_put_together_by_hand(sandbox, staff_client, bakery):
    fields = {"kind": "create", "play": "error", "code": "2", "remaining": "2", "profile": bakery.pk}
    answer = staff_client.post("/sandbox/control/faults/", fields | {"seconds": "0"})
    assert answer.status_code == 302
    fault = ScriptedFault.objects.get()
    assert (fault.kind, fault.code, fault.profile) == ("create", 2, bakery)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "any", "play": "error", "remaining": "1"}, "code"),
        ({"kind": "any", "play": "drop"}, "remaining"),
        ({"kind": "create", "play": "outcome", "remaining": "1"}, "play"),
    ],
)
def test_a_fault_that_makes_no_sense_is_named(sandbox, staff_client, fields, field):
    answer = staff_client.post("/sandbox/control/faults/", fields | {"seconds": "0"})
    assert answer.status_code == 422
    assert field in answer.context["fault_form"].errors


def test_one_fault_or_all_are_forgotten(sandbox, staff_client):
    first, _second, _third = (sandbox.next_call("me") for _fault in range(3))
    staff_client.post("/sandbox/control/faults/clear/", {"fault": first.pk})
    assert ScriptedFault.objects.count() == 2
    staff_client.post("/sandbox/control/faults/clear/")
    assert ScriptedFault.objects.count() == 0


def test_a_changed_password_kills_the_tokens(sandbox, staff_client, bakery, token):
    staff_client.post("/sandbox/control/people/padaria.aurora/", {"do": "end-sessions"})
    assert sandbox.call("GET", "me", token).json()["error"]["error_subcode"] == 460


def test_an_account_is_restricted_and_set_free(sandbox, staff_client, bakery):
    for expected in (True, False):
        staff_client.post("/sandbox/control/people/padaria.aurora/", {"do": "restrict"})
        bakery.refresh_from_db()
        assert bakery.is_restricted is expected


def test_menu_faults_can_last_for_minutes(sandbox, staff_client):
    staff_client.post("/sandbox/control/menu/", {"name": "publish-500", "times": "1", "minutes": "10"})
    fault = ScriptedFault.objects.get()
    assert fault.remaining is None and fault.until > sandbox.now() + timedelta(minutes=9)


def test_only_an_upload_breaks_in_its_middle(sandbox, staff_client):
    fields = {"kind": "me", "play": "cut", "remaining": "1", "seconds": "0"}
    answer = staff_client.post("/sandbox/control/faults/", fields)
    assert "kind" in answer.context["fault_form"].errors


@pytest.mark.parametrize(
    ("wish", "fact"),
    [("link", "is_disconnected"), ("authorization", "needs_authorization")],
)
def test_a_page_is_changed_and_changed_back(sandbox, staff_client, wish, fact):
    for expected in (True, False):
        page = sandbox.page()
        staff_client.post(f"/sandbox/control/pages/{page.graph_id}/", {"do": wish})
        assert getattr(sandbox.page(), fact) is expected


def test_the_role_on_a_page_is_taken_away_and_given_back(sandbox, staff_client, page_token):
    address = f"/sandbox/control/pages/{sandbox.page().graph_id}/"
    staff_client.post(address, {"do": "role"})
    assert sandbox.facebook("GET", "me", page_token).json()["error"]["error_subcode"] == 492
    staff_client.post(address, {"do": "role"})
    assert sandbox.facebook("GET", "me", page_token).status_code == 200


@pytest.mark.parametrize(("wish", "subcode"), [("end-sessions", 460), ("checkpoint", 459)])
def test_a_facebook_persons_sessions_end(sandbox, staff_client, page_token, wish, subcode):
    staff_client.post("/sandbox/control/facebook/marina/", {"do": wish})
    assert sandbox.facebook("GET", "me", page_token).json()["error"]["error_subcode"] == subcode


def test_a_deleted_post_is_shown_no_more(sandbox, client, bakery, page_token):
    media = sandbox.publish(bakery, page_token, sandbox.ready(bakery, page_token)).json()["id"]
    link = sandbox.published()[0].get_absolute_url()
    sandbox.facebook("DELETE", media, page_token)
    assert client.get(link).status_code == 404
    assert link not in client.get("/sandbox/profile/padaria.aurora/").content.decode()


def test_an_account_turns_personal_and_back(sandbox, staff_client, bakery):
    for expected in (False, True):
        staff_client.post("/sandbox/control/people/padaria.aurora/", {"do": "personal"})
        assert sandbox.profile("padaria.aurora").is_professional is expected
