"""A stranger, and a person with bad intentions, at every address there is; a new address must say what it expects."""

import re
from dataclasses import asdict
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from scheduler.forms.csv_rows import Choices
from scheduler.lib import clock
from scheduler.middleware import LARGEST_BODY, STRANGER_BODY, BodyMiddleware
from scheduler.models import (
    CsvImport,
    Delivery,
    HashtagGroup,
    InstagramAccount,
    MediaAsset,
    Notification,
    PostIdea,
    ScheduledPost,
    User,
    Webhook,
)
from scheduler.sandbox.forms import ControlForm
from scheduler.sandbox.models import Control
from scheduler.services import events
from scheduler.services.attempts import Attempts

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])

# Who may open an address: everybody; who signed in; the owner of the object it names; staff; or a machine that
# knows a secret of its own.
# A program comes with a token, or a person by session: API; API_OWNER where the address names an object.
OPEN, PERSON, OWNER, STAFF, SECRET = "open", "person", "owner", "staff", "secret"
API, API_OWNER = "api", "api owner"
GET, POST, BOTH = {"get"}, {"post"}, {"get", "post"}
EXPECTED = {
    "home": (OPEN, BOTH),  # leads to the posts
    "calendar": (PERSON, GET),
    "calendar-tags": (PERSON, GET),
    "calendar-export": (PERSON, GET),
    "calendar-changes": (PERSON, GET),
    "calendar-rail": (PERSON, GET),
    "keys": (PERSON, GET),
    "search": (PERSON, GET),
    "calendar-day": (PERSON, GET),
    "post-list": (PERSON, GET),
    "post-export": (PERSON, GET),
    "post-import": (PERSON, BOTH),
    "post-import-template": (PERSON, GET),
    "post-import-check": (OWNER, BOTH),
    "post-import-refused": (OWNER, GET),
    "post-bulk": (PERSON, POST),  # other people's posts are as if they had not been named; test_bulk.py
    "post-create": (PERSON, BOTH),
    "post-detail": (OWNER, GET),
    "post-edit": (OWNER, BOTH),
    "post-schedule": (OWNER, POST),
    "post-publish-now": (OWNER, POST),
    "post-retry": (OWNER, POST),
    "post-release": (OWNER, POST),
    "post-cancel": (OWNER, POST),
    "post-unschedule": (OWNER, POST),
    "post-duplicate": (OWNER, POST),
    "post-menu": (OWNER, GET),
    "post-move-hints": (OWNER, GET),
    "post-move": (OWNER, BOTH),
    "undo": (PERSON, POST),
    "post-delete": (OWNER, POST),
    "post-there": (OWNER, POST),
    "post-not-there": (OWNER, POST),
    "post-preview": (PERSON, POST),
    "post-tile": (PERSON, GET),  # a file that is not the person's own does not exist; test_uploads.py
    "post-film": (PERSON, GET),  # neither; media/test_mending.py
    "post-strip": (PERSON, GET),  # nor a video; media/test_covers.py
    "post-cover": (PERSON, BOTH),  # nor a picture; media/test_covers.py
    "post-places": (PERSON, GET),  # nor an account; test_places.py
    "media-pick": (PERSON, GET),
    "media-uploads": (PERSON, POST),
    "media-upload": (SECRET, set()),  # neither; a key of one's own, test_uploads.py
    "post-autosave": (PERSON, POST),
    "post-new-from-changes": (OWNER, POST),
    "media-list": (PERSON, BOTH),
    "media-make-post": (PERSON, POST),
    "media-detail": (OWNER, GET),
    "media-delete": (OWNER, POST),
    "media-restore": (OWNER, POST),
    "idea-list": (PERSON, GET),
    "idea-create": (PERSON, BOTH),
    "idea-edit": (OWNER, BOTH),
    "idea-move": (OWNER, POST),
    "idea-make-post": (OWNER, POST),
    "idea-plan": (OWNER, BOTH),
    "idea-delete": (OWNER, POST),
    "account-list": (PERSON, GET),
    "instagram-connect": (PERSON, GET),
    "instagram-callback": (PERSON, GET),
    "facebook-connect": (PERSON, GET),
    "facebook-callback": (PERSON, GET),
    "facebook-pick": (PERSON, BOTH),  # a key that is not the person's own leads back to the accounts
    "account-disconnect": (OWNER, BOTH),
    "meta-deauthorize": (SECRET, set()),  # neither; a signature, test_meta.py
    "meta-data-deletion": (SECRET, set()),
    "meta-webhooks": (SECRET, BOTH),
    "meta-deletion": (SECRET, GET),
    "account-hide-ending": (OWNER, POST),
    "account-release": (OWNER, POST),
    "account-pause": (OWNER, POST),
    "account-resume": (OWNER, POST),
    "everything-pause": (PERSON, POST),
    "everything-resume": (PERSON, POST),
    "account-times": (OWNER, BOTH),
    "activity": (PERSON, GET),
    "notification-list": (PERSON, GET),
    "notification-read": (PERSON, POST),
    "settings": (PERSON, BOTH),
    "hashtag-list": (PERSON, BOTH),
    "hashtag-edit": (OWNER, BOTH),
    "hashtag-delete": (OWNER, POST),
    "token-list": (PERSON, BOTH),
    "token-revoke": (OWNER, POST),
    "webhook-list": (PERSON, BOTH),
    "webhook-detail": (OWNER, BOTH),
    "webhook-secret": (OWNER, POST),
    "webhook-test": (OWNER, POST),
    "webhook-delete": (OWNER, POST),
    "delivery-send-again": (OWNER, POST),
    "feed": (PERSON, BOTH),
    "calendar-feed": (SECRET, GET),
    "password": (PERSON, BOTH),
    "login": (OPEN, BOTH),
    "logout": (OPEN, POST),
    "setup": (SECRET, BOTH),
    "media-file": (SECRET, GET),
    "privacy": (OPEN, GET),
    "favicon": (OPEN, GET),
    "robots": (OPEN, GET),
    "health-live": (OPEN, GET),
    "health-ready": (OPEN, GET),
    "api-schema": (OPEN, GET),
    "api-docs": (OPEN, GET),
    "api-account-list": (API, GET),
    "api-account-detail": (API_OWNER, GET),
    "api-account-disconnect": (API_OWNER, POST),
    "api-post-list": (API, BOTH),
    "api-post-detail": (API_OWNER, GET),
    "api-post-cancel": (API_OWNER, POST),
    "api-post-publish-now": (API_OWNER, POST),
    "api-post-retry": (API_OWNER, POST),
    "api-media": (API, BOTH),
    "api-media-detail": (API_OWNER, GET),
    "api-media-restore": (API_OWNER, POST),
    "api-media-uploads": (API, POST),
    "api-media-upload": (API_OWNER, GET),
    "api-webhook-list": (API, BOTH),
    "api-webhook-detail": (API_OWNER, GET),
    "api-webhook-secret": (API_OWNER, POST),
    "api-webhook-test": (API_OWNER, POST),
    "api-webhook-deliveries": (API_OWNER, GET),
    "api-delivery-detail": (API_OWNER, GET),
    "api-delivery-send-again": (API_OWNER, POST),
    "api-post-export": (API, GET),
    "api-import-list": (API, POST),
    "api-import-detail": (API_OWNER, GET),
    "api-import-rows": (API_OWNER, GET),
    "api-import-save": (API_OWNER, POST),
    "api-post-logs": (API_OWNER, GET),
    "api-post-calendar": (API, GET),
    "api-post-stats": (API, GET),
    "cron-publish-scheduled": (SECRET, POST),
    "cron-retry-failed": (SECRET, POST),
    "cron-stats": (SECRET, GET),
    "sandbox:authorize": (OPEN, GET),
    "sandbox:consent-answer": (SECRET, GET),
    "sandbox:facebook-dialog": (OPEN, GET),
    "sandbox:facebook-answer": (SECRET, GET),
    "sandbox:picture": (OPEN, GET),
    "sandbox:avatar": (OPEN, GET),
    "sandbox:overview": (OPEN, GET),
    "sandbox:profile": (OPEN, GET),
    "sandbox:post": (OPEN, GET),
    "sandbox:reel": (OPEN, GET),
    "sandbox:story": (OPEN, GET),
    "sandbox:control": (STAFF, BOTH),
    "sandbox:control-menu": (STAFF, POST),
    "sandbox:control-faults": (STAFF, POST),
    "sandbox:control-clear": (STAFF, POST),
    "sandbox:control-person": (STAFF, POST),
    "sandbox:control-facebook-person": (STAFF, POST),
    "sandbox:control-page": (STAFF, POST),
    "sandbox:control-callbacks": (STAFF, POST),
}
# Machines call these: no session, no form, a secret or a token in each call.
WITHOUT_CSRF = {"cron-publish-scheduled", "cron-retry-failed", "cron-stats"}
NOBODYS = {
    "key": "x",
    "secret": "x",
    "token": "x",
    "name": "x",
    "container_id": "1",
    "username": "nobody",
    "shortcode": "x",
    "graph_id": "1",
    "slug": "x",
    "page_id": "1",
    "day": "2026-04-24",
    "code": "0",
}


def addresses(patterns, space=""):
    """Yield the name of every address below /, but the admin's own, and the words it takes."""
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from addresses(one.url_patterns, f"{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield space + one.name, tuple(one.pattern.converters)


ALL = dict(addresses(get_resolver().url_patterns))


def of(*who):
    return sorted(name for name, (whose, _methods) in EXPECTED.items() if whose in who)


@pytest.fixture
def address(make_post):
    """Return an address; what it names is Alice's."""
    post = make_post()
    idea = PostIdea.objects.create(user=post.user, title="Sourdough")
    group = HashtagGroup.objects.create(user=post.user, name="Bread", hashtags=["pão"])
    media = post.media.get().asset_id
    hook = Webhook(user=post.user, url="https://shop.example/", events=["post.failed"], created_at=post.created_at)
    hook.renew_secret(post.created_at)
    events.hear_of_post("post.failed", post, post.created_at)
    named = {"webhook": hook.pk, "delivery": hook.deliveries.get().pk}
    named |= {"account": post.instagram_account_id, "idea": idea.pk, "hashtag": group.pk, "media": media}
    content = b"caption,date\nFresh bread,2027-01-01\n"
    brought = CsvImport.objects.create(
        user=post.user, name="plan.csv", content=content, at=clock.now(), choices=asdict(Choices(["caption", "date"]))
    )

    named["import"] = brought.pk

    def address(name):
        about = "import" if "-import" in name else name.removeprefix("api-").partition("-")[0]
        words = NOBODYS | {"pk": named.get(about, post.pk)}
        if name.startswith("api-delivery"):
            words |= {"pk": hook.pk, "number": named["delivery"]}
        return reverse(name, kwargs={word: words[word] for word in ALL[name]})

    return address


@pytest.fixture
def charlie_in(client, charlie):
    client.force_login(charlie)
    return client


def everything():
    """Return all rows that a stranger could have changed."""
    models = (ScheduledPost, InstagramAccount, Notification, PostIdea, HashtagGroup, MediaAsset, Webhook, Delivery)
    models += (CsvImport,)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_every_address_says_who_may_open_it():
    assert set(ALL) == set(EXPECTED)


@pytest.mark.parametrize("name", of(OWNER, API_OWNER))
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_alices_does_not_exist_for_charlie(charlie_in, address, name, method):
    before = everything()
    answer = getattr(charlie_in, method)(address(name))
    assert answer.status_code == (404 if method in EXPECTED[name][1] else 405)
    assert everything() == before


@pytest.mark.parametrize("name", of(PERSON, OWNER, STAFF))
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_is_led_to_the_door(client, address, name, method):
    before = everything()
    answer = getattr(client, method)(address(name))
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/?next=")
    assert everything() == before


@pytest.mark.parametrize("name", of(API, API_OWNER))
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_program_without_a_token_is_refused(client, address, name, method):
    before = everything()
    assert getattr(client, method)(address(name)).status_code == 401
    assert everything() == before


@pytest.mark.parametrize("name", of(STAFF))
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_for_staff_is_forbidden_to_others(charlie_in, address, name, method):
    assert getattr(charlie_in, method)(address(name)).status_code == 403


@pytest.mark.parametrize("name", sorted(name for name, (_who, methods) in EXPECTED.items() if methods != BOTH))
def test_only_the_right_method_counts(client, alice, address, name, settings):
    settings.CRON_SECRET = "s"
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    wrong = "post" if EXPECTED[name][1] == GET else "get"
    known = {"authorization": "Bearer s"} if EXPECTED[name][0] == SECRET else {}
    answer = getattr(client, wrong)(address(name), headers=known)
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "name", sorted(name for name, (_who, methods) in EXPECTED.items() if "post" in methods and name != "home")
)
def test_no_form_is_taken_from_another_site(alice, address, name):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = browser.post(address(name))
    assert answer.status_code == (503 if name in WITHOUT_CSRF else 403)  # without CRON_SECRET they are closed


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_answer_forbids_scripts_from_elsewhere(client, alice, address, name, method):
    client.force_login(alice)
    policy = getattr(client, method)(address(name)).headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy and "unsafe" not in policy


def test_a_refused_host_is_answered_with_the_same_care(client, settings):
    settings.ALLOWED_HOSTS = ["posts.example.com"]
    answer = client.get("/login/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", of(PERSON, OWNER, API, API_OWNER))
def test_pages_of_a_person_are_kept_by_nobody(client, alice, address, name):
    client.force_login(alice)
    assert "no-store" in client.get(address(name)).headers["Cache-Control"]


# --- Words that are none ------------------------------------------------------------------------------------
NONSENSE = ["\0", "9" * 30, "9" * 5000, "-1", "²", "NaN", "1e400", "<script>alert(1)</script>", "‮", "x" * 10_000]


@pytest.mark.parametrize("word", NONSENSE, ids=lambda word: ascii(word[:12]))
@pytest.mark.parametrize(("path", "name"), [
    ("/posts/", "account"),
    ("/posts/", "page"),
    ("/posts/", "tab"),
    ("/posts/new/", "account"),
    ("/posts/new/", "day"),
    ("/posts/new/", "caption"),
    ("/activity/", "account"),
    ("/accounts/connect/instagram/", "account"),
    ("/accounts/connect/instagram/", "next"),
    ("/accounts/callback/instagram/", "state"),
    ("/accounts/connect/facebook/", "account"),
    ("/accounts/connect/facebook/", "next"),
    ("/accounts/callback/facebook/", "state"),
])  # fmt: skip
def test_nonsense_in_an_address_is_no_server_error(client, alice, path, name, word):
    client.force_login(alice)
    answer = client.get(f"{path}?{urlencode({name: word})}")
    assert answer.status_code in {200, 302, 404}
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("word", [*NONSENSE, b"\xff\xfe"], ids=lambda word: ascii(word[:12]))
@pytest.mark.parametrize("name", [
    "account", "media_type", "caption", "first_comment", "location_id", "collaborators", "user_tags", "audio_name",
    "cover_at", "day", "clock", "timezone", "version", "act", "media", "place_{}", "alt_{}", "remove_{}",
])  # fmt: skip
def test_nonsense_in_a_post_is_kept_or_named(client, alice, make_account, make_picture, name, word):
    client.force_login(alice)
    asset = make_picture()
    fields = {"account": make_account().pk, "caption": "Bread", "timezone": "UTC", "act": "draft", "media": asset.pk}
    body = urlencode(fields | {name.format(asset.pk): word})
    answer = client.post("/posts/new/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {302, 422}
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
@pytest.mark.parametrize("clock", ["00:00", "23:59"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Sao_Paulo"])
def test_a_day_at_the_ends_of_the_calendar_is_refused(client, alice, day, clock, zone):
    client.force_login(alice)
    answer = client.post("/posts/new/", {"day": day, "clock": clock, "timezone": zone, "act": "draft"})
    assert answer.status_code == 422 and "Choose a year from 2000 to 2099." in answer.text


@pytest.mark.parametrize("offset", ["1e18", "-1e300", "inf", "NaN", "9" * 5000])
def test_the_sandboxs_clock_cannot_leave_the_calendar(admin_client, offset):
    good = {name: value for name, value in ControlForm(instance=Control.load()).initial.items() if value is not False}
    assert admin_client.post("/sandbox/control/", good).status_code == 302
    assert admin_client.post("/sandbox/control/", good | {"clock_offset_s": offset}).status_code == 422
    assert admin_client.get("/sandbox/control/").status_code == 200


def test_a_line_of_the_script_that_is_none_clears_nothing_and_breaks_nothing(admin_client):
    assert admin_client.post("/sandbox/control/faults/clear/", {"fault": "9" * 5000}).status_code == 302


# --- Doors ----------------------------------------------------------------------------------------------------
def test_the_admin_has_no_door_of_its_own(client, alice):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/login/?next=")
    assert client.post("/admin/login/", {"username": "alice", "password": "x"}).status_code == 302


def test_no_administrator_runs_a_function_by_its_name(admin_client):
    assert admin_client.get("/admin/django_q/schedule/add/").status_code == 404


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example"])
def test_nothing_leads_away_after_the_door(client, alice, address):
    words = {"username": "alice", "password": "alice's password", "next": address}
    location = client.post("/login/", words).headers["Location"]
    assert re.match(r"/($|%09/)", location)


@pytest.mark.parametrize(("first", "second", "is_one"), [
    ("2001:db8::1", "2001:db8::ffff:2", True),
    ("2001:db8::1", "2001:db8:0:1::1", False),
    ("::ffff:203.0.113.7", "203.0.113.7", True),
    ("203.0.113.7", "203.0.113.8", False),
])  # fmt: skip
def test_the_addresses_of_one_connection_count_as_one(first, second, is_one):
    assert (Attempts("login", "alice", first).key == Attempts("login", "alice", second).key) is is_one


def test_one_address_cannot_try_name_after_name(db, settings, noon):
    settings.LOGIN_RATE = "1/min"
    waits = [bool(Attempts("login", f"name {n}", "8.8.8.8").wait(noon)) for n in range(11)]
    assert waits == [False] * 10 + [True]


def test_a_proxy_nobody_named_does_not_lock_everybody_out(db, settings, noon):
    settings.LOGIN_RATE = "1/min"
    assert not any(Attempts("login", f"name {n}", "127.0.0.1").wait(noon) for n in range(30))


@pytest.mark.parametrize(("length", "signed_in", "status"), [
    (STRANGER_BODY + 1, False, 413),
    (STRANGER_BODY, False, 405),
    (STRANGER_BODY + 1, True, 405),
    (LARGEST_BODY + 1, True, 413),
    ("-1", True, 413),
    ("9" * 5000, True, 413),
])  # fmt: skip
def test_a_body_is_refused_before_it_is_read(client, alice, length, signed_in, status):
    if signed_in:
        client.force_login(alice)
    assert client.post("/privacy/", CONTENT_LENGTH=str(length)).status_code == status


@pytest.mark.parametrize("charset", ["rot13", "base64", "zip", "idna", "unicode_escape", "utf-16", "nonsense"])
@pytest.mark.parametrize("path", ["/login/", "/posts/new/"])
def test_a_form_in_other_letters_than_utf_8_is_refused(client, alice, path, charset):
    client.force_login(alice)
    body = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\n\\ud800\r\n--x--\r\n'
    answer = client.generic("POST", path, body, content_type=f"multipart/form-data; boundary=x; charset={charset}")
    assert answer.status_code == 415


def test_a_made_up_session_opens_no_large_body(client, db):
    client.cookies["sessionid"] = "a" * 32
    assert client.post("/privacy/", CONTENT_LENGTH=str(STRANGER_BODY + 1)).status_code == 413


@pytest.mark.parametrize("name", ["\0" + "a" * 31, "", "../" * 9])
def test_a_session_by_a_name_we_never_give_is_none(rf, name):
    request = rf.get("/")
    request.COOKIES["sessionid"] = name
    BodyMiddleware(lambda _request: HttpResponse())(request)
    assert "sessionid" not in request.COOKIES


def test_another_persons_answer_of_instagram_connects_nothing(client, alice, charlie):
    client.force_login(alice)
    state = re.search(r"state=([^&]+)", client.get("/accounts/connect/instagram/").headers["Location"])[1]
    client.force_login(charlie)
    client.get(f"/accounts/callback/instagram/?state={state}&code=x")
    assert not InstagramAccount.objects.exists()


def test_the_sandboxs_secret_is_this_installations_own(settings):
    assert len(settings.INSTAGRAM_APP_SECRET) > 40


def test_a_changed_password_ends_the_other_sessions(alice):
    here, there = Client(), Client()
    for browser in (here, there):
        browser.force_login(alice)
    new = {"old_password": "alice's password", "new_password1": "quite another", "new_password2": "quite another"}
    here.post("/settings/password/", new)
    assert [browser.get("/posts/").status_code for browser in (here, there)] == [200, 302]


def test_signing_in_gives_a_new_session(client, alice):
    client.cookies["sessionid"] = "chosenbysomebodyelse1234567890ab"
    client.post("/login/", {"username": "alice", "password": "alice's password"})
    assert client.cookies["sessionid"].value != "chosenbysomebodyelse1234567890ab"


def test_a_name_with_markup_is_shown_as_it_is(client, alice, make_account):
    User.objects.filter(pk=alice.pk).update(first_name="<script>alert(1)</script>")
    make_account(instagram_username='"><script>alert(1)</script>')
    client.force_login(alice)
    pages = [client.get(path).text for path in ("/posts/", "/accounts/", "/settings/", "/posts/new/")]
    assert not any("<script>alert" in page for page in pages)
