"""What Meta calls by itself: signed, taken once, answered at once, and never a way in for anybody else."""

import json
from datetime import timedelta

import pytest

from scheduler.lib import clock, signed_request
from scheduler.lib.signed_request import NotSigned
from scheduler.models import (
    DeletionRequest,
    HoldReason,
    InstagramAccount,
    Notification,
    PublishingLog,
    ScheduledPost,
)
from scheduler.sandbox import callbacks
from scheduler.sandbox.models import Delivery, Media
from scheduler.services.words import notice
from tests.publishing.conftest import (  # noqa: F401 - fixtures
    account,
    connect_page,
    instagram,
    page_account,
    plan,
    service,
    time,
    work,
)

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
DAY = timedelta(days=1)
DEAUTHORIZE, DELETE = "/meta/deauthorize/", "/meta/data-deletion/"


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def said(user_id, settings, at=None, secret=None):
    return callbacks.signed_request(user_id, secret or settings.INSTAGRAM_APP_SECRET, at or clock.now())


# --- Removed ------------------------------------------------------------------------------------------------
def test_who_removes_the_app_is_disconnected_and_what_is_planned_is_held(account, plan, instagram):  # noqa: F811
    post = plan()
    told = callbacks.remove_app(instagram.profile())
    assert (told.status, told.is_right) == (200, True)
    gone = fresh(account)
    assert (gone.status, str(gone.access_token)) == ("disconnected", str(type(gone.access_token)("")))
    assert fresh(post).hold_reason == HoldReason.DISCONNECTED
    [open_notice] = Notification.objects.open()
    assert notice(open_notice).startswith("Pauta was removed in the settings of @padaria.aurora.")


def test_a_person_of_facebook_takes_all_their_pages_along(page_account, instagram, settings, client):  # noqa: F811
    InstagramAccount.objects.update(facebook_user_id="26000000000000077")
    text = said("26000000000000077", settings, secret=settings.FACEBOOK_APP_SECRET)
    assert client.post(DEAUTHORIZE, {"signed_request": text}).status_code == 200
    assert fresh(page_account).status == "disconnected"


def test_told_twice_it_is_one_notice(account, settings, client):  # noqa: F811
    text = said(account.app_scoped_id, settings)
    answers = [client.post(DEAUTHORIZE, {"signed_request": text}).status_code for _ in range(2)]
    assert answers == [200, 200] and Notification.objects.count() == 1


def test_an_old_message_does_not_end_a_newer_sign_in(account, settings, client, time):  # noqa: F811
    text = said(account.app_scoped_id, settings, at=clock.now() - timedelta(hours=1))
    InstagramAccount.objects.update(connected_at=clock.now())
    for path in (DEAUTHORIZE, DELETE):
        assert client.post(path, {"signed_request": text}).status_code == 200
    assert fresh(account).can_publish and fresh(account).instagram_username == "padaria.aurora"


def test_somebody_unknown_is_answered_all_the_same(account, settings, client):  # noqa: F811
    assert client.post(DEAUTHORIZE, {"signed_request": said("404", settings)}).status_code == 200
    assert fresh(account).can_publish


# --- Deleted ------------------------------------------------------------------------------------------------
def test_nothing_that_came_from_instagram_is_left(account, plan, work, instagram, client):  # noqa: F811
    post, ahead = work(plan()), plan(ahead=timedelta(days=3))
    known = [account.instagram_user_id, account.app_scoped_id, "padaria.aurora", fresh(post).instagram_media_id]
    told = callbacks.ask_for_deletion(instagram.profile())
    assert (told.status, told.is_right) == (200, True)
    rows = [*InstagramAccount.objects.values(), *ScheduledPost.objects.values(), *PublishingLog.objects.values()]
    assert not [word for word in known if word and word in str(rows)]
    assert (fresh(post).status, fresh(post).caption) == ("published", "Pão fresquinho #pão")
    assert fresh(ahead).hold_reason == HoldReason.DISCONNECTED
    page = client.get(json.loads(told.answer)["url"].removeprefix("http://testserver"))
    assert page.status_code == 200 and "1 connected account was emptied" in page.text


def test_asked_twice_it_is_one_request_with_one_code(account, settings, client):  # noqa: F811
    text = said(account.app_scoped_id, settings)
    first, second = (client.post(DELETE, {"signed_request": text}).json() for _ in range(2))
    assert first == second and DeletionRequest.objects.get().accounts == 1
    assert first["confirmation_code"].isalnum() and first["url"].endswith(f"/{first['confirmation_code']}/")


def test_who_was_never_here_is_told_so(settings, client, db):
    told = client.post(DELETE, {"signed_request": said("404", settings)}).json()
    assert "Nothing was kept here" in client.get(told["url"].removeprefix(settings.PUBLIC_BASE_URL)).text
    assert client.get(f"{DELETE}{'0' * 20}/").status_code == 404


def test_an_emptied_account_can_be_connected_anew(account, make_account, alice, settings, client):  # noqa: F811
    number = account.instagram_user_id
    client.post(DELETE, {"signed_request": said(account.app_scoped_id, settings)})
    assert make_account(instagram_user_id=number).can_publish
    assert InstagramAccount.objects.filter(user=alice).count() == 2


# --- Not from Meta ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [DEAUTHORIZE, DELETE])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "nothing",
        lambda text: ".",
        lambda text: text[::-1],
        lambda text: f"A{text[1:]}" if text[0] != "A" else f"B{text[1:]}",
        lambda text: text + "A",
        lambda text: text.partition(".")[0] + ".",
        lambda text: "." + text.partition(".")[2],
        lambda text: text + "é",
        lambda text: "x" * 20_000,
        lambda text: "\0" + text,
    ],
)
def test_what_is_not_signed_changes_nothing(account, settings, client, path, spoil):  # noqa: F811
    answer = client.post(path, {"signed_request": spoil(said(account.app_scoped_id, settings))})
    assert answer.status_code == 403
    assert fresh(account).can_publish and not DeletionRequest.objects.exists()


@pytest.mark.parametrize("path", [DEAUTHORIZE, DELETE])
def test_another_apps_secret_is_none_of_ours(account, settings, client, path):  # noqa: F811
    text = said(account.app_scoped_id, settings, secret="another")
    assert client.post(path, {"signed_request": text}).status_code == 403
    settings.INSTAGRAM_APP_SECRET = settings.FACEBOOK_APP_SECRET = ""
    empty = said(account.app_scoped_id, settings, secret="x").replace("x", "x")
    assert client.post(path, {"signed_request": empty}).status_code == 403


@pytest.mark.parametrize(
    "told",
    [[], "text", {}, {"algorithm": "none", "user_id": "1"}, {"algorithm": "HMAC-SHA256"},
     {"algorithm": "HMAC-SHA256", "user_id": True}, {"algorithm": "HMAC-SHA256", "user_id": ""}],
)  # fmt: skip
def test_a_payload_that_says_nothing_is_refused_although_signed(told):
    with pytest.raises(NotSigned):
        signed_request.read(signed(json.dumps(told)), ["secret"])


def test_a_time_that_is_none_is_not_taken_for_one():
    for at in (0, -1, 10**18, "yesterday", True, None):
        told = {"algorithm": "HMAC-SHA256", "user_id": 7, "issued_at": at}
        assert signed_request.read(signed(json.dumps(told)), ["secret"]).issued_at is None


def signed(payload):
    import base64
    import hashlib
    import hmac

    encoded = base64.urlsafe_b64encode(payload.encode()).rstrip(b"=")
    mark = hmac.new(b"secret", encoded, hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}.{encoded.decode()}"


def test_the_simulated_meta_is_content(account, instagram):  # noqa: F811
    callbacks.ask_for_deletion(instagram.profile())
    assert Delivery.objects.get().is_right


# --- Webhooks -----------------------------------------------------------------------------------------------
HOOKS = "/meta/webhooks/"


@pytest.fixture
def live(plan, work):  # noqa: F811
    """A post that is live in the sandbox, and what it is there."""
    post = work(plan(), until=lambda post: post.instagram_media_id)
    return post, Media.objects.get(graph_id=post.instagram_media_id)


def told():
    return [(one.kind, one.cause) for one in Notification.objects.open()]


def test_meta_is_shown_that_the_address_is_ours(db, instagram):  # noqa: F811
    assert callbacks.verify_webhook().is_right


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.verify_token": "x"},
        {"hub.verify_token": "é"},
        {"hub.mode": "x"},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 201},
    ],
)
def test_who_does_not_know_the_word_is_shown_nothing(client, settings, db, changed):
    asked = {"hub.mode": "subscribe", "hub.verify_token": settings.META_WEBHOOK_VERIFY_TOKEN, "hub.challenge": "7"}
    assert client.get(HOOKS, asked).content == b"7"
    assert client.get(HOOKS, asked | changed).status_code == 403


def test_a_challenge_is_text_and_no_page(client, settings, db):
    asked = {"hub.mode": "subscribe", "hub.verify_token": settings.META_WEBHOOK_VERIFY_TOKEN}
    answer = client.get(HOOKS, asked | {"hub.challenge": "<script>"})
    assert answer["Content-Type"].startswith("text/plain") and answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("facebook", [False, True])
def test_a_strangers_comment_is_told_once_until_it_was_looked_at(live, client, alice, time, facebook):  # noqa: F811
    post, media = live
    for _each in range(3):
        assert callbacks.comment_event(media, facebook=facebook).is_right
    assert told() == [("NEW_COMMENTS", f"comments:post:{post.pk}")]
    client.force_login(alice)
    assert "There are new comments on this post." in client.get("/notifications/").text
    client.post("/notifications/read/")
    assert told() == [] and "Settled" not in client.get("/notifications/").text
    time.passes(minutes=5)
    Notification.objects.update(created_at=clock.now() - DAY, read_at=clock.now() - DAY)
    callbacks.comment_event(media, "Again!", facebook=facebook)
    assert len(told()) == 1


def test_what_was_read_is_not_told_again_because_meta_tells_it_again(live, client, alice, instagram):  # noqa: F811
    _post, media = live
    instagram.set(clock_offset_s=0)  # back from where publishing moved it: Meta's clock is ours
    delivery = callbacks.comment_event(media)
    client.force_login(alice)
    client.post("/notifications/read/")
    assert sent_again(client, delivery).status_code == 200 and told() == []


def sent_again(client, delivery):
    signature = delivery.headers["X-Hub-Signature-256"]
    return client.post(HOOKS, delivery.body, "application/json", headers={"X-Hub-Signature-256": signature})


def test_ones_own_comment_is_none(live, account):  # noqa: F811
    _post, media = live
    author = {"id": account.instagram_user_id, "username": account.instagram_username}
    callbacks.send_event(media.profile, "comments", {"id": "1", "from": author, "media": {"id": media.graph_id}})
    assert told() == []


def test_both_documented_shapes_are_understood(live, client, settings, account):  # noqa: F811
    post, media = live
    value = {"comment_id": "1", "from": {"id": "9"}, "media": {"id": media.graph_id}, "text": "Lovely!"}
    flat = {"object": "instagram", "entry": [{"id": account.instagram_user_id, "field": "comments", "value": value}]}
    assert signed_post(client, settings, json.dumps(flat)).status_code == 200
    assert told() == [("NEW_COMMENTS", f"comments:post:{post.pk}")]


def signed_post(client, settings, body, secret=None):
    headers = callbacks.webhook_headers(body.encode(), secret or settings.INSTAGRAM_APP_SECRET)
    kind = headers.pop("Content-Type")
    return client.post(HOOKS, body.encode(), kind, headers=headers)


def test_a_comment_below_something_else_names_the_account(account, instagram):  # noqa: F811
    callbacks.send_event(instagram.profile(), "comments", {"id": "1", "from": {"id": "9"}, "media": {"id": "404"}})
    assert told() == [("NEW_COMMENTS", f"comments:account:{account.pk}")]


@pytest.mark.parametrize(
    "body",
    ["[]", "7", "null", "{}", '{"entry": 7}', '{"entry": [7, null, {}]}', '{"entry": [{"id": 1, "changes": [7]}]}',
     '{"entry": [{"id": "1", "changes": [{"field": "comments", "value": []}]}]}',
     '{"entry": [{"id": "1", "time": 1e400, "changes": [{"field": "comments", "value": {"from": 7}}]}]}',
     '{"entry": [{"id": "\\u0000", "changes": [{"field": "comments", "value": {}}]}]}'],
)  # fmt: skip
def test_nonsense_that_is_signed_tells_nobody_anything(account, client, settings, body):  # noqa: F811
    assert signed_post(client, settings, body).status_code == 200 and told() == []


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000])
def test_what_is_no_json_is_refused(client, settings, db, body):
    assert signed_post(client, settings, body).status_code == 400


def test_what_is_not_signed_tells_nobody_anything(live, client, settings):
    _post, media = live
    delivery = callbacks.comment_event(media)
    Notification.objects.all().delete()
    assert signed_post(client, settings, delivery.body, "another").status_code == 403
    for signature in ("", "sha256=", "sha1=abc", "é", delivery.headers["X-Hub-Signature-256"].upper()):
        answer = client.post(HOOKS, delivery.body, "application/json", headers={"X-Hub-Signature-256": signature})
        assert answer.status_code == 403
    assert told() == []


def test_a_thousand_comments_are_one_notice(live, client, settings, account, django_assert_max_num_queries):  # noqa: F811
    _post, media = live
    value = {"from": {"id": "9"}, "media": {"id": media.graph_id}}
    change = {"field": "comments", "value": value}
    body = json.dumps({"entry": [{"id": account.instagram_user_id, "time": 1, "changes": [change] * 1000}]})
    with django_assert_max_num_queries(12):
        assert signed_post(client, settings, body).status_code == 200
    assert len(told()) == 1
