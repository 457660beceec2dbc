"""How the Graph is spoken: bodies, tokens, versions, fields, lists."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from scheduler.sandbox.models import ApiCall, FetchedFile, journal
from scheduler.sandbox.models.login import BASIC
from tests.sandbox.world import GRAPH_URL, refusal

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])


@pytest.fixture
def three_posts(sandbox, bakery, token):
    """Publish three photos a minute apart; return their media ids, the oldest first."""
    made = []
    for number in range(3):
        container = sandbox.ready(bakery, token, caption=f"Post {number}")
        made.append(sandbox.publish(bakery, token, container).json()["id"])
        sandbox.advance(timedelta(minutes=1))
    return made


@pytest.mark.parametrize("form", ["json", "data", "files", "params"])
def test_parameters_come_in_every_encoding(sandbox, bakery, token, form):
    fields = {"image_url": sandbox.host_picture(), "caption": "Pão & #manteiga"}
    sent = {name: (None, value) for name, value in fields.items()} if form == "files" else fields
    assert sandbox.call("POST", "me/media", token, **{form: sent}).status_code == 200
    assert sandbox.containers().get().caption == "Pão & #manteiga"


@pytest.mark.parametrize("body", ["{", "[]", '"text"'])
def test_a_json_body_that_is_none_is_a_100(sandbox, token, body):
    headers = {"Content-Type": "application/json"}
    assert refusal(sandbox.call("POST", "me/media", token, data=body, headers=headers)) == (100, None)


@pytest.mark.parametrize("where", ["Bearer", "OAuth", "parameter"])
def test_a_token_is_accepted_in_three_places(sandbox, bakery, token, where):
    sent = {"params": {"access_token": token}}
    if where != "parameter":
        sent = {"headers": {"Authorization": f"{where} {token}"}}
    assert sandbox.call("GET", "me", **sent).json() == {"id": bakery.app_scoped_id}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("EAAinventedpagetoken", "Cannot parse access token"),
        ("", "Cannot parse access token"),
        ("IGAAnobody", "Session does not match"),
    ],
)
def test_foreign_missing_and_unknown_tokens_are_a_190(sandbox, bad, message):
    answer = sandbox.call("GET", "me", bad, url=GRAPH_URL)
    assert refusal(answer) == (190, None)
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize("node", ["me", "user_id", "app_scoped_id"])
def test_an_account_answers_to_its_two_ids_and_me(sandbox, bakery, token, node):
    node = getattr(bakery, node, node)
    assert sandbox.call("GET", node, token, params={"fields": "username"}).json()["username"] == "padaria.aurora"


def test_another_account_does_not_exist(sandbox, token):
    other = sandbox.profile("estudio.lume")
    answer = sandbox.call("GET", f"{other.user_id}/media", token)
    assert refusal(answer) == (100, 33)
    assert answer.json()["error"]["type"] == "GraphMethodException"


def test_a_post_of_another_account_does_not_exist(sandbox, three_posts):
    stranger = sandbox.token_for(sandbox.profile("estudio.lume"))
    assert refusal(sandbox.call("GET", three_posts[0], stranger)) == (100, 33)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("v26.0/", "v26.0"), ("", "v26.0"), ("v24.0/", "v24.0"), ("v19.0/", "v21.0")],
)
def test_the_header_names_the_version_that_answered(sandbox, token, asked, answered):
    assert sandbox.call("GET", f"{asked}me", token).headers["facebook-api-version"] == answered


def test_an_unknown_path_is_named(sandbox, token):
    assert refusal(sandbox.call("GET", "v26.0/me/scheduled", token)) == (2500, None)


@pytest.mark.parametrize(
    ("path", "field"),
    [("me", "email"), ("MEDIA", "expires_at"), ("CONTAINER", "permalink"), ("CONTAINER", "timestamp")],
)
def test_an_unknown_field_is_a_100(sandbox, bakery, token, three_posts, path, field):
    path = path.replace("MEDIA", three_posts[0]).replace("CONTAINER", sandbox.containers()[0].graph_id)
    answer = sandbox.call("GET", path, token, params={"fields": f"id,{field}"})
    assert refusal(answer) == (100, None)
    assert f"Tried accessing nonexisting field ({field})" in answer.json()["error"]["message"]


def test_without_fields_only_the_id_comes(sandbox, token, three_posts):
    assert sandbox.call("GET", three_posts[0], token).json() == {"id": three_posts[0]}


@pytest.mark.parametrize("fields", ["id,", "children{id", "id}", "{id}", "a b"])
def test_fields_that_cannot_be_read_are_a_100(sandbox, token, fields):
    assert refusal(sandbox.call("GET", "me", token, params={"fields": fields})) == (100, None)


def test_the_permalink_opens(sandbox, token, three_posts, client):
    told = sandbox.call("GET", three_posts[0], token, params={"fields": "permalink,shortcode"}).json()
    assert told["permalink"] == f"http://testserver/sandbox/p/{told['shortcode']}/"
    assert client.get(urlsplit(told["permalink"]).path).status_code == 200


def test_timestamps_have_no_colon_in_the_zone(sandbox, token, three_posts):
    told = sandbox.call("GET", three_posts[0], token, params={"fields": "timestamp"}).json()["timestamp"]
    assert told.endswith("+0000") and told[10] == "T"


def test_posts_are_listed_newest_first(sandbox, token, three_posts):
    listed = sandbox.call("GET", "me/media", token).json()
    assert [media["id"] for media in listed["data"]] == three_posts[::-1]
    assert "next" not in listed["paging"]


def test_pages_follow_the_cursor(sandbox, token, three_posts):
    first = sandbox.call("GET", "me/media", token, params={"limit": 2}).json()
    after = first["paging"]["cursors"]["after"]
    assert token not in first["paging"]["next"]
    last = sandbox.call("GET", "me/media", token, params={"limit": 2, "after": after}).json()
    assert [media["id"] for media in first["data"] + last["data"]] == three_posts[::-1]
    assert "next" not in last["paging"]


def test_the_next_address_works_as_it_stands(sandbox, token, three_posts):
    first = sandbox.call("GET", "me/media", token, params={"limit": 2, "fields": "caption"}).json()
    headers = {"Authorization": f"Bearer {token}"}
    last = sandbox.session.get(first["paging"]["next"], headers=headers, timeout=5).json()
    assert [media["caption"] for media in last["data"]] == ["Post 0"]


def test_an_unknown_cursor_is_a_100(sandbox, token):
    assert refusal(sandbox.call("GET", "me/media", token, params={"after": "%%%"})) == (100, None)


def test_since_and_until_cut_the_list(sandbox, token, three_posts):
    rows = sandbox.published()
    window = {"since": int(rows[1].published_at.timestamp()) - 5}
    window["until"] = window["since"] + 30
    listed = sandbox.call("GET", "me/media", token, params=window).json()["data"]
    assert [media["id"] for media in listed] == [three_posts[1]]


def test_new_posts_may_be_missing_from_the_list_for_a_while(sandbox, bakery, token):
    container = sandbox.ready(bakery, token)
    sandbox.set(list_lag_s=20)
    media = sandbox.publish(bakery, token, container).json()["id"]
    assert sandbox.call("GET", "me/media", token).json() == {"data": []}
    assert sandbox.call("GET", media, token).status_code == 200
    sandbox.advance(timedelta(seconds=21))
    assert len(sandbox.call("GET", "me/media", token).json()["data"]) == 1


def test_stories_have_a_list_of_their_own_for_a_day(sandbox, bakery, token):
    url = sandbox.host_picture(width=1080, height=1920)
    container = sandbox.ready(bakery, token, media_type="STORIES", image_url=url)
    media = sandbox.publish(bakery, token, container).json()["id"]
    assert sandbox.call("GET", "me/media", token).json() == {"data": []}
    assert sandbox.call("GET", "me/stories", token).json()["data"] == [{"id": media}]
    sandbox.advance(timedelta(hours=24))
    assert sandbox.call("GET", "me/stories", token).json() == {"data": []}


def test_mentions_may_read_back_without_their_at(sandbox, bakery, token):
    sandbox.set(strips_mentions=True)
    container = sandbox.ready(bakery, token, caption="With @demo.friend")
    media = sandbox.publish(bakery, token, container).json()["id"]
    told = sandbox.call("GET", media, token, params={"fields": "caption"}).json()
    assert told["caption"] == "With demo.friend"


def test_the_quota_tells_only_its_usage_by_default(sandbox, token):
    assert sandbox.call("GET", "me/content_publishing_limit", token).json() == {"data": [{"quota_usage": 0}]}


@pytest.mark.parametrize("total", [25, 50, 100])
def test_the_quota_is_25_50_or_100(sandbox, token, total):
    sandbox.set(quota_total=total)
    told = sandbox.call("GET", "me/content_publishing_limit", token, params={"fields": "config"}).json()
    assert told == {"data": [{"config": {"quota_total": total, "quota_duration": 86400}}]}


def test_usage_headers_are_on_every_answer(sandbox, bakery, token):
    sandbox.set(usage_percent=91)
    headers = sandbox.call("GET", "me", token).headers
    assert '"call_count": 91' in headers["x-app-usage"]
    assert bakery.user_id in headers["x-business-use-case-usage"]


def test_no_cookie_is_ever_set(sandbox, token):
    assert "set-cookie" not in sandbox.call("GET", "me", token).headers


def test_revoking_kills_every_token(sandbox, bakery, token):
    other = sandbox.token_for(bakery)
    assert sandbox.call("DELETE", "me/permissions", token).json() == {"success": True}
    assert refusal(sandbox.call("GET", "me", other)) == (190, 458)


def test_insights_fail_entirely_with_one_metric_that_does_not_fit(sandbox, token, three_posts):
    path = f"{three_posts[0]}/insights"
    good = sandbox.call("GET", path, token, params={"metric": "reach,saved"}).json()["data"]
    assert [metric["name"] for metric in good] == ["reach", "saved"]
    assert refusal(sandbox.call("GET", path, token, params={"metric": "reach,replies"})) == (1, None)


def test_insights_need_their_permission(sandbox, bakery, three_posts):
    basic = sandbox.token_for(bakery, (BASIC,))
    answer = sandbox.call("GET", f"{three_posts[0]}/insights", basic, params={"metric": "reach"})
    assert refusal(answer) == (10, None)


def test_comments_are_listed_newest_first(sandbox, token, three_posts):
    for text in ("one", "two"):
        sandbox.call("POST", f"{three_posts[0]}/comments", token, data={"message": text})
    listed = sandbox.call("GET", f"{three_posts[0]}/comments", token).json()["data"]
    assert [comment["text"] for comment in listed] == ["two", "one"]
    assert listed[0].keys() == {"id", "text", "timestamp"}


def test_the_journal_forgets_old_lines_and_unused_bytes(sandbox, bakery, token, monkeypatch):
    monkeypatch.setattr(journal, "KEPT_CALLS", 3)
    posted = sandbox.ready(bakery, token)
    sandbox.publish(bakery, token, posted)
    sandbox.ready(bakery, token)
    sandbox.advance(timedelta(hours=49))
    ApiCall.objects.filter(pk=sandbox.calls()[-1].pk).update(id=499)
    fresh = sandbox.token_for(bakery)
    sandbox.call("GET", "me", fresh)
    assert [line.pk for line in sandbox.calls()] == [499, 500]
    assert [file.container.graph_id for file in FetchedFile.objects.all()] == [posted]


def test_the_journal_keeps_what_arrived_without_secrets(sandbox, bakery, token):
    params = {"access_token": token, "grant_type": "ig_refresh_token", "client_secret": "hush"}
    sandbox.call("GET", "refresh_access_token", params=params)
    (line,) = sandbox.calls("oauth")
    assert (line.method, line.path, line.status) == ("GET", "refresh_access_token", 403)
    assert line.profile == bakery
    assert "hush" not in str(line.params) and token not in str(line.params)
